package org.homeostat.circuit;

import java.util.Arrays;

/**
 * An order of elimination that keeps a sparse symmetric factor sparse: approximate minimum degree on the quotient graph
 * (Amestoy, Davis and Duff, SIAM J. Matrix Anal. Appl. 17 (1996) 886), with element absorption, mass elimination and
 * indistinguishable nodes merged.
 */
final class MinimumDegree {

    private static final int NONE = -1;

    private final int n;

    /** Per node its neighbours: first elements (cliques left by nodes that are gone), then nodes; both shrink in place. */
    private final int[] list;

    private final int[] start;
    private final int[] elements;
    private final int[] nodes;

    /** How many nodes a node stands for; 0 of one that was merged or eliminated. */
    private final int[] weight;

    /** The members of an element, by the node whose elimination made it; empty where there is none. */
    private final int[][] members;

    /** The weight of an element's members. */
    private final int[] size;

    private final int[] degree;

    // Doubly linked lists of nodes by degree, or NONE.
    private final int[] head;
    private final int[] next;
    private final int[] previous;

    /** Nodes that go together with a node: the first, and who comes after. */
    private final int[] along;

    private final int[] last;

    private final int[] stamp;
    private int time;

    /** What of an element lies outside the present one, valid where {@code outsideAt} is the present time. */
    private final int[] outside;

    private final int[] outsideAt;

    private final int[] alikeMark;
    private int alikeTime;

    private MinimumDegree(int n, int[] columns, int[] rows) {
        this.n = n;
        start = columns;
        list = rows.clone();
        elements = new int[n];
        nodes = new int[n];
        weight = new int[n];
        members = new int[n][];
        size = new int[n];
        degree = new int[n];
        head = new int[n + 1];
        next = new int[n];
        previous = new int[n];
        along = new int[n];
        last = new int[n];
        stamp = new int[n];
        outside = new int[n];
        outsideAt = new int[n];
        alikeMark = new int[n];
        Arrays.fill(head, NONE);
        Arrays.fill(along, NONE);
        Arrays.fill(weight, 1);
        for (int i = n - 1; i >= 0; i--) {
            nodes[i] = columns[i + 1] - columns[i];
            degree[i] = nodes[i];
            last[i] = i;
            enter(i);
        }
    }

    /**
     * Orders the nodes of a graph.
     *
     * @param columns where each node's neighbours begin in {@code rows}, and where the last one's end
     * @param rows neighbours, each pair from both sides, none of itself
     * @return the nodes in the order of their elimination
     */
    static int[] order(int[] columns, int[] rows) {
        return new MinimumDegree(columns.length - 1, columns, rows).ordered();
    }

    private void enter(int i) {
        int first = head[degree[i]];
        next[i] = first;
        previous[i] = NONE;
        if (first != NONE) {
            previous[first] = i;
        }
        head[degree[i]] = i;
    }

    private void leave(int i) {
        if (previous[i] == NONE) {
            head[degree[i]] = next[i];
        } else {
            next[previous[i]] = next[i];
        }
        if (next[i] != NONE) {
            previous[next[i]] = previous[i];
        }
    }

    private int[] ordered() {
        int[] order = new int[n];
        int done = 0;
        int least = 0;
        int[] workspace = new int[n];
        while (done < n) {
            while (head[least] == NONE) {
                least++;
            }
            int pivot = head[least];
            leave(pivot);
            int[] clique = clique(pivot, workspace);
            int left = n - done - weight[pivot];
            weight[pivot] = 0;
            update(pivot, clique, left);
            for (int i = pivot; i != NONE; i = along[i]) {
                order[done++] = i;
            }
            for (int i : members[pivot]) {
                least = Math.min(least, degree[i]);
            }
        }
        return order;
    }

    /** The nodes that the pivot's elimination joins all to all; the elements it lay in are part of the new one and go. */
    private int[] clique(int pivot, int[] workspace) {
        time++;
        stamp[pivot] = time;
        int count = 0;
        int at = start[pivot];
        for (int k = 0; k < elements[pivot]; k++) {
            int element = list[at + k];
            int[] inside = members[element];
            if (inside != null) {
                for (int i : inside) {
                    if (weight[i] > 0 && stamp[i] != time) {
                        stamp[i] = time;
                        workspace[count++] = i;
                    }
                }
                members[element] = null;
            }
        }
        for (int k = elements[pivot]; k < elements[pivot] + nodes[pivot]; k++) {
            int i = list[at + k];
            if (weight[i] > 0 && stamp[i] != time) {
                stamp[i] = time;
                workspace[count++] = i;
            }
        }
        return Arrays.copyOf(workspace, count);
    }

