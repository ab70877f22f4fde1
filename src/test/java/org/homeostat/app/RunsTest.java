package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.homeostat.app.Session.Ended;
import org.homeostat.run.RunCatalogue;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The catalogue as people use it: four small runs, two settings, two seeds. */
final class RunsTest {

    @TempDir
    static Path home;

    static Session session;
    static List<RunFolder> runs;

    @BeforeAll
    static void train() throws IOException {
        session = new Session(home);
        String data = session.clouds(40).toString();
        for (String beta : List.of("0.5", "0.05")) {
            for (String seed : List.of("1", "2")) {
                session.run(
                                "train",
                                "--data",
                                data,
                                "--target",
                                "kind",
                                "--epochs",
                                "2",
                                "--seed",
                                seed,
                                "--set",
                                "beta=" + beta)
                        .ended(Main.DONE);
            }
        }
        runs = new RunStore(session.runs()).list();
    }

    @Test
    void runsAreChosenOrderedAndShownInColumns() {
        Ended ended = session.run(
                        "runs",
                        "list",
                        "--where",
                        "beta<0.1",
                        "--sort",
                        "seed:down",
                        "--columns",
                        "seed,beta,epochsTaught")
                .ended(Main.DONE);
        assertThat(ended.out().lines().map(line -> line.replaceAll(" +", " ")))
                .containsExactly(
                        "run seed teaching.beta epochsTaught",
                        runs.get(3).name() + " 2 0.05 2",
                        runs.get(2).name() + " 1 0.05 2");
        JsonNode json = session.run("runs", "list", "--where", "seed=1", "--json")
                .ended(Main.DONE)
                .json();
        assertThat(json.get("runs").size()).isEqualTo(2);
        assertThat(json.get("runs").get(0).get("test").get("rows").asInt()).isEqualTo(10);
    }

    @Test
    void whereNothingFitsItSaysSo() {
        assertThat(session.run("runs", "list", "--where", "learner=spsa")
                        .ended(Main.DONE)
                        .out())
                .isEqualTo("none of the 4 runs in " + session.runs() + " fits\n");
    }

    @Test
    void theListHasACurveOfTheLoss() {
        String first = session.run("runs", "list")
                .ended(Main.DONE)
                .out()
                .lines()
                .toList()
                .getFirst();
        assertThat(first).containsPattern("  (█▁|▁█|90|09)  aeqprop-centered  twin:");
    }

    @Test
    void aRunShowsWhatItCameFrom() {
        JsonNode run =
                session.run("runs", "show", "latest", "--json").ended(Main.DONE).json();
        JsonNode from = run.get("provenance");
        assertThat(from.get("firmware").asString()).isNotEmpty();
        assertThat(from.get("configurationDigest").asString()).matches("[0-9a-f]{16}");
        assertThat(from.get("calibrationDigest").isNull()).isTrue();
        assertThat(run.get("facts").get("teaching.beta").asDouble()).isEqualTo(0.05);
        // Two seeds of one configuration.
        assertThat(runs.get(0).record().provenance().configurationDigest())
                .isEqualTo(runs.get(1).record().provenance().configurationDigest())
                .isNotEqualTo(runs.get(2).record().provenance().configurationDigest());
    }

    @Test
    void aRunIsDrawn() throws IOException {
        Path plot = home.resolve("run.svg");
        session.run("runs", "show", "latest", "--plot", plot.toString()).ended(Main.DONE);
        assertThat(Files.readString(plot))
                .startsWith("<svg ")
                .contains(runs.getLast().name())
                .contains("loss before each step")
                .contains("accuracy before each step")
                .doesNotContain("NaN");
    }

