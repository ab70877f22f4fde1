package org.homeostat.run;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;
import org.apache.commons.math3.stat.descriptive.SummaryStatistics;
import org.apache.commons.math3.stat.regression.SimpleRegression;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Quality;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.homeostat.learn.Example;
import org.homeostat.learn.Learner;
import org.homeostat.learn.Step;

/**
 * Will this board learn? Compares the step that a learner takes with the gradient of the cost as measured by moving one
 * parameter after the other, and looks at what a step rests on: noise, settling, reciprocity.
 */
public final class Audit {

    /**
     * What was found.
     *
     * @param cosine of the angle between the learner's step and the measured descent direction
     * @param relativeError the distance between the two, as a part of the length of the measured gradient
     * @param sweep the same at several betas, largest first; one point where the order in beta cannot be seen
     * @param slope the order of the error in beta: the slope of log error over log beta; NaN where there is no sweep
     * @param reciprocityError asymmetry of the outputs' answers to forces on each other, as a part of the answers; NaN
     *     where forces cannot be applied
     * @param noise the standard deviation of a repeated reading of an output, in its unit, rms over outputs
     * @param unsettled how much the outputs still change when the device is given four times its settling time, rms
     * @param quality the worst quality met
     */
    public record Report(
            double cosine,
            double relativeError,
            List<Point> sweep,
            double slope,
            double reciprocityError,
            double noise,
            double unsettled,
            Quality quality) {}

    /** The comparison at one beta. */
    public record Point(double beta, double cosine, double relativeError) {}

    /**
     * How carefully to measure.
     *
     * @param reads how many readings are averaged into each level
     * @param repeats how many steps are averaged
     * @param beta the nudge of the main comparison
     * @param betas the nudges to look at, that one among them, largest first
     * @param exchangeLimit how long one exchange may take
     */
    public record Care(int reads, int repeats, double beta, List<Double> betas, Duration exchangeLimit) {}

    /** For continuous parameters, in parts of the range: well above rounding, and rarely across the kink of a diode. */
    private static final double SMALL_MOVE = 1e-5;

    /** For parameters with evenly spaced codes: how many codes up and down. */
    private static final int CODES = 4;

    private static final int NOISE_READINGS = 30;

    private final Device device;
    private final DoubleFunction<Learner> learnerAt;
    private final Example example;
    private final Care care;
    private Quality quality = Quality.SETTLED;

    /**
     * @param device dressed for the learner
     * @param learnerAt a fresh learner of the kind to audit, for a given beta
     * @param example what cost to look at
     */
    public Audit(Device device, DoubleFunction<Learner> learnerAt, Example example, Care care) {
        this.device = device;
        this.learnerAt = learnerAt;
        this.example = example;
        this.care = care;
    }

    /**
     * Measures at the given parameters, and leaves the device there.
     *
     * @throws org.homeostat.device.DeviceException if the channel to the device broke
     */
    public Report at(double[] parameters) {
        Learner first = learnerAt.apply(care.beta);
        first.require(device.descriptor());
        double[] start = onCodes(parameters);
        RealVector gradient = new ArrayRealVector(gradient(first, start), false);
        List<Point> sweep = new ArrayList<>();
        for (double beta : care.betas) {
            RealVector step = new ArrayRealVector(step(learnerAt.apply(beta), start), false);
            double error = step.subtract(gradient).getNorm() / gradient.getNorm();
            sweep.add(new Point(beta, cosine(step, gradient), error));
        }
        Point main = sweep.get(care.betas.indexOf(care.beta));
        return new Report(
                main.cosine,
                main.relativeError,
                sweep,
                slope(sweep),
                reciprocity(first, start),
                noise(start),
                unsettled(start),
                quality);
    }

    /** NaN where one of them has no direction. */
    private static double cosine(RealVector step, RealVector gradient) {
        return step.getNorm() > 0 && gradient.getNorm() > 0 ? step.cosine(gradient) : Double.NaN;
    }

    private double[] onCodes(double[] parameters) {
        double[] start = parameters.clone();
        List<Channel> channels = device.descriptor().channels(Role.PARAMETER);
        for (int k = 0; k < start.length; k++) {
            Channel channel = channels.get(k);
            start[k] = Math.clamp(channel.scale().quantised(start[k]), channel.min(), channel.max());
        }
        return start;
    }

    /** dC/dtheta by differences of the measured cost, one parameter after the other. */
    private double[] gradient(Learner learner, double[] start) {
        double[] gradient = new double[start.length];
        for (int k = 0; k < start.length; k++) {
            Channel channel = device.descriptor().channels(Role.PARAMETER).get(k);
            double up = near(channel, start[k], 1);
            double down = near(channel, start[k], -1);
            double whole = (cost(learner, start, k, up) - cost(learner, start, k, down)) / (up - down);
            if (channel.scale().codes() == 0) {
                // Half the distance as well: the combination is free of the error of second order.
                double halfUp = start[k] + (up - start[k]) / 2;
                double halfDown = start[k] + (down - start[k]) / 2;
                double half =
                        (cost(learner, start, k, halfUp) - cost(learner, start, k, halfDown)) / (halfUp - halfDown);
                gradient[k] = (4 * half - whole) / 3;
            } else {
                gradient[k] = whole;
            }
        }
        return gradient;
    }

