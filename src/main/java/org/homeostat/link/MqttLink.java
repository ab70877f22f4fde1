package org.homeostat.link;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.homeostat.link.LinkException.Trouble;
import org.homeostat.link.MqttClient.Message;
import org.jspecify.annotations.Nullable;

/**
 * Frames to and from a board that an agent offers at a broker (firmware-protocol/MQTT.md). Opening it takes the board's lease:
 * while it is held, nobody else drives the board.
 *
 * <p>What is written is published as it is, one message for each write, and may get lost on the way without a word, as on any
 * line. The far end is gone when the broker is, when the agent is, and when the lease is lost.
 */
public final class MqttLink implements Link {

    private static final Duration CONNECT = Duration.ofSeconds(3);
    private static final Duration ANSWER = Duration.ofSeconds(3);
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(5);
    private static final long ASK_AGAIN_NANOS = 250_000_000;
    private static final long LEAVE_NANOS = 100_000_000;

    /** What nobody reads is thrown away beyond this, oldest first: what matters is asked for again. */
    private static final int MOST_KEPT = 1 << 20;

    private static final SecureRandom RANDOM = new SecureRandom();

    private final String board;
    private final Broker broker;
    private final String holder;
    private final String owner;
    private final long number = RANDOM.nextLong();
    private final String from;
    private final String to;
    private final AtomicLong count = new AtomicLong();
    private final ArrayDeque<byte[]> kept = new ArrayDeque<>();
    private int keptBytes;
    private int taken;
    private @Nullable MqttClient client;
    private @Nullable String lease;
    private @Nullable LinkException end;
    private @Nullable Message answer;
    private @Nullable String presence;

    private MqttLink(Broker broker, String board, String owner, String holder) {
        this.broker = broker;
        this.board = Broker.requireName(board, "the name of a board");
        this.owner = owner;
        this.holder = holder;
        to = "homeostat/1/" + board + "/to";
        from = "homeostat/1/" + board + "/from/" + broker.known() + "/"
                + HexFormat.of().toHexDigits(number);
    }

    /**
     * Opens links to one board as one owner, so that a link that takes the place of a broken one goes on with its lease.
     *
     * @param board its name at the broker
     * @param holder who wants to drive it, for the people who find it taken
     */
    public static Opener opener(Broker broker, String board, String holder) {
        String owner = HexFormat.of().toHexDigits(RANDOM.nextLong());
        var unused = new MqttLink(broker, board, owner, holder);
        return () -> {
            MqttLink link = new MqttLink(broker, board, owner, holder);
            try {
                link.connect();
                return link;
            } catch (LinkException refused) {
                link.close();
                throw refused;
            }
        };
    }

    private void connect() throws LinkException {
        MqttClient fresh = MqttClient.open(
                broker, "homeostat-" + HexFormat.of().toHexDigits(number), null, KEEP_ALIVE, this::take, CONNECT);
        synchronized (kept) {
            client = fresh;
        }
        fresh.subscribe(List.of(from, "homeostat/1/" + board + "/presence"), CONNECT);
        long limit = System.nanoTime() + ANSWER.toNanos();
        while (true) {
            fresh.publish(message(Map.of("ask", "take", "owner", owner, "holder", holder), new byte[0]), ANSWER);
            Message said = awaitAnswer(Math.min(limit, System.nanoTime() + ASK_AGAIN_NANOS));
            if (said != null) {
                Map<String, String> words = said.properties();
                switch (words.getOrDefault("say", "")) {
                    case "granted" -> {
                        synchronized (kept) {
                            lease = words.get("lease");
                        }
                        return;
                    }
                    case "held" ->
                        throw new LinkException(
                                Trouble.BUSY,
                                name() + " is held by " + words.get("holder") + " since " + words.get("since")
                                        + "; wait until it is let go, or ask them");
                    default -> {
                        // The board is away for the moment: ask again.
                    }
                }
            }
            if (System.nanoTime() - limit >= 0) {
                throw unanswered(said);
            }
        }
    }

