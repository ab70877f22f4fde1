package org.homeostat.app;

import java.util.ArrayList;
import java.util.List;
import org.homeostat.run.Dataset;
import org.homeostat.run.Dataset.Answers;
import org.homeostat.run.Encoding;
import org.homeostat.run.Rows;

/** What the device answers all over the plane of two features, drawn in characters, with the test rows on it. */
final class DecisionMap {

    private static final int COLUMNS = 64;
    private static final int LINES = 22;
    private static final double MARGIN = 0.1;

    /** What stands for the area of each class, and what for its test rows; a mistake is always X. */
    private static final char[] AREA = {'.', ' ', ':', '-'};

    private static final char[] ROW = {'o', '#', '+', '*'};
    private static final String[] COLOUR = {"fg(cyan)", "fg(yellow)", "fg(magenta)", "fg(green)"};

    private DecisionMap() {}

    static List<String> draw(Finished finished, Dataset test) {
        Encoding encoding = finished.record().encoding();
        if (encoding.features().size() != 2
                || !encoding.classifies()
                || encoding.classes().size() > AREA.length) {
            return List.of();
        }
        double[] x = range(test, 0);
        double[] y = range(test, 1);
        double[][] grid = new double[COLUMNS * LINES][];
        for (int line = 0; line < LINES; line++) {
            for (int column = 0; column < COLUMNS; column++) {
                grid[line * COLUMNS + column] = new double[] {
                    x[0] + (x[1] - x[0]) * (column + 0.5) / COLUMNS, y[1] - (y[1] - y[0]) * (line + 0.5) / LINES
                };
            }
        }
        double[][] outputs = finished.outputs(Rows.of(2, grid));
        double[][] answers = finished.outputs(test.rows());
        double[] point = new double[2];
        int[][] shown = new int[LINES][COLUMNS];
        char[][] drawn = new char[LINES][COLUMNS];
        for (int line = 0; line < LINES; line++) {
            for (int column = 0; column < COLUMNS; column++) {
                shown[line][column] = encoding.winner(outputs[line * COLUMNS + column]);
                drawn[line][column] = AREA[shown[line][column]];
            }
        }
        for (int row = 0; row < test.size(); row++) {
            test.rows().read(row, point);
            int column = (int) Math.clamp((point[0] - x[0]) / (x[1] - x[0]) * COLUMNS, 0, COLUMNS - 1);
            int line = (int) Math.clamp((y[1] - point[1]) / (y[1] - y[0]) * LINES, 0, LINES - 1);
            int label = encoding.classes()
                    .indexOf(((Answers.Labels) test.answers())
                            .classes()
                            .get(((Answers.Labels) test.answers()).label()[row]));
            shown[line][column] = label;
            drawn[line][column] = encoding.winner(answers[row]) == label ? ROW[label] : 'X';
        }
        List<String> lines = new ArrayList<>();
        for (int line = 0; line < LINES; line++) {
            lines.add("  " + coloured(drawn[line], shown[line]));
        }
        StringBuilder legend = new StringBuilder("  the device's answer over the plane; test rows:");
        for (int label = 0; label < encoding.classes().size(); label++) {
            legend.append(' ')
                    .append(ROW[label])
                    .append(' ')
                    .append(encoding.classes().get(label));
        }
        lines.add(legend.append(", X answered wrongly").toString());
        return lines;
    }

    private static double[] range(Dataset data, int feature) {
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        double[] point = new double[2];
        for (int row = 0; row < data.size(); row++) {
            data.rows().read(row, point);
            least = Math.min(least, point[feature]);
            most = Math.max(most, point[feature]);
        }
        if (data.size() == 0) {
            least = 0;
            most = 1;
        }
        double margin = MARGIN * (most - least) + 1e-9;
        return new double[] {least - margin, most + margin};
    }

    private static String coloured(char[] drawn, int[] classes) {
        StringBuilder line = new StringBuilder();
        int from = 0;
        for (int column = 1; column <= drawn.length; column++) {
            if (column == drawn.length || classes[column] != classes[from]) {
                String run = new String(drawn, from, column - from);
                line.append(Terminal.OUT.styled("@|" + COLOUR[classes[from]] + " " + run + "|@"));
                from = column;
            }
        }
        return line.toString();
    }
}
