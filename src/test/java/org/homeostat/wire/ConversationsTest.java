package org.homeostat.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.stream.Stream;
import org.homeostat.wire.Golden.Entry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The golden conversations, with the example board made of this room's codec. */
class ConversationsTest {

    private static final long PATIENCE = 1_000_000;

    private final FrameReader reader = new FrameReader(4096);
    private final Deque<byte[]> heard = new ArrayDeque<>();
    private ExampleBoard board;

    static Stream<Path> conversations() {
        return Golden.conversations();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("conversations")
    void theBoardAnswersAsItIsWritten(Path file) {
        board = new ExampleBoard(1);
        Set<Long> boots = new HashSet<>(Set.of(1L));
        int place = 0;
        for (Entry entry : Golden.entries(file)) {
            String where = file.getFileName() + ", entry " + ++place + " (" + entry.word() + ")";
            switch (entry.word()) {
                case "host" -> send(entry.bytes());
                case "board" -> {
                    for (long waited = 0; heard.isEmpty() && waited < PATIENCE; waited += 100) {
                        board.advance(100);
                        listen();
                    }
                    assertThat(heard).as(where + ": no reply").isNotEmpty();
                    byte[] reply = heard.removeFirst();
                    assertThat(entry.matches(reply))
                            .as(where + ": expected " + entry.digits() + " but heard "
                                    + HexFormat.of().withUpperCase().formatHex(reply))
                            .isTrue();
                }
                case "damaged" -> {
                    assertThat(heard).as(where).isEmpty();
                    board.take(entry.bytes());
                    listen();
                    assertThat(heard).as(where).isEmpty();
                }
                case "wait" -> {
                    assertThat(heard).as(where).isEmpty();
                    board.advance(entry.number());
                    listen();
                    assertThat(heard).as(where).isEmpty();
                }
                case "restart" -> {
                    assertThat(heard).as(where).isEmpty();
                    board = new ExampleBoard(2);
                    assertThat(boots.add(2L)).as("one restart a conversation").isTrue();
                }
                default -> throw new AssertionError(where + ": no such word");
            }
        }
        board.advance(PATIENCE / 10);
        listen();
        assertThat(heard).as("at the end of " + file).isEmpty();
        assertThat(reader.dropped()).isZero();
    }

    @Test
    void thereAreConversationsAboutAllThatTheProtocolPromises() {
        assertThat(Golden.conversations().map(file -> file.getFileName().toString()))
                .contains(
                        "beginning.txt",
                        "lost-reply.txt",
                        "stale-session.txt",
                        "arming.txt",
                        "stop.txt",
                        "silence.txt",
                        "partial-and-averaging.txt",
                        "step.txt",
                        "limits.txt",
                        "slew.txt",
                        "order.txt",
                        "window.txt",
                        "garbage.txt",
                        "restart.txt");
    }

    private void send(byte[] payload) {
        Bytes frame = new Bytes();
        Frames.encode(new Bytes().put(payload, 0, payload.length), frame);
        board.take(frame.copy());
        listen();
    }

    private void listen() {
        byte[] bytes = board.sent();
        reader.feed(
                bytes, 0, bytes.length, (from, at, length) -> heard.addLast(Arrays.copyOfRange(from, at, at + length)));
    }
}
