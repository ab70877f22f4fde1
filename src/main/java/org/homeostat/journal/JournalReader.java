package org.homeostat.journal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import org.homeostat.device.Card;
import org.homeostat.device.Descriptor;
import org.jspecify.annotations.Nullable;

/**
 * Reads a journal from its first exchange to its last, see {@link Journal#read}. Someone else may append to the journal
 * meanwhile. Thread rule: one caller at a time.
 */
public final class JournalReader implements AutoCloseable {

    private final RandomAccessFile bytes;
    private final Frames frames;
    private final Descriptor descriptor;
    private final ExchangeCodec codec;

    JournalReader(Path file) throws IOException {
        bytes = Frames.opened(file, "r");
        try {
            frames = new Frames(file, bytes);
            descriptor = descriptor(frames);
        } catch (IOException unreadable) {
            bytes.close();
            throw unreadable;
        }
        codec = new ExchangeCodec(descriptor);
    }

    /** Takes the first frame. */
    static Descriptor descriptor(Frames frames) throws IOException {
        Payload first = frames.peek();
        if (first == null) {
            throw frames.damage("an incomplete frame");
        }
        try {
            Descriptor descriptor = Card.read(first.takeBytes());
            frames.pass();
            return descriptor;
        } catch (RuntimeException nonsense) {
            throw unreadable(frames, nonsense);
        }
    }

    /** The identity card of the device that answered. */
    public Descriptor descriptor() {
        return descriptor;
    }

    /**
     * The next exchange, or null at the end. Someone who appends moves the end, so that it may be asked again later.
     *
     * @throws DamagedJournalException if the exchange cannot be read although there are others after it; asked again,
     *     it says so again
     */
    public @Nullable Exchange next() throws IOException {
        Payload payload = frames.peek();
        if (payload == null) {
            return null;
        }
        try {
            Exchange exchange = codec.take(frames.passed(), payload);
            frames.pass();
            return exchange;
        } catch (RuntimeException nonsense) {
            throw unreadable(frames, nonsense);
        }
    }

    /** The number of the exchange that {@link #next} returned last; 0 before the first. */
    public long number() {
        return frames.passed() - 1;
    }

    /**
     * True if the last exchange is followed by a torn end: bytes that are no whole exchange. Known once {@link #next}
     * has returned null. While someone appends it may only mean that the next exchange is still being written.
     */
    public boolean torn() {
        return frames.torn();
    }

    /** Lets the file go. Idempotent. */
    @Override
    public void close() throws IOException {
        bytes.close();
    }

    private static DamagedJournalException unreadable(Frames frames, RuntimeException nonsense) {
        // The checksum is right, so these bytes were written as they are: by a version that knows more, or by a bug.
        DamagedJournalException damage = frames.damage("a frame that this version does not understand");
        damage.initCause(nonsense);
        return damage;
    }
}
