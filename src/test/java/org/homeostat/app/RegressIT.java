package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.homeostat.app.Jar.Running;
import org.homeostat.app.Session.Ended;
import org.homeostat.device.Channel;
import org.homeostat.device.Levels;
import org.homeostat.device.Role;
import org.homeostat.fixtures.Chromium;
import org.homeostat.journal.Exchange;
import org.homeostat.journal.Journal;
import org.homeostat.journal.JournalReader;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A stored run asked again by the packaged program: the same, bit for bit, wherever its user lives; and where one resistor, one
 * frame or the whole device is another, that is said and drawn.
 */
@Timeout(600)
final class RegressIT {

    /** Pictures are kept beside the packaged program. */
    private static final Path PICTURES =
            Path.of(System.getProperty("homeostat.jar", "target/homeostat.jar")).resolveSibling("screenshots");

    /** A run that this project keeps, and how many exchanges are in its journal. */
    private static final Path KEPT =
            Path.of("src", "test", "regressions", "moons").toAbsolutePath();

    private static final int KEPT_EXCHANGES = 37;

    /** Potentiometers, converters and noise; ideal diodes; weights on springs. The last two are settled by iterating. */
    private static final Map<String, String> TAUGHT = Map.of(
            "array", "twin:resistor-array-v1?inputs=2&hidden=4&outputs=2",
            "drn", "twin:drn",
            "hopfield", "twin:hopfield-compliant");

    private static final String SHORT = "data: {generate: two-moons, rows: 12, noise: 0.1}\nepochs: 1";

    private static final Pattern STAMP = Pattern.compile("\\d{8}-\\d{6}-\\d{3}");

    @TempDir
    Path home;

    /** Where somebody lives: to Java, and to the system underneath. */
    private record Place(String name, String... java) {
        private Jar jar(Path home) {
            return new Jar(home, List.of(java), Map.of("LANG", name, "LC_ALL", name));
        }
    }

    private static final Place HERE = new Place("C", "-Duser.language=en", "-Duser.country=US");

    /** Decimal commas; narrow spaces between thousands; an i without a dot; other digits; other groups. */
    private static final List<Place> ELSEWHERE = List.of(
            new Place("de_DE.UTF-8", "-Duser.language=de", "-Duser.country=DE"),
            new Place("fr_FR.UTF-8", "-Duser.language=fr", "-Duser.country=FR"),
            new Place("tr_TR.UTF-8", "-Duser.language=tr", "-Duser.country=TR"),
            new Place("ar_EG.UTF-8", "-Duser.language=ar", "-Duser.country=EG", "-Duser.extensions=u-nu-arab"),
            new Place("hi_IN.UTF-8", "-Duser.language=hi", "-Duser.country=IN", "-Duser.extensions=u-nu-deva"));

    /** Begins to train on a device. */
    private Running training(Place place, String name, String device, String more) throws IOException {
        Path file = home.resolve(name + ".yaml");
        Files.writeString(file, """
                experiment: %s
                device: '%s'
                learner: aeqprop-centered
                %s
                seed: 1
                """.formatted(name, device, more));
        return place.jar(home).start("train", file.getFileName().toString(), "--json");
    }

    /** The folder of a run once it has ended, from home. */
    private static String ended(Running training) {
        return "runs/" + training.await().ended(Main.DONE).json().get("run").asString();
    }

    private String trained(String name, String device, String more) throws IOException {
        return ended(training(HERE, name, device, more));
    }

    private static String[] regress(List<String> runs, String... more) {
        return Stream.of(Stream.of("regress"), runs.stream(), Arrays.stream(more))
                .flatMap(part -> part)
                .toArray(String[]::new);
    }

    /** A run of each twin, at once. */
    private List<String> trainedAll(Place place) throws IOException {
        List<Running> running = new ArrayList<>();
        for (String name : TAUGHT.keySet().stream().sorted().toList()) {
            running.add(training(place, name, TAUGHT.get(name), SHORT));
        }
        List<String> runs = new ArrayList<>();
        running.forEach(one -> runs.add(ended(one)));
        return runs;
    }

    private static String withoutStamps(String text) {
        return STAMP.matcher(text).replaceAll("STAMP");
    }

