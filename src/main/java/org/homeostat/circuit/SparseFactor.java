package org.homeostat.circuit;

import java.util.Arrays;
import org.homeostat.engine.Rows;
import org.jspecify.annotations.Nullable;

/**
 * The Cholesky factor of a sparse positive definite matrix of conductances, {@code P G P' = L L'}: multifrontal (Duff and
 * Reid, ACM Trans. Math. Softw. 9 (1983) 302; J. Liu, SIAM Review 34 (1992) 82). Columns of L with the same rows below lie
 * together as one dense block of a front, so that nearly all of the work is done by dense inner loops. The order is the
 * caller's but for P, which only brings each column right before the one that it goes into first.
 *
 * <p>Vectors of L are in the order of P, those of the matrix in the caller's.
 *
 * <p>Thread rule: one caller at a time.
 */
final class SparseFactor {

    /** Fronts shorter than this are not worth vectors. */
    private static final int SHORT = 24;

    /** Columns that are eliminated before the others are told. */
    private static final int BLOCK = 64;

    private static final Rows ROWS = Rows.best();

    private final Shape shape;

    /** By front its columns of L, one after the other, each as long as the front has rows. */
    private final double[][] blocks;

    private final double[] scratch;

    private SparseFactor(Shape shape, double[][] blocks) {
        this.shape = shape;
        this.blocks = blocks;
        scratch = new double[shape.longest];
    }

    /**
     * Where the numbers of a factor lie.
     *
     * @param place by row of the matrix its place in P
     * @param first by front its first column, and at the end how many columns there are
     * @param rows by front its rows, those of its own columns first, in rising order
     * @param parent by front the one that it goes into, a later one; -1 for a root
     * @param longest rows of the longest front
     * @param work flops of factoring, about: the sum of squared column lengths
     */
    private record Shape(int[] place, int[] first, int[][] rows, int[] parent, int longest, double work) {

        int fronts() {
            return parent.length;
        }

        int width(int front) {
            return first[front + 1] - first[front];
        }
    }

    /** The matrix in P's order: by column the rows from the diagonal down, the diagonal first, and their numbers. */
    private record Columns(int[] start, int[] row, double[] value) {}

    /**
     * Factors the matrix of a graph: {@code diagonal} and, for each edge, minus its siemens at both its places; edges between
     * the same two rows add up. Null where the matrix is not positive definite to working precision.
     *
     * @param a one end of each edge
     * @param b the other
     * @param edges how many of {@code a}, {@code b} and {@code siemens} count
     */
    static @Nullable SparseFactor of(double[] diagonal, int[] a, int[] b, double[] siemens, int edges) {
        int n = diagonal.length;
        int[] parent = tree(n, a, b, edges);
        int[] place = postorder(parent);
        int[] above = new int[n];
        for (int i = 0; i < n; i++) {
            above[place[i]] = parent[i] < 0 ? -1 : place[parent[i]];
        }
        Columns columns = columns(place, diagonal, a, b, siemens, edges);
        Shape shape = shape(place, above, columns);
        double[][] blocks = new double[shape.fronts()][];
        return factored(shape, columns, blocks) ? new SparseFactor(shape, blocks) : null;
    }

    // Where numbers lie

    /** The elimination tree (J. Liu, SIAM J. Matrix Anal. Appl. 11 (1990) 134): by row its parent, -1 for a root. */
    private static int[] tree(int n, int[] a, int[] b, int edges) {
        int[] start = new int[n + 1];
        for (int e = 0; e < edges; e++) {
            start[Math.max(a[e], b[e]) + 1]++;
        }
        for (int i = 0; i < n; i++) {
            start[i + 1] += start[i];
        }
        int[] lower = new int[edges];
        int[] put = Arrays.copyOf(start, n);
        for (int e = 0; e < edges; e++) {
            lower[put[Math.max(a[e], b[e])]++] = Math.min(a[e], b[e]);
        }
        int[] parent = new int[n];
        int[] ancestor = new int[n];
        for (int i = 0; i < n; i++) {
            parent[i] = -1;
            ancestor[i] = -1;
            for (int k = start[i]; k < start[i + 1]; k++) {
                int at = lower[k];
                while (at >= 0 && at != i) {
                    int next = ancestor[at];
                    ancestor[at] = i;
                    if (next < 0) {
                        parent[at] = i;
                    }
                    at = next;
                }
            }
        }
        return parent;
    }

