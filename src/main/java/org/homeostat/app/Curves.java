package org.homeostat.app;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.homeostat.app.Plot.Axis;
import org.homeostat.app.Plot.Curve;
import org.homeostat.app.Plot.Panel;
import org.homeostat.run.Observer.Epoch;
import org.homeostat.run.RunRecord;

/** Loss and accuracy from epoch to epoch, drawn. */
final class Curves {

    /** From this ratio on, the loss is drawn on a logarithmic axis. */
    private static final double WIDE = 30;

    private Curves() {}

    /** One or several runs under one name: their mean is drawn. */
    record Named(String word, List<List<Epoch>> runs) {

        /** The mean of a value over those runs that have the epoch and the value. */
        private Curve curve(ToDoubleFunction<Epoch> value) {
            int most = runs.stream().mapToInt(List::size).max().orElse(0);
            double[] x = new double[most];
            double[] y = new double[most];
            for (int k = 0; k < most; k++) {
                int place = k;
                x[k] = runs.stream()
                        .filter(run -> run.size() > place)
                        .mapToInt(run -> run.get(place).number())
                        .max()
                        .orElse(k + 1);
                y[k] = runs.stream()
                        .filter(run -> run.size() > place)
                        .mapToDouble(run -> value.applyAsDouble(run.get(place)))
                        .filter(Double::isFinite)
                        .average()
                        .orElse(Double.NaN);
            }
            return new Curve(word, x, y);
        }
    }

    /** A run. */
    static String svg(RunRecord record, List<Epoch> epochs) {
        String title = record.run() + ": " + record.experiment().device() + " taught "
                + record.experiment().name() + " by " + record.experiment().learner();
        return svg(title, List.of(new Named("", List.of(epochs))));
    }

    /** Several, each in a colour of its own. */
    static String svg(String title, List<Named> all) {
        List<Panel> panels = new ArrayList<>();
        List<Curve> losses = all.stream().map(one -> one.curve(Epoch::loss)).toList();
        panels.add(new Panel("loss before each step, mean of the epoch", "epoch", Axis.LINEAR, axis(losses), losses));
        List<Curve> accuracies = all.stream()
                .map(one -> one.curve(epoch -> 100 * epoch.accuracy()))
                .toList();
        if (accuracies.stream().anyMatch(Curves::shows)) {
            panels.add(new Panel("accuracy before each step, %", "epoch", Axis.LINEAR, Axis.LINEAR, accuracies));
        }
        return Plot.svg(title, panels);
    }

    private static boolean shows(Curve curve) {
        for (double y : curve.y()) {
            if (Double.isFinite(y)) {
                return true;
            }
        }
        return false;
    }

    private static Axis axis(List<Curve> curves) {
        double least = Double.POSITIVE_INFINITY;
        double greatest = 0;
        for (Curve curve : curves) {
            for (double y : curve.y()) {
                if (Double.isFinite(y)) {
                    least = Math.min(least, y);
                    greatest = Math.max(greatest, y);
                }
            }
        }
        return least > 0 && greatest > WIDE * least && Double.isFinite(least) ? Axis.LOGARITHMIC : Axis.LINEAR;
    }
}
