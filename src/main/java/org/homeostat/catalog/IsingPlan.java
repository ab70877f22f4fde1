package org.homeostat.catalog;

import java.util.ArrayList;
import java.util.List;
import org.homeostat.catalog.BoardFile.Ising;
import org.homeostat.catalog.BoardFile.Sizes;
import org.homeostat.catalog.Plan.Group;
import org.homeostat.physics.IsingMachine;
import org.homeostat.physics.IsingMachine.Anneal;
import org.homeostat.physics.IsingMachine.HeatBath;
import org.homeostat.physics.IsingMachine.Protocol;

/**
 * Spins in layers. Parameters are grouped by layer: {@code w1} the fields that the inputs put on the first layer, {@code w2}
 * and so on the couplings to the layer before, {@code b1} and so on the fields that are always there.
 */
final class IsingPlan {

    private static final double USUAL_TURN = 0.25;

    private IsingPlan() {}

    static Plan of(BoardFile file, Sizes sizes) {
        Ising ising = file.wiring().ising();
        if (ising == null) {
            throw new IllegalArgumentException("wiring.ising is missing");
        }
        int[] layers = new int[sizes.hidden().size() + 2];
        layers[0] = sizes.inputs();
        for (int i = 0; i < sizes.hidden().size(); i++) {
            layers[i + 1] = sizes.hidden().get(i);
        }
        int last = layers.length - 1;
        layers[last] = sizes.outputs();
        List<Group> groups = new ArrayList<>();
        for (int layer = 1; layer <= last; layer++) {
            int units = layers[layer] * (layer == last ? ising.copies() : 1);
            groups.add(new Group(layer == 1 ? "weight" : "coupling", "w" + layer + ".", layers[layer - 1] * units));
            groups.add(new Group("bias", "b" + layer + ".", units));
        }
        return new Plan(
                new IsingMachine(ising.copies(), ising.fieldLimit(), ising.sweepSeconds(), protocol(ising), layers),
                groups,
                List.of(),
                new int[0],
                List.of());
    }

    private static Protocol protocol(Ising ising) {
        Double temperature = ising.temperature();
        if (temperature == null) {
            if (ising.sweepsARead() != null) {
                throw new IllegalArgumentException("wiring.ising.sweepsARead goes with temperature");
            }
            Double turn = ising.turn();
            return new Anneal(turn == null ? USUAL_TURN : turn);
        }
        if (ising.turn() != null) {
            throw new IllegalArgumentException("wiring.ising.turn goes with an anneal; leave it out with temperature");
        }
        Integer sweeps = ising.sweepsARead();
        return new HeatBath(temperature, sweeps == null ? 1 : sweeps);
    }
}
