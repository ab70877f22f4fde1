package org.homeostat.circuit;

import java.util.ArrayList;
import java.util.List;

/**
 * A circuit of voltage sources, resistors, diodes and amplifiers that answers as a ReLU network does (arXiv 2312.15063: such
 * circuits approximate any continuous function, provided that conductances and gains may be of any size).
 *
 * <p>For every rectified unit there are two nodes, one that a diode to ground keeps at or above 0 V and one that is kept at
 * or below: they stand for {@code relu(z)} and {@code -relu(z)}, up to a factor. A weight w is a conductance proportional to
 * |w|, from the node of its sign below; a bias one from a supply. All nodes of a layer are padded with resistors to ground to
 * the same sum of conductances, so that each is at the mean of what it is joined to. Every further layer is eps times as
 * conductive, so that what it takes from the layer below is of the order of eps. Amplifiers behind the inputs make up for all
 * means at once: of gain A and -A, with A the product over layers of the largest sum of a unit's absolute weights and biases.
 * The output is in volts what the network answers.
 *
 * @param network what it answers as
 * @param eps how much less each layer conducts than the one below, above 0
 * @param reality of what kind diodes and amplifiers are
 */
public record Universal(ReluNetwork network, double eps, Reality reality) {

    /** The conductance of a weight of 1 in the first layer, in siemens. */
    private static final double UNIT_SIEMENS = 1e-4;

    /** The resistor from an operational amplifier's output to its input. */
    private static final double FEEDBACK_SIEMENS = 1e-5;

    /** So much further out than their largest output are an operational amplifier's rails. */
    private static final double HEADROOM = 4;

    /** The saturation current of the Shockley diodes. */
    private static final double SATURATION_AMPERES = 1e-12;

    /**
     * Of what kind the elements are.
     *
     * @param emission coefficient n of Shockley diodes with a saturation current of 1 pA at 27 degrees C; 0 for ideal diodes
     * @param gain of operational amplifiers without feedback; infinite for ideal amplifiers
     */
    public record Reality(double emission, double gain) {

        public static final Reality IDEAL = new Reality(0, Double.POSITIVE_INFINITY);

        public Reality {
            if (!(emission >= 0) || !(gain > 1)) {
                throw new IllegalArgumentException("emission coefficient " + emission + " and gain " + gain
                        + ": expected 0 or more, and more than 1");
            }
        }
    }

    public Universal {
        if (!(eps > 0)) {
            throw new IllegalArgumentException("eps is " + eps + "; expected a number above 0");
        }
    }

    /** The gain A of the amplifiers, a pure number: it makes up for the means of all layers. */
    public double gain() {
        double gain = 1;
        for (ReluNetwork.Layer layer : network.layers()) {
            gain *= largest(layer, 1 / gain);
        }
        return gain;
    }

    /** The largest sum of a unit's conductances, in units of the layer's. */
    private static double largest(ReluNetwork.Layer layer, double biasFactor) {
        double largest = 0;
        for (int k = 0; k < layer.biases().length; k++) {
            largest = Math.max(largest, sum(layer, k, biasFactor));
        }
        return largest;
    }

    private static double sum(ReluNetwork.Layer layer, int unit, double biasFactor) {
        double sum = Math.abs(layer.biases()[unit]) * biasFactor;
        for (double weight : layer.weights()[unit]) {
            sum += Math.abs(weight);
        }
        return sum;
    }

    /** The circuit; its sources are the inputs, {@code vx0} and on, and the reference of 1 V. */
    public Circuit circuit() {
        return laid(true);
    }

    /**
     * The same where ideal amplifiers are worked out beforehand: two sources an input, A x and -A x, and the two supplies A
     * and -A, in this order. For solvers that know no amplifiers; what it answers is the same to the last bit or two.
     */
    public Circuit driven() {
        return laid(false);
    }

    /** The values of the sources of {@link #circuit()} at an input. */
    public double[] sources(double... x) {
        double[] sources = new double[x.length + 1];
        System.arraycopy(x, 0, sources, 0, x.length);
        sources[x.length] = 1;
        return sources;
    }

    /** The values of the sources of {@link #driven()} at an input. */
    public double[] drivenSources(double... x) {
        double gain = gain();
        double[] sources = new double[2 * x.length + 2];
        for (int i = 0; i <= x.length; i++) {
            sources[2 * i] = gain * (i < x.length ? x[i] : 1);
            sources[2 * i + 1] = -sources[2 * i];
        }
        return sources;
    }

    /** The answer in the voltages of a circuit of this network. */
    public double[] read(Circuit circuit, double[] volts) {
        double[] answer = new double[network.layers().getLast().biases().length];
        for (int o = 0; o < answer.length; o++) {
            answer[o] = volts[circuit.nodes().indexOf("out" + o)];
        }
        return answer;
    }

