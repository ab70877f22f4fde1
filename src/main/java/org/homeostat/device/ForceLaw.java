package org.homeostat.device;

/**
 * How the conjugate force dE/dtheta of one parameter follows from levels that can be measured around it. It is knowledge
 * about the wiring of a board (which nodes an element joins, and the element's law), written in the board's file; it is
 * what makes a board with digital parameters teachable although its parameters cannot move.
 */
public sealed interface ForceLaw {

    /** A level at one end of an element, times the gain of the amplifier in front of it. */
    sealed interface Probe {
        /** A channel, imposed or read. */
        record OnChannel(Role role, int index, double gain) implements Probe {}

        /** A fixed supply. */
        record Fixed(double level) implements Probe {}
    }

    /** The force, from what the two probes show. */
    double force(double a, double b);

    /** The unit of the force. */
    String unit();

    /** One end. */
    Probe a();

    /** The other end. */
    Probe b();

    /**
     * The parameter is the conductance g between two nodes. With E = g/2 (a - b)^2 (half the dissipated power) the force
     * is (a - b)^2 / 2, in V2, which is watt per siemens.
     */
    record HalfSquareDrop(Probe a, Probe b) implements ForceLaw {
        @Override
        public double force(double a, double b) {
            return 0.5 * (a - b) * (a - b);
        }

        @Override
        public String unit() {
            return "V2";
        }
    }

    /** The parameter is a coupling w of two units (or of a unit and the constant 1). With E = -w a b the force is -a b. */
    record NegativeProduct(Probe a, Probe b) implements ForceLaw {
        @Override
        public double force(double a, double b) {
            return -a * b;
        }

        @Override
        public String unit() {
            return "1";
        }
    }

    /**
     * The parameter is a coupling w of two oscillators whose phases are read in radians (or of one and a fixed phase). With
     * E = -w cos(a - b) the force is -cos(a - b); whole turns do not matter.
     */
    record NegativeCosine(Probe a, Probe b) implements ForceLaw {
        @Override
        public double force(double a, double b) {
            return -Math.cos(a - b);
        }

        @Override
        public String unit() {
            return "1";
        }
    }
}
