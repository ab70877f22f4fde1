package org.homeostat.run;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Which points of a sweep this process works at, so that another one, also on another machine with the same storage, leaves
 * them alone: byte {@code n} of one file is locked for point {@code n}. A process that dies lets go of all it had claimed.
 * Several threads may use it.
 */
public final class Claims implements AutoCloseable {

    private final FileChannel file;

    private Claims(FileChannel file) {
        this.file = file;
    }

    /**
     * Makes ready to claim points.
     *
     * @param folder the folder of a sweep; made if it is not there
     * @throws BadInput if nothing can be stored there
     */
    public static Claims in(Path folder) {
        try {
            Files.createDirectories(folder);
            return new Claims(
                    FileChannel.open(folder.resolve("claims"), StandardOpenOption.CREATE, StandardOpenOption.WRITE));
        } catch (IOException e) {
            throw new BadInput(
                    folder + ": a sweep cannot be stored there (" + e + "); give another folder with --runs", e);
        }
    }

    /** A point that is ours until it is closed. */
    public interface Claim extends AutoCloseable {
        @Override
        void close();
    }

    /** Claims a point; empty if another process has it. */
    public Optional<Claim> take(int point) {
        FileLock lock;
        try {
            lock = file.tryLock(point, 1, false);
        } catch (OverlappingFileLockException ours) {
            return Optional.empty();
        } catch (IOException none) {
            // A storage without locks. A second writer is then found out by the journal, which stops its run.
            return Optional.of(() -> {});
        }
        return lock == null
                ? Optional.empty()
                : Optional.of(() -> {
                    try {
                        lock.release();
                    } catch (IOException e) {
                        // Let go of with the file at the latest.
                        return;
                    }
                });
    }

    /** Lets go of all. */
    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            // Nothing was written through it: the system lets go of the locks when the process ends.
            return;
        }
    }
}
