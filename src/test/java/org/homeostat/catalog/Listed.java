package org.homeostat.catalog;

import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.homeostat.device.Nudge;
import org.homeostat.run.RunStore;
import org.homeostat.run.Teaching;

/** Sentences in which lists of what there is stand as {learners}, {twins}, {teaching}, {kinds}, {costs} or {systems}. */
public final class Listed {

    private Listed() {}

    /** The sentence with the lists as they are now. */
    public static String in(String sentence) {
        return sentence.replace("{learners}", String.join(", ", Learners.names()))
                .replace(
                        "{twins}",
                        new Catalog(new RunStore(Path.of("runs")))
                                .twins().stream()
                                        .map(Catalog.Entry::name)
                                        .collect(Collectors.joining(", "))
                                + "; one's own is named by the path of its twin.yaml")
                .replace(
                        "{teaching}",
                        Arrays.stream(Teaching.class.getRecordComponents())
                                .map(RecordComponent::getName)
                                .collect(Collectors.joining(", ")))
                .replace("{kinds}", words(Nudge.Kind.values()))
                .replace("{costs}", words(Teaching.CostKind.values()))
                .replace("{options}", String.join(", ", Catalog.TWIN_OPTIONS))
                .replace(
                        "{twin}",
                        Arrays.stream(TwinFile.class.getRecordComponents())
                                .map(RecordComponent::getName)
                                .collect(Collectors.joining(", ")))
                .replace("{systems}", words(BoardFile.System.values()));
    }

    private static String words(Enum<?>[] values) {
        return List.of(values).stream()
                .map(value -> value.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", "));
    }
}