    private static double near(Channel channel, double start, int sign) {
        double moved = switch (channel.scale()) {
            case Scale.Continuous continuous -> start + sign * SMALL_MOVE * (channel.max() - channel.min());
            case Scale.Linear linear -> start + sign * CODES * linear.step();
            case Scale.Rheostat rheostat -> {
                // A tenth of the resistance, and at least two codes; more resistance is less conductance.
                int code = rheostat.code(start);
                int by = Math.max(2, code / 10);
                yield rheostat.level(Math.clamp(code - (long) sign * by, 0, rheostat.codes() - 1));
            }
        };
        return Math.clamp(moved, channel.min(), channel.max());
    }

    private double cost(Learner learner, double[] start, int k, double moved) {
        double[] parameters = start.clone();
        parameters[k] = moved;
        Response response = present(free(parameters));
        double sum = 0;
        for (int lane = 0; lane < example.lanes(); lane++) {
            sum += learner.cost().of(response.outputs(lane), example.targets()[lane]);
        }
        return device.descriptor().betaUnit() * sum / example.lanes();
    }

    private Stimulus free(double[] parameters) {
        return Stimulus.of(example.inputs().and(Levels.of(Role.PARAMETER, parameters)))
                .settling(new Settling.Usual(care.reads));
    }

    private Response present(Stimulus stimulus) {
        Response response = device.present(stimulus, Deadline.in(care.exchangeLimit));
        quality = quality.worst(response.quality());
        return response;
    }

    /** The gradient that the learner's step stands for, averaged over repeated steps from the same place. */
    private double[] step(Learner learner, double[] start) {
        Descriptor card = device.descriptor();
        double[] mean = new double[start.length];
        for (int repeat = 0; repeat < care.repeats; repeat++) {
            present(free(start));
            learner.moved();
            Step step = learner.step(device, example, Deadline.in(care.exchangeLimit));
            quality = quality.worst(step.quality());
            double[] rates = learner.rates(card);
            for (int k = 0; k < mean.length; k++) {
                mean[k] -= (step.parameters()[k] - start[k]) / rates[k] / care.repeats;
            }
        }
        present(free(start));
        return mean;
    }

    private static double slope(List<Point> sweep) {
        if (sweep.size() < 2) {
            return Double.NaN;
        }
        SimpleRegression line = new SimpleRegression();
        for (Point point : sweep) {
            line.addData(Math.log(point.beta), Math.log(point.relativeError));
        }
        return line.getSlope();
    }

    /** A device with an energy answers the same at i to a force at j as at j to a force at i. */
    private double reciprocity(Learner learner, double[] start) {
        Descriptor card = device.descriptor();
        int outputs = card.count(Role.OUTPUT);
        if (!card.realises(Nudge.Kind.FORCE) || outputs < 2) {
            return Double.NaN;
        }
        RealMatrix answers = MatrixUtils.createRealMatrix(outputs, outputs);
        for (int j = 0; j < outputs; j++) {
            double push = push(learner, start, card.channels(Role.NUDGE).get(j));
            double[] up = pushed(start, j, push);
            double[] down = pushed(start, j, -push);
            for (int i = 0; i < outputs; i++) {
                answers.setEntry(i, j, (up[i] - down[i]) / (2 * push));
            }
        }
        return answers.subtract(answers.transpose()).getFrobeniusNorm() / (2 * answers.getFrobeniusNorm());
    }

    /** A force of the size that the learner would use: small enough for the device to answer in proportion. */
    private double push(Learner learner, double[] start, Channel channel) {
        double pull = 0;
        for (double one : learner.cost().gradient(present(free(start)).outputs(0), example.targets()[0])) {
            pull = Math.max(pull, Math.abs(one));
        }
        double push = care.beta * device.descriptor().betaUnit() * pull;
        return Math.min(push, Math.min(channel.max(), -channel.min()));
    }

    private double[] pushed(double[] start, int output, double push) {
        double[] force = new double[device.descriptor().count(Role.NUDGE)];
        force[output] = push;
        return present(free(start).nudged(new Nudge.Force(Levels.of(Role.NUDGE, force))))
                .outputs(0);
    }

    private double noise(double[] start) {
        SummaryStatistics[] outputs = new SummaryStatistics[device.descriptor().count(Role.OUTPUT)];
        for (int k = 0; k < outputs.length; k++) {
            outputs[k] = new SummaryStatistics();
        }
        for (int i = 0; i < NOISE_READINGS; i++) {
            double[] read = present(free(start).settling(Settling.USUAL)).outputs(0);
            for (int k = 0; k < outputs.length; k++) {
                outputs[k].addValue(read[k]);
            }
        }
        double variance = 0;
        for (SummaryStatistics output : outputs) {
            variance += output.getVariance() / outputs.length;
        }
        return Math.sqrt(variance);
    }

    private double unsettled(double[] start) {
        double[] usual = present(free(start)).outputs(0);
        double longer = 4 * device.descriptor().settleSeconds();
        double[] patient = present(free(start).settling(new Settling.Dwell(longer, care.reads)))
                .outputs(0);
        return new ArrayRealVector(usual, false).getDistance(new ArrayRealVector(patient, false))
                / Math.sqrt(usual.length);
    }
}
