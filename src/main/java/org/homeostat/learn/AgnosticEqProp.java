package org.homeostat.learn;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleFunction;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Quality;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.jspecify.annotations.Nullable;

/**
 * Agnostic equilibrium propagation (Scellier, Mishra, Bengio, Ollivier, arXiv 2205.15021).
 *
 * <p>A step is a free exchange with the parameters held (the prediction), one nudged by beta1 with the parameters held, and
 * one nudged by beta2 with the parameters free: the physics moves them, to first order by {@code - softness beta dC/dtheta}.
 * Where beta1 is 0 the first two are one. Nothing is computed but the nudge, and nothing is read but the outputs.
 *
 * <p>The free exchange is one batch and what is nudged another; with {@link Nudge.Kind#DIFFERENCE} all is one, unless a
 * target leaves an output out or the step is checked.
 */
public final class AgnosticEqProp implements Learner {

    /**
     * How to learn.
     *
     * @param beta the distance between the two nudges, a pure number in the device's {@code betaUnit}
     * @param softness how soft the springs are asked to be, in the unit of the device's SOFTNESS channels; a device that
     *     has none keeps its own
     * @param factors on the softness, by the name of a SOFTNESS channel without what stands before its first full stop: of
     *     {@code softness.w1} it is {@code w1}; 1 for those that are not named
     * @param decay the factor on the softness after each epoch
     * @param settling when to read, and how often
     * @param kind the kind of nudge; every kind but {@link Nudge.Kind#FORCE} only with the squared error
     */
    public record Settings(
            Sidedness sidedness,
            double beta,
            double softness,
            Map<String, Double> factors,
            double decay,
            Settling settling,
            Nudge.Kind kind) {
        /** The same with every spring as soft. */
        public Settings(
                Sidedness sidedness, double beta, double softness, double decay, Settling settling, Nudge.Kind kind) {
            this(sidedness, beta, softness, Map.of(), decay, settling, kind);
        }

        public Settings {
            if (!(beta > 0) || Double.isInfinite(beta)) {
                throw new IllegalArgumentException("beta must be above 0, not " + beta);
            }
            if (!(softness > 0) || Double.isInfinite(softness)) {
                throw new IllegalArgumentException("softness must be above 0, not " + softness);
            }
            if (!(decay > 0 && decay <= 1)) {
                throw new IllegalArgumentException("decay must lie above 0 and not above 1, not " + decay);
            }
        }
    }

    private final Settings settings;
    private final Cost cost;
    private final @Nullable Acceptance acceptance;
    private double softness;
    private long steps;

    /**
     * @param acceptance when to take a step back because the Lyapunov value rose; null to accept every step
     */
    public AgnosticEqProp(Settings settings, Cost cost, @Nullable Acceptance acceptance) {
        if (settings.kind != Nudge.Kind.FORCE && !(cost instanceof Cost.SquaredError)) {
            throw new IllegalArgumentException("a "
                    + settings.kind.name().toLowerCase(Locale.ROOT)
                    + " pulls like the squared error and like no other cost; use a nudge by force");
        }
        this.settings = settings;
        this.cost = cost;
        this.acceptance = acceptance;
        softness = settings.softness;
    }

    @Override
    public String name() {
        return "aeqprop-" + settings.sidedness.word();
    }

    @Override
    public Set<Ability> needs() {
        return EnumSet.of(Ability.HOMEOSTASIS);
    }

    @Override
    public Cost cost() {
        return cost;
    }

    @Override
    public void require(Descriptor card) {
        Learner.super.require(card);
        if (!card.realises(settings.kind)) {
            throw new IllegalArgumentException("learner " + name() + " was told to nudge by " + settings.kind
                    + "; board " + card.board() + " realises only " + card.nudges() + ": choose one of those");
        }
        List<Channel> springs = card.channels(Role.SOFTNESS);
        double[] asked = springs(card);
        for (int i = 0; i < asked.length; i++) {
            springs.get(i).accepted(asked[i]);
        }
        if (acceptance != null && card.count(Role.PARAMETER) == 0) {
            throw new IllegalArgumentException(
                    "learner " + name() + " was told to take steps back where the Lyapunov value" + " rose; board "
                            + card.board() + " shows no parameters to go back to: set acceptEvery to 0");
        }
    }

