package org.homeostat.app;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.homeostat.journal.Disk;
import org.homeostat.run.BadInput;
import org.jspecify.annotations.Nullable;

/**
 * Points of a sweep as a job array of Slurm: task {@code t} of {@code n} runs the points whose numbers leave the remainder
 * {@code t} when divided by {@code n}.
 *
 * @param name the name of the job
 * @param folder the folder of the sweep, where the script and the tasks' words go; absolute
 * @param tasks the numbers of the tasks to run, at least one
 * @param limit how many tasks may run at once; null for as many as Slurm gives
 * @param command the command that runs a task, but for the task's number, which is its last word
 * @see <a href="https://slurm.schedmd.com/job_array.html">Slurm's job arrays</a>
 * @see <a href="https://slurm.schedmd.com/sbatch.html">sbatch</a>
 */
record SlurmArray(
        String name,
        Path folder,
        SortedSet<Integer> tasks,
        @Nullable Integer limit,
        List<String> command) {

    /** Slurm's MaxArraySize is 1001 unless a cluster changes it, and a task's number is below it. */
    static final int MOST_TASKS = 1000;

    /** What Slurm reads otherwise than as it stands in the path of a folder. */
    private static final Pattern UNFIT = Pattern.compile("[\"'\\\\%\\p{Cntrl}]");

    /** The program that submits. */
    private static final String SBATCH = "sbatch";

    SlurmArray {
        if (UNFIT.matcher(folder.toString()).find()) {
            throw new BadInput(
                    folder + ": Slurm cannot work in a folder with quotes, % or \\ in its path; give another with"
                            + " --runs");
        }
    }

    /** The words that run this program's command with this Java and from where it is installed. */
    static List<String> program() {
        String classes = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(entry -> Path.of(entry).toAbsolutePath().normalize().toString())
                .collect(Collectors.joining(File.pathSeparator));
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-cp",
                classes,
                Main.class.getName());
    }

    /** The job script. */
    String script() {
        return """
                #!/bin/bash
                #SBATCH --job-name=%s
                #SBATCH --array=%s%s
                #SBATCH --ntasks=1
                #SBATCH --cpus-per-task=1
                #SBATCH --requeue
                #SBATCH --signal=B:USR1@60
                #SBATCH --open-mode=append
                #SBATCH --chdir=%s
                #SBATCH --output=task-%%a.txt

                # A task that is begun anew goes on from the last checkpoints of its runs.
                %s "$SLURM_ARRAY_TASK_ID" &
                run=$!

                # A minute before the time limit: a checkpoint, and back into the queue.
                trap 'signalled=1; requeue=1; kill -TERM "$run"' USR1
                trap 'signalled=1; kill -TERM "$run"' INT TERM

                # A signal ends the wait, not the run.
                signalled=1
                while [ -n "$signalled" ]; do
                    signalled=
                    wait "$run"
                    code=$?
                done

                if [ -n "${requeue:-}" ] && [ "$code" -ge 128 ]; then
                    scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
                fi
                exit "$code"
                """.formatted(
                        name,
                        ranges(),
                        limit == null ? "" : "%" + limit,
                        '"' + folder.toString() + '"',
                        command.stream()
                                .map(word -> "'" + word.replace("'", "'\\''") + "'")
                                .collect(Collectors.joining(" ")));
    }

    /** The tasks as Slurm writes them, such as {@code 0-3,7}. */
    private String ranges() {
        List<String> ranges = new ArrayList<>();
        int first = tasks.first();
        int last = first;
        for (int task : tasks) {
            if (task > last + 1) {
                ranges.add(range(first, last));
                first = task;
            }
            last = task;
        }
        ranges.add(range(first, last));
        return String.join(",", ranges);
    }

    private static String range(int first, int last) {
        return first == last ? String.valueOf(first) : first + "-" + last;
    }

    /** Writes the script into the folder and returns where it is. */
    Path write() {
        Path file = folder.resolve(name + ".slurm");
        try {
            Files.createDirectories(folder);
            Disk.replace(file, script().getBytes(StandardCharsets.UTF_8));
            return file;
        } catch (IOException e) {
            throw new BadInput(
                    folder + ": the job script cannot be written there (" + e + "); give another folder with --runs",
                    e);
        }
    }

    /** Told the number of a job once Slurm has it. */
    interface Submitted {
        void as(String job);
    }

    /**
     * Hands a script to Slurm.
     *
     * @param wait whether to return only when all tasks have ended
     * @throws BadInput if there is no Slurm here
     */
    static void submit(Path script, boolean wait, Submitted submitted) {
        List<String> words = new ArrayList<>(List.of(SBATCH, "--parsable"));
        if (wait) {
            words.add("--wait");
        }
        words.add(script.toString());
        Process sbatch;
        try {
            sbatch = new ProcessBuilder(words).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new BadInput(
                    "there is no program sbatch here; run this on a machine of a Slurm cluster, write the job script alone"
                            + " with --script, or leave out --slurm to use this machine's cores",
                    e);
        }
        List<String> said = new ArrayList<>();
        boolean accepted = false;
        try (var lines = sbatch.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!accepted && line.matches("\\d+(;.*)?")) {
                    accepted = true;
                    submitted.as(line.replaceFirst(";.*", ""));
                } else {
                    said.add(line);
                }
            }
            int code = sbatch.waitFor();
            // Waiting, it ends with the worst code of the tasks, which are looked at one by one.
            if (!accepted) {
                throw new IllegalStateException("sbatch did not take the job (exit code " + code + "): "
                        + String.join("; ", said) + "; the script is " + script
                        + ", and fewer tasks are made with --tasks");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("sbatch could not be followed: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
