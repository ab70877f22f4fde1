package org.homeostat.app;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.NonPositiveDefiniteMatrixException;
import org.apache.commons.math3.linear.NonSymmetricMatrixException;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;
import org.apache.commons.math3.stat.regression.SimpleRegression;
import org.homeostat.algebra.QuadraticProgramme;
import org.homeostat.algebra.ThermodynamicAlgebra;
import org.homeostat.device.Device;
import org.homeostat.run.BadInput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "algebra",
        sortOptions = false,
        description = {
            "Linear algebra on a thermodynamic board, beside the digital answer.",
            "FILE holds rows of numbers separated by commas, without a header:",
            "solve        A and, in the last column, b of A x = b",
            "inverse, determinant   A, symmetric and positive definite",
            "qp           rows of Q with c in the last column, then rows of G with h: least x'Qx/2 + c'x where Gx <= h",
            "posterior    features and, in the last column, the answer: draws the weights of a linear model"
        })
final class Algebra implements Callable<Integer> {

    /** What can be asked for. */
    enum Task {
        SOLVE,
        INVERSE,
        DETERMINANT,
        QP,
        POSTERIOR
    }

    /** The readings of a sweep, in parts of those asked for. */
    private static final double[] SWEEP = {1e-3, 1e-2, 1e-1, 1};

    private static final Duration LIMIT = Duration.ofMinutes(10);

    @Mixin
    Shared shared;

    @Parameters(index = "0", paramLabel = "TASK", description = "solve, inverse, determinant, qp or posterior.")
    Task task;

    @Parameters(index = "1", paramLabel = "FILE", description = "Rows of numbers, see above.")
    Path file;

    @Option(
            names = "--device",
            paramLabel = "URI",
            description = "The board (default: twin:thermodynamic-board, as large as the matrix).")
    String uri = "";

    @Option(
            names = "--reads",
            paramLabel = "N",
            defaultValue = "100000",
            description =
                    "Readings for each mean (default: ${DEFAULT-VALUE}); of posterior, how many draws (default: a tenth).")
    int reads;

    @Option(
            names = "--noise",
            paramLabel = "S",
            defaultValue = "1",
            description = "posterior: the standard deviation of the answers' noise (default: ${DEFAULT-VALUE}).")
    double noise;

    @Option(
            names = "--prior",
            paramLabel = "S",
            defaultValue = "1",
            description =
                    "posterior: the standard deviation of each weight before the data (default: ${DEFAULT-VALUE}).")
    double prior;

    @Option(
            names = "--tolerance",
            paramLabel = "T",
            defaultValue = "1e-8",
            description =
                    "solve, qp: what may be left over, in parts of the largest number (default: ${DEFAULT-VALUE}).")
    double tolerance;

    @Option(names = "--seed", paramLabel = "N", description = "The specimen of the default twin.")
    long seed = 1;

    @Override
    public Integer call() {
        if (reads < 2 || !(noise > 0) || !(prior > 0) || !(tolerance > 0)) {
            throw new BadInput("--reads must be 2 or more, --noise, --prior and --tolerance above 0");
        }
        double[][] rows = read(file);
        int size = size(rows);
        String name =
                uri.isEmpty() ? "twin:thermodynamic-board?inputs=" + size + "&outputs=" + size + "&seed=" + seed : uri;
        try (Device device = shared.catalog().open(name).worn()) {
            ThermodynamicAlgebra board = new ThermodynamicAlgebra(device, LIMIT);
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("device", name);
            object.put("task", task.name().toLowerCase(Locale.ROOT));
            object.put("size", size);
            List<String> lines = new ArrayList<>();
            lines.add(task.name().toLowerCase(Locale.ROOT) + " of " + file + " on " + name);
            boolean done = switch (task) {
                case SOLVE -> solve(board, rows, object, lines);
                case INVERSE -> inverse(board, rows, object, lines);
                case DETERMINANT -> determinant(board, rows, object, lines);
                case QP -> programme(board, rows, object, lines);
                case POSTERIOR -> posterior(board, rows, object, lines);
            };
            object.put("exchanges", board.exchanges());
            lines.add(String.format(Locale.ROOT, "  %,d exchanges with the device", board.exchanges()));
            shared.print(object, lines);
            return done ? Main.DONE : Main.FAILED;
        }
    }

