package org.homeostat.physics;

import org.jspecify.annotations.Nullable;

/**
 * Phases coming to rest, one group of units after the other, each put where the energy is least for the others as they
 * stand. A unit whose energy is {@code -(a c + b s)} points along its field (a, b); what the energy has beyond that (the
 * square of an output under a spring, a second harmonic) is replaced by its tangent on the side where that lies above it,
 * so that the energy never rises.
 */
final class PhaseDescent {

    /** Which component of an output's pair is read, pulled and held. */
    enum Axis {
        COSINE,
        SINE
    }

    private static final int MOST_SWEEPS = 200_000;

    /** Angles below this are turned by a series. */
    private static final double SMALL = 0.25;

    private final PhaseGraph graph;
    private final double[] theta;
    private final Drive drive;
    private final Axis axis;

    /** What each unit feels that does not change: its bias, the inputs, a constant force. */
    final double[] constantA;

    final double[] constantB;

    /** The pairs. */
    final double[] c;

    final double[] s;

    private final double[] a;
    private final double[] b;

    /** The strengths K of terms {@code -K/2 cos(2 phi)}; null where there are none. */
    private final double @Nullable [] harmonic;

    /** The natural frequencies w of terms {@code -w phi}; null where there are none. */
    private final double @Nullable [] frequency;

    PhaseDescent(
            PhaseGraph graph,
            double[] theta,
            Drive drive,
            Axis axis,
            double @Nullable [] harmonic,
            double @Nullable [] frequency,
            double[] state) {
        double[] clamp = drive.clamp();
        for (int k = 0; clamp != null && k < clamp.length; k++) {
            if (!(Math.abs(clamp[k]) <= 1)) {
                throw new IllegalArgumentException("output " + k + " cannot be held at " + clamp[k]
                        + ": it is a sine or cosine of a phase; hold it between -1 and 1");
            }
        }
        this.graph = graph;
        this.theta = theta;
        this.drive = drive;
        this.axis = axis;
        this.harmonic = harmonic;
        this.frequency = frequency;
        int free = graph.free();
        constantA = new double[free];
        constantB = new double[free];
        a = new double[free];
        b = new double[free];
        c = new double[free];
        s = new double[free];
        for (int i = 0; i < free; i++) {
            c[i] = Math.cos(state[i]);
            s[i] = Math.sin(state[i]);
        }
        int first = graph.firstOutput();
        for (int k = 0; k < drive.current().length; k++) {
            double push = drive.current()[k] + drive.stiffness() * drive.target()[k];
            (axis == Axis.COSINE ? constantA : constantB)[first + k] += push;
        }
    }

    /** Sweeps until no pair is further from its field than the tolerance, as an angle in radians. */
    Rest settle(double tolerance) {
        int sweeps = 0;
        double residual = Double.POSITIVE_INFINITY;
        while (residual > tolerance && sweeps < MOST_SWEEPS) {
            residual = 0;
            for (int group = 0; group < graph.groups(); group++) {
                residual = Math.max(residual, relax(group));
            }
            sweeps++;
        }
        return new Rest(sweeps, residual, residual <= tolerance);
    }

    private double relax(int group) {
        int start = graph.groupStart(group);
        int end = graph.groupStart(group + 1);
        for (int i = start; i < end; i++) {
            a[i] = constantA[i];
            b[i] = constantB[i];
        }
        graph.addField(theta, group, c, s, a, b);
        double residual = 0;
        for (int i = start; i < end; i++) {
            residual = Math.max(residual, relaxUnit(i));
        }
        return residual;
    }

    private double relaxUnit(int i) {
        int output = i - graph.firstOutput();
        double x = a[i];
        double y = b[i];
        // Both phases that show what is held have the same harmonic: it does not decide between them.
        if (output >= 0 && drive.clamp() != null) {
            return hold(i, drive.clamp()[output], x, y);
        }
        if (harmonic != null) {
            // -K/2 cos(2 phi) is -K c^2 or K s^2 but for a constant: one of the two is concave.
            double strength = harmonic[i];
            x += 2 * Math.max(strength, 0) * c[i];
            y += 2 * Math.max(-strength, 0) * s[i];
        }
        if (output >= 0 && drive.stiffness() != 0) {
            // A spring adds k/2 o^2; on a circle that is -k/2 of the other component's square, but for a constant.
            boolean alongCosine = axis == Axis.COSINE == drive.stiffness() < 0;
            x += alongCosine ? Math.abs(drive.stiffness()) * c[i] : 0;
            y += alongCosine ? 0 : Math.abs(drive.stiffness()) * s[i];
        }
        double length = Math.sqrt(x * x + y * y);
        if (length == 0) {
            return 0;
        }
        double towardsC = x / length;
        double towardsS = y / length;
        if (frequency != null && frequency[i] != 0) {
            // -r cos(phi - alpha) - w phi is least where sin(phi - alpha) = w / r.
            double sine = frequency[i] / length;
            if (Math.abs(sine) > 1) {
                return Double.NaN;
            }
            double cosine = Math.sqrt(1 - sine * sine);
            double turned = towardsC * cosine - towardsS * sine;
            towardsS = towardsS * cosine + towardsC * sine;
            towardsC = turned;
        }
        return put(i, towardsC, towardsS);
    }

    /** Holds an output where it is wanted; of the two phases that show it, the one that lies lower. */
    private double hold(int i, double at, double x, double y) {
        double other = Math.sqrt(1 - at * at);
        return axis == Axis.COSINE ? put(i, at, Math.copySign(other, y)) : put(i, Math.copySign(other, x), at);
    }

    private double put(int i, double cosine, double sine) {
        double moved = Math.hypot(cosine - c[i], sine - s[i]);
        c[i] = cosine;
        s[i] = sine;
        return moved;
    }

    /** Turns a pair by an angle. */
    void turn(int i, double angle) {
        double cosine;
        double sine;
        double square = angle * angle;
        if (square < SMALL * SMALL) {
            // The series to the tenth power is exact to 1e-14 here, and several times as fast as the library.
            cosine = 1 - square / 2 * (1 - square / 12 * (1 - square / 30 * (1 - square / 56 * (1 - square / 90))));
            sine = angle * (1 - square / 6 * (1 - square / 20 * (1 - square / 42 * (1 - square / 72))));
        } else {
            cosine = Math.cos(angle);
            sine = Math.sin(angle);
        }
        double turned = c[i] * cosine - s[i] * sine;
        s[i] = s[i] * cosine + c[i] * sine;
        c[i] = turned;
    }

    /** Writes the phases, between -pi and pi. */
    void phases(double[] state) {
        for (int i = 0; i < c.length; i++) {
            state[i] = Math.atan2(s[i], c[i]);
        }
    }
}
