package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jhdf.HdfFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.homeostat.app.Session.Ended;
import org.homeostat.device.Levels;
import org.homeostat.device.Role;
import org.homeostat.journal.Exchange;
import org.homeostat.journal.Journal;
import org.homeostat.journal.JournalReader;
import org.homeostat.run.RunFolder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is exported is what the journal and the epochs hold, to the last bit. */
final class RunsExportTest {

    /** Reads an export as a notebook does, and prints what it found. */
    private static final String NOTEBOOK = """
            import sys, h5py
            f = h5py.File(sys.argv[1])
            print(len(f['epochs/loss']), f['epochs/loss'][0].hex())
            o = f['exchanges/read_output']
            print(o.shape, o[-1, 0].hex(), f['exchanges/nudge'][0].decode(), list(o.attrs['columns'])[0])
            print(f['parameters/levels'].shape, f['parameters/levels'][-1, -1].hex())
            """;

    @TempDir
    static Path home;

    static Session session;
    static RunFolder run;
    static List<Exchange> exchanges;

    @BeforeAll
    static void train() throws IOException {
        session = new Session(home);
        session.trained();
        run = session.latest();
        exchanges = new ArrayList<>();
        try (JournalReader reader = Journal.read(run.journal())) {
            for (Exchange exchange = reader.next(); exchange != null; exchange = reader.next()) {
                exchanges.add(exchange);
            }
        }
    }

    /** Where its parameters were put at last, in codes of the board; the checkpoint knows them as they were meant. */
    private static double[] lastPut() {
        double[] last = new double[run.parameters().orElseThrow().length];
        for (Exchange exchange : exchanges) {
            Levels levels = exchange.stimulus().levels();
            for (int i = 0; levels.has(Role.PARAMETER) && i < levels.size(Role.PARAMETER); i++) {
                int[] positions = levels.positions(Role.PARAMETER);
                last[positions == null ? i : positions[i]] = levels.at(Role.PARAMETER, 0, i);
            }
        }
        return last;
    }

    private static Path exported(String format, String... more) {
        Path file = home.resolve("out." + format);
        List<String> words =
                new ArrayList<>(List.of("runs", "export", "latest", "--format", format, "--output", file.toString()));
        words.addAll(List.of(more));
        session.run(words.toArray(new String[0])).ended(Main.DONE);
        return file;
    }

    private static List<CSVRecord> rows(Path file) throws IOException {
        try (CSVParser parser = CSVParser.parse(
                file,
                StandardCharsets.UTF_8,
                CSVFormat.RFC4180
                        .builder()
                        .setHeader()
                        .setSkipHeaderRecord(true)
                        .get())) {
            return parser.getRecords();
        }
    }

    @Test
    void tablesHoldWhatTheJournalHolds() throws IOException {
        Path file = exported("csv");
        assertThat(file).doesNotExist();
        List<CSVRecord> rows = rows(home.resolve("out-exchanges.csv"));
        assertThat(rows).hasSameSizeAs(exchanges);
        for (int k = 0; k < rows.size(); k++) {
            Exchange exchange = exchanges.get(k);
            CSVRecord row = rows.get(k);
            assertThat(row.get("exchange")).isEqualTo(String.valueOf(k + 1));
            assertThat(Double.parseDouble(row.get("o2")))
                    .isEqualTo(exchange.response().outputs(0)[1]);
            if (exchange.stimulus().levels().has(Role.INPUT)) {
                assertThat(Double.parseDouble(row.get("set_x1")))
                        .isEqualTo(exchange.stimulus().levels().at(Role.INPUT, 0, 0));
            } else {
                assertThat(row.get("set_x1")).isEmpty();
            }
        }
        List<CSVRecord> epochs = rows(home.resolve("out-epochs.csv"));
        assertThat(epochs).hasSize(2);
        List<CSVRecord> parameters = rows(home.resolve("out-parameters.csv"));
        double[] last = lastPut();
        for (int k = 0; k < last.length; k++) {
            assertThat(Double.parseDouble(parameters.getLast().get(2 + k))).isEqualTo(last[k]);
        }
        assertThat(parameters.size()).isBetween(10, exchanges.size());
    }

    @Test
    void onePartOfATableGoesIntoTheFileOfThatName() throws IOException {
        assertThat(rows(exported("csv", "--only", "epochs"))).hasSize(2);
        Files.delete(home.resolve("out.csv"));
    }

