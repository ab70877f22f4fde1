package org.homeostat.pi;

import java.util.SplittableRandom;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Role;
import org.homeostat.physics.Drive;
import org.homeostat.physics.Physics;

/**
 * The circuit behind the chips, in volts, ohms and seconds: as {@code sim/lab/circuit.c} is to the emulated bench. Without enable its
 * sources are off, and everything stands at 0 V.
 */
final class Specimen {

    /** Until a ten-thousandth is left, as the settling time of the card says. */
    private static final double TIME_CONSTANTS = Math.log(1e4);

    private static final double TOLERANCE = 1e-9;
    private static final double NUDGE_OHMS = 10e3;

    private final Physics physics;
    private final double timeConstant;
    private final double[] siemens;
    private final double[] input;
    private final double[] nudgeVolts;
    private final boolean[] connected;
    private final double[] rest;
    private final double[] now;
    private final SplittableRandom noise;
    private volatile boolean enabled;
    private boolean stale = true;

    Specimen(Descriptor card, Physics physics, long seed) {
        this.physics = physics;
        timeConstant = card.settleSeconds() / TIME_CONSTANTS;
        siemens = new double[physics.parameters()];
        input = new double[physics.inputs()];
        nudgeVolts = new double[physics.outputs().length];
        connected = new boolean[nudgeVolts.length];
        rest = new double[physics.states()];
        now = new double[physics.states()];
        noise = new SplittableRandom(seed);
    }

    void resistor(int k, double ohms) {
        siemens[k] = 1 / ohms;
        stale = true;
    }

    void input(int i, double volts) {
        input[i] = volts;
        stale = true;
    }

    void nudge(int k, double volts) {
        nudgeVolts[k] = volts;
        stale = true;
    }

    /** Off, the nudge's resistor is tied to 0 V instead of the DAC. */
    void connect(int k, boolean on) {
        connected[k] = on;
        stale = true;
    }

    void enable(boolean on) {
        enabled = on;
        stale = true;
    }

    boolean enabled() {
        return enabled;
    }

    boolean connected(int k) {
        return connected[k];
    }

    double inputVolts(int i) {
        return input[i];
    }

    double nudgeVolts(int k) {
        return nudgeVolts[k];
    }

    double siemens(int k) {
        return siemens[k];
    }

    /** Time goes by. */
    void advance(double seconds) {
        if (stale) {
            settle();
        }
        double left = Math.exp(-seconds / timeConstant);
        for (int i = 0; i < now.length; i++) {
            now[i] = rest[i] + left * (now[i] - rest[i]);
        }
    }

    private void settle() {
        if (enabled) {
            double[] amperes = new double[nudgeVolts.length];
            for (int k = 0; k < amperes.length; k++) {
                amperes[k] = connected[k] ? nudgeVolts[k] / NUDGE_OHMS : 0;
            }
            var unused =
                    physics.settle(siemens, Drive.free(input, amperes.length).pushed(amperes), rest, TOLERANCE);
        } else {
            java.util.Arrays.fill(rest, 0);
        }
        stale = false;
    }

    /** What stands on a node, with some noise on it. */
    double volts(Role role, int index, double noiseVolts) {
        int node = role == Role.MONITOR ? index : physics.outputs()[index];
        return now[node] + noiseVolts * noise.nextGaussian();
    }
}
