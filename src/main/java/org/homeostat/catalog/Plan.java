package org.homeostat.catalog;

import java.util.List;
import org.homeostat.catalog.BoardFile.Sizes;
import org.homeostat.device.ForceLaw;
import org.homeostat.physics.HopfieldNetwork;
import org.homeostat.physics.Physics;

/**
 * What a system of the literature makes of a board's sizes and wiring.
 *
 * @param physics inputs and outputs in the order of the card's channels
 * @param parameters the parameters in groups, in the order of the physics
 * @param monitors what MONITOR channels show, in groups; the states in the order of {@code monitored}
 * @param monitored which of the physical state each MONITOR channel shows
 * @param laws how the force on each parameter follows from levels; empty where it does not
 */
record Plan(Physics physics, List<Group> parameters, List<Group> monitors, int[] monitored, List<ForceLaw> laws) {

    /**
     * Channels of one kind, numbered from 1.
     *
     * @param kind the key of their kind in the board's file
     * @param stem what stands before the number in their names
     */
    record Group(String kind, String stem, int count) {}

    /** The plan of a board's file at given sizes. */
    static Plan of(BoardFile file, Sizes sizes) {
        return switch (file.wiring().system()) {
            case RESISTIVE -> ResistivePlan.of(file, sizes);
            case HOPFIELD -> hopfield(file, sizes);
            case FLOW -> FlowPlan.of(file, sizes);
            case SPRINGS -> SpringsPlan.of(file, sizes);
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

    private static Plan hopfield(BoardFile file, Sizes sizes) {
        int[] layers = new int[sizes.hidden().size() + 2];
        layers[0] = sizes.inputs();
        for (int i = 0; i < sizes.hidden().size(); i++) {
            layers[i + 1] = sizes.hidden().get(i);
        }
        layers[layers.length - 1] = sizes.outputs();
        return usual(file, sizes, new HopfieldNetwork(layers), List.of());
    }
}