    @Test
    void linesAreObjectsOfFourKinds() throws IOException {
        Map<String, Integer> kinds = new HashMap<>();
        JsonMapper json = JsonMapper.shared();
        for (String line : Files.readAllLines(exported("jsonl"))) {
            JsonNode node = json.readTree(line);
            kinds.merge(node.get("kind").asString(), 1, Integer::sum);
            if (node.get("kind").asString().equals("exchange")) {
                Exchange exchange = exchanges.get(node.get("exchange").asInt() - 1);
                assertThat(node.get("o1").asDouble())
                        .isEqualTo(exchange.response().outputs(0)[0]);
                assertThat(node.has("set_x1"))
                        .isEqualTo(exchange.stimulus().levels().has(Role.INPUT));
            }
        }
        assertThat(kinds).containsOnlyKeys("run", "epoch", "parameters", "exchange");
        assertThat(kinds).containsEntry("run", 1).containsEntry("epoch", 2).containsEntry("exchange", exchanges.size());
    }

    @Test
    void oneFileHoldsAllAsArrays() throws IOException {
        try (HdfFile file = new HdfFile(exported("hdf5"))) {
            double[][] outputs =
                    (double[][]) file.getDatasetByPath("/exchanges/read_output").getData();
            assertThat(outputs)
                    .hasDimensions(
                            exchanges.size(), exchanges.getFirst().response().outputs(0).length);
            for (int k = 0; k < outputs.length; k++) {
                assertThat(outputs[k]).isEqualTo(exchanges.get(k).response().outputs(0));
            }
            double[][] levels =
                    (double[][]) file.getDatasetByPath("/parameters/levels").getData();
            assertThat(levels[levels.length - 1]).isEqualTo(lastPut());
            assertThat((double[]) file.getDatasetByPath("/epochs/loss").getData())
                    .hasSize(2);
            String[] nudges =
                    (String[]) file.getDatasetByPath("/exchanges/nudge").getData();
            assertThat(Set.copyOf(List.of(nudges))).containsExactlyInAnyOrder("none", "force");
        }
    }

    /** The HDF Group's own library, which is not the one that wrote the file. */
    @Test
    void aNotebookReadsTheFile() throws Exception {
        assumeTrue(runs("import h5py"), "python3 with h5py is not installed: apt-get install python3-h5py");
        Path file = exported("hdf5");
        Process python = new ProcessBuilder("python3", "-c", NOTEBOOK, file.toString())
                .redirectErrorStream(true)
                .start();
        List<String> lines = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        assertThat(python.waitFor()).as(String.join("\n", lines)).isZero();
        double[] outputs = exchanges.getLast().response().outputs(0);
        double[] parameters = lastPut();
        assertThat(lines.get(0)).startsWith("2 0x");
        assertThat(lines.get(1))
                .startsWith("(" + exchanges.size() + ", " + outputs.length + ") ")
                .contains(" none ");
        assertThat(Double.parseDouble(hex(lines.get(1).split(" ")[2]))).isEqualTo(outputs[0]);
        String[] last = lines.get(2).split(" ");
        assertThat(Double.parseDouble(hex(last[last.length - 1]))).isEqualTo(parameters[parameters.length - 1]);
    }

    /** Python and Java write hexadecimal numbers alike, but for a plus. */
    private static String hex(String python) {
        return python.replace("p+", "p");
    }

