package org.homeostat.circuit;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;

/** One input of {@link ActiveSet}: from what stood before to the operating point. */
final class SparseInput {

    private static final int MOST_PROXIMAL = 200;

    /** A forward bias, in parts of the largest voltage, and a backward current, in parts of the largest current: rounding. */
    private static final double ROUNDING = 1e-13;

    /** So many diodes that conduct are always worth a dense system. */
    private static final int FEW = 100;

    /** In a round at least so many more are looked at: fewer cost more rounds, more cost rows that are of no use. */
    private static final int AT_A_TIME = 16;

    private static final int MOST_DENSE = 2000;

    private static final double NEARLY_ALL = 0.8;

    private final SparseCircuit circuit;
    private final BareCircuit base;
    private final Complement complement;
    private final int mostSets;

    /** Voltages by node; those of held nodes stand from the start. */
    private final double[] v;

    /** The current that sources, and resistors from held nodes, drive into each free node at 0 V. */
    private final double[] drive;

    private final double[] amperes;

    /** Where the loose nodes stood before. */
    private final double[] anchors;

    private boolean[] active;
    private boolean dense;
    private int sets;
    private double voltUnit;
    private double ampereUnit;

    /** {@code L^-1} of the drive. */
    private double[] lowered = {};

    /**
     * Starts from a set of conducting diodes.
     *
     * @param v voltages by node, taken over
     * @param active whether a diode conducts, taken over
     * @param mostSets how many sets are tried before one diode at a time
     * @throws UnsolvableException if a diode shorts two held nodes
     */
    SparseInput(SparseCircuit circuit, BareCircuit base, double[] values, double[] v, boolean[] active, int mostSets)
            throws UnsolvableException {
        this.circuit = circuit;
        this.base = base;
        this.v = v;
        this.active = active;
        this.mostSets = mostSets;
        complement = base.complement();
        amperes = new double[active.length];
        anchors = new double[v.length];
        drive = new double[v.length];
        impose(values);
        for (int i = 0; i < active.length; i++) {
            int from = circuit.anode[i];
            int to = circuit.cathode[i];
            if (circuit.held(from) && circuit.held(to) && v[from] > v[to]) {
                throw new UnsolvableException(
                        "diode " + circuit.diode(i) + " shorts " + circuit.node(from) + " at " + v[from]
                                + " V to " + circuit.node(to) + " at " + v[to]
                                + " V, both held by sources; put a resistor in between");
            }
        }
    }

    private void impose(double[] values) {
        v[0] = 0;
        for (int s = 0; s < values.length; s++) {
            switch (circuit.sources[s]) {
                case Element.Voltage held -> v[held.plus() + held.minus()] = held.plus() == 0 ? -values[s] : values[s];
                case Element.Current i -> {
                    drive[i.plus()] -= values[s];
                    drive[i.minus()] += values[s];
                }
                default -> throw new IllegalStateException("no source: " + circuit.sources[s]);
            }
        }
        circuit.drive(v, drive);
        for (int node = 0; node < v.length; node++) {
            if (circuit.held(node)) {
                voltUnit = Math.max(voltUnit, Math.abs(v[node]));
                drive[node] = 0;
            }
            ampereUnit = Math.max(ampereUnit, Math.abs(drive[node]));
        }
    }

    double[] volts() {
        return v;
    }

    /** Of each diode, once {@link #peel} has worked them out. */
    double[] amperes() {
        return amperes;
    }

    boolean[] conducts() {
        return active;
    }

    /** How many sets were tried. */
    int sets() {
        return sets;
    }

    /** Whether the last voltages come from a dense system. */
    boolean dense() {
        return dense;
    }

