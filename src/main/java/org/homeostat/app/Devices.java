package org.homeostat.app;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.homeostat.board.CardHeader;
import org.homeostat.catalog.Catalog;
import org.homeostat.catalog.Catalog.Entry;
import org.homeostat.catalog.Learners;
import org.homeostat.device.DeviceException;
import org.homeostat.fleet.Offered;
import org.homeostat.link.Broker;
import org.homeostat.link.LinkException;
import org.homeostat.link.SerialLink;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "devices",
        sortOptions = false,
        description =
                "Lists the boards, twins and learners that ship, and the serial ports found; or what a broker offers.")
final class Devices implements Callable<Integer> {

    @Mixin
    Shared shared;

    @Option(
            names = "--header",
            paramLabel = "BOARD",
            description = "Print the card of a board, or of a board.yaml, as a C header for its firmware.")
    @Nullable
    String header;

    @Mixin
    Entrance entrance;

    @Override
    public Integer call() {
        Catalog catalog = shared.catalog();
        if (header != null) {
            shared.print(
                    Map.of("header", CardHeader.of(catalog.card(header))),
                    List.of(CardHeader.of(catalog.card(header)).stripTrailing()));
            return Main.DONE;
        }
        List<Entry> boards = catalog.boards();
        List<Entry> twins = catalog.twins();
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("boards", boards.stream().map(Entry::name).toList());
        object.put("twins", twins.stream().map(Entry::name).toList());
        object.put("learners", Learners.names());
        if (entrance.url != null) {
            return atBroker(entrance.broker(), object);
        }
        List<SerialLink.Port> ports = SerialLink.ports();
        object.put(
                "reachable", ports.stream().map(port -> "serial:" + port.path()).toList());
        List<String> lines = new ArrayList<>();
        lines.add("Boards");
        boards.forEach(board -> lines.add(line(board.name(), board.summary())));
        lines.add("Twins");
        twins.forEach(twin -> lines.add(line("twin:" + twin.name(), twin.summary())));
        lines.add("Learners");
        lines.add("  " + String.join(", ", Learners.names()));
        lines.add("Serial ports");
        if (ports.isEmpty()) {
            lines.add("  none found; a port can also be named by its path, such as serial:/dev/ttyACM0");
        }
        ports.forEach(port -> lines.add(line("serial:" + port.path(), port.description())));
        shared.print(object, lines);
        return Main.DONE;
    }

    private int atBroker(Broker broker, Map<String, Object> object) {
        List<Offered> offered;
        try {
            offered = Offered.at(broker);
        } catch (LinkException unreachable) {
            throw new DeviceException(
                    DeviceException.Fault.DISCONNECTED, String.valueOf(unreachable.getMessage()), unreachable);
        }
        object.put(
                "reachable",
                offered.stream()
                        .filter(Offered::online)
                        .map(board -> broker + "/" + board.name())
                        .toList());
        object.put("broker", broker.toString());
        object.put("offered", offered);
        List<String> lines = new ArrayList<>();
        lines.add("Boards at " + broker);
        if (offered.isEmpty()) {
            lines.add("  none was offered yet; homeostat agent on the machine beside a board offers it");
        }
        offered.forEach(board -> lines.add(line(board.name(), summary(board))));
        shared.print(object, lines);
        return Main.DONE;
    }

    private static String summary(Offered board) {
        return switch (board.state()) {
            case "online" ->
                (board.answers() ? "online, " : "its agent does not answer; ") + board.board() + " on " + board.host()
                        + "; "
                        + (board.holder().isEmpty()
                                ? "free"
                                : "held by " + board.holder() + " since " + board.heldSince());
            case "absent" -> "absent since " + board.since() + ": " + board.why();
            default ->
                "offline" + (board.since().isEmpty() ? "" : " since " + board.since())
                        + (board.since().isEmpty() && !board.heard().isEmpty()
                                ? ", last heard of " + board.heard()
                                : "");
        };
    }

    private static String line(String name, String summary) {
        return String.format(Locale.ROOT, "  %-27s %s", name, summary);
    }
}
