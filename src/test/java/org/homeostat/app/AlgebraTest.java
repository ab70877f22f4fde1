package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.homeostat.app.Session.Ended;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The command algebra: results beside the digital answer, and sentences for what cannot be. */
final class AlgebraTest {

    @TempDir
    Path home;

    private Path file(String text) throws IOException {
        Path file = home.resolve("numbers.csv");
        Files.writeString(file, text.replace(';', '\n'));
        return file;
    }

    private JsonNode done(String task, String text, String... more) throws IOException {
        String[] all = new String[4 + more.length];
        all[0] = "algebra";
        all[1] = task;
        all[2] = file(text).toString();
        all[3] = "--json";
        System.arraycopy(more, 0, all, 4, more.length);
        return new Session(home).run(all).ended(Main.DONE).json();
    }

    @Test
    void aSystemIsSolvedBesideTheDigitalAnswer() throws IOException {
        JsonNode json = done("solve", "# A | b;4,1,1;1,3,2", "--reads", "20000");
        assertThat(json.get("device").asString()).isEqualTo("twin:thermodynamic-board?inputs=2&outputs=2&seed=1");
        assertThat(json.get("digital").get(0).asDouble()).isEqualTo(1.0 / 11);
        assertThat(json.get("relativeError").asDouble()).isBetween(1e-9, 1e-3);
        assertThat(json.get("refinedError").asDouble()).isLessThan(1e-6);
    }

    @Test
    void anInverseComesWithTheLawOfItsError() throws IOException {
        JsonNode json = done("inverse", "2,0.5,0;0.5,1,-0.3;0,-0.3,1");
        assertThat(json.get("slope").asDouble()).isBetween(-0.75, -0.25);
        assertThat(json.get("sweep").size()).isEqualTo(4);
        assertThat(json.get("relativeError").asDouble()).isLessThan(0.03);
        assertThat(json.get("codesError").asDouble()).isLessThan(1e-12);
    }

    @Test
    void determinantProgrammeAndPosterior() throws IOException {
        JsonNode determinant = done("determinant", "2,0.5;0.5,1", "--reads", "20000");
        assertThat(determinant.get("digital").asDouble()).isCloseTo(Math.log(1.75), within(1e-14));
        assertThat(determinant.get("error").asDouble())
                .isLessThan(5 * determinant.get("standardError").asDouble());
        // Least (x^2 + y^2) / 2 - 2 x - y where x + y <= 1: x = 1, y = 0.
        JsonNode programme = done("qp", "1,0,-2;0,1,-1;1,1,1");
        assertThat(programme.get("solved").asBoolean()).isTrue();
        assertThat(programme.get("x").get(0).asDouble()).isBetween(0.9999, 1.0001);
        assertThat(programme.get("multipliers").get(0).asDouble()).isBetween(0.999, 1.001);
        JsonNode posterior = done("posterior", "1,0,1;0,1,2;1,1,3", "--reads", "20000");
        assertThat(posterior.get("draws").asInt()).isEqualTo(2000);
        assertThat(posterior.get("meanErrorInSpreads").asDouble()).isBetween(1e-6, 0.12);
        assertThat(posterior.get("covarianceError").asDouble()).isBetween(1e-6, 0.15);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "solve | 1,2 | 1 rows of 2 numbers | ok",
                "inverse | 1,2;2,1 | not positive definite | bad",
                "inverse | 1,2 | are not what algebra inverse takes | bad",
                "solve | 1,x | line 1 column 2: expected a number, not 'x' | bad",
                "solve | 1,2;3 | line 2: expected 2 numbers as in the first row | bad",
            })
    void whatCannotBeIsSaid(String task, String text, String sentence, String what) throws IOException {
        Ended ended = new Session(home).run("algebra", task, file(text).toString());
        if (what.equals("ok")) {
            assertThat(ended.code()).isEqualTo(Main.DONE);
        } else {
            assertThat(ended.code()).isEqualTo(Main.BAD_INPUT);
            assertThat(ended.err()).contains(sentence);
        }
        assertThat(new Session(home).run("algebra", task, "nowhere.csv").err())
                .contains("there is no file nowhere.csv");
    }
}
