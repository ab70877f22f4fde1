package org.homeostat.export;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.homeostat.device.Role;
import org.homeostat.run.Observer.Epoch;
import org.homeostat.run.RunRecord;
import org.jspecify.annotations.Nullable;

/**
 * What is exported of a run.
 *
 * @param record what is known of the run
 * @param json the same as JSON, on one line
 * @param epochs its epochs so far
 * @param recording its journal; null where it kept none, or nothing of it was asked for
 * @param parts what was asked for
 */
record Source(
        RunRecord record,
        String json,
        List<Epoch> epochs,
        @Nullable Recording recording,
        Set<Part> parts) {

    boolean has(Part part) {
        return parts.contains(part)
                && (part == Part.EPOCHS
                        || recording != null
                                && (part == Part.EXCHANGES || recording.card().count(Role.PARAMETER) > 0));
    }

    /** The journal, where something of it is exported. */
    Recording journal() {
        return Objects.requireNonNull(recording);
    }
}
