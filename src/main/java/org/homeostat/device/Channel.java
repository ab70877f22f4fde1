package org.homeostat.device;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * One wire to the world.
 *
 * @param name what people and files call it, such as {@code x1}; unique within a device
 * @param role what it is for
 * @param unit the SI unit of its levels, as a symbol; {@code 1} for a pure number
 * @param min the lowest level that may be imposed or can be read
 * @param max the highest level that may be imposed or can be read
 * @param safe the level it is left at when nobody is in charge
 * @param scale its converter
 */
public record Channel(String name, Role role, String unit, double min, double max, double safe, Scale scale) {

    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_.+-]*");

    public Channel {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "channel name '" + name + "': expected a letter followed by letters, digits or any of _ . + -");
        }
        if (!(min < max) || Double.isInfinite(min) || Double.isInfinite(max)) {
            throw new IllegalArgumentException(
                    "channel " + name + ": expected a finite min below max, not " + min + " and " + max);
        }
        if (!(safe >= min && safe <= max)) {
            throw new IllegalArgumentException(
                    "channel " + name + ": its safe level " + safe + " lies outside " + min + " .. " + max);
        }
    }

    /** Largest distance between the levels of neighbouring codes inside the range; 0 without a converter. */
    public double resolution() {
        return switch (scale) {
            case Scale.Continuous continuous -> 0;
            case Scale.Linear linear -> linear.step();
            case Scale.Rheostat rheostat -> {
                // Steps grow with the conductance, so the coarsest lies at the top of the range.
                int top = rheostat.code(max);
                yield rheostat.level(top) - rheostat.level(Math.min(top + 1, rheostat.codes() - 1));
            }
        };
    }

    /** The name without the number at its end, and without a full stop before that: what channels of one kind share. */
    public String stem() {
        int end = name.length();
        while (end > 0 && Character.isDigit(name.charAt(end - 1))) {
            end--;
        }
        return name.substring(0, end > 0 && name.charAt(end - 1) == '.' ? end - 1 : end);
    }

    /**
     * Returns {@code level} unchanged, or refuses it.
     *
     * @throws IllegalArgumentException if it is not a number within the range, naming channel, level and range
     */
    public double accepted(double level) {
        if (!(level >= min && level <= max)) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "channel %s: level %.6g %s lies outside its range %.6g .. %.6g %s",
                    name,
                    level,
                    unit,
                    min,
                    max,
                    unit));
        }
        return level;
    }
}
