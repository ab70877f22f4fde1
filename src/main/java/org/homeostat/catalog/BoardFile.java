package org.homeostat.catalog;

import java.util.List;
import java.util.Map;
import org.homeostat.device.Ability;
import org.homeostat.device.Nudge;
import org.homeostat.physics.ConvolutionalHopfield.Pooling;
import org.homeostat.pi.Rig;
import org.homeostat.run.Limits;
import org.homeostat.run.Teaching;
import org.jspecify.annotations.Nullable;

/**
 * A file {@code devices/NAME/board.yaml}: what a board is. The keys are explained, with their units, in {@code
 * devices/README.md}.
 */
record BoardFile(
        String board,
        String summary,
        String firmware,
        Sizes sizes,
        double settleSeconds,
        double betaUnit,
        List<Nudge.Kind> nudges,
        List<Ability> abilities,
        Channels channels,
        Wiring wiring,
        Teaching teaching,
        @Nullable Limits limits,
        @Nullable Rig bus) {

    /** How many channels there are. */
    record Sizes(int inputs, List<Integer> hidden, int outputs) {
        Sizes {
            if (inputs < 1 || outputs < 1 || hidden.stream().anyMatch(size -> size < 1)) {
                throw new IllegalArgumentException("sizes must be 1 or more");
            }
            hidden = List.copyOf(hidden);
        }

        int hiddenUnits() {
            return hidden.stream().mapToInt(Integer::intValue).sum();
        }
    }

    /** One kind of channel for each part of the board; those of one kind are numbered from 1. */
    record Channels(
            Kind input,
            @Nullable Kind hidden,
            Kind output,
            @Nullable Kind nudge,
            @Nullable Kind parameter,
            @Nullable Kind knob,
            @Nullable Kind softness,
            @Nullable Kind force,
            @Nullable Map<String, Kind> parameters,
            @Nullable Map<String, Kind> monitors) {

        /**
         * The kind that a plan calls by its key.
         *
         * @throws IllegalArgumentException if the file has none under that key
         */
        Kind kind(String key) {
            Kind kind = switch (key) {
                case "parameter" -> parameter;
                case "hidden" -> hidden;
                default -> {
                    Kind learned = parameters == null ? null : parameters.get(key);
                    yield learned != null || monitors == null ? learned : monitors.get(key);
                }
            };
            if (kind == null) {
                throw new IllegalArgumentException("channels: the wiring needs a kind of channel '" + key
                        + "', as parameter, or under parameters or monitors");
            }
            return kind;
        }
    }

    /** A kind of channel. */
    record Kind(
            String name,
            String unit,
            double min,
            double max,
            double safe,
            @Nullable String chip,
            @Nullable Integer bits,
            @Nullable Potentiometer potentiometer,
            @Nullable Double compliance) {

        /** The same read with a converter. */
        Kind withBits(int others) {
            return new Kind(name, unit, min, max, safe, chip, others, potentiometer, compliance);
        }
    }

    /** A digital potentiometer wired as a variable resistor; codes below the lowest are not used, to limit the current. */
    record Potentiometer(double endToEndOhms, double wiperOhms, int codes, int lowestCode) {}

    /** How the parts are joined. */
    record Wiring(
            System system,
            @Nullable Double biasVolts,
            @Nullable Double nudgeOhms,
            @Nullable Pictures pictures,
            @Nullable Memory memory) {}

    /**
     * How square pictures are looked at.
     *
     * @param colours how many numbers each pixel has
     * @param kernel the height and width of all kernels
     * @param patch the height and width of the patches that are pooled
     */
    record Pictures(int colours, int kernel, int patch, Pooling pooling) {}

    /**
     * Synapses that learn by themselves.
     *
     * @param kernelSeconds how far back a synapse remembers
     * @param area the area under its kernel, which is 0 in a good one
     * @param levels how many strengths of the nudge the twin settles at on the way of a ramp
     * @param steps into how many steps the twin divides the way from one of them to the next
     * @param synapses threshold and rate by the stem of a parameter's name
     */
    record Memory(double kernelSeconds, double area, int levels, int steps, Map<String, Synapse> synapses) {}

    /**
     * One kind of synapse.
     *
     * @param threshold the least change of its signal in a second that it answers, in signals a second
     * @param rate how far it moves per change of its signal that it answers
     */
    record Synapse(double threshold, double rate) {}

    /** The physics that the wiring makes. */
    enum System {
        /** Resistors between layers of nodes, hidden nodes with one diode to ground each, alternately up and down. */
        RESISTIVE,
        /** Units that add up what reaches them, hidden ones limited to 0 .. 1. */
        HOPFIELD,
        /** The same with a linear readout that sends nothing back. */
        HOPFIELD_READOUT,
        /** The same with kernels that move over pictures, and pooling. */
        HOPFIELD_CONVOLUTIONAL,
        /** The same with weights of their own for each direction; no energy is behind it. */
        VECTOR_FIELD
    }
}
