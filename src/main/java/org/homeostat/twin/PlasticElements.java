package org.homeostat.twin;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.homeostat.physics.Drive;
import org.homeostat.physics.Physics;
import org.homeostat.physics.Rest;

/**
 * Parameters that learn by themselves while the nudge changes: {@link Synapses}. They are moved only during a ramp, and only
 * where they are free; after it the nudge stays at its end for the settling time, so that nothing is cut off. In all other
 * exchanges they stay, and their filters come to rest as far as the time allows.
 *
 * <p>What flows gathers beside the weight and becomes part of it in the next exchange without a ramp: a cycle is run with
 * the weights of its beginning, as in the paper's simulations. (Weights that moved at once would feed on their own motion
 * unless they moved very little.) The position of a parameter counts what it has gathered.
 *
 * <p>A ramp is settled at a number of strengths, between which signals go straight. The filter of a synapse has three
 * poles; it is carried by how far it is from rest, so that a synapse whose signal does not change costs nothing, and every
 * step is exact for a straight signal, however long.
 */
final class PlasticElements implements Elements {

    /** Less than this of a filter is no memory. */
    private static final double FORGOTTEN = 1e-300;

    /** What passes is no more than this part of what flows steadily above the threshold. */
    private static final double STEADY = 1e-3;

    private final Physics physics;
    private final Synapses synapses;
    private final List<Channel> channels;
    private final double betaUnit;
    private final double settleSeconds;
    private final double pole;
    private final double gain;
    private final double bend;

    /** The most of t exp(-B t), and of t^2 / 2 exp(-B t). */
    private final double once;

    private final double twice;

    private final double[] theta;
    private final double[] gathered;
    private final double[] signal;
    private final double[] next;

    /** How far the three poles of each filter are from where its signal, if it stayed, would bring them. */
    private final double[] first;

    private final double[] second;
    private final double[] third;

    PlasticElements(Descriptor card, Physics physics, Synapses synapses) {
        this.physics = physics;
        this.synapses = synapses;
        channels = card.channels(Role.PARAMETER);
        int count = channels.size();
        if (synapses.rate().length != count) {
            throw new IllegalArgumentException(
                    "board " + card.board() + ": " + synapses.rate().length + " synapses for " + count + " parameters");
        }
        betaUnit = card.betaUnit();
        settleSeconds = card.settleSeconds();
        double area = synapses.area();
        pole = 1 / synapses.kernelSeconds();
        // Area and first moment of A exp(-B t) (t - C t^2), solved for A and C.
        gain = 3 * area * pole * pole + pole * pole * pole;
        bend = (pole * pole + 2 * pole * area) / (6 * area + 2 * pole);
        once = 1 / (Math.E * pole);
        twice = 2 / (Math.E * Math.E * pole * pole);
        theta = channels.stream().mapToDouble(Channel::safe).toArray();
        gathered = new double[count];
        signal = new double[count];
        next = new double[count];
        first = new double[count];
        second = new double[count];
        third = new double[count];
    }

    @Override
    public void impose(Stimulus stimulus) {
        Levels levels = stimulus.levels();
        if (levels.has(Role.PARAMETER)) {
            int[] positions = levels.positions(Role.PARAMETER);
            double[] row = levels.row(Role.PARAMETER);
            for (int i = 0; i < row.length; i++) {
                int k = positions == null ? i : positions[i];
                theta[k] = row[i];
                gathered[k] = 0;
            }
        }
    }

    @Override
    public Rest settle(Stimulus stimulus, Drive[] drives, double[][] states, double hours, Settler settler) {
        if (stimulus.nudge() instanceof Nudge.Ramp ramp) {
            return ramp(ramp, stimulus.plasticity() == Plasticity.FREE, drives, states, settler);
        }
        for (int k = 0; k < theta.length; k++) {
            theta[k] = position(k);
            gathered[k] = 0;
        }
        Rest rest = settled(drives, settler);
        look(drives, states);
        jump();
        double dwell = stimulus.settling() instanceof Settling.Dwell fixed ? fixed.dwellSeconds() : settleSeconds;
        Stride stride = new Stride(dwell);
        for (int k = 0; k < signal.length; k++) {
            stride.go(k, 0);
        }
        return rest;
    }

    private Rest settled(Drive[] drives, Settler settler) {
        Rest worst = settler.settle(theta, drives[0], 0);
        for (int lane = 1; lane < drives.length; lane++) {
            worst = worst.worse(settler.settle(theta, drives[lane], lane));
        }
        return worst;
    }

    /** The signal of each synapse, mean over lanes as they share it: - dE/dtheta. */
    private void look(Drive[] drives, double[][] states) {
        Arrays.fill(next, 0);
        for (int lane = 0; lane < states.length; lane++) {
            physics.addForces(theta, drives[lane], states[lane], -1.0 / states.length, next);
        }
    }

    /** The signals change at once: the filters are as far behind as that. */
    private void jump() {
        for (int k = 0; k < signal.length; k++) {
            double by = next[k] - signal[k];
            first[k] -= by / pole;
            second[k] -= by / (pole * pole);
            third[k] -= by / (pole * pole * pole);
            signal[k] = next[k];
        }
    }

