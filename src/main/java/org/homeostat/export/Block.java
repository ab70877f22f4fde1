package org.homeostat.export;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Role;
import org.homeostat.journal.Exchange;

/**
 * Levels of one role in each exchange: a column a channel.
 *
 * @param kind whose levels they are
 * @param role their role
 * @param channels the channels of the role, in order
 */
record Block(Kind kind, Role role, List<Channel> channels) {

    /** Whose levels. */
    enum Kind {
        SET,
        TARGET,
        READ,
        ERROR
    }

    /** All that there may be in the exchanges of a device. Parameters have a table of their own. */
    static List<Block> all(Descriptor card) {
        List<Block> all = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            for (Role role : Role.values()) {
                if (card.count(role) > 0 && role != Role.PARAMETER) {
                    all.add(new Block(kind, role, card.channels(role)));
                }
            }
        }
        return all;
    }

    /** Its name: {@code set_input}, {@code target_output}, {@code read_output}, {@code error_output}. */
    String name() {
        return (kind + "_" + role).toLowerCase(Locale.ROOT);
    }

    /** The names of its columns. */
    List<String> columns() {
        return channels.stream()
                .map(channel -> switch (kind) {
                    case SET -> "set_" + channel.name();
                    case TARGET -> "target_" + channel.name();
                    case READ -> channel.name();
                    case ERROR -> channel.name() + "_error";
                })
                .toList();
    }

    /** True if an exchange says something of it. */
    boolean told(Exchange exchange) {
        return levels(exchange).has(role);
    }

    private Levels levels(Exchange exchange) {
        return switch (kind) {
            case SET ->
                role == Role.NUDGE && exchange.stimulus().nudge() instanceof Nudge.Force force
                        ? force.levels()
                        : exchange.stimulus().levels();
            case TARGET ->
                switch (exchange.stimulus().nudge()) {
                    case Nudge.Coupling coupling -> coupling.target();
                    case Nudge.Difference difference -> difference.target();
                    case Nudge.Clamp clamp -> clamp.at();
                    case Nudge.Ramp ramp -> ramp.target();
                    case Nudge.Force force -> Levels.NONE;
                    case Nudge.None none -> Levels.NONE;
                };
            case READ -> exchange.response().levels();
            case ERROR -> exchange.response().errors();
        };
    }

    /** The levels of a lane; NaN on channels of which nothing is said. */
    double[] row(Exchange exchange, int lane) {
        double[] row = new double[channels.size()];
        Arrays.fill(row, Double.NaN);
        Levels levels = levels(exchange);
        if (levels.has(role)) {
            fill(row, levels, role, lane);
        }
        return row;
    }

    /** Puts the levels of a role where they belong. */
    static void fill(double[] row, Levels levels, Role role, int lane) {
        int[] positions = levels.positions(role);
        for (int i = 0; i < levels.size(role); i++) {
            row[positions == null ? i : positions[i]] = levels.at(role, lane, i);
        }
    }
}
