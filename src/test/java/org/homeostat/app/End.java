package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.homeostat.journal.Exchange;
import org.homeostat.journal.Journal;
import org.homeostat.journal.JournalReader;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord;
import org.homeostat.run.RunRecord.Result;
import org.homeostat.run.RunRecord.Status;

/** What a run ended with, time aside. */
record End(double[] parameters, Result result, List<Exchange> journal, String epochs) {

    static End of(RunFolder run) throws IOException {
        RunRecord record = run.record();
        assertThat(record.status()).isEqualTo(Status.DONE);
        Result r = record.result();
        return new End(
                run.parameters().orElseThrow(),
                new Result(r.epochs(), r.exchanges(), 0, r.parameters(), r.train(), r.test(), r.linear()),
                exchanges(run.journal()),
                Files.readString(run.path().resolve("epochs.csv")));
    }

    private static List<Exchange> exchanges(Path journal) throws IOException {
        List<Exchange> all = new ArrayList<>();
        try (JournalReader reader = Journal.read(journal)) {
            for (Exchange exchange = reader.next(); exchange != null; exchange = reader.next()) {
                all.add(exchange);
            }
            assertThat(reader.torn()).isFalse();
        }
        return all;
    }

    /** Requires another run to have ended the same, bit for bit. */
    void same(End other) {
        assertThat(Arrays.equals(parameters, other.parameters)).as("parameters").isTrue();
        assertThat(other.result).isEqualTo(result);
        assertThat(other.epochs).isEqualTo(epochs);
        assertThat(other.journal).hasSameSizeAs(journal);
        for (int i = 0; i < journal.size(); i++) {
            assertThat(other.journal.get(i).equals(journal.get(i)))
                    .as("exchange %s", i + 1)
                    .isTrue();
        }
    }
}