    /** By node of a tree its place where every node comes right after all that lies below it. */
    private static int[] postorder(int[] parent) {
        int n = parent.length;
        int[] child = new int[n];
        int[] next = new int[n];
        Arrays.fill(child, -1);
        for (int i = n - 1; i >= 0; i--) {
            if (parent[i] >= 0) {
                next[i] = child[parent[i]];
                child[parent[i]] = i;
            }
        }
        int[] place = new int[n];
        int count = 0;
        for (int root = 0; root < n; root++) {
            if (parent[root] >= 0) {
                continue;
            }
            int at = root;
            while (true) {
                while (child[at] >= 0) {
                    int down = child[at];
                    child[at] = next[down];
                    at = down;
                }
                place[at] = count++;
                if (at == root) {
                    break;
                }
                at = parent[at];
            }
        }
        return place;
    }

    private static Columns columns(int[] place, double[] diagonal, int[] a, int[] b, double[] siemens, int edges) {
        int n = place.length;
        int[] start = new int[n + 1];
        for (int i = 0; i < n; i++) {
            start[i + 1] = 1;
        }
        for (int e = 0; e < edges; e++) {
            start[Math.min(place[a[e]], place[b[e]]) + 1]++;
        }
        for (int i = 0; i < n; i++) {
            start[i + 1] += start[i];
        }
        int[] row = new int[start[n]];
        double[] value = new double[start[n]];
        int[] put = Arrays.copyOf(start, n);
        for (int i = 0; i < n; i++) {
            int at = place[i];
            row[put[at]] = at;
            value[put[at]++] = diagonal[i];
        }
        for (int e = 0; e < edges; e++) {
            int i = place[a[e]];
            int j = place[b[e]];
            int at = put[Math.min(i, j)]++;
            row[at] = Math.max(i, j);
            value[at] = -siemens[e];
        }
        return new Columns(start, row, value);
    }

    /** How many rows each column of L has, the diagonal counted: row by row along the tree. */
    private static int[] lengths(int[] above, Columns columns) {
        int n = above.length;
        // Rows of the lower triangle, from its columns.
        int[] start = new int[n + 1];
        for (int i : columns.row) {
            start[i + 1]++;
        }
        for (int i = 0; i < n; i++) {
            start[i + 1] += start[i];
        }
        int[] left = new int[columns.row.length];
        int[] put = Arrays.copyOf(start, n);
        for (int j = 0; j < n; j++) {
            for (int k = columns.start[j]; k < columns.start[j + 1]; k++) {
                left[put[columns.row[k]]++] = j;
            }
        }
        int[] length = new int[n];
        int[] seen = new int[n];
        for (int i = 0; i < n; i++) {
            seen[i] = i;
            length[i]++;
            for (int k = start[i]; k < start[i + 1]; k++) {
                for (int j = left[k]; seen[j] != i; j = above[j]) {
                    seen[j] = i;
                    length[j]++;
                }
            }
        }
        return length;
    }

