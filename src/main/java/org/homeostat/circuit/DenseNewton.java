package org.homeostat.circuit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Solves a circuit of up to some hundred nodes, of all kinds of elements, by Newton's method on dense matrices.
 *
 * <p>Modified nodal analysis: a node that sources or amplifiers hold at a known voltage is no unknown; a node that the output
 * of an amplifier sets has the amplifier's equation in place of Kirchhoff's; sources between two free nodes and ideal diodes
 * that do not lead to a held node have their currents as unknowns too.
 *
 * <p>Ideal diodes, Shockley diodes and operational amplifiers are curves (v, i) with a parameter u along them, for diodes
 * {@code u = v + i / g}. A step solves the circuit with every curve replaced by its tangent at u; the next u is where the
 * solution lies on the tangent. For ideal diodes this is the semismooth Newton method or primal-dual active set: u tells at
 * once who conducts, and a conducting diode to a held node takes that node out of the matrix. A line search acts on the sum
 * of squares of what Kirchhoff's law and the curves miss. Where it fails: from zero with a proximal term on the diagonal
 * (which moves no answer), then with conductances to ground that are taken away step by step, then with sources that grow
 * from zero, and at last one diode at a time by the least index (Murty 1974), which ends where the others may cycle.
 *
 * <p>An answer is given only if {@link Balance}, which does not know how it was found, agrees. Where a circuit has several
 * operating points it is the one that is found from the last.
 *
 * <p>Thread rule: one caller at a time. Once warm nothing is allocated but the solution.
 */
public final class DenseNewton implements Solver {

    private static final int MOST_STEPS = 60;
    private static final int MOST_HALVINGS = 8;

    /** How many merits a step is compared with: the worst of them may be reached again. */
    private static final int MEMORY = 4;

    /** Of the largest conductance, on the diagonal where proximal steps are taken. */
    private static final double PROXIMAL = 1e-13;

    /**
     * Below this part of its column a pivot is rounding; above the other part of the largest pivot before it is certainly
     * none.
     */
    private static final double SINGULAR = 1e-15;

    private static final double SUSPICIOUS = 1e-9;

    /** Answers that miss by more are none, whatever was asked. */
    private static final double WORST_RESIDUAL = 1e-6;

    /** How a node comes by its voltage. */
    private static final byte HELD = 0;

    private static final byte FREE = 1;
    private static final byte SET = 2;

    /**
     * An element that gives a held node its voltage: {@code v = v_from + factor (source or v_controlPlus -
     * v_controlMinus)}.
     */
    private record Holding(int node, int from, double factor, int source, int controlPlus, int controlMinus) {}

    /** A row {@code v_plus - v_minus - gain (v_controlPlus - v_controlMinus) - source = 0}. */
    private record Branch(
            String name, int plus, int minus, double gain, int controlPlus, int controlMinus, int source) {}

    private final Circuit circuit;
    private final Balance balance;
    private final double[] conductances;
    private final int sourceCount;

    /** Why the circuit cannot be solved at any sources; null if it can be tried. */
    private @Nullable String flaw;

    /** Why not with these resistors, and why not at these sources. */
    private @Nullable String adrift;

    private @Nullable String clash;

    private final byte[] kind;
    private final List<Holding> holdingsFound = new ArrayList<>();
    private final Holding[] holdings;

    /** Unknowns: voltages of free and set nodes, currents of floating sources, currents of ideal diodes. */
    private final int voltages;

    private final int size;
    private final int stride;

    /** The unknown of a node, and its row of Kirchhoff's law; {@code size}, which nobody reads, where it has none. */
    private final int[] column;

    private final int[] row;
    private final int[] nodeOf;

    private final int[] resistorA;
    private final int[] resistorB;
    private final int[] currentPlus;
    private final int[] currentMinus;
    private final int[] currentSource;
    private final Branch[] floating;

    /** Amplifiers with one end at a held node: rows in place of Kirchhoff's at the other end. */
    private final Branch[] setting;

    private final int[] settingRow;
    private final Element.Mosfet[] fets;
    private final int[] fetDrain;
    private final int[] fetGate;
    private final int[] fetSource;

    // Curves

    private final Element.Diode[] shockley;
    private final double[] shockleyU;
    private final double[] shockleyNext;
    private final double[] shockleyTried;

    /** Points and slopes of the last evaluation. */
    private final double[] shockleyVolts;

    private final double[] shockleyAmperes;
    private final double[] shockleySiemens;
    private final double[] shockleyUnit;

    private final Element.OpAmp[] opAmps;
    private final double[] opAmpU;
    private final double[] opAmpNext;
    private final double[] opAmpTried;

    /** Ideal diodes between a free and a held node keep the free one in a box. */
    private final int[] boxed;

    private final double[] lowest;
    private final double[] highest;
    private final double[] boxU;
    private final double[] boxNext;
    private final double[] boxTried;
    private final double[] boxUnit;

    /** The box of an unknown, or -1. */
    private final int[] boxOf;

    /** All other ideal diodes; their currents are unknowns. */
    private final int[] idealAnode;

    private final int[] idealCathode;
    private final double[] idealU;
    private final double[] idealNext;
    private final double[] idealTried;
    private final double[] idealUnit;

    /**
     * Per ideal diode of the circuit, in order: the box that it belongs to, or -1 - its number among the others, or
     * NOWHERE.
     */
    private final int[] idealPlace;

    /** Between two held nodes: it carries nothing, or shorts them. */
    private static final int NOWHERE = Integer.MAX_VALUE;

    private final int[] idealFrom;
    private final int[] idealTo;
    private final double[] idealAmperes;

    // Work

    private final double[] linear;
    private final double[] jacobian;
    private final double[] factor;
    private final double[] missed;
    private final double[] change;
    private final double[] right;
    private final double[] points;

    /** The largest conductance of the circuit over that of a row's node; 1 where that is not known. */
    private final double[] heavier;

    private final int[] kept;
    private final double[] x;
    private final double[] tried;
    private final double[] volts;
    private final double[] diagonal;
    private final double[] recent = new double[MEMORY];
    private final SquareLaw square = new SquareLaw();
    private final ShockleyCurve diodeCurve = new ShockleyCurve();
    private final AmplifierCurve amplifierCurve = new AmplifierCurve();
    private double unit = 1;

