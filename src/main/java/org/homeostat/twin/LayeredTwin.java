package org.homeostat.twin;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Quality;
import org.homeostat.device.Quality.Verdict;
import org.homeostat.device.Response;
import org.homeostat.device.Restorable;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;
import org.homeostat.device.Start;
import org.homeostat.device.Stimulus;
import org.homeostat.engine.LayeredNetwork;
import org.homeostat.engine.Matrix;
import org.jspecify.annotations.Nullable;

/**
 * A simulated board of layers too large to show its parameters: it holds them by itself and, let go, moves each by minus its
 * softness times the change of its own force since the exchange before, as every edge of a self-learning circuit does. Exactly
 * as drawn: without noise, converters or spread. Its clock is virtual.
 */
public final class LayeredTwin implements Device, Restorable {

    private final Descriptor card;
    private final LayeredNetwork network;
    private final double tolerance;
    private final double[] softness;
    private final Matrix push;
    private final double[][] shown;
    private double seconds;
    private boolean open = true;

    /** The outputs last read without a nudge, one row a lane; null while there are none. */
    private double @Nullable [][] free;

    /**
     * @param card inputs and outputs in the order of the network's units; one SOFTNESS channel for the weights of each layer
     *     after the input, in order, then one for its biases
     * @param tolerance how far the network is settled, see {@link LayeredNetwork#settle}
     */
    public LayeredTwin(Descriptor card, LayeredNetwork network, double tolerance) {
        if (!card.can(Ability.HOMEOSTASIS) || card.count(Role.PARAMETER) != 0 || card.count(Role.MONITOR) != 0) {
            throw new IllegalArgumentException("board " + card.board()
                    + ": a layered twin holds its parameters by itself, and shows neither them nor"
                    + " what lies inside");
        }
        this.card = card;
        this.network = network;
        this.tolerance = tolerance;
        softness =
                card.channels(Role.SOFTNESS).stream().mapToDouble(Channel::safe).toArray();
        push = Matrix.of(card.lanes(), card.count(Role.OUTPUT));
        shown = new double[card.lanes()][push.columns()];
        double[] still =
                card.channels(Role.INPUT).stream().mapToDouble(Channel::safe).toArray();
        for (int lane = 0; lane < card.lanes(); lane++) {
            network.input(lane, still);
        }
    }

    @Override
    public Descriptor descriptor() {
        return card;
    }

    @Override
    public Response present(Stimulus stimulus, Deadline deadline) {
        if (!open) {
            throw new DeviceException(Fault.DISCONNECTED, "twin " + card.board() + " is closed; open it again");
        }
        card.accepted(stimulus);
        Nudge nudge = realised(stimulus.nudge());
        deadline.require(card.board());
        double stiffness = nudge instanceof Nudge.Coupling coupling ? coupling.beta() * card.betaUnit() : 0;
        network.requireBound(stiffness);
        impose(stimulus.levels());
        pull(nudge, stiffness);
        if (stimulus.start() == Start.AFRESH) {
            network.afresh();
        }
        LayeredNetwork.Rest rest = network.settle(push, stiffness, tolerance);
        double dwell =
                stimulus.settling() instanceof Settling.Dwell fixed ? fixed.dwellSeconds() : card.settleSeconds();
        seconds += dwell;
        boolean early = show(dwell);
        double[][] outputs = new double[shown.length][];
        Arrays.setAll(outputs, lane -> shown[lane].clone());
        Quality quality = quality(rest, early, outputs);
        if (!quality.held() || !quality.locked()) {
            // What has run away is let go, so that it may be asked again, and nothing is learned from it.
            network.afresh();
        } else if (stimulus.plasticity() == Plasticity.FREE) {
            network.move(part(0), part(1));
        } else {
            network.remember();
        }
        if (nudge instanceof Nudge.None) {
            free = outputs;
        }
        return new Response(
                Levels.of(Role.OUTPUT, outputs),
                Levels.NONE,
                stimulus.settling().reads(),
                seconds,
                quality);
    }

    private Nudge realised(Nudge nudge) {
        card.requireRead(nudge, free != null);
        return nudge instanceof Nudge.Difference difference
                ? difference.from(Objects.requireNonNull(free), card)
                : nudge;
    }

