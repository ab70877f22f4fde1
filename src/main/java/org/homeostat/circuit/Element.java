package org.homeostat.circuit;

/**
 * An element of a circuit, between nodes by number; node 0 is ground. Named as in the netlist, in lower case, prefixed by the
 * sub-circuits that it lies in ({@code x1.r3}).
 */
public sealed interface Element {

    /** Unique within a circuit. */
    String name();

    /**
     * A resistor.
     *
     * @param siemens its conductance, 0 or more; 0 is an open connection
     */
    record Resistor(String name, int a, int b, double siemens) implements Element {}

    /** An ideal voltage source: {@code v_plus - v_minus = volts}. */
    record Voltage(String name, int plus, int minus, double volts) implements Element {}

    /** An ideal current source that drives a current through itself from plus to minus, as SPICE counts it: into minus. */
    record Current(String name, int plus, int minus, double amperes) implements Element {}

    /** An ideal diode: {@code v_anode <= v_cathode}, current only from anode to cathode and only where they are equal. */
    record IdealDiode(String name, int anode, int cathode) implements Element {}

    /**
     * A diode by Shockley's law: {@code i = saturation (exp((v_anode - v_cathode) / slope) - 1)}.
     *
     * @param saturationAmperes above 0
     * @param slopeVolts emission coefficient times thermal voltage, above 0 (0.025865 V times n at SPICE's 27 degrees C)
     */
    record Diode(String name, int anode, int cathode, double saturationAmperes, double slopeVolts) implements Element {}

    /** An ideal amplifier, SPICE's E: {@code v_plus - v_minus = gain (v_controlPlus - v_controlMinus)}, draws no current. */
    record Amplifier(String name, int plus, int minus, int controlPlus, int controlMinus, double gain)
            implements Element {}

    /**
     * An operational amplifier with finite gain and rails:
     * {@code v_out = middle + half tanh(gain (v_plus - v_minus) / half)}, with middle and half of the two rails.
     */
    record OpAmp(String name, int plus, int minus, int out, double gain, double lowVolts, double highVolts)
            implements Element {}

    /**
     * A field-effect transistor, SPICE's level 1 without body effect: below threshold no current; in the triode region
     * {@code i_d = k ((v_gs - v_t) v_ds - v_ds^2 / 2)(1 + lambda v_ds)}, in saturation
     * {@code i_d = k/2 (v_gs - v_t)^2 (1 + lambda v_ds)}; symmetric in drain and source.
     *
     * @param sign 1 for an n-channel, -1 for a p-channel transistor
     * @param thresholdVolts v_t, of an n-channel enhancement type positive; of a p-channel one negative
     * @param transconductance k in A/V^2: KP W / L
     * @param lambda channel-length modulation, 1/V
     */
    record Mosfet(
            String name,
            int drain,
            int gate,
            int source,
            int sign,
            double thresholdVolts,
            double transconductance,
            double lambda)
            implements Element {}
}