    private static double[][] read(Path file) {
        List<double[]> rows = new ArrayList<>();
        try {
            int number = 0;
            for (String line : Files.readAllLines(file)) {
                number++;
                if (line.isBlank() || line.startsWith("#")) {
                    continue;
                }
                String[] fields = line.split(",", -1);
                double[] row = new double[fields.length];
                for (int c = 0; c < row.length; c++) {
                    try {
                        row[c] = Double.parseDouble(fields[c].strip());
                    } catch (NumberFormatException e) {
                        throw new BadInput(
                                file + " line " + number + " column " + (c + 1) + ": expected a number, not '"
                                        + fields[c].strip() + "'",
                                e);
                    }
                }
                if (!rows.isEmpty() && rows.getFirst().length != row.length) {
                    throw new BadInput(file + " line " + number + ": expected " + rows.getFirst().length
                            + " numbers as in the first row, not " + row.length);
                }
                rows.add(row);
            }
        } catch (NoSuchFileException e) {
            throw new BadInput("there is no file " + file, e);
        } catch (CharacterCodingException e) {
            throw new BadInput(file + " is no text", e);
        } catch (IOException e) {
            throw new BadInput(file + " cannot be read: " + e.getMessage(), e);
        }
        if (rows.isEmpty()) {
            throw new BadInput(file + " holds no numbers");
        }
        return rows.toArray(double[][]::new);
    }

    private int size(double[][] rows) {
        int columns = rows[0].length;
        int size = task == Task.INVERSE || task == Task.DETERMINANT ? columns : columns - 1;
        boolean square = task == Task.INVERSE || task == Task.DETERMINANT || task == Task.SOLVE;
        if (size < 1 || square && rows.length != size || task == Task.QP && rows.length < size) {
            throw new BadInput(file + ": " + rows.length + " rows of " + columns + " numbers are not what algebra "
                    + task.name().toLowerCase(Locale.ROOT) + " takes; see homeostat algebra --help");
        }
        return size;
    }

    private static double[][] left(double[][] rows, int from, int to, int columns) {
        double[][] left = new double[to - from][];
        Arrays.setAll(left, i -> Arrays.copyOf(rows[from + i], columns));
        return left;
    }

    private static double[] last(double[][] rows, int from, int to) {
        double[] last = new double[to - from];
        Arrays.setAll(last, i -> rows[from + i][rows[from + i].length - 1]);
        return last;
    }

    private static CholeskyDecomposition digital(double[][] a) {
        try {
            return new CholeskyDecomposition(new Array2DRowRealMatrix(a), 1e-9, 1e-14);
        } catch (NonSymmetricMatrixException e) {
            throw new BadInput(
                    String.format(
                            Locale.ROOT,
                            "the matrix is not symmetric: row %d column %d is %s, row %d column %d is %s; couplings between cells are",
                            e.getRow() + 1,
                            e.getColumn() + 1,
                            a[e.getRow()][e.getColumn()],
                            e.getColumn() + 1,
                            e.getRow() + 1,
                            a[e.getColumn()][e.getRow()]),
                    e);
        } catch (NonPositiveDefiniteMatrixException e) {
            throw new BadInput("the matrix is not positive definite, so that the board's cells would have no rest", e);
        }
    }

    private static double apart(double[] a, double[] b) {
        RealVector x = new ArrayRealVector(a);
        RealVector y = new ArrayRealVector(b);
        return x.getDistance(y) / Math.max(Double.MIN_NORMAL, y.getNorm());
    }

    private static double apart(double[][] a, RealMatrix b) {
        return new Array2DRowRealMatrix(a).subtract(b).getFrobeniusNorm() / b.getFrobeniusNorm();
    }

