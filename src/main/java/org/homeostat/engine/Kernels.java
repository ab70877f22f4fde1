package org.homeostat.engine;

/**
 * The inner loops: products of matrices, in single precision. An implementation may add up in any order, so results of two
 * agree to rounding; one and the same always answers the same call the same, bit for bit, on any thread. A lane's last bits may
 * depend on how many lanes are asked at once, so who splits lanes over threads splits them the same for any number of threads.
 *
 * <p>Thread-safe. Matrices must not overlap unless a method says so. Nothing is allocated, but for a thread's first call.
 */
public interface Kernels {

    /** The fastest that runs here: with the processor's vectors where the JVM was started with them, else plain Java. */
    static Kernels best() {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
                ? VectorKernels.fitting()
                : ScalarKernels.INSTANCE;
    }

    /** Its name, for benchmarks: {@code vector-512}, {@code scalar}. */
    String word();

    /**
     * {@code c += a b}: a has m x k, b has k x n, c has m x n numbers. Lanes are the rows of a and c; weights lie in b, one row
     * a unit of the layer before.
     */
    void addProduct(Matrix a, Matrix b, Matrix c);

    /** {@code c += a b'}: a has m x k, b has n x k, c has m x n numbers. */
    void addProductTransposed(Matrix a, Matrix b, Matrix c);

    /** {@code c += scale a' b}: a has k x m, b has k x n, c has m x n numbers: the sum over k lanes of outer products. */
    void addOuterProducts(float scale, Matrix a, Matrix b, Matrix c);

    /**
     * One sweep of a layer of n units in a box below a small top layer of m, lane by lane, in one pass over memory:
     *
     * <pre>   h = clip((drift + top w') / a),   up = h w.</pre>
     *
     * @param drift what reaches each unit from below and from its bias; lanes x n
     * @param top the state of the top layer; lanes x m
     * @param transposed the weights w' between them, one row a unit of the top layer; m x n
     * @param units stiffness and box of the n units
     * @param state h, written; as found, what the change is counted from; lanes x n
     * @param up what the units send to the top layer, written; lanes x m
     * @return the largest absolute change of a number in {@code state}; not a number if one of them is none
     */
    float sweep(Matrix drift, Matrix top, Matrix transposed, Units units, Matrix state, Matrix up);

    /**
     * Moves the conductances of m pairs of inputs, +x and -x, to a layer of n units, in one pass over memory:
     *
     * <pre>   plus = max(0, plus + change - ofInput - ofUnit),   minus = max(0, minus - change - ofInput - ofUnit),
     *   effective = gain (plus - minus),   sums += plus + minus, over inputs.</pre>
     *
     * @param change what the products of inputs and units ask for; m x n
     * @param ofInput what each input's own square asks for; 1 x m
     * @param ofUnit what each unit's own square asks for; 1 x n
     */
    void movePairs(Matrix change, Matrix ofInput, Matrix ofUnit, Pairs pairs);

    /** Refuses shapes that do not make a product of m x k by k x n. */
    static void require(boolean fits, Matrix a, Matrix b, Matrix c) {
        if (!fits) {
            throw new IllegalArgumentException("a product of " + a.rows() + " x " + a.columns() + " and " + b.rows()
                    + " x " + b.columns() + " does not make " + c.rows() + " x " + c.columns());
        }
    }

    /** Refuses shapes that do not make a move of pairs. */
    static void require(Matrix change, Matrix ofInput, Matrix ofUnit, Pairs pairs) {
        boolean fits = ofInput.rows() == 1
                && ofUnit.rows() == 1
                && ofInput.columns() == change.rows()
                && ofUnit.columns() == change.columns()
                && pairs.plus().rows() == change.rows()
                && pairs.plus().columns() == change.columns();
        if (!fits) {
            throw new IllegalArgumentException("a change of " + change.rows() + " x " + change.columns()
                    + ", of inputs " + ofInput.rows() + " x " + ofInput.columns() + ", of units " + ofUnit.rows()
                    + " x "
                    + ofUnit.columns() + " does not move pairs of "
                    + pairs.plus().rows() + " x "
                    + pairs.plus().columns());
        }
    }

    /** Refuses shapes that do not make a sweep. */
    static void require(Matrix drift, Matrix top, Matrix transposed, Units units, Matrix state, Matrix up) {
        int lanes = state.rows();
        boolean fits = drift.rows() == lanes
                && drift.columns() == units.count()
                && top.rows() == lanes
                && transposed.rows() == top.columns()
                && transposed.columns() == units.count()
                && state.columns() == units.count()
                && up.rows() == lanes
                && up.columns() == top.columns();
        if (!fits) {
            throw new IllegalArgumentException("a sweep over " + units.count() + " units of " + lanes
                    + " lanes: drift " + drift.rows() + " x " + drift.columns() + ", top " + top.rows() + " x "
                    + top.columns()
                    + ", weights " + transposed.rows() + " x " + transposed.columns() + ", state " + state.rows()
                    + " x "
                    + state.columns() + ", up " + up.rows() + " x " + up.columns());
        }
    }
}
