package org.homeostat.shadow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.homeostat.catalog.Catalog;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Levels;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.homeostat.journal.Exchange;
import org.homeostat.journal.Journal;
import org.homeostat.journal.JournalReader;
import org.homeostat.run.RunStore;
import org.homeostat.shadow.Divergence.Difference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A board's drift, a changed journal, a lost device: seen, and said in which exchange. */
class RegressionTest {

    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final String TWIN = "twin:resistor-array-v1";

    @TempDir
    Path home;

    private Path file;

    private Device open(String uri) {
        return new Catalog(new RunStore(home)).open(uri).device();
    }

    /** A board one of whose resistors conducts more than it is told to. */
    private record Drifted(Device held, int which, double by) implements Device {
        @Override
        public Descriptor descriptor() {
            return held.descriptor();
        }

        @Override
        public Response present(Stimulus stimulus, Deadline deadline) {
            if (!stimulus.levels().has(Role.PARAMETER)) {
                return held.present(stimulus, deadline);
            }
            double[] row = stimulus.levels().row(Role.PARAMETER);
            row[which] = Math.min(
                    row[which] * by,
                    descriptor().channels(Role.PARAMETER).get(which).max());
            return held.present(stimulus.with(stimulus.levels().and(Levels.of(Role.PARAMETER, row))), deadline);
        }

        @Override
        public void close() {
            held.close();
        }
    }

    /** Asks a device fifty things and writes them down. */
    @BeforeEach
    void record() throws IOException {
        file = home.resolve("journal");
        Random random = new Random(5);
        try (Device device = open(TWIN);
                Journal journal = Journal.create(file, device.descriptor())) {
            for (int k = 1; k <= 50; k++) {
                Levels levels = random(device.descriptor(), Role.INPUT, random)
                        .and(random(device.descriptor(), Role.PARAMETER, random));
                Stimulus asked = Stimulus.of(levels).settling(new Settling.Usual(4));
                journal.append(new Exchange(k, asked, device.present(asked, Deadline.in(LIMIT))));
            }
        }
    }

    private static Levels random(Descriptor card, Role role, Random random) {
        return Levels.of(
                role,
                card.channels(role).stream()
                        .mapToDouble(channel -> channel.min() + random.nextDouble(0.2, 0.8) * span(channel))
                        .toArray());
    }

    private static double span(Channel channel) {
        return channel.max() - channel.min();
    }

    private Regression again(Path journal, Device device, Tolerance tolerance) throws IOException {
        try (device;
                JournalReader reader = Journal.read(journal)) {
            return Regression.of(reader, device, tolerance, LIMIT, () -> false);
        }
    }

    @Test
    void anUnchangedTwinAnswersBitForBit() throws IOException {
        Regression regression = again(file, open(TWIN), Tolerance.EXACT);
        assertThat(regression.passed()).isTrue();
        assertThat(regression.sentence()).isEqualTo("all 50 exchanges are answered as they were, bit for bit");
        assertThat(Regression.usual(open(TWIN))).isEqualTo(Tolerance.EXACT);
    }

    @Test
    void oneResistorThatMovedByTwoPercentIsSeenEvenThroughTheNoise() throws IOException {
        for (int which : new int[] {0, 77, 155}) {
            Regression exact = again(file, new Drifted(open(TWIN), which, 1.02), Tolerance.EXACT);
            assertThat(exact.passed()).as("resistor %d", which).isFalse();
            assertThat(exact.divergence().first().exchange()).isLessThan(10);
        }
        // Another draw of the noise is no drift.
        Regression unmoved = again(file, new Drifted(open(TWIN), 0, 1), Tolerance.MEASURED);
        assertThat(unmoved.sentence()).contains("within what is allowed");
    }

    @Test
    void oneChangedExchangeIsFoundByItsNumber() throws IOException {
        Path changed = home.resolve("changed");
        List<Exchange> exchanges = new ArrayList<>();
        try (JournalReader reader = Journal.read(file)) {
            for (Exchange next = reader.next(); next != null; next = reader.next()) {
                exchanges.add(next);
            }
            try (Journal journal = Journal.create(changed, reader.descriptor())) {
                for (Exchange exchange : exchanges) {
                    journal.append(exchange.number() == 31 ? byOneStep(exchange, reader.descriptor()) : exchange);
                }
            }
        }
        Regression regression = again(changed, open(TWIN), Tolerance.EXACT);
        assertThat(regression.divergence().differing()).isEqualTo(1);
        assertThat(regression.sentence())
                .startsWith("1 of 50 exchanges are answered otherwise than they were; first exchange 31: ");
    }