    /**
     * Fronts: columns whose rows are those of the next one and that one itself, and such as can be put together with few zeros
     * (as in CHOLMOD: Chen, Davis, Hager and Rajamanickam, ACM Trans. Math. Softw. 35 (2008) 22).
     */
    private static Shape shape(int[] place, int[] above, Columns columns) {
        int n = above.length;
        int[] length = lengths(above, columns);
        int[] begin = new int[n + 1];
        int found = 0;
        for (int j = 0; j < n; j++) {
            if (j == 0 || above[j - 1] != j || length[j - 1] != length[j] + 1) {
                begin[found++] = j;
            }
        }
        begin[found] = n;
        int[] first = joined(Arrays.copyOf(begin, found + 1), above, length);
        int fronts = first.length - 1;
        int[] frontOf = new int[n];
        for (int s = 0; s < fronts; s++) {
            Arrays.fill(frontOf, first[s], first[s + 1], s);
        }
        int[] parent = new int[fronts];
        int[][] rows = new int[fronts][];
        int[] child = new int[fronts];
        int[] next = new int[fronts];
        Arrays.fill(child, -1);
        int[] seen = new int[n];
        Arrays.fill(seen, -1);
        int[] some = new int[n];
        int longest = 0;
        double work = 0;
        for (int s = 0; s < fronts; s++) {
            int end = first[s + 1];
            int count = 0;
            for (int j = first[s]; j < end; j++) {
                for (int k = columns.start[j]; k < columns.start[j + 1]; k++) {
                    int i = columns.row[k];
                    if (i >= end && seen[i] != s) {
                        seen[i] = s;
                        some[count++] = i;
                    }
                }
            }
            for (int c = child[s]; c >= 0; c = next[c]) {
                for (int k = first[c + 1] - first[c]; k < rows[c].length; k++) {
                    int i = rows[c][k];
                    if (i >= end && seen[i] != s) {
                        seen[i] = s;
                        some[count++] = i;
                    }
                }
            }
            Arrays.sort(some, 0, count);
            int width = end - first[s];
            int[] mine = new int[width + count];
            for (int k = 0; k < width; k++) {
                mine[k] = first[s] + k;
            }
            System.arraycopy(some, 0, mine, width, count);
            rows[s] = mine;
            parent[s] = count > 0 ? frontOf[mine[width]] : -1;
            if (parent[s] >= 0) {
                next[s] = child[parent[s]];
                child[parent[s]] = s;
            }
            longest = Math.max(longest, mine.length);
            for (int k = 0; k < width; k++) {
                work += Math.pow(mine.length - k, 2);
            }
        }
        return new Shape(place, first, rows, parent, longest, work);
    }

    /** Puts fronts together with the next one where that is what they go into and few zeros come of it. */
    private static int[] joined(int[] begin, int[] above, int[] length) {
        int fronts = begin.length - 1;
        // From the last to the first: the front that a front starts is as far as it has been put together.
        boolean[] starts = new boolean[fronts + 1];
        Arrays.fill(starts, true);
        int end = fronts;
        long zeros = 0;
        int rows = fronts > 0 ? length[begin[fronts - 1]] : 0;
        for (int s = fronts - 2; s >= 0; s--) {
            int own = begin[s + 1] - begin[s];
            int mine = length[begin[s]];
            boolean next = above[begin[s + 1] - 1] == begin[s + 1];
            int together = begin[end] - begin[s];
            // Each own column gets all rows of the next front.
            long more = zeros + (long) own * (rows + own - mine);
            double all = 0.5 * together * (together + 1.0) + (double) together * (rows + own - together);
            double part = more / all;
            if (next
                    && (together <= 4
                            || (together <= 16 && part < 0.8)
                            || (together <= 48 && part < 0.1)
                            || part < 0.05)) {
                starts[s + 1] = false;
                rows += own;
                zeros = more;
            } else {
                end = s + 1;
                rows = mine;
                zeros = 0;
            }
        }
        int[] first = new int[fronts + 1];
        int count = 0;
        for (int s = 0; s <= fronts; s++) {
            if (starts[s]) {
                first[count++] = begin[s];
            }
        }
        return Arrays.copyOf(first, count);
    }

    // Numbers

    private static boolean factored(Shape shape, Columns columns, double[][] blocks) {
        int fronts = shape.fronts();
        // What a front leaves to the one that it goes into, column by column; children come right before.
        double[][] left = new double[fronts][];
        int[] child = new int[fronts];
        int[] next = new int[fronts];
        Arrays.fill(child, -1);
        int[] where = new int[shape.place.length];
        for (int s = 0; s < fronts; s++) {
            int[] rows = shape.rows[s];
            int m = rows.length;
            int k = shape.width(s);
            double[] block = new double[Math.multiplyExact(m, k)];
            double[] rest = new double[Math.multiplyExact(m - k, m - k)];
            for (int i = 0; i < m; i++) {
                where[rows[i]] = i;
            }
            for (int j = 0; j < k; j++) {
                int column = rows[j];
                for (int e = columns.start[column]; e < columns.start[column + 1]; e++) {
                    block[j * m + where[columns.row[e]]] += columns.value[e];
                }
            }
            for (int c = child[s]; c >= 0; c = next[c]) {
                add(shape.rows[c], shape.width(c), left[c], where, m, k, block, rest);
                left[c] = null;
            }
            if (!eliminated(block, rest, m, k)) {
                return false;
            }
            blocks[s] = block;
            int parent = shape.parent[s];
            if (parent >= 0) {
                left[s] = rest;
                next[s] = child[parent];
                child[parent] = s;
            }
        }
        return true;
    }