    /** Finds the operating point. */
    void settle() throws UnsolvableException {
        for (int node : base.loose()) {
            v[node] = 0;
        }
        for (int round = 0; ; round++) {
            lower();
            descend();
            double moved = 0;
            double largest = voltUnit;
            for (int node : base.loose()) {
                moved = Math.max(moved, Math.abs(v[node] - anchors[node]));
                largest = Math.max(largest, Math.abs(v[node]));
                anchors[node] = v[node];
            }
            if (moved <= ROUNDING * largest) {
                return;
            }
            if (round == MOST_PROXIMAL) {
                throw new UnsolvableException("the current into " + circuit.named(base.loose())
                        + " has nowhere to go: no resistor and no diode that conducts leads away; tie it to ground");
            }
        }
    }

    private void lower() {
        double[] into = new double[circuit.order.length];
        for (int k = 0; k < into.length; k++) {
            into[k] = drive[circuit.order[k]];
        }
        for (int node : base.loose()) {
            into[circuit.place[node]] += base.tie() * anchors[node];
        }
        lowered = base.factor().down(into);
    }

    private double excess(int diode) {
        return v[circuit.anode[diode]] - v[circuit.cathode[diode]];
    }

    private double voltSlack() {
        return ROUNDING * ActiveSet.largest(v, voltUnit);
    }

    private double ampereSlack() {
        return ROUNDING * ActiveSet.largest(amperes, ampereUnit);
    }

    private void descend() throws UnsolvableException {
        double worth = Math.cbrt(3 * base.factor().work());
        int few = (int) Math.clamp(worth, FEW, MOST_DENSE);
        boolean found = ActiveSet.where(active).length <= few && fromFew(few);
        if (!found && !fromMany()) {
            fromFew(Integer.MAX_VALUE);
        }
    }

    /**
     * Looks at some diodes, and at more of them round by round.
     *
     * @param most so many of them may conduct
     * @return false if more do
     */
    private boolean fromFew(int most) throws UnsolvableException {
        dense = true;
        for (int i : ActiveSet.where(active)) {
            if (!complement.knows(i)) {
                complement.learn(i);
            }
        }
        while (true) {
            double[] biases = complement.biases(lowered);
            for (int k = 0; k < biases.length; k++) {
                biases[k] += heldDrop(complement.diode(k));
            }
            Conduction some = new Conduction(complement, biases, voltUnit, ampereUnit, ROUNDING, mostSets);
            sets += some.settle(active, circuit::diode);
            double[] left = lowered.clone();
            Arrays.fill(amperes, 0);
            Arrays.fill(active, false);
            int on = 0;
            for (int k = 0; k < biases.length; k++) {
                if (some.conducts(k)) {
                    active[complement.diode(k)] = true;
                    amperes[complement.diode(k)] = some.amperes(k);
                    complement.draw(k, some.amperes(k), left);
                    on++;
                }
            }
            double[] x = base.factor().up(left);
            for (int k = 0; k < x.length; k++) {
                v[circuit.order[k]] = x[k];
            }
            level();
            int[] wanted = wanted();
            if (wanted.length == 0) {
                return true;
            }
            // Where nearly all that are looked at conduct, nearly all of the others will.
            boolean flooded = on > FEW && on > NEARLY_ALL * biases.length && wanted.length > most - on;
            if (on > most || flooded) {
                return false;
            }
            learn(wanted, Math.max(AT_A_TIME, on));
        }
    }

    /** Diodes that stand in forward bias and are not looked at. */
    private int[] wanted() {
        double slack = voltSlack();
        return IntStream.range(0, active.length)
                .filter(i -> excess(i) > slack && !complement.knows(i))
                .toArray();
    }

    /** Looks at so many more diodes of those wanted, the ones that stand most in forward bias. */
    private void learn(int[] wanted, int more) {
        double least = 0;
        if (wanted.length > more) {
            double[] sorted =
                    Arrays.stream(wanted).mapToDouble(this::excess).sorted().toArray();
            least = sorted[sorted.length - more];
        }
        for (int i : wanted) {
            if (excess(i) >= least) {
                complement.learn(i);
            }
        }
    }

    /** The part of a diode's forward bias that its held nodes make. */
    private double heldDrop(int diode) {
        int from = circuit.anode[diode];
        int to = circuit.cathode[diode];
        return (circuit.held(from) ? v[from] : 0) - (circuit.held(to) ? v[to] : 0);
    }

