package org.homeostat.catalog;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.homeostat.calibration.Estimate;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Role;
import org.homeostat.run.BadInput;
import org.homeostat.twin.Specimen;
import org.homeostat.twin.Specimen.Errors;
import org.homeostat.twin.TwinDevice;
import org.jspecify.annotations.Nullable;

/**
 * A file that says which specimen a twin is: {@code twin:NAME?specimen=FILE}. What it does not mention is as drawn. The keys
 * are explained in {@code sim/README.md}.
 *
 * @param specimen its name
 * @param twin the twin that it was fitted with
 * @param card the digest of the card
 * @param source what it was fitted to
 * @param date when, ISO 8601 in UTC
 * @param readNoise noise of each single reading, in the channels' unit, rms
 * @param parts what is known of each channel's part
 */
public record SpecimenFile(
        String specimen,
        String twin,
        String card,
        String source,
        String date,
        double readNoise,
        Map<String, Part> parts) {

    /**
     * What is known of the part behind one channel; null is as drawn.
     *
     * @param gain of its converter, a pure number
     * @param offset of its converter, in the channel's unit
     * @param sine the part of its converter's bend that begins with a sine, in the channel's unit
     * @param cosine the part that begins with a cosine
     * @param element a factor on the element's value
     * @param wiper a factor on the wiper resistance
     * @param untold which of these nothing is claimed of: one guess of many that answer alike; null for none
     */
    public record Part(
            @Nullable Estimate gain,
            @Nullable Estimate offset,
            @Nullable Estimate sine,
            @Nullable Estimate cosine,
            @Nullable Estimate element,
            @Nullable Estimate wiper,
            @Nullable List<String> untold) {

        /** Nothing but what the drawing says. */
        static final Part DRAWN = new Part(null, null, null, null, null, null, null);
    }

    /**
     * Reads a file.
     *
     * @throws BadInput if it is none, with file, line and field
     */
    public static SpecimenFile read(Path file) {
        return Yaml.of(Yaml.text(file), file.toString()).as(SpecimenFile.class);
    }

    /** The text of the file. */
    public String text() {
        StringBuilder text = new StringBuilder();
        text.append("# One specimen, for twin:").append(twin).append("?specimen=FILE. Keys: sim/README.md.\n");
        text.append("specimen: ").append(CalibrationFile.quoted(specimen)).append('\n');
        text.append("twin: ").append(twin).append('\n');
        text.append("card: ").append(CalibrationFile.quoted(card)).append('\n');
        text.append("source: ").append(CalibrationFile.quoted(source)).append('\n');
        text.append("date: ").append(CalibrationFile.quoted(date)).append('\n');
        text.append("readNoise: ").append(readNoise).append('\n');
        text.append("parts:").append(parts.isEmpty() ? " {}\n" : "\n");
        parts.forEach((name, part) -> {
            text.append("  ").append(name).append(":\n");
            append(text, "gain", part.gain);
            append(text, "offset", part.offset);
            append(text, "sine", part.sine);
            append(text, "cosine", part.cosine);
            append(text, "element", part.element);
            append(text, "wiper", part.wiper);
            if (part.untold != null) {
                text.append("    untold: ").append(part.untold).append('\n');
            }
        });
        return text.toString();
    }

    private static void append(StringBuilder text, String key, @Nullable Estimate estimate) {
        String interval = CalibrationFile.interval(estimate);
        if (interval != null) {
            text.append("    ").append(key).append(": ").append(interval).append('\n');
        }
    }

    /** Makes a twin as drawn this specimen. */
    void becomeOf(Device device, String name, String file) {
        Descriptor card = device.descriptor();
        if (!twin.equals(name) || !this.card.equals(card.digest())) {
            device.close();
            throw new BadInput(file + ": this is a specimen of twin:" + twin + " with card " + this.card + ", and twin:"
                    + name + " as asked for has card " + card.digest()
                    + "; name the same twin with the same sizes, or fit this one");
        }
        if (!(device instanceof TwinDevice made)) {
            device.close();
            throw new BadInput(file + ": specimens of twin:" + name + " are not made of parts; leave out specimen=");
        }
        try {
            made.become(of(card, made.specimen(), file));
        } catch (IllegalArgumentException unfit) {
            device.close();
            throw new BadInput(file + ": " + unfit.getMessage(), unfit);
        }
    }

    /** The specimen that this makes of one as drawn. */
    private Specimen of(Descriptor card, Specimen drawing, String file) {
        Map<String, Part> left = new LinkedHashMap<>(parts);
        Specimen made = drawing.reading(readNoise);
        for (Role role : Specimen.CONVERTED) {
            List<Channel> channels = card.channels(role);
            for (int i = 0; i < channels.size(); i++) {
                Part part = left.remove(channels.get(i).name());
                if (part != null) {
                    double sine = value(part.sine, 0);
                    double cosine = value(part.cosine, 0);
                    // a sin(t) + b cos(t) = inl sin(t + bow)
                    Errors errors = new Errors(
                            value(part.gain, 1),
                            value(part.offset, 0),
                            Math.hypot(sine, cosine),
                            Math.atan2(cosine, sine));
                    made = made.with(role, i, errors);
                }
            }
        }
        double[] elements = drawing.elements().clone();
        double[] wipers = drawing.wipers().clone();
        for (int k = 0; k < elements.length; k++) {
            Part part = left.remove(card.channels(Role.PARAMETER).get(k).name());
            if (part != null) {
                elements[k] = value(part.element, elements[k]);
                wipers[k] = value(part.wiper, wipers[k]);
            }
        }
        if (!left.isEmpty()) {
            throw new BadInput(file + ", parts: there is no channel '"
                    + left.keySet().iterator().next() + "' with a part on board " + card.board()
                    + "; take it out, or name the right twin");
        }
        return made.with(elements, wipers);
    }

    private static double value(@Nullable Estimate estimate, double otherwise) {
        return estimate == null ? otherwise : estimate.value();
    }
}
