package org.homeostat.board;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.homeostat.board.BoardDevice.Settings;
import org.homeostat.device.Card;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Nudge;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.link.Link;
import org.homeostat.link.LinkException;
import org.homeostat.wire.Bytes;
import org.homeostat.wire.Codec;
import org.homeostat.wire.ErrorCode;
import org.homeostat.wire.FrameReader;
import org.homeostat.wire.Frames;
import org.homeostat.wire.Header;
import org.homeostat.wire.Layout;
import org.homeostat.wire.MalformedException;
import org.homeostat.wire.Message.CardPart;
import org.homeostat.wire.Message.Hello;
import org.homeostat.wire.Message.ReadCard;
import org.homeostat.wire.Message.Refusal;
import org.homeostat.wire.Message.Reply;
import org.homeostat.wire.Message.Request;
import org.homeostat.wire.Message.Welcome;
import org.homeostat.wire.Reason;
import org.homeostat.wire.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is no board, or a broken one, is refused at the handshake, in a sentence and in time. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StrangeBoardTest {

    private static final Settings SHORT = new Settings(Duration.ofMillis(500), Duration.ofMillis(300));

    private static final Descriptor CARD = new Descriptor(
            "little-board",
            "little firmware",
            1,
            Map.of(
                    Role.INPUT,
                    List.of(new Channel("x1", Role.INPUT, "V", -1, 1, 0, Scale.Linear.of(12, -1, 1))),
                    Role.OUTPUT,
                    List.of(new Channel("o1", Role.OUTPUT, "V", -1, 1, 0, Scale.Linear.of(12, -1, 1))),
                    Role.NUDGE,
                    List.of(new Channel("n1", Role.NUDGE, "A", -1, 1, 0, Scale.Linear.of(12, -1, 1)))),
            Set.of(),
            Set.of(Nudge.Kind.FORCE),
            1,
            1e-3,
            List.of());

    private static Welcome welcome(byte[] card, String digest) {
        State state = new State(false, Reason.NEVER_ARMED, 1, 0, 0, 1000, 0);
        return new Welcome(1, 0, 8192, 2, 100, 2000, card.length, digest, state);
    }

    /** A link at whose far end every request is answered at once, as a function says; null for no answer. */
    private static final class Answering implements Link {
        private final Function<Request, Reply> answers;
        private final Codec codec = new Codec(Layout.NONE);
        private final FrameReader reader = new FrameReader(1024);
        private final Bytes coming = new Bytes();
        private int taken;

        Answering(Function<Request, Reply> answers) {
            this.answers = answers;
        }

        @Override
        public void write(byte[] bytes, int offset, int length, long nanos) {
            reader.feed(bytes, offset, length, this::take);
        }

        private void take(byte[] bytes, int from, int length) {
            try {
                Header header = Header.of(bytes, from, length);
                Reply reply = answers.apply(codec.request(bytes, from, length));
                if (reply != null) {
                    Bytes payload = new Bytes();
                    codec.encode(header.session(), header.number(), reply, payload);
                    Frames.encode(payload, coming);
                }
            } catch (MalformedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public int read(byte[] into, int offset, int length, long nanos) {
            int count = Math.min(length, coming.length() - taken);
            if (count == 0) {
                pause(Math.min(nanos, 1_000_000));
                return 0;
            }
            System.arraycopy(coming.array(), taken, into, offset, count);
            taken += count;
            return count;
        }

        @Override
        public boolean alive() {
            return true;
        }

        @Override
        public String name() {
            return "answering";
        }

        @Override
        public void close() {}
    }

    private static void pause(long nanos) {
        java.util.concurrent.locks.LockSupport.parkNanos(nanos);
    }

    private static BoardDevice open(Function<Request, Reply> answers) {
        return BoardDevice.open("serial:strange", () -> new Answering(answers), SHORT);
    }

    /** A board with these bytes for a card, and what it claims their digest to be. */
    private static Function<Request, Reply> with(byte[] card, String digest) {
        return request -> switch (request) {
            case Hello hello -> welcome(card, digest);
            case ReadCard part -> {
                int from = (int) Math.min(part.offset(), card.length);
                yield new CardPart(
                        part.offset(), Arrays.copyOfRange(card, from, Math.min(from + part.most(), card.length)));
            }
            default -> null;
        };
    }

    private static DeviceException refused(Function<Request, Reply> answers) {
        DeviceException refused =
                catchThrowableOfType(DeviceException.class, () -> open(answers).close());
        assertThat(refused).isNotNull().hasMessageContaining("serial:strange");
        return refused;
    }

    @Test
    void anHonestBoardIsUnderstood() {
        byte[] card = Card.of(CARD);
        try (BoardDevice board = open(with(card, Card.digest(card)))) {
            assertThat(board.descriptor()).isEqualTo(CARD);
        }
    }

    @Test
    void everyDamagedByteOfACardIsFound() {
        byte[] honest = Card.of(CARD);
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < honest.length; i++) {
            byte[] card = honest.clone();
            card[i] ^= (byte) (1 + random.nextInt(255));
            assertThat(refused(with(card, Card.digest(honest))).fault())
                    .as("byte %s", i)
                    .isEqualTo(Fault.CORRUPT);
        }
    }

    @Test
    void everyDamagedDigitOfADigestIsFound() {
        byte[] card = Card.of(CARD);
        String digest = Card.digest(card);
        for (int i = 0; i < digest.length(); i++) {
            for (int flip = 1; flip < 16; flip++) {
                char digit = Character.forDigit(Character.digit(digest.charAt(i), 16) ^ flip, 16);
                String wrong = digest.substring(0, i) + digit + digest.substring(i + 1);
                assertThat(refused(with(card, wrong)))
                        .hasMessageContainingAll(wrong, digest)
                        .extracting(DeviceException::fault)
                        .isEqualTo(Fault.CORRUPT);
            }
        }
    }

    @Test
    void aCardThatMakesNoSenseIsRefusedThoughItsDigestIsRight() {
        byte[] honest = Card.of(CARD);
        int refused = 0;
        for (int i = 0; i < honest.length; i++) {
            byte[] card = honest.clone();
            card[i] ^= (byte) 0x80;
            DeviceException why = catchThrowableOfType(
                    DeviceException.class,
                    () -> open(with(card, Card.digest(card))).close());
            if (why != null) {
                assertThat(why).hasMessageContaining("card cannot be read");
                refused++;
            }
        }
        // A level or a letter may be another one.
        assertThat(refused).isGreaterThan(honest.length / 4);
    }

    @Test
    void aCardThatIsCutOrEndlessIsRefused() {
        byte[] card = Card.of(CARD);
        String digest = Card.digest(card);
        for (int length : new int[] {0, 1, card.length - 1}) {
            byte[] cut = Arrays.copyOf(card, length);
            assertThat(refused(with(cut, digest)).fault()).isEqualTo(Fault.CORRUPT);
            assertThat(refused(with(cut, Card.digest(cut))).fault()).isEqualTo(Fault.CORRUPT);
        }
        State state = welcome(card, digest).state();
        assertThat(refused(request -> new Welcome(1, 0, 640, 2, 100, 2000, 0xffff_ffffL, digest, state)))
                .hasMessageContaining("4294967295 bytes");
        // Nothing, or more than was asked for, or another part.
        for (CardPart part :
                List.of(new CardPart(0, new byte[0]), new CardPart(0, new byte[5000]), new CardPart(1, new byte[10]))) {
            assertThat(refused(request -> request instanceof Hello ? welcome(card, digest) : part)
                            .fault())
                    .isEqualTo(Fault.CORRUPT);
        }
    }

    @Test
    void anotherVersionIsNamed() {
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> open(request -> Refusal.of(ErrorCode.VERSION, "this board speaks version 2.0")))
                .withMessageContainingAll("version 2.0", "flash a firmware of protocol version 1")
                .extracting(DeviceException::fault)
                .isEqualTo(Fault.UNSUPPORTED);
        Welcome honest = welcome(new byte[1], "0011223344556677");
        assertThat(refused(request -> new Welcome(2, 3, 640, 2, 100, 2000, 1, honest.digest(), honest.state())))
                .hasMessageContaining("speaks version 2.3");
    }

    @Test
    void aBoardThatTakesNothingIsBroken() {
        Welcome honest = welcome(new byte[1], "0011223344556677");
        assertThat(refused(request -> new Welcome(1, 0, 4, 2, 100, 2000, 1, honest.digest(), honest.state()))
                        .fault())
                .isEqualTo(Fault.CORRUPT);
        assertThat(refused(request -> new Welcome(1, 0, 640, 0, 100, 2000, 1, honest.digest(), honest.state()))
                        .fault())
                .isEqualTo(Fault.CORRUPT);
        assertThat(refused(request -> new Welcome(1, 0, 0xffff_ffffL, 2, 100, 2000, 1, honest.digest(), honest.state()))
                        .fault())
                .isEqualTo(Fault.CORRUPT);
    }

    /** Something that sends whatever it likes, and never a frame. */
    private record Noise(int bytes, long everyNanos) implements Link {
        @Override
        public void write(byte[] bytes, int offset, int length, long nanos) {}

        @Override
        public int read(byte[] into, int offset, int length, long nanos) {
            if (nanos < everyNanos) {
                pause(Math.max(nanos, 0));
                return 0;
            }
            pause(everyNanos);
            int count = Math.min(bytes, length);
            for (int i = 0; i < count; i++) {
                into[offset + i] = (byte) (i * 37L + System.nanoTime());
            }
            return count;
        }

        @Override
        public boolean alive() {
            return true;
        }

        @Override
        public String name() {
            return "noise";
        }

        @Override
        public void close() {}
    }

    @ParameterizedTest
    @CsvSource({"0, 1000000000", "1, 50000000", "100000, 0"})
    void whatIsNoBoardIsGivenUpInTime(int bytes, long everyNanos) {
        long began = System.nanoTime();
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> BoardDevice.open("serial:strange", () -> new Noise(bytes, everyNanos), SHORT))
                .withMessageContainingAll("serial:strange", "does not answer", "baud")
                .extracting(DeviceException::fault)
                .isEqualTo(Fault.TIMEOUT);
        // Half a second of scheduling on a busy machine; the limit itself is measured elsewhere.
        assertThat(System.nanoTime() - began).isBetween(300_000_000L, 800_000_000L);
    }

    @Test
    void whatCannotBeOpenedSaysWhy() {
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> BoardDevice.open(
                        "serial:nowhere",
                        () -> {
                            throw new LinkException(LinkException.Trouble.ABSENT, "serial port nowhere: plug it in");
                        },
                        SHORT))
                .withMessage("serial port nowhere: plug it in")
                .extracting(DeviceException::fault)
                .isEqualTo(Fault.DISCONNECTED);
    }
}
