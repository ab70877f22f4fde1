package org.homeostat.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.homeostat.catalog.Schematic;
import org.homeostat.catalog.Schematic.Duty;
import org.homeostat.device.Ability;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Response;
import org.homeostat.run.BadInput;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "import",
        sortOptions = false,
        description = {
            "Makes a twin of a board that was drawn in KiCad or written for SPICE: a folder with twin.yaml and board.yaml.",
            "What each part is for stands in comments of the netlist (in KiCad: in a text on the sheet), such as",
            "  * homeostat: input V1 V2 min=-2 max=2",
            "  * homeostat: output out",
            "  * homeostat: trainable R1-R9 min=1k max=100k",
            "or in the options below, which then count instead. Names may be rows (R1-R9) or patterns (X*.R*)."
        },
        footer = {
            "",
            "Example:",
            "  homeostat twin import sim/netlists/xor.cir --to xor",
            "  homeostat train --device twin:xor --data YOUR.csv --target COLUMN"
        })
final class TwinImport implements Callable<Integer> {

    @Mixin
    Shared shared;

    @Parameters(index = "0", paramLabel = "NETLIST", description = "A file; its first line is a title.")
    Path file;

    @Option(
            names = "--input",
            paramLabel = "TEXT",
            description = "Sources that carry the question, such as 'V1 V2 min=-2 max=2'; bits=12 for a converter.")
    @Nullable
    List<String> inputs;

    @Option(
            names = "--output",
            paramLabel = "TEXT",
            description =
                    "Nodes that are read and nudged, such as 'out min=-5 max=5'; nudge=1m for the largest current.")
    @Nullable
    List<String> outputs;

    @Option(
            names = "--trainable",
            paramLabel = "TEXT",
            description =
                    "Resistors that are learned, such as 'R1-R9 min=1k max=100k'; codes=256 for a potentiometer's.")
    @Nullable
    List<String> trainable;

    @Option(
            names = "--monitor",
            paramLabel = "TEXT",
            description = "Further nodes that can be read, or none (default: those that learned resistors end at).")
    @Nullable
    List<String> monitors;

    @Option(names = "--name", paramLabel = "NAME", description = "The board's name (default: the netlist's).")
    @Nullable
    String name;

    @Option(
            names = "--to",
            paramLabel = "DIR",
            description = "The folder to make (default: the netlist without its ending).")
    @Nullable
    Path to;

    @Option(names = "--overwrite", description = "Replace the two files where they are there already.")
    boolean overwrite;

    @Override
    public Integer call() {
        String text = NetlistFile.text(file);
        String stem = String.valueOf(file.getFileName()).replaceFirst("\\.[A-Za-z]+$", "");
        Path folder = to != null ? to : file.resolveSibling(stem);
        Schematic schematic = new Schematic(
                name != null ? name : stem.replaceAll("[^A-Za-z0-9_.-]", "-"),
                file.toString(),
                text,
                NetlistFile::included,
                duties());
        Path twin = folder.resolve("twin.yaml");
        write(folder, folder.resolve("board.yaml"), twin, schematic);
        String uri = "twin:" + (folder.toString().contains("/") ? folder : twin);
        return tried(schematic, uri, folder);
    }

    private Map<Duty, List<String>> duties() {
        Map<Duty, List<String>> duties = new EnumMap<>(Duty.class);
        put(duties, Duty.INPUT, inputs);
        put(duties, Duty.OUTPUT, outputs);
        put(duties, Duty.TRAINABLE, trainable);
        put(duties, Duty.MONITOR, monitors);
        return duties;
    }

    private static void put(Map<Duty, List<String>> duties, Duty duty, @Nullable List<String> texts) {
        if (texts != null) {
            duties.put(duty, texts);
        }
    }

    private void write(Path folder, Path board, Path twin, Schematic schematic) {
        for (Path each : List.of(board, twin)) {
            if (Files.exists(each) && !overwrite) {
                throw new BadInput(
                        each + " is there already; say --overwrite to replace it, or another folder with --to DIR");
            }
        }
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new BadInput("folder " + folder + " cannot be made (" + e + "); say another one with --to DIR", e);
        }
        Shared.write("--to", board, schematic.board());
        Shared.write("--to", twin, schematic.twin());
    }

    /** Opens what was written, as any other device, and asks it once. */
    private int tried(Schematic schematic, String uri, Path folder) {
        try (Device device = shared.catalog().open(uri).device()) {
            Descriptor card = device.descriptor();
            Response response = device.present(card.safe(), Deadline.in(Training.EXCHANGE_LIMIT));
            boolean forces = card.can(Ability.FORCES) || !card.forceLaws().isEmpty();
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("twin", uri);
            object.put("folder", folder.toString());
            object.put("inputs", schematic.inputs());
            object.put("outputs", schematic.outputs());
            object.put("monitors", schematic.monitors());
            object.put("trainable", schematic.trainable());
            object.put("forces", forces);
            object.put("quality", response.quality().verdict().name().toLowerCase(java.util.Locale.ROOT));
            shared.print(
                    object,
                    List.of(
                            uri + ": " + Words.count(schematic.inputs().size(), "input") + ", "
                                    + Words.count(schematic.outputs().size(), "output") + ", "
                                    + Words.count(schematic.monitors().size(), "monitored node") + ", "
                                    + Words.count(schematic.trainable().size(), "trainable resistor"),
                            forces
                                    ? "  the force on each resistor follows from what is read: every learner suits it"
                                    : "  the force on each resistor cannot be told from what is read: learners by perturbing"
                                            + " suit it, such as --learner spsa; more of --monitor would tell it",
                            "  next: homeostat audit " + uri));
            if (!response.quality().remark().isEmpty()) {
                shared.complain("at its safe levels: " + response.quality().remark());
                return Main.FAILED;
            }
            return Main.DONE;
        }
    }
}