    /** What a volt is worth where nothing flows, in siemens. */
    private double quiet = 1;

    /** Whether steps are taken in full, as an active set takes them, without asking what they miss. */
    private boolean bold;

    private double gmin;
    private double proximal;
    private double scale;
    private double[] values = {};
    private boolean warm;
    private int steps;
    private int singularAt = -1;

    /** One entry for each box and each other ideal diode, where one is changed at a time: -1, 0, 1; else what u says. */
    private boolean pivoting;

    private final byte[] boxState;
    private final byte[] idealState;

    /** A solver of this circuit; what is wrong with it is told when it is solved. */
    public DenseNewton(Circuit circuit) {
        this.circuit = circuit;
        balance = new Balance(circuit);
        int nodes = circuit.nodes().size();
        List<Element> sources = circuit.sources();
        sourceCount = sources.size();
        conductances = circuit.resistors().stream()
                .mapToDouble(Element.Resistor::siemens)
                .toArray();
        kind = new byte[nodes];
        Arrays.fill(kind, FREE);
        kind[0] = HELD;
        List<Branch> sets = new ArrayList<>();
        List<Integer> setNodes = new ArrayList<>();
        List<Branch> loose = hold(sources, sets, setNodes);
        holdings = holdingsFound.toArray(new Holding[0]);
        floating = loose.toArray(new Branch[0]);
        setting = sets.toArray(new Branch[0]);

        opAmps = of(circuit, Element.OpAmp.class).toArray(new Element.OpAmp[0]);
        for (Element.OpAmp amplifier : opAmps) {
            if (kind[amplifier.out()] != FREE) {
                flaw = twice(amplifier.name(), amplifier.out());
            } else {
                kind[amplifier.out()] = SET;
            }
            if (!(amplifier.highVolts() > amplifier.lowVolts()) || !(amplifier.gain() > 0)) {
                flaw = "amplifier " + amplifier.name() + ": expected a gain above 0 and a high rail above the low one";
            }
        }

        column = new int[nodes];
        row = new int[nodes];
        int unknowns = 0;
        for (int node = 0; node < nodes; node++) {
            if (kind[node] != HELD) {
                column[node] = unknowns++;
            }
        }
        voltages = unknowns;
        nodeOf = new int[voltages];
        List<Element.IdealDiode> ideals = of(circuit, Element.IdealDiode.class);
        List<Element.IdealDiode> others = new ArrayList<>();
        List<Integer> boxes = new ArrayList<>();
        idealPlace = new int[ideals.size()];
        idealFrom = ideals.stream().mapToInt(Element.IdealDiode::anode).toArray();
        idealTo = ideals.stream().mapToInt(Element.IdealDiode::cathode).toArray();
        idealAmperes = new double[ideals.size()];
        for (int d = 0; d < ideals.size(); d++) {
            idealPlace[d] = place(ideals.get(d), boxes, others);
        }
        boxed = boxes.stream().mapToInt(Integer::intValue).toArray();
        idealAnode = others.stream().mapToInt(Element.IdealDiode::anode).toArray();
        idealCathode = others.stream().mapToInt(Element.IdealDiode::cathode).toArray();
        size = voltages + floating.length + others.size();
        stride = size + 1;
        for (int node = 0; node < nodes; node++) {
            if (kind[node] == HELD) {
                column[node] = size;
            } else {
                nodeOf[column[node]] = node;
            }
            row[node] = kind[node] == FREE ? column[node] : size;
        }
        settingRow = setNodes.stream().mapToInt(node -> column[node]).toArray();

        List<Element.Resistor> resistors = circuit.resistors();
        resistorA = resistors.stream().mapToInt(Element.Resistor::a).toArray();
        resistorB = resistors.stream().mapToInt(Element.Resistor::b).toArray();
        List<Element.Current> currents = of(circuit, Element.Current.class);
        currentPlus = currents.stream().mapToInt(Element.Current::plus).toArray();
        currentMinus = currents.stream().mapToInt(Element.Current::minus).toArray();
        currentSource = currents.stream().mapToInt(sources::indexOf).toArray();
        fets = of(circuit, Element.Mosfet.class).toArray(new Element.Mosfet[0]);
        fetDrain = Arrays.stream(fets).mapToInt(Element.Mosfet::drain).toArray();
        fetGate = Arrays.stream(fets).mapToInt(Element.Mosfet::gate).toArray();
        fetSource = Arrays.stream(fets).mapToInt(Element.Mosfet::source).toArray();
        shockley = of(circuit, Element.Diode.class).toArray(new Element.Diode[0]);

        shockleyU = new double[shockley.length];
        shockleyNext = new double[shockley.length];
        shockleyTried = new double[shockley.length];
        shockleyVolts = new double[shockley.length];
        shockleyAmperes = new double[shockley.length];
        shockleySiemens = new double[shockley.length];
        shockleyUnit = new double[shockley.length];
        opAmpU = new double[opAmps.length];
        opAmpNext = new double[opAmps.length];
        opAmpTried = new double[opAmps.length];
        lowest = new double[boxed.length];
        highest = new double[boxed.length];
        boxU = new double[boxed.length];
        boxNext = new double[boxed.length];
        boxTried = new double[boxed.length];
        boxUnit = new double[boxed.length];
        boxOf = new int[size];
        Arrays.fill(boxOf, -1);
        for (int b = 0; b < boxed.length; b++) {
            boxOf[column[boxed[b]]] = b;
        }
        boxState = new byte[boxed.length];
        idealU = new double[idealAnode.length];
        idealNext = new double[idealAnode.length];
        idealTried = new double[idealAnode.length];
        idealUnit = new double[idealAnode.length];
        idealState = new byte[idealAnode.length];
        linear = new double[stride * stride];
        jacobian = new double[stride * stride];
        factor = new double[size * size];
        missed = new double[stride];
        change = new double[stride];
        right = new double[size];
        points = new double[stride];
        heavier = new double[size];
        kept = new int[size];
        x = new double[stride];
        tried = new double[stride];
        volts = new double[nodes];
        diagonal = new double[stride];
        prepare();
    }

