package org.homeostat.device;

/** Where a device goes from to find its rest. */
public enum Start {
    /** From where it stands. */
    ONWARD,
    /** From a beginning that depends on nothing that was before: oscillators let go, an anneal from hot, a ramp from its easy end. */
    AFRESH
}
