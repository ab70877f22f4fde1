package org.homeostat.wire;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.homeostat.wire.Golden.Entry;
import org.homeostat.wire.Message.Request;

/** What the wire is held to, as counts over as many trials as asked for: few in a unit test, millions in the whole. */
final class Bars {

    private static final byte[] ZERO = {0};

    /**
     * What came of damaged frames.
     *
     * @param frames how many were damaged
     * @param whole how many came through as they were sent (a zero inserted in front harms nothing)
     * @param wrong how many payloads were accepted that nobody had sent
     */
    record Damaged(long frames, long whole, long wrong, long dropped) {
        Damaged plus(Damaged more) {
            return new Damaged(frames + more.frames, whole + more.whole, wrong + more.wrong, dropped + more.dropped);
        }
    }

    /** What came of frames that followed damage. */
    record Resynchronised(long trials, long whole, long missed) {
        Resynchronised plus(Resynchronised more) {
            return new Resynchronised(trials + more.trials, whole + more.whole, missed + more.missed);
        }
    }

    /** What came of noise. */
    record Noise(long bytes, long accepted, long dropped, long allocated) {}

    /** What came of payloads that nobody meant to send. */
    record Hostile(long payloads, long understood, long malformed) {
        Hostile plus(Hostile more) {
            return new Hostile(payloads + more.payloads, understood + more.understood, malformed + more.malformed);
        }
    }

    private Bars() {}

    /** Damages frames in all families in turn and looks for payloads that nobody sent. */
    static Damaged damaged(long frames, long seed) {
        Damage damage = new Damage(new SplittableRandom(seed));
        FrameReader reader = new FrameReader(512);
        long[] found = new long[2];
        FrameReader.Sink sink = (bytes, from, length) -> found[damage.sent(bytes, from, length) ? 0 : 1]++;
        for (long i = 0; i < frames; i++) {
            int family = (int) (i % Damage.FAMILIES);
            if (family == 0) {
                damage.draw();
            }
            damage.damage(family);
            reader.feed(damage.bytes(), 0, damage.length(), sink);
            reader.feed(ZERO, 0, 1, sink);
        }
        return new Damaged(frames, found[0], found[1], reader.dropped());
    }

    /** Sends a whole frame behind a damaged one and the zero that ends it, in pieces of any size. */
    static Resynchronised resynchronised(long trials, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Damage damage = new Damage(random);
        FrameReader reader = new FrameReader(512);
        boolean[] heard = new boolean[1];
        FrameReader.Sink sink = (bytes, from, length) -> heard[0] = damage.other(bytes, from, length);
        long whole = 0;
        long missed = 0;
        byte[] line = new byte[4096];
        for (long i = 0; i < trials; i++) {
            int family = (int) (i % Damage.FAMILIES);
            do {
                damage.draw();
            } while (!damage.otherIsWhole());
            damage.damage(family);
            int length = damage.length();
            System.arraycopy(damage.bytes(), 0, line, 0, length);
            line[length++] = 0;
            System.arraycopy(
                    damage.otherFrame().array(),
                    0,
                    line,
                    length,
                    damage.otherFrame().length());
            length += damage.otherFrame().length();
            heard[0] = false;
            for (int from = 0; from < length; ) {
                int count = Math.min(random.nextInt(1, 200), length - from);
                reader.feed(line, from, count, sink);
                from += count;
            }
            if (heard[0]) {
                whole++;
            } else {
                missed++;
            }
        }
        return new Resynchronised(trials, whole, missed);
    }

    /** Feeds random bytes, in which zeros are as rare as chance has it or much more frequent. */
    static Noise noise(long bytes, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        FrameReader reader = new FrameReader(640);
        long[] accepted = new long[1];
        FrameReader.Sink sink = (payload, from, length) -> accepted[0]++;
        byte[] piece = new byte[1 << 12];
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = 0;
        long fed = 0;
        for (int round = 0; fed < bytes; round++) {
            random.nextBytes(piece);
            if (round % 2 == 1) {
                for (int i = 0; i < piece.length; i++) {
                    piece[i] = (piece[i] & 0x1F) == 0 ? 0 : piece[i];
                }
            }
            reader.feed(piece, 0, piece.length, sink);
            fed += piece.length;
            if (round == 10) {
                before = threads.getCurrentThreadAllocatedBytes();
            }
        }
        return new Noise(fed, accepted[0], reader.dropped(), threads.getCurrentThreadAllocatedBytes() - before);
    }

    /**
     * Decodes payloads whose check was right and whose content was drawn or damaged, as both ends. Anything but a
     * message or a {@link MalformedException} comes through as it is.
     */
    static Hostile hostile(long payloads, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Samples samples = new Samples(random);
        List<byte[]> golden = new ArrayList<>();
        for (String file : List.of("requests.txt", "replies.txt")) {
            for (Entry entry : Golden.frames(file)) {
                if (entry.word().equals("payload")) {
                    golden.add(entry.bytes());
                }
            }
        }
        long understood = 0;
        long malformed = 0;
        Codec codec = new Codec(ExampleBoard.LAYOUT);
        Request asked = samples.request(codec.layout());
        Bytes bytes = new Bytes();
        for (long i = 0; i < payloads; i++) {
            if (i % 16 == 0) {
                codec = new Codec(random.nextInt(4) == 0 ? ExampleBoard.LAYOUT : samples.layout());
                asked = samples.request(codec.layout());
            }
            bytes.clear();
            switch (random.nextInt(4)) {
                case 0 -> {
                    byte[] noise = new byte[random.nextInt(200)];
                    random.nextBytes(noise);
                    if (noise.length > 0) {
                        noise[0] &= (byte) 0x87;
                    }
                    bytes.put(noise, 0, noise.length);
                }
                case 1 -> {
                    byte[] known = golden.get(random.nextInt(golden.size()));
                    bytes.put(known, 0, known.length);
                }
                case 2 -> codec.encode(1, 2, asked, bytes);
                default -> codec.encode(1, 2, samples.reply(codec.layout(), asked), bytes);
            }
            byte[] payload = damaged(bytes.copy(), random);
            try {
                if (i % 2 == 0) {
                    codec.request(payload, 0, payload.length);
                } else {
                    codec.reply(payload, 0, payload.length, asked);
                }
                understood++;
            } catch (MalformedException e) {
                if (e.getMessage().isBlank()) {
                    throw new AssertionError("a malformed payload deserves a sentence");
                }
                malformed++;
            }
        }
        return new Hostile(payloads, understood, malformed);
    }

    private static byte[] damaged(byte[] payload, SplittableRandom random) {
        byte[] damaged = payload;
        if (random.nextInt(4) == 0) {
            damaged = Arrays.copyOf(payload, Math.max(0, payload.length + random.nextInt(-8, 9)));
        }
        for (int i = random.nextInt(4); i > 0 && damaged.length > 9; i--) {
            damaged[random.nextInt(9, damaged.length)] = (byte) (random.nextBoolean() ? random.nextInt() : 0xFF);
        }
        return damaged;
    }
}
