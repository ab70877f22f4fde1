package org.homeostat.run;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.BinaryOperator;
import org.homeostat.device.Role;
import org.jspecify.annotations.Nullable;

/**
 * Safety limits of a device, for all channels of each role on which levels are imposed.
 *
 * @param input the limit of the inputs; null for none beyond the channels' own ranges, as for the others
 */
public record Limits(
        @Nullable Limit input,
        @Nullable Limit nudge,
        @Nullable Limit parameter,
        @Nullable Limit knob,
        @Nullable Limit softness) {

    /** No limits. */
    public static final Limits NONE = new Limits(null, null, null, null, null);

    /**
     * One limit, in the unit of its channels.
     *
     * @param min the lowest level that may be imposed; null for the lowest of the channel
     * @param max the highest; null for the highest of the channel
     * @param slew the largest change of a level from one exchange to the next; null for any
     */
    public record Limit(
            @Nullable Double min,
            @Nullable Double max,
            @Nullable Double slew) {
        public Limit {
            if (min != null && max != null && !(min < max)) {
                throw new IllegalArgumentException("min: expected less than max, which is " + max + ", not " + min);
            }
            if (slew != null && !(slew > 0)) {
                throw new IllegalArgumentException("slew: expected a number above 0, not " + slew);
            }
        }

        private Limit and(Limit other) {
            return new Limit(
                    tighter(min, other.min, Math::max),
                    tighter(max, other.max, Math::min),
                    tighter(slew, other.slew, Math::min));
        }

        private static @Nullable Double tighter(
                @Nullable Double one, @Nullable Double other, BinaryOperator<Double> tight) {
            return one == null ? other : other == null ? one : tight.apply(one, other);
        }
    }

    /**
     * Both these limits and others: of each the tighter one.
     *
     * @throws IllegalArgumentException if nothing is left between them
     */
    public Limits and(Limits others) {
        return new Limits(
                both(input, others.input),
                both(nudge, others.nudge),
                both(parameter, others.parameter),
                both(knob, others.knob),
                both(softness, others.softness));
    }

    private static @Nullable Limit both(@Nullable Limit one, @Nullable Limit other) {
        return one == null ? other : other == null ? one : one.and(other);
    }

    /** Those that there are, by the role of their channels. */
    public Map<Role, Limit> byRole() {
        Map<Role, Limit> limits = new EnumMap<>(Role.class);
        put(limits, Role.INPUT, input);
        put(limits, Role.NUDGE, nudge);
        put(limits, Role.PARAMETER, parameter);
        put(limits, Role.KNOB, knob);
        put(limits, Role.SOFTNESS, softness);
        return limits;
    }

    private static void put(Map<Role, Limit> limits, Role role, @Nullable Limit limit) {
        if (limit != null) {
            limits.put(role, limit);
        }
    }
}
