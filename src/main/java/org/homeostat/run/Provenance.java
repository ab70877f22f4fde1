package org.homeostat.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a run came from, beyond what its record says of the data, the card of the device and this program's version: what has
 * to be the same for it to come out the same, and what to look at first where it does not.
 *
 * @param commit the commit that this program was built from, with {@code -dirty} behind it where files had been changed;
 *     empty where the build did not know
 * @param firmware what answered inside the device
 * @param configurationDigest the fingerprint of the experiment without its name and its seed: runs of one fingerprint differ
 *     in nothing but the seed
 * @param calibrationDigest the fingerprint of the calibration that the device wore; null where it wore none
 * @param files fingerprints of all files that the URI of the device names, by option and path
 * @param jvm who made the Java that ran it
 * @param processors how many processors it had
 */
public record Provenance(
        String commit,
        String firmware,
        String configurationDigest,
        @Nullable String calibrationDigest,
        Map<String, String> files,
        String jvm,
        int processors) {

    private static final int DIGEST_BYTES = 8;

    public Provenance {
        files = Map.copyOf(files);
    }

    /**
     * Of a run that begins now, on this Java.
     *
     * @param options the options of the device's URI; those whose value is a file are fingerprinted
     */
    public static Provenance of(String commit, String firmware, Experiment experiment, Map<String, String> options) {
        Map<String, String> files = new TreeMap<>();
        String calibration = null;
        for (Map.Entry<String, String> option : options.entrySet()) {
            Path file = Path.of(option.getValue());
            if (Files.isRegularFile(file)) {
                String digest = digest(file);
                files.put(option.getKey() + " " + option.getValue(), digest);
                calibration = option.getKey().startsWith("calibration") ? joined(calibration, digest) : calibration;
            }
        }
        return new Provenance(
                commit,
                firmware,
                configuration(experiment),
                calibration,
                files,
                System.getProperty("java.vm.vendor") + ", " + System.getProperty("java.vm.name"),
                Runtime.getRuntime().availableProcessors());
    }

    private static String joined(@Nullable String before, String digest) {
        return before == null ? digest : before + "-" + digest;
    }

    private static String configuration(Experiment experiment) {
        Experiment unnamed = new Experiment(
                "",
                experiment.device(),
                experiment.learner(),
                experiment.teaching(),
                experiment.data(),
                experiment.testPart(),
                experiment.epochs(),
                0,
                experiment.limits(),
                experiment.journal());
        return digest(RunFolder.bytes(unnamed));
    }

    private static String digest(Path file) {
        try {
            return digest(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new BadInput(
                    file + ": the device's URI names this file, which cannot be read: "
                            + Objects.requireNonNullElse(e.getMessage(), e.toString()) + "; make it readable",
                    e);
        }
    }

    private static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes), 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }
}