    @Override
    public String word() {
        return "dense-newton";
    }

    @Override
    public void resistors(double[] siemens) {
        if (siemens.length != conductances.length) {
            throw new IllegalArgumentException(
                    "the circuit has " + conductances.length + " resistors, not " + siemens.length);
        }
        for (int r = 0; r < siemens.length; r++) {
            if (!(siemens[r] >= 0) || siemens[r] == Double.POSITIVE_INFINITY) {
                throw new IllegalArgumentException("resistor "
                        + circuit.resistors().get(r).name() + ": expected 0 siemens or more, not " + siemens[r]);
            }
        }
        System.arraycopy(siemens, 0, conductances, 0, siemens.length);
        prepare();
    }

    @Override
    public Solution solve(double[] sources, double tolerance) throws UnsolvableException {
        if (sources.length != sourceCount) {
            throw new IllegalArgumentException("the circuit has " + sourceCount + " sources, not " + sources.length);
        }
        if (!(tolerance > 0)) {
            throw new IllegalArgumentException("the tolerance must be above 0, not " + tolerance);
        }
        steps = 0;
        String wrong = flaw == null ? adrift : flaw;
        if (wrong == null) {
            impose(sources);
            wrong = clash;
        }
        if (wrong != null) {
            throw new UnsolvableException(wrong);
        }
        if (!found(sources, tolerance)) {
            warm = false;
            throw new UnsolvableException(trouble());
        }
        warm = true;
        return new Solution(volts.clone(), steps, residual, word());
    }

    private double residual;

    /** Tries one way after the other, until one ends at an operating point. */
    private boolean found(double[] sources, double tolerance) {
        gmin = 0;
        proximal = 0;
        pivoting = false;
        bold = fets.length == 0;
        if (warm && newton(tolerance) && certified(tolerance)) {
            return true;
        }
        restart();
        if (newton(tolerance) && certified(tolerance)) {
            return true;
        }
        restart();
        bold = false;
        proximal = PROXIMAL;
        if (newton(tolerance) && certified(tolerance)) {
            return true;
        }
        if (fets.length + opAmps.length + shockley.length > 0 && (leaking(tolerance) || growing(sources, tolerance))) {
            return true;
        }
        impose(sources);
        restart();
        proximal = PROXIMAL;
        return boxed.length + idealU.length > 0 && pivoted(tolerance) && certified(tolerance);
    }

    /** With conductances to ground at every node, which are taken away by steps. */
    private boolean leaking(double tolerance) {
        restart();
        proximal = PROXIMAL;
        for (double leak = 10; leak > 1e-13; leak *= 0.1) {
            gmin = leak * unit;
            if (!newton(Math.max(tolerance, 1e-6))) {
                gmin = 0;
                return false;
            }
        }
        gmin = 0;
        return newton(tolerance) && certified(tolerance);
    }

    /** With sources that grow from zero. */
    private boolean growing(double[] sources, double tolerance) {
        double[] part = new double[sources.length];
        restart();
        proximal = PROXIMAL;
        double reached = 0;
        double step = 0.1;
        while (reached < 1 && step > 1e-4) {
            double next = Math.min(1, reached + step);
            for (int s = 0; s < part.length; s++) {
                part[s] = next * sources[s];
            }
            impose(part);
            if (newton(Math.max(tolerance, 1e-6))) {
                reached = next;
                step *= 2;
            } else {
                step *= 0.25;
                if (reached == 0) {
                    restart();
                }
            }
        }
        impose(sources);
        return reached >= 1 && newton(tolerance) && certified(tolerance);
    }

    /** With one diode changed at a time, the first that is on the wrong side. */
    private boolean pivoted(double tolerance) {
        pivoting = true;
        Arrays.fill(boxState, (byte) 0);
        Arrays.fill(idealState, (byte) 0);
        int most = 200 + 20 * (boxed.length + idealU.length);
        boolean ended = false;
        for (int pivot = 0; pivot < most && !ended; pivot++) {
            if (!newton(tolerance)) {
                break;
            }
            ended = !pivot();
        }
        pivoting = false;
        return ended;
    }

    /** Changes the first diode that is on the wrong side; false if there is none. */
    private boolean pivot() {
        for (int b = 0; b < boxed.length; b++) {
            byte side = side(b, boxU[b]);
            if (side != boxState[b] && apart(b)) {
                boxState[b] = side;
                return true;
            }
        }
        for (int d = 0; d < idealU.length; d++) {
            byte side = idealU[d] > 0 ? (byte) 1 : 0;
            if (side != idealState[d] && Math.abs(idealU[d]) > 1e-14 * swing()) {
                idealState[d] = side;
                return true;
            }
        }
        return false;
    }

    private boolean apart(int b) {
        double distance = Math.min(Math.abs(boxU[b] - lowest[b]), Math.abs(boxU[b] - highest[b]));
        return distance > 1e-14 * swing();
    }

    private double swing() {
        double most = 0;
        for (double v : volts) {
            most = Math.max(most, Math.abs(v));
        }
        return most;
    }

    private byte side(int b, double u) {
        return u < lowest[b] ? (byte) -1 : u > highest[b] ? (byte) 1 : 0;
    }

    /** Whether the last point is an operating point by the circuit's own account; works out the residual. */
    private boolean certified(double tolerance) {
        if (proximal > 0 && !still()) {
            return false;
        }
        finish();
        residual = balance.residual(values, conductances, volts, idealAmperes);
        if (residual > tolerance) {
            double best = residual;
            // Newton's method doubles the digits, down to rounding.
            for (int again = 0; again < 3; again++) {
                newton(0);
                finish();
                residual = balance.residual(values, conductances, volts, idealAmperes);
                if (residual <= tolerance || !(residual < 0.5 * best)) {
                    break;
                }
                best = residual;
            }
        }
        return residual <= Math.max(tolerance, WORST_RESIDUAL);
    }