    private void impose(Levels levels) {
        if (levels.has(Role.INPUT)) {
            int[] positions = levels.positions(Role.INPUT);
            for (int lane = 0; lane < card.lanes(); lane++) {
                double[] row = levels.row(Role.INPUT, lane);
                if (positions == null) {
                    network.input(lane, row);
                } else {
                    for (int i = 0; i < row.length; i++) {
                        network.input(lane, positions[i], row[i]);
                    }
                }
            }
        }
        if (levels.has(Role.SOFTNESS)) {
            int[] positions = levels.positions(Role.SOFTNESS);
            double[] row = levels.row(Role.SOFTNESS);
            for (int i = 0; i < row.length; i++) {
                softness[positions == null ? i : positions[i]] = row[i];
            }
        }
    }

    private void pull(Nudge nudge, double stiffness) {
        for (int lane = 0; lane < card.lanes(); lane++) {
            for (int k = 0; k < push.columns(); k++) {
                push.set(lane, k, (float)
                        switch (nudge) {
                            case Nudge.None none -> 0;
                            case Nudge.Force force -> force.levels().at(Role.NUDGE, lane, k);
                            case Nudge.Coupling coupling ->
                                stiffness * coupling.target().at(Role.OUTPUT, lane, k);
                            default -> throw new IllegalStateException("the card does not allow " + nudge);
                        });
            }
        }
    }

    /** What the outputs show after a dwell: rest, less what has not decayed of the way there. */
    private boolean show(double dwell) {
        double left = dwell < card.settleSeconds()
                ? Math.exp(-TwinDevice.TIME_CONSTANTS_TO_SETTLE * dwell / card.settleSeconds())
                : 0;
        for (int lane = 0; lane < shown.length; lane++) {
            for (int k = 0; k < shown[lane].length; k++) {
                double rest = network.output(lane, k);
                shown[lane][k] = rest + left * (shown[lane][k] - rest);
            }
        }
        return left > 0;
    }

    /** How soft the springs of the weights of each layer are, or of the biases. */
    private double[] part(int second) {
        int layers = softness.length / 2;
        return Arrays.copyOfRange(softness, second * layers, (second + 1) * layers);
    }

    private Quality quality(LayeredNetwork.Rest rest, boolean early, double[][] outputs) {
        if (Double.isInfinite(rest.residual())) {
            return new Quality(
                    Verdict.UNSTABLE,
                    "",
                    "the twin's energy has no minimum here; make its couplings or the nudge weaker");
        }
        if (rest.residual() > tolerance) {
            return new Quality(
                    Verdict.UNSETTLED,
                    "",
                    "the twin did not come to rest in " + rest.sweeps() + " sweeps; its couplings may be too strong");
        }
        if (early) {
            return new Quality(Verdict.UNSETTLED, "", "read before the settling time was over; dwell longer");
        }
        Quality clipped = Quality.SETTLED;
        for (double[] row : outputs) {
            for (int k = 0; k < row.length; k++) {
                Channel channel = card.channels(Role.OUTPUT).get(k);
                if (row[k] < channel.min() || row[k] > channel.max()) {
                    row[k] = Math.clamp(row[k], channel.min(), channel.max());
                    clipped = new Quality(
                            Verdict.CLIPPED,
                            channel.name(),
                            "channel " + channel.name()
                                    + " is at the end of its range; make the inputs or couplings weaker");
                }
            }
        }
        return clipped;
    }

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeDouble(seconds);
        for (double spring : softness) {
            out.writeDouble(spring);
        }
        for (double[] row : shown) {
            for (double value : row) {
                out.writeDouble(value);
            }
        }
        Restorable.saveRows(free, out);
        network.save(out);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        seconds = in.readDouble();
        for (int i = 0; i < softness.length; i++) {
            softness[i] = in.readDouble();
        }
        for (double[] row : shown) {
            for (int k = 0; k < row.length; k++) {
                row[k] = in.readDouble();
            }
        }
        free = Restorable.restoreRows(in, card.lanes(), push.columns());
        network.restore(in);
    }

    @Override
    public void close() {
        open = false;
        network.close();
    }
}