    @Test
    void runsThatDifferInTheirSeedAloneAreOneArm() throws IOException {
        Path plot = home.resolve("compared.svg");
        JsonNode json = session.run("runs", "compare", "--where", "status=done", "--plot", plot.toString(), "--json")
                .ended(Main.DONE)
                .json();
        assertThat(json.get("arms").size()).isEqualTo(2);
        assertThat(json.get("differing").toString()).isEqualTo("[\"teaching.beta\"]");
        assertThat(json.get("circumstances").toString()).isEqualTo("[]");
        JsonNode first = json.get("arms").get(0);
        assertThat(first.get("seeds").toString()).isEqualTo("[1,2]");
        assertThat(first.get("scores").get("test.accuracy").get("runs").asInt()).isEqualTo(2);
        JsonNode loss = json.get("comparisons").get(1);
        assertThat(loss.get("metric").asString()).isEqualTo("test.loss");
        assertThat(loss.get("arm").asString()).isEqualTo("B");
        assertThat(loss.get("paired").asBoolean()).isTrue();
        double difference = 0;
        for (int k = 0; k < 2; k++) {
            difference += (runs.get(2 + k).record().result().test().loss()
                            - runs.get(k).record().result().test().loss())
                    / 2;
        }
        assertThat(loss.get("difference").asDouble()).isEqualTo(difference);
        assertThat(Files.readString(plot)).contains("A: 2 runs, beta 0.5").contains("B: 2 runs, beta 0.05");
    }

    @Test
    void twoRunsSayNothingOfChance() {
        assertThat(session.run(
                                "runs",
                                "compare",
                                runs.get(0).name(),
                                runs.get(2).name())
                        .ended(Main.DONE)
                        .out())
                .contains("teaching.beta")
                .contains("one seed says nothing of chance");
    }

    @Test
    void aLostCatalogueIsMadeAnewWithOneSentence() throws IOException {
        session.run("runs", "list").ended(Main.DONE);
        Path file = session.runs().resolve(RunCatalogue.FILE);
        Files.delete(file);
        Ended ended = session.run("runs", "list").ended(Main.DONE);
        assertThat(ended.err()).isEqualTo(file + ": there was no catalogue of the runs; made anew from 4 runs\n");
        assertThat(ended.out().lines()).hasSize(4);
        assertThat(session.run("runs", "list").ended(Main.DONE).err()).isEmpty();
    }

    @Test
    void whoTrainsDoesNotWriteTheCatalogue() throws IOException {
        Session other = new Session(Files.createDirectory(home.resolve("other")));
        other.trained();
        assertThat(other.runs().resolve(RunCatalogue.FILE)).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "runs list --where seed | --where: 'seed': expected KEY=VALUE, with one of = != < <= > >= ~ between them, "
                        + "such as test.accuracy>=0.9",
                "runs list --sort colour | --sort: no run here has a 'colour'; 'runs show RUN --json' names what a run "
                        + "has, such as status, learner, seed, beta, test.accuracy",
                "runs list --columns loss | --columns: 'loss' may mean test.loss or train.loss; give more of it",
                "runs compare | runs compare: expected two runs or more, by name or by --where, not none; 'runs list' "
                        + "names them",
                "runs compare latest latest | runs compare: expected two runs or more, by name or by --where, not only "
                        + "LATEST; 'runs list' names them",
                "runs show latest --plot HOME/no/such.svg | --plot: HOME/no/such.svg cannot be written: HOME/no/such.svg",
                "runs export latest --format csv --output HOME | --output: HOME is a folder; give the name of a file in it",
                "runs export latest --format csv --output HOME/no/x.csv | --output: HOME/no/x.csv cannot be written: "
                        + "HOME/no/x-epochs.csv.new",
            })
    void mistakesAreToldInOneSentence(String words, String sentence) throws IOException {
        Path file = session.runs().resolve(RunCatalogue.FILE);
        if (!Files.exists(file)) {
            session.run("runs", "list").ended(Main.DONE);
        }
        Ended ended = session.run(words.replace("HOME", home.toString()).split(" "));
        assertThat(ended.err())
                .isEqualTo("homeostat: "
                        + sentence.replace("HOME", home.toString())
                                .replace("LATEST", runs.getLast().name())
                        + "\n");
        assertThat(ended.code()).isEqualTo(Main.BAD_INPUT);
        assertThat(ended.out()).isEmpty();
    }

    @Test
    void anUnknownFormatIsRefusedWithThoseThereAre() {
        Ended ended = session.run("runs", "export", "latest", "--format", "parquet", "--output", "x");
        assertThat(ended.code()).isEqualTo(Main.BAD_INPUT);
        assertThat(ended.err())
                .contains("expected one of [CSV, JSONL, HDF5, BLUESKY]")
                .contains("parquet");
    }
}
