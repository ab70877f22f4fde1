package org.homeostat.run;

import ch.randelshofer.fastdoubleparser.JavaDoubleParser;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * The lines of a CSV file, which is mapped. They are found once, by Commons CSV; later a line is cut into cells when it is
 * asked for: by Commons CSV again where it has quotes, else where the separators are. One thread at a time.
 *
 * <p>Commons CSV sees each byte as a character (ISO 8859-1), so that its positions are those of bytes; separators, quotes and
 * line ends are the same bytes in UTF-8, and cells are decoded when their text is asked for.
 */
final class CsvLines {

    /** Takes a line when it is found. */
    @FunctionalInterface
    interface Found {
        /**
         * Called for each line that is not blank, in their order.
         *
         * @param number the line in the file, from 1; of one whose cells have line breaks inside, the last
         * @param cells their text, each byte a character
         */
        void line(long number, List<String> cells);
    }

    private static final byte[] MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    private static final boolean[] PLAIN = new boolean[128];

    static {
        for (char c : "0123456789+-.eE".toCharArray()) {
            PLAIN[c] = true;
        }
    }

    private final Path file;
    private final Mapped bytes;
    private final int from;
    private final char separator;
    private final LineStarts starts = new LineStarts();

    /** The line that was cut last, and the cells it has: where they begin and end in these bytes. */
    private int current = -1;

    private byte[] source = new byte[0];
    private byte[] unquoted = new byte[0];
    private int[] begins = new int[16];
    private int[] ends = new int[16];
    private int cells;

    private CsvLines(Path file, Mapped bytes) throws IOException {
        this.file = file;
        this.bytes = bytes;
        boolean marked = bytes.size() >= MARK.length && startsWith(bytes, MARK);
        from = marked ? MARK.length : 0;
        separator = separator(firstLine());
    }

    private static boolean startsWith(Mapped bytes, byte[] beginning) {
        int at = bytes.bring(0, beginning.length);
        return Arrays.equals(bytes.window(), at, at + beginning.length, beginning, 0, beginning.length);
    }

    /**
     * Finds the lines of a file.
     *
     * @throws MalformedInputException if it is not text in UTF-8
     * @throws IOException if it cannot be read, or not as CSV
     * @throws BadInput if a line is too long
     */
    static CsvLines of(Path file, Found found) throws IOException {
        CsvLines lines = new CsvLines(file, Mapped.of(file));
        lines.find(found);
        return lines;
    }

    private void find(Found found) throws IOException {
        Bytes reader = new Bytes(from);
        try (CSVParser parser = CSVParser.parse(reader, format())) {
            Iterator<CSVRecord> records = parser.iterator();
            while (records.hasNext()) {
                CSVRecord record = records.next();
                reader.lineFrom = from + record.getCharacterPosition();
                if (starts.size() == LineStarts.MOST) {
                    throw new BadInput(file + ": more than " + LineStarts.MOST + " lines; divide the file");
                }
                starts.add(reader.lineFrom);
                // Read after the record, so a cell with a line break inside counts from its last line.
                found.line(parser.getCurrentLineNumber(), record.toList());
            }
        } catch (UncheckedIOException e) {
            IOException why = Objects.requireNonNull(e.getCause());
            if (!(why instanceof MalformedInputException)) {
                // What is no text at all fails at its quotes first; that it is no text says more.
                reader.drain();
            }
            throw why;
        }
    }

    private CSVFormat format() {
        return CSVFormat.RFC4180
                .builder()
                .setDelimiter(separator)
                .setIgnoreSurroundingSpaces(true)
                .setIgnoreEmptyLines(true)
                .get();
    }

    /** The file byte by byte, each as a character; fails where it is not text in UTF-8. */
    private final class Bytes extends Reader {
        private static final int MOST = 1 << 13;

        private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
        private final CharBuffer decoded = CharBuffer.allocate(MOST);

        /** What was read, and what of it is known to be UTF-8: up to three bytes less, where a character is not whole yet. */
        private long at;

        private long checked;
        private long lineFrom;

