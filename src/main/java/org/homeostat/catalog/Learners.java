package org.homeostat.catalog;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.homeostat.device.Device;
import org.homeostat.device.Nudge;
import org.homeostat.device.Settling;
import org.homeostat.learn.Acceptance;
import org.homeostat.learn.AgnosticEqProp;
import org.homeostat.learn.Contrastive;
import org.homeostat.learn.Cost;
import org.homeostat.learn.Learner;
import org.homeostat.learn.Multiplexed;
import org.homeostat.learn.NaturalGradient;
import org.homeostat.learn.NodePerturbation;
import org.homeostat.learn.PhysicsAware;
import org.homeostat.learn.Preconditioner;
import org.homeostat.learn.Rule;
import org.homeostat.learn.SawtoothMemory;
import org.homeostat.learn.Sidedness;
import org.homeostat.learn.ZeroOrder;
import org.homeostat.run.BadInput;
import org.homeostat.run.RunStore;
import org.homeostat.run.Teaching;

/** The learners by name. */
public final class Learners {

    /** Softness is halved when the Lyapunov value rises, and grows back slowly while it falls. */
    private static final double SHRINK = 0.5;

    private static final double GROW = 1.05;

    /** Natural gradient, its linear system solved by a thermodynamic device; and exactly, on the host. */
    private static final String TNGD = "tngd";

    private static final String NGD = "ngd";

    private Learners() {}

    /** All names. */
    public static List<String> names() {
        List<String> names = new ArrayList<>();
        Arrays.stream(Sidedness.values()).forEach(s -> names.add("aeqprop-" + s.word()));
        Arrays.stream(Rule.values()).forEach(rule -> names.add(rule.word()));
        names.add(SawtoothMemory.NAME);
        names.add(TNGD);
        names.add(NGD);
        names.add("spsa");
        names.add("hadamard");
        Arrays.stream(Multiplexed.Code.values()).forEach(code -> names.add(code.word()));
        names.add("node-perturbation");
        names.add("physics-aware");
        return names;
    }

    /** A sentence for a name that is not among them. */
    static String unknown(String name) {
        return "there is no learner '" + name + "'; the learners are " + String.join(", ", names());
    }

    /** The cost that a kind of answer is taught with. */
    public static Cost cost(Teaching teaching, boolean classes) {
        if (!classes) {
            return new Cost.SquaredError();
        }
        return switch (teaching.cost()) {
            case SQUARED_ERROR -> new Cost.SquaredError();
            case CROSS_ENTROPY -> new Cost.CrossEntropy(teaching.temperature(), teaching.swing());
            case LOG_OVERLAP -> new Cost.LogOverlap();
            case ALIGNMENT -> new Cost.Alignment();
        };
    }

    /**
     * A learner.
     *
     * @throws BadInput if there is no such name, or the teaching asks for something that cannot be
     */
    public static Learner of(String name, Teaching teaching, Cost cost, long seed) {
        Settling settling = new Settling.Usual(teaching.reads());
        // Couplings and differences pull like the squared error alone; other costs go by force.
        Nudge.Kind kind = cost instanceof Cost.SquaredError ? teaching.nudge() : Nudge.Kind.FORCE;
        Optional<Rule> rule = Rule.of(name);
        if (rule.isPresent()) {
            return new Contrastive(
                    new Contrastive.Settings(rule.get(), teaching.beta(), kind, settling, teaching.optimising(), seed),
                    cost);
        }
        if (name.equals(SawtoothMemory.NAME)) {
            return new SawtoothMemory(new SawtoothMemory.Settings(teaching.beta(), settling, seed), cost);
        }
        if (name.equals(TNGD) || name.equals(NGD)) {
            return new NaturalGradient(
                    new NaturalGradient.Settings(name, teaching.damping(), teaching.optimising(), settling),
                    cost,
                    name.equals(NGD)
                            ? new Preconditioner.Exact()
                            : new Preconditioner.Solver(
                                    solver(teaching.solver()),
                                    teaching.dwellSeconds(),
                                    teaching.reads(),
                                    teaching.begin()));
        }
        for (Sidedness sidedness : Sidedness.values()) {
            if (name.equals("aeqprop-" + sidedness.word())) {
                return new AgnosticEqProp(
                        new AgnosticEqProp.Settings(
                                sidedness,
                                teaching.beta(),
                                teaching.softness(),
                                teaching.optimising().factors(),
                                teaching.decay(),
                                settling,
                                kind),
                        cost,
                        teaching.acceptEvery() == 0 ? null : new Acceptance(teaching.acceptEvery(), SHRINK, GROW));
            }
        }
        for (Multiplexed.Code code : Multiplexed.Code.values()) {
            if (name.equals(code.word())) {
                return new Multiplexed(
                        new Multiplexed.Settings(
                                code, teaching.perturbation(), teaching.pairs(), settling, teaching.optimising(), seed),
                        cost);
            }
        }
        if (name.equals("node-perturbation")) {
            return new NodePerturbation(
                    new NodePerturbation.Settings(
                            teaching.perturbation(), teaching.pairs(), settling, teaching.optimising(), seed),
                    cost);
        }
        if (name.equals("physics-aware")) {
            return new PhysicsAware(
                    new PhysicsAware.Settings(teaching.beta(), settling, teaching.optimising()), cost, model(teaching));
        }
        ZeroOrder.Code code = switch (name) {
            case "spsa" -> ZeroOrder.Code.RANDOM;
            case "hadamard" -> ZeroOrder.Code.HADAMARD;
            default -> throw new BadInput(unknown(name));
        };
        return new ZeroOrder(
                new ZeroOrder.Settings(
                        code,
                        teaching.perturbation(),
                        teaching.pairs(),
                        teaching.rate(),
                        teaching.decay(),
                        settling,
                        seed),
                cost);
    }

    private static Device model(Teaching teaching) {
        String uri = teaching.model();
        if (uri == null || !uri.startsWith("twin:")) {
            throw new BadInput(
                    "learner physics-aware: teaching.model: expected the URI of a twin that stands for the board"
                            + " on the way back, such as twin:flow-5x5" + (uri == null ? "" : ", not " + uri));
        }
        // Twins know nothing of runs.
        return new Catalog(new RunStore(Path.of(""))).open(uri).worn();
    }

    /** Opens a solver; a twin as large as is wanted, anything else as it is. */
    public static Preconditioner.Solver.Opener solver(String uri) {
        return (parameters, samples, width) -> {
            Catalog catalog = new Catalog(new RunStore(Path.of("runs")));
            String sized = uri.startsWith("twin:")
                    ? uri + (uri.contains("?") ? "&" : "?") + "inputs=" + parameters + "&outputs=" + parameters
                            + "&hidden=" + samples + "-" + width
                    : uri;
            return catalog.open(sized).worn();
        };
    }
}
