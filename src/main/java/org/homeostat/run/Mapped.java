package org.homeostat.run;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a file, mapped: the system reads them when they are asked for and lets go of them when memory is short, so
 * that a file may be larger than the heap and than memory. What cannot be mapped, which is files packed by gzip and pipes, is
 * written once into a file of our own that has no name any more and ends with the map. One thread at a time.
 *
 * <p>Bytes are only ever taken in blocks. When a mapped file is cut short by somebody, Java promises an error for reading
 * beyond its end; but compiled loops that take single bytes were seen to bring the whole program down (JDK 25, SIGSEGV), and
 * copies to report it some calls later, when what was never read had been used. So after every copy the system is asked
 * whether the file is still long enough: that says it here, and an error under way comes out of the call into the system.
 */
final class Mapped {

    /** The least that is copied at a time. */
    private static final int LEAST = 1024;

    private static final int GZIP = 0x1f8b;

    /** What a file looked like when it was mapped; its key tells it from another one of the same name. */
    private record Stamp(@Nullable Object key, long bytes, FileTime changed) {
        static Stamp of(Path file) throws IOException {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(now.fileKey(), now.size(), now.lastModifiedTime());
        }
    }

    private final Path file;
    private final @Nullable Stamp stamp;
    private final @Nullable RandomAccessFile open;
    private final MemorySegment bytes;
    private final long size;
    private byte[] window = new byte[LEAST];
    private long windowFrom;
    private int windowBytes;

    /**
     * @param stamp of the file; null where a copy of our own is mapped, which nobody changes
     * @param open the file, closed when nobody can reach it any more; null for a copy of our own
     */
    private Mapped(Path file, @Nullable Stamp stamp, @Nullable RandomAccessFile open, MemorySegment bytes) {
        this.file = file;
        this.stamp = stamp;
        this.open = open;
        this.bytes = bytes;
        size = bytes.byteSize();
        if (size <= LEAST) {
            var unused = bring(0, (int) size);
        }
    }

    /** Maps a whole file, packed or not. */
    static Mapped of(Path file) throws IOException {
        return of(file, Long.MAX_VALUE);
    }

    /**
     * Maps the beginning of a file, packed or not.
     *
     * @param wanted how many bytes; of a packed file no more are unpacked. {@link Long#MAX_VALUE} for all there are
     * @throws EOFException if there are fewer
     */
    static Mapped of(Path file, long wanted) throws IOException {
        boolean whole = wanted == Long.MAX_VALUE;
        if (!Files.isRegularFile(file) || packed(file)) {
            return copied(file, wanted);
        }
        Stamp stamp = Stamp.of(file);
        if (!whole && stamp.bytes < wanted) {
            throw new EOFException();
        }
        // Its length is asked for as long as it is mapped; unlike that of a channel, also by a thread that is
        // interrupted.
        RandomAccessFile open = new RandomAccessFile(file.toFile(), "r");
        return new Mapped(file, stamp, open, map(open.getChannel(), whole ? stamp.bytes : wanted));
    }

    /** Opens a file as a stream of what is in it, packed or not. */
    static InputStream opened(Path file) throws IOException {
        InputStream raw = new BufferedInputStream(Files.newInputStream(file));
        try {
            raw.mark(2);
            int first = raw.read() << 8 | raw.read();
            raw.reset();
            return first == GZIP ? new GZIPInputStream(raw, 1 << 16) : raw;
        } catch (IOException e) {
            raw.close();
            throw e;
        }
    }

    private static boolean packed(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return (in.read() << 8 | in.read()) == GZIP;
        }
    }

    /** Always into a file, however small: what the heap must hold then does not depend on how a data set is packed. */
    private static Mapped copied(Path file, long wanted) throws IOException {
        try (InputStream in = opened(file)) {
            Path copy = Files.createTempFile("homeostat-", ".unpacked");
            try (FileChannel channel = FileChannel.open(copy, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                // Without a name it is gone whenever and however this program ends; its bytes stay until then.
                Files.delete(copy);
                return new Mapped(file, null, null, map(channel, copy(in, channel, wanted, copy)));
            }
        }
    }

    private static long copy(InputStream in, FileChannel channel, long wanted, Path copy) throws IOException {
        // Not closed: its channel is.
        OutputStream out = Channels.newOutputStream(channel);
        byte[] block = new byte[1 << 16];
        long copied = 0;
        while (copied < wanted) {
            int read = in.read(block, 0, (int) Math.min(block.length, wanted - copied));
            if (read < 0) {
                if (wanted != Long.MAX_VALUE) {
                    throw new EOFException();
                }
                break;
            }
            try {
                out.write(block, 0, read);
            } catch (IOException e) {
                throw new NoRoomException(copy.toAbsolutePath().getParent(), e);
            }
            copied += read;
        }
        return copied;
    }

    /** What was packed could not be written down unpacked. */
    static final class NoRoomException extends IOException {
        private static final long serialVersionUID = 1L;

        NoRoomException(@Nullable Path folder, IOException why) {
            super(
                    "it could not be unpacked in " + folder + " (" + why.getMessage()
                            + "); make room there, or unpack it" + " yourself",
                    why);
        }
    }

    private static MemorySegment map(FileChannel channel, long bytes) throws IOException {
        // Unmapped when nobody can reach it any more: data sets are handed on, and nobody closes them.
        return channel.map(MapMode.READ_ONLY, 0, bytes, Arena.ofAuto());
    }

    /** How many bytes there are. */
    long size() {
        return size;
    }

    /**
     * Brings bytes into the window; what was there before may go.
     *
     * @param at the position of the first of them
     * @param count how many
     * @return where in the window they begin
     * @throws BadInput if the file was cut short meanwhile
     */
    int bring(long at, int count) {
        Objects.checkFromIndexSize(at, count, size);
        if (at < windowFrom || at + count > windowFrom + windowBytes) {
            int length = (int) Math.min(Math.max(count, LEAST), size);
            if (window.length < length) {
                window = new byte[length];
            }
            // Near the end it begins earlier, so that it is never a short one.
            long from = Math.min(at, size - length);
            windowBytes = 0;
            try {
                MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, from, window, 0, length);
                if (open != null && open.length() < from + length) {
                    throw cut(null);
                }
            } catch (InternalError | IOException beyond) {
                throw cut(beyond);
            }
            windowFrom = from;
            windowBytes = length;
        }
        return (int) (at - windowFrom);
    }

    private BadInput cut(@Nullable Throwable why) {
        return new BadInput(
                file + ": it was cut short while it was in use; bring it back as it was and take up the run again",
                why);
    }

    /** What {@link #bring} brought; valid until it is called again. */
    byte[] window() {
        return window;
    }

    /**
     * Looks whether the file is as it was when it was mapped. One that was removed or replaced by another is: what was
     * mapped stays.
     *
     * @throws BadInput if it is not
     */
    void requireUnchanged() {
        if (stamp == null) {
            return;
        }
        Stamp now;
        try {
            now = Stamp.of(file);
        } catch (IOException gone) {
            return;
        }
        if (Objects.equals(now.key, stamp.key) && !now.equals(stamp)) {
            throw new BadInput(
                    file + ": it was changed while it was in use; bring it back as it was and take up the run again");
        }
    }
}
