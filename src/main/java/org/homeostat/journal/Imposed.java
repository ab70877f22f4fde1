package org.homeostat.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Levels;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;

/** The level imposed last on each channel of a device, as its journal tells. */
final class Imposed {

    private final Descriptor card;
    private final Map<Role, double[][]> latest = new EnumMap<>(Role.class);

    private Imposed(Descriptor card) {
        this.card = card;
    }

    /**
     * A stimulus that brings a device back to where it stood after the last exchange of a journal: every level, no nudge.
     *
     * @throws IOException if the journal cannot be read
     */
    static Stimulus last(Path file) throws IOException {
        try (JournalReader reader = Journal.read(file)) {
            Imposed imposed = new Imposed(reader.descriptor());
            for (Exchange exchange = reader.next(); exchange != null; exchange = reader.next()) {
                imposed.add(exchange);
            }
            return imposed.stimulus();
        }
    }

    private void add(Exchange exchange) {
        Levels levels = exchange.stimulus().levels();
        for (Role role : levels.roles()) {
            add(role, levels);
        }
        Levels read = exchange.response().levels();
        if (exchange.stimulus().plasticity() == Plasticity.FREE
                && card.can(Ability.HOMEOSTASIS)
                && read.has(Role.PARAMETER)) {
            // Where the parameters went is where the board has held them since.
            add(Role.PARAMETER, read);
        }
    }

    private void add(Role role, Levels levels) {
        double[][] rows = latest.computeIfAbsent(role, unknown -> {
            double[][] fresh = new double[role.shared() ? 1 : card.lanes()][card.count(role)];
            for (double[] row : fresh) {
                Arrays.fill(row, Double.NaN);
            }
            return fresh;
        });
        int[] positions = levels.positions(role);
        for (int lane = 0; lane < rows.length; lane++) {
            for (int i = 0; i < levels.size(role); i++) {
                int k = positions == null ? i : positions[i];
                Channel channel = card.channels(role).get(k);
                rows[lane][k] = Math.clamp(levels.at(role, lane, i), channel.min(), channel.max());
            }
        }
    }

    private Stimulus stimulus() {
        Levels levels = Levels.NONE;
        for (Map.Entry<Role, double[][]> entry : latest.entrySet()) {
            levels = levels.and(block(entry.getKey(), entry.getValue()));
        }
        return Stimulus.of(levels).when(card.plasticity());
    }

    private Levels block(Role role, double[][] rows) {
        List<Channel> channels = card.channels(role);
        if (!role.shared()) {
            double[][] filled = new double[rows.length][channels.size()];
            for (int lane = 0; lane < rows.length; lane++) {
                for (int k = 0; k < channels.size(); k++) {
                    // An input that was never imposed is where nobody put it.
                    filled[lane][k] =
                            Double.isNaN(rows[lane][k]) ? channels.get(k).safe() : rows[lane][k];
                }
            }
            return Levels.of(role, filled);
        }
        int[] known = new int[channels.size()];
        double[] levels = new double[known.length];
        int count = 0;
        for (int k = 0; k < known.length; k++) {
            if (!Double.isNaN(rows[0][k])) {
                known[count] = k;
                levels[count++] = rows[0][k];
            }
        }
        return count == known.length
                ? Levels.of(role, levels)
                : Levels.some(role, Arrays.copyOf(known, count), Arrays.copyOf(levels, count));
    }
}
