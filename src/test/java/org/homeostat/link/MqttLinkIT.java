package org.homeostat.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.homeostat.fixtures.EchoAgent;
import org.homeostat.fixtures.Mosquitto;
import org.homeostat.link.LinkException.Trouble;
import org.homeostat.link.MqttClient.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A link over a broker to an agent that echoes; the broker is what holds, and what is killed. */
class MqttLinkIT implements LinkContract {

    private static final Duration LIMIT = Duration.ofSeconds(5);

    @TempDir
    Path folder;

    private final AtomicInteger rigs = new AtomicInteger();

    /** A link, its agent and its broker. */
    private final class Bench implements Rig {

        private final Mosquitto mosquitto = Mosquitto.open(folder.resolve("broker-" + rigs.incrementAndGet()));
        private final EchoAgent agent = new EchoAgent(mosquitto.broker());
        private final Link.Opener opener = MqttLink.opener(mosquitto.broker(), EchoAgent.BOARD, "somebody@here");
        private final Link link = opener.open();

        Bench() throws Exception {}

        @Override
        public Link link() {
            return link;
        }

        @Override
        public void unplug() {
            mosquitto.kill();
        }

        @Override
        public void mute() {
            mosquitto.freeze();
        }

        @Override
        public void close() {
            link.close();
            mosquitto.close();
            agent.close();
        }
    }

    @Override
    public Rig rig() throws Exception {
        Mosquitto.require();
        return new Bench();
    }

    @Override
    public int openings() {
        return 20;
    }

    private static LinkException gone(FutureTask<?> reading) {
        return assertThatExceptionOfType(ExecutionException.class)
                                .isThrownBy(reading::get)
                                .havingCause()
                                .isInstanceOf(LinkException.class)
                                .actual()
                        instanceof LinkException gone
                ? gone
                : null;
    }

    private FutureTask<Integer> reading(Link link) {
        return LinkContract.meanwhile(() -> link.read(new byte[16], 0, 16, LinkContract.SOON));
    }

    @Test
    void whatTheAgentSaysOfTheBoardEndsTheLink() throws Exception {
        Mosquitto.require();
        for (String state : new String[] {"offline", "absent"}) {
            try (Bench bench = new Bench()) {
                FutureTask<Integer> reading = reading(bench.link);
                LinkContract.settle(reading);
                bench.agent.say("offline", 0);
                LinkContract.settle(reading);
                bench.agent.say(state, 1);
                LinkException gone = gone(reading);
                assertThat(gone.trouble()).isEqualTo(Trouble.GONE);
                assertThat(gone)
                        .hasMessageStartingWith(bench.link.name())
                        .hasMessageContaining(state.equals("offline") ? "its agent has gone" : "no such port");
                assertThat(bench.link.alive()).isFalse();
            }
        }
    }

    @Test
    void aLostLeaseEndsTheLinkAndNamesWhoHasIt() throws Exception {
        Mosquitto.require();
        try (Bench bench = new Bench()) {
            FutureTask<Integer> reading = reading(bench.link);
            LinkContract.settle(reading);
            bench.agent.send(Map.of("say", "lost", "lease", "7", "holder", "carol@desk"), new byte[0], null);
            LinkException gone = gone(reading);
            assertThat(gone.trouble()).isEqualTo(Trouble.GONE);
            assertThat(gone).hasMessageContaining("lease was lost").hasMessageContaining("carol@desk");
            // An opener's next link is the same owner's.
            try (Link again = bench.opener.open()) {
                byte[] sent = LinkContract.noise(64);
                assertThat(LinkContract.echoed(again, sent)).isEqualTo(sent);
                assertThat(bench.agent.heard().properties()).containsEntry("lease", "1");
            }
        }
    }

    private LinkException refused(Mosquitto mosquitto, String board) {
        return assertThatExceptionOfType(LinkException.class)
                .isThrownBy(() -> MqttLink.opener(mosquitto.broker(), board, "somebody@here")
                        .open())
                .withMessageStartingWith(mosquitto.broker() + "/" + board + ": ")
                .actual();
    }