    private LinkException unanswered(@Nullable Message said) {
        if (said != null) {
            return new LinkException(
                    Trouble.GONE,
                    name() + ": its agent cannot reach the board: "
                            + said.properties().get("why"));
        }
        String state;
        synchronized (kept) {
            state = presence;
        }
        if (state == null) {
            return new LinkException(
                    Trouble.ABSENT,
                    name() + ": no board of that name was ever offered at " + broker
                            + "; see what it offers with: homeostat devices --broker " + broker);
        }
        return new LinkException(
                Trouble.ABSENT, name() + ": its agent does not answer; look after the machine beside the board");
    }

    private Message message(Map<String, String> properties, byte[] payload) {
        byte[] correlation = ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(number)
                .putLong(count.incrementAndGet())
                .array();
        return new Message(to, payload, false, from, correlation, properties);
    }

    private @Nullable Message awaitAnswer(long limit) throws LinkException {
        synchronized (kept) {
            while (answer == null) {
                long left = limit - System.nanoTime();
                if (left <= 0) {
                    return null;
                }
                if (end != null) {
                    throw end;
                }
                rest(left);
            }
            Message said = answer;
            answer = null;
            return said;
        }
    }

    private void rest(long nanos) throws LinkException {
        try {
            kept.wait(Math.max(1, nanos / 1_000_000));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new LinkException(Trouble.CLOSED, name() + ": this thread was interrupted");
        }
    }

    private void take(Message message) {
        synchronized (kept) {
            if (!message.topic().equals(from)) {
                presence = new String(message.payload(), StandardCharsets.UTF_8);
            } else if (message.correlation().length == 16
                    && ByteBuffer.wrap(message.correlation())
                                    .order(ByteOrder.LITTLE_ENDIAN)
                                    .getLong()
                            == number) {
                String say = message.properties().get("say");
                if (say == null) {
                    keep(message.payload());
                } else if (lease == null) {
                    answer = message;
                } else if (!say.equals("granted") && end == null) {
                    end = new LinkException(Trouble.GONE, name() + ": the lease was lost (" + say + ")");
                }
            }
            kept.notifyAll();
        }
    }

    private void keep(byte[] payload) {
        if (payload.length == 0) {
            return;
        }
        kept.add(payload);
        keptBytes += payload.length;
        while (keptBytes > MOST_KEPT) {
            keptBytes -= Objects.requireNonNull(kept.poll()).length;
            taken = 0;
        }
    }

    @Override
    public String name() {
        return broker + "/" + board;
    }

    private MqttClient require() throws LinkException {
        if (end != null) {
            throw end;
        }
        MqttClient current = client;
        if (current == null || !current.alive()) {
            throw new LinkException(Trouble.GONE, name() + ": the connection to the broker is lost");
        }
        return current;
    }

    @Override
    public void write(byte[] bytes, int offset, int length, long nanos) throws LinkException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        MqttClient current;
        Map<String, String> properties;
        synchronized (kept) {
            current = require();
            properties = Map.of("lease", Objects.requireNonNull(lease));
        }
        current.send(message(properties, Arrays.copyOfRange(bytes, offset, offset + length)), nanos);
    }

    @Override
    public int read(byte[] into, int offset, int length, long nanos) throws LinkException {
        Objects.checkFromIndexSize(offset, length, into.length);
        long limit = Door.limit(nanos);
        synchronized (kept) {
            while (kept.isEmpty()) {
                require();
                long left = limit - System.nanoTime();
                if (left <= 0) {
                    return 0;
                }
                rest(Math.min(left, 20_000_000));
            }
            byte[] first = kept.element();
            int count = Math.min(length, first.length - taken);
            System.arraycopy(first, taken, into, offset, count);
            taken += count;
            if (taken == first.length) {
                kept.remove();
                keptBytes -= first.length;
                taken = 0;
            }
            return count;
        }
    }

    @Override
    public boolean alive() {
        synchronized (kept) {
            MqttClient current = client;
            return end == null && current != null && current.alive();
        }
    }

    @Override
    public void close() {
        MqttClient current;
        String held;
        synchronized (kept) {
            if (end == null) {
                end = new LinkException(Trouble.CLOSED, name() + " was closed here");
            }
            current = client;
            client = null;
            held = lease;
            kept.notifyAll();
        }
        if (current != null) {
            if (held != null && current.alive()) {
                try {
                    current.send(message(Map.of("ask", "leave", "lease", held), new byte[0]), LEAVE_NANOS);
                } catch (LinkException gone) {
                    // The agent will notice by the silence.
                }
            }
            current.close();
        }
    }
}