    private static Exchange byOneStep(Exchange exchange, Descriptor card) {
        Response response = exchange.response();
        double[] outputs = response.outputs(0);
        outputs[1] += card.channels(Role.OUTPUT).get(1).resolution();
        return new Exchange(
                exchange.number(),
                exchange.stimulus(),
                response.with(response.levels().and(Levels.of(Role.OUTPUT, outputs))));
    }

    @Test
    void aDeviceThatFailsOrAUserWhoStopsEndsIt() throws IOException {
        Device device = open(TWIN);
        device.close();
        try (JournalReader reader = Journal.read(file)) {
            Regression regression = Regression.of(reader, device, Tolerance.EXACT, LIMIT, () -> false);
            assertThat(regression.passed()).isFalse();
            assertThat(regression.sentence())
                    .startsWith(
                            "after 0 exchanges answered as they were, exchange 1 was answered then, and failed now: ");
            assertThat(regression.lost().fault()).isEqualTo(Fault.DISCONNECTED);
        }
        try (JournalReader reader = Journal.read(file);
                Device stopped = open(TWIN)) {
            int[] asked = {0};
            Regression regression = Regression.of(reader, stopped, Tolerance.EXACT, LIMIT, () -> asked[0]++ == 7);
            assertThat(regression.sentence()).isEqualTo("after 7 exchanges answered as they were, it was stopped");
            assertThat(regression.passed()).isFalse();
        }
        try (JournalReader reader = Journal.read(file);
                Device other = open("twin:springs")) {
            assertThatThrownBy(() -> Regression.of(reader, other, Tolerance.EXACT, LIMIT, () -> false))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("cannot be asked the same");
        }
    }

    @Test
    void aShadowThatFailsIsSaidOnceAndTheWorkGoesOn() {
        List<String> told = new ArrayList<>();
        Device shadow = open(TWIN);
        Shadowed.Watcher watcher = new Shadowed.Watcher() {
            @Override
            public void diverged(Difference difference) {
                told.add(difference.words());
            }

            @Override
            public void lost(String why) {
                told.add(why);
            }
        };
        try (Shadowed shadowed = new Shadowed(open(TWIN), shadow, Tolerance.EXACT, watcher)) {
            Stimulus asked = shadowed.descriptor().safe();
            assertThat(shadowed.present(asked, Deadline.in(LIMIT))).isNotNull();
            assertThat(told).isEmpty();
            shadow.close();
            for (int k = 0; k < 3; k++) {
                assertThat(shadowed.presentAll(List.of(asked, asked), Deadline.in(LIMIT)))
                        .hasSize(2);
            }
            assertThat(told).hasSize(1);
            assertThat(told.getFirst())
                    .isEqualTo("the shadow resistor-array-v1 is asked no more after 1 exchanges, for it failed:"
                            + " twin resistor-array-v1 is closed; open it again");
        }
        try (Device one = open(TWIN);
                Shadowed drifted = new Shadowed(one, new Drifted(open(TWIN), 3, 1.02), Tolerance.EXACT, watcher)) {
            Random random = new Random(1);
            for (int k = 0; k < 20 && told.size() == 1; k++) {
                Levels levels = random(drifted.descriptor(), Role.INPUT, random)
                        .and(random(drifted.descriptor(), Role.PARAMETER, random));
                var unused = drifted.present(Stimulus.of(levels), Deadline.in(LIMIT));
            }
            assertThat(told).hasSize(2);
            assertThat(told.getLast()).contains(" was at ");
            assertThat(drifted.divergence().differing()).isEqualTo(1);
        }
        assertThatThrownBy(() -> shadow.present(Stimulus.of(Levels.NONE), Deadline.in(LIMIT)))
                .isInstanceOfSatisfying(
                        DeviceException.class, e -> assertThat(e.fault()).isEqualTo(Fault.DISCONNECTED));
    }
}
