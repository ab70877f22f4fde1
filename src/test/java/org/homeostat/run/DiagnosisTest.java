package org.homeostat.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;
import org.homeostat.device.Quality;
import org.homeostat.learn.Step;
import org.homeostat.run.Diagnosis.Finding;
import org.homeostat.run.Diagnosis.Verdict;
import org.junit.jupiter.api.Test;

/** Runs whose course is known. */
final class DiagnosisTest {

    private static Finding after(int epochs, IntToDoubleFunction loss, IntFunction<double[]> parameters) {
        Diagnosis diagnosis = new Diagnosis();
        for (int epoch = 1; epoch <= epochs; epoch++) {
            diagnosis.stepped(
                    epoch, 1, 1, new Step(0, new double[0][], parameters.apply(epoch), Quality.SETTLED, 1, true));
            diagnosis.epochEnded(new Observer.Epoch(epoch, loss.applyAsDouble(epoch), Double.NaN, 0));
        }
        return diagnosis.finding();
    }

    @Test
    void aFallingLossIsLearning() {
        assertThat(after(12, epoch -> Math.pow(0.9, epoch), epoch -> new double[] {1.0 / epoch, 0})
                        .verdict())
                .isEqualTo(Verdict.LEARNING);
    }

    @Test
    void toAndFroIsALimitCycle() {
        Finding finding = after(12, epoch -> 0.3, epoch -> new double[] {epoch % 2 == 0 ? 1 : -1, 0.01 * epoch});
        assertThat(finding.verdict()).isEqualTo(Verdict.LIMIT_CYCLE);
        assertThat(finding.turn()).isLessThan(-0.9);
        assertThat(finding.remark()).contains("go to and fro", "make steps smaller");
    }

    @Test
    void oneWayWithoutGainIsABias() {
        Finding finding = after(12, epoch -> 0.3, epoch -> new double[] {epoch, 2.0 * epoch});
        assertThat(finding.verdict()).isEqualTo(Verdict.BIASED);
        assertThat(finding.remark()).contains("keep going one way", "audit");
    }

    @Test
    void wanderingWithoutGainIsSettled() {
        Random random = new Random(3);
        double[] walk = new double[200];
        Finding finding = after(15, epoch -> 0.3 + 1e-4 * random.nextGaussian(), epoch -> {
            for (int k = 0; k < walk.length; k++) {
                walk[k] += random.nextGaussian();
            }
            return walk.clone();
        });
        assertThat(finding.verdict()).isEqualTo(Verdict.SETTLED);
        assertThat(finding.remark()).isEmpty();
    }

    @Test
    void aFewEpochsSayNothing() {
        assertThat(after(3, epoch -> 0.3, epoch -> new double[] {epoch}).verdict())
                .isEqualTo(Verdict.YOUNG);
    }
}
