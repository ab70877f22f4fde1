package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.homeostat.app.Session.Ended;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The first command that people try, as a process of its own. */
final class DemoIT {

    @TempDir
    Path home;

    @Test
    void itTeachesTheNoisyTwinAndReplaysTheSame() {
        Jar jar = new Jar(home);
        long start = System.nanoTime();
        JsonNode json = jar.run("demo", "--json").ended(Main.DONE).json();
        System.out.printf(
                "demo: test accuracy %s, linear %s, %.1f s from start to end%n",
                json.get("test").get("accuracy"), json.get("linear"), (System.nanoTime() - start) / 1e9);

        assertThat(json.get("test").get("accuracy").asDouble()).isGreaterThanOrEqualTo(0.95);
        assertThat(json.get("linear").asDouble()).isLessThan(0.95);
        assertThat(home.resolve("runs").resolve(json.get("run").asString())).isDirectory();
        assertThat(jar.run("replay", "latest").ended(Main.DONE).out()).contains("bit for bit");
        assertThat(jar.run("evaluate", "latest", "--json")
                        .ended(Main.DONE)
                        .json()
                        .get("test")
                        .get("accuracy")
                        .asDouble())
                .isGreaterThanOrEqualTo(0.95);
    }

    @Test
    void aPlaceWithoutColoursOrTerminalGetsPlainLines() {
        Ended ended = new Jar(home, List.of(), Map.of("TERM", "xterm-256color"))
                .run("demo")
                .ended(Main.DONE);

        assertThat(ended.out()).doesNotContain("\033", "\r").contains("stored as runs/");
        assertThat(ended.err()).doesNotContain("\033", "\r").contains("epoch 40/40");
    }

    @Test
    void inTheCLocaleLettersBeyondAsciiArePrintedAsUtf8() {
        Ended ended = new Jar(home, List.of(), Map.of("LC_ALL", "C")).run("probe", "twin:resistor-array-v1");

        assertThat(ended.ended(Main.DONE).out()).contains("204.7 µA");
    }
}
