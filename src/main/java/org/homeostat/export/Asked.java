package org.homeostat.export;

import java.util.List;
import java.util.Locale;
import org.homeostat.device.Nudge;
import org.homeostat.journal.Exchange;

/**
 * What an exchange says beside its levels.
 *
 * @param exchange its number, from 1
 * @param seconds the device's own clock when the reading ended; it starts anew when a run is taken up
 * @param plasticity what the parameters might do: held or free
 * @param start from where the device went: onward or afresh
 * @param nudge the kind of nudge: none, force, coupling, difference, clamp or ramp
 * @param beta its strength, at its end for a ramp; NaN where the kind has none
 * @param reads how many readings were averaged
 * @param verdict how far the answer can be trusted
 * @param remark why not further
 */
record Asked(
        long exchange,
        double seconds,
        String plasticity,
        String start,
        String nudge,
        double beta,
        int reads,
        String verdict,
        String remark) {

    static final List<String> COLUMNS = List.of(
            "exchange", "lane", "seconds", "plasticity", "start", "nudge", "beta", "reads", "verdict", "remark");

    static Asked of(Exchange exchange) {
        Nudge nudge = exchange.stimulus().nudge();
        double beta = switch (nudge) {
            case Nudge.Coupling coupling -> coupling.beta();
            case Nudge.Difference difference -> difference.beta();
            case Nudge.Ramp ramp -> ramp.to();
            case Nudge.Force force -> Double.NaN;
            case Nudge.Clamp clamp -> Double.NaN;
            case Nudge.None none -> Double.NaN;
        };
        return new Asked(
                exchange.number(),
                exchange.response().deviceSeconds(),
                word(exchange.stimulus().plasticity().name()),
                word(exchange.stimulus().start().name()),
                word(nudge.getClass().getSimpleName()),
                beta,
                exchange.response().reads(),
                word(exchange.response().quality().verdict().name()),
                exchange.response().quality().remark());
    }

    private static String word(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