        Bytes(long from) {
            at = from;
            checked = from;
            lineFrom = from;
        }

        @Override
        public int read(char[] into, int offset, int length) throws IOException {
            if (at == bytes.size()) {
                return -1;
            }
            if (at - lineFrom > LineStarts.LONGEST) {
                throw new BadInput(file + ": a line of more than " + LineStarts.LONGEST
                        + " bytes; is this a CSV file? Look at its quotes");
            }
            int count = (int) Math.min(Math.min(length, MOST / 2), bytes.size() - at);
            int behind = (int) (at - checked);
            int begin = bytes.bring(checked, behind + count);
            byte[] window = bytes.window();
            int high = 0;
            for (int i = 0; i < count; i++) {
                byte one = window[begin + behind + i];
                if (one == 0) {
                    throw new MalformedInputException(1);
                }
                high |= one;
                into[offset + i] = (char) (one & 0xff);
            }
            at += count;
            if (behind == 0 && high >= 0) {
                checked = at;
            } else {
                check(ByteBuffer.wrap(window, begin, behind + count));
            }
            return count;
        }

        private void check(ByteBuffer text) throws IOException {
            int length = text.remaining();
            CoderResult result = utf8.decode(text, decoded.clear(), at == bytes.size());
            if (result.isError()) {
                result.throwException();
            }
            checked += length - text.remaining();
        }

        /** Reads to the end, to see whether it is text at all. */
        void drain() throws IOException {
            char[] block = new char[MOST];
            int read;
            do {
                lineFrom = at;
                read = read(block, 0, block.length);
            } while (read >= 0);
        }

        @Override
        public void close() {}
    }

    /** The first line that is not blank; empty if there is none. */
    private String firstLine() {
        long lineFrom = from;
        for (long at = from; at <= bytes.size(); at++) {
            if (at == bytes.size() || isEnd(one(at))) {
                int length = (int) (at - lineFrom);
                int begin = bytes.bring(lineFrom, length);
                String line = new String(bytes.window(), begin, length, StandardCharsets.UTF_8);
                if (!line.isBlank()) {
                    return line;
                }
                lineFrom = at + 1;
            } else if (at - lineFrom > LineStarts.LONGEST) {
                break;
            }
        }
        return "";
    }

    private byte one(long at) {
        int begin = bytes.bring(at, 1);
        return bytes.window()[begin];
    }

    private static char separator(String first) {
        char best = ',';
        long most = 0;
        for (char candidate : new char[] {',', ';', '\t'}) {
            // What stands in quotes separates nothing.
            long count = first.replaceAll("\"[^\"]*\"", "")
                    .chars()
                    .filter(c -> c == candidate)
                    .count();
            if (count > most) {
                best = candidate;
                most = count;
            }
        }
        return best;
    }

    private static boolean isEnd(byte one) {
        return one == '\n' || one == '\r';
    }

    /** How many lines there are. */
    int size() {
        return starts.size();
    }

    /**
     * The text of a cell.
     *
     * @throws BadInput if the file was changed so that there is no such cell
     */
    String text(int line, int column) {
        cut(line);
        require(column);
        return decoded(new String(source, begins[column], ends[column] - begins[column], StandardCharsets.ISO_8859_1));
    }

    /** A cell as text whose bytes were taken for characters. */
    static String decoded(String bytes) {
        if (bytes.chars().allMatch(c -> c < 128)) {
            return bytes;
        }
        String text = new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        // Spaces around a cell are no part of it; those beyond ASCII can be seen only now.
        text = isWideSpace(text, 0) ? text.stripLeading() : text;
        return isWideSpace(text, text.length() - 1) ? text.stripTrailing() : text;
    }

    private static boolean isWideSpace(String text, int at) {
        return !text.isEmpty() && text.charAt(at) >= 128 && Character.isWhitespace(text.charAt(at));
    }

