package org.homeostat.circuit;

/**
 * The current of a field-effect transistor by {@link Element.Mosfet}'s law, and its derivatives; one object holds the last
 * answer, so that asking allocates nothing.
 *
 * <p>The channel conducts from the terminal at the higher potential (for an n-channel) to the other; where that is the
 * source, the two change places. Current and first derivatives are continuous everywhere.
 */
final class SquareLaw {

    /** Into the drain and out of the source, in amperes. */
    double amperes;

    /** Derivatives of {@link #amperes} by the three potentials, in siemens; their sum is 0. */
    double byDrain;

    double byGate;
    double bySource;

    void at(Element.Mosfet fet, double drain, double gate, double source) {
        at(fet.sign(), fet.thresholdVolts(), fet.transconductance(), fet.lambda(), drain, gate, source);
    }

    void at(double sign, double threshold, double k, double lambda, double drain, double gate, double source) {
        double across = sign * (drain - source);
        boolean swapped = across < 0;
        double over = sign * (gate - (swapped ? drain : source) - threshold);
        across = Math.abs(across);
        if (over <= 0) {
            amperes = 0;
            byDrain = 0;
            byGate = 0;
            bySource = 0;
            return;
        }
        double modulation = 1 + lambda * across;
        double square;
        double byOver;
        double byAcross;
        if (across < over) {
            square = k * (over - 0.5 * across) * across;
            byOver = k * across;
            byAcross = k * (over - across);
        } else {
            square = 0.5 * k * over * over;
            byOver = k * over;
            byAcross = 0;
        }
        byAcross = byAcross * modulation + square * lambda;
        byOver *= modulation;
        double current = sign * square * modulation;
        // Both signs cancel in the derivatives: sign (d/dv) sign v.
        if (swapped) {
            amperes = -current;
            byGate = -byOver;
            bySource = -byAcross;
            byDrain = byAcross + byOver;
        } else {
            amperes = current;
            byGate = byOver;
            byDrain = byAcross;
            bySource = -(byAcross + byOver);
        }
    }
}
