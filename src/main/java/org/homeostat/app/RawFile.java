package org.homeostat.app;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The first plot of a file of results as SPICE writes it ("raw file"): lines that say what follows, then, after the line
 * {@code Binary:}, a double for each variable in the machine's own order of bytes, or, after {@code Values:}, text. Only what an
 * operating point makes is read: real, one point.
 *
 * @param values each variable by its name, such as {@code v(n1)} or {@code i(v1)}, in lower case
 */
record RawFile(Map<String, Double> values) {

    RawFile {
        values = Map.copyOf(values);
    }

    /**
     * Reads one.
     *
     * @throws MalformedRawException if it is something else or ends early; the sentence says what was expected
     */
    static RawFile parse(byte[] bytes) throws MalformedRawException {
        int variables = -1;
        int at = 0;
        boolean listed = false;
        Map<Integer, String> names = new HashMap<>();
        while (true) {
            int end = at;
            while (end < bytes.length && bytes[end] != '\n') {
                end++;
            }
            if (end == bytes.length) {
                throw new MalformedRawException("ends within its head; expected a line 'Binary:' or 'Values:'");
            }
            String line = new String(bytes, at, end - at, StandardCharsets.ISO_8859_1).strip();
            at = end + 1;
            String key = line.toLowerCase(Locale.ROOT);
            if (key.startsWith("flags:") && !key.contains("real")) {
                throw new MalformedRawException("says '" + line + "'; expected real numbers");
            } else if (key.startsWith("no. of variables:") || key.startsWith("no. variables:")) {
                variables = number(line);
            } else if (key.startsWith("no. points:") && number(line) != 1) {
                throw new MalformedRawException("says '" + line + "'; expected the one point of an operating point");
            } else if (key.startsWith("variables:")) {
                listed = true;
            } else if (key.equals("binary:")) {
                return new RawFile(binary(bytes, at, expected(variables, names), names));
            } else if (key.equals("values:")) {
                return new RawFile(text(bytes, at, expected(variables, names), names));
            } else if (listed) {
                String[] words = key.split("\\s+");
                if (words.length < 3) {
                    throw new MalformedRawException("lists a variable as '" + line + "'; expected number, name, kind");
                }
                names.put(number(words[0] + ":" + words[0]), words[1]);
            }
        }
    }

    private static int expected(int variables, Map<Integer, String> names) throws MalformedRawException {
        if (variables < 0) {
            throw new MalformedRawException("does not say how many variables it has");
        }
        for (int k = 0; k < variables; k++) {
            if (!names.containsKey(k)) {
                throw new MalformedRawException(
                        "says that it has " + variables + " variables but does not name number " + k);
            }
        }
        return variables;
    }

    private static Map<String, Double> binary(byte[] bytes, int at, int variables, Map<Integer, String> names)
            throws MalformedRawException {
        if (bytes.length - at < Double.BYTES * (long) variables) {
            throw new MalformedRawException(
                    "has " + (bytes.length - at) + " bytes of values; expected " + Double.BYTES * (long) variables);
        }
        ByteBuffer numbers =
                ByteBuffer.wrap(bytes, at, Double.BYTES * variables).order(ByteOrder.nativeOrder());
        Map<String, Double> values = new HashMap<>();
        for (int k = 0; k < variables; k++) {
            values.put(names.getOrDefault(k, ""), numbers.getDouble());
        }
        return values;
    }

    private static Map<String, Double> text(byte[] bytes, int at, int variables, Map<Integer, String> names)
            throws MalformedRawException {
        // The number of the point, then a value on each line.
        String[] words = new String(bytes, at, bytes.length - at, StandardCharsets.ISO_8859_1)
                .strip()
                .split("\\s+");
        if (words.length < 1 + variables) {
            throw new MalformedRawException("has " + (words.length - 1) + " values; expected " + variables);
        }
        Map<String, Double> values = new HashMap<>();
        for (int k = 0; k < variables; k++) {
            try {
                values.put(names.getOrDefault(k, ""), Double.valueOf(words[k + 1]));
            } catch (NumberFormatException e) {
                throw new MalformedRawException("has '" + words[k + 1] + "' where a value was expected", e);
            }
        }
        return values;
    }

    private static int number(String line) throws MalformedRawException {
        String digits = line.substring(line.indexOf(':') + 1).strip();
        try {
            return Integer.parseInt(digits);
        } catch (NumberFormatException e) {
            throw new MalformedRawException("says '" + line + "'; expected a whole number", e);
        }
    }
}
