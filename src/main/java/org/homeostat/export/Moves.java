package org.homeostat.export;

import java.util.Arrays;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Levels;
import org.homeostat.device.Role;
import org.homeostat.journal.Exchange;
import org.jspecify.annotations.Nullable;

/** Where the parameters are, from exchange to exchange: as read where the device reads them, else as imposed. */
final class Moves {

    private final double[] positions;

    Moves(Descriptor card) {
        positions = new double[card.count(Role.PARAMETER)];
        Arrays.fill(positions, Double.NaN);
    }

    /** The positions after an exchange, if one of them is another than before; null where none is. */
    double @Nullable [] after(Exchange exchange) {
        if (positions.length == 0) {
            return null;
        }
        double[] before = positions.clone();
        Levels read = exchange.response().levels();
        Levels levels = read.has(Role.PARAMETER) ? read : exchange.stimulus().levels();
        if (levels.has(Role.PARAMETER)) {
            Block.fill(positions, levels, Role.PARAMETER, 0);
        }
        return Arrays.equals(before, positions) ? null : positions.clone();
    }
}
