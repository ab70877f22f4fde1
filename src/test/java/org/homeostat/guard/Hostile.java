package org.homeostat.guard;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;

/** Somebody who asks a board of {@link Codes} for what it must not do, now and then in a decent way. */
final class Hostile {

    private final SplittableRandom random;

    /** How many levels it has named so far. */
    long setPoints;

    Hostile(long seed) {
        random = new SplittableRandom(seed);
    }

    /** Asks a device of this card something hostile, and tells whether it was answered. */
    boolean asks(Device device) {
        try {
            int count = random.nextInt(4) == 0 ? 1 + random.nextInt(4) : 1;
            Stimulus[] stimuli = new Stimulus[count];
            for (int i = 0; i < count; i++) {
                stimuli[i] = stimulus(device.descriptor());
            }
            if (count == 1) {
                device.present(stimuli[0], Deadline.NEVER);
            } else {
                device.presentAll(List.of(stimuli), Deadline.NEVER);
            }
            return true;
        } catch (IllegalArgumentException | DeviceException refused) {
            return false;
        }
    }

    private Stimulus stimulus(Descriptor card) {
        // Most of them hostile in one place only, or nothing would ever get through.
        int where = random.nextInt(8);
        Levels levels = Levels.NONE;
        Role[] roles = {Role.INPUT, Role.KNOB, Role.SOFTNESS, Role.PARAMETER};
        for (int r = 0; r < roles.length; r++) {
            if (random.nextInt(3) == 0 || r == where) {
                levels = levels.and(block(card, roles[r], r == where));
            }
        }
        double beta = where == 4 ? any(-1, 1) : random.nextDouble(-0.01, 0.01);
        Nudge nudge = switch (random.nextInt(8)) {
            case 0, 1 -> new Nudge.Force(rows(card, Role.NUDGE, where == 5));
            case 2, 3 -> new Nudge.Difference(beta, rows(card, Role.OUTPUT, where == 6));
            case 4 -> new Nudge.Coupling(beta, rows(card, Role.OUTPUT, where == 6));
            default -> Nudge.NONE;
        };
        return Stimulus.of(levels).nudged(nudge).when(random.nextInt(6) == 0 ? Plasticity.FREE : Plasticity.HELD);
    }

    private Levels block(Descriptor card, Role role, boolean hostile) {
        int count = card.count(role);
        if (random.nextBoolean()) {
            return rows(card, role, hostile);
        }
        int[] positions =
                IntStream.range(0, count).filter(i -> random.nextBoolean()).toArray();
        double[] row = new double[positions.length];
        Arrays.setAll(row, i -> level(card.channels(role).get(positions[i]), hostile));
        return Levels.some(role, positions, row);
    }

    private Levels rows(Descriptor card, Role role, boolean hostile) {
        double[][] rows = new double[role.shared() || random.nextBoolean() ? 1 : card.lanes()][];
        for (int lane = 0; lane < rows.length; lane++) {
            rows[lane] = new double[card.count(role)];
            Arrays.setAll(rows[lane], i -> level(card.channels(role).get(i), hostile));
        }
        return Levels.of(role, rows);
    }

    private double level(Channel channel, boolean hostile) {
        setPoints++;
        Limit limit = Codes.LIMITS.getOrDefault(channel.role(), Limit.NONE);
        double min = Math.max(limit.min(), channel.min());
        double max = Math.min(limit.max(), channel.max());
        return hostile && random.nextInt(3) == 0 ? any(min, max) : random.nextDouble(min, max);
    }

    private double any(double min, double max) {
        return switch (random.nextInt(14)) {
            case 0 -> Double.NaN;
            case 1 -> Double.POSITIVE_INFINITY;
            case 2 -> Double.NEGATIVE_INFINITY;
            case 3 -> Double.MIN_VALUE * random.nextInt(1000);
            case 4 -> -Double.MIN_NORMAL / 3;
            case 5 -> -0.0;
            case 6 -> Double.MAX_VALUE;
            case 7 -> Math.nextUp(max);
            case 8 -> Math.nextDown(min);
            case 9 -> max;
            case 10 -> min;
            case 11 -> max + (max - min) * random.nextDouble();
            case 12 -> Double.longBitsToDouble(random.nextLong());
            default -> random.nextDouble(min, max);
        };
    }
}
