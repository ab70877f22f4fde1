package org.homeostat.dashboard;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.homeostat.device.Channel;
import org.homeostat.run.Observer.Epoch;
import org.homeostat.run.RunRecord;
import org.jspecify.annotations.Nullable;

/** What live and stored runs tell alike. */
final class Hello {

    private Hello() {}

    /** The event {@code hello}. */
    static Event of(
            RunRecord record,
            String firmware,
            boolean live,
            List<Channel> traced,
            int parameters,
            String unit,
            List<String> names) {
        Map<String, @Nullable Object> data = new LinkedHashMap<>();
        data.put("run", record.run());
        data.put("experiment", record.experiment().name());
        data.put("device", record.experiment().device());
        data.put("board", record.board());
        data.put("firmware", firmware);
        data.put("learner", record.experiment().learner());
        data.put("seed", record.experiment().seed());
        data.put("epochs", record.experiment().epochs());
        data.put("live", live);
        data.put(
                "channels",
                traced.stream()
                        .map(channel -> Map.of(
                                "name", channel.name(),
                                "role", channel.role().name(),
                                "unit", channel.unit()))
                        .toList());
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("count", parameters);
        shown.put("unit", unit);
        shown.put("names", names);
        data.put("parameters", shown);
        return Event.of("hello", data);
    }

    /** The event {@code epochs}, of at least one. */
    static Event epochs(List<Epoch> epochs) {
        Map<String, @Nullable Object> data = new LinkedHashMap<>();
        data.put("from", epochs.getFirst().number());
        data.put(
                "loss", epochs.stream().map(epoch -> Event.number(epoch.loss())).toList());
        data.put(
                "accuracy",
                epochs.stream().map(epoch -> Event.number(epoch.accuracy())).toList());
        data.put("rejected", epochs.stream().map(Epoch::rejected).toList());
        return Event.of("epochs", data);
    }
}
