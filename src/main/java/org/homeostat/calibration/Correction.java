package org.homeostat.calibration;

import java.util.List;
import java.util.Objects;
import org.homeostat.calibration.Calibration.Entry;
import org.homeostat.device.Channel;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.jspecify.annotations.Nullable;

/**
 * One channel's law, both ways.
 *
 * @param own the channel as the device lists it
 * @param channel the channel as it is with true levels
 * @param gain of the law; 1 where nothing is known
 * @param offset of the law; 0 where nothing is known
 * @param bend levels and distances from the straight line; may be empty
 */
record Correction(Channel own, Channel channel, double gain, double offset, double[][] bend) {

    /** So often the bend is looked up anew at a better level. A bend of a thousandth of the range leaves a billionth. */
    private static final int BETTER = 3;

    static Correction of(Channel own, @Nullable Entry entry) {
        if (entry == null || entry.gain() == null || entry.offset() == null) {
            return new Correction(own, own, 1, 0, new double[2][0]);
        }
        double gain = entry.gain().value();
        // No nudge is the device's own zero, and a force is what is added to that.
        double offset = own.role() == Role.NUDGE ? 0 : entry.offset().value();
        List<List<Double>> pairs = Objects.requireNonNullElse(entry.bend(), List.of());
        double[][] bend = new double[2][pairs.size()];
        for (int i = 0; i < pairs.size(); i++) {
            bend[0][i] = pairs.get(i).get(0);
            bend[1][i] = pairs.get(i).get(1);
        }
        Correction law = new Correction(own, own, gain, offset, own.role() == Role.NUDGE ? new double[2][0] : bend);
        return new Correction(own, law.corrected(), gain, offset, law.bend);
    }

    /** True if the host imposes levels here. Positions of parameters that are read are corrected as they are imposed. */
    private boolean imposed() {
        return switch (own.role()) {
            case INPUT, NUDGE, KNOB, SOFTNESS, PARAMETER -> true;
            case OUTPUT, FORCE, MONITOR -> false;
        };
    }

    private Channel corrected() {
        double min = line(own.min());
        double max = line(own.max());
        Scale scale = switch (own.scale()) {
            case Scale.Continuous continuous -> continuous;
            case Scale.Linear(double zero, double step, int codes) ->
                new Scale.Linear(line(zero), line(zero + step) - line(zero), codes);
            case Scale.Rheostat(double wiper, double endToEnd, int codes) ->
                new Scale.Rheostat(gain * wiper + offset, gain * endToEnd, codes);
        };
        return new Channel(own.name(), own.role(), own.unit(), min, max, Math.clamp(line(own.safe()), min, max), scale);
    }

    /** The true level of one of the device's own, by the straight line. */
    private double line(double level) {
        if (own.scale() instanceof Scale.Rheostat) {
            return 1 / (gain / level + offset);
        }
        return imposed() ? gain * level + offset : (level - offset) / gain;
    }

    /** The level that really appears when the device is asked for one. */
    double made(double asked) {
        return line(asked) + (own.scale() instanceof Scale.Rheostat ? 0 : bent(asked));
    }

    /** What the device must be asked for, that a level really appears. */
    double asked(double level) {
        if (own.scale() instanceof Scale.Rheostat) {
            return inside(gain / (1 / level - offset));
        }
        double asked = (level - offset) / gain;
        for (int i = 0; i < BETTER && bend[0].length > 0; i++) {
            asked = (level - offset - bent(asked)) / gain;
        }
        return inside(asked);
    }

    /** The level really there when the device says that it is {@code read}. */
    double level(double read) {
        if (own.scale() instanceof Scale.Rheostat || imposed()) {
            return Math.clamp(line(read), channel.min(), channel.max());
        }
        double level = (read - offset) / gain;
        for (int i = 0; i < BETTER && bend[0].length > 0; i++) {
            level = (read - offset - bent(level)) / gain;
        }
        return Math.clamp(level, channel.min(), channel.max());
    }

    /** What the device says when a level is there. */
    double reading(double level) {
        return inside(gain * level + offset + bent(level));
    }

    /** How far off a true level may be when the device's own is off by {@code error}. */
    double error(double error) {
        return imposed() ? error * gain : error / gain;
    }

    /** A level that the device's own channel takes. */
    double inside(double level) {
        return Math.clamp(level, own.min(), own.max());
    }

    /** The distance from the straight line, between the levels of the table in proportion, beyond them as at its ends. */
    private double bent(double level) {
        double[] at = bend[0];
        double[] by = bend[1];
        if (at.length == 0) {
            return 0;
        }
        if (level <= at[0]) {
            return by[0];
        }
        for (int i = 1; i < at.length; i++) {
            if (level <= at[i]) {
                return by[i - 1] + (by[i] - by[i - 1]) * (level - at[i - 1]) / (at[i] - at[i - 1]);
            }
        }
        return by[at.length - 1];
    }
}
