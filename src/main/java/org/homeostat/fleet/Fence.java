package org.homeostat.fleet;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import org.homeostat.journal.Disk;

/**
 * Numbers of leases: each greater than the one before, and none given twice, whatever becomes of the agent, its machine and its
 * clock. The last one is on the disk before it is given. Where that file was lost the count goes on from the time of day in
 * milliseconds, which is far above any count that began at one. One process has it at a time. Thread rule: one caller.
 */
final class Fence implements AutoCloseable {

    private final Path file;
    private final FileChannel guard;
    private long last;

    private Fence(Path file, FileChannel guard, long last) {
        this.file = file;
        this.guard = guard;
        this.last = last;
    }

    /**
     * The numbers of a board.
     *
     * @param folder where the last one is kept; made if it is not there
     * @param board the name under which it is offered
     * @param clock asked only where there is no last one
     * @throws IOException if the folder cannot be written to, or another agent of this machine offers the board; the message is
     *     a sentence
     */
    static Fence of(Path folder, String board, InstantSource clock) throws IOException {
        try {
            Files.createDirectories(folder);
            FileChannel guard = FileChannel.open(
                    folder.resolve(board + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!locked(guard)) {
                guard.close();
                throw new IOException("another agent on this machine offers a board as '" + board
                        + "'; choose another --name, or stop that one");
            }
            Path file = folder.resolve(board + ".lease");
            Fence fence = new Fence(file, guard, last(file, clock));
            fence.keep(fence.last);
            return fence;
        } catch (FileSystemException unwritable) {
            throw new IOException(
                    "the number of the last lease cannot be kept in " + folder + " (" + Disk.why(unwritable)
                            + "); name a folder that this user may write to with --state DIR",
                    unwritable);
        }
    }

    private static boolean locked(FileChannel guard) throws IOException {
        try {
            FileLock lock = guard.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException ours) {
            return false;
        }
    }

    private static long last(Path file, InstantSource clock) throws IOException {
        try {
            return Long.parseLong(Files.readString(file).strip());
        } catch (NoSuchFileException | NumberFormatException none) {
            return Math.max(1, clock.millis());
        }
    }

    /** The number given last, also by an earlier agent. */
    long last() {
        return last;
    }

    /**
     * The next number.
     *
     * @throws IOException if it could not be put on the disk; it is not used then
     */
    long next() throws IOException {
        keep(last + 1);
        return ++last;
    }

    private void keep(long number) throws IOException {
        Disk.replaceForGood(file, (number + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void close() throws IOException {
        guard.close();
    }
}
