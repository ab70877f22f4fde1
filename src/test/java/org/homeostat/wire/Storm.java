package org.homeostat.wire;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/**
 * A host and a board in simulated time, with a bad line between them: delays around the host's patience, drops, and
 * either a line that keeps the order, or one on which packets overtake and repeat each other. Every reply carries the
 * truth about which request it answers, which the host compares with what it matched.
 */
final class Storm {

    /** What a storm came to. */
    record Outcome(
            long requests, long sent, long matched, long wrong, long dropped, long sessions, long executedTwice) {
        Outcome plus(Outcome more) {
            return new Outcome(
                    requests + more.requests,
                    sent + more.sent,
                    matched + more.matched,
                    wrong + more.wrong,
                    dropped + more.dropped,
                    sessions + more.sessions,
                    executedTwice + more.executedTwice);
        }
    }

    /** A request or a reply; {@code truth} is the request that is meant. */
    private record Packet(boolean toBoard, byte[] payload, long truth) {}

    private record Event(double time, long order, Packet packet, long timeout) {}

    private record Asked(Header header, long truth, int sends) {}

    private static final int BATCH = 0x04;
    private static final int BEAT = 0x05;
    private static final int HELLO = 0x01;
    private static final double PATIENCE = 10;
    private static final int WINDOW = 2;

    private final SplittableRandom random;
    private final boolean ordered;
    private final boolean careless;
    private final PriorityQueue<Event> events = new PriorityQueue<>(
            (a, b) -> a.time() != b.time() ? Double.compare(a.time(), b.time()) : Long.compare(a.order(), b.order()));
    private double now;
    private long order;
    private final double[] lastArrival = new double[2];

    // The host.
    private final Pending<Asked> pending = new Pending<>();
    private final Map<Long, Asked> open = new HashMap<>();
    private long truths;
    private long nextBatch;
    private long nextApart;
    private boolean begun;
    private long sent;
    private long matched;
    private long wrong;
    private long sessions;

    // The board.
    private long session;
    private long executed;
    private final LinkedHashMap<Long, Packet> kept = new LinkedHashMap<>();
    private final HashMap<Long, Boolean> acted = new HashMap<>();
    private long executedTwice;

    private Storm(long seed, boolean ordered, boolean careless) {
        random = new SplittableRandom(seed);
        this.ordered = ordered;
        this.careless = careless;
    }

    /**
     * Runs a storm.
     *
     * @param ordered true if the line keeps the order, as a serial line does
     * @param careless true for a host that gives a number away without asking {@link Pending#settled()}
     */
    static Outcome run(long requests, long seed, boolean ordered, boolean careless) {
        return new Storm(seed, ordered, careless).run(requests);
    }

    private Outcome run(long requests) {
        begin();
        while (truths < requests) {
            ask();
            Event event = events.poll();
            now = event.time();
            Packet packet = event.packet();
            if (packet == null) {
                timeOut(event.timeout());
            } else if (packet.toBoard()) {
                board(packet);
            } else {
                host(packet);
            }
        }
        return new Outcome(truths, sent, matched, wrong, pending.dropped(), sessions, executedTwice);
    }

    // The host.

    private void begin() {
        sessions++;
        open.clear();
        begun = false;
        nextBatch = 1;
        nextApart = Pending.APART;
        pending.begin(random.nextLong(1, 1L << 32));
        send(new Header(HELLO, pending.session(), nextApart++));
    }

    private void ask() {
        if (!begun) {
            return;
        }
        boolean beating =
                open.values().stream().anyMatch(asked -> asked.header().type() == BEAT);
        long oldest = open.values().stream()
                .filter(asked -> asked.header().type() == BATCH)
                .mapToLong(asked -> asked.header().number())
                .min()
                .orElse(nextBatch);
        if (nextBatch - oldest < WINDOW && (careless || pending.settled())) {
            long number = nextBatch++;
            send(new Header(BATCH, pending.session(), number));
        } else if (!beating && (!pending.settled() || random.nextInt(4) == 0)) {
            send(new Header(BEAT, pending.session(), nextApart++));
        }
    }

    private void send(Header header) {
        Asked asked = new Asked(header, ++truths, 1);
        pending.await(header, asked);
        open.put(asked.truth(), asked);
        transmit(asked);
    }