    /**
     * Whether further steps leave the voltages where they are, or go ever less far, as they do where a transistor is just at
     * its threshold. A current without a way to ground misses little beside the voltage to which a proximal term lets it go,
     * but goes as far again with every step.
     */
    private boolean still() {
        double before = Double.POSITIVE_INFINITY;
        for (int again = 0; again < 3; again++) {
            if (!newton(0)) {
                return false;
            }
            double most = 0;
            for (int i = 0; i < voltages; i++) {
                most = Math.max(most, Math.abs(change[i]));
            }
            if (most <= 1e-6 * swing() + Balance.LEAST_VOLTS || most <= 0.75 * before && again > 0) {
                return true;
            }
            before = most;
        }
        return false;
    }

    // One way: Newton's method with a line search

    private void restart() {
        Arrays.fill(x, 0);
        Arrays.fill(shockleyU, 0);
        Arrays.fill(opAmpU, 0);
        Arrays.fill(idealU, 0);
        for (int b = 0; b < boxed.length; b++) {
            boxU[b] = Math.clamp(0, lowest[b], highest[b]);
            x[column[boxed[b]]] = boxU[b];
        }
    }

    /** Goes from the present point to one that misses no more than the tolerance; a tolerance of 0 takes a single step. */
    private boolean newton(double tolerance) {
        double merit = evaluate(x, shockleyU, opAmpU, boxU, idealU);
        Arrays.fill(recent, merit);
        boolean near = tolerance > 0 && near(tolerance);
        double before = Double.POSITIVE_INFINITY;
        int most = steps + (tolerance > 0 ? MOST_STEPS : 1);
        for (int step = 0; !near && steps < most; step++) {
            steps++;
            if (!step()) {
                return false;
            }
            double length = 1;
            double bound = worst(recent);
            double next = 0;
            for (int halving = 0; halving <= MOST_HALVINGS; halving++) {
                move(length);
                next = evaluate(tried, shockleyTried, opAmpTried, boxTried, idealTried);
                if (bold || next <= bound * (1 - 1e-4 * length) || next == 0 || tolerance == 0) {
                    break;
                }
                length *= 0.5;
            }
            if (!Double.isFinite(next)) {
                return false;
            }
            System.arraycopy(tried, 0, x, 0, size);
            System.arraycopy(shockleyTried, 0, shockleyU, 0, shockleyU.length);
            System.arraycopy(opAmpTried, 0, opAmpU, 0, opAmpU.length);
            System.arraycopy(boxTried, 0, boxU, 0, boxU.length);
            System.arraycopy(idealTried, 0, idealU, 0, idealU.length);
            recent[step % MEMORY] = next;
            near = tolerance > 0 && (near(tolerance) || furthest >= 0.5 * before && near(WORST_RESIDUAL));
            before = furthest;
        }
        return near || tolerance == 0;
    }

    private static double worst(double[] values) {
        double worst = values[0];
        for (double value : values) {
            worst = Math.max(worst, value);
        }
        return worst;
    }

    private void move(double length) {
        for (int i = 0; i < size; i++) {
            tried[i] = x[i] + length * change[i];
        }
        between(shockleyU, shockleyNext, shockleyTried, length);
        between(opAmpU, opAmpNext, opAmpTried, length);
        between(boxU, boxNext, boxTried, length);
        between(idealU, idealNext, idealTried, length);
    }

    private static void between(double[] from, double[] to, double[] at, double length) {
        for (int i = 0; i < at.length; i++) {
            at[i] = length == 1 ? to[i] : from[i] + length * (to[i] - from[i]);
        }
    }

    /**
     * How far the last evaluated point misses at most, in amperes: rows of tangents, and distances from curves. A node counts
     * by what it misses beside its own conductances, so that one that hangs on large resistors is as exact as the others.
     */
    private double furthest;

    private boolean near(double tolerance) {
        return furthest <= 0.3 * tolerance * scale;
    }

    private byte boxSide(int b, double[] at) {
        return pivoting ? boxState[b] : side(b, at[b]);
    }

    private boolean conducts(int d, double[] at) {
        return pivoting ? idealState[d] > 0 : at[d] > 0;
    }

