package org.homeostat.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.homeostat.fixtures.EchoAgent;
import org.homeostat.fixtures.OwnBroker;
import org.homeostat.link.LinkException.Trouble;
import org.homeostat.link.MqttClient.Message;
import org.junit.jupiter.api.Test;

/** A link over a broker to an agent that echoes; the broker is what is held, and what is killed. */
interface MqttLinkContract extends LinkContract {

    Duration LIMIT = Duration.ofSeconds(5);

    /** A new broker. */
    OwnBroker broker() throws Exception;

    /** A link, its agent and its broker. */
    final class Bench implements Rig {

        private final OwnBroker broker;
        private final EchoAgent agent;
        private final Link.Opener opener;
        private final Link link;

        Bench(OwnBroker broker) throws LinkException {
            this.broker = broker;
            agent = new EchoAgent(broker.broker());
            opener = MqttLink.opener(broker.broker(), EchoAgent.BOARD, "somebody@here");
            link = opener.open();
        }

        @Override
        public Link link() {
            return link;
        }

        @Override
        public void unplug() {
            broker.kill();
        }

        @Override
        public void mute() {
            broker.freeze();
        }

        @Override
        public void close() {
            link.close();
            broker.close();
            agent.close();
        }
    }

    @Override
    default Rig rig() throws Exception {
        return new Bench(broker());
    }

    @Override
    default int openings() {
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

    private static FutureTask<Integer> reading(Link link) {
        return LinkContract.meanwhile(() -> link.read(new byte[16], 0, 16, LinkContract.SOON));
    }

    @Test
    default void whatTheAgentSaysOfTheBoardEndsTheLink() throws Exception {
        for (String state : new String[] {"offline", "absent"}) {
            try (Bench bench = new Bench(broker())) {
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
    default void aLostLeaseEndsTheLinkAndNamesWhoHasIt() throws Exception {
        try (Bench bench = new Bench(broker())) {
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

    private static LinkException refused(OwnBroker broker, String board) {
        return assertThatExceptionOfType(LinkException.class)
                .isThrownBy(() ->
                        MqttLink.opener(broker.broker(), board, "somebody@here").open())
                .withMessageStartingWith(broker.broker() + "/" + board + ": ")
                .actual();
    }

    @Test
    default void aRefusedOpeningSaysWhy() throws Exception {
        try (OwnBroker broker = broker()) {
            LinkException never = refused(broker, "never");
            assertThat(never.trouble()).isEqualTo(Trouble.ABSENT);
            assertThat(never)
                    .hasMessageContaining("was ever offered")
                    .hasMessageContaining("homeostat devices --broker " + broker.broker());
            try (EchoAgent agent = new EchoAgent(broker.broker())) {
                agent.answer(Map.of("say", "held", "holder", "bob@bench", "since", "2026-11-22T06:30:00Z"));
                LinkException held = refused(broker, EchoAgent.BOARD);
                assertThat(held.trouble()).isEqualTo(Trouble.BUSY);
                assertThat(held).hasMessageContaining("bob@bench").hasMessageContaining("2026-11-22T06:30:00Z");
                agent.answer(Map.of("say", "absent", "why", "the cable is out"));
                LinkException absent = refused(broker, EchoAgent.BOARD);
                assertThat(absent.trouble()).isEqualTo(Trouble.ABSENT);
                assertThat(absent).hasMessageContaining("the cable is out");
                agent.deafen();
                assertThat(refused(broker, EchoAgent.BOARD)).hasMessageContaining("does not answer");
                agent.say("offline", 1);
                LinkException offline = refused(broker, EchoAgent.BOARD);
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
    default void whatIsOfAnotherLinkOrLateIsDropped() throws Exception {
        try (Bench bench = new Bench(broker())) {
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
    default void whatNobodyReadsIsBounded() throws Exception {
        try (Bench bench = new Bench(broker())) {
            bench.link.write(new byte[] {0}, 0, 1, LinkContract.SOON);
            LinkContract.taken(bench.link, 1);
            CountDownLatch all = new CountDownLatch(101);
            try (MqttClient other = MqttClient.open(
                    bench.broker.broker(), "it-other", null, LIMIT, message -> all.countDown(), LIMIT)) {
                other.subscribe(List.of(bench.agent.heard().respondTo()), LIMIT);
                for (int i = 0; i < 100; i++) {
                    bench.agent.send(Map.of(), LinkContract.noise(65_536), null);
                }
                bench.agent.send(Map.of(), new byte[] {7}, null);
                // When all of it has come to someone else it has come here too, or will in a moment.
                assertThat(all.await(60, TimeUnit.SECONDS)).isTrue();
            }
            Thread.sleep(1000);
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
