package org.homeostat.app;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.homeostat.circuit.UnsolvableException;
import org.homeostat.run.BadInput;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The benches of the twin engine one after the other, as commands with their own options, and all figures in one object. */
@Command(
        name = "all",
        sortOptions = false,
        description = {
            "Runs the benches of the twin engine one after the other: solve, train, twin and universal.",
            "All figures go into one JSON object, with machine, versions and peers; a bench that lacks something, such as"
                    + " images of MNIST, is left out with its reason."
        },
        footer = {
            "",
            "Examples:",
            "  homeostat bench all --quick",
            "  homeostat bench all --plot growth.svg --output figures.json"
        })
final class BenchAll implements Callable<Integer>, Measuring {

    /** Twins of a board's size and of an engine's. */
    private static final List<String> TWINS = List.of(
            "twin:resistor-array-v1",
            "twin:hopfield",
            "twin:hopfield-in-place?inputs=784&hidden=2048&outputs=10&lanes=32",
            "twin:drn?inputs=784&hidden=100&outputs=10&lanes=4",
            "twin:springs",
            "twin:ising-machine",
            "twin:oscillators-xy");

    @Mixin
    Shared shared;

    @Option(names = "--quick", description = "Smaller networks and fewer turns: about a minute instead of many.")
    boolean quick;

    @Option(
            names = "--plot",
            paramLabel = "FILE",
            description = "Measures grids of growing size too and draws time and memory, as SVG.")
    @Nullable
    Path plot;

    @Mixin
    Torch torch;

    @Option(names = "--alone", description = "Leave ngspice and PyTorch out.")
    boolean alone;

    @Mixin
    Output output;

    private boolean failed;

    @Override
    public Integer call() {
        int code = output.print(this, shared);
        return failed ? Main.FAILED : code;
    }

    @Override
    public Measured measure() {
        Map<String, Object> object = new LinkedHashMap<>();
        List<String> lines = new ArrayList<>();
        object.put("machine", Machine.here().json());
        object.put("load", load());
        Map<String, Object> versions = new LinkedHashMap<>();
        versions.put("homeostat", Main.version());
        versions.put("java", Runtime.version().toString());
        object.put("versions", versions);
        object.put("quick", quick);
        Map<String, Object> peers = new LinkedHashMap<>();
        object.put("peers", peers);
        List<Map<String, Object>> benches = new ArrayList<>();
        for (List<String> words : commands()) {
            Map<String, Object> bench = new LinkedHashMap<>();
            bench.put("command", String.join(" ", words));
            lines.add((benches.isEmpty() ? "" : "\n") + "# " + String.join(" ", words));
            shared.say("homeostat " + String.join(" ", words));
            benches.add(bench);
            try {
                Measured figures = parsed(words).measure();
                if (figures.object().get("peer") instanceof String peer) {
                    peers.putIfAbsent(words.get(1).equals("train") ? "pytorch" : "ngspice", peer);
                }
                bench.put("figures", figures.object());
                lines.addAll(figures.lines());
            } catch (BadInput missing) {
                bench.put("leftOut", missing.getMessage());
                lines.add("left out: " + missing.getMessage());
            } catch (UnsolvableException | IOException broken) {
                // The figures of the others were dear.
                failed = true;
                bench.put("failed", broken.getMessage());
                lines.add("failed: " + broken.getMessage());
                shared.complain(String.valueOf(broken.getMessage()));
            }
        }
        object.put("benches", benches);
        return new Measured(object, lines);
    }

    /** How many programs wanted a processor in the last minute; null where the system does not tell. */
    private static @Nullable Double load() {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        return load < 0 ? null : load;
    }

    private List<List<String>> commands() {
        List<List<String>> commands = new ArrayList<>();
        List<String> solve = words("bench solve");
        List<String> train = words("bench train");
        List<String> universal = words("bench universal");
        if (quick) {
            solve.addAll(words("784-100-10 grid:1000 --turns 1 --inputs 5"));
            train.addAll(words("hopfield drn-64 --turns 1 --steps 10 --images 640"));
            universal.addAll(words("--only eps,gain --points 201"));
        }
        if (plot != null) {
            if (!quick) {
                solve.addAll(words("784-1024-10 784-256-256-10 grid:10000"));
            }
            solve.addAll(List.of("--plot", plot.toString()));
        }
        if (alone) {
            solve.add("--alone");
            train.add("--alone");
        }
        if (alone || quick) {
            universal.addAll(words("--spice-points " + (alone ? 0 : 2)));
        }
        if (torch.dataDir != null) {
            train.addAll(List.of("--data-dir", torch.dataDir.toString()));
        }
        if (torch.python != null) {
            train.addAll(List.of("--python", torch.python));
        }
        commands.add(solve);
        commands.add(train);
        for (String twin : TWINS) {
            List<String> one = words("bench twin " + twin + " --exchanges " + (quick ? 5 : 100));
            commands.add(one);
        }
        commands.add(universal);
        return commands;
    }

    private static List<String> words(String command) {
        return new ArrayList<>(Arrays.asList(command.split(" ")));
    }

    /** The bench that a command names, with its options set. */
    private Measuring parsed(List<String> words) {
        CommandLine line = Main.commandLine();
        line.setErr(shared.err());
        CommandLine.ParseResult found = line.parseArgs(words.toArray(String[]::new));
        while (found.hasSubcommand()) {
            found = found.subcommand();
        }
        return (Measuring) found.commandSpec().userObject();
    }
}
