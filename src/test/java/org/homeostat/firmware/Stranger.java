package org.homeostat.firmware;

import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.SplittableRandom;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Role;
import org.homeostat.link.Link;
import org.homeostat.link.LinkException;
import org.homeostat.wire.Bytes;
import org.homeostat.wire.Codec;
import org.homeostat.wire.FrameReader;
import org.homeostat.wire.Frames;
import org.homeostat.wire.Header;
import org.homeostat.wire.Layout;
import org.homeostat.wire.MalformedException;
import org.homeostat.wire.Message.Hello;
import org.homeostat.wire.Message.Reply;
import org.homeostat.wire.Message.Request;
import org.homeostat.wire.Message.Welcome;
import org.homeostat.wire.WireRole;

/** A host of few words: says exactly what it is told to, in a new session of its own. */
final class Stranger implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final long AGAIN_NANOS = 200_000_000;
    private static final int LARGEST = 1024;

    private final Link link;
    private final Codec codec;
    private final FrameReader reader = new FrameReader(LARGEST);
    private final long session;
    private final Welcome welcome;
    private long apart = 0x8000_0000L;

    /** Begins a session. */
    Stranger(Link link, Descriptor card, long seed) throws LinkException {
        this.link = link;
        codec = new Codec(layout(card));
        session = new SplittableRandom(seed).nextLong(1, 1L << 32);
        link.write(new byte[1], 0, 1, PATIENCE.toNanos());
        welcome = (Welcome) ask(new Hello(Hello.MAJOR, Hello.MINOR));
    }

    /** What the board said when the session began. */
    Welcome welcome() {
        return welcome;
    }

    private static Layout layout(Descriptor card) {
        Map<WireRole, int[]> widths = new EnumMap<>(WireRole.class);
        for (Role role : Role.values()) {
            widths.put(
                    WireRole.valueOf(role.name()),
                    card.channels(role).stream()
                            .map(Channel::scale)
                            .mapToInt(scale -> Layout.width(scale.codes()))
                            .toArray());
        }
        return new Layout(card.lanes(), widths, EnumSet.of(WireRole.OUTPUT, WireRole.MONITOR));
    }

    /** Says something once, and does not wait for the reply. */
    void say(Request request, long number) throws LinkException {
        byte[] frame = frame(request, number);
        link.write(frame, 0, frame.length, PATIENCE.toNanos());
    }

    private byte[] frame(Request request, long number) {
        Bytes payload = new Bytes();
        codec.encode(session, number, request, payload);
        Bytes framed = new Bytes();
        Frames.encode(payload, framed);
        return framed.copy();
    }

    /** Asks something that is no batch. */
    Reply ask(Request request) throws LinkException {
        return ask(request, apart++);
    }

    /** Asks until there is a reply. */
    Reply ask(Request request, long number) throws LinkException {
        byte[] frame = frame(request, number);
        byte[] buffer = new byte[4096];
        Reply[] found = new Reply[1];
        long begun = System.nanoTime();
        long sent = begun - AGAIN_NANOS;
        while (found[0] == null) {
            long now = System.nanoTime();
            if (now - begun > PATIENCE.toNanos()) {
                throw new AssertionError("no reply to " + request);
            }
            if (now - sent >= AGAIN_NANOS) {
                link.write(frame, 0, frame.length, PATIENCE.toNanos());
                sent = now;
            }
            int count = link.read(buffer, 0, buffer.length, AGAIN_NANOS / 4);
            reader.feed(buffer, 0, count, (bytes, from, length) -> {
                try {
                    Header header = Header.of(bytes, from, length);
                    if (header.session() == session && header.number() == number) {
                        found[0] = codec.reply(bytes, from, length, request);
                    }
                } catch (MalformedException nonsense) {
                    throw new AssertionError(nonsense);
                }
            });
        }
        return found[0];
    }

    @Override
    public void close() {
        link.close();
    }
}
