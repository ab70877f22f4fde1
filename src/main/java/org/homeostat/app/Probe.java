package org.homeostat.app;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "probe",
        sortOptions = false,
        description =
                "Shows what a device is: identity, channels, abilities, and one free exchange at its safe levels.")
final class Probe implements Callable<Integer> {

    @Mixin
    Shared shared;

    @Parameters(index = "0", paramLabel = "DEVICE", description = "The URI of a device.")
    String uri;

    @Override
    public Integer call() {
        try (Device device = shared.catalog().open(uri).worn()) {
            Descriptor card = device.descriptor();
            Stimulus free = card.safe();
            Response response = device.present(free, Deadline.in(Training.EXCHANGE_LIMIT));
            shared.print(json(card, response), lines(card, response));
            return Main.DONE;
        }
    }

    private Map<String, Object> json(Descriptor card, Response response) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("device", uri);
        object.put("board", card.board());
        object.put("firmware", card.firmware());
        object.put("digest", card.digest());
        List<Map<String, Object>> channels = new ArrayList<>();
        for (Channel channel : card.allChannels()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", channel.name());
            one.put("role", channel.role().name().toLowerCase(Locale.ROOT));
            one.put("unit", channel.unit());
            one.put("min", channel.min());
            one.put("max", channel.max());
            channels.add(one);
        }
        object.put("channels", channels);
        object.put(
                "abilities",
                card.abilities().stream()
                        .map(ability -> ability.name().toLowerCase(Locale.ROOT))
                        .toList());
        object.put("lanes", card.lanes());
        object.put("quality", response.quality().verdict().name().toLowerCase(Locale.ROOT));
        object.put("outputs", response.outputs(0));
        if (response.levels().has(Role.MONITOR)) {
            object.put("monitors", response.levels().row(Role.MONITOR));
        }
        return object;
    }

    private List<String> lines(Descriptor card, Response response) {
        List<String> lines = new ArrayList<>();
        lines.add(uri + ": board " + card.board() + ", firmware " + card.firmware() + ", card " + card.digest()
                + (card.lanes() > 1 ? ", " + card.lanes() + " lanes" : ""));
        for (Role role : Role.values()) {
            List<Channel> channels = card.channels(role);
            if (!channels.isEmpty()) {
                Channel first = channels.getFirst();
                Channel last = channels.getLast();
                String names = channels.size() == 1 ? first.name() : first.name() + " .. " + last.name();
                int codes = first.scale().codes();
                lines.add(String.format(
                                Locale.ROOT,
                                "  %-9s %5d  %-14s %11s .. %-11s%s",
                                role.name().toLowerCase(Locale.ROOT),
                                channels.size(),
                                names,
                                Words.level(first.min(), first.unit()),
                                Words.level(first.max(), first.unit()),
                                codes == 0
                                        ? ""
                                        : "  " + codes + " codes, steps up to "
                                                + Words.level(first.resolution(), first.unit()))
                        .stripTrailing());
            }
        }
        for (Ability ability : card.abilities()) {
            lines.add("  it " + ability.sentence());
        }
        lines.add((card.nudges().isEmpty()
                        ? "  it cannot be nudged"
                        : "  nudges by "
                                + card.nudges()
                                        .toString()
                                        .toLowerCase(Locale.ROOT)
                                        .replaceAll("[\\[\\]]", ""))
                + "; settles in " + Words.level(card.settleSeconds(), "s"));
        lines.add("  one free exchange: "
                + response.quality().verdict().name().toLowerCase(Locale.ROOT) + ", outputs "
                + outputs(card, response));
        if (!response.quality().remark().isEmpty()) {
            lines.add("  " + response.quality().remark());
        }
        return lines;
    }

    private static String outputs(Descriptor card, Response response) {
        List<String> list = new ArrayList<>();
        for (double output : response.outputs(0)) {
            list.add(Words.level(output, card.channels(Role.OUTPUT).getFirst().unit()));
        }
        return String.join(", ", list);
    }
}
