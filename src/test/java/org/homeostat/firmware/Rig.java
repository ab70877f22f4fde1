package org.homeostat.firmware;

import java.util.Arrays;

/** A {@code resistor-array-v1} that runs the real firmware at a serial port, and shows what its outputs did. */
interface Rig extends AutoCloseable {

    /** How many outputs there are to drive: four inputs, then three nudges. */
    int DRIVEN = 7;

    /** The code at which they stand when the board is switched on. */
    int POWER_ON = 2048;

    /** What the outputs did since power-on: each time one of them took another code. */
    final class Changes {

        private final int[] codes = new int[DRIVEN];
        private int count;
        private long lastMicros;
        private long lastOversleptMicros;

        Changes() {
            Arrays.fill(codes, POWER_ON);
        }

        /** An output was given a code. */
        void add(long micros, int output, int code, long oversleptMicros) {
            if (codes[output] != code) {
                codes[output] = code;
                count++;
                lastMicros = micros;
                lastOversleptMicros = oversleptMicros;
            }
        }

        int count() {
            return count;
        }

        /** The code of each output now, inputs before nudges. */
        int[] codes() {
            return codes.clone();
        }

        /** When the last change was made, on the board's own clock. */
        long lastMicros() {
            return lastMicros;
        }

        /** How much later than it had asked for the firmware was let run when it made the last change. */
        long lastOversleptMicros() {
            return lastOversleptMicros;
        }
    }

    /** Where the serial port is. */
    String path();

    /** All changes up to now. */
    Changes changes();

    /** When the last frame had arrived, on the board's own clock. */
    long lastFrameMicros();

    @Override
    void close();
}
