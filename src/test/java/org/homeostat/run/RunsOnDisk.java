package org.homeostat.run;

import java.util.List;
import org.homeostat.device.Nudge;
import org.homeostat.run.RunRecord.Result;
import org.homeostat.run.RunRecord.Status;
import org.jspecify.annotations.Nullable;

/** Records of runs that never took place. */
public final class RunsOnDisk {

    private RunsOnDisk() {}

    public static Teaching teaching() {
        return new Teaching(
                2,
                Teaching.CostKind.CROSS_ENTROPY,
                0.3,
                0.05,
                Nudge.Kind.FORCE,
                0.5,
                1e-5,
                1,
                0.97,
                Teaching.Motion.ONE_STEP,
                1,
                0,
                0.01,
                1e-5,
                1e-4,
                0.05,
                4,
                0.01,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                Teaching.Scaling.STANDARDISED,
                1,
                null,
                null,
                null,
                null,
                null);
    }

    public static RunRecord record(String name, Status status, @Nullable Result result) {
        return new RunRecord(
                RunRecord.FORMAT,
                name,
                status,
                "",
                "2026-01-02T03:04:05.678Z",
                new Experiment(
                        "moons",
                        "twin:x",
                        "spsa",
                        teaching(),
                        Experiment.Source.moons(40, 0.1),
                        0.25,
                        3,
                        7,
                        Limits.NONE),
                new Encoding(
                        List.of("x", "y"),
                        new double[] {0.1, 1e-300},
                        new double[] {1, 2},
                        2,
                        List.of("upper", "lower"),
                        1,
                        0,
                        new double[] {0},
                        new double[] {1},
                        0),
                "card",
                "0123456789abcdef",
                "data",
                "1.0",
                "25",
                "Linux",
                null,
                result);
    }

    public static Result result() {
        return new Result(3, 100, 0.5, 2, new Score(0.1, 0.9, 30), new Score(0.2, 0.8, 10), 0.7);
    }
}
