package org.homeostat.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.homeostat.journal.Disk;
import org.homeostat.learn.Step;
import org.jspecify.annotations.Nullable;

/** Keeps {@code epochs.csv}: one line an epoch. An epoch taught again after a crash replaces its line. */
public final class EpochLog implements Observer {

    private static final String HEADER = "epoch,loss,accuracy,rejected";

    private static final String NUMBER = "NaN|-?Infinity|-?\\d+(?:\\.\\d+)?(?:E-?\\d+)?";

    private static final Pattern LINE = Pattern.compile("(\\d{1,9}),(" + NUMBER + "),(" + NUMBER + "),(\\d{1,9})");

    private final Path file;

    /** The epochs of the file once one was added; only this log writes it then. */
    private @Nullable List<Epoch> known;

    public EpochLog(RunFolder folder) {
        file = folder.epochs();
    }

    @Override
    public void stepped(int epoch, int done, int rows, Step step) {
        // Steps are in the journal.
    }

    @Override
    public void epochEnded(Epoch epoch) {
        List<Epoch> epochs = known == null ? read() : known;
        epochs.removeIf(earlier -> earlier.number() >= epoch.number());
        epochs.add(epoch);
        known = epochs;
        List<String> lines = new ArrayList<>();
        lines.add(HEADER);
        epochs.forEach(one -> lines.add(line(one)));
        try {
            Disk.replace(file, (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (FileSystemException refused) {
            throw new UncheckedIOException(refused.getMessage() + ", then resume the run", refused);
        }
    }

    private static String line(Epoch epoch) {
        return String.format(
                Locale.ROOT, "%d,%s,%s,%d", epoch.number(), epoch.loss(), epoch.accuracy(), epoch.rejected());
    }

    /** The epochs logged so far; a line that is none is passed over. */
    public List<Epoch> read() {
        List<Epoch> epochs = new ArrayList<>();
        if (!Files.exists(file)) {
            return epochs;
        }
        try {
            for (String line : Files.readAllLines(file)) {
                Matcher cells = LINE.matcher(line);
                if (cells.matches()) {
                    epochs.add(new Epoch(
                            Integer.parseInt(cells.group(1)),
                            Double.parseDouble(cells.group(2)),
                            Double.parseDouble(cells.group(3)),
                            Integer.parseInt(cells.group(4))));
                }
            }
        } catch (IOException e) {
            throw new BadInput(
                    file + ": the log of the epochs cannot be read (" + Disk.why(e) + "); " + Disk.room(file)
                            + ", or delete the log",
                    e);
        }
        return epochs;
    }
}
