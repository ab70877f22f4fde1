package org.homeostat.journal;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A journal is damaged in its middle, where no crash can have torn it. The message names the file, the place and the
 * remedy.
 */
public final class DamagedJournalException extends IOException {

    private static final long serialVersionUID = 1L;

    private final String file;
    private final long offset;
    private final long exchange;

    DamagedJournalException(Path file, long offset, long exchange, String what) {
        super("journal " + file + ": " + what + " at byte " + offset + ", "
                + (exchange == 0
                        ? "in the description of the device; restore the file from a copy, or start the run anew"
                        : "in exchange " + exchange + "; restore the file from a copy, or give up this exchange and all"
                                + " after it with: truncate -s " + offset + " " + file));
        this.file = file.toString();
        this.offset = offset;
        this.exchange = exchange;
    }

    /** The journal. */
    public Path file() {
        return Path.of(file);
    }

    /** Where the first damaged frame starts, in bytes from the start of the file. */
    public long offset() {
        return offset;
    }

    /** The number of the first exchange that cannot be read; 0 where the description of the device cannot be. */
    public long exchange() {
        return exchange;
    }
}
