package org.homeostat.control;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.homeostat.catalog.Learners;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Quality;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.fixtures.Flowers;
import org.homeostat.learn.Cost;
import org.homeostat.learn.Learner;
import org.homeostat.learn.Step;
import org.homeostat.run.Dataset;
import org.homeostat.run.Encoding;
import org.homeostat.run.Teaching;

/**
 * A training run on a compliant twin, held by a homeostat, watched from both sides: what the learner asked of the
 * homeostat, and where the parameters really stood.
 *
 * <p>The truth comes from a second twin with the same physics and a continuous readback, which is asked exactly what the
 * first is asked. What is read back does not act on the physics, so that its positions are the first one's.
 */
final class Bench {

    /**
     * One sample, all lengths in parts of the range of the parameters.
     *
     * @param held exchanges in all held phases of its step
     * @param longest exchanges in the longest of these
     * @param shown the largest deviation that was read when the hold before the release was over
     * @param deviation the largest true deviation at that moment, from where the last release really left the parameters
     * @param step the largest true move of a parameter in the step
     * @param recent the largest such move before, fading by a tenth a sample: what the homeostat goes by
     * @param quality the worst quality
     */
    record Sample(int held, int longest, double shown, double deviation, double step, double recent, Quality quality) {}

    /** Passes on to both twins, answers as the first. */
    private static final class Twins implements Device {
        private final Device shown;
        private final Device truth;
        private double[] position = new double[0];
        private int exchanges;

        Twins(Device shown, Device truth) {
            this.shown = shown;
            this.truth = truth;
        }

        @Override
        public Descriptor descriptor() {
            return shown.descriptor();
        }

        @Override
        public Response present(Stimulus stimulus, Deadline deadline) {
            exchanges++;
            position = truth.present(stimulus, deadline).parameters();
            return shown.present(stimulus, deadline);
        }

        @Override
        public void close() {
            shown.close();
            truth.close();
        }
    }

    /** Stands between learner and homeostat. */
    private static final class Watch implements Device {
        private final Device homeostat;
        private final Twins twins;
        private final double[] range;
        private double[] trueTarget = new double[0];
        private double[] shownTarget = new double[0];
        private int held;
        private int longest;
        private double shown;
        private double deviation;
        private double step;

        Watch(Device homeostat, Twins twins) {
            this.homeostat = homeostat;
            this.twins = twins;
            range = homeostat.descriptor().channels(Role.PARAMETER).stream()
                    .mapToDouble(p -> p.max() - p.min())
                    .toArray();
        }

        @Override
        public Descriptor descriptor() {
            return homeostat.descriptor();
        }

        @Override
        public Response present(Stimulus stimulus, Deadline deadline) {
            int before = twins.exchanges;
            Response response = homeostat.present(stimulus, deadline);
            if (stimulus.plasticity() == Plasticity.HELD) {
                held += twins.exchanges - before;
                longest = Math.max(longest, twins.exchanges - before);
                if (trueTarget.length > 0) {
                    shown = distance(response.parameters(), shownTarget);
                    deviation = distance(twins.position, trueTarget);
                }
            } else {
                step = distance(twins.position, trueTarget);
            }
            if (stimulus.plasticity() == Plasticity.FREE || trueTarget.length == 0) {
                trueTarget = twins.position;
                shownTarget = response.parameters();
            }
            return response;
        }

        private double distance(double[] a, double[] b) {
            double most = 0;
            for (int k = 0; k < range.length; k++) {
                most = Math.max(most, Math.abs(a[k] - b[k]) / range[k]);
            }
            return most;
        }

        @Override
        public void close() {
            homeostat.close();
        }
    }

    final List<Sample> samples = new ArrayList<>();
    final List<Double> accuracy = new ArrayList<>();

    Bench(
            Device shown,
            Device truth,
            String learnerName,
            Teaching teaching,
            Homeostatic.Tolerance tolerance,
            int epochs) {
        Twins twins = new Twins(shown, truth);
        try (Watch device = new Watch(new Homeostatic(twins, tolerance), twins)) {
            Descriptor card = device.descriptor();
            Dataset train = Flowers.rows().split(0.25, 1).train();
            Cost cost = Learners.cost(teaching, true);
            Encoding encoding = Encoding.fit(train, card, teaching.amplitude(), teaching.swing(), cost);
            Learner learner = Learners.of(learnerName, teaching, cost, 1);
            var unused = device.present(
                    card.safe().with(card.safe().levels().and(Levels.of(Role.PARAMETER, start(card, teaching)))),
                    Deadline.NEVER);
            double recent = 0;
            for (int epoch = 0; epoch < epochs; epoch++) {
                List<Integer> order = new ArrayList<>();
                for (int row = 0; row < train.size(); row++) {
                    order.add(row);
                }
                Collections.shuffle(order, new Random(epoch));
                int right = 0;
                for (int row : order) {
                    device.held = 0;
                    device.longest = 0;
                    Step step = learner.step(device, encoding.example(train, new int[] {row}, card), Deadline.NEVER);
                    samples.add(new Sample(
                            device.held,
                            device.longest,
                            device.shown,
                            device.deviation,
                            device.step,
                            recent,
                            step.quality()));
                    recent = Math.max(device.step, 0.9 * recent);
                    right += encoding.right(step.outputs()[0], train.answers(), row) ? 1 : 0;
                }
                accuracy.add(right / (double) train.size());
                learner.epochEnded();
            }
        }
    }

    private static double[] start(Descriptor card, Teaching teaching) {
        SplittableRandom draw = new SplittableRandom(1);
        return card.channels(Role.PARAMETER).stream()
                .mapToDouble(channel -> within(
                        channel,
                        teaching.startLowest()
                                + (teaching.startHighest() - teaching.startLowest()) * draw.nextDouble()))
                .toArray();
    }

    private static double within(Channel channel, double level) {
        return Math.clamp(level, channel.min(), channel.max());
    }

    double median(java.util.function.ToDoubleFunction<Sample> of) {
        return quantile(0.5, of);
    }

    double quantile(double part, java.util.function.ToDoubleFunction<Sample> of) {
        double[] sorted = samples.stream().mapToDouble(of).sorted().toArray();
        return sorted[Math.min(sorted.length - 1, (int) (part * sorted.length))];
    }

    @Override
    public String toString() {
        return String.format(
                java.util.Locale.ROOT,
                "held/sample median %.0f p90 %.0f, longest hold median %.0f, step %.5f, deviation %.6f, of step %.4f, "
                        + "of recent %.4f p99 %.4f, accuracy %s, worst %s",
                median(Sample::held),
                quantile(0.9, Sample::held),
                median(Sample::longest),
                median(Sample::step),
                median(Sample::deviation),
                median(s -> s.deviation / s.step),
                median(s -> s.deviation / s.recent),
                quantile(0.99, s -> s.deviation / s.recent),
                Arrays.toString(accuracy.stream()
                        .mapToDouble(a -> Math.round(100 * a) / 100.0)
                        .toArray()),
                samples.stream().map(Sample::quality).reduce(Quality.SETTLED, Quality::worst));
    }
}
