package org.homeostat.app;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.homeostat.catalog.Catalog;
import org.homeostat.run.BadInput;
import org.homeostat.run.Provenance.Changed;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "replay",
        sortOptions = false,
        description = "Runs the learner of a finished run again, its device answered from the journal, and compares.")
final class Replay implements Callable<Integer> {

    @Mixin
    Shared shared;

    @Parameters(index = "0", paramLabel = "RUN", description = "A run: its name, the beginning of it, or 'latest'.")
    String run;

    @Override
    public Integer call() {
        Catalog catalog = shared.catalog();
        RunFolder folder = shared.store().find(run);
        RunRecord stored = folder.record();
        if (stored.result() == null) {
            throw new BadInput(
                    "run " + folder.name() + " is not done; take it up with 'train --resume " + folder.name() + "'");
        }
        for (Changed changed : Training.changed(stored)) {
            // The journal answers for the specimen; but it holds what the board said, not what its calibration made of
            // that.
            if (changed.what().equals("calibration")) {
                throw new BadInput("run " + stored.run() + ": " + changed
                        + ", so that the learner would not ask what the journal answers; bring the old file back");
            }
        }
        Rerun rerun = Rerun.of(folder, stored, catalog);
        boolean same = rerun.sameParameters() && rerun.sameScores();
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("run", stored.run());
        object.put("exchanges", rerun.exchanges());
        object.put("sameParameters", rerun.sameParameters());
        object.put("sameScores", rerun.sameScores());
        List<String> lines = new ArrayList<>();
        lines.add("run " + stored.run() + ": " + rerun.exchanges() + " exchanges answered from the journal");
        lines.add(
                same
                        ? "  parameters and scores are the stored ones, bit for bit"
                        : "  the result differs from the stored one: the program has changed since");
        shared.print(object, lines);
        return same ? Main.DONE : Main.FAILED;
    }
}