    private Rest ramp(Nudge.Ramp ramp, boolean free, Drive[] drives, double[][] states, Settler settler) {
        // What the physics refuses it refuses at the most negative strength, before anything has moved.
        double lowest = Math.min(ramp.from(), ramp.to()) * betaUnit;
        if (lowest < 0) {
            var unused = physics.settle(theta, drives[0].coupled(lowest, drives[0].target()), states[0].clone(), 1);
        }
        Drive[] now = new Drive[drives.length];
        Rest worst = at(ramp.from(), now, drives, settler);
        look(now, states);
        jump();
        double seconds = ramp.seconds() / synapses.levels();
        Strides strides = new Strides(seconds);
        for (int level = 1; level <= synapses.levels(); level++) {
            double beta = ramp.from() + (ramp.to() - ramp.from()) * level / synapses.levels();
            worst = at(beta, now, drives, settler).worse(worst);
            look(now, states);
            for (int k = 0; k < signal.length; k++) {
                strides.go(k, (next[k] - signal[k]) / seconds, free);
                signal[k] = next[k];
            }
        }
        if (settleSeconds > 0) {
            Strides rest = new Strides(settleSeconds);
            for (int k = 0; k < signal.length; k++) {
                rest.go(k, 0, free);
            }
        }
        return worst;
    }

    private Rest at(double beta, Drive[] now, Drive[] drives, Settler settler) {
        for (int lane = 0; lane < now.length; lane++) {
            now[lane] = drives[lane].coupled(beta * betaUnit, drives[lane].target());
        }
        return settled(now, settler);
    }

    /** A stretch of time while all signals go straight, in steps. */
    private final class Strides {

        /** The step, twice the step, and so on to the whole. */
        private final Stride[] lengths;

        Strides(double seconds) {
            int steps = (int) Math.ceil(seconds * pole * synapses.steps());
            lengths = new Stride[steps];
            Arrays.setAll(lengths, i -> new Stride(seconds * (i + 1) / steps));
        }

        /** Moves one synapse. As soon as nothing more can flow, or flows steadily, the rest is one step. */
        void go(int k, double slope, boolean free) {
            double threshold = synapses.threshold()[k];
            Stride step = lengths[0];
            double moved = 0;
            double before = Double.NaN;
            for (int left = lengths.length; left > 0; left--) {
                double offset = Math.abs(synapses.area()) * Math.max(Math.abs(signal[k]), Math.abs(next[k]));
                double passing = passing(k, slope);
                boolean steady = offset == 0 && passing <= STEADY * (Math.abs(slope) - threshold);
                if (!free || steady || offset + passing + Math.abs(slope) <= threshold) {
                    moved += free && steady ? slope * step.seconds * left : 0;
                    lengths[left - 1].go(k, slope);
                    break;
                }
                double start = signal[k] + slope * step.seconds * (lengths.length - left);
                before = Double.isNaN(before) ? answered(u(k, start), threshold) : before;
                step.go(k, slope);
                double after = answered(u(k, start + slope * step.seconds), threshold);
                moved += 0.5 * (before + after) * step.seconds;
                before = after;
            }
            gathered[k] += synapses.rate()[k] * moved;
        }
    }

    /** A bound on how far u is from the slope, and the offset of the area, from here on while the signal goes straight. */
    private double passing(int k, double slope) {
        double a = Math.abs(first[k] + slope / (pole * pole));
        double b = Math.abs(second[k] + 2 * slope / (pole * pole * pole));
        double c = Math.abs(third[k] + 3 * slope / (pole * pole * pole * pole));
        return Math.abs(gain) * (b + once * a + 2 * Math.abs(bend) * (c + once * b + twice * a));
    }

    private double position(int k) {
        Channel channel = channels.get(k);
        return Math.clamp(theta[k] + gathered[k], channel.min(), channel.max());
    }

    private double u(int k, double s) {
        return synapses.area() * s + gain * (second[k] - 2 * bend * third[k]);
    }

    private static double answered(double u, double threshold) {
        return Math.abs(u) > threshold ? u : 0;
    }

    /** An exact step of the filters: three poles in a row, driven by the slope of the signal. */
    private final class Stride {
        private final double seconds;
        private final double fade;
        private final double one;
        private final double two;
        private final double three;

        Stride(double seconds) {
            this.seconds = seconds;
            double decay = Math.exp(-pole * seconds);
            fade = decay;
            // I_k = integral of exp(-B t) t^k / k! over the step.
            double i0 = -Math.expm1(-pole * seconds) / pole;
            double i1 = i0 / pole - decay * seconds / pole;
            double i2 = i1 / pole - decay * seconds * seconds / (2 * pole);
            one = i0 / pole;
            two = i1 / pole + i0 / (pole * pole);
            three = i2 / pole + i1 / (pole * pole) + i0 / (pole * pole * pole);
        }

        void go(int k, double slope) {
            double a = first[k];
            double b = second[k];
            double c = third[k];
            if (slope == 0 && Math.abs(a) + Math.abs(b) + Math.abs(c) < FORGOTTEN) {
                return;
            }
            first[k] = fade * a - slope * one;
            second[k] = fade * (seconds * a + b) - slope * two;
            third[k] = fade * (0.5 * seconds * seconds * a + seconds * b + c) - slope * three;
        }
    }

    @Override
    public double[] theta() {
        return theta;
    }

    @Override
    public double[] positions() {
        double[] positions = new double[theta.length];
        Arrays.setAll(positions, this::position);
        return positions;
    }

    @Override
    public void save(DataOutput out) throws IOException {
        for (double[] values : List.of(theta, gathered, signal, first, second, third)) {
            for (double value : values) {
                out.writeDouble(value);
            }
        }
    }

    @Override
    public void restore(DataInput in) throws IOException {
        for (double[] values : List.of(theta, gathered, signal, first, second, third)) {
            for (int k = 0; k < values.length; k++) {
                values[k] = in.readDouble();
            }
        }
    }
}