    private boolean solve(ThermodynamicAlgebra board, double[][] rows, Map<String, Object> object, List<String> lines) {
        double[][] a = left(rows, 0, rows.length, rows.length);
        double[] b = last(rows, 0, rows.length);
        ThermodynamicAlgebra.Vector once = board.solve(a, b, reads);
        double[] digital = digital(a).getSolver().solve(new ArrayRealVector(b)).toArray();
        double[] refined = board.refined(a, b, Math.min(reads, 1000), tolerance).values();
        object.put("x", once.values());
        object.put("standardErrors", once.errors());
        object.put("digital", digital);
        object.put("relativeError", apart(once.values(), digital));
        object.put("refined", refined);
        object.put("refinedError", apart(refined, digital));
        lines.add("     board          +-       digital");
        for (int i = 0; i < digital.length; i++) {
            lines.add(String.format(
                    Locale.ROOT, "  %12.6g %10.2g %12.6g", once.values()[i], once.errors()[i], digital[i]));
        }
        lines.add(String.format(
                Locale.ROOT,
                "  relative error %.3g; %.3g after what was left over was taken back to the board",
                apart(once.values(), digital),
                apart(refined, digital)));
        return true;
    }

    private boolean inverse(
            ThermodynamicAlgebra board, double[][] rows, Map<String, Object> object, List<String> lines) {
        RealMatrix wanted = digital(rows).getSolver().getInverse();
        double[][] realised = board.realised(rows);
        RealMatrix held = digital(realised).getSolver().getInverse();
        SimpleRegression law = new SimpleRegression();
        List<Map<String, Object>> sweep = new ArrayList<>();
        double[][] inverse = {};
        double[][] errors = {};
        lines.add("    reads  relative error");
        for (double part : SWEEP) {
            int some = (int) Math.max(2, Math.round(part * reads));
            ThermodynamicAlgebra.Matrix one = board.inverse(rows, some);
            double error = apart(one.values(), held);
            law.addData(Math.log(some), Math.log(error));
            sweep.add(new TreeMap<>(Map.of("reads", some, "relativeError", error)));
            lines.add(String.format(Locale.ROOT, "  %,9d  %.4f", some, error));
            inverse = one.values();
            errors = one.errors();
        }
        object.put("inverse", inverse);
        object.put("standardErrors", errors);
        object.put("digital", wanted.getData());
        object.put("relativeError", apart(inverse, wanted));
        object.put("codesError", apart(held.getData(), wanted));
        object.put("sweep", sweep);
        object.put("slope", law.getSlope());
        lines.add(String.format(Locale.ROOT, "  the error falls as reads to the power %.2f", law.getSlope()));
        lines.add(String.format(
                Locale.ROOT,
                "  against the matrix asked for: %.4f, of which its codes make %.4f",
                apart(inverse, wanted),
                apart(held.getData(), wanted)));
        return true;
    }

    private boolean determinant(
            ThermodynamicAlgebra board, double[][] rows, Map<String, Object> object, List<String> lines) {
        double wanted = 0;
        RealMatrix factor = digital(rows).getL();
        for (int i = 0; i < rows.length; i++) {
            wanted += 2 * Math.log(factor.getEntry(i, i));
        }
        ThermodynamicAlgebra.Scalar found = board.logDeterminant(rows, reads);
        object.put("logDeterminant", found.value());
        object.put("standardError", found.error());
        object.put("determinant", Math.exp(found.value()));
        object.put("digital", wanted);
        object.put("error", Math.abs(found.value() - wanted));
        object.put("relativeError", Math.abs(Math.expm1(found.value() - wanted)));
        lines.add(String.format(
                Locale.ROOT,
                "  ln det = %.6f +- %.6f, digital %.6f; the determinant is off by %.3g of itself",
                found.value(),
                found.error(),
                wanted,
                Math.abs(Math.expm1(found.value() - wanted))));
        return true;
    }

