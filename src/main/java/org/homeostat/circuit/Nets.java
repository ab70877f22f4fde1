package org.homeostat.circuit;

import java.util.SplittableRandom;

/** Networks drawn from a seed, of the kinds that solvers are measured on. The same seed draws the same network. */
public final class Nets {

    private static final double LARGEST_DENSE_SIEMENS = 1e-4;
    private static final double LEAST_GRID_SIEMENS = 1e-4;
    private static final double RIM_SIEMENS = 1e-3;
    private static final int RIM_SOURCES = 16;
    private static final double RIM_VOLTS = 5;
    private static final double GRID_DIODES = 0.05;

    private Nets() {}

    /**
     * A layered dense network: sources, layers of free nodes, every two neighbouring layers joined all to all. Conductances
     * are uniform up to 100 uS, half of them a thousand times smaller. Every node but those of the last layer has an ideal
     * diode to ground: the first half of a layer cannot fall below 0 V, the second half cannot rise above. Sources are
     * uniform within 1 V either way. Nodes are called {@code nLAYER_INDEX}, layer 0 the sources.
     *
     * @param sizes of the layers, sources first; at least two
     */
    public static Circuit dense(int[] sizes, long seed) {
        return layered(sizes, seed, false);
    }

    /** The same where every source x has a twin of -x, as the inputs of a deep resistive network: twice the sources. */
    public static Circuit paired(int[] sizes, long seed) {
        return layered(sizes, seed, true);
    }

    private static Circuit layered(int[] sizes, long seed, boolean paired) {
        if (sizes.length < 2) {
            throw new IllegalArgumentException("a layered network has " + sizes.length + " layers; expected 2 or more");
        }
        SplittableRandom random = new SplittableRandom(seed);
        Wiring wiring = new Wiring();
        int[] here = new int[paired ? 2 * sizes[0] : sizes[0]];
        for (int i = 0; i < sizes[0]; i++) {
            double volts = random.nextDouble(-1, 1);
            here[i] = wiring.node("n0_" + i);
            wiring.add(new Element.Voltage("v" + i, here[i], 0, volts));
            if (paired) {
                int twin = i + sizes[0];
                here[twin] = wiring.node("n0_" + twin);
                wiring.add(new Element.Voltage("v" + twin, here[twin], 0, -volts));
            }
        }
        for (int layer = 1; layer < sizes.length; layer++) {
            int[] next = new int[sizes[layer]];
            for (int j = 0; j < next.length; j++) {
                next[j] = wiring.node("n" + layer + "_" + j);
            }
            for (int i = 0; i < here.length; i++) {
                for (int j = 0; j < next.length; j++) {
                    double siemens = random.nextDouble(LARGEST_DENSE_SIEMENS) * (random.nextBoolean() ? 1 : 1e-3);
                    wiring.add(new Element.Resistor("r" + layer + "_" + i + "_" + j, here[i], next[j], siemens));
                }
            }
            for (int j = 0; j < next.length && layer < sizes.length - 1; j++) {
                boolean above = j < (next.length + 1) / 2;
                wiring.add(new Element.IdealDiode("d" + layer + "_" + j, above ? 0 : next[j], above ? next[j] : 0));
            }
            here = next;
        }
        return wiring.circuit();
    }

    /**
     * A square grid: each node joined to its four neighbours by conductances spread over a decade, 16 sources along the rim
     * through 1 mS (uniform within 5 V either way), and on every twentieth node or so an ideal diode to a rail that keeps it
     * below 1 V or above -1 V. Nodes are called {@code nROW_COLUMN}; the rails are the last two sources.
     *
     * @param side nodes along a side, 2 or more
     */
    public static Circuit grid(int side, long seed) {
        if (side < 2) {
            throw new IllegalArgumentException("a grid has a side of " + side + "; expected 2 or more");
        }
        SplittableRandom random = new SplittableRandom(seed);
        Wiring wiring = new Wiring();
        int[][] node = new int[side][side];
        for (int row = 0; row < side; row++) {
            for (int column = 0; column < side; column++) {
                node[row][column] = wiring.node("n" + row + "_" + column);
            }
        }
        for (int row = 0; row < side; row++) {
            for (int column = 0; column < side; column++) {
                if (column + 1 < side) {
                    wiring.add(new Element.Resistor(
                            "rh" + row + "_" + column, node[row][column], node[row][column + 1], decade(random)));
                }
                if (row + 1 < side) {
                    wiring.add(new Element.Resistor(
                            "rv" + row + "_" + column, node[row][column], node[row + 1][column], decade(random)));
                }
            }
        }
        int rim = 4 * (side - 1);
        for (int k = 0; k < RIM_SOURCES; k++) {
            int at = (int) ((long) k * rim / RIM_SOURCES);
            int along = at % (side - 1);
            int inner = switch (at / (side - 1)) {
                case 0 -> node[0][along];
                case 1 -> node[along][side - 1];
                case 2 -> node[side - 1][side - 1 - along];
                default -> node[side - 1 - along][0];
            };
            int outer = wiring.node("s" + k);
            wiring.add(new Element.Voltage("vs" + k, outer, 0, random.nextDouble(-RIM_VOLTS, RIM_VOLTS)));
            wiring.add(new Element.Resistor("rs" + k, outer, inner, RIM_SIEMENS));
        }
        int high = wiring.node("high");
        int low = wiring.node("low");
        wiring.add(new Element.Voltage("vhigh", high, 0, 1));
        wiring.add(new Element.Voltage("vlow", low, 0, -1));
        for (int row = 0; row < side; row++) {
            for (int column = 0; column < side; column++) {
                if (random.nextDouble() < GRID_DIODES) {
                    boolean below = random.nextBoolean();
                    int at = node[row][column];
                    wiring.add(new Element.IdealDiode("d" + row + "_" + column, below ? at : low, below ? high : at));
                }
            }
        }
        return wiring.circuit();
    }

