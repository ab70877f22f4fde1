package org.homeostat.run;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Nudge;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;

/** Identity cards for tests: inputs from -3 to 3 V that rest at 0.5 V, and parameters from 0 to 10. */
final class Cards {

    static final double SAFE_INPUT = 0.5;

    private Cards() {}

    static Descriptor of(int inputs, int outputs, int parameters, int lanes) {
        Map<Role, List<Channel>> channels = new EnumMap<>(Role.class);
        channels.put(Role.INPUT, list(Role.INPUT, "x", inputs, -3, 3, SAFE_INPUT));
        channels.put(Role.OUTPUT, list(Role.OUTPUT, "o", outputs, -100, 100, 0));
        channels.put(Role.NUDGE, list(Role.NUDGE, "n", outputs, -10, 10, 0));
        channels.put(Role.PARAMETER, list(Role.PARAMETER, "g", parameters, 0, 10, 1));
        return new Descriptor(
                "card",
                "none",
                lanes,
                channels,
                EnumSet.of(Ability.HOMEOSTASIS, Ability.WRITABLE_PARAMETERS),
                EnumSet.of(Nudge.Kind.FORCE),
                2.0,
                1e-3,
                List.of());
    }

    private static List<Channel> list(Role role, String name, int count, double min, double max, double safe) {
        List<Channel> list = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            list.add(new Channel(name + i, role, "V", min, max, safe, Scale.CONTINUOUS));
        }
        return list;
    }
}
