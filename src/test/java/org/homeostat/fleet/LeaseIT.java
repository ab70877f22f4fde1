package org.homeostat.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.homeostat.board.BoardDevice;
import org.homeostat.device.Deadline;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.fixtures.Mosquitto;
import org.homeostat.fixtures.Noted;
import org.homeostat.fixtures.Noted.Made;
import org.homeostat.link.Link;
import org.homeostat.link.LinkException;
import org.homeostat.link.LinkException.Trouble;
import org.homeostat.link.MqttClient;
import org.homeostat.link.MqttClient.Message;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One controller at a time drives a board, at a real broker. What the twin behind the agent executed is the truth. */
@Timeout(240)
final class LeaseIT {

    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final long SETTLE_MILLIS = 300;

    @TempDir
    Path home;

    private Mosquitto broker;
    private Bench bench;

    @BeforeEach
    void begin() throws Exception {
        broker = Mosquitto.open(home.resolve("broker"));
        bench = new Bench(broker.broker(), "board-7", home);
    }

    @AfterEach
    void end() {
        if (bench != null) {
            bench.close();
        }
        if (broker != null) {
            broker.close();
        }
    }

    private static void present(BoardDevice board, int number) {
        board.present(Noted.numbered(board.descriptor(), number), Deadline.in(LIMIT));
    }

    private List<Integer> executed() {
        return bench.truth().made().stream()
                .map(Made::number)
                .filter(number -> number != Noted.SAFE)
                .toList();
    }

    @Test
    void aSecondControllerIsToldWhoHasTheBoardAndMovesNothing() {
        try (BoardDevice ann = bench.board("ann@lab")) {
            ann.arm();
            present(ann, 1);
            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(() -> bench.board("bob@desk"))
                    .withMessageMatching("mqtt://127\\.0\\.0\\.1:\\d+/board-7: ann@lab drives this board since "
                            + "\\d{4}-\\d\\d-\\d\\dT[\\d:]+Z; wait until they are done, or ask them")
                    .satisfies(refused -> assertThat(refused.fault()).isEqualTo(Fault.DISCONNECTED));
            present(ann, 2);
        }
        try (BoardDevice bob = bench.board("bob@desk")) {
            bob.arm();
            present(bob, 3);
        }
        assertThat(executed()).containsExactly(1, 2, 3);
    }

    @Test
    void framesOfAnEarlierOwnerMoveNothing() throws Exception {
        List<Message> captured = Collections.synchronizedList(new ArrayList<>());
        try (MqttClient tap = tap(captured)) {
            tap.subscribe(List.of("homeostat/1/board-7/to"), LIMIT);
            try (BoardDevice ann = bench.board("ann@lab")) {
                ann.arm();
                for (int i = 0; i < 50; i++) {
                    present(ann, i);
                }
            }
            Thread.sleep(SETTLE_MILLIS);
        }
        List<Message> old = List.copyOf(captured);
        assertThat(old).hasSizeGreaterThan(55);
        List<Message> answers = Collections.synchronizedList(new ArrayList<>());
        int before = executed().size();
        try (MqttClient stranger = tap(answers)) {
            stranger.subscribe(List.of("homeostat/1/board-7/from/#"), LIMIT);
            // While nobody has the board, and while another has it.
            replay(stranger, old);
            assertThat(executed()).hasSize(before);
            try (BoardDevice bob = bench.board("bob@desk")) {
                bob.arm();
                present(bob, 100);
                String number = newest(answers);
                replay(stranger, old);
                // With the number in force, but from the old owner's link; and from the new one's with the old number.
                replay(stranger, old.stream().map(each -> leased(each, number)).toList());
                long link = link(answers);
                replay(stranger, old.stream().map(each -> linked(each, link)).toList());
                present(bob, 101);
                assertThat(bob.ready()).isTrue();
            }
        }
        assertThat(executed()).hasSize(before + 2).endsWith(100, 101);
        System.out.println("stale frames: " + 4 * old.size() + " messages of an earlier owner were sent again, and "
                + (executed().size() - before - 2) + " exchanges made of them");
    }

    private MqttClient tap(List<Message> into) throws LinkException {
        return MqttClient.open(broker.broker(), "tap-" + System.nanoTime(), null, LIMIT, into::add, LIMIT);
    }

    private static void replay(MqttClient stranger, List<Message> messages) throws Exception {
        for (Message message : messages) {
            stranger.send(message, LIMIT.toNanos());
            // Slowly enough that none is dropped for want of room, which would prove nothing.
            Thread.sleep(2);
        }
        Thread.sleep(SETTLE_MILLIS);
    }

    private static Message leased(Message message, String number) {
        Map<String, String> words = new HashMap<>(message.properties());
        words.replace("lease", number);
        return new Message(
                message.topic(), message.payload(), false, message.respondTo(), message.correlation(), words);
    }

    private static Message linked(Message message, long link) {
        byte[] correlation = message.correlation().clone();
        ByteBuffer.wrap(correlation)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(link)
                // Later than anything of the owner's, so that only the number of the lease speaks against it.
                .putLong(1_000_000 + message.correlation()[8]);
        Map<String, String> words = new HashMap<>(message.properties());
        words.remove("ask");
        return new Message(message.topic(), message.payload(), false, message.respondTo(), correlation, words);
    }

    private static Message granted(List<Message> answers) {
        synchronized (answers) {
            return answers.stream()
                    .filter(each -> "granted".equals(each.properties().get("say")))
                    .reduce((a, b) -> b)
                    .orElseThrow();
        }
    }

    private static String newest(List<Message> answers) {
        return granted(answers).properties().get("lease");
    }

