package org.homeostat.app;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.homeostat.catalog.Catalog;
import org.homeostat.run.Experiment;
import org.homeostat.run.Limits;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunStore;

/** Runs that were stopped on their way. */
final class Interrupted {

    private Interrupted() {}

    /** An experiment on the session's clouds. */
    static Experiment clouds(Session session, String device, String learner, int epochs) throws IOException {
        return new Experiment(
                "clouds",
                device,
                learner,
                catalog(session).teaching(device),
                Experiment.Source.csv(session.clouds(40), "kind", null, List.of(), null),
                0.25,
                epochs,
                1,
                Limits.NONE);
    }

    static Catalog catalog(Session session) {
        return new Catalog(new RunStore(session.runs()));
    }

    /** A run of two epochs on 30 rows that was asked to stop after some steps. */
    static RunFolder after(int steps, Session session) throws IOException {
        return after(
                steps, session, clouds(session, "twin:resistor-array-v1", "aeqprop-centered", 2), Duration.ofHours(1));
    }

    static RunFolder after(int steps, Session session, Experiment experiment, Duration checkpointEvery) {
        try (Training training = Training.begin(experiment, catalog(session), new RunStore(session.runs()))) {
            var unused = training.run(null, stop(steps), checkpointEvery);
            return training.folder();
        }
    }

    /** Says yes once it was asked so many times. */
    static BooleanSupplier stop(int steps) {
        int[] asked = {0};
        return () -> asked[0]++ >= steps;
    }
}
