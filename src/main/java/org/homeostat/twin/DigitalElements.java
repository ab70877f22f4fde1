package org.homeostat.twin;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Levels;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.device.Stimulus;
import org.homeostat.physics.Drive;
import org.homeostat.physics.Rest;

/** Parameters set by codes, such as digital potentiometers. They stand at mid-scale at power-on and never move by force. */
final class DigitalElements implements Elements {

    private final List<Channel> channels;
    private final double[] level;
    private final double[] made;
    private final double[] drift;
    private final Scale[] specimen;
    private final double[] stray;
    private final double[] theta;

    DigitalElements(Descriptor card, Specimen drawn) {
        channels = card.channels(Role.PARAMETER);
        int count = channels.size();
        level = new double[count];
        made = new double[count];
        drift = new double[count];
        specimen = new Scale[count];
        stray = new double[count];
        theta = new double[count];
        take(drawn);
        for (int k = 0; k < count; k++) {
            Channel channel = channels.get(k);
            double midscale = channel.scale().codes() > 0
                    ? channel.scale().level(channel.scale().codes() / 2)
                    : 0.5 * (channel.min() + channel.max());
            write(k, Math.clamp(midscale, channel.min(), channel.max()));
        }
    }

    private void take(Specimen drawn) {
        for (int k = 0; k < stray.length; k++) {
            stray[k] = drawn.elements()[k];
            drift[k] = drawn.drifts()[k];
            specimen[k] = channels.get(k).scale() instanceof Scale.Rheostat nominal
                    ? new Scale.Rheostat(
                            nominal.wiperOhms() * drawn.wipers()[k], nominal.endToEndOhms() * stray[k], nominal.codes())
                    : channels.get(k).scale();
        }
    }

    /** Becomes those of another specimen, with the same levels written. */
    void become(Specimen other) {
        take(other);
        for (int k = 0; k < level.length; k++) {
            write(k, level[k]);
        }
    }

    private void write(int k, double imposed) {
        Scale nominal = channels.get(k).scale();
        level[k] = nominal.quantised(imposed);
        made[k] = nominal instanceof Scale.Rheostat ? specimen[k].level(nominal.code(imposed)) : level[k] * stray[k];
    }

    @Override
    public void impose(Stimulus stimulus) {
        Levels levels = stimulus.levels();
        if (levels.has(Role.PARAMETER)) {
            int[] positions = levels.positions(Role.PARAMETER);
            double[] row = levels.row(Role.PARAMETER);
            for (int i = 0; i < row.length; i++) {
                write(positions == null ? i : positions[i], row[i]);
            }
        }
    }

    @Override
    public Rest settle(Stimulus stimulus, Drive[] drives, double[][] states, double hours, Settler settler) {
        for (int k = 0; k < theta.length; k++) {
            theta[k] = made[k] * (1 + drift[k] * hours);
        }
        Rest worst = settler.settle(theta, drives[0], 0);
        for (int lane = 1; lane < states.length; lane++) {
            worst = worst.worse(settler.settle(theta, drives[lane], lane));
        }
        return worst;
    }

    @Override
    public double[] theta() {
        return theta;
    }

    @Override
    public double[] positions() {
        return level.clone();
    }

    @Override
    public void save(DataOutput out) throws IOException {
        for (double value : level) {
            out.writeDouble(value);
        }
    }

    @Override
    public void restore(DataInput in) throws IOException {
        for (int k = 0; k < level.length; k++) {
            write(k, in.readDouble());
        }
    }
}
