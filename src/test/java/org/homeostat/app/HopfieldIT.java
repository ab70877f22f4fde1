package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Digits on Hopfield networks of every kind, from the command line. */
final class HopfieldIT {

    @TempDir
    Path home;

    private String digits = "";

    @BeforeEach
    void data() throws IOException {
        digits = Clouds.realOr(
                        "digits8x8/optdigits.tes", Clouds.write(home.resolve("digits.csv"), 1000, 64, 10, 1.0, 1))
                .toString();
    }

    private double accuracy(String device, String learner, int epochs, String... more) {
        String[] words = {
            "train",
            "--device",
            device,
            "--learner",
            learner,
            "--data",
            digits,
            "--target",
            "65",
            "--epochs",
            String.valueOf(epochs),
            "--json"
        };
        String[] all = java.util.stream.Stream.concat(java.util.Arrays.stream(words), java.util.Arrays.stream(more))
                .toArray(String[]::new);
        JsonNode json = new Jar(home).run(all).ended(Main.DONE).json();
        System.out.printf(
                "%s, %s: test accuracy %s, %s s%n",
                device, learner, json.get("test").get("accuracy"), json.get("wallSeconds"));
        return json.get("test").get("accuracy").asDouble();
    }

    @Test
    void aNetworkOfOneHiddenLayer() {
        assertThat(accuracy("twin:hopfield", "ep-centered", 3)).isGreaterThanOrEqualTo(0.92);
    }

    @Test
    void aReadoutTaughtByCrossEntropy() {
        assertThat(accuracy("twin:hopfield-softmax", "ep-centered", 2)).isGreaterThanOrEqualTo(0.90);
    }

    @Test
    void weightsOfTheirOwnForEachDirection() {
        assertThat(accuracy("twin:hopfield-asymmetric", "ep-centered", 3)).isGreaterThanOrEqualTo(0.88);
    }

    @Test
    void synapsesThatLearnByThemselves() {
        assertThat(accuracy("twin:hopfield-memory?lanes=20", "sawtooth-memory", 4))
                .isGreaterThanOrEqualTo(0.88);
    }

    /** A synapse that answers every change takes back on the slow way what it learned on the fast one. */
    @Test
    void withoutAThresholdNothingIsLearned() {
        assertThat(accuracy("twin:hopfield-memory?lanes=20&threshold=0", "sawtooth-memory", 1))
                .isLessThanOrEqualTo(0.3);
    }
}
