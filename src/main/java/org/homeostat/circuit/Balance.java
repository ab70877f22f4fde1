package org.homeostat.circuit;

import java.util.Arrays;
import java.util.List;

/**
 * Kirchhoff's law over a circuit, element by element, apart from any solver: the residual that {@link Solution} tells.
 *
 * <p>At each node the currents of all elements are summed by their laws. Nodes joined by ideal voltage sources and amplifiers
 * are one node, since their currents are whatever is asked; if ground or the output of an operational amplifier is among
 * them, nothing is asked. The currents of ideal diodes are given; a pair of a current j and a forward voltage v misses by
 * {@code |min(j, -G v)|}, with G the largest sum of conductances at a node, which is 0 only where the diode blocks and
 * carries nothing or conducts without a drop. An equation of a source or amplifier misses by the voltage it is off, as a part
 * of the largest. Asking allocates nothing.
 */
final class Balance {

    /** What a circuit without a voltage is measured by. */
    static final double LEAST_VOLTS = 1e-9;

    /** A part of what a transistor carries a volt above its threshold. */
    static final double IDLE = 1e-6;

    private final Circuit circuit;
    private final Element[] elements;

    /** The source of which an element is the value, or the resistor; -1 for others. */
    private final int[] number;

    /** The node that stands for all that ideal sources join it to; 0 where nothing is asked of it. */
    private final int[] cluster;

    /** The largest of a transistor, in A/V^2; 0 if there is none. */
    private final double transconductance;

    private final SquareLaw square = new SquareLaw();
    private final double[] missing;
    private final double[] flowing;
    private final double[] siemens;
    private double scale;

    Balance(Circuit circuit) {
        this.circuit = circuit;
        elements = circuit.elements().toArray(new Element[0]);
        number = new int[elements.length];
        int nodes = circuit.nodes().size();
        cluster = new int[nodes];
        for (int node = 0; node < nodes; node++) {
            cluster[node] = node;
        }
        int sources = 0;
        int resistors = 0;
        double most = 0;
        for (int e = 0; e < elements.length; e++) {
            number[e] = -1;
            switch (elements[e]) {
                case Element.Resistor unused -> number[e] = resistors++;
                case Element.Voltage source -> {
                    number[e] = sources++;
                    join(source.plus(), source.minus());
                }
                case Element.Current unused -> number[e] = sources++;
                case Element.Amplifier amplifier -> join(amplifier.plus(), amplifier.minus());
                case Element.OpAmp amplifier -> join(amplifier.out(), 0);
                case Element.IdealDiode unused -> {}
                case Element.Diode unused -> {}
                case Element.Mosfet fet -> most = Math.max(most, fet.transconductance());
            }
        }
        transconductance = most;
        missing = new double[nodes];
        flowing = new double[nodes];
        siemens = new double[nodes];
    }

    private int root(int node) {
        int at = node;
        while (cluster[at] != at) {
            at = cluster[at];
        }
        return at;
    }

    private void join(int a, int b) {
        int low = Math.min(root(a), root(b));
        int high = Math.max(root(a), root(b));
        cluster[high] = low;
    }

