package org.homeostat.device;

/** How a channel's converter turns levels (SI) into codes and back. */
public sealed interface Scale {

    /** The number of codes, from 0 to {@code codes() - 1}; 0 for a channel without a converter. */
    int codes();

    /** The nominal level of a code. */
    double level(int code);

    /** The code whose nominal level is nearest to {@code level}; levels beyond the ends give the end codes. */
    int code(double level);

    /** The nominal level that the converter makes of {@code level}. */
    default double quantised(double level) {
        return level(code(level));
    }

    /** No converter: levels pass unchanged. */
    Scale CONTINUOUS = new Continuous();

    /** See {@link #CONTINUOUS}. */
    record Continuous() implements Scale {
        @Override
        public int codes() {
            return 0;
        }

        @Override
        public double level(int code) {
            throw new IllegalStateException("a channel without a converter has no codes");
        }

        @Override
        public int code(double level) {
            throw new IllegalStateException("a channel without a converter has no codes");
        }

        @Override
        public double quantised(double level) {
            return level;
        }
    }

    /** Evenly spaced codes: a DAC or an ADC. {@code level = zero + step * code}. */
    record Linear(double zero, double step, int codes) implements Scale {
        public Linear {
            if (!(step > 0) || codes < 2 || !Double.isFinite(step) || !Double.isFinite(zero)) {
                throw new IllegalArgumentException("a linear scale needs a step above 0 and at least 2 codes, not step "
                        + step + " and " + codes + " codes");
            }
        }

        /** The scale of a converter with {@code bits} bits: code 0 stands for {@code min}, the last code for {@code max}. */
        public static Linear of(int bits, double min, double max) {
            if (bits < 1 || bits > 30) {
                throw new IllegalArgumentException("a converter has 1 to 30 bits, not " + bits);
            }
            int codes = 1 << bits;
            return new Linear(min, (max - min) / (codes - 1), codes);
        }

        @Override
        public double level(int code) {
            return zero + step * code;
        }

        @Override
        public int code(double level) {
            return (int) Math.clamp(Math.rint((level - zero) / step), 0, codes - 1);
        }
    }

    /**
     * A digital potentiometer wired as a variable resistor, its level the conductance in siemens: {@code g = 1 /
     * (wiperOhms + endToEndOhms * code / codes)}. Code 0 is the largest conductance.
     */
    record Rheostat(double wiperOhms, double endToEndOhms, int codes) implements Scale {
        public Rheostat {
            if (!(wiperOhms > 0) || !(endToEndOhms > 0) || Double.isInfinite(wiperOhms + endToEndOhms) || codes < 2) {
                throw new IllegalArgumentException(
                        "a rheostat needs a wiper and an end-to-end resistance above 0 ohm, not " + wiperOhms + " and "
                                + endToEndOhms);
            }
        }

        @Override
        public double level(int code) {
            return 1 / (wiperOhms + endToEndOhms * code / codes);
        }

        @Override
        public int code(double level) {
            if (!(level > 0)) {
                return codes - 1;
            }
            double exact = Math.clamp((1 / level - wiperOhms) * codes / endToEndOhms, 0, codes - 1);
            int below = (int) exact;
            if (below == codes - 1) {
                return below;
            }
            // Nearest in conductance, which is not nearest in resistance.
            return level(below) - level <= level - level(below + 1) ? below : below + 1;
        }
    }
}
