package org.homeostat.export;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.homeostat.device.Channel;
import org.homeostat.device.Role;
import org.homeostat.export.JsonLines.Lines;
import org.homeostat.journal.Exchange;
import org.homeostat.run.Observer.Epoch;
import org.homeostat.run.RunRecord;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A run as documents of bluesky's event model, one {@code [name, document]} a line, as its suitcase for JSON Lines writes them
 * and databroker reads them: one start, a descriptor before the first event of each stream, the events in order, one stop.
 *
 * <p>Rules kept, from the schemas that bluesky's event-model publishes ({@code run_start}, {@code event_descriptor},
 * {@code event}, {@code run_stop}): every document has a {@code uid} and a {@code time} in seconds since 1970; an event has
 * exactly the keys that its descriptor describes, and a timestamp for each; {@code seq_num} counts from 1 in each stream; no
 * key of a start document holds a full stop or a slash. So each set of levels that is told together is a stream of its own:
 * {@code free}, {@code nudged}, with numbers where a device tells now these, now those; {@code parameters}; {@code epochs}.
 *
 * <p>What a run does not know: when on the clock an exchange was, only the device's own time since it was opened. Event times
 * are the run's beginning and that time, which goes on where a run was taken up; epochs carry the time of the end.
 */
final class Bluesky {

    private static final JsonMapper JSON = JsonMapper.shared();

    private static final String MEANING =
            "times of events are the beginning of the run plus the device's own clock; epochs carry the end of the run";

    private final Source source;
    private final Lines out;
    private final JsonGenerator json;
    private final String start;
    private final double began;
    private final Map<String, Stream> streams = new LinkedHashMap<>();

    private double last;
    private double offset;
    private double device;

    private Bluesky(Source source, Lines out) {
        this.source = source;
        this.out = out;
        json = out.generator();
        RunRecord record = source.record();
        start = uid("start");
        began = Instant.parse(record.created()).toEpochMilli() / 1e3;
        last = began;
    }

    /** A stream of events that have the same keys. */
    private static final class Stream {
        private final String name;
        private final String descriptor;
        private int events;

        Stream(String name, String descriptor) {
            this.name = name;
            this.descriptor = descriptor;
        }
    }

    static void write(Source source, Path file) throws IOException {
        try (Lines lines = new Lines(file)) {
            new Bluesky(source, lines).write();
        }
    }

    /** The same for the same run, so that two exports of it are one to whoever collects them. */
    private String uid(String what) {
        RunRecord record = source.record();
        return UUID.nameUUIDFromBytes((record.run() + "/" + record.created() + "/" + record.dataDigest() + "/" + what)
                        .getBytes(StandardCharsets.UTF_8))
                .toString();
    }

    private void write() throws IOException {
        begin();
        if (source.recording() != null) {
            Moves moves = new Moves(source.journal().card());
            source.journal().each(exchange -> {
                double time = time(exchange);
                if (source.has(Part.EXCHANGES)) {
                    exchange(exchange, time);
                }
                double[] positions = moves.after(exchange);
                if (positions != null && source.has(Part.PARAMETERS)) {
                    parameters(exchange, positions, time);
                }
            });
        }
        RunRecord.Result result = source.record().result();
        double end = Math.max(last, began + (result == null ? 0 : result.wallSeconds()));
        for (Epoch epoch : source.epochs()) {
            epoch(epoch, end);
        }
        stop(end);
    }

    private double time(Exchange exchange) {
        double seconds = exchange.response().deviceSeconds();
        if (seconds < device) {
            // The device was opened anew.
            offset = last - began;
        }
        device = seconds;
        last = Math.max(last, began + offset + seconds);
        return last;
    }

    // Documents

    private void document(String name, String uid, double time, Consumer<JsonGenerator> rest) throws IOException {
        json.writeStartArray();
        json.writeString(name);
        json.writeStartObject();
        json.writeStringProperty("uid", uid);
        json.writeNumberProperty("time", time);
        rest.accept(json);
        json.writeEndObject();
        json.writeEndArray();
        out.end();
    }

