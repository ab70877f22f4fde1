package org.homeostat.run;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.homeostat.device.Device;
import org.homeostat.device.Restorable;
import org.homeostat.journal.Disk;
import org.homeostat.learn.Learner;

/**
 * Where a run stands: the place in the data, and the memories of learner and device. One file, replaced as a whole, so
 * that at every instant the file is either the last checkpoint or the one before.
 */
final class Checkpoint {

    private static final long MAGIC = 0x484F4D454F434B31L; // "HOMEOCK1"

    private static final String REMEDY = "bring it back from a copy, or train a new run";

    private static final String FOREIGN = "this is the checkpoint of another learner or device; " + REMEDY;

    private final Path file;

    Checkpoint(Path file) {
        this.file = file;
    }

    /**
     * The place in the data, and what has been seen of the epoch so far.
     *
     * @param epoch epochs ended
     * @param row rows of the present epoch taught
     * @param cost the sum of costs over those rows
     * @param right how many of them were classified right
     * @param rejected how many steps of the present epoch were taken back
     * @param seconds wall-clock time spent so far
     */
    record Place(int epoch, int row, double cost, int right, int rejected, double seconds) {
        static final Place START = new Place(0, 0, 0, 0, 0, 0);
    }

    void write(Place place, double[] parameters, Learner learner, Device device) throws IOException {
        write(drawn(place, parameters, learner, device));
    }

    /** A checkpoint as it would be written now; the journal holds all that it speaks of. */
    byte[] drawn(Place place, double[] parameters, Learner learner, Device device) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeLong(MAGIC);
        out.writeInt(place.epoch);
        out.writeInt(place.row);
        out.writeDouble(place.cost);
        out.writeInt(place.right);
        out.writeInt(place.rejected);
        out.writeDouble(place.seconds);
        out.writeInt(parameters.length);
        for (double parameter : parameters) {
            out.writeDouble(parameter);
        }
        learner.save(out);
        Restorable.save(device, out);
        CRC32C crc = new CRC32C();
        crc.update(bytes.toByteArray());
        out.writeLong(crc.getValue());
        return bytes.toByteArray();
    }

    /** Writes one that was drawn before. */
    void write(byte[] drawn) throws IOException {
        try {
            Disk.replaceForGood(file, drawn);
        } catch (FileSystemException refused) {
            throw new IOException(refused.getMessage() + ", then resume the run", refused);
        }
    }

    /** Puts learner and device back where they were; empty if no checkpoint was ever written. */
    Optional<Place> restore(Learner learner, Device device) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        DataInputStream in = open();
        Place place = place(in);
        var unused = readParameters(in);
        try {
            learner.restore(in);
            Restorable.restore(device, in);
        } catch (EOFException e) {
            throw new IOException(file + ": " + FOREIGN, e);
        }
        if (in.available() > 0) {
            throw new IOException(file + ": " + FOREIGN);
        }
        return Optional.of(place);
    }

    /** Where the parameters stood; empty if no checkpoint was ever written. */
    Optional<double[]> parameters() throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        DataInputStream in = open();
        var unused = place(in);
        return Optional.of(readParameters(in));
    }

    private static double[] readParameters(DataInputStream in) throws IOException {
        double[] parameters = new double[in.readInt()];
        for (int k = 0; k < parameters.length; k++) {
            parameters[k] = in.readDouble();
        }
        return parameters;
    }

    private DataInputStream open() throws IOException {
        byte[] all = Files.readAllBytes(file);
        if (all.length < 16) {
            throw new EOFException(file + ": the checkpoint is cut short; " + REMEDY);
        }
        CRC32C crc = new CRC32C();
        crc.update(all, 0, all.length - 8);
        if (crc.getValue() != ByteBuffer.wrap(all, all.length - 8, 8).getLong()) {
            throw new IOException(file + ": the checkpoint is damaged (its checksum does not match); " + REMEDY);
        }
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(all, 0, all.length - 8));
        if (in.readLong() != MAGIC) {
            throw new IOException(file + ": this is not a checkpoint of this version; " + REMEDY);
        }
        return in;
    }

    private static Place place(DataInputStream in) throws IOException {
        return new Place(in.readInt(), in.readInt(), in.readDouble(), in.readInt(), in.readInt(), in.readDouble());
    }
}