    private static double decade(SplittableRandom random) {
        return LEAST_GRID_SIEMENS * Math.pow(10, random.nextDouble());
    }

    /**
     * A network without a plan: a random tree and as many resistors again between random nodes, a source to every fifth node
     * or so, some current sources, and as many ideal diodes as half the nodes, most of them between two free nodes, some to
     * ground or to a source. Diodes point up a hidden order of voltages, so that an operating point exists. Nodes are called
     * {@code nINDEX}.
     *
     * @param nodes how many free nodes, 2 or more
     */
    public static Circuit random(int nodes, long seed) {
        if (nodes < 2) {
            throw new IllegalArgumentException("a random network has " + nodes + " nodes; expected 2 or more");
        }
        SplittableRandom random = new SplittableRandom(seed);
        Wiring wiring = new Wiring();
        double[] hidden = new double[nodes + 2 + nodes / 5];
        int[] node = new int[hidden.length];
        for (int k = 0; k < nodes; k++) {
            node[k] = wiring.node("n" + k);
            hidden[k] = random.nextDouble(-1, 1);
        }
        for (int k = 1; k < nodes; k++) {
            wiring.add(new Element.Resistor("rt" + k, node[random.nextInt(k)], node[k], decade(random)));
        }
        for (int k = 0; k < nodes; k++) {
            int a = random.nextInt(nodes);
            int b = random.nextInt(nodes);
            if (a != b) {
                wiring.add(new Element.Resistor("re" + k, node[a], node[b], decade(random)));
            }
        }
        int terminals = nodes;
        node[terminals++] = 0;
        for (int k = 0; k < 1 + nodes / 5; k++) {
            double volts = random.nextDouble(-5, 5);
            int source = wiring.node("s" + k);
            wiring.add(new Element.Voltage("v" + k, source, 0, volts));
            wiring.add(new Element.Resistor("rs" + k, source, node[random.nextInt(nodes)], decade(random)));
            hidden[terminals] = volts;
            node[terminals++] = source;
        }
        wiring.add(new Element.Resistor("rg", node[random.nextInt(nodes)], 0, decade(random)));
        for (int k = 0; k < nodes / 5; k++) {
            wiring.add(new Element.Current("i" + k, 0, node[random.nextInt(nodes)], random.nextDouble(-1e-3, 1e-3)));
        }
        for (int k = 0; k < nodes / 2; k++) {
            int a = random.nextInt(nodes);
            int b = random.nextInt(4) > 0 ? random.nextInt(nodes) : random.nextInt(nodes, terminals);
            if (a != b) {
                boolean up = hidden[a] < hidden[b];
                wiring.add(new Element.IdealDiode("d" + k, node[up ? a : b], node[up ? b : a]));
            }
        }
        return wiring.circuit();
    }

    /**
     * A learning board of transistors (arXiv 2311.00537): every edge an n-channel transistor between two nodes, its gate on a
     * source of its own, uniform from 1.0 to 5.5 V; threshold 0.7 V, KP W / L as of the transistor array ALD1106. The first
     * four nodes are sources, uniform up to 0.45 V, {@code in0} to {@code in3}; the others {@code nINDEX}; gates
     * {@code gINDEX}. A random tree reaches every node.
     *
     * @param nodes how many, gates apart, 5 or more
     * @param edges how many, {@code nodes - 1} or more
     */
    public static Circuit transistors(int nodes, int edges, long seed) {
        if (nodes < 5 || edges < nodes - 1) {
            throw new IllegalArgumentException("a board of transistors has " + nodes + " nodes and " + edges
                    + " edges; expected 5 nodes or more and an edge less than nodes, or more");
        }
        SplittableRandom random = new SplittableRandom(seed);
        Wiring wiring = new Wiring();
        int[] node = new int[nodes];
        for (int k = 0; k < nodes; k++) {
            node[k] = wiring.node(k < 4 ? "in" + k : "n" + (k - 4));
            if (k < 4) {
                wiring.add(new Element.Voltage("vin" + k, node[k], 0, random.nextDouble(0.45)));
            }
        }
        for (int e = 0; e < edges; e++) {
            int b = e < nodes - 1 ? e + 1 : random.nextInt(nodes);
            int a = random.nextInt(e < nodes - 1 ? b : nodes - 1);
            a = e >= nodes - 1 && a >= b ? a + 1 : a;
            int gate = wiring.node("g" + e);
            wiring.add(new Element.Voltage("vg" + e, gate, 0, random.nextDouble(1.0, 5.5)));
            wiring.add(new Element.Mosfet("m" + e, node[a], gate, node[b], 1, 0.7, 6.25e-5 * 138 / 7.8, 0));
        }
        return wiring.circuit();
    }
}