    @Test
    void anUnchangedTwinPassesBitForBitWhereverItWasTrainedAndIsAsked() throws IOException {
        List<String> here = trainedAll(HERE);
        List<String> asked = new ArrayList<>(here);
        asked.add(KEPT.toString());
        String lines = HERE.jar(home).run(regress(asked)).ended(Main.DONE).out();
        String json =
                HERE.jar(home).run(regress(asked, "--json")).ended(Main.DONE).out();
        assertThat(lines.lines())
                .hasSize(asked.size())
                .allMatch(line ->
                        line.matches("run \\S+: all [1-9][0-9]* exchanges are answered as they were, bit for bit"));
        assertThat(lines)
                .contains("run moons: all " + KEPT_EXCHANGES + " exchanges are answered as they were, bit for bit");

        for (int i = 0; i < ELSEWHERE.size(); i++) {
            Place place = ELSEWHERE.get(i);
            List<String> there = trainedAll(place);
            for (int k = 0; k < there.size(); k++) {
                assertThat(home.resolve(there.get(k)).resolve("journal"))
                        .as("what was asked and answered in %s", place)
                        .hasSameBinaryContentAs(home.resolve(here.get(k)).resolve("journal"));
            }

            Place next = ELSEWHERE.get((i + 1) % ELSEWHERE.size());
            List<String> all = new ArrayList<>(asked);
            all.addAll(there);
            Running forPeople = next.jar(home).start(regress(all));
            Running forScripts = next.jar(home).start(regress(asked, "--json"));
            String printed = forPeople.await().ended(Main.DONE).out();
            assertThat(printed).as("trained here, asked in %s", next).startsWith(lines);
            assertThat(withoutStamps(printed.substring(lines.length())))
                    .as("trained in %s, asked in %s", place, next)
                    .isEqualTo(withoutStamps(linesOf(lines, there.size())));
            assertThat(forScripts.await().ended(Main.DONE).out())
                    .as("trained here, asked in %s", next)
                    .isEqualTo(json);
        }
    }

    private static String linesOf(String text, int count) {
        return text.lines().limit(count).map(line -> line + "\n").collect(Collectors.joining());
    }

    /** Each potentiometer of one specimen, as 'twin fit' writes them down. */
    private void specimen(String file, String card, String moved, double by) throws IOException {
        SplittableRandom random = new SplittableRandom(3);
        StringBuilder text = new StringBuilder("""
                specimen: mine
                twin: resistor-array-v1
                card: %s
                source: measured
                date: 2026-11-20T08:00:00Z
                readNoise: 5.0E-4
                parts:
                """.formatted(card));
        for (int k = 1; k <= 32; k++) {
            double element = random.nextDouble(0.8, 1.2) * (moved.equals("g" + k) ? by : 1);
            text.append("  g%d: {element: {value: %s, low: 0.5, high: 1.5}}\n".formatted(k, element));
        }
        Files.writeString(home.resolve(file), text);
    }

    @Test
    void onePotentiometerThatMovedByTwoPercentIsSaidAndDrawn() throws Exception {
        String twin = TAUGHT.get("array");
        String card = HERE.jar(home)
                .run("probe", twin, "--json")
                .ended(Main.DONE)
                .json()
                .get("digest")
                .asString();
        specimen("mine.yaml", card, "none", 1);
        specimen("moved.yaml", card, "g7", 1.02);
        String run = trained("array", twin + "&specimen=mine.yaml", SHORT);
        assertThat(HERE.jar(home)
                        .run("regress", run, "--device", twin + "&specimen=mine.yaml")
                        .ended(Main.DONE)
                        .out())
                .contains("bit for bit");

        Ended ended = HERE.jar(home)
                .run("regress", run, "--device", twin + "&specimen=moved.yaml", "--plot", "moved.svg")
                .ended(Main.FAILED);
        // The potentiometer g7 ends at h2.
        Said said = Said.of(ended.out());
        assertThat(said.channel).isEqualTo("h2");
        assertThat(said.differing).isBetween(1, said.exchanges);
        assertThat(Math.abs(said.now - said.then)).isBetween(0.0005, 0.1);
        shows("moved.svg", said, "regress-resistor");
    }

