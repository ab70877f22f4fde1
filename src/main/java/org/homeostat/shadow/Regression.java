package org.homeostat.shadow;

import java.io.IOException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.homeostat.device.Deadline;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.Restorable;
import org.homeostat.journal.Exchange;
import org.homeostat.journal.JournalReader;
import org.jspecify.annotations.Nullable;

/**
 * A device asked again what a journal says was asked once, in the same order, from its beginning. An unchanged twin answers bit for
 * bit as it did; a board within the noise of both.
 *
 * @param divergence how far the answers lie apart
 * @param ended why not every question of the journal was asked again; empty where all were
 * @param lost what the device failed with, if that is why
 */
public record Regression(
        Divergence divergence, String ended, @Nullable DeviceException lost) {

    /** What may be expected of a device: of a twin everything, of a board what can be measured. */
    public static Tolerance usual(Device device) {
        return device.bare() instanceof Restorable ? Tolerance.EXACT : Tolerance.MEASURED;
    }

    /**
     * Asks again.
     *
     * @param device fresh from its opening, as the one was that the journal was recorded from
     * @param limit how long one exchange may take
     * @param stop asked before each exchange
     * @throws IOException if the journal cannot be read to its end
     * @throws IllegalArgumentException if the device cannot be asked what the journal says
     */
    public static Regression of(
            JournalReader journal, Device device, Tolerance tolerance, Duration limit, BooleanSupplier stop)
            throws IOException {
        Divergence.requireAlike(journal.descriptor(), device.descriptor());
        Divergence divergence = new Divergence(journal.descriptor(), tolerance);
        for (@Nullable Exchange then = journal.next(); then != null; then = journal.next()) {
            if (stop.getAsBoolean()) {
                return new Regression(divergence, "it was stopped", null);
            }
            try {
                var unused = divergence.add(then.response(), device.present(then.stimulus(), Deadline.in(limit)));
            } catch (DeviceException failed) {
                return new Regression(
                        divergence,
                        "exchange " + then.number() + " was answered then, and failed now: " + failed.getMessage(),
                        failed);
            }
        }
        return new Regression(divergence, "", null);
    }

    /** True if every question was asked again and every answer agrees. */
    public boolean passed() {
        return ended.isEmpty() && divergence.differing() == 0;
    }

    /** What came out, in a sentence. */
    public String sentence() {
        Divergence.Difference first = divergence.first();
        if (first != null) {
            return divergence.differing() + " of " + divergence.exchanges()
                    + " exchanges are answered otherwise than they were; first" + " exchange " + first.exchange() + ": "
                    + first.words() + (ended.isEmpty() ? "" : "; then " + ended);
        }
        return ended.isEmpty()
                ? "all " + divergence.exchanges() + " exchanges are answered as they were"
                        + (divergence.tolerance().exact() ? ", bit for bit" : ", within what is allowed")
                : "after " + divergence.exchanges()
                        + (divergence.exchanges() == 1
                                ? " exchange answered as it was, "
                                : " exchanges answered as they were, ")
                        + ended;
    }
}