    private static long link(List<Message> answers) {
        return ByteBuffer.wrap(granted(answers).correlation())
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
    }

    /** A link that can be made to swallow everything, as a network does that has gone without a word. */
    private static final class Gated implements Link {
        private final Link link;
        private final AtomicBoolean shut;

        Gated(Link link, AtomicBoolean shut) {
            this.link = link;
            this.shut = shut;
        }

        @Override
        public void write(byte[] bytes, int offset, int length, long nanos) throws LinkException {
            if (!shut.get()) {
                link.write(bytes, offset, length, nanos);
            }
        }

        @Override
        public int read(byte[] into, int offset, int length, long nanos) throws LinkException {
            return link.read(into, offset, length, nanos);
        }

        @Override
        public boolean alive() {
            return link.alive();
        }

        @Override
        public String name() {
            return link.name();
        }

        @Override
        public void close() {
            if (!shut.get()) {
                link.close();
            }
        }
    }

    @Test
    void anOwnerThatFallsSilentLosesTheBoardAndMovesNothingWhenItSpeaksAgain() throws Exception {
        Link.Opener opener = bench.opener("ann@lab");
        AtomicBoolean shut = new AtomicBoolean();
        try (BoardDevice ann = BoardDevice.open(
                "board-7",
                () -> {
                    if (shut.get()) {
                        throw new LinkException(Trouble.ABSENT, "there is no way to the broker");
                    }
                    return new Gated(opener.open(), shut);
                },
                Bench.SETTINGS)) {
            ann.arm();
            present(ann, 1);
            shut.set(true);
            long silent = System.nanoTime();
            BoardDevice bob = null;
            while (bob == null) {
                try {
                    bob = bench.board("bob@desk");
                } catch (DeviceException held) {
                    assertThat(held).hasMessageContaining("ann@lab drives this board");
                }
            }
            double seconds = 1e-9 * (System.nanoTime() - silent);
            System.out.printf(Locale.ROOT, "a silent owner's lease went to another after %.2f s%n", seconds);
            assertThat(seconds).isBetween(4.5, 10.0);
            bob.arm();
            present(bob, 2);
            shut.set(false);
            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(() -> present(ann, 3))
                    .satisfies(refused ->
                            assertThat(refused.fault()).isIn(Fault.LATCHED, Fault.DISCONNECTED, Fault.TIMEOUT));
            present(bob, 4);
            bob.close();
        }
        assertThat(executed()).containsExactly(1, 2, 4);
    }

    @Test
    void theNumberCountsUpThroughRestartsOfTheAgentAndTheOwnerIsSentAway() throws Exception {
        List<Long> numbers = Collections.synchronizedList(new ArrayList<>());
        Pattern pattern = Pattern.compile("\"number\":(\\d+).*\"holder\"");
        try (MqttClient tap = MqttClient.open(
                broker.broker(),
                "tap",
                null,
                LIMIT,
                message -> {
                    Matcher number = pattern.matcher(new String(message.payload(), StandardCharsets.UTF_8));
                    if (number.find()) {
                        numbers.add(Long.parseLong(number.group(1)));
                    }
                },
                LIMIT)) {
            tap.subscribe(List.of("homeostat/1/board-7/lease"), LIMIT);
            for (int i = 0; i < 10; i++) {
                try (BoardDevice board = bench.board("ann@lab")) {
                    board.arm();
                    present(board, i);
                    bench.agent().close();
                    bench.begin();
                    assertThatExceptionOfType(DeviceException.class)
                            .isThrownBy(() -> present(board, 100))
                            .withMessageContaining("resistor-array-v1");
                }
            }
            Thread.sleep(SETTLE_MILLIS);
        }
        List<Long> distinct = numbers.stream().distinct().toList();
        assertThat(distinct).hasSizeGreaterThanOrEqualTo(10).isSorted();
        assertThat(executed()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }

    @Test
    void ofTwoWhoFightOverABoardNeverBothHaveIt() throws Exception {
        int rounds = 100;
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch go = new CountDownLatch(1);
        try (ExecutorService two = Executors.newFixedThreadPool(2)) {
            List<Future<?>> fighters = new ArrayList<>();
            for (int fighter = 0; fighter < 2; fighter++) {
                int who = fighter;
                fighters.add(two.submit(() -> {
                    go.await();
                    for (int round = 0; round < rounds / 2; ) {
                        try (Link link = bench.opener("fighter " + who).open()) {
                            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                            BoardDevice board = BoardDevice.open("board-7", () -> link, Bench.SETTINGS);
                            board.arm();
                            for (int i = 0; i < 5; i++) {
                                present(board, 1 + 10 * round + 5 * who + i);
                            }
                            assertThat(bench.truth().last().number()).isEqualTo(1 + 10 * round + 5 * who + 4);
                            round++;
                            inside.decrementAndGet();
                            board.close();
                        } catch (LinkException held) {
                            assertThat(held.trouble()).isEqualTo(Trouble.BUSY);
                            refused.incrementAndGet();
                        }
                    }
                    return null;
                }));
            }
            go.countDown();
            for (Future<?> fighter : fighters) {
                fighter.get();
            }
        }
        // Each turn's exchanges stand together, in order, in the truth.
        List<Integer> executed = executed();
        assertThat(executed).hasSize(5 * rounds).doesNotHaveDuplicates();
        for (int i = 0; i < executed.size(); i++) {
            assertThat(executed.get(i) - 1).isEqualTo(executed.get(i - i % 5) - 1 + i % 5);
        }
        System.out.println("two controllers, " + rounds + " turns in all, " + refused + " times refused: at most "
                + most + " had the board at once");
        assertThat(most).hasValue(1);
    }
}
