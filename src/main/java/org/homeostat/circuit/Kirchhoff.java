package org.homeostat.circuit;

import java.util.List;

/**
 * The certificate of an operating point of resistors, sources and ideal diodes: how far Kirchhoff's law is missed, worked out
 * element by element from nothing but the circuit, the voltages and the currents said to flow in the diodes. Whatever
 * currents are said, the figure is an upper bound: one that flows backwards, or where the diode blocks, does not count.
 */
final class Kirchhoff {

    private Kirchhoff() {}

    /**
     * The largest current that is missed at a node that no source holds, as a part of the largest current that could flow at
     * any node: the sum over its resistors of conductance times the largest voltage. A diode in reverse of its law, its anode
     * above its cathode, misses what that voltage would drive through all resistors of the node.
     *
     * @param siemens of the resistors, in their order
     * @param sources of the sources, in their order
     * @param volts of the nodes
     * @param amperes of the ideal diodes, in their order
     */
    static double residual(Circuit circuit, double[] siemens, double[] sources, double[] volts, double[] amperes) {
        List<Element> elements = circuit.elements();
        double[] missed = new double[volts.length];
        double[] total = new double[volts.length];
        boolean[] held = new boolean[volts.length];
        held[0] = true;
        double largest = 0;
        for (double v : volts) {
            largest = Math.max(largest, Math.abs(v));
        }
        int resistor = 0;
        int source = 0;
        for (Element element : elements) {
            switch (element) {
                case Element.Resistor r -> {
                    double g = siemens[resistor++];
                    double current = g * (volts[r.a()] - volts[r.b()]);
                    missed[r.a()] -= current;
                    missed[r.b()] += current;
                    if (r.a() != r.b()) {
                        total[r.a()] += g;
                        total[r.b()] += g;
                    }
                }
                case Element.Current i -> {
                    missed[i.plus()] -= sources[source];
                    missed[i.minus()] += sources[source++];
                }
                case Element.Voltage v -> {
                    held[v.plus()] = true;
                    held[v.minus()] = true;
                    source++;
                }
                default -> {
                    // Diodes need the sum of the resistors first.
                }
            }
        }
        double violated = 0;
        int diode = 0;
        for (Element element : elements) {
            if (element instanceof Element.IdealDiode d) {
                double drop = volts[d.anode()] - volts[d.cathode()];
                double current = amperes[diode++];
                if (drop >= 0 && current > 0) {
                    missed[d.anode()] -= current;
                    missed[d.cathode()] += current;
                }
                if (drop > 0) {
                    violated = Math.max(violated, drop * Math.max(total[d.anode()], total[d.cathode()]));
                }
            }
        }
        double worst = violated;
        double unit = 0;
        for (int node = 0; node < volts.length; node++) {
            unit = Math.max(unit, total[node] * largest);
            worst = held[node] ? worst : Math.max(worst, Math.abs(missed[node]));
        }
        return worst == 0 ? 0 : worst / unit;
    }
}
