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
import org.homeostat.link.SerialLink;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "devices",
        sortOptions = false,
        description = "Lists the boards, twins and learners that ship, and the serial ports found.")
final class Devices implements Callable<Integer> {

    @Mixin
    Shared shared;

    @Option(
            names = "--header",
            paramLabel = "BOARD",
            description = "Print the card of a board, or of a board.yaml, as a C header for its firmware.")
    @Nullable
    String header;

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

    private static String line(String name, String summary) {
        return String.format(Locale.ROOT, "  %-27s %s", name, summary);
    }
}