    /** Adds what a child has left to a front. */
    private static void add(
            int[] rows, int width, double[] left, int[] where, int m, int k, double[] block, double[] rest) {
        int size = rows.length - width;
        for (int j = 0; j < size; j++) {
            int column = where[rows[width + j]];
            int from = j * size;
            // Rows rise, so what lies below a column's diagonal stays below.
            if (column < k) {
                for (int i = j; i < size; i++) {
                    block[column * m + where[rows[width + i]]] += left[from + i];
                }
            } else {
                int at = (column - k) * (m - k) - k;
                for (int i = j; i < size; i++) {
                    rest[at + where[rows[width + i]]] += left[from + i];
                }
            }
        }
    }

    /** Eliminates the first k columns of a front of m rows; false if it is not positive definite. */
    private static boolean eliminated(double[] block, double[] rest, int m, int k) {
        for (int from = 0; from < k; from += BLOCK) {
            int to = Math.min(from + BLOCK, k);
            for (int j = from; j < to; j++) {
                double pivot = block[j * m + j];
                if (!(pivot > 0)) {
                    return false;
                }
                double root = Math.sqrt(pivot);
                double inverse = 1 / root;
                block[j * m + j] = root;
                for (int i = j + 1; i < m; i++) {
                    block[j * m + i] *= inverse;
                }
                for (int c = j + 1; c < to; c++) {
                    double times = block[j * m + c];
                    int column = c * m;
                    int mine = j * m;
                    for (int i = c; i < m; i++) {
                        block[column + i] -= times * block[mine + i];
                    }
                }
            }
            if (to < k) {
                subtract(block, from, to, m, to, k - to, block, to * m + to, m);
            }
            if (k < m) {
                subtract(block, from, to, m, k, m - k, rest, 0, m - k);
            }
        }
        return true;
    }

    /** What columns from to to of a block take off others, whose diagonals begin at a row. */
    private static void subtract(
            double[] block, int from, int to, int m, int row, int columns, double[] c, int at, int stride) {
        if (m - row >= SHORT) {
            ROWS.subtractSquares(block, from * m + row, m, to - from, m - row, columns, c, at, stride);
            return;
        }
        for (int j = 0; j < columns; j++) {
            int column = at + j * stride - row;
            for (int r = from; r < to; r++) {
                double times = block[r * m + row + j];
                for (int i = row + j; i < m; i++) {
                    c[column + i] -= times * block[r * m + i];
                }
            }
        }
    }

    int size() {
        return shape.place.length;
    }

    double work() {
        return shape.work;
    }

    // Solving