    @Test
    void aRefusedOpeningSaysWhy() throws Exception {
        try (Mosquitto mosquitto = Mosquitto.open(folder)) {
            LinkException never = refused(mosquitto, "never");
            assertThat(never.trouble()).isEqualTo(Trouble.ABSENT);
            assertThat(never)
                    .hasMessageContaining("was ever offered")
                    .hasMessageContaining("homeostat devices --broker " + mosquitto.broker());
            try (EchoAgent agent = new EchoAgent(mosquitto.broker())) {
                agent.answer(Map.of("say", "held", "holder", "bob@bench", "since", "2026-11-22T06:30:00Z"));
                LinkException held = refused(mosquitto, EchoAgent.BOARD);
                assertThat(held.trouble()).isEqualTo(Trouble.BUSY);
                assertThat(held).hasMessageContaining("bob@bench").hasMessageContaining("2026-11-22T06:30:00Z");
                agent.answer(Map.of("say", "absent", "why", "the cable is out"));
                LinkException absent = refused(mosquitto, EchoAgent.BOARD);
                assertThat(absent.trouble()).isEqualTo(Trouble.ABSENT);
                assertThat(absent).hasMessageContaining("the cable is out");
                agent.deafen();
                assertThat(refused(mosquitto, EchoAgent.BOARD)).hasMessageContaining("does not answer");
                agent.say("offline", 1);
                LinkException offline = refused(mosquitto, EchoAgent.BOARD);
                assertThat(offline.trouble()).isEqualTo(Trouble.ABSENT);
                assertThat(offline)
                        .hasMessageContaining("offline since 2026-11-22T06:00:00Z")
                        .hasMessageContaining("homeostat agent");
            }
        }
    }

    private static byte[] correlation(Message like, long number, long count) {
        ByteBuffer old = ByteBuffer.wrap(like.correlation()).order(ByteOrder.LITTLE_ENDIAN);
        long its = old.getLong();
        return ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(number == 0 ? its : number)
                .putLong(count == 0 ? old.getLong() : count)
                .array();
    }

    @Test
    void whatIsOfAnotherLinkOrLateIsDropped() throws Exception {
        Mosquitto.require();
        try (Bench bench = new Bench()) {
            byte[] sent = LinkContract.noise(4);
            assertThat(LinkContract.echoed(bench.link, sent)).isEqualTo(sent);
            Message last = bench.agent.heard();
            byte[] strange = {1};
            bench.agent.send(Map.of(), strange, correlation(last, 99, 0));
            bench.agent.send(Map.of(), strange, correlation(last, 0, 1));
            bench.agent.send(Map.of(), strange, correlation(last, 0, 1000));
            bench.agent.send(Map.of(), strange, new byte[3]);
            bench.agent.send(Map.of("say", "lost"), new byte[0], correlation(last, 99, 0));
            bench.agent.send(Map.of(), new byte[] {2}, null);
            assertThat(LinkContract.taken(bench.link, 1)).containsExactly(2);
            assertThat(bench.link.read(new byte[1], 0, 1, 50_000_000)).isZero();
            assertThat(bench.link.alive()).isTrue();
        }
    }

    @Test
    void whatNobodyReadsIsBounded() throws Exception {
        Mosquitto.require();
        try (Bench bench = new Bench()) {
            bench.link.write(new byte[] {0}, 0, 1, LinkContract.SOON);
            LinkContract.taken(bench.link, 1);
            for (int i = 0; i < 100; i++) {
                bench.agent.send(Map.of(), LinkContract.noise(65_536), null);
            }
            bench.agent.send(Map.of(), new byte[] {7}, null);
            // Far longer than it takes to come, and nobody reads.
            Thread.sleep(2000);
            int bytes = 0;
            byte[] into = new byte[1 << 16];
            long limit = System.nanoTime() + LIMIT.toNanos();
            while (System.nanoTime() - limit < 0) {
                int count = bench.link.read(into, 0, into.length, 200_000_000);
                bytes += count;
                if (count == 1 && into[0] == 7) {
                    break;
                }
            }
            assertThat(bytes).isBetween(1, 1 << 20);
            assertThat(bench.link.alive()).isTrue();
        }
    }
}