    private void transmit(Asked asked) {
        sent++;
        put(new Packet(true, payload(asked.header(), asked.header().type()), asked.truth()));
        events.add(new Event(now + PATIENCE, order++, null, asked.truth()));
    }

    private void timeOut(long truth) {
        Asked asked = open.get(truth);
        if (asked == null) {
            return;
        }
        if (asked.sends() > 8) {
            begin();
            return;
        }
        Asked again = new Asked(asked.header(), truth, asked.sends() + 1);
        open.put(truth, again);
        pending.repeat(asked.header().number());
        transmit(again);
    }

    private void host(Packet packet) {
        Header header = header(packet);
        Asked asked = pending.match(header);
        if (asked == null) {
            return;
        }
        matched++;
        if (asked.truth() != packet.truth()) {
            wrong++;
        }
        int code = packet.payload()[Header.BYTES];
        if (header.type() != Header.ERROR) {
            begun = true;
            open.remove(asked.truth());
        } else if (code == ErrorCode.SESSION.number()) {
            begin();
        } else if (code == ErrorCode.UNFIT.number() && ordered) {
            refused(asked);
        } else if (code == ErrorCode.UNFIT.number()) {
            // On a line that mixes everything up only a new session makes a number free again.
            begin();
        } else {
            // Not now or not yet: the same again, some time later.
            pending.await(asked.header(), asked);
            pending.repeat(asked.header().number());
        }
    }

    /** The number of a refused batch goes to the next one, if no other was sent behind it. */
    private void refused(Asked asked) {
        open.remove(asked.truth());
        if (asked.header().number() == nextBatch - 1) {
            nextBatch--;
        } else {
            begin();
        }
    }

    // The board.

    private void board(Packet packet) {
        Header header = header(packet);
        long number = header.number();
        if (header.type() == HELLO) {
            if (header.session() != session) {
                session = header.session();
                executed = 0;
                kept.clear();
            }
            reply(packet, header, 0);
        } else if (header.session() != session) {
            reply(packet, header, ErrorCode.SESSION.number());
        } else if (header.type() == BEAT) {
            reply(packet, header, 0);
        } else if (kept.containsKey(number)) {
            put(kept.get(number));
        } else if (number != executed + 1) {
            reply(packet, header, ErrorCode.ORDER.number());
        } else if (packet.truth() % 16 == 0) {
            reply(packet, header, ErrorCode.UNFIT.number());
        } else if (random.nextInt(32) == 0) {
            reply(packet, header, ErrorCode.BUSY.number());
        } else {
            executed = number;
            if (acted.put(packet.truth(), true) != null) {
                executedTwice++;
            }
            kept.put(number, answer(packet, header, 0));
            if (kept.size() > WINDOW) {
                kept.remove(kept.keySet().iterator().next());
            }
            put(kept.get(number));
        }
    }

    private void reply(Packet to, Header header, int error) {
        put(answer(to, header, error));
    }

    private static Packet answer(Packet to, Header header, int error) {
        byte[] payload = payload(header, error == 0 ? header.type() | Header.REPLY : Header.ERROR);
        payload[Header.BYTES] = (byte) error;
        return new Packet(false, payload, to.truth());
    }

    // The line.

    private void put(Packet packet) {
        int copies = random.nextInt(20) == 0 ? 0 : !ordered && random.nextInt(10) == 0 ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            // Half the patience each way on average, now and then far more.
            double delay = -Math.log(1 - random.nextDouble()) * PATIENCE / 4;
            double arrival = now + delay;
            if (ordered) {
                int way = packet.toBoard() ? 0 : 1;
                arrival = Math.max(arrival, lastArrival[way]);
                lastArrival[way] = arrival;
            }
            events.add(new Event(arrival, order++, packet, 0));
        }
    }

    private static byte[] payload(Header header, int type) {
        Bytes bytes = new Bytes();
        new Header(type, header.session(), header.number()).put(bytes);
        return bytes.put8(0).copy();
    }

    private static Header header(Packet packet) {
        try {
            return Header.of(packet.payload(), 0, packet.payload().length);
        } catch (MalformedException e) {
            throw new AssertionError(e);
        }
    }
}