    /**
     * Currents missed and the matrix of their derivatives at a point. Rows hold what the circuit of tangents misses; the
     * merit that is returned counts what the curves' own points miss.
     */
    private double evaluate(double[] at, double[] shockleyAt, double[] opAmpAt, double[] boxAt, double[] idealAt) {
        System.arraycopy(linear, 0, jacobian, 0, jacobian.length);
        Arrays.fill(missed, 0);
        for (int node = 1; node < volts.length; node++) {
            if (kind[node] != HELD) {
                volts[node] = at[column[node]];
            }
        }
        double largest = Balance.LEAST_VOLTS;
        for (double v : volts) {
            largest = Math.max(largest, Math.abs(v));
        }
        scale = quiet * largest;
        for (int r = 0; r < conductances.length; r++) {
            int a = resistorA[r];
            int b = resistorB[r];
            double amperes = conductances[r] * (volts[a] - volts[b]);
            missed[row[a]] += amperes;
            missed[row[b]] -= amperes;
        }
        for (int c = 0; c < currentSource.length; c++) {
            double amperes = values[currentSource[c]];
            missed[row[currentPlus[c]]] += amperes;
            missed[row[currentMinus[c]]] -= amperes;
            scale = Math.max(scale, Math.abs(amperes));
        }
        for (int f = 0; f < fets.length; f++) {
            stamp(f);
        }
        if (gmin > 0) {
            for (int i = 0; i < voltages; i++) {
                if (kind[nodeOf[i]] == FREE) {
                    missed[i] += gmin * at[i];
                    jacobian[i * stride + i] += gmin;
                }
            }
        }
        int next = voltages;
        for (Branch branch : floating) {
            double amperes = at[next];
            missed[row[branch.plus]] += amperes;
            missed[row[branch.minus]] -= amperes;
            missed[next] = unit * missedBy(branch);
            next++;
        }
        for (int s = 0; s < setting.length; s++) {
            missed[settingRow[s]] = unit * missedBy(setting[s]);
        }
        for (int d = 0; d < idealAnode.length; d++) {
            double amperes = at[next];
            missed[row[idealAnode[d]]] += amperes;
            missed[row[idealCathode[d]]] -= amperes;
            missed[next] = unit * (volts[idealAnode[d]] - volts[idealCathode[d]]);
            next++;
        }
        // Up to here rows are the same for the tangents and for the points on the curves.
        System.arraycopy(missed, 0, points, 0, stride);
        double merit = 0;
        double worst = 0;
        for (int d = 0; d < shockley.length; d++) {
            Element.Diode diode = shockley[d];
            diodeCurve.at(shockleyAt[d], diode.saturationAmperes(), diode.slopeVolts(), shockleyUnit[d]);
            shockleyVolts[d] = diodeCurve.volts;
            shockleyAmperes[d] = diodeCurve.amperes;
            shockleySiemens[d] = diodeCurve.siemens;
            double across = volts[diode.anode()] - volts[diode.cathode()];
            double gap = across - diodeCurve.volts;
            double tangent = diodeCurve.amperes + diodeCurve.siemens * gap;
            stampConductance(diode.anode(), diode.cathode(), diodeCurve.siemens);
            missed[row[diode.anode()]] += tangent;
            missed[row[diode.cathode()]] -= tangent;
            points[row[diode.anode()]] += diodeCurve.amperes;
            points[row[diode.cathode()]] -= diodeCurve.amperes;
            merit += shockleyUnit[d] * gap * shockleyUnit[d] * gap;
            double law = ShockleyCurve.amperes(across, diode.saturationAmperes(), diode.slopeVolts());
            worst = Math.max(worst, Math.abs(law - tangent) * unit / shockleyUnit[d]);
        }
        for (int a = 0; a < opAmps.length; a++) {
            Element.OpAmp amplifier = opAmps[a];
            double half = 0.5 * (amplifier.highVolts() - amplifier.lowVolts());
            double middle = 0.5 * (amplifier.highVolts() + amplifier.lowVolts());
            amplifierCurve.at(opAmpAt[a], amplifier.gain(), half);
            double m = amplifierCurve.slope;
            double input = volts[amplifier.plus()] - volts[amplifier.minus()] - amplifierCurve.input;
            double output = volts[amplifier.out()] - middle - amplifierCurve.output;
            int own = column[amplifier.out()];
            double weight = unit / (1 + m);
            missed[own] = weight * (output - m * input);
            points[own] = missed[own];
            jacobian[own * stride + own] += weight;
            jacobian[own * stride + column[amplifier.plus()]] -= weight * m;
            jacobian[own * stride + column[amplifier.minus()]] += weight * m;
            merit += unit * input * unit * input + unit * output * unit * output;
            double law = AmplifierCurve.output(amplifierCurve.input + input, amplifier.gain(), half);
            worst = Math.max(worst, unit * Math.abs(output + amplifierCurve.output - law));
        }
        int firstIdeal = voltages + floating.length;
        for (int d = 0; d < idealAnode.length; d++) {
            double forward = volts[idealAnode[d]] - volts[idealCathode[d]];
            double u = idealAt[d];
            double g = idealUnit[d];
            double amperes = at[firstIdeal + d];
            boolean on = conducts(d, idealAt);
            double voltageGap = on ? forward : pivoting ? 0 : forward - u;
            double currentGap = !on ? amperes : pivoting ? 0 : amperes - g * u;
            merit += g * voltageGap * g * voltageGap + currentGap * currentGap;
            worst = Math.max(worst, unit * Math.max(Math.abs(voltageGap), Math.abs(currentGap) / g));
        }
        for (int b = 0; b < boxed.length; b++) {
            int i = column[boxed[b]];
            byte side = boxSide(b, boxAt);
            double bound = side < 0 ? lowest[b] : highest[b];
            double gap = side == 0 ? (pivoting ? 0 : at[i] - boxAt[b]) : at[i] - bound;
            double amperes = side == 0 ? 0 : pivoting ? -points[i] : boxUnit[b] * (boxAt[b] - bound);
            points[i] += amperes;
            double missedInBox = pivoting && side != 0 ? 0 : missed[i] + amperes;
            merit += boxUnit[b] * gap * boxUnit[b] * gap;
            worst = Math.max(worst, unit * Math.max(Math.abs(gap), Math.abs(missedInBox) / boxUnit[b]));
        }
        for (int i = 0; i < firstIdeal; i++) {
            merit += points[i] * points[i];
            if (boxOf[i] < 0) {
                worst = Math.max(worst, Math.abs(missed[i]) * heavier[i]);
            }
        }
        furthest = worst;
        return merit;
    }

    private double missedBy(Branch branch) {
        return (volts[branch.plus]
                        - volts[branch.minus]
                        - branch.gain * (volts[branch.controlPlus] - volts[branch.controlMinus])
                        - (branch.source < 0 ? 0 : values[branch.source]))
                / Math.max(1, Math.abs(branch.gain));
    }

    private void stamp(int f) {
        int drain = fetDrain[f];
        int source = fetSource[f];
        square.at(fets[f], volts[drain], volts[fetGate[f]], volts[source]);
        double amperes = square.amperes;
        int rowDrain = row[drain];
        int rowSource = row[source];
        missed[rowDrain] += amperes;
        missed[rowSource] -= amperes;
        scale = Math.max(scale, Math.abs(amperes));
        int columnDrain = column[drain];
        int columnGate = column[fetGate[f]];
        int columnSource = column[source];
        jacobian[rowDrain * stride + columnDrain] += square.byDrain;
        jacobian[rowDrain * stride + columnGate] += square.byGate;
        jacobian[rowDrain * stride + columnSource] += square.bySource;
        jacobian[rowSource * stride + columnDrain] -= square.byDrain;
        jacobian[rowSource * stride + columnGate] -= square.byGate;
        jacobian[rowSource * stride + columnSource] -= square.bySource;
    }

    private void stampConductance(int a, int b, double siemens) {
        jacobian[row[a] * stride + column[a]] += siemens;
        jacobian[row[a] * stride + column[b]] -= siemens;
        jacobian[row[b] * stride + column[b]] += siemens;
        jacobian[row[b] * stride + column[a]] -= siemens;
    }