    private Circuit laid(boolean amplified) {
        Wiring wiring = new Wiring();
        int inputs = network.inputs();
        List<Integer> plus = new ArrayList<>();
        List<Integer> minus = new ArrayList<>();
        double gain = gain();
        for (int i = 0; i <= inputs; i++) {
            String name = i < inputs ? "x" + i : "one";
            plus.add(wiring.node(name + "_plus"));
            minus.add(wiring.node(name + "_minus"));
            if (amplified) {
                int source = wiring.node(name);
                wiring.add(new Element.Voltage("v" + name, source, 0, i < inputs ? 0 : 1));
                amplify(wiring, name, source, plus.getLast(), minus.getLast(), gain);
            } else {
                wiring.add(new Element.Voltage("v" + name + "_plus", plus.getLast(), 0, i < inputs ? 0 : gain));
                wiring.add(new Element.Voltage("v" + name + "_minus", minus.getLast(), 0, i < inputs ? 0 : -gain));
            }
        }
        int onePlus = plus.removeLast();
        int oneMinus = minus.removeLast();
        double siemens = UNIT_SIEMENS;
        double shrunk = 1;
        for (int l = 0; l < network.layers().size(); l++) {
            ReluNetwork.Layer layer = network.layers().get(l);
            boolean last = l == network.layers().size() - 1;
            double all = largest(layer, shrunk);
            List<Integer> nextPlus = new ArrayList<>();
            List<Integer> nextMinus = new ArrayList<>();
            for (int k = 0; k < layer.biases().length; k++) {
                for (int side = 1; side >= (last ? 1 : -1); side -= 2) {
                    String name = last ? "out" + k : (side > 0 ? "p" : "m") + l + "_" + k;
                    int node = wiring.node(name);
                    for (int i = 0; i < plus.size(); i++) {
                        double weight = side * layer.weights()[k][i];
                        resistor(
                                wiring,
                                "r" + name + "_" + i,
                                weight > 0 ? plus.get(i) : minus.get(i),
                                node,
                                Math.abs(weight) * siemens);
                    }
                    double bias = side * layer.biases()[k];
                    resistor(
                            wiring,
                            "rb" + name,
                            bias > 0 ? onePlus : oneMinus,
                            node,
                            Math.abs(bias) * shrunk * siemens);
                    resistor(wiring, "rg" + name, node, 0, (all - sum(layer, k, shrunk)) * siemens);
                    if (!last) {
                        wiring.add(diode("d" + name, side > 0 ? 0 : node, side > 0 ? node : 0));
                        (side > 0 ? nextPlus : nextMinus).add(node);
                    }
                }
            }
            plus = nextPlus;
            minus = nextMinus;
            shrunk /= all;
            siemens *= eps;
        }
        return wiring.circuit();
    }

    private static void resistor(Wiring wiring, String name, int a, int b, double siemens) {
        if (siemens > 0) {
            wiring.add(new Element.Resistor(name, a, b, siemens));
        }
    }

    private Element diode(String name, int anode, int cathode) {
        return reality.emission == 0
                ? new Element.IdealDiode(name, anode, cathode)
                : new Element.Diode(name, anode, cathode, SATURATION_AMPERES, reality.emission * Netlist.THERMAL_VOLTS);
    }

    /** Amplifiers of gain A and -A: ideal ones, or operational amplifiers with two resistors each. */
    private void amplify(Wiring wiring, String name, int source, int plus, int minus, double gain) {
        if (Double.isInfinite(reality.gain)) {
            wiring.add(new Element.Amplifier("e" + name + "_plus", plus, 0, source, 0, gain));
            wiring.add(new Element.Amplifier("e" + name + "_minus", minus, 0, source, 0, -gain));
            return;
        }
        double rail = HEADROOM * gain;
        int low = wiring.node(name + "_low");
        int mid = wiring.node(name + "_mid");
        // 1 + R / R' and -R / R'.
        wiring.add(new Element.Resistor("rf" + name + "_plus", plus, low, FEEDBACK_SIEMENS));
        wiring.add(new Element.Resistor("rs" + name + "_plus", low, 0, (gain - 1) * FEEDBACK_SIEMENS));
        wiring.add(new Element.OpAmp("u" + name + "_plus", source, low, plus, reality.gain, -rail, rail));
        wiring.add(new Element.Resistor("rf" + name + "_minus", minus, mid, FEEDBACK_SIEMENS));
        wiring.add(new Element.Resistor("rs" + name + "_minus", mid, source, gain * FEEDBACK_SIEMENS));
        wiring.add(new Element.OpAmp("u" + name + "_minus", 0, mid, minus, reality.gain, -rail, rail));
    }
}
