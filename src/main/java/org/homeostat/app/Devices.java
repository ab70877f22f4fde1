package org.homeostat.app;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.homeostat.catalog.Catalog;
import org.homeostat.catalog.Catalog.Entry;
import org.homeostat.catalog.Learners;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "devices", sortOptions = false, description = "Lists the boards, twins and learners that ship.")
final class Devices implements Callable<Integer> {

    @Mixin
    Shared shared;

    @Override
    public Integer call() {
        Catalog catalog = shared.catalog();
        List<Entry> boards = catalog.boards();
        List<Entry> twins = catalog.twins();
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("boards", boards.stream().map(Entry::name).toList());
        object.put("twins", twins.stream().map(Entry::name).toList());
        object.put("learners", Learners.names());
        object.put("reachable", List.of());
        List<String> lines = new ArrayList<>();
        lines.add("Boards");
        boards.forEach(board -> lines.add(line(board.name(), board.summary())));
        lines.add("Twins");
        twins.forEach(twin -> lines.add(line("twin:" + twin.name(), twin.summary())));
        lines.add("Learners");
        lines.add("  " + String.join(", ", Learners.names()));
        shared.print(object, lines);
        return Main.DONE;
    }

    private static String line(String name, String summary) {
        return String.format(Locale.ROOT, "  %-24s %s", name, summary);
    }
}
