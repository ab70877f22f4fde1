package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What "reads" are for: of a hurried annealer the best of five reads learns the digits, and a single read does not. */
final class DigitsOnSpinsIT {

    private static final Path EXPERIMENT =
            Path.of("sim", "experiments", "papers", "2305.18321", "digits.yaml").toAbsolutePath();

    @TempDir
    Path home;

    private double accuracy(String device, int reads) {
        return new Session(home)
                .run(
                        "train",
                        EXPERIMENT.toString(),
                        "--device",
                        device,
                        "--set",
                        "reads=" + reads,
                        "--seed",
                        "1",
                        "--json")
                .ended(Main.DONE)
                .json()
                .get("test")
                .get("accuracy")
                .asDouble();
    }

    @Test
    void theBestOfFiveReadsLearnsAndOneReadDoesNot() {
        assumeThat(Path.of("..", "shared", "data", "digits8x8", "optdigits.tes"))
                .exists();
        double patient = accuracy("twin:ising-machine", 5);
        double five = accuracy("twin:ising-machine?settle=5e-6", 5);
        double one = accuracy("twin:ising-machine?settle=5e-6", 1);
        System.out.printf(
                "digits on spins: 50 sweeps, 5 reads %.3f; 5 sweeps, 5 reads %.3f; 5 sweeps, 1 read %.3f%n",
                patient, five, one);
        assertThat(patient).isGreaterThanOrEqualTo(0.9);
        assertThat(five).isGreaterThanOrEqualTo(0.88);
        assertThat(one).isLessThan(0.8);
    }
}
