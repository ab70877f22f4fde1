package org.homeostat.catalog;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.homeostat.run.BadInput;
import org.jspecify.annotations.Nullable;

/**
 * The name of a device: {@code SCHEME:NAME} or {@code SCHEME:NAME?key=value&key=value}. Several are separated by commas.
 *
 * @param scheme what kind of device: serial, process, pi, twin or replay
 * @param name which one
 * @param options the values after the question mark
 */
public record DeviceUri(String scheme, String name, Map<String, String> options) {

    /**
     * Where one name ends and the next begins. A comma that no scheme follows is a part of the name, for there are file names
     * and commands with commas.
     */
    private static final Pattern NEXT = Pattern.compile("\\s*,\\s*(?=(serial|process|twin|replay|mqtts?|pi):)");

    /** More channels or lanes than this are a slip of the finger. */
    static final int LARGEST = 100_000;

    /** Nothing on a bench is waited for longer. */
    private static final double LARGEST_AMOUNT = 1000;

    private static final double LONGEST_SECONDS = 3600;

    /** The names in a list of one or more, in order. */
    public static List<String> list(String text) {
        return NEXT.splitAsStream(text.strip()).toList();
    }

    /**
     * Reads a URI.
     *
     * @throws BadInput if it is none
     */
    public static DeviceUri of(String text) {
        int colon = text.indexOf(':');
        if (colon <= 0 || colon == text.length() - 1) {
            throw new BadInput("device '" + text + "': expected SCHEME:NAME, such as twin:resistor-array-v1");
        }
        String rest = text.substring(colon + 1);
        int question = rest.indexOf('?');
        Map<String, String> options = new LinkedHashMap<>();
        if (question >= 0) {
            for (String pair : rest.substring(question + 1).split("&", -1)) {
                String[] halves = pair.split("=", 2);
                if (halves.length != 2 || halves[0].isEmpty() || halves[1].isEmpty()) {
                    throw new BadInput("device '" + text + "': '" + pair + "' is no option; expected key=value");
                }
                if (options.putIfAbsent(halves[0], halves[1]) != null) {
                    throw new BadInput("device '" + text + "': option '" + halves[0] + "' is given twice");
                }
            }
            rest = rest.substring(0, question);
        }
        if (rest.isEmpty()) {
            throw new BadInput("device '" + text + "': expected a name after '" + text.substring(0, colon + 1) + "'");
        }
        return new DeviceUri(text.substring(0, colon), rest, options);
    }

    /** The same without an option. */
    DeviceUri without(String key) {
        Map<String, String> others = new LinkedHashMap<>(options);
        others.remove(key);
        return new DeviceUri(scheme, name, others);
    }

    /** Refuses options that are not among those known. */
    void only(List<String> known) {
        for (String key : options.keySet()) {
            if (!known.contains(key)) {
                throw new BadInput("device '" + this + "': there is no option '" + key + "'; "
                        + (known.isEmpty() ? scheme + " takes none" : "expected one of " + String.join(", ", known)));
            }
        }
    }

    /** Refuses an option that is there and is none of the words. */
    void oneOf(String key, List<String> words) {
        String value = options.get(key);
        if (value != null && !words.contains(value)) {
            throw new BadInput(
                    "device '" + this + "': option " + key + "=" + value + ": expected " + String.join(" or ", words));
        }
    }

    /** A whole number from {@code least} to {@code most}, or the fallback. */
    long number(String key, long least, long most, long fallback) {
        String value = options.get(key);
        if (value == null) {
            return fallback;
        }
        try {
            long number = Long.parseLong(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below, together with numbers out of range.
        }
        throw new BadInput("device '" + this + "': option " + key + "=" + value + ": expected a whole number, " + least
                + (most == Long.MAX_VALUE ? " or more" : " to " + most));
    }

    /** A time above 0 in seconds, or the fallback. */
    double seconds(String key, double fallback) {
        String value = options.get(key);
        if (value == null) {
            return fallback;
        }
        try {
            double seconds = Double.parseDouble(value);
            if (seconds > 0 && seconds < LONGEST_SECONDS) {
                return seconds;
            }
        } catch (NumberFormatException e) {
            // Said below, together with numbers out of range.
        }
        throw new BadInput("device '" + this + "': option " + key + "=" + value
                + ": expected a time in seconds above 0 and below " + (long) LONGEST_SECONDS + ", such as 5e-6");
    }

    /** A number from 0 to 1000, or null. */
    @Nullable
    Double amount(String key) {
        String value = options.get(key);
        if (value == null) {
            return null;
        }
        try {
            double amount = Double.parseDouble(value);
            if (amount >= 0 && amount <= LARGEST_AMOUNT) {
                return amount;
            }
        } catch (NumberFormatException e) {
            // Said below, together with numbers out of range.
        }
        throw new BadInput("device '" + this + "': option " + key + "=" + value + ": expected a number from 0 to "
                + (long) LARGEST_AMOUNT);
    }

    /** How many there are of something: a whole number from 1, or the fallback. */
    int size(String key, int fallback) {
        return (int) number(key, 1, LARGEST, fallback);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(scheme).append(':').append(name);
        char mark = '?';
        for (Map.Entry<String, String> option : options.entrySet()) {
            text.append(mark).append(option.getKey()).append('=').append(option.getValue());
            mark = '&';
        }
        return text.toString();
    }
}
