package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.homeostat.journal.Exchange;
import org.homeostat.journal.Journal;
import org.homeostat.journal.JournalReader;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord;
import org.homeostat.run.RunRecord.Result;
import org.homeostat.run.RunRecord.Status;
import org.homeostat.run.RunStore;

/** A run that came to its end, as it is stored. */
record StoredRun(RunFolder folder, Result result) {

    /** The last run of a folder. */
    static StoredRun in(Path runs) {
        RunFolder folder = new RunStore(runs).list().getLast();
        RunRecord record = folder.record();
        assertThat(record.status()).isEqualTo(Status.DONE);
        return new StoredRun(folder, record.result());
    }

    /** Requires of this one the parameters, the scores and the exchanges of another, bit for bit. */
    void requireSameAs(StoredRun wanted) throws IOException {
        assertThat(result.train()).isEqualTo(wanted.result.train());
        assertThat(result.test()).isEqualTo(wanted.result.test());
        assertThat(result.exchanges()).isEqualTo(wanted.result.exchanges());
        assertThat(folder.parameters().orElseThrow())
                .containsExactly(wanted.folder.parameters().orElseThrow());
        try (JournalReader mine = Journal.read(folder.journal());
                JournalReader theirs = Journal.read(wanted.folder.journal())) {
            for (Exchange expected = theirs.next(); expected != null; expected = theirs.next()) {
                assertThat(mine.next()).isEqualTo(expected);
            }
            assertThat(mine.next()).isNull();
        }
    }
}