    /** {@code L^-1 P x}, in the order of P. */
    double[] down(double[] x) {
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[shape.place[i]] = x[i];
        }
        for (int s = 0; s < shape.fronts(); s++) {
            down(s, y);
        }
        return y;
    }

    private void down(int s, double[] y) {
        int[] rows = shape.rows[s];
        double[] block = blocks[s];
        int m = rows.length;
        int k = shape.width(s);
        int first = shape.first[s];
        for (int j = 0; j < k; j++) {
            double value = y[first + j] / block[j * m + j];
            y[first + j] = value;
            for (int i = j + 1; i < k; i++) {
                y[first + i] -= value * block[j * m + i];
            }
        }
        int below = m - k;
        if (below < SHORT) {
            for (int j = 0; j < k; j++) {
                double value = y[first + j];
                for (int i = k; i < m; i++) {
                    y[rows[i]] -= value * block[j * m + i];
                }
            }
        } else {
            Arrays.fill(scratch, 0, below, 0);
            ROWS.addRows(block, k, m, k, below, y, first, scratch, 0);
            for (int i = 0; i < below; i++) {
                y[rows[k + i]] -= scratch[i];
            }
        }
    }

    /** {@code P' L'^-1 y}, of a vector in the order of P, which is lost. */
    double[] up(double[] y) {
        double[] sums = new double[shape.longest];
        for (int s = shape.fronts() - 1; s >= 0; s--) {
            int[] rows = shape.rows[s];
            double[] block = blocks[s];
            int m = rows.length;
            int k = shape.width(s);
            int first = shape.first[s];
            int below = m - k;
            if (below < SHORT) {
                for (int j = 0; j < k; j++) {
                    double sum = 0;
                    for (int i = k; i < m; i++) {
                        sum += block[j * m + i] * y[rows[i]];
                    }
                    sums[j] = sum;
                }
            } else {
                for (int i = 0; i < below; i++) {
                    scratch[i] = y[rows[k + i]];
                }
                ROWS.dots(block, k, m, k, below, scratch, 0, sums, 0);
            }
            for (int j = k - 1; j >= 0; j--) {
                double sum = y[first + j] - sums[j];
                for (int i = j + 1; i < k; i++) {
                    sum -= block[j * m + i] * y[first + i];
                }
                y[first + j] = sum / block[j * m + j];
            }
        }
        double[] x = new double[y.length];
        for (int i = 0; i < x.length; i++) {
            x[i] = y[shape.place[i]];
        }
        return x;
    }

    /** A vector in the order of P that is 0 but in some stretches: where each begins in it and in what is kept. */
    record Sparse(int[] from, int[] at, double[] value) {

        /** The inner product with a dense vector. */
        double dot(double[] dense) {
            double even = 0;
            double odd = 0;
            for (int p = 0; p < from.length; p++) {
                int shift = from[p] - at[p];
                int k = at[p];
                for (; k + 1 < at[p + 1]; k += 2) {
                    even += value[k] * dense[k + shift];
                    odd += value[k + 1] * dense[k + 1 + shift];
                }
                if (k < at[p + 1]) {
                    even += value[k] * dense[k + shift];
                }
            }
            return even + odd;
        }

        /** {@code dense += times * this}. */
        void addTo(double[] dense, double times) {
            for (int p = 0; p < from.length; p++) {
                int shift = from[p] - at[p];
                for (int k = at[p]; k < at[p + 1]; k++) {
                    dense[k + shift] += times * value[k];
                }
            }
        }

        /** {@code dense = 0} at its places. */
        void clear(double[] dense) {
            for (int p = 0; p < from.length; p++) {
                Arrays.fill(dense, from[p], from[p] + at[p + 1] - at[p], 0);
            }
        }
    }

    /**
     * {@code L^-1 P c} where c is 1 at {@code plus} and -1 at {@code minus}, either of which may be -1 for nowhere. Only fronts
     * on their paths to a root are touched.
     *
     * @param zeros a vector of zeros, left as such
     */
    Sparse down(int plus, int minus, double[] zeros) {
        int[] path = new int[16];
        int count = 0;
        int i = plus < 0 ? -1 : frontOf(shape.place[plus]);
        int j = minus < 0 ? -1 : frontOf(shape.place[minus]);
        // Parents come later: the two paths are merged in rising order, and are one from where they meet.
        while (i >= 0 || j >= 0) {
            int at = i < 0 ? j : j < 0 ? i : Math.min(i, j);
            if (count == path.length) {
                path = Arrays.copyOf(path, 2 * count);
            }
            path[count++] = at;
            int parent = shape.parent[at];
            i = i == at ? parent : i;
            j = j == at ? parent : j;
        }
        if (plus >= 0) {
            zeros[shape.place[plus]] += 1;
        }
        if (minus >= 0) {
            zeros[shape.place[minus]] -= 1;
        }
        int[] from = new int[count];
        int[] at = new int[count + 1];
        for (int p = 0; p < count; p++) {
            from[p] = shape.first[path[p]];
            at[p + 1] = at[p] + shape.width(path[p]);
        }
        double[] value = new double[at[count]];
        for (int p = 0; p < count; p++) {
            down(path[p], zeros);
            System.arraycopy(zeros, from[p], value, at[p], at[p + 1] - at[p]);
            Arrays.fill(zeros, from[p], from[p] + at[p + 1] - at[p], 0);
        }
        return new Sparse(from, at, value);
    }

    private int frontOf(int column) {
        int found = Arrays.binarySearch(shape.first, column);
        return found >= 0 ? found : -found - 2;
    }
}
