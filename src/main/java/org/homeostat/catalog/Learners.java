package org.homeostat.catalog;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.homeostat.device.Nudge;
import org.homeostat.device.Settling;
import org.homeostat.learn.Acceptance;
import org.homeostat.learn.AgnosticEqProp;
import org.homeostat.learn.Cost;
import org.homeostat.learn.Learner;
import org.homeostat.learn.Sidedness;
import org.homeostat.learn.ZeroOrder;
import org.homeostat.run.BadInput;
import org.homeostat.run.Teaching;
import org.homeostat.run.Teaching.CostKind;

/** The learners by name. */
public final class Learners {

    /** Softness is halved when the Lyapunov value rises, and grows back slowly while it falls. */
    private static final double SHRINK = 0.5;

    private static final double GROW = 1.05;

    private Learners() {}

    /** All names. */
    public static List<String> names() {
        List<String> names = new ArrayList<>();
        Arrays.stream(Sidedness.values()).forEach(s -> names.add("aeqprop-" + s.word()));
        names.add("spsa");
        names.add("hadamard");
        return names;
    }

    /** A sentence for a name that is not among them. */
    static String unknown(String name) {
        return "there is no learner '" + name + "'; the learners are " + String.join(", ", names());
    }

    /** The cost that a kind of answer is taught with. */
    public static Cost cost(Teaching teaching, boolean classes) {
        return classes && teaching.cost() == CostKind.CROSS_ENTROPY
                ? new Cost.CrossEntropy(teaching.temperature(), teaching.swing())
                : new Cost.SquaredError();
    }

    /**
     * A learner.
     *
     * @throws BadInput if there is no such name, or the teaching asks for something that cannot be
     */
    public static Learner of(String name, Teaching teaching, Cost cost, long seed) {
        Settling settling = new Settling.Usual(teaching.reads());
        for (Sidedness sidedness : Sidedness.values()) {
            if (name.equals("aeqprop-" + sidedness.word())) {
                // Couplings and differences pull like the squared error alone; other costs go by force.
                Nudge.Kind kind = cost instanceof Cost.SquaredError ? teaching.nudge() : Nudge.Kind.FORCE;
                return new AgnosticEqProp(
                        new AgnosticEqProp.Settings(
                                sidedness, teaching.beta(), teaching.softness(), teaching.decay(), settling, kind),
                        cost,
                        teaching.acceptEvery() == 0 ? null : new Acceptance(teaching.acceptEvery(), SHRINK, GROW));
            }
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
}
