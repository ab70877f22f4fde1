package org.homeostat.device;

/** What a channel is for. */
public enum Role {
    /** Imposed by the host: the question put to the device. One row a lane. */
    INPUT,
    /** Read from the device: its answer. One row a lane. */
    OUTPUT,
    /** Imposed by the host: a force on an output, one channel an output, in the same order. One row a lane. */
    NUDGE,
    /** Imposed by the host: where the spring of a parameter is anchored. Shared by all lanes. */
    KNOB,
    /**
     * How soft the spring between knob and parameter is (epsilon, a parameter's move per unit of force). Imposed by the
     * host where the device lists it; a device with fixed springs lists none. Shared by all lanes.
     */
    SOFTNESS,
    /** What is learned. Read as a position; also imposed, on devices that can be told where to hold. Shared by all lanes. */
    PARAMETER,
    /** Read: the conjugate force dE/dtheta on each parameter, in the order of the parameters. Shared by all lanes. */
    FORCE,
    /** Read: anything else that can be measured, such as the voltage of an inner node. One row a lane. */
    MONITOR;

    /** True where all lanes of a device share one set of levels. */
    public boolean shared() {
        return this == KNOB || this == SOFTNESS || this == PARAMETER || this == FORCE;
    }
}
