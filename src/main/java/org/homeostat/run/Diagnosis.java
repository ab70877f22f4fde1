package org.homeostat.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.RealVector;
import org.homeostat.learn.Step;

/**
 * Watches where the parameters go from epoch to epoch, and says at the end why a run that no longer gets better does not: it
 * goes round in a limit cycle (consecutive epochs move the parameters in opposite directions: steps are too large), or it is
 * driven by a bias (the parameters keep moving one way while the loss does not fall: the nudge is too strong, or the device
 * has no energy). Needs nothing but the positions, so that it costs no exchange.
 */
public final class Diagnosis implements Observer {

    /** What became of a run. */
    public enum Verdict {
        /** Too few epochs to tell. */
        YOUNG,
        /** The loss still falls. */
        LEARNING,
        /** The loss no longer falls, and the parameters wander without a direction: what is left is noise, or all is learned. */
        SETTLED,
        /** The parameters go to and fro. */
        LIMIT_CYCLE,
        /** The parameters keep going one way, and the loss does not follow. */
        BIASED
    }

    /**
     * The verdict in words.
     *
     * @param turn the mean cosine of the angle between the moves of consecutive epochs, in the last third of the run; NaN where
     *     there are too few
     * @param remark one sentence with the remedy; empty where there is nothing to mend
     */
    public record Finding(Verdict verdict, double turn, String remark) {}

    /** Fewer epochs say nothing of a trend. */
    private static final int FEWEST = 6;

    /** A loss that fell by less than this part from one stretch to the next no longer falls. */
    private static final double FALL = 0.02;

    /** A turn beyond this in either direction is no wandering. */
    private static final double TURN = 0.3;

    /** Beyond so many parameters positions of epochs are not kept. */
    private static final int MOST = 100_000;

    private double[] latest = new double[0];
    private double[] before = new double[0];
    private RealVector move = new ArrayRealVector(0);
    private final List<Double> turns = new ArrayList<>();
    private final List<Double> losses = new ArrayList<>();

    @Override
    public void stepped(int epoch, int done, int rows, Step step) {
        latest = step.parameters();
    }

    @Override
    public void epochEnded(Epoch epoch) {
        losses.add(epoch.loss());
        if (latest.length > MOST) {
            return;
        }
        if (before.length == latest.length) {
            RealVector next = new ArrayRealVector(latest, false).subtract(new ArrayRealVector(before, false));
            if (move.getDimension() == next.getDimension() && move.getNorm() > 0 && next.getNorm() > 0) {
                turns.add(move.cosine(next));
            }
            move = next;
        }
        before = latest.clone();
    }

    /** What there is to say now. */
    public Finding finding() {
        int third = losses.size() / 3;
        double turn = turns.subList(Math.max(0, turns.size() - Math.max(2, third)), turns.size()).stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElse(Double.NaN);
        if (losses.size() < FEWEST) {
            return new Finding(Verdict.YOUNG, turn, "");
        }
        double earlier = mean(losses.subList(losses.size() - 2 * third, losses.size() - third));
        double later = mean(losses.subList(losses.size() - third, losses.size()));
        if (later < earlier - FALL * Math.abs(earlier)) {
            return new Finding(Verdict.LEARNING, turn, "");
        }
        if (turn < -TURN) {
            return new Finding(
                    Verdict.LIMIT_CYCLE,
                    turn,
                    String.format(
                            Locale.ROOT,
                            "the loss no longer falls and the parameters go to and fro (cosine of consecutive epochs %.2f):"
                                    + " make steps smaller (softness or learningRate), or let them decay faster",
                            turn));
        }
        if (turn > TURN) {
            return new Finding(
                    Verdict.BIASED,
                    turn,
                    String.format(
                            Locale.ROOT,
                            "the loss no longer falls while the parameters keep going one way (cosine of consecutive epochs"
                                    + " %.2f): the steps are biased; nudge less (see tune), or ask audit whether this board"
                                    + " learns",
                            turn));
        }
        return new Finding(Verdict.SETTLED, turn, "");
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }
}
