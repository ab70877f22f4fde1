package org.homeostat.app;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Set;

/** Quantities in words that people read. */
final class Words {

    private static final Set<String> PREFIXED = Set.of("V", "A", "S", "s", "Hz", "W");
    private static final String PREFIXES = "pnµm kM";
    private static final int PLAIN = PREFIXES.indexOf(' ');
    private static final MathContext FOUR_DIGITS = new MathContext(4);

    private Words() {}

    /** A sentence that says whom it is about; as it is where that is nobody in particular, or it says so itself. */
    static String about(String who, String sentence) {
        return who.isEmpty() || sentence.contains(who) ? sentence : who + ": " + sentence;
    }

    /** So many of something, such as {@code 1 input} or {@code 3 inputs}. */
    static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    /** A level with its unit, such as {@code -204.8 µA}; four digits. */
    static String level(double value, String unit) {
        if (unit.equals("1")) {
            return number(value);
        }
        if (!PREFIXED.contains(unit) || value == 0 || !Double.isFinite(value)) {
            return number(value) + " " + unit;
        }
        int thousands = (int) Math.floor(
                Math.log10(Math.abs(new BigDecimal(value).round(FOUR_DIGITS).doubleValue())) / 3);
        int prefix = Math.clamp(thousands, -PLAIN, PREFIXES.length() - 1 - PLAIN);
        String letter = prefix == 0 ? "" : String.valueOf(PREFIXES.charAt(PLAIN + prefix));
        return number(value * Math.pow(10, -3.0 * prefix)) + " " + letter + unit;
    }

    /** A value that is known of a run: numbers with four digits where they are no whole ones, all else as it is. */
    static String value(Object value) {
        return value instanceof Double number ? number(number) : value.toString();
    }

    /** A number of four digits, without zeros that say nothing. */
    static String number(double value) {
        if (!Double.isFinite(value)) {
            return String.valueOf(value);
        }
        BigDecimal rounded = new BigDecimal(value).round(FOUR_DIGITS).stripTrailingZeros();
        boolean handy = value == 0 || (Math.abs(value) >= 1e-4 && Math.abs(value) < 1e7);
        return handy
                ? rounded.toPlainString()
                : rounded.toString().replace("E+", "E").replace('E', 'e');
    }
}