    /** The primal-dual active set method; false if it goes in circles. */
    private boolean fromMany() throws UnsolvableException {
        dense = false;
        Set<Integer> seen = new HashSet<>();
        for (int set = 0; set < mostSets; set++) {
            double volt = voltSlack();
            double ampere = ampereSlack();
            boolean[] next = new boolean[active.length];
            for (int i = 0; i < next.length; i++) {
                next[i] = active[i] ? amperes[i] >= -ampere : excess(i) > volt;
            }
            if (set > 0 && Arrays.equals(next, active)) {
                return true;
            }
            active = next;
            cut();
            if (!seen.add(Arrays.hashCode(active))) {
                return false;
            }
            sets++;
            anew();
        }
        return false;
    }

    /** Takes diodes out of the set that close loops, those that stand least in forward bias. */
    private void cut() {
        int[] wanted = ActiveSet.where(active);
        DisjointSets joined = circuit.together();
        boolean loop = false;
        for (int i : wanted) {
            loop |= !joined.join(circuit.anode[i], circuit.cathode[i]);
        }
        if (!loop) {
            return;
        }
        Integer[] sorted = Arrays.stream(wanted).boxed().toArray(Integer[]::new);
        Arrays.sort(sorted, (i, j) -> Double.compare(excess(j), excess(i)));
        DisjointSets forest = circuit.together();
        Arrays.fill(active, false);
        for (int i : sorted) {
            active[i] = forest.join(circuit.anode[i], circuit.cathode[i]);
        }
    }

    /** Groups of nodes that conducting diodes join. */
    private DisjointSets groups() {
        DisjointSets groups = new DisjointSets(v.length);
        for (int i : ActiveSet.where(active)) {
            groups.join(circuit.anode[i], circuit.cathode[i]);
        }
        return groups;
    }

    /** Voltages and diode currents of the present set, by factoring the circuit in which it has made nodes one. */
    void anew() throws UnsolvableException {
        DisjointSets groups = groups();
        // A group is as late in the order as the last of its nodes, and held if one of them is: no more than one can
        // be.
        double[] heldAt = new double[v.length];
        Arrays.fill(heldAt, Double.NaN);
        int[] late = new int[v.length];
        Arrays.fill(late, -1);
        for (int node = 0; node < v.length; node++) {
            int group = groups.root(node);
            if (circuit.held(node)) {
                heldAt[group] = v[node];
            } else {
                late[group] = Math.max(late[group], circuit.place[node]);
            }
        }
        int[] number = new int[v.length];
        Arrays.fill(number, -1);
        int count = 0;
        for (int k = 0; k < circuit.order.length; k++) {
            int group = groups.root(circuit.order[k]);
            if (late[group] == k && Double.isNaN(heldAt[group])) {
                number[group] = count++;
            }
        }
        int[] row = new int[v.length];
        double[] settled = new double[v.length];
        for (int node = 0; node < v.length; node++) {
            row[node] = number[groups.root(node)];
            settled[node] = row[node] < 0 && !circuit.held(node) ? heldAt[groups.root(node)] : 0;
        }
        // What flows into each node with the free ones at 0 V, but for those that diodes join to a rail.
        double[] in = drive.clone();
        circuit.drain(settled, in);
        double[] diagonal = new double[count];
        double[] x = new double[count];
        for (int node : circuit.order) {
            if (row[node] >= 0) {
                x[row[node]] += in[node];
            }
        }
        for (int node : base.loose()) {
            if (row[node] >= 0) {
                diagonal[row[node]] += base.tie();
                x[row[node]] += base.tie() * anchors[node];
            }
        }
        SparseFactor merged = circuit.factored(row, diagonal);
        double[] solved = merged.up(merged.down(x));
        for (int node : circuit.order) {
            v[node] = row[node] >= 0 ? solved[row[node]] : settled[node];
        }
        peel();
    }