    @Test
    void oneResistorOfADrawnBoardThatMovedByTwoPercentIsSaidAndDrawn() throws Exception {
        String drawn = Files.readString(Path.of("sim", "netlists", "xor.cir"))
                // R7 stands on the board and is not trained.
                .replace("trainable X*.R* R* ", "trainable X*.R* R1-R6 R8-R20 ");
        Files.writeString(home.resolve("xor.cir"), drawn);
        HERE.jar(home).run("twin", "import", "xor.cir", "--to", "xor").ended(Main.DONE);
        String run = trained("xor", "twin:xor/twin.yaml", "data: {generate: xor}\nepochs: 3");
        assertThat(HERE.jar(home).run("regress", run).ended(Main.DONE).out()).contains("bit for bit");

        Files.writeString(home.resolve("xor.cir"), drawn.replace("R7 h7 yes 20k", "R7 h7 yes 20.4k"));
        HERE.jar(home)
                .run("twin", "import", "xor.cir", "--to", "xor", "--overwrite")
                .ended(Main.DONE);
        Ended ended = HERE.jar(home)
                .run("regress", run, "--plot", "drawn.svg", "--json")
                .ended(Main.FAILED);
        JsonNode json = ended.json().get("runs").get(0);
        Said said = Said.of(json.get("sentence").asString());
        assertThat(said.channel)
                .isIn("h7", "yes")
                .isEqualTo(json.get("firstChannel").asString());
        assertThat(said.exchange).isEqualTo(json.get("firstExchange").asInt());
        assertThat(said.differing).isEqualTo(json.get("differing").asInt());
        shows("drawn.svg", said, "regress-netlist");
    }

    @Test
    void oneGoldenFrameThatChangedIsSaidAndDrawn() throws Exception {
        RunFolder folder = new RunStore(home.resolve("runs")).find(KEPT.toString());
        Path changed = Files.createDirectory(home.resolve("changed"));
        Files.copy(KEPT.resolve("run.json"), changed.resolve("run.json"));
        double before = Double.NaN;
        double after = Double.NaN;
        try (JournalReader reader = Journal.read(folder.journal());
                Journal journal = Journal.create(changed.resolve("journal"), reader.descriptor())) {
            Channel second = reader.descriptor().channels(Role.OUTPUT).get(1);
            for (Exchange next = reader.next(); next != null; next = reader.next()) {
                if (next.number() == 23) {
                    double[] outputs = next.response().outputs(0);
                    after = outputs[1];
                    outputs[1] += second.resolution();
                    before = outputs[1];
                    Levels levels = next.response().levels().and(Levels.of(Role.OUTPUT, outputs));
                    next = new Exchange(
                            next.number(), next.stimulus(), next.response().with(levels));
                }
                journal.append(next);
            }
        }
        Ended ended =
                HERE.jar(home).run("regress", "changed", "--plot", "frame.svg").ended(Main.FAILED);
        Said said = Said.of(ended.out());
        assertThat(said.differing).isEqualTo(1);
        assertThat(said.exchanges).isEqualTo(KEPT_EXCHANGES);
        assertThat(said.exchange).isEqualTo(23);
        assertThat(said.channel).isEqualTo("o2");
        assertThat(said.then).isCloseTo(before, within(1e-9));
        assertThat(said.now).isCloseTo(after, within(1e-9));
        // Also where people count otherwise.
        Place egypt = ELSEWHERE.get(3);
        assertThat(egypt.jar(home)
                        .run("regress", "changed", "--plot", "there.svg")
                        .ended(Main.FAILED)
                        .out())
                .isEqualTo(ended.out());
        assertThat(home.resolve("there.svg")).hasSameBinaryContentAs(home.resolve("frame.svg"));
        shows("frame.svg", said, "regress-frame");
    }

    /** What the sentence says. */
    private record Said(int differing, int exchanges, int exchange, String channel, double then, double now) {

        private static final Pattern SENTENCE =
                Pattern.compile("(\\d+) of (\\d+) exchanges are answered otherwise than "
                        + "they were; first exchange (\\d+): (\\S+) was at (\\S+) V and is at (\\S+) V(\\n|$)");

        static Said of(String text) {
            Matcher found = SENTENCE.matcher(text);
            assertThat(found.find()).as(text).isTrue();
            return new Said(
                    Integer.parseInt(found.group(1)),
                    Integer.parseInt(found.group(2)),
                    Integer.parseInt(found.group(3)),
                    found.group(4),
                    Double.parseDouble(found.group(5)),
                    Double.parseDouble(found.group(6)));
        }
    }

