package org.homeostat.circuit;

import java.util.stream.IntStream;

/** Sets of whole numbers that are joined two by two. */
final class DisjointSets {

    private final int[] parent;

    /** The numbers below n, each alone. */
    DisjointSets(int n) {
        parent = IntStream.range(0, n).toArray();
    }

    /** The least number of the set that i is in. */
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
