package org.homeostat.twin;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Levels;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.physics.Drive;
import org.homeostat.physics.JointRelaxation;
import org.homeostat.physics.Physics;
import org.homeostat.physics.Rest;

/**
 * Parameters that are physical degrees of freedom, each on a spring anchored at its knob (agnostic EP, arXiv 2205.15021).
 * They always answer the forces on them; whoever wants them held must move the knobs.
 */
final class CompliantElements implements Elements {

    private final JointRelaxation relaxation;
    private final double tolerance;
    private final double[] knob;
    private final double[] softness;
    private final double[] theta;

    CompliantElements(Descriptor card, Physics physics, double tolerance) {
        this.tolerance = tolerance;
        List<Channel> channels = card.channels(Role.PARAMETER);
        relaxation = new JointRelaxation(
                physics,
                channels.stream().mapToDouble(Channel::min).toArray(),
                channels.stream().mapToDouble(Channel::max).toArray());
        knob = card.channels(Role.KNOB).stream().mapToDouble(Channel::safe).toArray();
        theta = knob.clone();
        softness = new double[theta.length];
        Arrays.fill(softness, card.channels(Role.SOFTNESS).getFirst().safe());
    }

    @Override
    public void impose(Stimulus stimulus) {
        Levels levels = stimulus.levels();
        if (levels.has(Role.KNOB)) {
            int[] positions = levels.positions(Role.KNOB);
            double[] row = levels.row(Role.KNOB);
            for (int i = 0; i < row.length; i++) {
                knob[positions == null ? i : positions[i]] = row[i];
            }
        }
        if (levels.has(Role.SOFTNESS)) {
            Arrays.fill(softness, levels.at(Role.SOFTNESS, 0, 0));
        }
    }

    @Override
    public Rest settle(Stimulus stimulus, Drive[] drives, double[][] states, double hours, Settler settler) {
        return relaxation.settle(knob, softness, drives, theta, states, tolerance);
    }

    @Override
    public double[] theta() {
        return theta;
    }

    @Override
    public double[] positions() {
        return theta.clone();
    }

    @Override
    public void save(DataOutput out) throws IOException {
        for (double[] values : List.of(knob, softness, theta)) {
            for (double value : values) {
                out.writeDouble(value);
            }
        }
    }

    @Override
    public void restore(DataInput in) throws IOException {
        for (double[] values : List.of(knob, softness, theta)) {
            for (int k = 0; k < values.length; k++) {
                values[k] = in.readDouble();
            }
        }
    }
}
