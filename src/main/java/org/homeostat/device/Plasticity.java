package org.homeostat.device;

/** What the parameters may do while the device settles. */
public enum Plasticity {
    /** The parameters stay where they are; on a device that holds by control, the knobs move instead. */
    HELD,
    /** The knobs stay where they are and the parameters follow the physics. */
    FREE
}
