package org.homeostat.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.homeostat.catalog.Catalog.Entry;
import org.homeostat.catalog.Catalog.Opened;
import org.homeostat.device.Ability;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Levels;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Quality.Verdict;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.run.BadInput;
import org.homeostat.run.RunStore;
import org.homeostat.run.Sweep;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every board and twin that ships is read, opened and asked; what does not ship is refused. */
final class CatalogTest {

    private static final Path DEVICES = Path.of("devices");
    private static final Path TWINS = Path.of("sim", "twins");
    private static final Path EXPERIMENTS = Path.of("sim", "experiments");

    @TempDir
    static Path empty;

    private static Catalog catalog() {
        return new Catalog(new RunStore(empty));
    }

    private static List<String> folders(Path root) throws IOException {
        try (Stream<Path> paths = Files.list(root)) {
            return paths.filter(Files::isDirectory)
                    .map(path -> path.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    static List<String> boards() throws IOException {
        return folders(DEVICES);
    }

    static List<String> twins() throws IOException {
        return folders(TWINS);
    }

    static List<Path> experiments() throws IOException {
        try (Stream<Path> paths = Files.walk(EXPERIMENTS)) {
            return paths.filter(path -> path.toString().endsWith(".yaml"))
                    .filter(path -> !path.getFileName().toString().startsWith("sweep-"))
                    .filter(path -> !path.endsWith("paper.yaml"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void theSweepThatShipsIsRead() {
        Sweep sweep = SweepFile.read(EXPERIMENTS.resolve("sweep-two-moons.yaml"), catalog());

        assertThat(sweep.name()).isEqualTo("sweep-two-moons");
        assertThat(sweep.points()).hasSize(16);
    }

    @Test
    void itListsWhatStandsInTheFolders() throws IOException {
        assertThat(catalog().boards()).extracting(Entry::name).containsExactlyElementsOf(boards());
        assertThat(catalog().twins()).extracting(Entry::name).containsExactlyElementsOf(twins());
        assertThat(boards()).contains("resistor-array-v1");
        assertThat(twins()).contains("resistor-array-v1", "resistor-compliant", "hopfield-compliant");
        assertThat(catalog().boards())
                .extracting(Entry::summary)
                .allSatisfy(line -> assertThat(line).isNotBlank().doesNotContain("\n"));
    }

    @ParameterizedTest
    @MethodSource("boards")
    void everyBoardsFileIsReadAndNamesItself(String name) throws IOException {
        Path file = DEVICES.resolve(name).resolve("board.yaml");

        BoardFile board = Yaml.of(Files.readString(file), file.toString()).as(BoardFile.class);

        assertThat(board.board()).isEqualTo(name);
        Board made = new Board(board, board.sizes());
        Descriptor card = made.card(1, 0);
        assertThat(board.wiring().layered() == null ? made.physics().parameters() : 0)
                .isEqualTo(card.count(Role.PARAMETER));
        // What is taught by default can be imposed.
        assertThat(board.teaching().amplitude())
                .as("amplitude of %s", name)
                .isLessThanOrEqualTo(card.channels(Role.INPUT).getFirst().max());
        if (!card.nudges().isEmpty()) {
            assertThat(card.nudges()).contains(board.teaching().nudge());
        }
        for (var parameter : card.channels(Role.PARAMETER)) {
            var start = board.teaching().start(parameter);
            assertThat(start.lowest()).as(parameter.name()).isBetween(parameter.min() * 0.99, parameter.max());
            assertThat(start.highest()).as(parameter.name()).isBetween(parameter.min(), parameter.max());
        }
    }

    @ParameterizedTest
    @MethodSource("twins")
    void everyTwinOpensAndAnswersTheSameEveryTime(String name) throws IOException {
        Path file = TWINS.resolve(name).resolve("twin.yaml");
        TwinFile twin = Yaml.of(Files.readString(file), file.toString()).as(TwinFile.class);
        assertThat(twin.twin()).isEqualTo(name);
        assertThat(boards()).contains(twin.mimics());

        Response first = answer("twin:" + name);
        assertThat(first.quality().verdict())
                .as("%s: %s", name, first.quality())
                .isIn(
                        name.endsWith("-detuned")
                                ? List.of(Verdict.UNLOCKED)
                                : List.of(Verdict.SETTLED, Verdict.CLIPPED));
        assertThat(first.levels().row(Role.OUTPUT, 0)).doesNotContain(Double.NaN);
        assertThat(answer("twin:" + name)).isEqualTo(first);
    }

    /** The answer to inputs a quarter of the way up, with parameters in the middle of where they start. */
    private static Response answer(String uri) {
        Opened opened = catalog().open(uri);
        try (Device device = opened.device()) {
            Descriptor card = device.descriptor();
            Levels levels = Levels.of(
                    Role.INPUT,
                    card.channels(Role.INPUT).stream()
                            .mapToDouble(channel -> channel.max() / 4)
                            .toArray());
            if (card.can(Ability.WRITABLE_PARAMETERS)) {
                levels = levels.and(Levels.of(
                        Role.PARAMETER,
                        card.channels(Role.PARAMETER).stream()
                                .mapToDouble(channel -> {
                                    var start = opened.teaching().start(channel);
                                    return Math.clamp(
                                            (start.lowest() + start.highest()) / 2, channel.min(), channel.max());
                                })
                                .toArray()));
            }
            return device.present(card.question(levels).when(card.plasticity()), Deadline.NEVER);
        }
    }

    @ParameterizedTest
    @MethodSource("twins")
    void aTwinCarriesTheCardOfItsBoard(String name) throws IOException {
        Path file = TWINS.resolve(name).resolve("twin.yaml");
        TwinFile twin = Yaml.of(Files.readString(file), file.toString()).as(TwinFile.class);
        Path mimicked = DEVICES.resolve(twin.mimics()).resolve("board.yaml");
        BoardFile board =
                Yaml.of(Files.readString(mimicked), mimicked.toString()).as(BoardFile.class);

        try (Device device = catalog().open("twin:" + name).device()) {
            assertThat(device.descriptor()).isEqualTo(new Board(board, board.sizes()).card(twin.lanes(), 0));
        }
    }

    @ParameterizedTest
    @MethodSource("experiments")
    void everyExperimentThatShipsIsReadAndItsDeviceOpens(Path file) {
        var experiment = ExperimentFile.read(file, null, catalog());

        assertThat(experiment.name()).isNotBlank();
        assertThat(Learners.names()).contains(experiment.learner());
        String data = experiment.data().file();
        assumeTrue(data == null || Files.exists(Path.of(data)), "its data is not here");
        try (Device device = catalog().open(experiment.device()).device()) {
            assertThat(experiment.data().load(experiment.testPart(), 1).train().features())
                    .hasSizeLessThanOrEqualTo(device.descriptor().count(Role.INPUT));
        }
    }

    @Test
    void sizesAndLanesAreAsAskedFor() {
        try (Device device = catalog()
                .open("twin:resistor-array-v1?inputs=7&hidden=5-3&outputs=2&lanes=4")
                .device()) {
            Descriptor card = device.descriptor();
            assertThat(card.count(Role.INPUT)).isEqualTo(7);
            assertThat(card.count(Role.MONITOR)).isEqualTo(8);
            assertThat(card.count(Role.OUTPUT)).isEqualTo(2);
            assertThat(card.lanes()).isEqualTo(4);
            // Each input and its opposite to 5 nodes, those to 3, these to 2 outputs; two supplies to each hidden node.
            assertThat(card.count(Role.PARAMETER)).isEqualTo((2 * 7 + 2) * 5 + (5 + 2) * 3 + 3 * 2);
        }
    }

    @Test
    void anotherSeedIsAnotherSpecimen() {
        assertThat(answer("twin:resistor-array-v1?seed=7")).isNotEqualTo(answer("twin:resistor-array-v1?seed=8"));
        assertThat(answer("twin:resistor-array-v1?seed=7")).isEqualTo(answer("twin:resistor-array-v1?seed=7"));
    }

    @Test
    void positionsAreReadBackWithTheBitsAskedFor() {
        try (Device device =
                catalog().open("twin:resistor-compliant?readback=12").device()) {
            assertThat(device.descriptor()
                            .channels(Role.PARAMETER)
                            .getFirst()
                            .scale()
                            .codes())
                    .isEqualTo(4096);
            assertThat(device.descriptor().can(Ability.COMPLIANCE)).isTrue();
            Response response = device.present(device.descriptor().safe().when(Plasticity.FREE), Deadline.NEVER);
            for (double position : response.parameters()) {
                var scale =
                        device.descriptor().channels(Role.PARAMETER).getFirst().scale();
                assertThat(position).isEqualTo(scale.quantised(position));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "4, 3, twin:resistor-array-v1",
        "1, 1, twin:resistor-array-v1",
        "5, 2, twin:resistor-array-v1?inputs=5&hidden=12&outputs=3",
        "64, 10, twin:resistor-array-v1?inputs=64&hidden=40&outputs=10",
        "2, 26, twin:resistor-array-v1?inputs=4&hidden=104&outputs=26",
        "784, 10, twin:resistor-array-v1?inputs=784&hidden=128&outputs=10"
    })
    void aTwinLargeEnoughIsNoLargerThanNeeded(int inputs, int outputs, String uri) {
        assertThat(catalog().largeEnough("resistor-array-v1", inputs, outputs)).isEqualTo(uri);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "serial:/dev/no-such-port?baud=1000000 | serial port /dev/no-such-port: there is no such device",
                "process:./no-such-firmware | process './no-such-firmware': program ./no-such-firmware cannot be started"
            })
    void boardsThatAreNotThereAreOutOfReach(String uri, String beginning) {
        for (ThrowingCallable attempt : List.<ThrowingCallable>of(
                () -> catalog().open(uri), () -> catalog().teaching(uri))) {
            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(attempt)
                    .withMessageStartingWith(beginning)
                    .extracting(DeviceException::fault)
                    .isEqualTo(Fault.DISCONNECTED);
        }
    }

    private static void refused(String uri, String sentence) {
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> catalog().open(uri))
                .withMessage(Listed.in(sentence));
    }

    @Test
    void unknownNamesSchemesAndOptionsAreRefusedWithWhatThereIs() {
        refused("twin:nope", "there is no twin 'nope'; the twins are {twins}");
        refused("twin:../../etc", "../../etc/twin.yaml: there is no such file; check the path");
        refused(
                "usb:board",
                "device 'usb:board': there is no scheme 'usb'; expected serial, process, mqtt, mqtts, pi, twin or replay, such as twin:resistor-array-v1");
        refused(
                "twin:resistor-array-v1?lane=2",
                "device 'twin:resistor-array-v1?lane=2': there is no option 'lane'; " + "expected one of {options}");
    }

    @Test
    void optionsOutOfRangeAreRefusedWithTheRange() {
        String twin = "twin:resistor-array-v1?";
        refused(twin + "lanes=0", "device '" + twin + "lanes=0': option lanes=0: expected a whole number, 1 to 100000");
        refused(
                twin + "inputs=many",
                "device '" + twin + "inputs=many': option inputs=many: expected a whole number, 1 to 100000");
        refused(
                twin + "readback=25",
                "device '" + twin + "readback=25': option readback=25: expected a whole number, 1 to 24");
        refused(
                twin + "readback=4294967297",
                "device '" + twin + "readback=4294967297': option readback=4294967297: "
                        + "expected a whole number, 1 to 24");
        refused(twin + "seed=-1", "device '" + twin + "seed=-1': option seed=-1: expected a whole number, 0 or more");
        refused(
                twin + "hidden=3x",
                "device '" + twin + "hidden=3x': option hidden=3x: "
                        + "expected the size of each hidden layer, such as 32 or 64-32");
        refused(twin + "hidden=3-0", "device '" + twin + "hidden=3-0': option hidden=3-0: a layer has 1 unit or more");
        refused(
                twin + "inputs=100000&hidden=1000",
                "device '" + twin + "inputs=100000&hidden=1000': it would have more than 100003000 parameters; "
                        + "choose sizes that make at most 2000000");
    }

    @Test
    void aReplayOfNoRunIsRefused() {
        refused("replay:latest", empty + ": there are no runs here; train one first, or say where with --runs");
    }
}
