package org.homeostat.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.homeostat.fixtures.EchoAgent;
import org.homeostat.fixtures.ShippedBroker;
import org.homeostat.link.LinkException.Trouble;
import org.homeostat.link.MqttClient.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The rights of the shipped broker: what someone may not publish or subscribe to is refused with a reason, each time; what they
 * may, works. Who may do what is stated here once more, by firmware-protocol/MQTT.md, and not taken from the script.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BrokerAccessIT {

    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int FORBIDDEN = 1000;
    private static final List<String> AGENTS = List.of("pi-3", "rack.2_b");
    private static final List<String> CONTROLLERS = List.of("ann", "bob");
    private static final List<String> RETAINED = List.of("presence", "card", "lease");

    @TempDir
    Path folder;

    /** Someone who is in, and what came to them. */
    private record Entered(MqttClient client, BlockingQueue<Message> came) {}

    private static boolean mayPublish(String who, String topic) {
        String[] parts = topic.split("/", -1);
        if (parts.length < 4 || !topic.startsWith("homeostat/1/")) {
            return false;
        }
        if (AGENTS.contains(who)) {
            return parts[2].equals(who)
                    && (parts.length == 4 && (RETAINED.contains(parts[3]) || parts[3].equals("telemetry"))
                            || parts.length == 6 && parts[3].equals("from"));
        }
        return parts.length == 4 && parts[3].equals("to");
    }

    private static boolean maySubscribe(String who, String filter) {
        String[] parts = filter.split("/", -1);
        if (parts.length < 4 || !filter.startsWith("homeostat/1/") || parts[2].equals("#")) {
            return false;
        }
        if (AGENTS.contains(who)) {
            return filter.equals("homeostat/1/" + who + "/to");
        }
        return parts.length == 4 && (RETAINED.contains(parts[3]) || parts[3].equals("telemetry"))
                || parts.length == 6 && parts[3].equals("from") && parts[4].equals(who) && !parts[5].equals("#");
    }

    private static <T> T any(SplittableRandom random, List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private static String topic(SplittableRandom random, boolean filter) {
        List<String> boards = filter
                ? List.of("pi-3", "rack.2_b", "pi-33", "PI-3", "board-7", "+", "#", "")
                : List.of("pi-3", "rack.2_b", "pi-33", "PI-3", "board-7", "");
        List<String> users = filter
                ? List.of("ann", "bob", "ANN", "anonymous", "pi-3", "+", "#")
                : List.of("ann", "bob", "ANN", "anonymous", "pi-3");
        String board = any(random, boards);
        return switch (random.nextInt(10)) {
            case 0 ->
                any(
                        random,
                        filter
                                ? List.of(
                                        "#",
                                        "+",
                                        "+/#",
                                        "homeostat/#",
                                        "homeostat/+/+/to",
                                        "$SYS/#",
                                        "$CONTROL/#",
                                        "+/1/+/to")
                                : List.of(
                                        "homeostat",
                                        "other",
                                        "a/b/c",
                                        "homeostat/2/pi-3/to",
                                        "$CONTROL/dynamic-security/v1"));
            case 1 -> "homeostat/" + any(random, List.of("2", "0", "1/1")) + "/" + board.replace("#", "+") + "/to";
            case 2 ->
                "homeostat/1/" + board.replace("#", "+") + "/"
                        + any(random, List.of("from", "firmware", "to/more", "presence/x"));
            case 3, 4, 5 ->
                board.equals("#")
                        ? "homeostat/1/#"
                        : "homeostat/1/" + board + "/"
                                + any(random, List.of("to", "presence", "card", "lease", "telemetry"));
            default -> {
                String user = any(random, users);
                String start = "homeostat/1/" + (board.equals("#") ? "+" : board) + "/from/" + user;
                yield user.equals("#")
                        ? start
                        : start + "/"
                                + any(
                                        random,
                                        filter
                                                ? List.of("0123456789abcdef", "+", "#")
                                                : List.of("0123456789abcdef", "7"));
            }
        };
    }

    @Test
    void whatIsForbiddenIsRefusedAndWhatIsAllowedWorks() throws Exception {
        try (ShippedBroker shipped = new ShippedBroker(
                folder.resolve("broker"),
                Stream.concat(
                                AGENTS.stream().map("agent:"::concat),
                                CONTROLLERS.stream().map("controller:"::concat))
                        .toArray(String[]::new))) {
            Map<String, Entered> all = new HashMap<>();
            try {
                List<String> names =
                        Stream.concat(AGENTS.stream(), CONTROLLERS.stream()).toList();
                for (String name : names) {
                    BlockingQueue<Message> came = new LinkedBlockingQueue<>();
                    all.put(
                            name,
                            new Entered(
                                    MqttClient.open(shipped.broker(name), "it-" + name, null, LIMIT, came::add, LIMIT),
                                    came));
                }
                allowed(all);
                SplittableRandom random = new SplittableRandom(20261122);
                Set<String> tried = new HashSet<>();
                int publishes = 0;
                int subscriptions = 0;
                while (publishes < FORBIDDEN || subscriptions < FORBIDDEN) {
                    String name = any(random, names);
                    MqttClient client = all.get(name).client();
                    if (publishes < FORBIDDEN) {
                        String topic = topic(random, false);
                        if (!mayPublish(name, topic)) {
                            boolean keep = random.nextBoolean();
                            refused(
                                    "publish " + name + " " + topic,
                                    () -> client.publish(Message.of(topic, new byte[] {1}, keep), LIMIT));
                            tried.add("p" + name + topic);
                            publishes++;
                        }
                    }
                    if (subscriptions < FORBIDDEN) {
                        String filter = topic(random, true);
                        if (!maySubscribe(name, filter)) {
                            refused("subscribe " + name + " " + filter, () -> client.subscribe(List.of(filter), LIMIT));
                            tried.add("s" + name + filter);
                            subscriptions++;
                        }
                    }
                }
                System.out.printf(
                        "shipped access: %d of %d forbidden publishes and %d of %d forbidden subscriptions refused, %d of"
                                + " them different%n",
                        publishes, FORBIDDEN, subscriptions, FORBIDDEN, tried.size());
                assertThat(tried).hasSizeGreaterThan(300);
                for (Entered each : all.values()) {
                    assertThat(each.client().alive()).isTrue();
                    assertThat(each.came().poll(100, TimeUnit.MILLISECONDS)).isNull();
                }
                allowed(all);
            } finally {
                all.values().forEach(each -> each.client().close());
            }
        }
    }

    @Test
    void aLinkNeedsNoMoreThanTheseRights() throws Exception {
        try (ShippedBroker shipped = new ShippedBroker(
                        folder.resolve("broker"), "agent:" + EchoAgent.BOARD, "controller:ann", "controller:bob");
                EchoAgent agent = new EchoAgent(shipped.broker(EchoAgent.BOARD));
                Link link = MqttLink.opener(shipped.broker("ann"), EchoAgent.BOARD, "ann@desk")
                        .open()) {
            byte[] sent = LinkContract.noise(20_000);
            assertThat(LinkContract.echoed(link, sent)).isEqualTo(sent);
            assertThat(agent.heard().respondTo()).startsWith("homeostat/1/" + EchoAgent.BOARD + "/from/ann/");
        }
    }

    private interface Attempt {
        void make() throws LinkException;
    }

    private static void refused(String what, Attempt attempt) {
        try {
            attempt.make();
            throw new AssertionError("not refused: " + what);
        } catch (LinkException why) {
            assertThat(why.trouble()).as("%s: %s", what, why.getMessage()).isEqualTo(Trouble.FORBIDDEN);
            assertThat(why).hasMessageContaining("access list");
        }
    }

    /** Everything that MQTT.md has them do. */
    private static void allowed(Map<String, Entered> all) throws Exception {
        for (String name : CONTROLLERS) {
            List<String> filters = Stream.concat(
                            Stream.of("presence", "card", "lease", "telemetry").map(each -> "homeostat/1/+/" + each),
                            Stream.of("homeostat/1/" + AGENTS.getFirst() + "/from/" + name + "/0123456789abcdef"))
                    .toList();
            all.get(name).client().subscribe(filters, LIMIT);
        }
        for (String name : AGENTS) {
            all.get(name).client().subscribe(List.of("homeostat/1/" + name + "/to"), LIMIT);
        }
        for (String name : AGENTS) {
            MqttClient agent = all.get(name).client();
            for (String topic : List.of("presence", "card", "lease", "telemetry")) {
                agent.publish(Message.of("homeostat/1/" + name + "/" + topic, new byte[] {2}, false), LIMIT);
                for (String controller : CONTROLLERS) {
                    assertThat(all.get(controller)
                                    .came()
                                    .poll(10, TimeUnit.SECONDS)
                                    .topic())
                            .isEqualTo("homeostat/1/" + name + "/" + topic);
                }
            }
            for (String controller : CONTROLLERS) {
                all.get(controller)
                        .client()
                        .publish(Message.of("homeostat/1/" + name + "/to", new byte[] {3}, false), LIMIT);
                assertThat(all.get(name).came().poll(10, TimeUnit.SECONDS).topic())
                        .isEqualTo("homeostat/1/" + name + "/to");
            }
        }
        String agent = AGENTS.getFirst();
        for (String controller : CONTROLLERS) {
            String from = "homeostat/1/" + agent + "/from/" + controller + "/0123456789abcdef";
            all.get(agent).client().publish(Message.of(from, new byte[] {4}, false), LIMIT);
            assertThat(all.get(controller).came().poll(10, TimeUnit.SECONDS).topic())
                    .isEqualTo(from);
        }
    }
}
