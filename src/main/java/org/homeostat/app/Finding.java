package org.homeostat.app;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What the doctor found.
 *
 * @param check what was looked at, in a word or two
 * @param seen what there is
 * @param mend what to type or do; empty where nothing is wrong
 */
record Finding(String check, Verdict verdict, String seen, String mend) {

    /** How it stands. */
    enum Verdict {
        /** As it should be. */
        FINE,
        /** Not there, or not to be told; it matters to some only. */
        NOTE,
        /** To be mended. */
        WRONG
    }

    static Finding fine(String check, String seen) {
        return new Finding(check, Verdict.FINE, seen, "");
    }

    static Finding note(String check, String seen, String mend) {
        return new Finding(check, Verdict.NOTE, seen, mend);
    }

    static Finding wrong(String check, String seen, String mend) {
        return new Finding(check, Verdict.WRONG, seen, mend);
    }

    /**
     * A sentence of this program as a finding: what stands behind its last semicolon is what to do, or, where that names a
     * likely cause, what stands behind its colon.
     *
     * @param sentence such as {@code port x: it is in use; close the program that holds it}
     */
    static Finding wrong(String check, String sentence) {
        int end = sentence.lastIndexOf("; ");
        if (end >= 0 && sentence.startsWith("likely ", end + 2) && sentence.indexOf(": ", end) > 0) {
            end = sentence.indexOf(": ", end);
        }
        return end < 0
                ? wrong(check, sentence, "see 'homeostat doctor --help'")
                : wrong(check, sentence.substring(0, end), sentence.substring(end + 2));
    }

    Map<String, Object> json() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("check", check);
        object.put("verdict", verdict.name().toLowerCase(Locale.ROOT));
        object.put("seen", seen);
        object.put("mend", mend);
        return object;
    }
}