    private boolean programme(
            ThermodynamicAlgebra board, double[][] rows, Map<String, Object> object, List<String> lines) {
        int n = rows[0].length - 1;
        QuadraticProgramme programme = new QuadraticProgramme(
                left(rows, 0, n, n), last(rows, 0, n), left(rows, n, rows.length, n), last(rows, n, rows.length));
        var unused = digital(programme.q());
        QuadraticProgramme.Solution found = programme.solved(
                (a, b) -> board.refined(a, b, Math.min(reads, 100), 1e-3 * tolerance)
                        .values(),
                tolerance);
        QuadraticProgramme.Solution wanted = programme.solved(
                (a, b) -> digital(a).getSolver().solve(new ArrayRealVector(b)).toArray(), 1e-12);
        object.put("x", found.x());
        object.put("multipliers", found.multipliers());
        object.put("digital", wanted.x());
        object.put("relativeError", apart(found.x(), wanted.x()));
        object.put("gap", found.gap());
        object.put("rounds", found.rounds());
        object.put("solved", found.solved());
        lines.add("     board       digital");
        for (int i = 0; i < n; i++) {
            lines.add(String.format(Locale.ROOT, "  %12.6g %12.6g", found.x()[i], wanted.x()[i]));
        }
        long pushing = Arrays.stream(found.multipliers())
                .filter(z -> z > 1e-3 * Arrays.stream(found.multipliers()).max().orElse(0))
                .count();
        lines.add(String.format(
                Locale.ROOT,
                "  relative error %.3g, gap %.3g after %d rounds, %d of %d constraints push",
                apart(found.x(), wanted.x()),
                found.gap(),
                found.rounds(),
                pushing,
                found.multipliers().length));
        if (!found.solved()) {
            shared.complain("the gap did not fall as far as asked; infeasible constraints or a board too noisy: "
                    + "try more --reads or a larger --tolerance");
        }
        return found.solved();
    }

    private boolean posterior(
            ThermodynamicAlgebra board, double[][] rows, Map<String, Object> object, List<String> lines) {
        int n = rows[0].length - 1;
        double[][] precision = new double[n][n];
        double[] load = new double[n];
        for (int i = 0; i < n; i++) {
            precision[i][i] = 1 / prior / prior;
            for (double[] row : rows) {
                load[i] += row[i] * row[n] / noise / noise;
            }
            for (int j = 0; j < n; j++) {
                for (double[] row : rows) {
                    precision[i][j] += row[i] * row[j] / noise / noise;
                }
            }
        }
        CholeskyDecomposition digital = digital(precision);
        double[] mean = digital.getSolver().solve(new ArrayRealVector(load)).toArray();
        RealMatrix covariance = digital.getSolver().getInverse();
        int count = Math.max(2, reads / 10);
        double[][] draws = board.draws(precision, load, count, reads);
        double[] drawnMean = new double[n];
        for (double[] draw : draws) {
            for (int i = 0; i < n; i++) {
                drawnMean[i] += draw[i] / count;
            }
        }
        double[][] drawnCovariance = new double[n][n];
        for (double[] draw : draws) {
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    drawnCovariance[i][j] += (draw[i] - drawnMean[i]) * (draw[j] - drawnMean[j]) / (count - 1);
                }
            }
        }
        double worst = 0;
        lines.add("     mean         spread     digital       spread");
        for (int i = 0; i < n; i++) {
            double spread = Math.sqrt(covariance.getEntry(i, i));
            worst = Math.max(worst, Math.abs(drawnMean[i] - mean[i]) / spread);
            lines.add(String.format(
                    Locale.ROOT,
                    "  %12.6g %10.4g %12.6g %10.4g",
                    drawnMean[i],
                    Math.sqrt(drawnCovariance[i][i]),
                    mean[i],
                    spread));
        }
        object.put("draws", count);
        object.put("mean", drawnMean);
        object.put("covariance", drawnCovariance);
        object.put("digitalMean", mean);
        object.put("digitalCovariance", covariance.getData());
        object.put("meanErrorInSpreads", worst);
        object.put("covarianceError", apart(drawnCovariance, covariance));
        lines.add(String.format(
                Locale.ROOT,
                "  %,d draws: means off by at most %.3f spreads, covariance by %.4f of itself",
                count,
                worst,
                apart(drawnCovariance, covariance)));
        return true;
    }
}