    /**
     * The residual, as {@link Solution#residual} tells it.
     *
     * @param sources the values of {@link Circuit#sources}
     * @param conductances of {@link Circuit#resistors}
     * @param volts of each node
     * @param idealAmperes the current of each ideal diode, in the order of the elements, from anode to cathode
     */
    double residual(double[] sources, double[] conductances, double[] volts, double[] idealAmperes) {
        Arrays.fill(missing, 0);
        Arrays.fill(flowing, 0);
        Arrays.fill(siemens, 0);
        double largest = LEAST_VOLTS;
        for (double v : volts) {
            largest = Math.max(largest, Math.abs(v));
        }
        for (int e = 0; e < elements.length; e++) {
            if (elements[e] instanceof Element.Resistor resistor) {
                double g = conductances[number[e]];
                siemens[resistor.a()] += g;
                siemens[resistor.b()] += g;
                through(resistor.a(), resistor.b(), g * (volts[resistor.a()] - volts[resistor.b()]));
            }
        }
        scale = 0;
        double unit = 0;
        for (double g : siemens) {
            scale = Math.max(scale, g * largest);
            unit = Math.max(unit, g);
        }
        Arrays.fill(flowing, 0);
        // Without a resistor a volt that a source is off counts as a siemens of the circuit's own currents would.
        double worst = 0;
        double off = 0;
        int ideal = 0;
        for (int e = 0; e < elements.length; e++) {
            switch (elements[e]) {
                case Element.Resistor unused -> {}
                case Element.Voltage source ->
                    off = Math.max(off, Math.abs(volts[source.plus()] - volts[source.minus()] - sources[number[e]]));
                case Element.Current source -> through(source.plus(), source.minus(), sources[number[e]]);
                case Element.IdealDiode diode -> {
                    double j = idealAmperes[ideal++];
                    double forward = volts[diode.anode()] - volts[diode.cathode()];
                    through(diode.anode(), diode.cathode(), j);
                    if (unit > 0) {
                        worst = Math.max(worst, Math.abs(Math.min(j, -unit * forward)));
                    } else {
                        worst = Math.max(worst, Math.max(-j, forward < 0 ? j : 0));
                        off = Math.max(off, forward);
                    }
                }
                case Element.Diode diode ->
                    through(
                            diode.anode(),
                            diode.cathode(),
                            ShockleyCurve.amperes(
                                    volts[diode.anode()] - volts[diode.cathode()],
                                    diode.saturationAmperes(),
                                    diode.slopeVolts()));
                case Element.Amplifier amplifier -> {
                    double control = volts[amplifier.controlPlus()] - volts[amplifier.controlMinus()];
                    off = Math.max(
                            off,
                            Math.abs(volts[amplifier.plus()] - volts[amplifier.minus()] - amplifier.gain() * control));
                }
                case Element.OpAmp amplifier -> {
                    double half = 0.5 * (amplifier.highVolts() - amplifier.lowVolts());
                    double middle = 0.5 * (amplifier.highVolts() + amplifier.lowVolts());
                    double law = middle
                            + AmplifierCurve.output(
                                    volts[amplifier.plus()] - volts[amplifier.minus()], amplifier.gain(), half);
                    off = Math.max(off, Math.abs(volts[amplifier.out()] - law));
                }
                case Element.Mosfet fet -> {
                    square.at(fet, volts[fet.drain()], volts[fet.gate()], volts[fet.source()]);
                    through(fet.drain(), fet.source(), square.amperes);
                }
            }
        }
        double rest = 0;
        for (double amperes : flowing) {
            rest = Math.max(rest, amperes);
        }
        // Transistors through which nothing flows are measured by what they could carry.
        scale = Math.max(scale + rest, IDLE * transconductance * largest);
        for (int node = missing.length - 1; node > 0; node--) {
            int into = cluster[node];
            if (into != node) {
                missing[into] += missing[node];
            }
        }
        for (int node = 1; node < missing.length; node++) {
            if (cluster[node] == node) {
                worst = Math.max(worst, Math.abs(missing[node]));
            }
        }
        double ofCurrent = scale > 0 ? worst / scale : worst;
        return Math.max(ofCurrent, off / largest);
    }

    /** The largest current that would flow at any node, in the last answer: the unit of the residual, in amperes. */
    double scaleAmperes() {
        return scale;
    }

    /** The name of the node at which most was missing in the last answer. */
    String worstNode() {
        int worst = 0;
        for (int node = 1; node < missing.length; node++) {
            if (cluster[node] == node && (worst == 0 || Math.abs(missing[node]) > Math.abs(missing[worst]))) {
                worst = node;
            }
        }
        List<String> names = circuit.nodes();
        return names.get(worst);
    }

    private void through(int from, int to, double amperes) {
        missing[from] += amperes;
        missing[to] -= amperes;
        flowing[from] += Math.abs(amperes);
        flowing[to] += Math.abs(amperes);
    }
}