    private static boolean runs(String script) throws InterruptedException {
        try {
            Process python = new ProcessBuilder("python3", "-c", script)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return python.waitFor(30, TimeUnit.SECONDS) && python.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** The rules of the schemas run_start, event_descriptor, event and run_stop of bluesky's event-model, written down. */
    @Test
    void documentsKeepTheRulesOfTheEventModel() throws IOException {
        List<String> lines = Files.readAllLines(exported("bluesky"));
        JsonMapper json = JsonMapper.shared();
        Map<String, JsonNode> descriptors = new HashMap<>();
        Map<String, Integer> events = new HashMap<>();
        Set<String> uids = new HashSet<>();
        String start = "";
        double before = 0;
        for (int k = 0; k < lines.size(); k++) {
            JsonNode pair = json.readTree(lines.get(k));
            assertThat(pair.size()).isEqualTo(2);
            String name = pair.get(0).asString();
            JsonNode document = pair.get(1);
            assertThat(uids.add(document.get("uid").asString())).isTrue();
            assertThat(document.get("time").isNumber()).isTrue();
            assertThat(document.get("time").asDouble()).isGreaterThanOrEqualTo(before);
            before = document.get("time").asDouble();
            switch (name) {
                case "start" -> {
                    assertThat(k).isZero();
                    start = document.get("uid").asString();
                    requirePlain(document);
                }
                case "descriptor" -> {
                    only(document, Set.of("uid", "time", "run_start", "name", "data_keys"));
                    assertThat(document.get("run_start").asString()).isEqualTo(start);
                    descriptors.put(document.get("uid").asString(), document);
                    document.get("data_keys").properties().forEach(key -> requireKey(key.getValue()));
                }
                case "event" -> {
                    only(document, Set.of("uid", "time", "descriptor", "seq_num", "data", "timestamps"));
                    String of = document.get("descriptor").asString();
                    assertThat(document.get("seq_num").asInt()).isEqualTo(events.merge(of, 1, Integer::sum));
                    JsonNode keys = descriptors.get(of).get("data_keys");
                    assertThat(names(document.get("data"))).isEqualTo(names(keys));
                    assertThat(names(document.get("timestamps"))).isEqualTo(names(keys));
                    keys.properties()
                            .forEach(key -> requireFits(document.get("data").get(key.getKey()), key.getValue()));
                }
                case "stop" -> {
                    assertThat(k).isEqualTo(lines.size() - 1);
                    only(document, Set.of("uid", "time", "run_start", "exit_status", "reason", "num_events"));
                    assertThat(document.get("run_start").asString()).isEqualTo(start);
                    assertThat(document.get("exit_status").asString()).isEqualTo("success");
                    descriptors.forEach((uid, descriptor) -> assertThat(document.get("num_events")
                                    .get(descriptor.get("name").asString())
                                    .asInt())
                            .isEqualTo(events.get(uid)));
                }
                default -> throw new AssertionError("there is no document " + name);
            }
        }
        assertThat(lines.getLast()).startsWith("[\"stop\"");
        assertThat(descriptors.values().stream().map(one -> one.get("name").asString()))
                .contains("free", "nudged", "parameters", "epochs");
        // The same run exported again is the same run.
        assertThat(Files.readAllLines(exported("bluesky"))).isEqualTo(lines);
    }

    private static void requirePlain(JsonNode node) {
        for (Map.Entry<String, JsonNode> part : node.properties()) {
            assertThat(part.getKey()).doesNotContain(".").doesNotContain("/");
            requirePlain(part.getValue());
        }
    }

    private static void requireKey(JsonNode key) {
        Set<String> allowed = Set.of(
                "choices",
                "dims",
                "dtype",
                "dtype_numpy",
                "external",
                "limits",
                "object_name",
                "precision",
                "shape",
                "source",
                "units");
        assertThat(allowed).containsAll(names(key));
        assertThat(names(key)).contains("dtype", "shape", "source");
        assertThat(key.get("dtype").asString()).isIn("string", "number", "array", "boolean", "integer");
        if (key.has("dtype_numpy")) {
            assertThat(key.get("dtype_numpy").asString()).matches("[|<>][tbiufcmMOSUV][0-9]+");
        }
    }

    private static void requireFits(JsonNode value, JsonNode key) {
        switch (key.get("dtype").asString()) {
            case "array" ->
                assertThat(value.size()).isEqualTo(key.get("shape").get(0).asInt());
            case "string" -> assertThat(value.isString()).isTrue();
            case "integer" -> assertThat(value.isIntegralNumber()).isTrue();
            default -> assertThat(value.isNumber()).isTrue();
        }
    }

    private static Set<String> names(JsonNode node) {
        return new HashSet<>(node.propertyNames());
    }

    private static void only(JsonNode document, Set<String> allowed) {
        assertThat(names(document)).isEqualTo(allowed);
    }

    @Test
    void aRunWithoutAJournalGivesItsEpochs() throws IOException {
        Session other = new Session(Files.createDirectory(home.resolve("other")));
        other.run("train", "--data", other.clouds(40).toString(), "--target", "kind", "--epochs", "2", "--no-journal")
                .ended(Main.DONE);
        Path file = other.home().resolve("out.csv");
        Ended ended = other.run("runs", "export", "latest", "--format", "csv", "--output", file.toString())
                .ended(Main.DONE);
        assertThat(ended.err())
                .isEqualTo("Run " + other.latest().name() + " kept no journal: its epochs alone are exported.\n");
        assertThat(rows(file)).hasSize(2);

        Ended refused = other.run(
                "runs", "export", "latest", "--format", "csv", "--only", "exchanges", "--output", file.toString());
        assertThat(refused.code()).isEqualTo(Main.BAD_INPUT);
        assertThat(refused.err())
                .isEqualTo("homeostat: run " + other.latest().name()
                        + " kept no journal (--no-journal), so that only its epochs are known; leave out --only, or give "
                        + "--only epochs\n");
    }

    @Test
    void aDamagedJournalIsToldAndNothingIsWritten() throws IOException {
        Session other = new Session(Files.createDirectory(home.resolve("damaged")));
        other.trained();
        Path journal = other.latest().journal();
        byte[] bytes = Files.readAllBytes(journal);
        bytes[bytes.length / 2] ^= 1;
        Files.write(journal, bytes);
        Path file = other.home().resolve("out.h5");
        Ended ended = other.run("runs", "export", "latest", "--format", "hdf5", "--output", file.toString());
        assertThat(ended.code()).isEqualTo(Main.BAD_INPUT);
        assertThat(ended.err()).contains("journal " + journal).contains("damaged");
        try (var left = Files.list(other.home())) {
            assertThat(left.filter(path -> path.getFileName().toString().startsWith("out")))
                    .isEmpty();
        }
    }
}