    private void begin() throws IOException {
        document("start", start, began, in -> {
            in.writeStringProperty("plan_name", "homeostat train");
            in.writeStringProperty("run", source.record().run());
            in.writeStringProperty("time_source", MEANING);
            if (source.recording() != null) {
                in.writeName("channels");
                in.writeStartObject();
                for (Role role : Role.values()) {
                    List<Channel> channels = source.recording().card().channels(role);
                    if (!channels.isEmpty()) {
                        in.writeName(role.name().toLowerCase(Locale.ROOT));
                        in.writeStartArray();
                        channels.forEach(channel -> in.writeString(channel.name()));
                        in.writeEndArray();
                    }
                }
                in.writeEndObject();
            }
            in.writeName("record");
            plain(JSON.readTree(source.json()));
        });
    }

    /** JSON whose keys hold neither full stop nor slash. */
    private void plain(JsonNode node) {
        if (node.isObject()) {
            json.writeStartObject();
            for (Map.Entry<String, JsonNode> part : node.properties()) {
                json.writeName(part.getKey().replaceAll("[./]", "_"));
                plain(part.getValue());
            }
            json.writeEndObject();
        } else if (node.isArray()) {
            json.writeStartArray();
            for (JsonNode part : node) {
                plain(part);
            }
            json.writeEndArray();
        } else {
            json.writeRawValue(node.toString());
        }
    }

    /**
     * The stream of a set of keys; described when it is met first.
     *
     * @param stem what it is called, with a number behind it where that name is taken
     * @param keys what tells it from others
     */
    private Stream stream(String stem, Object keys, double time, Consumer<JsonGenerator> described) throws IOException {
        String key = stem + keys;
        Stream known = streams.get(key);
        if (known != null) {
            return known;
        }
        Set<String> taken = streams.values().stream().map(stream -> stream.name).collect(Collectors.toSet());
        String name = stem;
        for (int k = 2; taken.contains(name); k++) {
            name = stem + k;
        }
        Stream fresh = new Stream(name, uid("descriptor/" + name));
        streams.put(key, fresh);
        document("descriptor", fresh.descriptor, time, in -> {
            in.writeStringProperty("run_start", start);
            in.writeStringProperty("name", fresh.name);
            in.writeName("data_keys");
            in.writeStartObject();
            described.accept(in);
            in.writeEndObject();
        });
        return fresh;
    }

    private void key(String name, String type, @Nullable String numpy, @Nullable String unit, int... shape) {
        json.writeName(name);
        json.writeStartObject();
        json.writeStringProperty(
                "source", "homeostat:" + source.record().experiment().device());
        json.writeStringProperty("dtype", type);
        json.writeName("shape");
        json.writeArray(shape, 0, shape.length);
        if (numpy != null) {
            json.writeStringProperty("dtype_numpy", numpy);
        }
        if (unit != null) {
            json.writeStringProperty("units", unit);
        }
        json.writeEndObject();
    }

    private void event(Stream stream, double time, List<String> keys, Runnable data) throws IOException {
        stream.events++;
        document("event", uid("event/" + stream.name + "/" + stream.events), time, in -> {
            in.writeStringProperty("descriptor", stream.descriptor);
            in.writeNumberProperty("seq_num", stream.events);
            in.writeName("data");
            in.writeStartObject();
            data.run();
            in.writeEndObject();
            in.writeName("timestamps");
            in.writeStartObject();
            keys.forEach(key -> in.writeNumberProperty(key, time));
            in.writeEndObject();
        });
    }

