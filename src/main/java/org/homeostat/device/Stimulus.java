package org.homeostat.device;

/**
 * What is imposed on a device in one exchange. Channels that it does not mention keep their levels, except the nudge:
 * what is not nudged is let go.
 *
 * @param levels levels on channels that the host imposes
 * @param nudge the pull on the outputs
 * @param plasticity what the parameters may do
 * @param settling when to read
 * @param start where the device goes from
 */
public record Stimulus(Levels levels, Nudge nudge, Plasticity plasticity, Settling settling, Start start) {

    public Stimulus {
        for (Role role : levels.roles()) {
            switch (role) {
                case INPUT, KNOB, SOFTNESS, PARAMETER -> {}
                case NUDGE -> throw new IllegalArgumentException("nudge levels belong in the stimulus's nudge");
                case OUTPUT, FORCE, MONITOR ->
                    throw new IllegalArgumentException("levels of role " + role + " are read, they cannot be imposed");
            }
        }
    }

    /** The same, going on from where the device stands. */
    public Stimulus(Levels levels, Nudge nudge, Plasticity plasticity, Settling settling) {
        this(levels, nudge, plasticity, settling, Start.ONWARD);
    }

    /** Levels imposed with the parameters held, no nudge, read at the device's own time. */
    public static Stimulus of(Levels levels) {
        return new Stimulus(levels, Nudge.NONE, Plasticity.HELD, Settling.USUAL);
    }

    /** The same with other levels. */
    public Stimulus with(Levels others) {
        return new Stimulus(others, nudge, plasticity, settling, start);
    }

    /** The same with a nudge. */
    public Stimulus nudged(Nudge other) {
        return new Stimulus(levels, other, plasticity, settling, start);
    }

    /** The same with another plasticity. */
    public Stimulus when(Plasticity other) {
        return new Stimulus(levels, nudge, other, settling, start);
    }

    /** The same with another settling rule. */
    public Stimulus settling(Settling other) {
        return new Stimulus(levels, nudge, plasticity, other, start);
    }

    /** The same with another start. */
    public Stimulus starting(Start other) {
        return new Stimulus(levels, nudge, plasticity, settling, other);
    }
}
