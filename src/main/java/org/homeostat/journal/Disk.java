package org.homeostat.journal;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Files that are replaced as a whole, so that at every instant one is either what it was or what it shall be, and what people are
 * told of a disk that refuses.
 *
 * <p>Thread rule: one caller at a time for each file.
 */
public final class Disk {

    private Disk() {}

    /**
     * Replaces a file. A program that is killed leaves the old or the new one; after a loss of power there may be neither.
     *
     * @throws FileSystemException if the disk refused; the file is what it was, and the message says why, and what room is left
     */
    public static void replace(Path file, byte[] bytes) throws FileSystemException {
        replace(file, bytes, false);
    }

    /**
     * Replaces a file, and returns once that outlives a loss of power too.
     *
     * @throws FileSystemException if the disk refused; the file is what it was, or already what it shall be but perhaps not for
     *     good, and the message says why, and what room is left
     */
    public static void replaceForGood(Path file, byte[] bytes) throws FileSystemException {
        replace(file, bytes, true);
    }

    private static void replace(Path file, byte[] bytes, boolean forGood) throws FileSystemException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            write(fresh, bytes, forGood);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            if (forGood) {
                // The new name is durable only once the folder is.
                try (FileChannel folder =
                        FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
                    folder.force(true);
                }
            }
        } catch (IOException refused) {
            throw unwritten(file, fresh, refused);
        }
    }

    private static void write(Path file, byte[] bytes, boolean forced) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            if (forced) {
                channel.force(true);
            }
        }
    }

    private static FileSystemException unwritten(Path file, Path fresh, IOException refused) {
        FileSystemException said = new FileSystemException(
                file.toString(), null, "could not be written (" + why(refused) + "); " + room(file));
        said.initCause(refused);
        try {
            // Nobody reads it, and where the disk is full its room is wanted.
            Files.deleteIfExists(fresh);
        } catch (IOException stays) {
            said.addSuppressed(stays);
        }
        return said;
    }

    /** Why the file system refused, without the name of the file. */
    public static String why(IOException refused) {
        return switch (refused) {
            case AccessDeniedException denied -> "you may not write there";
            case NoSuchFileException missing -> "it is not there and cannot be made";
            case FileAlreadyExistsException taken -> "a file of that name is in the way";
            case FileSystemException told when told.getReason() != null -> told.getReason();
            // "/the/path (Permission denied)"
            case FileNotFoundException told ->
                String.valueOf(told.getMessage()).replaceFirst("(?s).*\\((.*)\\)$", "$1");
            default -> String.valueOf(refused.getMessage());
        };
    }

    /** How much room a file's disk has left, and what to do; for the middle of a sentence on what could not be written. */
    public static String room(Path file) {
        try {
            Path there = file.toAbsolutePath();
            while (!Files.exists(there) && there.getParent() != null) {
                there = there.getParent();
            }
            long free = Files.getFileStore(there).getUsableSpace();
            return "its disk has " + free / 1_000_000 + " MB left; make room if that is the reason";
        } catch (IOException unknown) {
            return "check its disk";
        }
    }
}
