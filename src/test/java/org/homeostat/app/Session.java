package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunStore;
import picocli.CommandLine;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Somebody at the command line, with a folder of their own. */
final class Session {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final Path home;

    Session(Path home) {
        this.home = home;
    }

    /** What a command printed, and how it ended. */
    record Ended(int code, String out, String err) {

        /** What was printed, provided that it is one JSON object and nothing else. */
        JsonNode json() {
            assertThat(out)
                    .as("standard output of a command that ended with %s, saying %s", code, err)
                    .isNotEmpty();
            JsonNode node = JSON.readTree(out);
            assertThat(node.isObject()).isTrue();
            return node;
        }

        Ended ended(int expected) {
            assertThat(code).as("exit code; it said: %s", err).isEqualTo(expected);
            return this;
        }
    }

    /** Runs a command in this session's folder of runs. */
    Ended run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--runs");
        all.add(runs().toString());
        return plain(all.toArray(new String[0]));
    }

    /** Runs a command as it is. */
    static Ended plain(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Main.commandLine();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        int code = Main.execute(line, arguments);
        return new Ended(code, out.toString(), err.toString());
    }

    Path home() {
        return home;
    }

    Path runs() {
        return home.resolve("runs");
    }

    RunFolder latest() {
        return new RunStore(runs()).find("latest");
    }

    /** Everything in the folder of runs, with what it holds. */
    Map<String, byte[]> contents() throws IOException {
        Map<String, byte[]> all = new TreeMap<>();
        if (Files.exists(runs())) {
            try (Stream<Path> paths = Files.walk(runs())) {
                for (Path path : paths.toList()) {
                    all.put(
                            runs().relativize(path).toString(),
                            Files.isDirectory(path) ? new byte[0] : Files.readAllBytes(path));
                }
            }
        }
        return all;
    }

    Path file(String name, String text) throws IOException {
        return Files.writeString(home.resolve(name), text);
    }

    /** Two clouds of points that a straight line tells apart: columns x, y and kind. */
    Path clouds(int rows) throws IOException {
        Random random = new Random(5);
        StringBuilder text = new StringBuilder("x,y,kind\n");
        for (int i = 0; i < rows; i++) {
            double centre = i % 2 == 0 ? -2 : 2;
            text.append(centre + random.nextGaussian())
                    .append(',')
                    .append(centre + random.nextGaussian())
                    .append(i % 2 == 0 ? ",low\n" : ",high\n");
        }
        return file("clouds.csv", text.toString());
    }

    /** Points on a plane: columns x, y and height. */
    Path plane(int rows) throws IOException {
        Random random = new Random(5);
        StringBuilder text = new StringBuilder("x,y,height\n");
        for (int i = 0; i < rows; i++) {
            double x = random.nextGaussian();
            double y = random.nextGaussian();
            text.append(x)
                    .append(',')
                    .append(y)
                    .append(',')
                    .append(100 + 3 * x - 2 * y)
                    .append('\n');
        }
        return file("plane.csv", text.toString());
    }

    /** Trains a small run to its end. */
    Ended trained() throws IOException {
        return run("train", "--data", clouds(40).toString(), "--target", "kind", "--epochs", "2")
                .ended(Main.DONE);
    }
}
