package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Flow and spring networks learn what the papers' experiments ask, from the command line. */
final class NetworksLearnIT {

    private static final Path PAPERS = Path.of("sim", "experiments", "papers").toAbsolutePath();

    @TempDir
    Path home;

    /** The mean square error that is left, in parts of the variance of the targets, seed by seed. */
    private List<Double> left(String experiment, int seeds, String... more) {
        List<Double> left = new ArrayList<>();
        for (int seed = 1; seed <= seeds; seed++) {
            List<String> words = new ArrayList<>(List.of(
                    "train",
                    PAPERS.resolve(experiment).toString(),
                    "--seed",
                    String.valueOf(seed),
                    "--no-journal",
                    "--json"));
            words.addAll(List.of(more));
            JsonNode json = new Session(home)
                    .run(words.toArray(String[]::new))
                    .ended(Main.DONE)
                    .json();
            left.add(json.get("test").get("relativeError").asDouble());
        }
        System.out.println(experiment + ": relative errors " + left);
        return left;
    }

    @Test
    void aFlowNetworkLearnsALinearLawByEquilibriumPropagation() {
        assertThat(left("2103.09985/flow.yaml", 3)).allMatch(error -> error < 1e-4);
    }

    @Test
    void andByCoupledLearning() {
        assertThat(left("2011.03861/flow.yaml", 3)).allMatch(error -> error < 1e-4);
    }

    @Test
    void aFlowNetworkWhosePipesMoveByThemselvesLearnsItToo() {
        assertThat(left("2103.09985/flow-agnostic.yaml", 2, "--epochs", "20")).allMatch(error -> error < 1e-2);
    }

    /** After one epoch hardly anything is learned: what is left then is what there was. */
    @Test
    void springsLearnToAnswerAtADistance() {
        List<Double> first = left("2103.09985/allostery.yaml", 5, "--epochs", "1");
        List<Double> last = left("2103.09985/allostery.yaml", 5);
        for (int i = 0; i < first.size(); i++) {
            assertThat(last.get(i)).isLessThan(first.get(i) / 500);
        }
    }
}
