package org.homeostat.control;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.ForceLaw;
import org.homeostat.device.ForceLaw.Probe;
import org.homeostat.device.Levels;
import org.homeostat.device.Response;
import org.homeostat.device.Restorable;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.device.Stimulus;
import org.homeostat.device.Wrapper;

/**
 * A device whose conjugate forces are worked out from the levels around each parameter, by the force laws on its card.
 *
 * <p>With several lanes the force on a shared parameter is the mean over lanes. Inputs count as imposed, not as measured:
 * a force is only as true as the converters that drive it.
 */
public final class Gauged implements Wrapper {

    private final Device held;
    private final Descriptor card;
    private final List<ForceLaw> laws;
    private final double[][] input;

    /**
     * @throws IllegalArgumentException if the card of the device has no force laws
     */
    public Gauged(Device held) {
        this.held = held;
        Descriptor bare = held.descriptor();
        laws = bare.forceLaws();
        if (laws.isEmpty()) {
            throw new IllegalArgumentException("board " + bare.board()
                    + ": its card says nothing of how the force on a parameter follows from what can be read; "
                    + "only learners that need outputs alone can teach it");
        }
        List<Channel> forces = new ArrayList<>();
        for (int k = 0; k < laws.size(); k++) {
            forces.add(new Channel(
                    "f." + bare.channels(Role.PARAMETER).get(k).name(),
                    Role.FORCE,
                    laws.get(k).unit(),
                    -Double.MAX_VALUE,
                    Double.MAX_VALUE,
                    0,
                    Scale.CONTINUOUS));
        }
        card = bare.with(Ability.FORCES).with(Role.FORCE, forces);
        input = new double[bare.lanes()][];
        for (int lane = 0; lane < input.length; lane++) {
            input[lane] = bare.channels(Role.INPUT).stream()
                    .mapToDouble(Channel::safe)
                    .toArray();
        }
    }

    @Override
    public Device held() {
        return held;
    }

    @Override
    public Descriptor descriptor() {
        return card;
    }

    @Override
    public Response present(Stimulus stimulus, Deadline deadline) {
        return gauged(stimulus, held.present(stimulus, deadline));
    }

    @Override
    public List<Response> presentAll(List<Stimulus> stimuli, Deadline deadline) {
        List<Response> responses = new ArrayList<>(held.presentAll(stimuli, deadline));
        for (int i = 0; i < responses.size(); i++) {
            responses.set(i, gauged(stimuli.get(i), responses.get(i)));
        }
        return responses;
    }

    private Response gauged(Stimulus stimulus, Response response) {
        remember(stimulus.levels());
        return response.with(response.levels().and(Levels.of(Role.FORCE, forces(response.levels()))));
    }

    /** What was imposed earlier stays imposed, so a force may rest on an input of an earlier exchange. */
    private void remember(Levels levels) {
        if (!levels.has(Role.INPUT)) {
            return;
        }
        int[] positions = levels.positions(Role.INPUT);
        for (int lane = 0; lane < input.length; lane++) {
            for (int i = 0; i < levels.size(Role.INPUT); i++) {
                input[lane][positions == null ? i : positions[i]] = levels.at(Role.INPUT, lane, i);
            }
        }
    }

    private double[] forces(Levels read) {
        double[] forces = new double[laws.size()];
        for (int lane = 0; lane < input.length; lane++) {
            double[] outputs = read.row(Role.OUTPUT, lane);
            double[] monitors = read.has(Role.MONITOR) ? read.row(Role.MONITOR, lane) : new double[0];
            for (int k = 0; k < forces.length; k++) {
                ForceLaw law = laws.get(k);
                forces[k] += law.force(
                                level(law.a(), input[lane], outputs, monitors),
                                level(law.b(), input[lane], outputs, monitors))
                        / input.length;
            }
        }
        return forces;
    }

    private static double level(Probe probe, double[] inputs, double[] outputs, double[] monitors) {
        return switch (probe) {
            case Probe.Fixed fixed -> fixed.level();
            case Probe.OnChannel on ->
                on.gain()
                        * switch (on.role()) {
                            case INPUT -> inputs[on.index()];
                            case OUTPUT -> outputs[on.index()];
                            case MONITOR -> monitors[on.index()];
                            default ->
                                throw new IllegalArgumentException(
                                        "a force cannot rest on a channel of role " + on.role());
                        };
        };
    }

    @Override
    public void save(DataOutput out) throws IOException {
        for (double[] row : input) {
            for (double level : row) {
                out.writeDouble(level);
            }
        }
        Restorable.save(held, out);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        for (double[] row : input) {
            for (int i = 0; i < row.length; i++) {
                row[i] = in.readDouble();
            }
        }
        Restorable.restore(held, in);
    }
}
