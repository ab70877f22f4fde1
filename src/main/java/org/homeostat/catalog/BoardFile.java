package org.homeostat.catalog;

import java.util.List;
import java.util.Map;
import org.homeostat.device.Ability;
import org.homeostat.device.Nudge;
import org.homeostat.engine.LayeredNetwork;
import org.homeostat.physics.ConvolutionalHopfield.Pooling;
import org.homeostat.physics.PhaseOscillators;
import org.homeostat.physics.QuantumAnnealer;
import org.homeostat.physics.QuantumOscillators;
import org.homeostat.physics.ShakenSprings.Bath;
import org.homeostat.physics.TransverseIsing;
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

    /** The same board given another time to come to rest, or to run where it never does. */
    BoardFile settling(double seconds) {
        return new BoardFile(
                board, summary, firmware, sizes, seconds, betaUnit, nudges, abilities, channels, wiring, teaching,
                limits, bus);
    }

    /** The same board in a bath of other heat. */
    BoardFile heated(double level) {
        Heat heat = wiring.heat();
        return heat == null ? this : wired(wiring.with(heat.at(level), wiring.layered()));
    }

    /** The same board with another gain in front of its inputs, where it is layers of nodes. */
    BoardFile amplified(double gain) {
        Layered layered = wiring.layered();
        return layered == null
                ? this
                : wired(wiring.with(wiring.heat(), new Layered(layered.law(), gain, layered.start())));
    }

    private BoardFile wired(Wiring other) {
        return new BoardFile(
                board,
                summary,
                firmware,
                sizes,
                settleSeconds,
                betaUnit,
                nudges,
                abilities,
                channels,
                other,
                teaching,
                limits,
                bus);
    }

    /** How many channels there are. */
    record Sizes(int inputs, List<Integer> hidden, int outputs) {
        Sizes {
            if (inputs < 1 || outputs < 1 || hidden.stream().anyMatch(size -> size < 1)) {
                throw new IllegalArgumentException("sizes must be 1 or more");
            }
            hidden = List.copyOf(hidden);
        }

        /** The sizes of all layers, from the input to the output. */
        int[] layers() {
            int[] layers = new int[hidden.size() + 2];
            layers[0] = inputs;
            for (int i = 0; i < hidden.size(); i++) {
                layers[i + 1] = hidden.get(i);
            }
            layers[layers.length - 1] = outputs;
            return layers;
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
            @Nullable Potentiometer potentiometer) {

        /** The same read with a converter. */
        Kind withBits(int others) {
            return new Kind(name, unit, min, max, safe, chip, others, potentiometer);
        }
    }

    /** A digital potentiometer wired as a variable resistor; codes below the lowest are not used, to limit the current. */
    record Potentiometer(double endToEndOhms, double wiperOhms, int codes, int lowestCode) {}

    /** How the parts are joined. */
    record Wiring(
            System system,
            @Nullable Double biasVolts,
            @Nullable Double nudgeOhms,
            @Nullable Flow flow,
            @Nullable Springs springs,
            @Nullable Oscillators oscillators,
            @Nullable OscillatorSteps steps,
            @Nullable Ising ising,
            @Nullable Qubits qubits,
            @Nullable Particles particles,
            @Nullable Heat heat,
            @Nullable Pictures pictures,
            @Nullable Memory memory,
            @Nullable Layered layered,
            @Nullable Drawn circuit) {

        Wiring with(@Nullable Heat otherHeat, @Nullable Layered otherLayers) {
            return new Wiring(
                    system,
                    biasVolts,
                    nudgeOhms,
                    flow,
                    springs,
                    oscillators,
                    steps,
                    ising,
                    qubits,
                    particles,
                    otherHeat,
                    pictures,
                    memory,
                    otherLayers,
                    circuit);
        }
    }

    /**
     * A circuit by its netlist.
     *
     * @param netlist the text, with all that it includes
     * @param inputs the sources that are inputs, by name
     * @param outputs the nodes that are read as outputs and that nudges push currents into
     * @param monitors other nodes that are read
     * @param parameters the resistors that are learned, by the kind of channel that they are
     */
    record Drawn(
            String netlist,
            List<String> inputs,
            List<String> outputs,
            List<String> monitors,
            Map<String, List<String>> parameters) {}

    /** A grid of pipes; nodes are numbered from 0, row by row. */
    record Flow(int rows, int columns, List<Integer> inputs, List<Integer> grounds, List<Integer> outputs) {}

    /**
     * A triangular lattice of springs in the plane, laid out where it rests undriven with every spring as given here; nodes are
     * numbered from 0, row by row, coordinates named by axis and node, such as {@code x7}.
     */
    record Springs(
            int rows,
            int columns,
            double spacingMetres,
            double stiffness,
            double lengthMetres,
            List<Integer> pinned,
            List<String> inputs,
            List<String> outputs,
            @Nullable Bath bath) {}

    /** Which oscillators are coupled, and how their biases are given. */
    record Oscillators(PhaseOscillators.Topology topology, PhaseOscillators.Bias bias) {}

    /** How an oscillator Ising machine moves, see {@link org.homeostat.physics.OscillatorIsing.Running}. */
    record OscillatorSteps(double stepRadians, double stepSeconds, double nudgedPart) {}

    /**
     * How an Ising machine is run.
     *
     * @param copies how many spins show each output
     * @param fieldLimit the largest field on a spin
     * @param sweepSeconds how long one sweep over all spins takes
     * @param turn the part of an anneal to which a reverse anneal goes back; may be left out in a heat bath
     * @param temperature the temperature of the heat bath; left out where it is annealed
     * @param sweepsARead sweeps between two reads in the heat bath
     */
    record Ising(
            int copies,
            double fieldLimit,
            double sweepSeconds,
            @Nullable Double turn,
            @Nullable Double temperature,
            @Nullable Integer sweepsARead) {}

    /**
     * Qubits, each coupled to every other.
     *
     * @param transverse the transverse field of every qubit; null where each is a parameter
     * @param inputAxis along which the inputs act as fields
     * @param probe true if the inputs act on the output qubits themselves; else they have qubits of their own
     * @param prepared how states are reached where they are read in shots; null where the exact means are read
     * @param shots how many shots along each axis make one read; 1 where null
     */
    record Qubits(
            @Nullable Double transverse,
            TransverseIsing.Axis inputAxis,
            @Nullable Boolean probe,
            QuantumAnnealer.@Nullable Preparation prepared,
            @Nullable Integer shots) {}

    /**
     * Particles on a line, each tethered to its place and joined to every other by a spring.
     *
     * @param spring what a nudge by a spring is fastened to; the mean where null
     */
    record Particles(double mass, double tether, double hbar, QuantumOscillators.@Nullable Spring spring) {}

    /**
     * A heat bath.
     *
     * @param level the variance of a cell with A = 1, in the outputs' unit squared; of ringing cells the energy in joules
     *     that is the variance of a capacitor's voltage times its capacitance; 0 for a cold board
     */
    record Heat(
            double level,
            double sampleSeconds,
            @Nullable Double tauSeconds,
            @Nullable Double ohms,
            @Nullable Double henries,
            @Nullable Boolean biased) {

        Heat at(double other) {
            return new Heat(other, sampleSeconds, tauSeconds, ohms, henries, biased);
        }
    }

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

    /**
     * Layers of any size that hold their parameters by themselves.
     *
     * @param gain how much the inputs of a resistive network are amplified; left out in others
     * @param start factors on the range in which the weights of each layer of a Hopfield network are drawn at the start, the
     *     last one for all further layers; left out in others
     */
    record Layered(
            LayeredNetwork.Law law,
            @Nullable Double gain,
            @Nullable List<Double> start) {
        Layered {
            if ((law == LayeredNetwork.Law.RESISTIVE) != (gain != null && start == null)
                    || start != null && start.isEmpty()
                    || gain != null && !(gain > 0)) {
                throw new IllegalArgumentException(
                        "layered: expected a gain above 0 alone where law is resistive, and one or"
                                + " more starts alone where it is hopfield");
            }
        }
    }

    /** The physics that the wiring makes. */
    enum System {
        /** Whatever a netlist draws. */
        CIRCUIT,
        /** Resistors between layers of nodes, hidden nodes with one diode to ground each, alternately up and down. */
        RESISTIVE,
        /** Units that add up what reaches them, hidden ones limited to 0 .. 1. */
        HOPFIELD,
        /** A grid of pipes between nodes that share a pressure. */
        FLOW,
        /** A lattice of springs in the plane. */
        SPRINGS,
        /** Oscillators that pull at each other's phases; an output is the sine of a phase. */
        PHASE_OSCILLATORS,
        /** Layers of oscillators whose second harmonic draws each phase to 0 or pi; an output is the cosine of a phase. */
        OSCILLATOR_ISING,
        /** Spins in layers, annealed or in a heat bath; inputs come as fields. */
        ISING,
        /** Qubits in the ground state of a transverse-field Ising Hamiltonian. */
        TRANSVERSE_ISING,
        /** Particles on springs in their quantum ground state. */
        QUANTUM_OSCILLATORS,
        /** Coupled cells in a heat bath without coils; each integrates what reaches it. */
        ORNSTEIN_UHLENBECK,
        /** The same, its matrix a product of arrays J, H and J' plus lambda. */
        FACTORED_ORNSTEIN_UHLENBECK,
        /** Cells of resistor, coil and capacitor in a heat bath, joined by capacitors. */
        STOCHASTIC_PROCESSING_UNIT,
        /** A digital layered network: tanh inside, forward only. */
        DIGITAL,
        /** The same with a linear readout that sends nothing back. */
        HOPFIELD_READOUT,
        /** The same with kernels that move over pictures, and pooling. */
        HOPFIELD_CONVOLUTIONAL,
        /** The same with weights of their own for each direction; no energy is behind it. */
        VECTOR_FIELD,
        /** Layers of any size, of nodes or of units, that hold their parameters by themselves and move them in place. */
        LAYERED
    }
}
