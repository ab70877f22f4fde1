package org.homeostat.app;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.homeostat.catalog.SweepFile;
import org.homeostat.run.BadInput;
import org.homeostat.run.Claims;
import org.homeostat.run.RunStore;
import org.homeostat.run.Sweep;
import org.homeostat.run.Sweep.Point;
import org.homeostat.run.Sweep.Standing;
import org.homeostat.run.Sweep.State;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "sweep",
        sortOptions = false,
        description = "Teaches a twin at many points: a grid, random draws, or both.",
        footer = {
            "",
            "A sweep begun again goes on with what is not done.",
            "",
            "Examples:",
            "  homeostat sweep sim/experiments/sweep-two-moons.yaml",
            "  homeostat sweep FILE --slurm --wait",
            "  homeostat sweep FILE --gather --output table.csv"
        })
final class SweepCommand implements Callable<Integer> {

    @Mixin
    Shared shared;

    @Parameters(index = "0", paramLabel = "FILE", description = "A sweep file (YAML); its keys are in sim/README.md.")
    Path file;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            description = "How many points at once (default: one a processor; with --slurm: as many as Slurm gives).")
    @Nullable
    Integer jobs;

    @Option(names = "--output", paramLabel = "CSV", description = "Writes the table to a file as well, a line a point.")
    @Nullable
    Path output;

    @Option(names = "--gather", description = "Runs nothing, and shows what the runs have come to so far.")
    boolean gather;

    @Option(names = "--slurm", description = "Submits the points that are not done as a job array of Slurm.")
    boolean slurm;

    @Option(names = "--wait", description = "With --slurm: waits for the job, and shows what came out.")
    boolean wait;

    @Option(names = "--script", description = "Writes the job script that --slurm submits, and submits nothing.")
    boolean script;

    @Option(
            names = "--tasks",
            paramLabel = "N",
            description = "Into how many tasks the job is divided (default: one a point, at most "
                    + SlurmArray.MOST_TASKS + ").")
    @Nullable
    Integer tasks;

    @Option(
            names = "--task",
            paramLabel = "I",
            description = "Runs the points of one task alone, as the job script does.")
    @Nullable
    Integer task;

    @Override
    public Integer call() {
        check();
        Sweep sweep = SweepFile.read(file, shared.catalog());
        Path folder = sweep.folder(shared.runs);
        RunStore store = new RunStore(folder);
        int divided = divided(sweep);
        List<Point> mine = sweep.points().stream()
                .filter(point -> task == null || point.number() % divided == task)
                .toList();
        // Before anything is done, so that runs of two kinds are never mixed.
        List<Standing> before = standings(sweep, mine, store);
        if (gather) {
            return told(sweep, before, folder);
        }
        if (!slurm && !script) {
            return taught(sweep, before, store, folder);
        }
        TreeSet<Integer> open = before.stream()
                .filter(SweepCommand::open)
                .map(one -> one.point().number() % divided)
                .collect(Collectors.toCollection(TreeSet::new));
        if (open.isEmpty()) {
            shared.say("All points are at their end: there is nothing to submit.");
            return told(sweep, before, folder);
        }
        return array(sweep, open, divided, folder, store);
    }

    private void check() {
        if (Stream.of(gather, slurm, script, task != null).filter(one -> one).count() > 1) {
            throw new BadInput("give one of --gather, --slurm, --script and --task, not several");
        }
        if (wait && !slurm) {
            throw new BadInput("--wait waits for a job: it goes with --slurm");
        }
        if (tasks != null && !slurm && !script && task == null) {
            throw new BadInput("--tasks divides a job: it goes with --slurm, --script or --task");
        }
        if (jobs != null && jobs < 1) {
            throw new BadInput("--jobs: expected 1 or more, not " + jobs);
        }
        if (tasks != null && tasks < 1) {
            throw new BadInput("--tasks: expected 1 or more, not " + tasks);
        }
    }

    private int divided(Sweep sweep) {
        int points = sweep.points().size();
        int divided = Math.min(points, tasks == null ? SlurmArray.MOST_TASKS : tasks);
        if (task != null && !(task >= 0 && task < divided)) {
            throw new BadInput("--task: expected 0 to " + (divided - 1) + ", not " + task);
        }
        return divided;
    }

    /** True for a point that is not at its end. */
    private static boolean open(Standing one) {
        return one.state() != State.DONE && one.state() != State.FAILED;
    }

    private static List<Standing> standings(Sweep sweep, List<Point> points, RunStore store) {
        return points.stream().map(point -> sweep.standing(point, store)).toList();
    }

    private int taught(Sweep sweep, List<Standing> before, RunStore store, Path folder) {
        List<Point> mine = before.stream().map(Standing::point).toList();
        int usual = task == null ? Runtime.getRuntime().availableProcessors() : 1;
        int atOnce = jobs == null ? usual : jobs;
        long open = before.stream().filter(SweepCommand::open).count();
        if (open > 0) {
            shared.say("Teaching " + open + " of " + mine.size() + " points, at most " + atOnce + " at once.");
        }
        try (Interrupt interrupt = new Interrupt();
                Claims claims = Claims.in(folder)) {
            Map<Point, String> troubles = new SweepRuns(sweep, store, shared.catalog(), shared::say)
                    .teach(mine, atOnce, claims, interrupt::requested);
            List<Standing> after = new ArrayList<>();
            for (Standing one : standings(sweep, mine, store)) {
                String trouble = troubles.get(one.point());
                after.add(trouble == null ? one : new Standing(one.point(), State.FAILED, trouble, one.record()));
            }
            int code = told(sweep, after, folder);
            if (interrupt.requested()) {
                shared.say("Stopped; what was begun has a checkpoint. Go on with: homeostat sweep " + file + " --runs "
                        + shared.runs);
                return Main.INTERRUPTED;
            }
            return code;
        }
    }

    private int array(Sweep sweep, TreeSet<Integer> open, int divided, Path folder, RunStore store) {
        List<String> command = new ArrayList<>(SlurmArray.program());
        command.addAll(List.of(
                "sweep",
                file.toAbsolutePath().normalize().toString(),
                "--runs",
                shared.runs.toAbsolutePath().normalize().toString(),
                "--tasks",
                String.valueOf(divided),
                "--task"));
        Path written = new SlurmArray(sweep.name(), folder.toAbsolutePath().normalize(), open, jobs, command).write();
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("sweep", sweep.name());
        object.put("points", sweep.points().size());
        object.put("tasks", open.size());
        object.put("script", written.toString());
        if (script) {
            shared.print(object, List.of(written.toString()));
            return Main.DONE;
        }
        SlurmArray.submit(written, wait, job -> {
            object.put("job", job);
            shared.say("Submitted as job " + job + ", " + open.size() + (open.size() == 1 ? " task" : " tasks")
                    + "; their words are in " + folder.resolve("task-*.txt")
                    + ". See what came out with: homeostat sweep " + file + " --gather --runs " + shared.runs);
        });
        if (wait) {
            List<Standing> after = standings(sweep, sweep.points(), store);
            int code = told(sweep, after, folder);
            long left = after.stream().filter(SweepCommand::open).count();
            if (left > 0) {
                shared.complain("the job has ended, but " + left + (left == 1 ? " point has" : " points have")
                        + " not; see " + folder.resolve("task-*.txt") + ", then submit the rest by the same command");
            }
            return left > 0 ? Main.FAILED : code;
        }
        shared.print(object, List.of(String.valueOf(object.get("job"))));
        return Main.DONE;
    }

    /** Prints the table and what failed. */
    private int told(Sweep sweep, List<Standing> standings, Path folder) {
        SweepTable table = new SweepTable(sweep, standings);
        if (output != null) {
            table.write(output);
        }
        shared.print(table.json(), table.lines(folder));
        table.failed().forEach(one -> shared.complain(one.point().name() + " failed: " + one.remark()));
        return table.failed().isEmpty() ? Main.DONE : Main.FAILED;
    }
}