    /** The full step from the last evaluated point, which is {@link #x}; false where the matrix is singular. */
    private boolean step() {
        int count = 0;
        int firstIdeal = voltages + floating.length;
        for (int i = 0; i < size; i++) {
            change[i] = 0;
            boolean out;
            if (i < voltages) {
                int b = boxOf[i];
                byte side = b < 0 ? 0 : boxSide(b, boxU);
                out = side != 0;
                if (out) {
                    change[i] = (side < 0 ? lowest[b] : highest[b]) - x[i];
                }
            } else {
                out = i >= firstIdeal && !conducts(i - firstIdeal, idealU);
                if (out) {
                    change[i] = -x[i];
                }
            }
            if (!out) {
                kept[count++] = i;
            }
        }
        double smallest = proximal * unit;
        for (int r = 0; r < count; r++) {
            int i = kept[r];
            int from = i * stride;
            double sum = -missed[i];
            if (count < size) {
                for (int c = 0; c < size; c++) {
                    // Of those kept it is still 0.
                    sum -= jacobian[from + c] * change[c];
                }
            }
            right[r] = sum;
            int to = r * count;
            if (count == size) {
                System.arraycopy(jacobian, from, factor, to, size);
            } else {
                for (int c = 0; c < count; c++) {
                    factor[to + c] = jacobian[from + kept[c]];
                }
            }
            if (proximal > 0 && (i >= firstIdeal || i < voltages && kind[nodeOf[i]] == FREE)) {
                // A resistance in series with a conducting diode, a conductance at a node; both only against the
                // change.
                factor[to + r] += i >= firstIdeal ? -proximal : smallest;
            }
        }
        int singular = eliminate(factor, right, count);
        if (singular >= 0) {
            singularAt = kept[singular];
            return false;
        }
        for (int r = 0; r < count; r++) {
            change[kept[r]] = right[r];
        }
        onTangents();
        return true;
    }

    /** Where the full step lies on the tangents. */
    private void onTangents() {
        int firstIdeal = voltages + floating.length;
        for (int d = 0; d < shockley.length; d++) {
            double v = stepped(shockley[d].anode()) - stepped(shockley[d].cathode());
            double amperes = shockleyAmperes[d] + shockleySiemens[d] * (v - shockleyVolts[d]);
            shockleyNext[d] = v + amperes / shockleyUnit[d];
        }
        for (int a = 0; a < opAmps.length; a++) {
            Element.OpAmp amplifier = opAmps[a];
            double middle = 0.5 * (amplifier.highVolts() + amplifier.lowVolts());
            opAmpNext[a] = stepped(amplifier.plus()) - stepped(amplifier.minus()) + stepped(amplifier.out()) - middle;
        }
        for (int b = 0; b < boxed.length; b++) {
            int i = column[boxed[b]];
            byte side = boxSide(b, boxU);
            double next = x[i] + change[i];
            if (side != 0) {
                double sum = missed[i];
                int from = i * stride;
                for (int c = 0; c < size; c++) {
                    sum += jacobian[from + c] * change[c];
                }
                next = (side < 0 ? lowest[b] : highest[b]) - sum / boxUnit[b];
            }
            boxNext[b] = next;
        }
        for (int d = 0; d < idealU.length; d++) {
            int i = firstIdeal + d;
            idealNext[d] = conducts(d, idealU)
                    ? (x[i] + change[i]) / idealUnit[d]
                    : stepped(idealAnode[d]) - stepped(idealCathode[d]);
        }
    }

    private double stepped(int node) {
        return kind[node] == HELD ? volts[node] : x[column[node]] + change[column[node]];
    }

    private double largestOfColumn(int k, int n) {
        double largest = 0;
        for (int r = 0; r < n; r++) {
            largest = Math.max(largest, Math.abs(jacobian[kept[r] * stride + kept[k]]));
        }
        return largest;
    }

    /**
     * Solves in place by Gaussian elimination with the largest pivot of a column; the row's number where there is none,
     * else -1.
     */
    private int eliminate(double[] a, double[] b, int n) {
        double largest = 0;
        for (int k = 0; k < n; k++) {
            int best = k;
            double most = Math.abs(a[k * n + k]);
            for (int i = k + 1; i < n; i++) {
                double value = Math.abs(a[i * n + k]);
                if (value > most) {
                    most = value;
                    best = i;
                }
            }
            largest = Math.max(largest, most);
            // Most pivots are beyond suspicion without a look at their columns.
            if (!(most > SUSPICIOUS * largest) && !(most > SINGULAR * largestOfColumn(k, n))) {
                return k;
            }
            int rowK = k * n;
            if (best != k) {
                int other = best * n;
                for (int j = k; j < n; j++) {
                    double swap = a[rowK + j];
                    a[rowK + j] = a[other + j];
                    a[other + j] = swap;
                }
                double swap = b[k];
                b[k] = b[best];
                b[best] = swap;
            }
            double inverse = 1 / a[rowK + k];
            for (int i = k + 1; i < n; i++) {
                int rowI = i * n;
                double multiplier = a[rowI + k];
                if (multiplier != 0) {
                    multiplier *= inverse;
                    for (int j = k + 1; j < n; j++) {
                        a[rowI + j] -= multiplier * a[rowK + j];
                    }
                    b[i] -= multiplier * b[k];
                }
            }
        }
        for (int k = n - 1; k >= 0; k--) {
            double sum = b[k];
            int rowK = k * n;
            for (int j = k + 1; j < n; j++) {
                sum -= a[rowK + j] * b[j];
            }
            b[k] = sum / a[rowK + k];
        }
        return -1;
    }

    // What a circuit is made of

