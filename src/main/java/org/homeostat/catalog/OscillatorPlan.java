package org.homeostat.catalog;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.homeostat.catalog.BoardFile.Kind;
import org.homeostat.catalog.BoardFile.OscillatorSteps;
import org.homeostat.catalog.BoardFile.Oscillators;
import org.homeostat.catalog.BoardFile.Sizes;
import org.homeostat.catalog.Plan.Group;
import org.homeostat.catalog.Plan.Specimen;
import org.homeostat.device.ForceLaw;
import org.homeostat.device.ForceLaw.NegativeCosine;
import org.homeostat.device.ForceLaw.Probe;
import org.homeostat.device.Role;
import org.homeostat.physics.OscillatorIsing;
import org.homeostat.physics.PhaseOscillators;
import org.homeostat.physics.PhaseOscillators.Bias;
import org.homeostat.physics.PhaseOscillators.Topology;
import org.jspecify.annotations.Nullable;

/** Boards of coupled oscillators. Where every phase can be read, so can every force: it is minus the cosine of two phases. */
final class OscillatorPlan {

    /** The kind of the monitors that show the phases of all free oscillators. */
    private static final String PHASE = "phase";

    private OscillatorPlan() {}

    /** Couplings {@code w}, then the biases: {@code h} and {@code psi}, or {@code p} and {@code q}. */
    static Plan phases(BoardFile file, Sizes sizes, Specimen specimen) {
        Oscillators wiring = file.wiring().oscillators();
        if (wiring == null) {
            throw new IllegalArgumentException("wiring.oscillators is missing");
        }
        int[] layers = layers(sizes);
        int free = sizes.hiddenUnits() + sizes.outputs();
        double spread = specimen.phases() == null ? 0 : specimen.phases().frequencySpread();
        double[] frequency = new double[spread == 0 ? 0 : free];
        SplittableRandom draw = new SplittableRandom(specimen.seed());
        Arrays.setAll(frequency, i -> spread * draw.nextGaussian());
        PhaseOscillators physics = new PhaseOscillators(wiring.topology(), wiring.bias(), frequency, layers);
        boolean polar = wiring.bias() == Bias.POLAR;
        List<Group> groups = groups(physics.weights(), "w", free, polar ? "h" : "p", polar ? "psi" : "q");
        Kind phase = shown(file);
        return phase == null
                ? new Plan(physics, groups, List.of(), new int[0], List.of())
                : new Plan(
                        physics,
                        groups,
                        List.of(new Group(PHASE, phase.name(), free)),
                        IntStream.range(0, free).toArray(),
                        polar ? List.of() : laws(wiring.topology(), layers, free));
    }

    /** Couplings {@code j}, biases {@code h}, second harmonics {@code k}. */
    static Plan ising(BoardFile file, Sizes sizes, Specimen specimen) {
        OscillatorSteps steps = file.wiring().steps();
        if (steps == null) {
            throw new IllegalArgumentException("wiring.steps is missing");
        }
        TwinFile.Phases phases = Objects.requireNonNullElse(specimen.phases(), new TwinFile.Phases(0, 0, 0));
        if (phases.frequencySpread() != 0) {
            throw new IllegalArgumentException(
                    "phases.frequencySpread: an oscillator Ising machine is taken to be tuned; leave it at 0");
        }
        OscillatorIsing physics = new OscillatorIsing(
                new OscillatorIsing.Running(
                        steps.stepRadians(), steps.stepSeconds(), steps.nudgedPart(), phases.noise(), phases.bits()),
                layers(sizes));
        int free = sizes.hiddenUnits() + sizes.outputs();
        return new Plan(physics, groups(physics.couplings(), "j", free, "h", "k"), List.of(), new int[0], List.of());
    }

    private static List<Group> groups(int couplings, String coupling, int free, String first, String second) {
        return List.of(
                new Group(coupling, coupling, couplings),
                new Group(first, first, free),
                new Group(second, second, free));
    }

    private static int[] layers(Sizes sizes) {
        return IntStream.concat(
                        IntStream.concat(
                                IntStream.of(sizes.inputs()),
                                sizes.hidden().stream().mapToInt(Integer::intValue)),
                        IntStream.of(sizes.outputs()))
                .toArray();
    }

    private static @Nullable Kind shown(BoardFile file) {
        Map<String, Kind> monitors = file.channels().monitors();
        return monitors == null ? null : monitors.get(PHASE);
    }

    /** In the order of the physics: couplings, then the biases along the reference, then those a quarter turn on. */
    private static List<ForceLaw> laws(Topology topology, int[] layers, int free) {
        List<ForceLaw> laws = new ArrayList<>();
        List<Probe> inputs = probes(Role.INPUT, 0, layers[0]);
        if (topology == Topology.ALL_TO_ALL) {
            couple(inputs, probes(Role.MONITOR, 0, free), laws);
            for (int i = 0; i < free; i++) {
                couple(probes(Role.MONITOR, i, 1), probes(Role.MONITOR, i + 1, free - i - 1), laws);
            }
        } else {
            List<Probe> before = inputs;
            int first = 0;
            for (int layer = 1; layer < layers.length; layer++) {
                List<Probe> here = probes(Role.MONITOR, first, layers[layer]);
                couple(before, here, laws);
                before = here;
                first += layers[layer];
            }
        }
        for (double phase : new double[] {0, 0.5 * Math.PI}) {
            couple(List.of(new Probe.Fixed(phase)), probes(Role.MONITOR, 0, free), laws);
        }
        return laws;
    }

    private static List<Probe> probes(Role role, int first, int count) {
        return IntStream.range(first, first + count)
                .<Probe>mapToObj(i -> new Probe.OnChannel(role, i, 1))
                .toList();
    }

    private static void couple(List<Probe> from, List<Probe> to, List<ForceLaw> laws) {
        from.forEach(a -> to.forEach(b -> laws.add(new NegativeCosine(a, b))));
    }
}