    private void exchange(Exchange exchange, double time) throws IOException {
        Recording recording = source.journal();
        int lanes = recording.card().lanes();
        Asked asked = Asked.of(exchange);
        List<Block> told = recording.blocks().stream()
                .filter(block -> block.told(exchange))
                .toList();
        boolean strong = !Double.isNaN(asked.beta());
        List<String> keys = new ArrayList<>(
                List.of("exchange", "device_seconds", "plasticity", "start", "nudge", "reads", "verdict", "remark"));
        if (strong) {
            keys.add("beta");
        }
        told.forEach(block -> keys.add(block.name()));
        Stream stream = stream(asked.nudge().equals("none") ? "free" : "nudged", keys, time, in -> {
            key("exchange", "integer", "<i8", null);
            key("device_seconds", "number", "<f8", "s");
            key("plasticity", "string", null, null);
            key("start", "string", null, null);
            key("nudge", "string", null, null);
            key("reads", "integer", "<i8", null);
            key("verdict", "string", null, null);
            key("remark", "string", null, null);
            if (strong) {
                key("beta", "number", "<f8", null);
            }
            for (Block block : told) {
                int columns = block.channels().size();
                key(
                        block.name(),
                        "array",
                        "<f8",
                        block.channels().getFirst().unit(),
                        lanes == 1 ? new int[] {columns} : new int[] {lanes, columns});
            }
        });
        event(stream, time, keys, () -> {
            json.writeNumberProperty("exchange", asked.exchange());
            out.number("device_seconds", asked.seconds());
            json.writeStringProperty("plasticity", asked.plasticity());
            json.writeStringProperty("start", asked.start());
            json.writeStringProperty("nudge", asked.nudge());
            json.writeNumberProperty("reads", asked.reads());
            json.writeStringProperty("verdict", asked.verdict());
            json.writeStringProperty("remark", asked.remark());
            if (strong) {
                out.number("beta", asked.beta());
            }
            for (Block block : told) {
                json.writeName(block.name());
                if (lanes > 1) {
                    json.writeStartArray();
                }
                for (int lane = 0; lane < lanes; lane++) {
                    array(block.row(exchange, lane));
                }
                if (lanes > 1) {
                    json.writeEndArray();
                }
            }
        });
    }

    private void parameters(Exchange exchange, double[] positions, double time) throws IOException {
        List<String> keys = List.of("exchange", "levels");
        List<Channel> channels = source.journal().card().channels(Role.PARAMETER);
        Stream stream = stream("parameters", keys, time, in -> {
            key("exchange", "integer", "<i8", null);
            key("levels", "array", "<f8", channels.getFirst().unit(), channels.size());
        });
        event(stream, time, keys, () -> {
            json.writeNumberProperty("exchange", exchange.number());
            json.writeName("levels");
            array(positions);
        });
    }

    private void epoch(Epoch epoch, double time) throws IOException {
        boolean classes = !Double.isNaN(epoch.accuracy());
        List<String> keys =
                classes ? List.of("epoch", "loss", "rejected", "accuracy") : List.of("epoch", "loss", "rejected");
        Stream stream = stream("epochs", keys, time, in -> {
            key("epoch", "integer", "<i8", null);
            key("loss", "number", "<f8", null);
            key("rejected", "integer", "<i8", null);
            if (classes) {
                key("accuracy", "number", "<f8", null);
            }
        });
        event(stream, time, keys, () -> {
            json.writeNumberProperty("epoch", epoch.number());
            out.number("loss", epoch.loss());
            json.writeNumberProperty("rejected", epoch.rejected());
            if (classes) {
                out.number("accuracy", epoch.accuracy());
            }
        });
    }

    private void array(double[] row) {
        json.writeStartArray();
        for (double value : row) {
            out.number(value);
        }
        json.writeEndArray();
    }

    private void stop(double end) throws IOException {
        RunRecord record = source.record();
        String status = switch (record.status()) {
            case DONE -> "success";
            case FAILED -> "fail";
            case INTERRUPTED, RUNNING -> "abort";
        };
        String reason = record.status() == RunRecord.Status.RUNNING
                ? "it was running when it was exported, or had been killed"
                : record.remark();
        document("stop", uid("stop"), end, in -> {
            in.writeStringProperty("run_start", start);
            in.writeStringProperty("exit_status", status);
            in.writeStringProperty("reason", reason);
            in.writeName("num_events");
            in.writeStartObject();
            streams.values().forEach(stream -> in.writeNumberProperty(stream.name, stream.events));
            in.writeEndObject();
        });
    }
}
