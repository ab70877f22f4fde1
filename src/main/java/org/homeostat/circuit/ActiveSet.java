package org.homeostat.circuit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Sparse circuits of resistors, grounded voltage sources, current sources and ideal diodes, between whatever nodes. The
 * operating point is the minimum of a convex quadratic programme (arXiv 2402.11674, section 2),
 *
 * <pre>   least v' G v / 2 - i' v     where v_anode - v_cathode <= 0 for every diode;</pre>
 *
 * its conditions are {@code G v + C' a = i}, {@code C v <= d}, and diode currents {@code a >= 0}, 0 where a diode blocks.
 *
 * <p>A set of diodes is taken to conduct, the linear circuit is solved, those of the set whose current flows backwards leave
 * it, those outside that stand in forward bias enter it: the primal-dual active set method, a semismooth Newton method
 * (Hintermueller, Ito and Kunisch, SIAM J. Optim. 13 (2002) 865), which ends when nothing changes. Where all diodes end at
 * rails that is certain to happen, as G is an M-matrix; diodes between free nodes may make it go in circles, and then the
 * dual active set method of Goldfarb and Idnani (Math. Programming 27 (1983) 1) goes on from there, one diode at a time,
 * which never returns to a set it has left. So an answer always meets every condition, and {@link Balance} says how well.
 *
 * <p>A set that conducts is kept free of loops: a diode that would close one is redundant, or shorts two sources. The linear
 * circuit is solved in either of two ways. Few conducting diodes are a small dense system, their Schur complement
 * {@code C G^-1 C'}, on top of the factor of the circuit without diodes, which is kept from input to input along with the
 * rows of {@code C L^-T}. Many are taken into the circuit, each group of nodes that they join becoming one node, and that is
 * factored anew.
 *
 * <p>Parts that no resistor ties to a held node have no factor. One node of each is tied by a conductance to where it stood
 * before, and that is repeated until it stands still (the proximal point method); then no current flows in that conductance.
 */
public final class ActiveSet implements Solver {

    private static final int MOST_SETS = 60;
    private static final int MOST_PROXIMAL = 200;

    /** A forward bias, in parts of the largest voltage, and a backward current, in parts of the largest current: rounding. */
    private static final double ROUNDING = 1e-13;

    /** So many diodes are worth a dense system at once, before anything is known of further inputs. */
    private static final int FEW = 100;

    private static final int MOST_DENSE = 2000;

    private final Circuit circuit;

    /** After so many sets one diode at a time. */
    private final int mostSets;

    private final Balance balance;
    private final int nodes;
    private final int[] resistorA;
    private final int[] resistorB;
    private final double[] siemens;
    private final Element[] sources;
    private final int[] anode;
    private final int[] cathode;

    /** By node: the source that holds it, -1 where it is free, {@link #GROUND} for ground. */
    private final int[] holder;

    private static final int GROUND = Integer.MAX_VALUE;

    /** Free nodes in the order of elimination, and each node's place in it; -1 for a held one. */
    private final int[] order;

    private final int[] place;

    // What hangs on the resistors alone.
    private @Nullable SparseFactor factor;
    private int[] loose = {};
    private double tie;
    private double largestSiemens;
    private final SparseFactor.@Nullable Sparse[] rows;

    /** {@code C G^-1 C'} of those diodes whose row is there; lower triangle by number in {@link #known}. */
    private double[][] schur = {};

    private int[] known = {};
    private int knowns;

    // Kept from input to input.
    private boolean[] conducts;
    private boolean started;

    /** Whether the resistors have been solved with before, so that what is worked out for them is likely of use again. */
    private boolean settled;

    private final double[] volts;

    private ActiveSet(Circuit circuit, int[] holder, int mostSets) {
        this.circuit = circuit;
        this.mostSets = mostSets;
        balance = new Balance(circuit);
        this.holder = holder;
        nodes = holder.length;
        List<Element.Resistor> resistors = circuit.resistors();
        resistorA = resistors.stream().mapToInt(Element.Resistor::a).toArray();
        resistorB = resistors.stream().mapToInt(Element.Resistor::b).toArray();
        siemens = resistors.stream().mapToDouble(Element.Resistor::siemens).toArray();
        sources = circuit.sources().toArray(Element[]::new);
        List<Element.IdealDiode> diodes = circuit.elements().stream()
                .filter(Element.IdealDiode.class::isInstance)
                .map(Element.IdealDiode.class::cast)
                .toList();
        anode = diodes.stream().mapToInt(Element.IdealDiode::anode).toArray();
        cathode = diodes.stream().mapToInt(Element.IdealDiode::cathode).toArray();
        rows = new SparseFactor.Sparse[anode.length];
        conducts = new boolean[anode.length];
        volts = new double[nodes];
        order = ordered();
        place = new int[nodes];
        Arrays.fill(place, -1);
        for (int k = 0; k < order.length; k++) {
            place[order[k]] = k;
        }
    }

    /** A solver of this circuit, or null where it has other elements or a source between two nodes. */
    public static @Nullable ActiveSet of(Circuit circuit) {
        return of(circuit, MOST_SETS);
    }

    /** The same that goes on one diode at a time after so many sets. */
    static @Nullable ActiveSet of(Circuit circuit, int mostSets) {
        int[] holder = new int[circuit.nodes().size()];
        Arrays.fill(holder, -1);
        holder[0] = GROUND;
        int source = 0;
        for (Element element : circuit.elements()) {
            switch (element) {
                case Element.Resistor r -> {}
                case Element.IdealDiode d -> {}
                case Element.Current i -> source++;
                case Element.Voltage v -> {
                    if ((v.plus() == 0) == (v.minus() == 0) || holder[v.plus() + v.minus()] >= 0) {
                        return null;
                    }
                    holder[v.plus() + v.minus()] = source++;
                }
                default -> {
                    return null;
                }
            }
        }
        return new ActiveSet(circuit, holder, mostSets);
    }

    /** Free nodes by least degree in the graph of all resistors, those of 0 S as well, so that it holds whatever they become. */
    private int[] ordered() {
        int[] number = new int[nodes];
        int free = 0;
        for (int node = 0; node < nodes; node++) {
            number[node] = holder[node] < 0 ? free++ : -1;
        }
        long[] pairs = new long[2 * resistorA.length];
        int count = 0;
        for (int r = 0; r < resistorA.length; r++) {
            int a = number[resistorA[r]];
            int b = number[resistorB[r]];
            if (a >= 0 && b >= 0 && a != b) {
                pairs[count++] = (long) a << 32 | b;
                pairs[count++] = (long) b << 32 | a;
            }
        }
        Arrays.sort(pairs, 0, count);
        int[] columns = new int[free + 1];
        int[] neighbours = new int[count];
        int kept = 0;
        for (int k = 0; k < count; k++) {
            if (k == 0 || pairs[k] != pairs[k - 1]) {
                neighbours[kept++] = (int) pairs[k];
                columns[(int) (pairs[k] >> 32) + 1]++;
            }
        }
        for (int k = 0; k < free; k++) {
            columns[k + 1] += columns[k];
        }
        int[] named =
                IntStream.range(0, nodes).filter(node -> number[node] >= 0).toArray();
        return Arrays.stream(MinimumDegree.order(columns, Arrays.copyOf(neighbours, kept)))
                .map(k -> named[k])
                .toArray();
    }

    @Override
    public String word() {
        return "active-set";
    }

    @Override
    public void resistors(double[] changed) {
        if (changed.length != siemens.length) {
            throw new IllegalArgumentException(
                    changed.length + " conductances are given; the circuit has " + siemens.length + " resistors");
        }
        System.arraycopy(changed, 0, siemens, 0, changed.length);
        factor = null;
        settled = false;
        Arrays.fill(rows, null);
        knowns = 0;
    }

    @Override
    public Solution solve(double[] values, double tolerance) throws UnsolvableException {
        if (values.length != sources.length) {
            throw new IllegalArgumentException(
                    values.length + " values are given; the circuit has " + sources.length + " sources");
        }
        SparseFactor base = base();
        Problem problem = new Problem(base, values);
        problem.settle();
        double residual = problem.certificate();
        if (!(residual <= tolerance) && problem.dense) {
            // Badly conditioned: what the dense system has lost, factoring anew may give back.
            problem.anew();
            residual = problem.certificate();
        }
        problem.requireTied();
        conducts = problem.active;
        started = true;
        settled = true;
        System.arraycopy(problem.v, 0, volts, 0, nodes);
        return new Solution(problem.v, problem.sets, residual, word());
    }

    /** The factor of the circuit without diodes. */
    private SparseFactor base() throws UnsolvableException {
        SparseFactor ready = factor;
        if (ready != null) {
            return ready;
        }
        double[] diagonal = new double[order.length];
        int[] a = new int[siemens.length];
        int[] b = new int[siemens.length];
        double[] g = new double[siemens.length];
        int edges = 0;
        Union parts = new Union(nodes);
        for (int r = 0; r < siemens.length; r++) {
            int i = place[resistorA[r]];
            int j = place[resistorB[r]];
            if (siemens[r] > 0 && i != j) {
                if (i >= 0) {
                    diagonal[i] += siemens[r];
                }
                if (j >= 0) {
                    diagonal[j] += siemens[r];
                }
                if (i >= 0 && j >= 0) {
                    a[edges] = Math.min(i, j);
                    b[edges] = Math.max(i, j);
                    g[edges++] = siemens[r];
                }
                parts.join(resistorA[r], resistorB[r]);
            }
        }
        largestSiemens = Arrays.stream(diagonal).max().orElse(0);
        tie = largestSiemens > 0 ? 1e-3 * largestSiemens : 1;
        for (int node = 0; node < nodes; node++) {
            if (holder[node] >= 0) {
                parts.join(0, node);
            }
        }
        List<Integer> untied = new ArrayList<>();
        for (int node : order) {
            if (parts.join(0, node)) {
                diagonal[place[node]] += tie;
                untied.add(node);
            }
        }
        loose = untied.stream().mapToInt(Integer::intValue).toArray();
        SparseFactor made = SparseFactor.of(diagonal, a, b, g, edges);
        if (made == null) {
            throw new UnsolvableException(
                    "the conductances lie too far apart for double precision: the largest sum at a node is "
                            + largestSiemens + " S; leave out resistors that make no difference");
        }
        factor = made;
        return made;
    }

    /** Sets that are joined two by two. */
    private static final class Union {
        private final int[] parent;

        Union(int n) {
            parent = IntStream.range(0, n).toArray();
        }

        int root(int i) {
            int at = i;
            while (parent[at] != at) {
                parent[at] = parent[parent[at]];
                at = parent[at];
            }
            return at;
        }

        /** Joins two sets; false if they were one already. */
        boolean join(int i, int j) {
            int a = root(i);
            int b = root(j);
            parent[Math.max(a, b)] = Math.min(a, b);
            return a != b;
        }
    }

    /** One input. */
    private final class Problem {

        private final SparseFactor base;
        private final double[] values;

        /** Voltages by node; those of held nodes stand from the start. */
        private final double[] v;

        /** The current that sources, and resistors from held nodes, drive into each free node at 0 V. */
        private final double[] drive;

        private final double[] amperes = new double[anode.length];

        /** Where the loose nodes stood before. */
        private final double[] anchors = new double[nodes];

        private boolean[] active;
        private boolean dense;
        private int sets;
        private double voltUnit;
        private double ampereUnit;

        /** {@code L^-1} of the drive. */
        private double[] lowered = {};

        Problem(SparseFactor base, double[] values) throws UnsolvableException {
            this.base = base;
            this.values = values.clone();
            v = volts.clone();
            active = conducts.clone();
            drive = new double[nodes];
            v[0] = 0;
            for (int s = 0; s < sources.length; s++) {
                switch (sources[s]) {
                    case Element.Voltage held ->
                        v[held.plus() + held.minus()] = held.plus() == 0 ? -values[s] : values[s];
                    case Element.Current i -> {
                        drive[i.plus()] -= values[s];
                        drive[i.minus()] += values[s];
                    }
                    default -> throw new IllegalStateException("no source: " + sources[s]);
                }
            }
            for (int r = 0; r < siemens.length; r++) {
                boolean a = holder[resistorA[r]] >= 0;
                boolean b = holder[resistorB[r]] >= 0;
                if (a != b) {
                    drive[a ? resistorB[r] : resistorA[r]] += siemens[r] * v[a ? resistorA[r] : resistorB[r]];
                }
            }
            for (int node = 0; node < nodes; node++) {
                if (holder[node] >= 0) {
                    voltUnit = Math.max(voltUnit, Math.abs(v[node]));
                    drive[node] = 0;
                }
                ampereUnit = Math.max(ampereUnit, Math.abs(drive[node]));
            }
            for (int i = 0; i < anode.length; i++) {
                if (holder[anode[i]] >= 0 && holder[cathode[i]] >= 0 && v[anode[i]] > v[cathode[i]]) {
                    throw new UnsolvableException(
                            "diode " + name(i) + " shorts " + node(anode[i]) + " at " + v[anode[i]]
                                    + " V to " + node(cathode[i]) + " at " + v[cathode[i]]
                                    + " V, both held by sources; put a resistor in between");
                }
            }
        }

        private String name(int diode) {
            int seen = 0;
            for (Element element : circuit.elements()) {
                if (element instanceof Element.IdealDiode && seen++ == diode) {
                    return element.name();
                }
            }
            throw new IllegalArgumentException("there is no diode " + diode);
        }

        private String node(int number) {
            return "node " + circuit.nodes().get(number);
        }

        void settle() throws UnsolvableException {
            for (int node : loose) {
                v[node] = 0;
            }
            for (int round = 0; ; round++) {
                lower();
                if (!started && round == 0) {
                    begin();
                }
                descend();
                double moved = 0;
                double largest = voltUnit;
                for (int node : loose) {
                    moved = Math.max(moved, Math.abs(v[node] - anchors[node]));
                    largest = Math.max(largest, Math.abs(v[node]));
                    anchors[node] = v[node];
                }
                if (moved <= ROUNDING * largest) {
                    return;
                }
                if (round == MOST_PROXIMAL) {
                    throw new UnsolvableException(
                            "the current into "
                                    + named(Arrays.stream(loose).boxed().toList())
                                    + " has nowhere to go: no resistor and no diode that conducts leads away; tie it to ground");
                }
            }
        }

        private void lower() {
            lowered = new double[order.length];
            for (int k = 0; k < lowered.length; k++) {
                lowered[k] = drive[order[k]];
            }
            for (int node : loose) {
                lowered[place[node]] += tie * anchors[node];
            }
            base.down(lowered);
        }

        /** The diodes that stand in forward bias in the linear circuit. */
        private void begin() {
            raise(lowered.clone());
            for (int i = 0; i < active.length; i++) {
                active[i] = excess(i) > 0;
            }
        }

        private void raise(double[] x) {
            base.up(x);
            for (int k = 0; k < x.length; k++) {
                v[order[k]] = x[k];
            }
        }

        private double excess(int diode) {
            return v[anode[diode]] - v[cathode[diode]];
        }

        private double voltSlack() {
            double largest = voltUnit;
            for (double volt : v) {
                largest = Math.max(largest, Math.abs(volt));
            }
            return ROUNDING * largest;
        }

        private double ampereSlack() {
            double largest = ampereUnit;
            for (double a : amperes) {
                largest = Math.max(largest, Math.abs(a));
            }
            return ROUNDING * largest;
        }

        /** The primal-dual active set method; one diode at a time where it goes in circles. */
        private void descend() throws UnsolvableException {
            Set<Integer> seen = new HashSet<>();
            for (int set = 0; set < mostSets; set++) {
                cut();
                if (!seen.add(Arrays.hashCode(active))) {
                    break;
                }
                linear();
                boolean[] next = next();
                if (Arrays.equals(next, active)) {
                    return;
                }
                active = next;
            }
            singly();
        }

        /** The set that the present voltages and currents ask for. */
        private boolean[] next() {
            double volt = voltSlack();
            double ampere = ampereSlack();
            boolean[] next = new boolean[active.length];
            for (int i = 0; i < next.length; i++) {
                next[i] = active[i] ? amperes[i] >= -ampere : excess(i) > volt;
            }
            return next;
        }

        /** Takes diodes out of the set that close loops, those that stand least in forward bias. */
        private void cut() {
            int[] wanted =
                    IntStream.range(0, active.length).filter(i -> active[i]).toArray();
            Union joined = held();
            boolean loop = false;
            for (int i : wanted) {
                loop |= !joined.join(anode[i], cathode[i]);
            }
            if (!loop) {
                return;
            }
            Integer[] sorted = Arrays.stream(wanted).boxed().toArray(Integer[]::new);
            Arrays.sort(sorted, (i, j) -> Double.compare(excess(j), excess(i)));
            Union forest = held();
            Arrays.fill(active, false);
            for (int i : sorted) {
                active[i] = forest.join(anode[i], cathode[i]);
            }
        }

        private Union held() {
            Union union = new Union(nodes);
            for (int node = 0; node < nodes; node++) {
                if (holder[node] >= 0) {
                    union.join(0, node);
                }
            }
            return union;
        }

        private int[] conducting() {
            return IntStream.range(0, active.length).filter(i -> active[i]).toArray();
        }

        /** Voltages and diode currents where the diodes of the set conduct, whichever way, and the others do not. */
        private void linear() throws UnsolvableException {
            sets++;
            int[] on = conducting();
            dense = on.length <= FEW
                    || (settled && on.length <= MOST_DENSE && Math.pow(on.length, 3) <= 3 * base.work());
            if (dense) {
                byComplement(on);
            } else {
                anew();
            }
        }

        private void byComplement(int[] on) {
            double[] current = dual(on);
            double[] x = lowered.clone();
            Arrays.fill(amperes, 0);
            for (int k = 0; k < on.length; k++) {
                amperes[on[k]] = current[k];
                row(on[k]).addTo(x, -current[k]);
            }
            raise(x);
            level();
        }

        /** The currents that make the diodes of the set drop nothing: {@code S a = C G^-1 i - d}. */
        private double[] dual(int[] on) {
            Dense matrix = complement(on);
            double[] current = new double[on.length];
            for (int k = 0; k < on.length; k++) {
                current[k] = row(on[k]).dot(lowered) + heldDrop(on[k]);
            }
            matrix.solve(current);
            return current;
        }

        /** The part of a diode's forward bias that its held nodes make. */
        private double heldDrop(int diode) {
            return (holder[anode[diode]] >= 0 ? v[anode[diode]] : 0)
                    - (holder[cathode[diode]] >= 0 ? v[cathode[diode]] : 0);
        }

        private Dense complement(int[] on) {
            int[] number = new int[on.length];
            for (int k = 0; k < on.length; k++) {
                row(on[k]);
                number[k] = numberOf(on[k]);
            }
            double[][] lower = new double[on.length][];
            for (int k = 0; k < on.length; k++) {
                lower[k] = new double[k + 1];
                for (int l = 0; l <= k; l++) {
                    lower[k][l] = schur[Math.max(number[k], number[l])][Math.min(number[k], number[l])];
                }
            }
            return new Dense(lower);
        }

        private SparseFactor.Sparse row(int diode) {
            SparseFactor.Sparse row = rows[diode];
            if (row == null) {
                row = base.down(place[anode[diode]], place[cathode[diode]], zeros());
                rows[diode] = row;
                learn(diode, row);
            }
            return row;
        }

        /**
         * Refuses voltages that are not determined: of parts that no resistor ties to a held node, and that diodes allow to
         * move. A diode without bias or current keeps its anode from rising above its cathode; one that carries a current
         * keeps either from moving alone.
         */
        void requireTied() throws UnsolvableException {
            if (loose.length == 0) {
                return;
            }
            Union parts = held();
            for (int r = 0; r < siemens.length; r++) {
                if (siemens[r] > 0) {
                    parts.join(resistorA[r], resistorB[r]);
                }
            }
            boolean[] cannotRise = new boolean[nodes];
            boolean[] cannotFall = new boolean[nodes];
            cannotRise[parts.root(0)] = true;
            cannotFall[parts.root(0)] = true;
            double volt = voltSlack();
            double ampere = ampereSlack();
            boolean changed = true;
            while (changed) {
                changed = false;
                for (int i = 0; i < active.length; i++) {
                    int from = parts.root(anode[i]);
                    int to = parts.root(cathode[i]);
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
            List<Integer> floating = Arrays.stream(order)
                    .filter(node -> !cannotRise[parts.root(node)] || !cannotFall[parts.root(node)])
                    .boxed()
                    .sorted()
                    .toList();
            if (!floating.isEmpty()) {
                throw new UnsolvableException("the voltage of " + named(floating)
                        + " is not determined: no resistor and no diode that conducts leads from there to ground or a source;"
                        + " add a large resistor to ground");
            }
        }

        private static boolean stopped(boolean[] stops, int part, int by) {
            boolean news = stops[by] && !stops[part];
            stops[part] |= news;
            return news;
        }

        private String named(List<Integer> some) {
            List<String> names = some.stream()
                    .limit(5)
                    .map(node -> circuit.nodes().get(node))
                    .toList();
            return (names.size() == 1 ? "node " : "nodes ")
                    + String.join(", ", names)
                    + (some.size() > names.size()
                            ? String.format(Locale.ROOT, " and %d more", some.size() - names.size())
                            : "");
        }

        /** The same as {@link #linear} by factoring the circuit in which diodes that conduct have made nodes one. */
        void anew() throws UnsolvableException {
            Union groups = new Union(nodes);
            for (int i : conducting()) {
                groups.join(anode[i], cathode[i]);
            }
            // A group is as late in the order as the last of its nodes, and held if one of them is: no more than one
            // can be.
            int[] root = new int[nodes];
            double[] heldAt = new double[nodes];
            Arrays.fill(heldAt, Double.NaN);
            int[] late = new int[nodes];
            Arrays.fill(late, -1);
            for (int node = 0; node < nodes; node++) {
                root[node] = groups.root(node);
                if (holder[node] >= 0) {
                    heldAt[root[node]] = v[node];
                } else {
                    late[root[node]] = Math.max(late[root[node]], place[node]);
                }
            }
            int[] number = new int[nodes];
            Arrays.fill(number, -1);
            int count = 0;
            for (int k = 0; k < order.length; k++) {
                int group = root[order[k]];
                if (late[group] == k && Double.isNaN(heldAt[group])) {
                    number[group] = count++;
                }
            }
            double[] diagonal = new double[count];
            double[] x = new double[count];
            for (int node : order) {
                int at = number[root[node]];
                if (at >= 0) {
                    x[at] += drive[node];
                }
            }
            for (int node : loose) {
                int at = number[root[node]];
                if (at >= 0) {
                    diagonal[at] += tie;
                    x[at] += tie * anchors[node];
                }
            }
            int[] a = new int[siemens.length];
            int[] b = new int[siemens.length];
            double[] g = new double[siemens.length];
            int edges = 0;
            for (int r = 0; r < siemens.length; r++) {
                int first = root[resistorA[r]];
                int second = root[resistorB[r]];
                int i = number[first];
                int j = number[second];
                if (siemens[r] == 0 || first == second) {
                    continue;
                }
                if (i >= 0) {
                    diagonal[i] += siemens[r];
                }
                if (j >= 0) {
                    diagonal[j] += siemens[r];
                }
                if (i >= 0 && j >= 0) {
                    a[edges] = Math.min(i, j);
                    b[edges] = Math.max(i, j);
                    g[edges++] = siemens[r];
                } else if (i >= 0 && holder[resistorB[r]] < 0) {
                    x[i] += siemens[r] * heldAt[second];
                } else if (j >= 0 && holder[resistorA[r]] < 0) {
                    x[j] += siemens[r] * heldAt[first];
                }
            }
            // A held node may be in a group with a free one that a resistor reaches: the drive counts that resistor
            // already.
            SparseFactor merged = SparseFactor.of(diagonal, a, b, g, edges);
            if (merged == null) {
                throw new UnsolvableException(
                        "the conductances lie too far apart for double precision: the largest sum at a" + " node is "
                                + largestSiemens + " S; leave out resistors that make no difference");
            }
            merged.down(x);
            merged.up(x);
            for (int node : order) {
                int at = number[root[node]];
                v[node] = at >= 0 ? x[at] : heldAt[root[node]];
            }
            peel();
        }

        /** Diode currents from Kirchhoff's law at the nodes they join: a tree, taken apart from its leaves. */
        private void peel() {
            double[] left = drive.clone();
            for (int r = 0; r < siemens.length; r++) {
                boolean freeA = holder[resistorA[r]] < 0;
                boolean freeB = holder[resistorB[r]] < 0;
                double va = v[resistorA[r]];
                double vb = v[resistorB[r]];
                // The drive holds what flows in from held nodes, were the free ones at 0 V.
                if (freeA) {
                    left[resistorA[r]] -= siemens[r] * (freeB ? va - vb : va);
                }
                if (freeB) {
                    left[resistorB[r]] -= siemens[r] * (freeA ? vb - va : vb);
                }
            }
            for (int node : loose) {
                left[node] += tie * (anchors[node] - v[node]);
            }
            Arrays.fill(amperes, 0);
            int[] on = conducting();
            int[] degree = new int[nodes];
            // The exclusive or of the diodes at a node: of a leaf, its only one.
            int[] at = new int[nodes];
            for (int i : on) {
                for (int node : new int[] {anode[i], cathode[i]}) {
                    degree[node]++;
                    at[node] ^= i;
                }
            }
            int[] leaves = new int[nodes];
            int count = 0;
            for (int node = 0; node < nodes; node++) {
                if (degree[node] == 1 && holder[node] < 0) {
                    leaves[count++] = node;
                }
            }
            for (int k = 0; k < count; k++) {
                int leaf = leaves[k];
                if (degree[leaf] == 0) {
                    continue;
                }
                int i = at[leaf];
                int other = anode[i] + cathode[i] - leaf;
                amperes[i] = leaf == anode[i] ? left[leaf] : -left[leaf];
                left[other] += left[leaf];
                degree[leaf] = 0;
                degree[other]--;
                at[other] ^= i;
                if (degree[other] == 1 && holder[other] < 0) {
                    leaves[count++] = other;
                }
            }
        }

        /** The dual active set method, from the present set without those whose current flows backwards. */
        private void singly() throws UnsolvableException {
            dense = true;
            cut();
            int[] on = conducting();
            double[] current = dual(on);
            while (Arrays.stream(current).anyMatch(a -> a < 0)) {
                int worst = 0;
                for (int k = 1; k < on.length; k++) {
                    worst = current[k] < current[worst] ? k : worst;
                }
                active[on[worst]] = false;
                on = conducting();
                current = dual(on);
                sets++;
            }
            int most = 50 * (active.length + 10);
            for (int pivot = 0; pivot < most; pivot++) {
                sets++;
                byComplement(conducting());
                double slack = voltSlack();
                int enters = -1;
                for (int i = 0; i < active.length; i++) {
                    if (!active[i] && excess(i) > slack && (enters < 0 || excess(i) > excess(enters))) {
                        enters = i;
                    }
                }
                if (enters < 0) {
                    return;
                }
                enter(enters);
            }
            throw new UnsolvableException("no set of conducting diodes was found in " + most
                    + " attempts; the largest forward bias left is at diode " + name(worst()));
        }

        private int worst() {
            int worst = 0;
            for (int i = 1; i < active.length; i++) {
                worst = excess(i) > excess(worst) ? i : worst;
            }
            return worst;
        }

        /** Lets a diode's current rise until its forward bias is gone; others leave the set where theirs comes to 0. */
        private void enter(int diode) throws UnsolvableException {
            double bias = excess(diode);
            double own = row(diode).dot(dense(row(diode)));
            while (true) {
                int[] on = conducting();
                double[] there = new double[on.length];
                double[] spread = dense(row(diode));
                for (int k = 0; k < on.length; k++) {
                    there[k] = row(on[k]).dot(spread);
                }
                double[] answer = there.clone();
                complement(on).solve(answer);
                Union forest = held();
                for (int i : on) {
                    forest.join(anode[i], cathode[i]);
                }
                boolean loop = forest.root(anode[diode]) == forest.root(cathode[diode]);
                double stiffness = own;
                for (int k = 0; k < on.length; k++) {
                    stiffness -= there[k] * answer[k];
                }
                double full = loop ? Double.POSITIVE_INFINITY : bias / Math.max(stiffness, Double.MIN_NORMAL);
                double step = full;
                int leaves = -1;
                for (int k = 0; k < on.length; k++) {
                    // In a loop the others' currents change by as much as this one's: what is smaller is rounding.
                    if (answer[k] > (loop ? 0.5 : 0)) {
                        double until = Math.max(0, amperes[on[k]]) / answer[k];
                        if (until < step) {
                            step = until;
                            leaves = k;
                        }
                    }
                }
                if (step == Double.POSITIVE_INFINITY) {
                    throw new UnsolvableException("diode " + name(diode) + " and "
                            + Arrays.stream(on).limit(8).mapToObj(this::name).toList()
                            + ", all conducting, short two sources; put a resistor in between");
                }
                for (int k = 0; k < on.length; k++) {
                    amperes[on[k]] -= step * answer[k];
                }
                amperes[diode] += step;
                bias -= loop ? 0 : step * stiffness;
                if (leaves < 0) {
                    active[diode] = true;
                    return;
                }
                active[on[leaves]] = false;
                amperes[on[leaves]] = 0;
            }
        }

        private double[] dense(SparseFactor.Sparse row) {
            double[] spread = new double[order.length];
            row.addTo(spread, 1);
            return spread;
        }

        /**
         * Nodes that conducting diodes join at one voltage exactly: what rounding leaves between them must not look like the
         * forward bias of a diode beside them.
         */
        private void level() {
            Union groups = new Union(nodes);
            for (int i : conducting()) {
                groups.join(anode[i], cathode[i]);
            }
            double[] sum = new double[nodes];
            int[] members = new int[nodes];
            for (int node = 0; node < nodes; node++) {
                int group = groups.root(node);
                if (holder[node] >= 0) {
                    sum[group] = v[node];
                    members[group] = -1;
                } else if (members[group] >= 0) {
                    sum[group] += v[node];
                    members[group]++;
                }
            }
            for (int node : order) {
                int group = groups.root(node);
                if (members[group] != 1) {
                    v[node] = members[group] < 0 ? sum[group] : sum[group] / members[group];
                }
            }
        }

        /** The diodes' currents by Kirchhoff's law, and what that law misses then. */
        double certificate() {
            level();
            peel();
            return balance.residual(values, siemens, v, amperes);
        }
    }

    private double[] scratch = {};

    private double[] zeros() {
        if (scratch.length != order.length) {
            scratch = new double[order.length];
        }
        return scratch;
    }

    private int[] numbers = {};

    private int numberOf(int diode) {
        return numbers[diode];
    }

    /** Adds a diode's row to the Schur complement. */
    private void learn(int diode, SparseFactor.Sparse row) {
        if (numbers.length == 0) {
            numbers = new int[anode.length];
        }
        if (knowns == known.length) {
            known = Arrays.copyOf(known, Math.max(16, 2 * knowns));
            schur = Arrays.copyOf(schur, known.length);
        }
        double[] spread = zeros();
        row.addTo(spread, 1);
        double[] products = new double[knowns + 1];
        for (int k = 0; k < knowns; k++) {
            SparseFactor.Sparse other = rows[known[k]];
            products[k] = other == null ? 0 : other.dot(spread);
        }
        products[knowns] = row.dot(spread);
        row.addTo(spread, -1);
        numbers[diode] = knowns;
        known[knowns] = diode;
        schur[knowns++] = products;
    }

    /** The Cholesky factor of a small dense matrix, by rows of its lower triangle. */
    private static final class Dense {
        private final double[][] lower;

        Dense(double[][] matrix) {
            lower = matrix;
            for (int i = 0; i < lower.length; i++) {
                double[] mine = lower[i];
                for (int j = 0; j <= i; j++) {
                    double[] other = lower[j];
                    double sum = mine[j];
                    for (int k = 0; k < j; k++) {
                        sum -= mine[k] * other[k];
                    }
                    mine[j] = j < i ? sum / other[j] : Math.sqrt(Math.max(sum, Double.MIN_NORMAL));
                }
            }
        }

        void solve(double[] x) {
            for (int i = 0; i < lower.length; i++) {
                double sum = x[i];
                for (int k = 0; k < i; k++) {
                    sum -= lower[i][k] * x[k];
                }
                x[i] = sum / lower[i][i];
            }
            for (int i = lower.length - 1; i >= 0; i--) {
                x[i] /= lower[i][i];
                for (int k = 0; k < i; k++) {
                    x[k] -= lower[i][k] * x[i];
                }
            }
        }
    }
}
