package org.homeostat.app;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.homeostat.board.Served;
import org.homeostat.catalog.Catalog;
import org.homeostat.device.Device;
import org.homeostat.link.LinkException;
import org.homeostat.link.PtyLink;
import org.homeostat.run.BadInput;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "twin",
        sortOptions = false,
        description = "Works with simulated boards and circuits.",
        subcommands = {Twins.Serve.class, TwinSolve.class, TwinImport.class, TwinFit.class})
final class Twins implements Callable<Integer> {

    @Mixin
    Shared shared;

    @Override
    public Integer call() {
        shared.spec.commandLine().usage(shared.err());
        return Main.BAD_INPUT;
    }

    @Command(
            name = "serve",
            sortOptions = false,
            description = "Makes a twin answer as if it were a board, at a serial port or a broker, until Ctrl-C.",
            footer = {
                "",
                "Example:",
                "  homeostat twin serve resistor-array-v1 --pty board &",
                "  homeostat probe serial:board",
                "  homeostat twin serve resistor-array-v1 --broker mqtt://localhost:1883 --name board-7 &",
                "  homeostat probe mqtt://localhost:1883/board-7"
            })
    static final class Serve implements Callable<Integer> {

        @Mixin
        Shared shared;

        @Parameters(
                index = "0",
                paramLabel = "TWIN",
                description = "The name of a twin, with options as in its URI, such as resistor-array-v1?seed=7.")
        String name;

        @Option(
                names = "--pty",
                paramLabel = "PATH",
                description = "Where the serial port shall appear: a symbolic link to a pseudo terminal is made there.")
        @Nullable
        Path path;

        @Mixin
        Entrance entrance;

        @Option(names = "--name", paramLabel = "NAME", description = "The board's name at the broker.")
        @Nullable
        String offered;

        @Option(
                names = "--state",
                paramLabel = "DIR",
                description = "Where the number of the last lease at a broker is kept, as for agent.")
        @Nullable
        Path state;

        @Override
        public Integer call() {
            String uri = name.startsWith("twin:") ? name : "twin:" + name;
            if (path != null && entrance.url == null) {
                return atPort(uri, path);
            }
            if (path == null && entrance.url != null && offered != null) {
                return new Offering(uri, entrance, offered, state).serve(shared);
            }
            throw new BadInput("say where the twin shall answer: --pty PATH for a serial port, or "
                    + "--broker URL --name NAME for a board at a broker");
        }

        private int atPort(String uri, Path path) {
            Catalog catalog = shared.catalog();
            try (Interrupt interrupt = new Interrupt();
                    Device twin = catalog.open(uri).worn();
                    PtyLink pty = PtyLink.open(path)) {
                shared.say("Serving " + uri + " as serial:" + pty.path() + "; Ctrl-C ends it.");
                shared.print(
                        new TreeMap<>(Map.of("device", uri, "serial", pty.path())), List.of("READY " + pty.path()));
                new Served(twin, System.nanoTime()).serve(pty, interrupt::requested);
                return Main.DONE;
            } catch (LinkException gone) {
                throw new BadInput(String.valueOf(gone.getMessage()), gone);
            }
        }
    }
}
