package org.homeostat.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Data sets to train on where the real ones are not at hand. */
final class Clouds {

    /** Public data sets that lie beside the project where it is built by its makers; never part of it. */
    static final Path REAL = Path.of("..", "shared", "data");

    private Clouds() {}

    /** A real data set, or a generated one where it is absent; says so. */
    static Path realOr(String name, Path generated) {
        Path real = REAL.resolve(name);
        if (Files.isReadable(real)) {
            return real.toAbsolutePath();
        }
        System.out.println(real + " is not there: generated rows stand in for it");
        return generated;
    }

    /**
     * Rows of classes scattered around random centres, the class in the last column, without a header.
     *
     * @param drawn the seed of the rows; the centres are always the same
     */
    static Path write(Path file, int rows, int features, int classes, double spread, long drawn) throws IOException {
        Random centres = new Random(99);
        double[][] centre = new double[classes][features];
        for (double[] row : centre) {
            for (int c = 0; c < features; c++) {
                row[c] = centres.nextGaussian();
            }
        }
        Random random = new Random(drawn);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            StringBuilder line = new StringBuilder();
            for (int c = 0; c < features; c++) {
                line.append(centre[i % classes][c] + spread * random.nextGaussian())
                        .append(',');
            }
            lines.add(line.append('c').append(i % classes).toString());
        }
        return Files.write(file, lines);
    }
}