    /** How soft each spring is asked to be now. */
    private double[] springs(Descriptor card) {
        return card.channels(Role.SOFTNESS).stream()
                .mapToDouble(spring -> {
                    String part = spring.name().substring(spring.name().indexOf('.') + 1);
                    return softness * settings.factors.getOrDefault(part, 1.0);
                })
                .toArray();
    }

    @Override
    public Step step(Device device, Example example, Deadline deadline) {
        Descriptor card = device.descriptor();
        Levels levels = card.count(Role.SOFTNESS) == 0
                ? example.inputs()
                : example.inputs().and(Levels.of(Role.SOFTNESS, springs(card)));
        Stimulus held = Stimulus.of(levels).settling(settings.settling);
        Stimulus question = card.question(levels).settling(settings.settling);

        double first = settings.sidedness.first(settings.beta);
        double second = settings.sidedness.second(settings.beta);
        Acceptance check = acceptance != null && steps % acceptance.every() == 0 ? acceptance : null;

        List<Response> responses = new ArrayList<>();
        if (check == null && settings.kind == Nudge.Kind.DIFFERENCE && example.asksForEveryOutput()) {
            // The device itself knows where the outputs stood: the whole step is one batch.
            List<Stimulus> whole = nudged(held, beta -> Pull.difference(beta, example.targets(), card), first, second);
            whole.addFirst(question);
            responses.addAll(device.presentAll(whole, deadline));
        } else {
            responses.add(device.present(question, deadline));
        }
        Response free = responses.getFirst();
        if (responses.size() == 1 && !free.quality().locked()) {
            // What has no rest teaches nothing, and the parameters have not been let go.
            steps++;
            return told(free, example, free.parameters(), free.quality(), 1, false);
        }
        Pull pull = Pull.towards(example.targets(), free, cost, settings.kind, card);
        Lyapunov lyapunov = new Lyapunov(pull, held, first, second);
        double[] start = free.parameters();
        Lyapunov.Value before = check != null ? lyapunov.measure(device, deadline) : Lyapunov.UNKNOWN;

        if (responses.size() == 1) {
            List<Stimulus> rest = nudged(held, pull::by, first, second);
            if (first == 0 && check != null) {
                // Measuring moved the nudge away from 0, where this rule holds.
                rest.addFirst(settings.kind == Nudge.Kind.DIFFERENCE ? held.nudged(pull.by(0)) : held);
            }
            responses.addAll(device.presentAll(rest, deadline));
        }
        Response moved = responses.getLast();
        Quality quality = Quality.SETTLED;
        for (Response response : responses) {
            quality = quality.worst(response.quality());
        }
        steps++;

        double[] parameters = moved.parameters();
        int exchanges = first != 0 ? 3 : 2;
        boolean accepted = true;
        if (check != null) {
            Lyapunov.Value after = lyapunov.measure(device, deadline);
            exchanges += 2 * Lyapunov.EXCHANGES + (first == 0 ? 1 : 0);
            accepted = !after.above(before);
            if (!accepted) {
                device.present(held.with(levels.and(Levels.of(Role.PARAMETER, start))), deadline);
                exchanges++;
                parameters = start;
            }
            softness = check.next(softness, accepted, settings.softness);
        }
        return told(free, example, parameters, quality, exchanges, accepted);
    }

    private Step told(
            Response free, Example example, double[] parameters, Quality quality, int exchanges, boolean accepted) {
        return new Step(example.cost(cost, free), example.outputs(free), parameters, quality, exchanges, accepted);
    }

    /** What comes after the free exchange of a step: held at the first nudge, unless that is none, and released at the second. */
    private static List<Stimulus> nudged(Stimulus held, DoubleFunction<Nudge> pull, double first, double second) {
        List<Stimulus> stimuli = new ArrayList<>();
        if (first != 0) {
            stimuli.add(held.nudged(pull.apply(first)));
        }
        stimuli.add(held.nudged(pull.apply(second)).when(Plasticity.FREE));
        return stimuli;
    }

    @Override
    public double[] rates(Descriptor card) {
        double spring = card.count(Role.SOFTNESS) == 0 ? settings.softness : softness;
        double[] rates = new double[card.count(Role.PARAMETER)];
        Arrays.fill(rates, spring * settings.beta);
        return rates;
    }

    @Override
    public void epochEnded() {
        softness *= settings.decay;
    }

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeDouble(softness);
        out.writeLong(steps);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        softness = in.readDouble();
        steps = in.readLong();
    }
}