    /** Gives the members of a new element their new neighbours and degrees; some go with the pivot. */
    private void update(int pivot, int[] clique, int left) {
        int total = 0;
        for (int i : clique) {
            total += weight[i];
            leave(i);
            for (int k = start[i]; k < start[i] + elements[i]; k++) {
                int element = list[k];
                if (members[element] != null) {
                    if (outsideAt[element] != time) {
                        outsideAt[element] = time;
                        outside[element] = size[element];
                    }
                    outside[element] -= weight[i];
                }
            }
        }
        members[pivot] = clique;
        int gone = 0;
        int[] hash = new int[clique.length];
        for (int c = 0; c < clique.length; c++) {
            int i = clique[c];
            int read = start[i];
            int elementsEnd = read + elements[i];
            int nodesEnd = elementsEnd + nodes[i];
            int write = read;
            int bound = 0;
            int sum = pivot;
            for (int k = read; k < elementsEnd; k++) {
                int element = list[k];
                if (members[element] != null) {
                    if (outside[element] > 0) {
                        bound += outside[element];
                        sum += element;
                        list[write++] = element;
                    } else {
                        // It lies inside the new element.
                        members[element] = null;
                    }
                }
            }
            int kept = write - read;
            // Either an element or a node next to i was taken in by the pivot, so there is room for one more.
            int[] far = farNodes(elementsEnd, nodesEnd, pivot);
            for (int j : far) {
                bound += weight[j];
                sum += j;
            }
            if (bound == 0) {
                // Nothing but the new element is next to i: it can go at once.
                gone += weight[i];
                merge(pivot, i);
                hash[c] = NONE;
                continue;
            }
            list[write++] = pivot;
            elements[i] = kept + 1;
            System.arraycopy(far, 0, list, write, far.length);
            nodes[i] = far.length;
            degree[i] = Math.min(bound, degree[i]);
            hash[c] = (sum & 0x7fffffff) % Math.max(1, n);
        }
        total -= gone;
        int remaining = left - gone;
        alike(clique, hash);
        int count = 0;
        for (int i : clique) {
            if (weight[i] > 0) {
                degree[i] = Math.clamp(degree[i] + (long) total - weight[i], 0, Math.max(0, remaining - weight[i]));
                enter(i);
                clique[count++] = i;
            }
        }
        members[pivot] = Arrays.copyOf(clique, count);
        size[pivot] = total;
    }

    private int[] farNodes(int from, int to, int pivot) {
        int[] far = new int[to - from];
        int count = 0;
        for (int k = from; k < to; k++) {
            int j = list[k];
            if (j != pivot && weight[j] > 0 && stamp[j] != time) {
                far[count++] = j;
            }
        }
        return Arrays.copyOf(far, count);
    }

    /** Lets i go right after the node it is merged with. */
    private void merge(int into, int i) {
        along[last[into]] = i;
        last[into] = last[i];
        weight[i] = 0;
    }

    /** Merges members that have the same neighbours. */
    private void alike(int[] clique, int[] hash) {
        long[] keyed = new long[clique.length];
        int count = 0;
        for (int c = 0; c < clique.length; c++) {
            if (hash[c] != NONE) {
                keyed[count++] = (long) hash[c] << 32 | c;
            }
        }
        Arrays.sort(keyed, 0, count);
        for (int a = 0; a < count; a++) {
            int i = clique[(int) keyed[a]];
            if (weight[i] == 0) {
                continue;
            }
            boolean marked = false;
            int mine = 0;
            for (int b = a + 1; b < count && keyed[b] >> 32 == keyed[a] >> 32; b++) {
                int j = clique[(int) keyed[b]];
                if (weight[j] == 0 || elements[j] != elements[i] || nodes[j] != nodes[i]) {
                    continue;
                }
                if (!marked) {
                    mine = ++alikeTime;
                    for (int k = start[i]; k < start[i] + elements[i] + nodes[i]; k++) {
                        alikeMark[list[k]] = mine;
                    }
                    marked = true;
                }
                boolean same = true;
                for (int k = start[j]; same && k < start[j] + elements[j] + nodes[j]; k++) {
                    same = alikeMark[list[k]] == mine;
                }
                if (same) {
                    weight[i] += weight[j];
                    merge(i, j);
                    degree[i] = Math.max(degree[i], degree[j]);
                }
            }
        }
    }
}
