package org.homeostat.device;

/**
 * How far an answer can be trusted. What the world does is data, not an exception.
 *
 * @param verdict the worst thing that happened
 * @param channel the channel it happened on; empty where it concerns no single one
 * @param remark one sentence for a person, with the remedy; empty when settled
 */
public record Quality(Verdict verdict, String channel, String remark) {

    /** Verdicts, from good to bad. */
    public enum Verdict {
        /** The device came to rest and every reading lies inside its range. */
        SETTLED,
        /** A reading sits at the end of its converter's range. */
        CLIPPED,
        /** The device was read before it came to rest. */
        UNSETTLED,
        /** A knob reached the end of its range, so that a parameter is not held. */
        SATURATED,
        /** Holding made a parameter stray further and further. */
        UNSTABLE,
        /** A parameter that was held jumped away from its knob to another rest. */
        SNAPPED,
        /** It has no rest: its oscillators are not locked, and what was read is one moment of a motion. */
        UNLOCKED
    }

    /** Nothing to remark. */
    public static final Quality SETTLED = new Quality(Verdict.SETTLED, "", "");

    /** The worse of two. */
    public Quality worst(Quality other) {
        return other.verdict.compareTo(verdict) > 0 ? other : this;
    }

    /** True if what was read is a rest, so that something can be learned from it. */
    public boolean locked() {
        return verdict != Verdict.UNLOCKED;
    }

    /** True if the parameters were where the stimulus wanted them. */
    public boolean held() {
        return verdict.compareTo(Verdict.SATURATED) < 0 || verdict == Verdict.UNLOCKED;
    }
}
