package org.homeostat.calibration;

import java.util.ArrayList;
import java.util.List;
import org.homeostat.calibration.Calibration.Entry;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;

/**
 * How far one channel has gone since an older calibration.
 *
 * @param channel its name
 * @param gain the change of its gain
 * @param offset the change of its offset, in its unit (of potentiometers in ohms)
 * @param verdict whether that is more than is allowed
 */
public record Drift(String channel, Estimate gain, Estimate offset, Verdict verdict) {

    /** What two measurements with their intervals can tell of a change. */
    public enum Verdict {
        /** It is within what is allowed, intervals and all. */
        WITHIN,
        /** It may be more than what is allowed, or not. */
        UNCERTAIN,
        /** It is more than what is allowed, intervals and all. */
        DRIFTED;

        private static Verdict of(Estimate change, double allowed) {
            double size = Math.abs(change.value());
            return size - change.reach() > allowed ? DRIFTED : size + change.reach() <= allowed ? WITHIN : UNCERTAIN;
        }

        private Verdict worse(Verdict other) {
            return compareTo(other) >= 0 ? this : other;
        }
    }

    /**
     * How much a channel may change.
     *
     * @param gain of its gain, a pure number
     * @param codes of its offset, in steps of its converter; in its unit where it has none
     */
    public record Allowed(double gain, double codes) {
        public Allowed {
            if (!(gain >= 0) || !(codes >= 0)) {
                throw new IllegalArgumentException("expected 0 or more, not " + gain + " and " + codes);
            }
        }
    }

    /**
     * Compares two calibrations of one specimen, channel by channel; those whose law is not in both are left out.
     *
     * @throws IllegalArgumentException if they are of different boards, or have no channel in common
     */
    public static List<Drift> between(Calibration before, Calibration now, Descriptor card, Allowed allowed) {
        before.require(card);
        now.require(card);
        List<Drift> drifts = new ArrayList<>();
        for (Role role : Role.values()) {
            for (Channel channel : card.channels(role)) {
                Entry old = before.channels().get(channel.name());
                Entry fresh = now.channels().get(channel.name());
                if (old == null
                        || fresh == null
                        || old.gain() == null
                        || old.offset() == null
                        || fresh.gain() == null
                        || fresh.offset() == null) {
                    continue;
                }
                Estimate gain = change(old.gain(), fresh.gain());
                Estimate offset = change(old.offset(), fresh.offset());
                double step = switch (channel.scale()) {
                    case Scale.Continuous continuous -> 1;
                    case Scale.Linear linear -> linear.step();
                    case Scale.Rheostat pot -> pot.endToEndOhms() / pot.codes();
                };
                drifts.add(new Drift(
                        channel.name(),
                        gain,
                        offset,
                        Verdict.of(gain, allowed.gain).worse(Verdict.of(offset, allowed.codes * step))));
            }
        }
        if (drifts.isEmpty()) {
            throw new IllegalArgumentException("calibrations " + before.calibration() + " and " + now.calibration()
                    + " have no channel in common whose gain was measured; calibrate with the same reference");
        }
        return drifts;
    }

    /** Errors of two measurements that know nothing of each other add by their squares. */
    private static Estimate change(Estimate before, Estimate now) {
        return Estimate.within(now.value() - before.value(), Math.hypot(before.reach(), now.reach()));
    }
}
