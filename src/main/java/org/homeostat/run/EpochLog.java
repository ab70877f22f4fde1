package org.homeostat.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.homeostat.learn.Step;

/** Keeps {@code epochs.csv}: one line an epoch. An epoch taught again after a crash replaces its line. */
public final class EpochLog implements Observer {

    private static final String HEADER = "epoch,loss,accuracy,rejected";

    private final Path file;

    public EpochLog(RunFolder folder) {
        file = folder.epochs();
    }

    @Override
    public void stepped(int epoch, int done, int rows, Step step) {
        // Steps are in the journal.
    }

    @Override
    public void epochEnded(Epoch epoch) {
        List<String> lines = new ArrayList<>();
        lines.add(HEADER);
        for (Epoch earlier : read()) {
            if (earlier.number() < epoch.number()) {
                lines.add(line(earlier));
            }
        }
        lines.add(line(epoch));
        try {
            Files.write(file, lines);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": the epoch could not be logged: " + e.getMessage(), e);
        }
    }

    private static String line(Epoch epoch) {
        return String.format(
                Locale.ROOT, "%d,%s,%s,%d", epoch.number(), epoch.loss(), epoch.accuracy(), epoch.rejected());
    }

    /** The epochs logged so far; a line cut short by a crash is passed over. */
    public List<Epoch> read() {
        List<Epoch> epochs = new ArrayList<>();
        if (!Files.exists(file)) {
            return epochs;
        }
        try {
            for (String line : Files.readAllLines(file)) {
                String[] cells = line.split(",", -1);
                if (cells.length == 4 && !line.equals(HEADER)) {
                    epochs.add(new Epoch(
                            Integer.parseInt(cells[0]),
                            Double.parseDouble(cells[1]),
                            Double.parseDouble(cells[2]),
                            Integer.parseInt(cells[3])));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": " + e.getMessage(), e);
        }
        return epochs;
    }
}
