package org.homeostat.run;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.homeostat.journal.Disk;

/** A folder of runs. */
public final class RunStore {

    /** To the millisecond, so that names in order are runs in order. */
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final Pattern STAMPED = Pattern.compile("\\d{8}-\\d{6}-\\d{3}-.*");

    /** No clock that was set since it had power shows less. */
    private static final Instant EARLIEST = Instant.parse("2020-01-01T00:00:00Z");

    /** So far the clocks of machines may be apart that share a folder; and a run that is begun may be overtaken by another. */
    private static final Duration SKEW = Duration.ofSeconds(10);

    private final Path folder;
    private final Consumer<String> say;

    public RunStore(Path folder) {
        this(folder, unheard -> {});
    }

    /**
     * @param say told one sentence when a run is begun by a clock that cannot be right
     */
    public RunStore(Path folder, Consumer<String> say) {
        this.folder = folder;
        this.say = say;
    }

    /**
     * Why the clock by which runs are named cannot be right, or could not be when the newest of them was begun: in words that
     * follow what the clock shows; empty if nothing speaks against it.
     *
     * @param now what the clock shows
     */
    public Optional<String> doubt(Instant now) {
        if (now.isBefore(EARLIEST)) {
            return Optional.of("which is long past");
        }
        String stamp = STAMP.format(now.plus(SKEW));
        try {
            List<RunFolder> later = list(name -> STAMPED.matcher(name).matches() && name.compareTo(stamp) > 0);
            return later.isEmpty()
                    ? Optional.empty()
                    : Optional.of("but run " + later.getLast().name() + " in " + folder + " was begun later");
        } catch (BadInput unlisted) {
            // Whoever wants to know what is in there is told; it says nothing of the clock.
            return Optional.empty();
        }
    }

    /** Makes a folder for a new run, named after the moment and the experiment. */
    public RunFolder create(String experiment, Instant now) {
        doubt(now)
                .ifPresent(doubt -> say.accept("the clock of this computer shows " + now.truncatedTo(ChronoUnit.SECONDS)
                        + ", " + doubt
                        + ", so that the names of new runs are out of order and 'latest' may mean another one; likely"
                        + " the clock was not set since the computer was switched on, or was ahead before: set it with 'sudo timedatectl"
                        + " set-ntp true', and until then name runs in full"));
        String words = experiment
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("^-|-$", "");
        String stem = STAMP.format(now) + "-" + (words.isEmpty() ? "run" : words);
        try {
            Files.createDirectories(folder);
            for (int attempt = 1; ; attempt++) {
                Path path = folder.resolve(attempt == 1 ? stem : stem + "-" + attempt);
                try {
                    return new RunFolder(Files.createDirectory(path));
                } catch (FileAlreadyExistsException taken) {
                    // Another run began in the same millisecond: try the next number.
                }
            }
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    /**
     * The folder for a run whose name is known beforehand, made unless it is there; one that was killed before its record was
     * written is taken over.
     */
    public RunFolder named(String name) {
        try {
            return new RunFolder(Files.createDirectories(folder.resolve(name)));
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    /** The run of exactly this name, if it has a record. */
    public Optional<RunFolder> begun(String name) {
        Path path = folder.resolve(name);
        return Files.exists(path.resolve("run.json")) ? Optional.of(new RunFolder(path)) : Optional.empty();
    }

    private BadInput unusable(IOException e) {
        // What has a class of its own is no matter of room.
        boolean ofTheDisk = e.getClass() == FileSystemException.class;
        return new BadInput(
                folder + ": a run cannot be stored there (" + Disk.why(e) + ")"
                        + (ofTheDisk ? "; " + Disk.room(folder) + ", or " : "; ")
                        + "give another folder with --runs",
                e);
    }

    /**
     * The catalogue of all runs, which only those who list runs write.
     *
     * @param say told one sentence when it had to be made anew, or could not be used
     */
    public RunCatalogue catalogue(Consumer<String> say) {
        return new RunCatalogue(this, folder, say);
    }

    /** All runs, oldest first. */
    public List<RunFolder> list() {
        return list(name -> true);
    }

    /** Those of such names; no other folder is looked into. */
    private List<RunFolder> list(Predicate<String> such) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.filter(path -> such.test(path.getFileName().toString()))
                    .filter(path -> Files.exists(path.resolve("run.json")))
                    .sorted(Comparator.comparing(Path::getFileName))
                    .map(RunFolder::new)
                    .toList();
        } catch (IOException e) {
            throw new BadInput(folder + ": the runs cannot be listed: " + e.getMessage(), e);
        }
    }

    /**
     * Finds a run by its name, by the beginning of it, by {@code latest}, or by the path of its folder.
     *
     * @throws BadInput if there is none, or more than one
     */
    public RunFolder find(String name) {
        if (Files.exists(Path.of(name).resolve("run.json"))) {
            return new RunFolder(Path.of(name));
        }
        List<RunFolder> all = list();
        if (all.isEmpty() && !killedAtOnce(name)) {
            throw new BadInput(folder + ": there are no runs here; train one first, or say where with --runs");
        }
        if (name.equals("latest") && !all.isEmpty()) {
            return all.getLast();
        }
        List<RunFolder> fitting =
                all.stream().filter(run -> run.name().startsWith(name)).toList();
        for (RunFolder run : fitting) {
            if (run.name().equals(name)) {
                return run;
            }
        }
        if (fitting.size() == 1) {
            return fitting.getFirst();
        }
        if (fitting.isEmpty() && killedAtOnce(name)) {
            throw new BadInput(folder.resolve(name) + ": this run was stopped before it began, so that there is nothing"
                    + " to take up; train a new one");
        }
        throw new BadInput(
                fitting.isEmpty()
                        ? folder + ": there is no run '" + name + "'; see 'runs list'"
                        : folder + ": '" + name + "' may mean " + fitting.size() + " runs, the first "
                                + fitting.getFirst().name() + "; give more of the name");
    }

    /** True for a run's folder that does not even hold a record. */
    private boolean killedAtOnce(String name) {
        return !name.isBlank() && Files.isDirectory(folder.resolve(name));
    }
}
