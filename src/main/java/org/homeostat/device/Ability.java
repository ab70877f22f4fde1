package org.homeostat.device;

/** What the hardware does by itself, known before the first exchange. */
public enum Ability {
    /** Holds its own parameters: {@link Plasticity#HELD} and {@link Plasticity#FREE} both happen on the device. */
    HOMEOSTASIS("holds its own parameters"),
    /** Its parameters are physical degrees of freedom on springs anchored at the knobs: they move under force. */
    COMPLIANCE("has parameters that move under force"),
    /** Its parameters take the levels that the host writes to them. */
    WRITABLE_PARAMETERS("has parameters that the host can write"),
    /** The conjugate force dE/dtheta of each parameter can be read. */
    FORCES("lets the force on each parameter be read"),
    /** It has more than one rest, and can be let go so that it looks for one anew: {@link Start#AFRESH}. */
    RESTART("can be started afresh"),
    /** Its parameters integrate what they see while the nudge changes, and so learn by themselves. */
    PLASTICITY("has parameters that learn by themselves while the nudge changes");

    private final String sentence;

    Ability(String sentence) {
        this.sentence = sentence;
    }

    /** The ability in words, to follow "the device ...". */
    public String sentence() {
        return sentence;
    }
}
