package org.homeostat.app;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.homeostat.run.BadInput;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "agent",
        sortOptions = false,
        description = {
            "Offers a board of this machine at an MQTT broker, until Ctrl-C, and leaves it at its safe levels.",
            "Any machine then drives it as mqtt://HOST:PORT/NAME, one at a time."
        },
        footer = {
            "",
            "Example:",
            "  homeostat agent --device serial:/dev/ttyACM0 --broker mqtt://lab:1883 --name board-7",
            "  homeostat probe mqtt://lab:1883/board-7"
        })
final class AgentCommand implements Callable<Integer> {

    @Mixin
    Shared shared;

    @Option(
            names = "--device",
            required = true,
            paramLabel = "DEVICE",
            description = "The device, such as serial:/dev/ttyACM0; a twin is offered as if it were a board.")
    String uri;

    @Mixin
    Entrance entrance;

    @Option(
            names = "--name",
            required = true,
            paramLabel = "NAME",
            description = "The board's name at the broker: letters, digits, dots, underscores and hyphens.")
    String name;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = "Where the number of the last lease is kept (default: $STATE_DIRECTORY, else "
                    + "homeostat in the user's folder of states).")
    @Nullable
    Path state;

    @Override
    public Integer call() {
        if (entrance.url == null) {
            throw new BadInput("--broker: say at which broker the board is offered, such as --broker mqtt://lab:1883");
        }
        return new Offering(uri, entrance, name, state).serve(shared);
    }
}
