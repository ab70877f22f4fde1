package org.homeostat.run;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.homeostat.contracts.RowsContract;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** Rows in memory and rows in files of all kinds keep one contract. */
final class RowsTest {

    @TempDir
    Path folder;

    private Path written(String name, byte[] bytes) {
        Path file = folder.resolve(name);
        try (OutputStream plain = Files.newOutputStream(file);
                OutputStream out = name.endsWith(".gz") ? new GZIPOutputStream(plain) : plain) {
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file;
    }

    private static byte[] images(double[][] rows) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            for (int number : new int[] {0x803, rows.length, 1, rows[0].length}) {
                out.writeInt(number);
            }
            for (double[] row : rows) {
                for (double grey : row) {
                    out.writeByte((int) Math.round(255 * grey));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Columns in another order, one of words between them, and here and there a blank line. */
    private static byte[] table(double[][] rows, String quote) {
        StringBuilder text = new StringBuilder("c,word,a,b\n");
        for (int row = 0; row < rows.length; row++) {
            text.append(row % 7 == 3 ? "\n\r\n" : "")
                    .append(List.of(rows[row][2], "w\u00f6rd " + row, rows[row][0], rows[row][1]).stream()
                            .map(cell -> quote + cell + quote)
                            .collect(Collectors.joining(" , ")))
                    .append(row % 2 == 0 ? "\n" : "\r\n");
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static Rows features(Path file) {
        return Csv.read(file, null).features(List.of("a", "b", "c"));
    }

    @Nested
    final class InMemory implements RowsContract {
        @Override
        public Rows rows(double[][] wanted) {
            return Rows.of(3, wanted);
        }
    }

    @Nested
    final class Chosen implements RowsContract {
        @Override
        public Rows rows(double[][] wanted) {
            double[][] backwards = new double[wanted.length + 1][];
            Arrays.setAll(backwards, i -> i == wanted.length ? new double[3] : wanted[wanted.length - 1 - i]);
            int[] positions = new int[wanted.length];
            Arrays.setAll(positions, i -> wanted.length - 1 - i);
            return Rows.of(3, backwards).only(positions);
        }
    }

    @Nested
    final class Images implements RowsContract {
        @Override
        public Rows rows(double[][] wanted) {
            return Idx.images(written("images", images(wanted)));
        }
    }

    @Nested
    final class PackedImages implements RowsContract {
        @Override
        public Rows rows(double[][] wanted) {
            return Idx.images(written("images.gz", images(wanted)));
        }
    }

    @Nested
    final class Table implements RowsContract {
        @Override
        public Rows rows(double[][] wanted) {
            return features(written("table.csv", table(wanted, "")));
        }
    }

    @Nested
    final class QuotedTable implements RowsContract {
        @Override
        public Rows rows(double[][] wanted) {
            return features(written("table.csv", table(wanted, "\"")));
        }
    }

    @Nested
    final class PackedTable implements RowsContract {
        @Override
        public Rows rows(double[][] wanted) {
            return features(written("table.csv.gz", table(wanted, "")));
        }
    }
}
