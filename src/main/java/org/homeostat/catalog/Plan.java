package org.homeostat.catalog;

import java.util.List;
import java.util.Map;
import org.homeostat.catalog.BoardFile.Sizes;
import org.homeostat.device.ForceLaw;
import org.homeostat.device.Role;
import org.homeostat.physics.Physics;
import org.jspecify.annotations.Nullable;

/**
 * What a system of the literature makes of a board's sizes and wiring.
 *
 * @param physics inputs and outputs in the order of the card's channels; null where the board is layers that learn in place
 * @param parameters the parameters in groups, in the order of the physics
 * @param monitors what MONITOR channels show, in groups; the states in the order of {@code monitored}
 * @param monitored which of the physical state each MONITOR channel shows
 * @param laws how the force on each parameter follows from levels; empty where it does not
 * @param names what the channels of a role are called, where they have names of their own and are not numbered
 */
record Plan(
        @Nullable Physics physics,
        List<Group> parameters,
        List<Group> monitors,
        int[] monitored,
        List<ForceLaw> laws,
        Map<Role, List<String>> names) {

    /** All channels numbered. */
    Plan(
            @Nullable Physics physics,
            List<Group> parameters,
            List<Group> monitors,
            int[] monitored,
            List<ForceLaw> laws) {
        this(physics, parameters, monitors, monitored, laws, Map.of());
    }

    /**
     * Channels of one kind, numbered from 1.
     *
     * @param kind the key of their kind in the board's file
     * @param stem what stands before the number in their names
     */
    record Group(String kind, String stem, int count) {}

    /**
     * One specimen of a board, as far as its physics differs from the drawing.
     *
     * @param seed draws what differs
     * @param phases how far oscillators stray; null for not at all
     */
    record Specimen(long seed, TwinFile.@Nullable Phases phases) {
        /** Exactly as drawn. */
        static final Specimen EXACT = new Specimen(0, null);
    }

    /** The plan of a specimen of a board's file at given sizes. */
    static Plan of(BoardFile file, Sizes sizes, Specimen specimen) {
        return switch (file.wiring().system()) {
            case CIRCUIT -> CircuitPlan.of(file, sizes);
            case RESISTIVE -> ResistivePlan.of(file, sizes);
            case FLOW -> FlowPlan.of(file, sizes);
            case SPRINGS -> SpringsPlan.of(file, sizes);
            case PHASE_OSCILLATORS -> OscillatorPlan.phases(file, sizes, specimen);
            case OSCILLATOR_ISING -> OscillatorPlan.ising(file, sizes, specimen);
            case ISING -> IsingPlan.of(file, sizes);
            case TRANSVERSE_ISING -> QuantumPlan.qubits(file, sizes);
            case QUANTUM_OSCILLATORS -> QuantumPlan.oscillators(file, sizes);
            case ORNSTEIN_UHLENBECK -> ThermoPlan.overdamped(file, sizes);
            case FACTORED_ORNSTEIN_UHLENBECK -> ThermoPlan.factored(file, sizes);
            case STOCHASTIC_PROCESSING_UNIT -> ThermoPlan.ringing(file, sizes);
            case DIGITAL -> ThermoPlan.digital(sizes);
            case LAYERED -> new Plan(null, List.of(), List.of(), new int[0], List.of());
            case HOPFIELD, HOPFIELD_READOUT, HOPFIELD_CONVOLUTIONAL, VECTOR_FIELD -> HopfieldPlan.of(file, sizes);
        };
    }

    /** The usual kinds: everything learned is of kind {@code parameter}, hidden units are monitors where the board shows them. */
    static Plan usual(BoardFile file, Sizes sizes, Physics physics, List<ForceLaw> laws) {
        BoardFile.Kind hidden = file.channels().hidden();
        int shown = hidden == null ? 0 : sizes.hiddenUnits();
        BoardFile.Kind parameter = file.channels().parameter();
        return new Plan(
                physics,
                List.of(new Group("parameter", parameter == null ? "" : parameter.name(), physics.parameters())),
                shown == 0 || hidden == null ? List.of() : List.of(new Group("hidden", hidden.name(), shown)),
                java.util.stream.IntStream.range(0, shown).toArray(),
                laws);
    }
}
