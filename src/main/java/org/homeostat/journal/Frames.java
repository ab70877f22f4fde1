package org.homeostat.journal;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The frames of a journal file, in order: where each starts and ends, and whether it is whole. Knows nothing of what
 * the payloads say. Not thread-safe; another process or thread may append to the file meanwhile.
 */
final class Frames {

    /** Where the first frame starts: behind the letters and the version. */
    static final int START = 12;

    /** The length and the checksum before each payload. */
    static final int HEAD = 8;

    /** The first byte of the first payload, which is the identity card. */
    static final int CARD = 'D';

    /** The first byte of every other payload, which is an exchange. */
    static final int EXCHANGE = 'E';

    private static final byte[] LETTERS = "HSTATJNL".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 2;
    private static final int WINDOW = 1 << 18;

    // It bounds what nonsense in a length field can cost in memory and time.
    private static final int LARGEST = 1 << 28;

    private final Path file;
    private final RandomAccessFile bytes;
    private byte[] window = new byte[WINDOW];
    private long windowStart;
    private int windowLength;
    private long end;
    private long position = START;
    private long passed;

    /** Opens a journal's frames and reads the letters and the version. */
    Frames(Path file, RandomAccessFile bytes) throws IOException {
        this.file = file;
        this.bytes = bytes;
        end = bytes.length();
        int there = (int) Math.min(end, START);
        byte[] start = new byte[there];
        try {
            bytes.seek(0);
            bytes.readFully(start);
        } catch (IOException refused) {
            throw unreadable(file, refused);
        }
        ByteBuffer told = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer letters = ByteBuffer.wrap(LETTERS, 0, Math.min(there, LETTERS.length));
        if (there == 0) {
            throw new IOException("journal " + file + ": the file is empty; delete it and start the run anew");
        }
        if (!letters.equals(told.slice(0, letters.limit()))) {
            throw new IOException("journal " + file + ": expected a journal, which starts with "
                    + new String(LETTERS, StandardCharsets.US_ASCII) + "; give the path of a journal");
        }
        if (there < START) {
            throw new IOException("journal " + file + ": the file ends after " + there
                    + " bytes, before its first exchange; delete it and start the run anew");
        }
        int version = told.getInt(LETTERS.length);
        if (version != VERSION) {
            throw new IOException("journal " + file + ": expected version " + VERSION + " of the format, not "
                    + Integer.toUnsignedString(version) + "; read it with the Homeostat that wrote it, or a newer one");
        }
    }

    /** Opens a file, with a sentence for each of the usual mistakes. The mode is that of {@link RandomAccessFile}. */
    static RandomAccessFile opened(Path file, String mode) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException("journal " + file + ": expected a file, not a folder; give the path of a journal");
        }
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString(), null, "there is no such journal; give the path of one");
        }
        // Not a FileChannel: that one is closed for good when a thread that uses it is interrupted.
        try {
            return new RandomAccessFile(file.toFile(), mode);
        } catch (FileNotFoundException refused) {
            throw new IOException(
                    "journal " + file + ": it could not be opened (" + Disk.why(refused) + "); "
                            + (mode.equals("r")
                                    ? "check that you may read it"
                                    : Disk.room(file) + ", then resume the run"),
                    refused);
        }
    }

    private static IOException unreadable(Path file, IOException refused) {
        return new IOException(
                "journal " + file + ": it could not be read (" + Disk.why(refused) + "); " + Disk.room(file), refused);
    }

    /** What a journal starts with. */
    static void putStart(Payload out) {
        for (byte letter : LETTERS) {
            out.putByte(letter);
        }
        out.putInt(VERSION);
    }

    /** Starts a frame: leaves room for its head and puts the first byte of its payload. */
    static void begin(Payload out, int kind) {
        out.position(out.position() + HEAD);
        out.putByte(kind);
    }

    /**
     * Completes a frame for its place in the file.
     *
     * @param out what was begun and then filled with the payload
     * @param from where the frame was begun
     * @param offset where the frame will start in the file
     */
    static void seal(Payload out, int from, long offset) throws IOException {
        int length = out.position() - from - HEAD;
        if (length > LARGEST) {
            throw new IOException("an exchange of " + length + " bytes is too large; present fewer lanes at once");
        }
        int checksum = checksum(offset, length, out.bytes(), from + HEAD);
        out.position(from);
        out.putInt(length);
        out.putInt(checksum);
        out.position(from + HEAD + length);
    }

    /**
     * The payload of the next frame behind its first byte, without passing the frame; the same object as long as
     * nothing else is called. Null at the end, which may be a {@linkplain #torn() torn} one, and which may move when
     * someone appends.
     *
     * @throws DamagedJournalException if there is no whole frame here although there is one further on
     */
    @Nullable
    Payload peek() throws IOException {
        if (!whole(position)) {
            // The file may have grown since it was last looked at. What is before its end no longer changes.
            end = bytes.length();
            windowLength = 0;
            if (!whole(position)) {
                requireNothingAfter();
                return null;
            }
        }
        return new Payload(window, at(position) + HEAD + 1, length(position) - 1);
    }

    /** Passes the frame that was peeked at. */
    void pass() {
        position += HEAD + length(position);
        passed++;
    }

    /** Where the next frame starts. */
    long position() {
        return position;
    }

    /** How many frames were passed. */
    long passed() {
        return passed;
    }

    /** True if, when the end was last met, there were bytes that are no whole frame. */
    boolean torn() {
        return end > position;
    }

    /** Complains about the next frame. */
    DamagedJournalException damage(String what) {
        return new DamagedJournalException(file, position, passed, what);
    }

    private void requireNothingAfter() throws IOException {
        // A crash tears only the end. So every place is tried: the length of a damaged frame may itself be damaged.
        for (long later = position + 1; later + HEAD < end; later++) {
            if (whole(later)) {
                throw damage("a damaged frame, although whole ones follow,");
            }
        }
    }

    /** True if a whole frame starts at an offset. */
    private boolean whole(long offset) throws IOException {
        if (!sees(offset, HEAD)) {
            return false;
        }
        int length = length(offset);
        return length > 0
                && length <= LARGEST
                && sees(offset, HEAD + length)
                && window[at(offset) + HEAD] == (offset == START ? CARD : EXCHANGE)
                && checksum(offset, length, window, at(offset) + HEAD) == word(at(offset) + Integer.BYTES);
    }

    /** Brings some of the file into the window; false if the file ends too early. */
    private boolean sees(long from, int count) throws IOException {
        if (from + count > end) {
            return false;
        }
        if (from >= windowStart && from + count <= windowStart + windowLength) {
            return true;
        }
        if (window.length < count) {
            window = new byte[count];
        }
        windowStart = from;
        windowLength = 0;
        bytes.seek(from);
        try {
            int much = (int) Math.min(window.length, end - from);
            bytes.readFully(window, 0, much);
            windowLength = much;
            return true;
        } catch (EOFException cut) {
            // A writer has just cut off a torn end.
            return false;
        } catch (IOException refused) {
            throw unreadable(file, refused);
        }
    }

    private int at(long offset) {
        return (int) (offset - windowStart);
    }

    private int length(long offset) {
        return word(at(offset));
    }

    private int word(int index) {
        return ByteBuffer.wrap(window).order(ByteOrder.LITTLE_ENDIAN).getInt(index);
    }

    /** It covers the frame's place, so that a frame that was moved or repeated is not taken for whole. */
    private static int checksum(long offset, int length, byte[] bytes, int from) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(12)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(offset)
                .putInt(length)
                .flip());
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }
}
