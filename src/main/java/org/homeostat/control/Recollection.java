package org.homeostat.control;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.jspecify.annotations.Nullable;

/**
 * How far the knobs stood from the positions held, for stimuli met before. A data set comes round every epoch, and the
 * force that one of its rows exerts has changed little since: where the knobs held then is where to start now. It is only
 * ever a first guess, so that two stimuli that share a fingerprint do no harm.
 */
final class Recollection {

    /** So many numbers are remembered, 8 MB of them; then what was not asked for longest is forgotten. */
    private static final int MOST_NUMBERS = 1 << 20;

    private final int knobs;
    private final Map<Long, double[]> offsets = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, double[]> eldest) {
            return (long) size() * knobs > MOST_NUMBERS;
        }
    };

    Recollection(int knobs) {
        this.knobs = knobs;
    }

    /** A fingerprint of the inputs that a stimulus imposes; {@code before} where it imposes none. */
    static long inputs(Stimulus stimulus, long before) {
        Levels levels = stimulus.levels();
        if (!levels.has(Role.INPUT)) {
            return before;
        }
        long print = 1;
        for (int lane = 0; lane < levels.rows(Role.INPUT); lane++) {
            for (double level : levels.row(Role.INPUT, lane)) {
                print = mixed(print, level);
            }
        }
        return print;
    }

    /**
     * A fingerprint of inputs together with a nudge. A force counts by its signs: it fades as its row is learned, and still
     * pulls the same way.
     */
    static long nudged(long inputs, Nudge nudge) {
        return switch (nudge) {
            case Nudge.None none -> inputs;
            case Nudge.Coupling coupling -> mixed(inputs, coupling.beta());
            case Nudge.Clamp clamp -> mixed(inputs, 2);
            case Nudge.Ramp ramp -> mixed(mixed(inputs, ramp.from()), ramp.to());
            case Nudge.Difference difference -> mixed(inputs, difference.beta());
            case Nudge.Force force -> {
                long print = mixed(inputs, 1);
                for (int lane = 0; lane < force.levels().rows(Role.NUDGE); lane++) {
                    for (double level : force.levels().row(Role.NUDGE, lane)) {
                        print = mixed(print, Math.signum(level));
                    }
                }
                yield print;
            }
        };
    }

    private static long mixed(long print, double value) {
        long product = (print ^ Double.doubleToLongBits(value)) * 0x9E3779B97F4A7C15L;
        return product ^ (product >>> 32);
    }

    /** The offsets that held when a fingerprint was last met; null if it never was. */
    double @Nullable [] of(long print) {
        return offsets.get(print);
    }

    /** Remembers the offsets that hold now. */
    void remember(long print, double[] offset) {
        offsets.put(print, offset.clone());
    }

    void save(DataOutput out) throws IOException {
        out.writeInt(offsets.size());
        for (Map.Entry<Long, double[]> entry : offsets.entrySet()) {
            out.writeLong(entry.getKey());
            for (double value : entry.getValue()) {
                out.writeDouble(value);
            }
        }
    }

    void restore(DataInput in) throws IOException {
        offsets.clear();
        for (int left = in.readInt(); left > 0; left--) {
            long print = in.readLong();
            double[] offset = new double[knobs];
            for (int k = 0; k < knobs; k++) {
                offset[k] = in.readDouble();
            }
            offsets.put(print, offset);
        }
    }
}
