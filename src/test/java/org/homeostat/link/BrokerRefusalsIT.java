package org.homeostat.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.homeostat.fixtures.FalseBroker;
import org.homeostat.fixtures.Mosquitto;
import org.homeostat.fixtures.ShippedBroker;
import org.homeostat.link.LinkException.Trouble;
import org.homeostat.link.MqttClient.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each way in which a broker may be away or may not let us in: what the one sentence says, whether trying again later may help,
 * and that it comes within the limit.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BrokerRefusalsIT {

    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Duration CLOSE = Duration.ofMillis(450);

    /** What the machine may need besides, to schedule threads that were told in time. */
    private static final long SLACK_NANOS = 50_000_000;

    @TempDir
    Path folder;

    private static MqttClient open(Broker broker, Duration limit) throws LinkException {
        return MqttClient.open(broker, "it-refused", null, Duration.ofSeconds(5), message -> {}, limit);
    }

    private interface Call {
        void make() throws Exception;
    }

    /** What a call throws; it has three attempts to be in time, since this machine may have been busy with something else. */
    private static LinkException inTime(String what, Duration limit, Call call) throws Exception {
        for (int attempt = 1; ; attempt++) {
            LinkException why = null;
            long start = System.nanoTime();
            try {
                call.make();
            } catch (LinkException refused) {
                why = refused;
            }
            long took = System.nanoTime() - start;
            System.out.printf(
                    "%-10s %5d ms of %d  %s%n",
                    why == null ? what : why.trouble(),
                    took / 1_000_000,
                    limit.toMillis(),
                    why == null ? "" : why.getMessage());
            if (took < limit.toNanos() + SLACK_NANOS) {
                return why;
            }
            assertThat(attempt)
                    .as("%s took %d ms each time", what, took / 1_000_000)
                    .isLessThan(3);
        }
    }

    private static LinkException refused(Broker broker, Duration limit, Trouble trouble, String... parts)
            throws Exception {
        LinkException why = inTime("let in", limit, () -> open(broker, limit).close());
        assertThat(why).as("let in: " + broker).isNotNull();
        assertThat(why.trouble()).as(why.getMessage()).isEqualTo(trouble);
        assertThat(why).hasMessageStartingWith("broker " + broker + ": ");
        for (String part : parts) {
            assertThat(why).hasMessageContaining(part);
        }
        return why;
    }

    @Test
    void nobodyThere() throws Exception {
        int port = Mosquitto.freePort();
        refused(Broker.open("127.0.0.1", port), LIMIT, Trouble.ABSENT, "nobody listens", "start the broker");
        refused(Broker.open("::1", port), LIMIT, Trouble.ABSENT, "broker mqtt://[::1]:" + port);
        refused(Broker.open("localhost", port), LIMIT, Trouble.ABSENT, "nobody listens");
        refused(
                Broker.open("no-such-machine.invalid", port),
                LIMIT,
                Trouble.ABSENT,
                "no machine is known",
                "check its spelling");
    }

    @Test
    void aMachineThatDoesNotAnswer() throws Exception {
        // Where nobody takes the connections that wait already, Linux lets further ones go unanswered.
        List<Socket> waiting = new ArrayList<>();
        try (ServerSocket full = new ServerSocket()) {
            full.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), Mosquitto.freePort()), 1);
            while (waiting.size() < 10) {
                Socket socket = new Socket();
                waiting.add(socket);
                try {
                    socket.connect(full.getLocalSocketAddress(), 100);
                } catch (IOException enough) {
                    break;
                }
            }
            refused(
                    Broker.open("127.0.0.1", full.getLocalPort()),
                    SHORT,
                    Trouble.ABSENT,
                    "does not answer",
                    "firewall");
        } finally {
            for (Socket socket : waiting) {
                socket.close();
            }
        }
    }

    private static Broker encrypted(FalseBroker broker) {
        return Broker.of("mqtts://127.0.0.1:" + broker.port(), Map.of());
    }

    @Test
    void somethingElseThere() throws Exception {
        byte[] http = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        try (FalseBroker web = new FalseBroker(http, false)) {
            refused(web.broker(), LIMIT, Trouble.UNSUITABLE, "no MQTT broker", "HTTP/1.1 400 Bad Request");
            refused(encrypted(web), LIMIT, Trouble.UNSUITABLE, "does not speak TLS", "mqtt://");
        }
        try (FalseBroker silent = new FalseBroker(null, true)) {
            refused(silent.broker(), SHORT, Trouble.ABSENT, "then says nothing");
            refused(encrypted(silent), SHORT, Trouble.ABSENT, "says nothing of TLS");
        }
        try (FalseBroker curt = new FalseBroker(null, false)) {
            refused(curt.broker(), LIMIT, Trouble.ABSENT, "hung up before it let us in");
            refused(encrypted(curt), LIMIT, Trouble.ABSENT, "hung up when TLS was to begin");
        }
    }

    private static byte[] answer(int code) {
        return new byte[] {0x20, 3, 0, (byte) code, 0};
    }

    @Test
    void brokersThatDoNotLetUsIn() throws Exception {
        try (FalseBroker old = new FalseBroker(new byte[] {0x20, 2, 0, 1}, false)) {
            refused(old.broker(), LIMIT, Trouble.UNSUITABLE, "does not speak MQTT 5");
        }
        record Case(int code, Trouble trouble, String part) {}
        for (Case each : List.of(
                new Case(0x84, Trouble.UNSUITABLE, "does not speak MQTT 5"),
                new Case(0x85, Trouble.UNSUITABLE, "client's name"),
                new Case(0x86, Trouble.FORBIDDEN, "user name or password is wrong"),
                new Case(0x87, Trouble.FORBIDDEN, "lets nobody in without a name"),
                new Case(0x88, Trouble.ABSENT, "try again later"),
                new Case(0x89, Trouble.ABSENT, "try again later"),
                new Case(0x8a, Trouble.FORBIDDEN, "banned"),
                new Case(0x95, Trouble.UNSUITABLE, "larger than it allows"),
                new Case(0x97, Trouble.ABSENT, "as many connections as it allows"),
                new Case(0x9d, Trouble.UNSUITABLE, "another server"),
                new Case(0x80, Trouble.UNSUITABLE, "reason 128"))) {
            try (FalseBroker broker = new FalseBroker(answer(each.code), false)) {
                refused(broker.broker(), LIMIT, each.trouble, each.part);
            }
        }
    }

    @Test
    void aPasswordThatIsWrong() throws Exception {
        Mosquitto.require();
        Path passwords = folder.resolve("passwords");
        int exit = new ProcessBuilder("mosquitto_passwd", "-b", "-c", passwords.toString(), "ann", "right")
                .start()
                .waitFor();
        assertThat(exit).isZero();
        try (Mosquitto mosquitto = Mosquitto.with(folder, "allow_anonymous false", "password_file " + passwords)) {
            Path right = Files.writeString(folder.resolve("right"), "right\n");
            Path wrong = Files.writeString(folder.resolve("wrong"), "wrong\n");
            String uri = mosquitto.broker().toString();
            open(Broker.of(uri, Map.of("user", "ann", "password", right.toString())), LIMIT)
                    .close();
            LinkException why = refused(
                    Broker.of(uri, Map.of("user", "ann", "password", wrong.toString())),
                    LIMIT,
                    Trouble.FORBIDDEN,
                    "does not let 'ann' in",
                    "password");
            assertThat(why.trouble().passing()).isFalse();
            refused(mosquitto.broker(), LIMIT, Trouble.FORBIDDEN, "lets nobody in without a name");
        }
    }

    @Test
    void certificates() throws Exception {
        Path ours = folder.resolve("ours");
        Path theirs = folder.resolve("theirs");
        Path old = folder.resolve("old");
        ShippedBroker.make(theirs, "localhost", 825, "controller:ann");
        try (ShippedBroker shipped = new ShippedBroker(ours, "localhost", 825, "controller:ann")) {
            Path authority = ours.resolve("ca.crt");
            open(shipped.broker("localhost", "ann"), LIMIT).close();
            refused(
                    shipped.broker("127.0.0.1", "ann"),
                    LIMIT,
                    Trouble.UNSUITABLE,
                    "its certificate is not for '127.0.0.1'");
            refused(
                    shipped.broker("localhost", theirs.resolve("ca.crt"), ours, "ann"),
                    LIMIT,
                    Trouble.UNSUITABLE,
                    "not trusted here",
                    "ca=FILE");
            refused(
                    Broker.of(shipped.broker("localhost", "ann").toString(), Map.of()),
                    LIMIT,
                    Trouble.UNSUITABLE,
                    "not trusted");
            for (int i = 0; i < 20; i++) {
                refused(
                        shipped.broker("localhost", null),
                        LIMIT,
                        Trouble.FORBIDDEN,
                        "wants a certificate of ours",
                        "cert=FILE");
                refused(
                        shipped.broker("localhost", authority, theirs, "ann"),
                        LIMIT,
                        Trouble.FORBIDDEN,
                        "does not know the authority");
            }
            refused(
                    Broker.open("localhost", shipped.mosquitto().port()),
                    LIMIT,
                    Trouble.ABSENT,
                    "hung up before it let us in",
                    "mqtts://");
            // The same authority, but the controller's certificate has had its day.
            Files.createDirectories(old);
            Files.copy(ours.resolve("ca.crt"), old.resolve("ca.crt"));
            Files.copy(ours.resolve("ca.key"), old.resolve("ca.key"));
            ShippedBroker.make(old, "localhost", 0, "controller:ann");
            refused(
                    shipped.broker("localhost", authority, old, "ann"),
                    LIMIT,
                    Trouble.FORBIDDEN,
                    "our certificate has expired");
        }
        try (ShippedBroker expired = new ShippedBroker(folder.resolve("expired"), "localhost", 0, "controller:ann")) {
            refused(expired.broker("localhost", "ann"), LIMIT, Trouble.UNSUITABLE, "its certificate has expired");
        }
        try (Mosquitto plain = Mosquitto.open(folder.resolve("plain"))) {
            refused(
                    Broker.of("mqtts://127.0.0.1:" + plain.port(), Map.of()),
                    LIMIT,
                    Trouble.ABSENT,
                    "hung up when TLS was to begin",
                    "8883");
        }
    }

    /** Ends, and says why. */
    private static LinkException ended(MqttClient client, Trouble trouble, String part) {
        long limit = System.nanoTime() + LIMIT.toNanos();
        while (client.alive()) {
            assertThat(System.nanoTime()).isLessThan(limit);
            Thread.onSpinWait();
        }
        LinkException why = client.reason();
        System.out.printf("%-11s           %s%n", why.trouble(), why.getMessage());
        assertThat(why.trouble()).isEqualTo(trouble);
        assertThat(why).hasMessageContaining(part);
        return why;
    }

    @Test
    void connectionsThatEnd() throws Exception {
        try (Mosquitto mosquitto = Mosquitto.with(folder, "allow_anonymous true", "max_packet_size 2000")) {
            MqttClient first = open(mosquitto.broker(), LIMIT);
            MqttClient second = open(mosquitto.broker(), LIMIT);
            // Mosquitto 2.0.11 ends the older of two without giving the reason that MQTT 5 has for it.
            ended(first, Trouble.GONE, "gone without a word");
            first.close();
            assertThat(second.alive()).isTrue();
            try {
                second.send(Message.of("a", new byte[2000], false), LIMIT.toNanos());
                throw new AssertionError("sent");
            } catch (LinkException large) {
                System.out.printf("%-11s           %s%n", large.trouble(), large.getMessage());
                assertThat(large.trouble()).isEqualTo(Trouble.UNSUITABLE);
                assertThat(large).hasMessageContaining("max_packet_size");
            }
            assertThat(second.alive()).isTrue();
            mosquitto.stop();
            ended(second, Trouble.GONE, "");
            second.close();
            mosquitto.start();
            MqttClient third = open(mosquitto.broker(), LIMIT);
            mosquitto.kill();
            ended(third, Trouble.GONE, "gone without a word");
            third.close();
        }
        record Case(int reason, Trouble trouble, String part) {}
        for (Case each : List.of(
                new Case(0x87, Trouble.FORBIDDEN, "not allowed"),
                new Case(0x8b, Trouble.GONE, "shut down"),
                new Case(0x8d, Trouble.GONE, "heard nothing of us"),
                new Case(0x8e, Trouble.BUSY, "taken our place"),
                new Case(0x95, Trouble.UNSUITABLE, "larger than it allows"),
                new Case(0x98, Trouble.GONE, "has ended the connection"),
                new Case(0x80, Trouble.GONE, "reason 128"))) {
            byte[] both = {0x20, 3, 0, 0, 0, (byte) 0xe0, 2, (byte) each.reason, 0};
            try (FalseBroker broker = new FalseBroker(both, true)) {
                // It lets us in and throws us out at once: the one or the other is seen.
                try {
                    ended(open(broker.broker(), LIMIT), each.trouble, each.part);
                } catch (LinkException atOnce) {
                    assertThat(atOnce.trouble()).isEqualTo(each.trouble);
                    assertThat(atOnce).hasMessageContaining(each.part);
                }
            }
        }
    }

    @Test
    void aBrokerThatIsHeldIsNoticedAfterOneAndAHalfOfTheKeepAlive() throws Exception {
        try (Mosquitto mosquitto = Mosquitto.open(folder)) {
            MqttClient client =
                    MqttClient.open(mosquitto.broker(), "it-held", null, Duration.ofSeconds(1), message -> {}, LIMIT);
            Thread.sleep(3000);
            assertThat(client.alive()).isTrue();
            long start = System.nanoTime();
            mosquitto.freeze();
            ended(client, Trouble.GONE, "nothing was heard of it for 1.");
            System.out.printf("a held broker was noticed after %.2f s%n", 1e-9 * (System.nanoTime() - start));
            client.close();
            mosquitto.thaw();
        }
    }

    @Test
    void callsToABrokerThatIsHeldEndInTime() throws Exception {
        try (Mosquitto mosquitto = Mosquitto.open(folder)) {
            for (String name : List.of("send", "publish", "subscribe", "close")) {
                List<MqttClient> clients = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    clients.add(MqttClient.open(
                            mosquitto.broker(), "it-held-" + i, null, Duration.ofSeconds(5), message -> {}, LIMIT));
                }
                mosquitto.freeze();
                Iterator<MqttClient> next = clients.iterator();
                LinkException why = inTime(name, name.equals("close") ? CLOSE : SHORT, () -> {
                    MqttClient client = next.next();
                    switch (name) {
                        case "send" -> client.send(Message.of("a", new byte[8 << 20], false), SHORT.toNanos());
                        case "publish" -> client.publish(Message.of("a", new byte[1], false), SHORT);
                        case "subscribe" -> client.subscribe(List.of("a"), SHORT);
                        default -> client.close();
                    }
                });
                assertThat(why == null ? null : why.trouble()).isEqualTo(name.equals("close") ? null : Trouble.STUCK);
                assertThat(clients.getFirst().alive()).isFalse();
                clients.forEach(MqttClient::close);
                mosquitto.thaw();
            }
        }
    }
}
