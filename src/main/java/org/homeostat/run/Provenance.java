package org.homeostat.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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
 * @param files fingerprints of all files that the URI of the device names, by option and path, but for secrets
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

    /** Options that name what the device's answers go through: with another file the same device answers otherwise. */
    private static final Set<String> ANSWERED_THROUGH = Set.of("calibration", "specimen");

    /** From the fingerprint of a short password the password could be guessed. */
    private static final Set<String> SECRET = Set.of("password", "key");

    public Provenance {
        files = Map.copyOf(files);
    }

    /**
     * A file that is not what it was.
     *
     * @param what the option that names it: calibration or specimen
     * @param before its fingerprint when the run began
     * @param now its fingerprint now
     */
    public record Changed(String what, String file, String before, String now) {

        @Override
        public String toString() {
            return "its " + what + " " + file + " has changed since it began (fingerprint " + before + " then, " + now
                    + " now)";
        }
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
            if (!SECRET.contains(kind(option.getKey())) && Files.isRegularFile(file)) {
                String digest = digest(file);
                files.put(option.getKey() + " " + option.getValue(), digest);
                calibration = kind(option.getKey()).equals("calibration") ? joined(calibration, digest) : calibration;
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

    /** An option without the number that it has where there are several devices. */
    private static String kind(String option) {
        return option.replaceFirst("-\\d+$", "");
    }

    /**
     * Which files that the device's answers go through are no longer what they were. Those that are gone are left out: whoever
     * opens the device says so.
     *
     * @param options as they were given to {@link #of}
     */
    public List<Changed> changed(Map<String, String> options) {
        List<Changed> all = new ArrayList<>();
        new TreeMap<>(options).forEach((option, name) -> {
            String before = files.get(option + " " + name);
            Path file = Path.of(name);
            if (before != null && ANSWERED_THROUGH.contains(kind(option)) && Files.isRegularFile(file)) {
                String now = digest(file);
                if (!now.equals(before)) {
                    all.add(new Changed(kind(option), name, before, now));
                }
            }
        });
        return all;
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
