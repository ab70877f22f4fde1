package org.homeostat.fleet;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.homeostat.link.Broker;
import org.homeostat.link.Correlation;
import org.homeostat.link.LinkException;
import org.homeostat.link.MqttClient;
import org.homeostat.link.MqttClient.Message;
import org.homeostat.link.Topics;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A board that is, or was, offered at a broker, as what is retained there tells (firmware-protocol/MQTT.md, section 4). What is
 * not known is empty.
 *
 * @param name the board's name at the broker
 * @param state online, absent or offline
 * @param why of a board that is absent: a sentence
 * @param since when that began
 * @param board what kind of board it is
 * @param device what it is called on its agent's machine
 * @param host that machine
 * @param holder who has its lease
 * @param heldSince since when
 * @param heard when the agent last said how it was doing
 * @param answers whether the agent answered just now
 */
public record Offered(
        String name,
        String state,
        String why,
        String since,
        String board,
        String device,
        String host,
        String holder,
        String heldSince,
        String heard,
        boolean answers) {

    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(5);

    /** A broker sends what it has retained at once; what comes later than this was published just now. */
    private static final long QUIET_MILLIS = 400;

    private static final int MOST = 100_000;
    private static final List<String> TOLD = List.of("presence", "lease", "telemetry");
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * Asks a broker what it offers, by name. Takes a second or so.
     *
     * @throws LinkException if the broker cannot be reached, or refuses
     */
    public static List<Offered> at(Broker broker) throws LinkException {
        BlockingQueue<Message> came = new LinkedBlockingQueue<>(MOST);
        long number = new Random().nextLong();
        String id = "homeostat-" + HexFormat.of().toHexDigits(number);
        try (MqttClient client = MqttClient.open(broker, id, null, KEEP_ALIVE, came::offer, LIMIT)) {
            client.subscribe(TOLD.stream().map(Topics.ANY::of).toList(), LIMIT);
            Map<String, Map<String, JsonNode>> boards = new TreeMap<>();
            collect(came, message -> note(message, boards));
            client.subscribe(List.of(Topics.ANY.from(broker.known(), number)), LIMIT);
            byte[] correlation = new Correlation(number, 1).bytes();
            for (String name : boards.keySet()) {
                Topics topics = new Topics(name);
                String answer = topics.from(broker.known(), number);
                client.send(
                        new Message(topics.to(), new byte[0], false, answer, correlation, Map.of("ask", "present")),
                        LIMIT.toNanos());
            }
            Set<String> present = new HashSet<>();
            collect(came, message -> {
                String name = Topics.board(message.topic());
                if (message.topic().equals(new Topics(name).from(broker.known(), number))) {
                    present.add(name);
                }
            });
            List<Offered> list = new ArrayList<>();
            boards.forEach((name, told) -> {
                if (told.containsKey("presence")) {
                    list.add(of(name, told, present.contains(name)));
                }
            });
            return list;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    private static void collect(BlockingQueue<Message> came, Consumer<Message> taker) throws InterruptedException {
        for (int i = 0; i < MOST; i++) {
            Message message = came.poll(QUIET_MILLIS, TimeUnit.MILLISECONDS);
            if (message == null) {
                return;
            }
            taker.accept(message);
        }
    }

    private static void note(Message message, Map<String, Map<String, JsonNode>> boards) {
        String board = Topics.board(message.topic());
        String what = message.topic().substring(message.topic().lastIndexOf('/') + 1);
        if (board.isEmpty() || !TOLD.contains(what)) {
            return;
        }
        try {
            JsonNode object = JSON.readTree(new String(message.payload(), StandardCharsets.UTF_8));
            boards.computeIfAbsent(board, name -> new TreeMap<>()).put(what, object);
        } catch (JacksonException foreign) {
            // Not by an agent.
        }
    }

    private static Offered of(String name, Map<String, JsonNode> told, boolean answers) {
        return new Offered(
                name,
                text(told, "presence", "state"),
                text(told, "presence", "why"),
                text(told, "presence", "since"),
                text(told, "presence", "board"),
                text(told, "presence", "device"),
                text(told, "presence", "host"),
                text(told, "lease", "holder"),
                text(told, "lease", "since"),
                text(told, "telemetry", "at"),
                answers);
    }

    private static String text(Map<String, JsonNode> told, String what, String key) {
        JsonNode object = told.get(what);
        JsonNode value = object == null ? null : object.get(key);
        return value == null ? "" : value.asString();
    }

    /**
     * True if it can be driven, unless somebody else does. A broker notices the end of an agent that goes without a word only
     * some seconds later; whether it answers shows at once.
     */
    public boolean online() {
        return state.equals("online") && answers;
    }
}
