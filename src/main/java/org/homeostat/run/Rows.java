package org.homeostat.run;

import java.util.Objects;

/**
 * Rows of numbers, all of one width, that need not be in memory: a row is brought to where it is used. The same row reads
 * the same every time. One thread at a time.
 */
public interface Rows {

    /** How many rows there are. */
    int size();

    /** How many numbers each row has. */
    int width();

    /**
     * Reads one row.
     *
     * @param row its position, from 0
     * @param into where its numbers go, from 0 on; as long as a row is wide, or longer: the rest stays as it is
     * @throws BadInput if the file that the rows come from can no longer be used
     * @throws IndexOutOfBoundsException if there is no such row
     */
    void read(int row, double[] into);

    /**
     * Looks whether the rows are still what they were at first. It costs little more than asking a file's date.
     *
     * @throws BadInput if the file that they come from was changed meanwhile
     */
    default void requireUnchanged() {}

    /** One row, in an array of its own. */
    default double[] row(int row) {
        double[] into = new double[width()];
        read(row, into);
        return into;
    }

    /** All rows, each in an array of its own: for few of them. */
    default double[][] all() {
        double[][] rows = new double[size()][];
        for (int row = 0; row < rows.length; row++) {
            rows[row] = row(row);
        }
        return rows;
    }

    /** The rows at some positions, in that order; the same one may come several times. Costs an int a row. */
    default Rows only(int[] positions) {
        return new Chosen(this, positions.clone());
    }

    /**
     * Rows in memory.
     *
     * @param width how many numbers each has
     * @throws IllegalArgumentException if one has not as many
     */
    static Rows of(int width, double[][] rows) {
        return new InMemory(width, rows);
    }

    /** Rows in memory; they are not copied. */
    record InMemory(int width, double[][] rows) implements Rows {
        public InMemory {
            for (int row = 0; row < rows.length; row++) {
                if (rows[row].length != width) {
                    throw new IllegalArgumentException(
                            "row " + row + " has " + rows[row].length + " numbers; expected " + width);
                }
            }
        }

        @Override
        public int size() {
            return rows.length;
        }

        @Override
        public void read(int row, double[] into) {
            System.arraycopy(rows[row], 0, into, 0, width);
        }
    }

    /** Some rows of others. */
    record Chosen(Rows whole, int[] positions) implements Rows {
        public Chosen {
            for (int position : positions) {
                Objects.checkIndex(position, whole.size());
            }
        }

        @Override
        public int size() {
            return positions.length;
        }

        @Override
        public int width() {
            return whole.width();
        }

        @Override
        public void read(int row, double[] into) {
            whole.read(positions[row], into);
        }

        @Override
        public void requireUnchanged() {
            whole.requireUnchanged();
        }

        /** Chosen from where these come from, so that no row goes through more than one list. */
        @Override
        public Rows only(int[] chosen) {
            int[] direct = new int[chosen.length];
            for (int row = 0; row < direct.length; row++) {
                direct[row] = positions[chosen[row]];
            }
            return new Chosen(whole, direct);
        }
    }
}
