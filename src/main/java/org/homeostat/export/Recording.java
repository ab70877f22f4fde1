package org.homeostat.export;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.homeostat.device.Descriptor;
import org.homeostat.journal.Exchange;
import org.homeostat.journal.Journal;
import org.homeostat.journal.JournalReader;

/**
 * A journal that was gone through once, so that it is known what it holds before anything of it is written. A run may append
 * to it meanwhile; what came after it was gone through is left out.
 *
 * @param file the journal
 * @param card the identity card of the device that answered
 * @param blocks of what it says something anywhere
 * @param exchanges how many it holds
 * @param moves how often the parameters moved
 */
record Recording(Path file, Descriptor card, List<Block> blocks, long exchanges, long moves) {

    /** Told each exchange, in order. */
    interface Listener {
        void exchange(Exchange exchange) throws IOException;
    }

    /**
     * Goes through a journal.
     *
     * @throws IOException if it cannot be read, with a sentence that says where it is damaged
     */
    static Recording of(Path file) throws IOException {
        try (JournalReader reader = Journal.read(file)) {
            Descriptor card = reader.descriptor();
            List<Block> unseen = new ArrayList<>(Block.all(card));
            Set<Block> seen = new LinkedHashSet<>();
            Moves parameters = new Moves(card);
            long exchanges = 0;
            long moves = 0;
            for (Exchange exchange = reader.next(); exchange != null; exchange = reader.next()) {
                exchanges++;
                moves += parameters.after(exchange) == null ? 0 : 1;
                for (Block block : List.copyOf(unseen)) {
                    if (block.told(exchange)) {
                        seen.add(block);
                        unseen.remove(block);
                    }
                }
            }
            return new Recording(
                    file, card, Block.all(card).stream().filter(seen::contains).toList(), exchanges, moves);
        }
    }

    /** How many rows a table of the exchanges has: one a lane. */
    long rows() {
        return exchanges * card.lanes();
    }

    /** Goes through it again. */
    void each(Listener listener) throws IOException {
        try (JournalReader reader = Journal.read(file)) {
            for (long k = 0; k < exchanges; k++) {
                Exchange exchange = reader.next();
                if (exchange == null) {
                    throw new IOException("journal " + file + ": it has become shorter while it was read; try again");
                }
                listener.exchange(exchange);
            }
        }
    }
}