    /**
     * The number in a cell; NaN if there is none.
     *
     * @throws BadInput if the file was changed so that there is no such cell
     */
    double number(int line, int column) {
        cut(line);
        require(column);
        int length = ends[column] - begins[column];
        for (int i = begins[column]; i < ends[column]; i++) {
            if (source[i] < 0 || !PLAIN[source[i]]) {
                return Double.NaN;
            }
        }
        try {
            return length == 0 ? Double.NaN : finite(JavaDoubleParser.parseDouble(source, begins[column], length));
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    /**
     * The number that a text is; NaN if it is none. Java also reads "NaN", "Infinity", "1f" and "0x1p3": none is a number in
     * a data file.
     */
    static double number(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= PLAIN.length || !PLAIN[text.charAt(i)]) {
                return Double.NaN;
            }
        }
        try {
            return text.isEmpty() ? Double.NaN : finite(JavaDoubleParser.parseDouble(text));
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    private static double finite(double value) {
        return Double.isFinite(value) ? value : Double.NaN;
    }

    private void require(int column) {
        if (column >= cells) {
            throw changed();
        }
    }

    /** What to say where a line is no longer what it was. */
    BadInput changed() {
        return new BadInput(
                file + ": it was changed while it was in use; bring it back as it was and take up the run again");
    }

    /**
     * Looks whether the file is as it was when it was mapped.
     *
     * @throws BadInput if it is not
     */
    void requireUnchanged() {
        bytes.requireUnchanged();
    }

    /** The number of a line in the file, from 1; of one whose cells have line breaks inside, the last. */
    long place(int line) {
        try (CSVParser parser = CSVParser.parse(new Bytes(from), format())) {
            Iterator<CSVRecord> records = parser.iterator();
            for (int i = 0; i <= line; i++) {
                records.next();
            }
            return parser.getCurrentLineNumber();
        } catch (IOException | UncheckedIOException e) {
            throw changed();
        }
    }

    private void cut(int line) {
        if (line == current) {
            return;
        }
        current = -1;
        long start = starts.at(line);
        long next = line + 1 < starts.size() ? starts.at(line + 1) : bytes.size();
        // Behind the last line there may be any number of blank ones.
        int length = (int) Math.min(next - start, 2L * LineStarts.LONGEST);
        int at = bytes.bring(start, length);
        int end = at + length;
        source = bytes.window();
        cells = 0;
        while (at < end && isEnd(source[at])) {
            at++;
        }
        int first = at;
        int begin = at;
        for (; at < end && !isEnd(source[at]); at++) {
            if (source[at] == '"') {
                cutQuoted(first, end);
                current = line;
                return;
            }
            if (source[at] == separator) {
                cell(begin, at);
                begin = at + 1;
            }
        }
        cell(begin, at);
        current = line;
    }

    /** Adds a cell without the spaces around it. */
    private void cell(int from, int to) {
        int begin = from;
        int end = to;
        while (begin < end && isSpace(source[begin])) {
            begin++;
        }
        while (end > begin && isSpace(source[end - 1])) {
            end--;
        }
        add(begin, end);
    }

    private static boolean isSpace(byte one) {
        return one >= 0 && Character.isWhitespace((char) one);
    }

    private void add(int begin, int end) {
        if (cells == begins.length) {
            begins = Arrays.copyOf(begins, 2 * cells);
            ends = Arrays.copyOf(ends, 2 * cells);
        }
        begins[cells] = begin;
        ends[cells] = end;
        cells++;
    }

    private void cutQuoted(int from, int to) {
        // All of the line: the quotes may come after cells that were cut already.
        cells = 0;
        try (CSVParser parser = CSVParser.parse(
                new StringReader(new String(source, from, to - from, StandardCharsets.ISO_8859_1)), format())) {
            int length = 0;
            for (String cell : parser.iterator().next()) {
                byte[] bare = cell.getBytes(StandardCharsets.ISO_8859_1);
                if (unquoted.length < length + bare.length) {
                    unquoted = Arrays.copyOf(unquoted, 2 * (length + bare.length));
                }
                System.arraycopy(bare, 0, unquoted, length, bare.length);
                add(length, length + bare.length);
                length += bare.length;
            }
        } catch (IOException | UncheckedIOException | NoSuchElementException e) {
            throw changed();
        }
        source = unquoted;
    }
}
