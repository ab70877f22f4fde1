package org.homeostat.circuit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MinimumDegreeTest {

    private static int[] order(List<Set<Integer>> graph) {
        int[] columns = new int[graph.size() + 1];
        List<Integer> rows = new ArrayList<>();
        for (int i = 0; i < graph.size(); i++) {
            rows.addAll(graph.get(i));
            columns[i + 1] = rows.size();
        }
        return MinimumDegree.order(
                columns, rows.stream().mapToInt(Integer::intValue).toArray());
    }

    private static List<Set<Integer>> empty(int n) {
        List<Set<Integer>> graph = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            graph.add(new TreeSet<>());
        }
        return graph;
    }

    private static void join(List<Set<Integer>> graph, int a, int b) {
        if (a != b) {
            graph.get(a).add(b);
            graph.get(b).add(a);
        }
    }

    private static List<Set<Integer>> grid(int side) {
        List<Set<Integer>> graph = empty(side * side);
        for (int k = 0; k < side * side; k++) {
            if (k % side + 1 < side) {
                join(graph, k, k + 1);
            }
            if (k + side < side * side) {
                join(graph, k, k + side);
            }
        }
        return graph;
    }

    /** Numbers below the diagonal of the factor, by elimination node by node. */
    private static int filled(List<Set<Integer>> graph, int[] order) {
        List<Set<Integer>> left = empty(graph.size());
        for (int i = 0; i < graph.size(); i++) {
            left.get(i).addAll(graph.get(i));
        }
        int count = 0;
        for (int pivot : order) {
            List<Integer> next = List.copyOf(left.get(pivot));
            count += next.size();
            for (int a : next) {
                left.get(a).remove(pivot);
                for (int b : next) {
                    join(left, a, b);
                }
            }
        }
        return count;
    }

    @Property(tries = 60)
    void everyNodeIsEliminatedOnce(@ForAll @IntRange(min = 1, max = 120) int n, @ForAll int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Set<Integer>> graph = empty(n);
        int edges = random.nextInt(4 * n);
        for (int e = 0; e < edges; e++) {
            join(graph, random.nextInt(n), random.nextInt(n));
        }
        assertThat(Arrays.stream(order(graph)).sorted().toArray())
                .isEqualTo(IntStream.range(0, n).toArray());
    }

    @Test
    void aTreeIsFactoredWithoutFill() {
        SplittableRandom random = new SplittableRandom(1);
        List<Set<Integer>> graph = empty(300);
        for (int k = 1; k < 300; k++) {
            join(graph, k, random.nextInt(k));
        }
        assertThat(filled(graph, order(graph))).isEqualTo(299);
    }

    @Test
    void aGridIsFactoredWithLittleFill() {
        List<Set<Integer>> graph = grid(40);
        int[] rowByRow = new int[1600];
        for (int k = 0; k < 1600; k++) {
            rowByRow[k] = k;
        }
        // The best orders known fill about 31 n log2(n) / 4 places at large n (George's nested dissection).
        assertThat(filled(graph, order(graph))).isLessThan(filled(graph, rowByRow) / 3);
    }
}