    /** Diode currents from Kirchhoff's law at the nodes they join: a tree, taken apart from its leaves. */
    void peel() {
        double[] left = drive.clone();
        circuit.drain(v, left);
        for (int node : base.loose()) {
            left[node] += base.tie() * (anchors[node] - v[node]);
        }
        Arrays.fill(amperes, 0);
        int[] degree = new int[v.length];
        // The exclusive or of the diodes at a node: of a leaf, its only one.
        int[] at = new int[v.length];
        int[] leaves = new int[v.length];
        int count = 0;
        for (int i : ActiveSet.where(active)) {
            for (int node : new int[] {circuit.anode[i], circuit.cathode[i]}) {
                degree[node]++;
                at[node] ^= i;
            }
        }
        for (int node = 0; node < v.length; node++) {
            if (degree[node] == 1 && !circuit.held(node)) {
                leaves[count++] = node;
            }
        }
        for (int k = 0; k < count; k++) {
            int leaf = leaves[k];
            if (degree[leaf] == 0) {
                continue;
            }
            int i = at[leaf];
            int other = circuit.anode[i] + circuit.cathode[i] - leaf;
            amperes[i] = leaf == circuit.anode[i] ? left[leaf] : -left[leaf];
            left[other] += left[leaf];
            degree[leaf] = 0;
            degree[other]--;
            at[other] ^= i;
            if (degree[other] == 1 && !circuit.held(other)) {
                leaves[count++] = other;
            }
        }
    }

    /**
     * Nodes that conducting diodes join at one voltage exactly: what rounding leaves between them must not look like the
     * forward bias of a diode beside them.
     */
    void level() {
        DisjointSets groups = groups();
        double[] sum = new double[v.length];
        int[] members = new int[v.length];
        for (int node = 0; node < v.length; node++) {
            int group = groups.root(node);
            if (circuit.held(node)) {
                sum[group] = v[node];
                members[group] = -1;
            } else if (members[group] >= 0) {
                sum[group] += v[node];
                members[group]++;
            }
        }
        for (int node : circuit.order) {
            int group = groups.root(node);
            if (members[group] != 1) {
                v[node] = members[group] < 0 ? sum[group] : sum[group] / members[group];
            }
        }
    }

    /**
     * Refuses voltages that are not determined: of parts that no resistor ties to a held node, and that diodes allow to move. A
     * diode without bias or current keeps its anode from rising above its cathode; one that carries a current keeps either
     * from moving alone.
     */
    void requireTied() throws UnsolvableException {
        if (base.loose().length == 0) {
            return;
        }
        DisjointSets parts = circuit.parts();
        boolean[] cannotRise = new boolean[v.length];
        boolean[] cannotFall = new boolean[v.length];
        cannotRise[parts.root(0)] = true;
        cannotFall[parts.root(0)] = true;
        double volt = voltSlack();
        double ampere = ampereSlack();
        boolean changed = true;
        while (changed) {
            changed = false;
            for (int i = 0; i < active.length; i++) {
                int from = parts.root(circuit.anode[i]);
                int to = parts.root(circuit.cathode[i]);
                boolean carries = active[i] && amperes[i] > ampere;
                if (excess(i) >= -volt) {
                    changed |= stopped(cannotRise, from, to);
                    changed |= stopped(cannotFall, to, from);
                    if (carries) {
                        changed |= stopped(cannotRise, to, from);
                        changed |= stopped(cannotFall, from, to);
                    }
                }
            }
        }
        int[] floating = Arrays.stream(circuit.order)
                .filter(node -> !cannotRise[parts.root(node)] || !cannotFall[parts.root(node)])
                .sorted()
                .toArray();
        if (floating.length > 0) {
            throw new UnsolvableException("the voltage of " + circuit.named(floating)
                    + " is not determined: no resistor and no diode that conducts leads from there to ground or a source;"
                    + " add a large resistor to ground");
        }
    }

    private static boolean stopped(boolean[] stops, int part, int by) {
        boolean news = stops[by] && !stops[part];
        stops[part] |= news;
        return news;
    }
}
