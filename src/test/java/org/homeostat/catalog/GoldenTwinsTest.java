package org.homeostat.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.run.RunStore;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every twin answers as its {@code golden.csv} says, which was worked out by another program ({@code golden.py} beside it)
 * from the equations alone.
 */
final class GoldenTwinsTest {

    private static final Path TWINS = Path.of("sim", "twins");
    private static final String HEADER = "exchange,role,channel,level,tolerance";

    private record Row(int exchange, Role role, String channel, double level, double tolerance) {}

    static Stream<Path> golden() throws IOException {
        try (Stream<Path> folders = Files.list(TWINS)) {
            return folders.map(folder -> folder.resolve("golden.csv")).filter(Files::exists).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("golden")
    void aTwinAnswersAsItsEquationsSay(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        assertThat(lines.getFirst()).startsWith("# twin:");
        Map<Integer, List<Row>> exchanges = new TreeMap<>();
        for (String line : lines) {
            if (!line.startsWith("#") && !line.equals(HEADER) && !line.isBlank()) {
                Row row = row(line);
                exchanges
                        .computeIfAbsent(row.exchange, number -> new ArrayList<>())
                        .add(row);
            }
        }
        assertThat(exchanges.size()).as("exchanges in %s", file).isGreaterThanOrEqualTo(2);
        String uri = lines.getFirst().substring(2).strip();
        try (Device device =
                new Catalog(new RunStore(Path.of("runs"))).open(uri).device()) {
            exchanges.forEach((number, rows) -> exchange(device, number, rows));
        }
    }

    private static Row row(String line) {
        String[] cells = line.split(",", -1);
        assertThat(cells).as(line).hasSize(5);
        return new Row(
                Integer.parseInt(cells[0]),
                Role.valueOf(cells[1]),
                cells[2],
                Double.parseDouble(cells[3]),
                cells[4].isBlank() ? 0 : Double.parseDouble(cells[4]));
    }

    private static void exchange(Device device, int number, List<Row> rows) {
        Descriptor card = device.descriptor();
        Map<Role, Map<String, Double>> imposed = new EnumMap<>(Role.class);
        for (Row row : rows) {
            switch (row.role) {
                case INPUT, PARAMETER, NUDGE, KNOB, SOFTNESS ->
                    imposed.computeIfAbsent(row.role, role -> new LinkedHashMap<>())
                            .put(row.channel, row.level);
                default -> {}
            }
        }
        Levels levels = Levels.NONE;
        Nudge nudge = Nudge.NONE;
        for (Map.Entry<Role, Map<String, Double>> entry : imposed.entrySet()) {
            List<Channel> channels = card.channels(entry.getKey());
            int[] positions = entry.getValue().keySet().stream()
                    .mapToInt(name -> position(channels, name))
                    .sorted()
                    .toArray();
            double[] row = new double[positions.length];
            for (int i = 0; i < row.length; i++) {
                row[i] = entry.getValue().get(channels.get(positions[i]).name());
            }
            if (entry.getKey() == Role.NUDGE) {
                double[] force = new double[channels.size()];
                for (int i = 0; i < row.length; i++) {
                    force[positions[i]] = row[i];
                }
                nudge = new Nudge.Force(Levels.of(Role.NUDGE, force));
            } else {
                levels = levels.and(Levels.some(entry.getKey(), positions, row));
            }
        }
        Response response =
                device.present(Stimulus.of(levels).when(card.plasticity()).nudged(nudge), Deadline.NEVER);
        for (Row row : rows) {
            switch (row.role) {
                case OUTPUT, MONITOR, FORCE ->
                    assertThat(response.levels().row(row.role)[position(card.channels(row.role), row.channel)])
                            .as("exchange %d, %s %s", number, row.role, row.channel)
                            .isCloseTo(row.level, within(row.tolerance));
                default -> {}
            }
        }
    }

    private static int position(List<Channel> channels, String name) {
        int position = channels.stream().map(Channel::name).toList().indexOf(name);
        assertThat(position).as("position of channel %s", name).isNotNegative();
        return position;
    }
}
