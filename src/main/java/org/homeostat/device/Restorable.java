package org.homeostat.device;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Something whose whole memory can be written down and put back, so that it goes on bit for bit as it would have: twins,
 * the wrappers that hold them, and learners. A board on a bench is not: it lives on by itself.
 */
public interface Restorable {

    /** Writes down everything that its future answers depend on. */
    void save(DataOutput out) throws IOException;

    /**
     * Puts back what {@link #save} wrote.
     *
     * @throws IOException if the bytes are not such a memory
     */
    void restore(DataInput in) throws IOException;

    /** Saves a device if it is restorable; writes nothing for one that lives on by itself. */
    static void save(Device device, DataOutput out) throws IOException {
        if (device instanceof Restorable restorable) {
            restorable.save(out);
        }
    }

    /** Restores a device if it is restorable. */
    static void restore(Device device, DataInput in) throws IOException {
        if (device instanceof Restorable restorable) {
            restorable.restore(in);
        }
    }

    /** Writes levels that may not be there, a row a lane. */
    static void saveRows(double @Nullable [][] rows, DataOutput out) throws IOException {
        out.writeBoolean(rows != null);
        for (int lane = 0; rows != null && lane < rows.length; lane++) {
            for (double level : rows[lane]) {
                out.writeDouble(level);
            }
        }
    }

    /** Reads what {@link #saveRows} wrote of so many lanes. */
    static double @Nullable [][] restoreRows(DataInput in, int lanes, int width) throws IOException {
        double[][] rows = in.readBoolean() ? new double[lanes][width] : null;
        for (int lane = 0; rows != null && lane < lanes; lane++) {
            for (int k = 0; k < width; k++) {
                rows[lane][k] = in.readDouble();
            }
        }
        return rows;
    }
}
