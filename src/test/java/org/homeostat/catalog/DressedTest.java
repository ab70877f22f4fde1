package org.homeostat.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.data.Offset.offset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.homeostat.catalog.Catalog.Opened;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.journal.Journal;
import org.homeostat.learn.Cost;
import org.homeostat.learn.Learner;
import org.homeostat.run.BadInput;
import org.homeostat.run.RunStore;
import org.homeostat.run.Teaching;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a device wears, and what its journal holds. */
final class DressedTest {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    private Path journal() {
        return folder.resolve("journal");
    }

    private Opened open(String uri) {
        return new Catalog(new RunStore(folder)).open(uri);
    }

    private Dressed dressed(String uri, String learner, Path journal) {
        Opened opened = open(uri);
        return Dressed.of(opened.device(), learner(opened, learner), opened.teaching(), journal);
    }

    private static Learner learner(Opened opened, String name) {
        return Learners.of(name, opened.teaching(), new Cost.SquaredError(), 1);
    }

    /** Parameters drawn as a run draws them. */
    private Stimulus start(Device device, String uri) {
        Teaching teaching = new Catalog(new RunStore(folder)).teaching(uri);
        Random draw = new Random(1);
        double[] parameters = new double[device.descriptor().count(Role.PARAMETER)];
        for (int k = 0; k < parameters.length; k++) {
            Channel channel = device.descriptor().channels(Role.PARAMETER).get(k);
            double drawn = draw.nextDouble(teaching.startLowest(), teaching.startHighest());
            parameters[k] = Math.clamp(drawn, channel.min(), channel.max());
        }
        Stimulus safe = device.descriptor().safe();
        return safe.with(safe.levels().and(Levels.of(Role.PARAMETER, parameters)));
    }

    @ParameterizedTest
    @CsvSource({
        "twin:resistor-array-v1, aeqprop-centered, true",
        "twin:resistor-array-v1, spsa, false",
        "twin:resistor-compliant, aeqprop-optimistic, true",
        "twin:hopfield-compliant, hadamard, true"
    })
    void everyLearnerGetsADeviceItCanTeach(String uri, String name, boolean holds) {
        Opened opened = open(uri);
        Learner learner = learner(opened, name);
        try (Dressed dressed = Dressed.of(opened.device(), learner, opened.teaching(), null)) {
            learner.require(dressed.device().descriptor());
            assertThat(dressed.device().descriptor().can(Ability.HOMEOSTASIS)).isEqualTo(holds);
        }
    }

    @Test
    void whatWasSaidToTheHardwareIsWrittenDownAndCounted() throws IOException {
        try (Dressed dressed = dressed("twin:resistor-compliant", "aeqprop-centered", journal())) {
            var unused = dressed.device().present(start(dressed.device(), "twin:resistor-compliant"), Deadline.NEVER);
            // Holding takes several exchanges with the hardware.
            assertThat(dressed.exchanges()).isGreaterThan(1);
            try (var reader = Journal.read(journal())) {
                int written = 0;
                while (reader.next() != null) {
                    written++;
                }
                assertThat(written).isEqualTo((int) dressed.exchanges());
            }
        }
    }

    @Test
    void aJournalAppearsWholeAndWhatACrashLeftDoesNotMatter() throws IOException {
        Files.write(folder.resolve("journal.new"), new byte[] {'H', 'S'});

        try (Dressed dressed = dressed("twin:resistor-compliant", "aeqprop-centered", journal())) {
            var unused = dressed.device().present(start(dressed.device(), "twin:resistor-compliant"), Deadline.NEVER);
        }

        assertThat(folder.resolve("journal.new")).doesNotExist();
        try (Journal journal = Journal.open(journal())) {
            assertThat(journal.exchanges()).isPositive();
        }
    }

    @Test
    void theJournalOfAnotherDeviceIsRefused() {
        dressed("twin:resistor-compliant", "aeqprop-centered", journal()).close();

        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> dressed("twin:resistor-compliant?inputs=3", "aeqprop-centered", journal()))
                .withMessageStartingWith(journal() + ": it was written with another device (card ")
                .withMessageEndingWith("); open the device of that run");
    }

    @Test
    void aFileThatIsNoJournalIsRefused() throws IOException {
        Files.writeString(journal(), "dear diary, today I trained");

        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> dressed("twin:resistor-compliant", "aeqprop-centered", journal()))
                .withMessageStartingWith("journal " + journal() + ": ");
    }

    @ParameterizedTest
    @CsvSource({"twin:resistor-array-v1", "twin:resistor-compliant", "twin:hopfield-compliant"})
    void restLeavesTheDeviceAtItsSafeLevelsAndSaysNothingInTheJournal(String uri) {
        try (Dressed dressed = dressed(uri, "aeqprop-centered", journal())) {
            Device device = dressed.device();
            Device bare = dressed.bare();
            Descriptor card = bare.descriptor();
            double[] far = card.channels(Role.INPUT).stream()
                    .mapToDouble(channel -> channel.max() / 2)
                    .toArray();
            Stimulus away = start(device, uri).with(start(device, uri).levels().and(Levels.of(Role.INPUT, far)));
            double[] atFar = device.present(away, Deadline.NEVER).outputs(0);
            long exchanges = dressed.exchanges();

            dressed.rest(LIMIT);

            assertThat(dressed.exchanges()).isEqualTo(exchanges);
            // Channels that a stimulus does not mention keep their levels.
            Stimulus nothing =
                    Stimulus.of(Levels.NONE).when(card.can(Ability.COMPLIANCE) ? Plasticity.FREE : Plasticity.HELD);
            double[] left = bare.present(nothing, Deadline.NEVER).outputs(0);
            double[] safe = bare.present(nothing.with(card.safe().levels()), Deadline.NEVER)
                    .outputs(0);
            // Ten times the read noise of the one twin that has any, and far less than the inputs make.
            assertThat(left).containsExactly(safe, offset(5e-3));
            double most = 0;
            for (int k = 0; k < safe.length; k++) {
                most = Math.max(most, Math.abs(atFar[k] - safe[k]));
            }
            assertThat(most).isGreaterThan(20e-3);
        }
    }

    @Test
    void aRecordingIsLeftAlone() throws IOException {
        RunStore store = new RunStore(folder);
        Path run = Files.createDirectory(folder.resolve("run"));
        dressed("twin:resistor-compliant", "aeqprop-centered", run.resolve("journal"))
                .close();
        assertThat(store.list()).isEmpty();

        Opened opened = open("twin:resistor-compliant");
        Device recording = org.homeostat.journal.Replayed.open(run.resolve("journal"));
        try (Dressed dressed = Dressed.of(recording, learner(opened, "aeqprop-centered"), opened.teaching(), null)) {
            // It has no exchange to answer with: asked for anything, it would fail.
            dressed.rest(LIMIT);
            assertThat(dressed.exchanges()).isZero();
        }
    }
}
