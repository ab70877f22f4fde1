package org.homeostat.circuit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Products with the matrix itself tell whether a factor is its factor. */
class SparseFactorTest {

    /** A matrix of conductances: its diagonal, and its edges. */
    private record Graph(double[] diagonal, int[] a, int[] b, double[] siemens) {

        /** Edges between drawn nodes, some twice, and a little to ground everywhere. */
        static Graph drawn(int n, int edges, SplittableRandom random) {
            int[] a = new int[edges];
            int[] b = new int[edges];
            double[] siemens = new double[edges];
            double[] diagonal = new double[n];
            Arrays.setAll(diagonal, i -> random.nextDouble(0.01, 1));
            for (int e = 0; e < edges; e++) {
                a[e] = random.nextInt(n - 1);
                b[e] = random.nextInt(a[e] + 1, n);
                siemens[e] = random.nextDouble(1e-2, 1);
                diagonal[a[e]] += siemens[e];
                diagonal[b[e]] += siemens[e];
            }
            return new Graph(diagonal, a, b, siemens);
        }

        /** A square grid, row by row: long fronts. */
        static Graph grid(int side) {
            int edges = 2 * side * (side - 1);
            Graph grid = new Graph(new double[side * side], new int[edges], new int[edges], new double[edges]);
            SplittableRandom random = new SplittableRandom(side);
            Arrays.fill(grid.diagonal, 1e-3);
            int e = 0;
            for (int k = 0; k < side * side; k++) {
                for (int next : new int[] {k % side + 1 < side ? k + 1 : -1, k + side}) {
                    if (next >= 0 && next < side * side) {
                        grid.a[e] = k;
                        grid.b[e] = next;
                        grid.siemens[e] = random.nextDouble(0.1, 1);
                        grid.diagonal[k] += grid.siemens[e];
                        grid.diagonal[next] += grid.siemens[e++];
                    }
                }
            }
            return grid;
        }

        double[] times(double[] x) {
            double[] product = new double[x.length];
            Arrays.setAll(product, i -> diagonal[i] * x[i]);
            for (int e = 0; e < a.length; e++) {
                product[a[e]] -= siemens[e] * x[b[e]];
                product[b[e]] -= siemens[e] * x[a[e]];
            }
            return product;
        }

        SparseFactor factor() {
            return SparseFactor.of(diagonal, a, b, siemens, a.length);
        }
    }

    private static void requireFactor(Graph graph, SplittableRandom random) {
        SparseFactor factor = graph.factor();
        int n = graph.diagonal.length;
        double[] x = random.doubles(n, -1, 1).toArray();
        double[] given = graph.times(x);
        double[] kept = given.clone();
        double[] found = factor.up(factor.down(given));
        assertThat(given).isEqualTo(kept);
        assertThat(graph.times(found)).containsExactly(kept, within(1e-11));
        // c' G^-1 c from the sparse half of a solution, against the whole of one.
        int plus = random.nextInt(n);
        int minus = random.nextInt(4) == 0 ? -1 : random.nextInt(n);
        if (plus == minus) {
            return;
        }
        double[] c = new double[n];
        c[plus] = 1;
        if (minus >= 0) {
            c[minus] = -1;
        }
        double[] zeros = new double[n];
        SparseFactor.Sparse sparse = factor.down(plus, minus, zeros);
        assertThat(zeros).containsOnly(0);
        double[] dense = factor.down(c);
        sparse.addTo(zeros, 1);
        assertThat(zeros).containsExactly(dense, within(1e-13));
        double[] solved = factor.up(dense);
        assertThat(sparse.dot(zeros)).isCloseTo(solved[plus] - (minus < 0 ? 0 : solved[minus]), within(1e-11));
        sparse.clear(zeros);
        assertThat(zeros).containsOnly(0);
    }

    @Property(tries = 200)
    void itSolves(@ForAll @IntRange(min = 2, max = 150) int n, @ForAll int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        requireFactor(Graph.drawn(n, random.nextInt(3 * n), random), random);
    }

    @Test
    void itSolvesWithLongFronts() {
        SplittableRandom random = new SplittableRandom(1);
        requireFactor(Graph.grid(60), random);
        requireFactor(Graph.drawn(300, 5000, random), random);
    }

    @Test
    void oneNodeAndNoneAreMatricesToo() {
        SparseFactor one = SparseFactor.of(new double[] {4}, new int[0], new int[0], new double[0], 0);
        assertThat(one.up(one.down(new double[] {8}))).containsExactly(2);
        SparseFactor none = SparseFactor.of(new double[0], new int[0], new int[0], new double[0], 0);
        assertThat(none.down(new double[0])).isEmpty();
    }

    @Test
    void aMatrixThatIsNotPositiveDefiniteHasNone() {
        assertThat(SparseFactor.of(new double[] {1, 1}, new int[] {0}, new int[] {1}, new double[] {1}, 1))
                .isNull();
        assertThat(SparseFactor.of(new double[] {Double.NaN}, new int[0], new int[0], new double[0], 0))
                .isNull();
    }

    /** Of a path in its order every column has one row below its diagonal. */
    @Test
    void workIsCounted() {
        Graph path =
                new Graph(new double[] {2, 2, 2, 2}, new int[] {0, 1, 2}, new int[] {1, 2, 3}, new double[] {1, 1, 1});
        // Four squared lengths of 2, 2, 2 and 1; some more where columns are put together with a few zeros.
        assertThat(path.factor().work()).isBetween(13.0, 30.0);
    }
}
