package org.homeostat.control;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Response;
import org.homeostat.device.Restorable;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.device.Wrapper;

/**
 * A device whose digital parameters are remembered by the host, because the chips cannot be read back: every response
 * tells the levels last written, as the nearest codes make them. Until all have been written the first stimulus writes
 * the middle of each range.
 */
public final class Written implements Wrapper {

    private final Device held;
    private final List<Channel> channels;
    private final double[] level;
    private boolean known;

    /**
     * @throws IllegalArgumentException if the parameters of the device cannot be written
     */
    public Written(Device held) {
        this.held = held;
        Descriptor card = held.descriptor();
        if (!card.can(Ability.WRITABLE_PARAMETERS)) {
            throw new IllegalArgumentException("board " + card.board() + ": its parameters cannot be written");
        }
        channels = card.channels(Role.PARAMETER);
        level = new double[channels.size()];
        for (int k = 0; k < level.length; k++) {
            level[k] =
                    quantised(k, 0.5 * (channels.get(k).min() + channels.get(k).max()));
        }
    }

    private double quantised(int k, double asked) {
        Channel channel = channels.get(k);
        return Math.clamp(channel.scale().quantised(asked), channel.min(), channel.max());
    }

    @Override
    public Device held() {
        return held;
    }

    @Override
    public Response present(Stimulus stimulus, Deadline deadline) {
        descriptor().accepted(stimulus);
        deadline.require(descriptor().board());
        double[] levelBefore = level.clone();
        boolean knownBefore = known;
        try {
            return accepted(stimulus, deadline);
        } catch (IllegalArgumentException refused) {
            // The device below may refuse a nudge that this card allows: then nothing was imposed.
            System.arraycopy(levelBefore, 0, level, 0, level.length);
            known = knownBefore;
            throw refused;
        }
    }

    private Response accepted(Stimulus stimulus, Deadline deadline) {
        Levels levels = stimulus.levels();
        Stimulus asked = stimulus;
        if (levels.has(Role.PARAMETER) || !known) {
            if (levels.has(Role.PARAMETER)) {
                int[] positions = levels.positions(Role.PARAMETER);
                double[] row = levels.row(Role.PARAMETER);
                for (int i = 0; i < row.length; i++) {
                    int k = positions == null ? i : positions[i];
                    level[k] = quantised(k, row[i]);
                }
            }
            asked = stimulus.with(levels.and(Levels.of(Role.PARAMETER, level)));
        }
        // If the exchange is lost, nobody knows what arrived: then all is written again with the next.
        known = false;
        Response response = held.present(asked, deadline);
        known = true;
        return response.with(response.levels().and(Levels.of(Role.PARAMETER, level)));
    }

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeBoolean(known);
        for (double value : level) {
            out.writeDouble(value);
        }
        Restorable.save(held, out);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        known = in.readBoolean();
        for (int k = 0; k < level.length; k++) {
            level[k] = in.readDouble();
        }
        Restorable.restore(held, in);
    }
}
