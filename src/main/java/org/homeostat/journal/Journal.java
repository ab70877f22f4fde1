package org.homeostat.journal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.homeostat.device.Card;
import org.homeostat.device.Descriptor;
import org.jspecify.annotations.Nullable;

/**
 * An append-only file of everything that was asked of a device and what it answered.
 *
 * <p>Each exchange goes to the operating system at once: if the program is killed, at most the exchange that is being
 * written is lost. It goes to the disk only with {@link #force}: if the power fails, what was appended since may be
 * lost. Not promised: that two programs can append to the
 * same journal (the second is noticed and refused, mostly in time).
 *
 * <p>Thread rule: one caller at a time. Readers are independent.
 */
public final class Journal implements AutoCloseable {

    private final Path file;
    private final RandomAccessFile bytes;
    private final Descriptor descriptor;
    private final ExchangeCodec codec;
    private final Payload frame = new Payload();
    private long end;
    private long exchanges;
    private @Nullable IOException unusable;

    Journal(Path file, RandomAccessFile bytes, Descriptor descriptor, long end, long exchanges) {
        this.file = file;
        this.bytes = bytes;
        this.descriptor = descriptor;
        this.end = end;
        this.exchanges = exchanges;
        codec = new ExchangeCodec(descriptor);
    }

    /**
     * Starts a journal for a device.
     *
     * @throws IOException if the file exists or cannot be written
     */
    public static Journal create(Path file, Descriptor descriptor) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            throw new NoSuchFileException(
                    file.toString(), null, "a journal cannot start here: there is no folder " + folder + "; create it");
        }
        Payload start = new Payload();
        Frames.putStart(start);
        Frames.begin(start, Frames.CARD);
        start.putBytes(Card.of(descriptor));
        Frames.seal(start, Frames.START, Frames.START);
        if (Files.exists(file)) {
            throw new FileAlreadyExistsException(
                    file.toString(),
                    null,
                    "a journal cannot start here: the file exists; choose another, or resume its run");
        }
        try {
            // As a whole, so that killed meanwhile none was begun.
            Disk.replaceForGood(file, Arrays.copyOf(start.bytes(), start.position()));
        } catch (FileSystemException refused) {
            throw new IOException("journal " + refused.getMessage() + ", then start anew", refused);
        }
        return open(file);
    }

    /**
     * Opens a journal to go on behind its last whole exchange; a torn end is cut off.
     *
     * @throws DamagedJournalException if it is damaged anywhere else
     * @throws IOException if it is not a journal, or cannot be read and written
     */
    public static Journal open(Path file) throws IOException {
        RandomAccessFile bytes = Frames.opened(file, "rw");
        try {
            Frames frames = new Frames(file, bytes);
            Descriptor descriptor = JournalReader.descriptor(frames);
            while (frames.peek() != null) {
                frames.pass();
            }
            if (frames.torn()) {
                cut(file, bytes, frames.position());
            }
            bytes.seek(frames.position());
            return new Journal(file, bytes, descriptor, frames.position(), frames.passed() - 1);
        } catch (IOException unreadable) {
            bytes.close();
            throw unreadable;
        }
    }

    private static void cut(Path file, RandomAccessFile bytes, long end) throws IOException {
        try {
            bytes.setLength(end);
        } catch (IOException refused) {
            throw new IOException(
                    "journal " + file + ": its torn end could not be cut off (" + refused.getMessage() + "); "
                            + Disk.room(file) + ", then resume the run",
                    refused);
        }
    }

    /**
     * Reads a journal from the start.
     *
     * @throws IOException if it is not a journal, or its description of the device cannot be read
     */
    public static JournalReader read(Path file) throws IOException {
        return new JournalReader(file);
    }

    /** Where it is. */
    public Path file() {
        return file;
    }

    /** The identity card of the device that answers. */
    public Descriptor descriptor() {
        return descriptor;
    }

    /** How many exchanges it holds. */
    public long exchanges() {
        return exchanges;
    }

    /**
     * Writes down the next exchange.
     *
     * @throws IllegalArgumentException if its number is not the next one
     * @throws IOException if it could not be written; the journal then takes no more, and keeps what it had
     */
    public void append(Exchange exchange) throws IOException {
        if (exchange.number() != exchanges + 1) {
            throw new IllegalArgumentException(
                    "journal " + file + ": expected exchange " + (exchanges + 1) + ", not " + exchange.number());
        }
        requireUsable();
        try {
            frame.position(0);
            Frames.begin(frame, Frames.EXCHANGE);
            codec.put(exchange, frame);
            Frames.seal(frame, 0, end);
            if (bytes.length() != end) {
                throw new IOException("another program has written to the file; let only one run use it");
            }
            bytes.write(frame.bytes(), 0, frame.position());
        } catch (IOException cause) {
            throw failed("exchange " + exchange.number() + " could not be written", cause);
        }
        end += frame.position();
        exchanges++;
    }

    /**
     * Returns when everything appended is on the disk.
     *
     * @throws IOException if the disk failed; the journal then takes no more, because what the disk has forgotten is
     *     unknown
     */
    public void force() throws IOException {
        requireUsable();
        try {
            bytes.getFD().sync();
        } catch (IOException cause) {
            throw failed("it could not be forced to the disk", cause);
        }
    }

    /** Lets the file go, without forcing it to the disk. Idempotent; takes no exchange afterwards. */
    @Override
    public void close() throws IOException {
        if (unusable == null) {
            unusable = new IOException("journal " + file + ": it is closed");
        }
        bytes.close();
    }

    private void requireUsable() throws IOException {
        if (unusable != null) {
            throw unusable;
        }
    }

    private IOException failed(String what, IOException cause) {
        unusable = new IOException(
                "journal " + file + ": " + what + " (" + cause.getMessage() + "); " + Disk.room(file)
                        + ", then resume the run",
                cause);
        return unusable;
    }
}
