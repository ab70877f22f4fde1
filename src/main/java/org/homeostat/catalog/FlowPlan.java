package org.homeostat.catalog;

import java.util.List;
import org.homeostat.catalog.BoardFile.Flow;
import org.homeostat.catalog.BoardFile.Sizes;
import org.homeostat.physics.FlowNetwork;

/** A grid of pipes, whose conductances are learned. */
final class FlowPlan {

    private FlowPlan() {}

    static Plan of(BoardFile file, Sizes sizes) {
        Flow wiring = file.wiring().flow();
        if (wiring == null) {
            throw new IllegalArgumentException("wiring.flow is missing");
        }
        requireSizes(file, sizes, wiring.inputs().size(), wiring.outputs().size());
        FlowNetwork.Builder network = FlowNetwork.Builder.grid(wiring.rows(), wiring.columns());
        wiring.inputs().forEach(network::input);
        wiring.grounds().forEach(network::ground);
        wiring.outputs().forEach(network::output);
        return Plan.usual(file, sizes, network.build(), List.of());
    }

    /** A board whose parts have names of their own comes in one size. */
    static void requireSizes(BoardFile file, Sizes sizes, int inputs, int outputs) {
        if (sizes.inputs() != inputs
                || sizes.outputs() != outputs
                || !sizes.hidden().isEmpty()) {
            throw new IllegalArgumentException("board " + file.board() + " is wired for " + inputs
                    + " inputs, no hidden units and " + outputs + " outputs; it comes in no other size");
        }
    }
}
