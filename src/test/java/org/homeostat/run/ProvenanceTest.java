package org.homeostat.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.homeostat.run.RunRecord.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProvenanceTest {

    @TempDir
    Path place;

    private static Experiment experiment(String name, long seed, double testPart) {
        return new Experiment(
                name,
                "twin:x",
                "spsa",
                RunsOnDisk.teaching(),
                Experiment.Source.moons(40, 0.1),
                testPart,
                3,
                seed,
                null);
    }

    private static String configuration(Experiment experiment) {
        return Provenance.of("", "", experiment, Map.of()).configurationDigest();
    }

    @Test
    void runsOfOneConfigurationDifferInNameAndSeedAlone() {
        String digest = configuration(experiment("a", 1, 0.25));
        assertThat(digest).matches("[0-9a-f]{16}");
        assertThat(configuration(experiment("b", 2, 0.25))).isEqualTo(digest);
        assertThat(configuration(experiment("a", 1, 0.26))).isNotEqualTo(digest);
    }

    @Test
    void filesThatTheUriNamesAreFingerprinted() throws IOException {
        Path calibration = Files.writeString(place.resolve("seven.yaml"), "gain: 1");
        Map<String, String> options = Map.of("calibration", calibration.toString(), "seed", "7");
        Provenance first = Provenance.of("abc", "fw", experiment("a", 1, 0), options);
        assertThat(first.files()).containsOnlyKeys("calibration " + calibration);
        assertThat(first.calibrationDigest()).isNotNull().isIn(first.files().values());

        Files.writeString(calibration, "gain: 2");
        assertThat(Provenance.of("abc", "fw", experiment("a", 1, 0), options).calibrationDigest())
                .isNotEqualTo(first.calibrationDigest());
        assertThat(Provenance.of("", "", experiment("a", 1, 0), Map.of()).calibrationDigest())
                .isNull();
    }

    @Test
    void whatHasChangedSinceIsToldWithBothFingerprints() throws IOException {
        Path calibration = Files.writeString(place.resolve("seven.yaml"), "gain: 1");
        Path authority = Files.writeString(place.resolve("ca.crt"), "old");
        Map<String, String> options = Map.of("calibration", calibration.toString(), "ca", authority.toString());
        Provenance from = Provenance.of("abc", "fw", experiment("a", 1, 0), options);
        assertThat(from.changed(options)).isEmpty();

        // Certificates are renewed, and the device answers as before.
        Files.writeString(authority, "new");
        assertThat(from.changed(options)).isEmpty();

        Files.writeString(calibration, "gain: 2");
        Provenance now = Provenance.of("abc", "fw", experiment("a", 1, 0), options);
        assertThat(from.changed(options)).singleElement().satisfies(changed -> {
            assertThat(changed.what()).isEqualTo("calibration");
            assertThat(changed.before()).isEqualTo(from.calibrationDigest());
            assertThat(changed.now()).isEqualTo(now.calibrationDigest()).isNotEqualTo(changed.before());
        });

        // Whoever opens the device says that it is gone.
        Files.delete(calibration);
        assertThat(from.changed(options)).isEmpty();
    }

    @Test
    void ofSeveralSpecimensTheOneThatChangedIsNamed() throws IOException {
        Path one = Files.writeString(place.resolve("one.yaml"), "1");
        Path two = Files.writeString(place.resolve("two.yaml"), "2");
        Map<String, String> options = Map.of("specimen-1", one.toString(), "specimen-2", two.toString());
        Provenance from = Provenance.of("", "", experiment("a", 1, 0), options);

        Files.writeString(two, "3");

        assertThat(from.changed(options))
                .singleElement()
                .asString()
                .startsWith("its specimen " + two + " has changed since it began (fingerprint ");
    }

    @Test
    void noFingerprintGivesASecretAway() throws IOException {
        Path secret = Files.writeString(place.resolve("secret"), "right");
        assertThat(Provenance.of(
                                "",
                                "",
                                experiment("a", 1, 0),
                                Map.of("password", secret.toString(), "key-2", secret + ""))
                        .files())
                .isEmpty();
    }

    @Test
    void itIsStoredAndReadBackAndOldRunsHaveNone() throws IOException {
        RunRecord old = RunsOnDisk.record("r", Status.DONE, RunsOnDisk.result());
        Provenance from = Provenance.of("abc-dirty", "fw 2", old.experiment(), Map.of());
        RunRecord fresh = new RunRecord(
                old.format(),
                old.run(),
                old.status(),
                old.remark(),
                old.created(),
                old.experiment(),
                old.encoding(),
                old.board(),
                old.descriptorDigest(),
                old.dataDigest(),
                old.version(),
                old.jdk(),
                old.os(),
                from,
                old.result());
        RunFolder folder = new RunFolder(Files.createDirectory(place.resolve("r")));
        folder.write(fresh);
        assertThat(folder.record().provenance()).isEqualTo(from);

        Path file = folder.path().resolve("run.json");
        String text = Files.readString(file);
        Files.writeString(file, text.replaceAll("(?s)\"provenance\" : \\{.*?\\n  },\\s*", ""));
        assertThat(Files.readString(file)).doesNotContain("provenance");
        assertThat(folder.record().provenance()).isNull();
        assertThat(folder.record().version()).isEqualTo("1.0");
    }
}
