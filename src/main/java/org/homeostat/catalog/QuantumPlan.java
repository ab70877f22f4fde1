package org.homeostat.catalog;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.homeostat.catalog.BoardFile.Particles;
import org.homeostat.catalog.BoardFile.Qubits;
import org.homeostat.catalog.BoardFile.Sizes;
import org.homeostat.catalog.Plan.Group;
import org.homeostat.physics.Physics;
import org.homeostat.physics.QuantumAnnealer;
import org.homeostat.physics.QuantumOscillators;
import org.homeostat.physics.QuantumOscillators.Spring;
import org.homeostat.physics.TransverseIsing;
import org.homeostat.physics.TransverseIsing.Axis;
import org.homeostat.physics.TransverseIsing.Site;

/** Machines in their quantum ground state: qubits, and particles on springs. */
final class QuantumPlan {

    private QuantumPlan() {}

    /** Input qubits first, then hidden ones, then outputs; where the inputs are a probe there are no input qubits. */
    static Plan qubits(BoardFile file, Sizes sizes) {
        Qubits wiring = file.wiring().qubits();
        if (wiring == null) {
            throw new IllegalArgumentException("wiring.qubits is missing");
        }
        boolean probe = Boolean.TRUE.equals(wiring.probe());
        if (probe && sizes.inputs() > sizes.outputs()) {
            throw new IllegalArgumentException(
                    "sizes: a probe acts on the output qubits; expected no more inputs than the " + sizes.outputs()
                            + " outputs, not " + sizes.inputs());
        }
        int before = (probe ? 0 : sizes.inputs()) + sizes.hiddenUnits();
        List<Site> inputs = new ArrayList<>();
        for (int k = 0; k < sizes.inputs(); k++) {
            inputs.add(new Site(wiring.inputAxis(), probe ? before + k : k));
        }
        List<Site> outputs = new ArrayList<>();
        for (int k = 0; k < sizes.outputs(); k++) {
            outputs.add(new Site(Axis.Z, before + k));
        }
        int qubits = before + sizes.outputs();
        TransverseIsing ising = new TransverseIsing(qubits, inputs, outputs, wiring.transverse());
        List<Group> parameters = new ArrayList<>();
        if (ising.couplings() > 0) {
            parameters.add(new Group("coupling", "J", ising.couplings()));
        }
        parameters.add(new Group("field", "h", qubits));
        if (wiring.transverse() == null) {
            parameters.add(new Group("transverse", "g", qubits));
        }
        int shots = wiring.shots() == null ? 1 : wiring.shots();
        Physics physics = wiring.prepared() == null ? ising : new QuantumAnnealer(ising, wiring.prepared(), shots);
        return new Plan(physics, parameters, List.of(new Group("gap", "gap", 1)), new int[] {ising.gap()}, List.of());
    }

    /** Particles whose places the inputs move first, then hidden ones, then those that are read. */
    static Plan oscillators(BoardFile file, Sizes sizes) {
        Particles wiring = file.wiring().particles();
        if (wiring == null) {
            throw new IllegalArgumentException("wiring.particles is missing");
        }
        int particles = sizes.inputs() + sizes.hiddenUnits() + sizes.outputs();
        double[] masses = new double[particles];
        Arrays.fill(masses, wiring.mass());
        QuantumOscillators physics = new QuantumOscillators(
                sizes.inputs(),
                sizes.outputs(),
                masses,
                wiring.tether(),
                wiring.hbar(),
                wiring.spring() == null ? Spring.ON_THE_MEAN : wiring.spring());
        int[] spread = new int[sizes.outputs()];
        Arrays.setAll(spread, k -> physics.covariance(particles - spread.length + k, particles - spread.length + k));
        return new Plan(
                physics,
                List.of(new Group("stiffness", "k", physics.springs()), new Group("length", "l", physics.springs())),
                List.of(new Group("variance", "var", spread.length)),
                spread,
                List.of());
    }
}
