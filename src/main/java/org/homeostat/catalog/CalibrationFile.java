package org.homeostat.catalog;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.homeostat.calibration.Calibration;
import org.homeostat.calibration.Calibration.Entry;
import org.homeostat.calibration.Estimate;
import org.homeostat.run.BadInput;
import org.jspecify.annotations.Nullable;

/** A file {@code devices/BOARD/calibration/SPECIMEN-DATE.yaml}. The keys are explained in {@code devices/README.md}. */
public final class CalibrationFile {

    private CalibrationFile() {}

    /**
     * Reads a file.
     *
     * @throws BadInput if it is none, with file, line and field
     */
    public static Calibration read(Path file) {
        return Yaml.of(Yaml.text(file), file.toString()).as(Calibration.class);
    }

    /** Where the file of a calibration belongs, below the folder with the boards. */
    public static Path place(Calibration calibration) {
        return Path.of(
                "devices",
                calibration.board(),
                "calibration",
                calibration.calibration() + "-" + calibration.date().substring(0, 10) + ".yaml");
    }

    /** The text of a file. */
    public static String text(Calibration calibration) {
        StringBuilder text = new StringBuilder();
        text.append("# What was measured of one specimen. Keys and units: devices/README.md, \"calibration\".\n");
        line(text, "", "calibration", quoted(calibration.calibration()));
        line(text, "", "board", calibration.board());
        line(text, "", "card", quoted(calibration.card()));
        line(text, "", "device", quoted(calibration.device()));
        line(text, "", "date", quoted(calibration.date()));
        line(text, "", "conditions", quoted(calibration.conditions()));
        line(text, "", "confidence", String.valueOf(calibration.confidence()));
        line(text, "", "reads", String.valueOf(calibration.reads()));
        line(text, "", "exchanges", String.valueOf(calibration.exchanges()));
        text.append("channels:\n");
        calibration.channels().forEach((name, entry) -> append(text, name, entry));
        return text.toString();
    }

    private static void append(StringBuilder text, String name, Entry entry) {
        text.append("  ").append(name).append(":\n");
        String in = "    ";
        line(text, in, "role", entry.role().name().toLowerCase(Locale.ROOT));
        line(text, in, "unit", quoted(entry.unit()));
        line(text, in, "reference", entry.reference() == null ? null : quoted(entry.reference()));
        line(text, in, "gain", interval(entry.gain()));
        line(text, in, "offset", interval(entry.offset()));
        line(text, in, "inl", number(entry.inl()));
        line(text, in, "from", number(entry.from()));
        line(text, in, "to", number(entry.to()));
        line(text, in, "points", entry.points() == null ? null : entry.points().toString());
        line(text, in, "noise", interval(entry.noise()));
        line(text, in, "settle", interval(entry.settle()));
        line(text, in, "resolution", number(entry.resolution()));
        List<List<Double>> bend = entry.bend();
        line(text, in, "bend", bend == null ? null : bend.toString());
    }

    private static void line(StringBuilder text, String in, String key, @Nullable String value) {
        if (value != null) {
            text.append(in).append(key).append(": ").append(value).append('\n');
        }
    }

    private static @Nullable String number(@Nullable Double value) {
        return value == null ? null : value.toString();
    }

    static @Nullable String interval(@Nullable Estimate estimate) {
        return estimate == null
                ? null
                : "{value: " + estimate.value() + ", low: " + estimate.low() + ", high: " + estimate.high() + "}";
    }

    /** In quotes, so that a number stays a name and a colon starts no value. */
    static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", " ") + '"';
    }
}