    /** Looks at a picture as people do: in a browser, where every word must be within it and none on another. */
    private void shows(String file, Said said, String kept) throws Exception {
        String svg = Files.readString(home.resolve(file));
        assertThat(svg)
                .contains(">first: exchange " + said.exchange + ", " + said.channel + "<")
                .contains("answered otherwise than they were; first exchange " + said.exchange)
                .contains("in exchange ");
        assumeTrue(
                Chromium.installed().isPresent(),
                "no Chromium on this machine, so that nobody can look at the picture: apt-get install chromium");
        try (Chromium browser = Chromium.start()) {
            browser.open(home.resolve(file).toUri().toString());
            browser.await("document.querySelectorAll('text').length > 10");
            browser.window(920, 520, false, false);
            assertThat(browser.value("""
                            (() => {
                              const all = document.documentElement.getBoundingClientRect();
                              const boxes = [...document.querySelectorAll('text')]
                                  .map(text => [text.textContent, text.getBoundingClientRect()]);
                              const out = boxes.filter(([, b]) => b.left < 0 || b.right > all.right || b.bottom > all.bottom);
                              const on = boxes.flatMap(([one, a], k) => boxes.slice(k + 1)
                                  .filter(([, b]) => a.left < b.right - 1 && b.left < a.right - 1
                                      && a.top < b.bottom - 3 && b.top < a.bottom - 3)
                                  .map(([other]) => one + ' on ' + other));
                              return out.map(([word]) => word + ' outside').concat(on).join('; ');
                            })()""").asString()).isEmpty();
            // As many heads in the colour of what differs as there are exchanges that do.
            assertThat(browser.value("document.querySelectorAll('circle.c1').length")
                            .asInt())
                    .isEqualTo(said.differing);
            browser.picture(PICTURES.resolve(kept + ".png"));
            browser.window(920, 520, false, true);
            browser.picture(PICTURES.resolve(kept + "-dark.png"));
        }
        Files.copy(home.resolve(file), PICTURES.resolve(kept + ".svg"), StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void aDeviceThatDiesOnTheWayLeavesWhatWasFoundOut() throws Exception {
        String twin = TAUGHT.get("array");
        // Far more than is asked before the twin is gone.
        String run = trained("array", twin, "data: {generate: two-moons, rows: 150, noise: 0.1}\nepochs: 30");
        int all = HERE.jar(home)
                .run("runs", "show", run, "--json")
                .ended(Main.DONE)
                .json()
                .get("exchanges")
                .asInt();
        Running served = HERE.jar(home).start("twin", "serve", twin, "--pty", "board");
        try {
            awaitTrue(served, () -> Files.readString(served.out()).contains("READY"));
            Duration idle = worked(served);
            Running running =
                    HERE.jar(home).start("regress", run, "--device", "serial:board", "--plot", "lost.svg", "--json");
            // It works only while it is asked.
            awaitTrue(served, () -> worked(served).minus(idle).compareTo(Duration.ofMillis(400)) > 0);
            served.process().destroyForcibly().waitFor();

            Ended ended = running.await().ended(Main.UNREACHABLE);
            JsonNode json = ended.json().get("runs").get(0);
            int agreed = json.get("exchanges").asInt();
            assertThat(agreed).isBetween(1, all - 1);
            assertThat(ended.json().get("passed").asBoolean()).isFalse();
            assertThat(json.get("safe").asBoolean()).isFalse();
            assertThat(json.get("sentence").asString())
                    .startsWith("after " + agreed + " exchanges answered as they were, exchange " + (agreed + 1)
                            + " was answered then, and failed now: board resistor-array-v1 at serial:board ");
            assertThat(ended.err())
                    .contains("could not confirm that board resistor-array-v1 is at its safe levels (")
                    .contains("check the board by hand");
            assertThat(Files.readString(home.resolve("lost.svg")))
                    .contains(">failed: exchange " + (agreed + 1) + "<")
                    .contains("after " + agreed + " exchanges answered as they were");
        } finally {
            served.process().destroyForcibly();
        }
    }

    private interface Looked {
        boolean met() throws IOException;
    }

    private static void awaitTrue(Running running, Looked what) throws Exception {
        long limit = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!what.met()) {
            assertThat(running.process().isAlive())
                    .as(Files.readString(running.err()))
                    .isTrue();
            assertThat(System.nanoTime()).isLessThan(limit);
            Thread.sleep(5);
        }
    }

    /** The processor time of a process. */
    private static Duration worked(Running running) {
        return running.process().info().totalCpuDuration().orElseThrow();
    }
}
