package org.homeostat.physics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Nodes in the plane or in space, joined by springs.
 *
 * <pre>   E(k, l, x, r) = sum_e k_e / 2 (L_e - l_e)^2,   L_e = |r_a - r_b|,</pre>
 *
 * not quadratic in the places r (elastic networks as energy-based models: arXiv 2103.09985; in 2-D rigs by Altman et al.,
 * arXiv 2311.00170). Parameters: the stiffnesses k of those springs whose stiffness is adjustable, in the order they were
 * laid, then the rest lengths l of those whose rest length is; dE/dk = (L - l)^2 / 2 and dE/dl = -k (L - l).
 *
 * <p>State: how far each free coordinate is from where its node was laid out, node by node, axis by axis. An input imposes
 * such a displacement on one coordinate, or is the strain of a driving spring, whose rest length is (1 + x) times its
 * length as laid out. An output is the displacement of a free coordinate, or the strain (L - L0) / L0 of a spring, L0 its
 * length as laid out.
 *
 * <p>It settles by Newton steps no longer than {@value #LONGEST_STEP} of the mean spring, and where the energy is no bowl by
 * fast inertial relaxation (FIRE: Bitzek et al., Phys. Rev. Lett. 97, 170201, 2006). The energy never rises. A network may
 * have several places of rest: it finds the one downhill of where it stands, so begin every nudge from the free state.
 */
public final class SpringNetwork implements Physics {

    /** The longest step of one coordinate, as a part of the mean length of the springs as laid out. */
    private static final double LONGEST_STEP = 0.2;

    private static final int MOST_SWEEPS = 100_000;

    private static final int FIRE_BURST = 50;

    /** How often it may be pushed off a saddle before it is told that it cannot leave. */
    private static final int MOST_PUSHES = 20;

    /** A direction softer than this part of the stiffest is one that nothing holds. */
    private static final double FLOPPY = 1e-10;

    /** An energy that differs by less than this part of its terms is the same, to rounding. */
    private static final double ROUNDING = 1e-14;

    private static final int NONE = -1;

    private static final String LOOSE =
            "a part of the network hangs loose, so that its place is arbitrary; pin more nodes or"
                    + " shorten the rest lengths";

    /**
     * A spring between two nodes.
     *
     * @param laidOut its length as laid out
     * @param stiffness the parameter that is its stiffness, or NONE where that is fixed
     * @param length the parameter that is its rest length, or NONE where that is fixed
     * @param input the input that strains its rest length, or NONE
     */
    private record Spring(
            int a,
            int b,
            double laidOut,
            int stiffness,
            double fixedStiffness,
            int length,
            double fixedLength,
            int input) {

        double stiffness(double[] theta) {
            return stiffness == NONE ? fixedStiffness : theta[stiffness];
        }

        double length(double[] theta, Drive drive) {
            if (input != NONE) {
                return laidOut * (1 + drive.input()[input]);
            }
            return length == NONE ? fixedLength : theta[length];
        }
    }

    /** What is read: a coordinate of the state, or the strain of a spring. */
    private record Output(int coordinate, int spring) {}

    private final int axes;
    private final double[][] laid;
    private final int[][] place;
    private final int[][] given;
    private final int inputs;
    private final int states;
    private final int stiffnesses;
    private final int parameters;
    private final Spring[] springs;
    private final Output[] outputs;
    private final double meanLength;

    private SpringNetwork(Builder built) {
        axes = built.axes;
        int nodes = built.nodes.size();
        laid = new double[nodes][];
        place = new int[nodes][axes];
        given = new int[nodes][axes];
        int free = 0;
        for (int node = 0; node < nodes; node++) {
            laid[node] = built.nodes.get(node).clone();
            for (int axis = 0; axis < axes; axis++) {
                given[node][axis] = built.given.get(node)[axis];
                place[node][axis] = given[node][axis] == Builder.FREE ? free++ : NONE;
            }
        }
        states = free;
        inputs = built.inputs;
        stiffnesses = built.stiffnesses;
        parameters = built.stiffnesses + built.lengths;
        springs = new Spring[built.springs.size()];
        double sum = 0;
        for (int e = 0; e < springs.length; e++) {
            Spring spring = built.springs.get(e);
            springs[e] = spring.length == NONE
                    ? spring
                    : new Spring(
                            spring.a,
                            spring.b,
                            spring.laidOut,
                            spring.stiffness,
                            spring.fixedStiffness,
                            built.stiffnesses + spring.length,
                            spring.fixedLength,
                            spring.input);
            sum += spring.laidOut;
        }
        meanLength = sum / springs.length;
        outputs = new Output[built.outputs.size()];
        for (int k = 0; k < outputs.length; k++) {
            Builder.Read read = built.outputs.get(k);
            outputs[k] =
                    read.spring == NONE ? new Output(place[read.node][read.axis], NONE) : new Output(NONE, read.spring);
        }
    }

    @Override
    public int inputs() {
        return inputs;
    }

    @Override
    public int states() {
        return states;
    }

    @Override
    public int parameters() {
        return parameters;
    }

    /** How many of the parameters are stiffnesses; they come first. */
    public int stiffnesses() {
        return stiffnesses;
    }

    /** The length of each spring at a state, in the order they were laid. */
    public double[] lengths(Drive drive, double[] state) {
        double[] lengths = new double[springs.length];
        double[] apart = new double[axes];
        Arrays.setAll(lengths, e -> apart(springs[e], drive, state, apart));
        return lengths;
    }

    /** The places of a node's axes in the state; -1 where the coordinate is not free. */
    public int[] coordinates(int node) {
        return place[node].clone();
    }

    /** The free coordinates that outputs are read from; of a strain, a free coordinate of one end of its spring. */
    @Override
    public int[] outputs() {
        int[] read = new int[outputs.length];
        for (int k = 0; k < read.length; k++) {
            read[k] = outputs[k].coordinate;
            for (int axis = 0; axis < axes && outputs[k].spring != NONE; axis++) {
                Spring spring = springs[outputs[k].spring];
                read[k] = Math.max(read[k], Math.max(place[spring.a][axis], place[spring.b][axis]));
            }
        }
        return read;
    }

    @Override
    public void observe(double[] state, double[] observed) {
        observe(null, state, observed);
    }

    private void observe(@Nullable Drive drive, double[] state, double[] observed) {
        double[] apart = new double[axes];
        for (int k = 0; k < outputs.length; k++) {
            Output output = outputs[k];
            if (output.spring == NONE) {
                observed[k] = state[output.coordinate];
            } else {
                Spring spring = springs[output.spring];
                observed[k] = apart(spring, drive, state, apart) / spring.laidOut - 1;
            }
        }
    }

    private double coordinate(int node, int axis, @Nullable Drive drive, double[] state) {
        if (place[node][axis] != NONE) {
            return laid[node][axis] + state[place[node][axis]];
        }
        int input = given[node][axis];
        return laid[node][axis] + (input == Builder.PINNED || drive == null ? 0 : drive.input()[input]);
    }

    /** Writes the unit vector from b to a into {@code apart} and returns how far they are apart. */
    private double apart(Spring spring, @Nullable Drive drive, double[] state, double[] apart) {
        double square = 0;
        for (int axis = 0; axis < axes; axis++) {
            apart[axis] = coordinate(spring.a, axis, drive, state) - coordinate(spring.b, axis, drive, state);
            square += apart[axis] * apart[axis];
        }
        double length = Math.sqrt(square);
        for (int axis = 0; axis < axes; axis++) {
            // Two ends in one place are pushed apart along the first axis: any direction is as good.
            apart[axis] = length > 0 ? apart[axis] / length : axis == 0 ? 1 : 0;
        }
        return length;
    }

    @Override
    public double energy(double[] theta, Drive drive, double[] state) {
        double[] observed = new double[outputs.length];
        observe(drive, state, observed);
        double energy = drive.nudgeEnergy(observed);
        double[] apart = new double[axes];
        for (Spring spring : springs) {
            double stretch = apart(spring, drive, state, apart) - spring.length(theta, drive);
            energy += 0.5 * spring.stiffness(theta) * stretch * stretch;
        }
        return energy;
    }

    @Override
    public void forces(double[] theta, Drive drive, double[] state, double[] forces) {
        double[] apart = new double[axes];
        for (Spring spring : springs) {
            double stretch = apart(spring, drive, state, apart) - spring.length(theta, drive);
            if (spring.stiffness != NONE) {
                forces[spring.stiffness] = 0.5 * stretch * stretch;
            }
            if (spring.length != NONE) {
                forces[spring.length] = -spring.stiffness(theta) * stretch;
            }
        }
    }

    /**
     * Writes the slope of the total energy into {@code slope}, 0 where a coordinate is held, and its second derivative into
     * {@code curvature} unless that is null.
     *
     * @return the largest force left, as a part of the forces that stretching what is attached there by the mean length
     *     would make
     */
    double slope(
            double[] theta,
            Drive drive,
            double[] state,
            double[] slope,
            double @Nullable [][] curvature,
            boolean @Nullable [] held) {
        Arrays.fill(slope, 0);
        double[] attached = new double[states];
        if (curvature != null) {
            for (double[] row : curvature) {
                Arrays.fill(row, 0);
            }
        }
        double[] apart = new double[axes];
        for (Spring spring : springs) {
            double length = apart(spring, drive, state, apart);
            double k = spring.stiffness(theta);
            double tension = k * (length - spring.length(theta, drive));
            bend(spring, apart, tension, k, tension / Math.max(length, 1e-9 * meanLength), slope, attached, curvature);
        }
        for (int o = 0; o < outputs.length; o++) {
            Output output = outputs[o];
            double beta = drive.stiffness();
            if (output.spring == NONE) {
                int i = output.coordinate;
                slope[i] += -drive.current()[o] + beta * (beta == 0 ? 0 : state[i] - drive.target()[o]);
                attached[i] += Math.abs(beta);
                if (curvature != null) {
                    curvature[i][i] += beta;
                }
            } else if (beta != 0 || drive.current()[o] != 0) {
                Spring spring = springs[output.spring];
                double length = apart(spring, drive, state, apart);
                double strain = length / spring.laidOut - 1;
                double tension =
                        (-drive.current()[o] + beta * (beta == 0 ? 0 : strain - drive.target()[o])) / spring.laidOut;
                double k = beta / (spring.laidOut * spring.laidOut);
                bend(
                        spring,
                        apart,
                        tension,
                        k,
                        tension / Math.max(length, 1e-9 * meanLength),
                        slope,
                        attached,
                        curvature);
            }
        }
        double residual = 0;
        double stiffest = Double.MIN_NORMAL;
        for (int i = 0; i < states; i++) {
            stiffest = curvature == null ? stiffest : Math.max(stiffest, Math.abs(curvature[i][i]));
            if (held != null && held[i]) {
                slope[i] = 0;
            }
            residual = Math.max(residual, Math.abs(slope[i]) / Math.max(attached[i] * meanLength, Double.MIN_NORMAL));
        }
        for (int i = 0; curvature != null && held != null && i < states; i++) {
            for (int j = 0; j < states; j++) {
                curvature[i][j] = held[i] || held[j] ? (i == j ? stiffest : 0) : curvature[i][j];
            }
        }
        return residual;
    }

    /** Adds what one spring does: a pull along it, its stiffness along it, and tension over length across it. */
    private void bend(
            Spring spring,
            double[] along,
            double tension,
            double stiffness,
            double across,
            double[] slope,
            double[] attached,
            double @Nullable [][] curvature) {
        int[] a = place[spring.a];
        int[] b = place[spring.b];
        for (int i = 0; i < axes; i++) {
            if (a[i] != NONE) {
                slope[a[i]] += tension * along[i];
                attached[a[i]] += Math.abs(stiffness);
            }
            if (b[i] != NONE) {
                slope[b[i]] -= tension * along[i];
                attached[b[i]] += Math.abs(stiffness);
            }
            for (int j = 0; curvature != null && j < axes; j++) {
                // The same product either way round: the matrix is symmetric to the last bit.
                double both = along[i] * along[j];
                double c = stiffness * both + across * ((i == j ? 1 : 0) - both);
                add(curvature, a[i], a[j], c);
                add(curvature, b[i], b[j], c);
                add(curvature, a[i], b[j], -c);
                add(curvature, b[i], a[j], -c);
            }
        }
    }

    private static void add(double[][] matrix, int i, int j, double value) {
        if (i != NONE && j != NONE) {
            matrix[i][j] += value;
        }
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if a stiffness is negative, if strains are to be held, or if the nudge is a spring so
     *     negative that the energy has no minimum; nothing was moved
     */
    @Override
    public Rest settle(double[] theta, Drive drive, double[] state, double tolerance) {
        boolean[] held = prepared(theta, drive, state);
        return states == 0 ? new Rest(1, 0, true) : new Descent(theta, drive, held, state).settle(tolerance);
    }

    /** Refuses what has no answer, and puts held outputs where they are held. */
    boolean[] prepared(double[] theta, Drive drive, double[] state) {
        for (int k = 0; k < parameters; k++) {
            if (!Double.isFinite(theta[k]) || k < stiffnesses && theta[k] < 0) {
                throw new IllegalArgumentException(
                        k < stiffnesses
                                ? "stiffness " + k + " is " + theta[k] + "; expected a number not below 0"
                                : "rest length " + (k - stiffnesses) + " is " + theta[k] + "; expected a number");
            }
        }
        boolean[] held = new boolean[states];
        double[] clamp = drive.clamp();
        for (int k = 0; clamp != null && k < outputs.length; k++) {
            if (outputs[k].spring != NONE) {
                throw new IllegalArgumentException(
                        "output " + k
                                + " is the strain of a spring, which cannot be held exactly; couple it with a strong spring instead");
            }
            held[outputs[k].coordinate] = true;
        }
        if (drive.stiffness() < 0 && Stiffness.of(far(theta, drive, held)) == null) {
            throw new IllegalArgumentException("a nudge of strength " + drive.stiffness()
                    + " makes the outputs unstable: a negative nudge must stay weaker than the springs at the outputs");
        }
        for (int k = 0; clamp != null && k < outputs.length; k++) {
            state[outputs[k].coordinate] = clamp[k];
        }
        return held;
    }

    /**
     * The second derivative of the energy along one axis very far out, where rest lengths no longer count: the energy is
     * bounded below only if this is positive definite.
     */
    private double[][] far(double[] theta, Drive drive, boolean[] held) {
        double[][] matrix = new double[states][states];
        for (Spring spring : springs) {
            stretch(matrix, spring, spring.stiffness(theta));
        }
        for (Output output : outputs) {
            if (output.spring == NONE) {
                matrix[output.coordinate][output.coordinate] += drive.stiffness();
            } else {
                Spring spring = springs[output.spring];
                stretch(matrix, spring, drive.stiffness() / (spring.laidOut * spring.laidOut));
            }
        }
        double stiffest = Double.MIN_NORMAL;
        for (int i = 0; i < states; i++) {
            stiffest = Math.max(stiffest, matrix[i][i]);
        }
        for (int i = 0; i < states; i++) {
            for (int j = 0; j < states; j++) {
                matrix[i][j] = held[i] || held[j] ? (i == j ? stiffest : 0) : matrix[i][j];
            }
        }
        return matrix;
    }

    private void stretch(double[][] matrix, Spring spring, double stiffness) {
        for (int axis = 0; axis < axes; axis++) {
            int a = place[spring.a][axis];
            int b = place[spring.b][axis];
            add(matrix, a, a, stiffness);
            add(matrix, b, b, stiffness);
            add(matrix, a, b, -stiffness);
            add(matrix, b, a, -stiffness);
        }
    }

    /** One way down, from a state that it moves. */
    private final class Descent {
        private final double[] theta;
        private final Drive drive;
        private final boolean[] held;
        private final double[] state;
        private final double[] slope = new double[states];
        private final double[][] curvature = new double[states][states];
        private double energy;
        private double residual;
        private int sweeps;
        private int pushes;

        Descent(double[] theta, Drive drive, boolean[] held, double[] state) {
            this.theta = theta;
            this.drive = drive;
            this.held = held;
            this.state = state;
            energy = energy(theta, drive, state);
        }

        Rest settle(double tolerance) {
            while (sweeps < MOST_SWEEPS) {
                residual = slope(theta, drive, state, slope, curvature, held);
                sweeps++;
                if (!Double.isFinite(residual) || !Double.isFinite(energy)) {
                    return new Rest(sweeps, Double.POSITIVE_INFINITY, false);
                }
                Stiffness bowl = Stiffness.of(curvature);
                if (residual <= tolerance) {
                    if (bowl != null) {
                        return pushes == 0
                                ? new Rest(sweeps, residual, true)
                                : new Rest(
                                        sweeps,
                                        residual,
                                        Rest.Ending.AT_REST,
                                        "the springs buckled on the way: there is more than one place of rest");
                    }
                    Stiffness.Softest softest = Stiffness.Softest.of(curvature);
                    if (softest.value() > -FLOPPY) {
                        return stuck(LOOSE);
                    }
                    if (++pushes > MOST_PUSHES || !pushed(softest.direction())) {
                        return stuck("the springs are balanced on a point of buckling and do not leave it;"
                                + " change the rest lengths or start elsewhere");
                    }
                } else if (bowl == null) {
                    if (!fire()) {
                        return stuck(
                                Stiffness.Softest.of(curvature).value() > -FLOPPY
                                        ? LOOSE
                                        : "the springs are about to buckle and do not come to rest; make the input or the"
                                                + " nudge weaker");
                    }
                } else if (!newton(bowl)) {
                    return stuck("the springs cannot be settled this closely; ask for a looser tolerance");
                }
            }
            return new Rest(sweeps, residual, false);
        }

        private Rest stuck(String remark) {
            return new Rest(sweeps, residual, Rest.Ending.NOT_AT_REST, remark);
        }

        /** A Newton step, shortened to the cap and until the energy falls; false if none lowers it. */
        private boolean newton(Stiffness bowl) {
            double[] down = new double[states];
            Arrays.setAll(down, i -> -slope[i]);
            double[] step = bowl.solve(down);
            double longest = 0;
            double promised = 0;
            for (int i = 0; i < states; i++) {
                longest = Math.max(longest, Math.abs(step[i]));
                promised += step[i] * down[i];
            }
            double part = Math.min(1, LONGEST_STEP * meanLength / Math.max(longest, Double.MIN_NORMAL));
            double magnitude = magnitude();
            double[] tried = new double[states];
            for (int halving = 0; halving < 50; halving++, part /= 2) {
                for (int i = 0; i < states; i++) {
                    tried[i] = state[i] + part * step[i];
                }
                double there = energy(theta, drive, tried);
                boolean rounding = part * promised < ROUNDING * magnitude && there - energy <= ROUNDING * magnitude;
                boolean lower = there <= energy - 1e-4 * part * promised;
                if (lower || rounding && slope(theta, drive, tried, down, null, held) < residual) {
                    System.arraycopy(tried, 0, state, 0, states);
                    energy = there;
                    return true;
                }
                if (rounding) {
                    return false;
                }
            }
            return false;
        }

        /** How large the terms are that add up to the energy. */
        private double magnitude() {
            double magnitude = Math.abs(energy);
            for (Spring spring : springs) {
                magnitude += spring.stiffness(theta) * spring.laidOut * spring.laidOut;
            }
            return magnitude;
        }

        /** A step along a direction of negative stiffness, to the lower side; false if neither side is lower. */
        private boolean pushed(double[] direction) {
            double[] there = new double[states];
            for (double size = 0.1 * LONGEST_STEP * meanLength; size > 1e-9 * meanLength; size /= 4) {
                for (double side : new double[] {size, -size}) {
                    for (int i = 0; i < states; i++) {
                        there[i] = state[i] + side * (held[i] ? 0 : direction[i]);
                    }
                    double lower = energy(theta, drive, there);
                    if (lower < energy) {
                        System.arraycopy(there, 0, state, 0, states);
                        energy = lower;
                        return true;
                    }
                }
            }
            return false;
        }

        /**
         * A burst of fast inertial relaxation with the constants of its authors, for unit masses. A step that would raise
         * the energy is taken back and its speed lost; false if nothing was gained.
         */
        private boolean fire() {
            double stiffest = Double.MIN_NORMAL;
            for (int i = 0; i < states; i++) {
                stiffest = Math.max(stiffest, Math.abs(curvature[i][i]));
            }
            double longestTime = 0.5 / Math.sqrt(stiffest);
            double time = 0.1 * longestTime;
            double mixing = 0.1;
            int downhill = 0;
            boolean gained = false;
            double[] speed = new double[states];
            double[] tried = new double[states];
            for (int step = 0; step < FIRE_BURST; step++) {
                double power = 0;
                double fast = 0;
                double steep = 0;
                for (int i = 0; i < states; i++) {
                    power -= slope[i] * speed[i];
                    fast += speed[i] * speed[i];
                    steep += slope[i] * slope[i];
                }
                double turn = steep > 0 ? Math.sqrt(fast / steep) : 0;
                for (int i = 0; i < states; i++) {
                    speed[i] = power > 0 ? (1 - mixing) * speed[i] - mixing * turn * slope[i] : 0;
                }
                if (power > 0 && ++downhill > 5) {
                    time = Math.min(1.1 * time, longestTime);
                    mixing *= 0.99;
                }
                double longest = 0;
                for (int i = 0; i < states; i++) {
                    speed[i] -= time * slope[i];
                    longest = Math.max(longest, Math.abs(time * speed[i]));
                }
                double cap = Math.min(1, LONGEST_STEP * meanLength / Math.max(longest, Double.MIN_NORMAL));
                for (int i = 0; i < states; i++) {
                    tried[i] = state[i] + cap * time * speed[i];
                }
                double there = energy(theta, drive, tried);
                sweeps++;
                if (there < energy) {
                    System.arraycopy(tried, 0, state, 0, states);
                    energy = there;
                    gained = true;
                    slope(theta, drive, state, slope, null, held);
                } else {
                    Arrays.fill(speed, 0);
                    time /= 2;
                    mixing = 0.1;
                    downhill = 0;
                }
            }
            return gained;
        }
    }

    /** Lays out a network, node by node and spring by spring. */
    public static final class Builder {
        private static final int FREE = -1;
        private static final int PINNED = -2;

        /** What an output reads: an axis of a node, or a spring. */
        private record Read(int node, int axis, int spring) {}

        private final int axes;
        private final List<double[]> nodes = new ArrayList<>();
        private final List<int[]> given = new ArrayList<>();
        private final List<Spring> springs = new ArrayList<>();
        private final List<Read> outputs = new ArrayList<>();
        private int inputs;
        private int stiffnesses;
        private int lengths;

        /** An empty network in the plane (2 axes) or in space (3). */
        public Builder(int axes) {
            if (axes != 2 && axes != 3) {
                throw new IllegalArgumentException("springs lie in 2 or 3 dimensions, not in " + axes);
            }
            this.axes = axes;
        }

        /** Adds a node where it is laid out, in metres, and returns its number. */
        public int node(double... at) {
            if (at.length != axes || !Arrays.stream(at).allMatch(Double::isFinite)) {
                throw new IllegalArgumentException(
                        "a node has " + axes + " coordinates, all of them numbers, not " + Arrays.toString(at));
            }
            nodes.add(at.clone());
            int[] free = new int[axes];
            Arrays.fill(free, FREE);
            given.add(free);
            return nodes.size() - 1;
        }

        /** Pins a node: every coordinate that is free so far stays where it was laid out. */
        public Builder pin(int node) {
            requireNode(node);
            for (int axis = 0; axis < axes; axis++) {
                given.get(node)[axis] = given.get(node)[axis] == FREE ? PINNED : given.get(node)[axis];
            }
            return this;
        }

        /** Makes the displacement of one free coordinate the next input, in metres. */
        public Builder input(int node, int axis) {
            requireFree(node, axis);
            given.get(node)[axis] = inputs++;
            return this;
        }

        /** Makes the displacement of one free coordinate the next output, in metres. */
        public Builder output(int node, int axis) {
            requireFree(node, axis);
            return output(new Read(node, axis, NONE));
        }

        /** Makes the strain of a spring the next output: how much longer it is than as laid out, as a part of that. */
        public Builder strain(int spring) {
            if (spring < 0 || spring >= springs.size()) {
                throw new IllegalArgumentException("no spring " + spring + " among " + springs.size());
            }
            return output(new Read(NONE, NONE, spring));
        }

        private Builder output(Read read) {
            if (outputs.contains(read)) {
                throw new IllegalArgumentException(
                        read.spring == NONE
                                ? "axis " + read.axis + " of node " + read.node + " is an output already"
                                : "spring " + read.spring + " is an output already");
            }
            outputs.add(read);
            return this;
        }

        /** Lays a spring whose stiffness and rest length are both parameters, and returns its number. */
        public int spring(int a, int b) {
            return lay(new Spring(a, b, laidOut(a, b), stiffnesses++, 0, lengths++, 0, NONE));
        }

        /** Lays a spring of a fixed rest length whose stiffness is a parameter, and returns its number. */
        public int adjustableStiffness(int a, int b, double length) {
            return lay(new Spring(a, b, laidOut(a, b), stiffnesses++, 0, NONE, length, NONE));
        }

        /** Lays a spring of a fixed stiffness whose rest length is a parameter, and returns its number. */
        public int adjustableLength(int a, int b, double stiffness) {
            requireStiffness(stiffness);
            return lay(new Spring(a, b, laidOut(a, b), NONE, stiffness, lengths++, 0, NONE));
        }

        /** Lays a spring without parameters, and returns its number. */
        public int fixed(int a, int b, double stiffness, double length) {
            requireStiffness(stiffness);
            return lay(new Spring(a, b, laidOut(a, b), NONE, stiffness, NONE, length, NONE));
        }

        /** Lays a spring whose rest length the next input strains, and returns its number. Stiff, it imposes that strain. */
        public int driven(int a, int b, double stiffness) {
            requireStiffness(stiffness);
            return lay(new Spring(a, b, laidOut(a, b), NONE, stiffness, NONE, 0, inputs++));
        }

        private int lay(Spring spring) {
            springs.add(spring);
            return springs.size() - 1;
        }

        private double laidOut(int a, int b) {
            requireNode(a);
            requireNode(b);
            double square = 0;
            for (int axis = 0; axis < axes; axis++) {
                double apart = nodes.get(a)[axis] - nodes.get(b)[axis];
                square += apart * apart;
            }
            if (!(square > 0)) {
                throw new IllegalArgumentException(
                        "a spring joins two nodes that lie apart, unlike nodes " + a + " and " + b);
            }
            return Math.sqrt(square);
        }

        private static void requireStiffness(double stiffness) {
            if (!(stiffness >= 0) || !Double.isFinite(stiffness)) {
                throw new IllegalArgumentException("a spring's stiffness is a number not below 0, unlike " + stiffness);
            }
        }

        private void requireNode(int node) {
            if (node < 0 || node >= nodes.size()) {
                throw new IllegalArgumentException("no node " + node + " among " + nodes.size());
            }
        }

        private void requireFree(int node, int axis) {
            requireNode(node);
            if (axis < 0 || axis >= axes) {
                throw new IllegalArgumentException("no axis " + axis + " among " + axes);
            }
            if (given.get(node)[axis] != FREE) {
                throw new IllegalArgumentException("axis " + axis + " of node " + node + " is not free");
            }
        }

        private boolean moved(int node) {
            return Arrays.stream(given.get(node)).anyMatch(by -> by >= 0);
        }

        /**
         * The network.
         *
         * @throws IllegalArgumentException if it has no spring, if an output is not free any more, or if it is the strain of a
         *     spring that ends at a node that an input moves
         */
        public SpringNetwork build() {
            if (springs.isEmpty()) {
                throw new IllegalArgumentException("a spring network has 1 spring or more");
            }
            for (Read read : outputs) {
                if (read.spring == NONE) {
                    requireFree(read.node, read.axis);
                } else if (moved(springs.get(read.spring).a) || moved(springs.get(read.spring).b)) {
                    throw new IllegalArgumentException("spring " + read.spring
                            + " ends at a node that an input moves, so that its strain cannot be an output");
                }
            }
            return new SpringNetwork(this);
        }
    }
}