    private static <E extends Element> List<E> of(Circuit circuit, Class<E> kind) {
        return circuit.elements().stream()
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    /**
     * Finds the nodes whose voltages follow from the sources alone.
     *
     * @param sets is given the amplifiers that set the voltage of a node against a held one
     * @param setNodes is given these nodes
     * @return sources and amplifiers between nodes of which neither is held
     */
    private List<Branch> hold(List<Element> sources, List<Branch> sets, List<Integer> setNodes) {
        List<Branch> left = new ArrayList<>();
        for (Element element : circuit.elements()) {
            switch (element) {
                case Element.Voltage v ->
                    left.add(new Branch(v.name(), v.plus(), v.minus(), 0, 0, 0, sources.indexOf(v)));
                case Element.Amplifier a ->
                    left.add(
                            new Branch(a.name(), a.plus(), a.minus(), a.gain(), a.controlPlus(), a.controlMinus(), -1));
                default -> {}
            }
        }
        boolean more = true;
        while (more) {
            more = left.removeIf(this::holds);
        }
        List<Branch> loose = new ArrayList<>();
        for (Branch branch : left) {
            boolean plusHeld = kind[branch.plus] == HELD;
            boolean minusHeld = kind[branch.minus] == HELD;
            if (plusHeld && minusHeld) {
                flaw = twice(branch.name, branch.plus == 0 ? branch.minus : branch.plus);
            } else if (plusHeld || minusHeld) {
                int node = plusHeld ? branch.minus : branch.plus;
                if (kind[node] == FREE) {
                    kind[node] = SET;
                    sets.add(branch);
                    setNodes.add(node);
                } else {
                    flaw = twice(branch.name, node);
                }
            } else {
                loose.add(branch);
            }
        }
        return loose;
    }

    /** Whether a branch gives a node its voltage from nodes that are held already. */
    private boolean holds(Branch branch) {
        boolean plusHeld = kind[branch.plus] == HELD;
        boolean minusHeld = kind[branch.minus] == HELD;
        if (plusHeld == minusHeld || kind[branch.controlPlus] != HELD || kind[branch.controlMinus] != HELD) {
            return false;
        }
        int node = plusHeld ? branch.minus : branch.plus;
        int from = plusHeld ? branch.plus : branch.minus;
        int sign = plusHeld ? -1 : 1;
        holdingsFound.add(new Holding(
                node,
                from,
                sign * (branch.source < 0 ? branch.gain : 1),
                branch.source,
                branch.controlPlus,
                branch.controlMinus));
        kind[node] = HELD;
        return true;
    }

    private String twice(String name, int node) {
        return "source or amplifier " + name + " closes a loop of sources, or lies where another already gives node "
                + circuit.nodes().get(node) + " its voltage; take one of them out or put a resistor in series";
    }

    /** Where an ideal diode belongs: the number of its box, or -1 - its number among those whose current is an unknown. */
    private int place(Element.IdealDiode diode, List<Integer> boxes, List<Element.IdealDiode> others) {
        boolean anodeHeld = kind[diode.anode()] == HELD;
        boolean cathodeHeld = kind[diode.cathode()] == HELD;
        if (anodeHeld && cathodeHeld || diode.anode() == diode.cathode()) {
            return NOWHERE;
        }
        int node = anodeHeld ? diode.cathode() : diode.anode();
        if ((anodeHeld || cathodeHeld) && kind[node] == FREE) {
            if (!boxes.contains(node)) {
                boxes.add(node);
            }
            return boxes.indexOf(node);
        }
        others.add(diode);
        return -others.size();
    }

    /** Works out what depends on the resistors alone. */
    private void prepare() {
        Arrays.fill(linear, 0);
        Arrays.fill(diagonal, 0);
        for (int r = 0; r < conductances.length; r++) {
            double g = conductances[r];
            int a = resistorA[r];
            int b = resistorB[r];
            if (a != b) {
                linear[row[a] * stride + column[a]] += g;
                linear[row[a] * stride + column[b]] -= g;
                linear[row[b] * stride + column[b]] += g;
                linear[row[b] * stride + column[a]] -= g;
                diagonal[column[a]] += g;
                diagonal[column[b]] += g;
            }
        }
        double most = 0;
        for (double g : diagonal) {
            most = Math.max(most, g);
        }
        boolean resistive = most > 0 || fets.length == 0;
        if (most == 0) {
            // A volt above threshold makes a transistor so conductive.
            for (Element.Mosfet fet : fets) {
                most = Math.max(most, fet.transconductance());
            }
        }
        unit = most > 0 ? most : 1;
        quiet = resistive ? unit : Balance.IDLE * unit;
        for (int i = 0; i < size; i++) {
            boolean known = i < voltages && kind[nodeOf[i]] == FREE && diagonal[i] > 0;
            heavier[i] = known ? Math.min(unit / diagonal[i], 1e12) : 1;
        }
        int next = voltages;
        for (Branch branch : floating) {
            linear[row[branch.plus] * stride + next]++;
            linear[row[branch.minus] * stride + next]--;
            equation(next, branch);
            next++;
        }
        for (int s = 0; s < setting.length; s++) {
            equation(settingRow[s], setting[s]);
        }
        for (int d = 0; d < idealAnode.length; d++) {
            linear[row[idealAnode[d]] * stride + next]++;
            linear[row[idealCathode[d]] * stride + next]--;
            linear[next * stride + column[idealAnode[d]]] += unit;
            linear[next * stride + column[idealCathode[d]]] -= unit;
            idealUnit[d] = around(idealAnode[d], idealCathode[d]);
            next++;
        }
        for (int d = 0; d < shockley.length; d++) {
            shockleyUnit[d] = around(shockley[d].anode(), shockley[d].cathode());
        }
        for (int b = 0; b < boxed.length; b++) {
            boxUnit[b] = around(boxed[b], boxed[b]);
        }
        adrift = adrift();
    }

    private void equation(int at, Branch branch) {
        double weight = unit / Math.max(1, Math.abs(branch.gain));
        linear[at * stride + column[branch.plus]] += weight;
        linear[at * stride + column[branch.minus]] -= weight;
        linear[at * stride + column[branch.controlPlus]] -= weight * branch.gain;
        linear[at * stride + column[branch.controlMinus]] += weight * branch.gain;
    }

    /** The smaller conductance of two nodes' resistors, of those that are free; the circuit's largest where there is none. */
    private double around(int a, int b) {
        double least = Double.POSITIVE_INFINITY;
        for (int node : new int[] {a, b}) {
            double g = kind[node] == FREE ? diagonal[column[node]] : 0;
            least = g > 0 ? Math.min(least, g) : least;
        }
        return Double.isFinite(least) ? least : unit;
    }

    /** What is wrong where nodes have no way to ground, whatever the diodes and transistors do; null if nothing is. */
    private @Nullable String adrift() {
        int[] group = new int[volts.length];
        for (int node = 0; node < group.length; node++) {
            group[node] = node;
        }
        int resistor = 0;
        for (Element element : circuit.elements()) {
            switch (element) {
                case Element.Resistor r -> {
                    if (conductances[resistor++] > 0) {
                        join(group, r.a(), r.b());
                    }
                }
                case Element.Voltage v -> join(group, v.plus(), v.minus());
                case Element.Current unused -> {}
                case Element.IdealDiode d -> join(group, d.anode(), d.cathode());
                case Element.Diode d -> join(group, d.anode(), d.cathode());
                case Element.Amplifier a -> join(group, a.plus(), a.minus());
                case Element.OpAmp a -> join(group, a.out(), 0);
                case Element.Mosfet m -> join(group, m.drain(), m.source());
            }
        }
        List<String> names = new ArrayList<>();
        for (int node = 1; node < group.length; node++) {
            if (root(group, node) != 0) {
                names.add(circuit.nodes().get(node));
            }
        }
        return names.isEmpty()
                ? null
                : "no way for a current from " + (names.size() == 1 ? "node " : "nodes ")
                        + String.join(", ", names.subList(0, Math.min(5, names.size())))
                        + (names.size() > 5 ? " and " + (names.size() - 5) + " more" : "")
                        + " to ground; put a resistor there";
    }

    private static int root(int[] group, int node) {
        int at = node;
        while (group[at] != at) {
            group[at] = group[group[at]];
            at = group[at];
        }
        return at;
    }

    private static void join(int[] group, int a, int b) {
        int low = Math.min(root(group, a), root(group, b));
        group[Math.max(root(group, a), root(group, b))] = low;
    }

    /** Works out what depends on the sources alone: held nodes, and the boxes of nodes with diodes to them. */
    private void impose(double[] sources) {
        values = sources;
        clash = null;
        for (Holding holding : holdings) {
            double volt = holding.source < 0
                    ? volts[holding.controlPlus] - volts[holding.controlMinus]
                    : sources[holding.source];
            volts[holding.node] = volts[holding.from] + holding.factor * volt;
        }
        Arrays.fill(lowest, Double.NEGATIVE_INFINITY);
        Arrays.fill(highest, Double.POSITIVE_INFINITY);
        for (int d = 0; d < idealPlace.length; d++) {
            int place = idealPlace[d];
            double anode = volts[idealFrom[d]];
            double cathode = volts[idealTo[d]];
            if (place == NOWHERE) {
                if (anode > cathode) {
                    clash = shorted(d);
                }
            } else if (place >= 0) {
                if (kind[idealFrom[d]] == HELD) {
                    lowest[place] = Math.max(lowest[place], anode);
                } else {
                    highest[place] = Math.min(highest[place], cathode);
                }
                if (lowest[place] > highest[place]) {
                    clash = shorted(d);
                }
            }
        }
    }

    private String shorted(int d) {
        return "ideal diode " + of(circuit, Element.IdealDiode.class).get(d).name() + " between nodes "
                + circuit.nodes().get(idealFrom[d]) + " and " + circuit.nodes().get(idealTo[d])
                + " shorts one source to another; put a resistor in series";
    }

    /** Voltages and ideal diodes' currents of the last evaluated point, bounds to the last bit. */
    private void finish() {
        int firstIdeal = voltages + floating.length;
        for (int d = 0; d < idealPlace.length; d++) {
            int place = idealPlace[d];
            idealAmperes[d] = 0;
            if (place < 0) {
                idealAmperes[d] = conducts(-1 - place, idealU) ? x[firstIdeal - 1 - place] : 0;
            }
        }
        for (int b = 0; b < boxed.length; b++) {
            byte side = boxSide(b, boxU);
            if (side != 0) {
                volts[boxed[b]] = side < 0 ? lowest[b] : highest[b];
                carry(b, side);
            }
        }
    }

    /** Gives the current that a node in a box needs to one of its diodes. */
    private void carry(int b, byte side) {
        for (int d = 0; d < idealPlace.length; d++) {
            boolean low = idealTo[d] == boxed[b];
            if (idealPlace[d] == b && low == (side < 0) && volts[low ? idealFrom[d] : idealTo[d]] == volts[boxed[b]]) {
                double into = missed[column[boxed[b]]];
                idealAmperes[d] = low ? into : -into;
                return;
            }
        }
    }

    private String trouble() {
        if (singularAt >= voltages && singularAt < voltages + floating.length) {
            return twice(floating[singularAt - voltages].name, floating[singularAt - voltages].plus);
        }
        double unused = balance.residual(values, conductances, volts, idealAmperes);
        String node = balance.worstNode();
        List<String> names = new ArrayList<>();
        int number = circuit.nodes().indexOf(node);
        for (Element element : circuit.elements()) {
            if (touches(element, number)) {
                names.add(element.name());
            }
        }
        return "no operating point was found; Kirchhoff's law is missed most at node " + node + " (elements "
                + String.join(", ", names.subList(0, Math.min(8, names.size()))) + (names.size() > 8 ? ", ..." : "")
                + "): does every current that is driven there have a way on?";
    }

    private static boolean touches(Element element, int node) {
        return switch (element) {
            case Element.Resistor r -> r.a() == node || r.b() == node;
            case Element.Voltage v -> v.plus() == node || v.minus() == node;
            case Element.Current c -> c.plus() == node || c.minus() == node;
            case Element.IdealDiode d -> d.anode() == node || d.cathode() == node;
            case Element.Diode d -> d.anode() == node || d.cathode() == node;
            case Element.Amplifier a -> a.plus() == node || a.minus() == node;
            case Element.OpAmp a -> a.out() == node;
            case Element.Mosfet m -> m.drain() == node || m.source() == node;
        };
    }
}
