package org.homeostat.firmware;

import java.util.ArrayList;
import java.util.List;

/** A {@code resistor-array-v1} that runs the real firmware at a serial port, and shows what its outputs did. */
public interface Rig extends AutoCloseable {

    /** How many outputs there are to drive: four inputs, then three nudges. */
    int DRIVEN = 7;

    /**
     * An output took another code.
     *
     * @param micros when, on the board's own clock
     * @param output which, inputs before nudges
     * @param lateMicros of these, how long before it the firmware had begun to look whether something was to be done
     */
    record Change(long micros, int output, int code, long lateMicros) {}

    /** Where the serial port is. */
    String path();

    /** All changes since power-on. */
    List<Change> changes();

    /** When the last frame had arrived, on the board's own clock. */
    long lastFrameMicros();

    @Override
    void close();

    /** Keeps what made a difference of a list of set-points. */
    static List<Change> differing(List<Change> all) {
        int[] codes = new int[DRIVEN];
        java.util.Arrays.fill(codes, -1);
        List<Change> changes = new ArrayList<>();
        for (Change change : all) {
            if (codes[change.output] != change.code) {
                codes[change.output] = change.code;
                changes.add(change);
            }
        }
        return changes;
    }

    /** The codes at which the outputs are after some changes; -1 for one that never changed. */
    static int[] codes(List<Change> changes) {
        int[] codes = new int[DRIVEN];
        java.util.Arrays.fill(codes, -1);
        changes.forEach(change -> codes[change.output] = change.code);
        return codes;
    }
}
