package org.homeostat.link;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.homeostat.link.LinkException.Trouble;
import org.homeostat.link.MqttClient.Message;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Frames to and from a board that an agent offers at a broker (firmware-protocol/MQTT.md). Opening it takes the board's lease:
 * while it is held, nobody else drives the board.
 *
 * <p>What is written is published as it is, one message for each write, and may get lost on the way without a word, as on any
 * line. The far end is gone when the broker is, when the agent is, and when the lease is lost.
 */
public final class MqttLink implements Link {

    private static final Duration CONNECT = Duration.ofSeconds(3);
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(5);
    private static final long ANSWER_NANOS = 3_000_000_000L;
    private static final long ASK_AGAIN_NANOS = 250_000_000;
    private static final long LEAVE_NANOS = 100_000_000;

    /** What nobody reads is thrown away beyond this, oldest first: what matters is asked for again. */
    private static final int MOST_KEPT = 1 << 20;

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final JsonMapper JSON = JsonMapper.shared();

    /**
     * What is said of the board at the broker.
     *
     * @param state {@code online}, {@code absent} or {@code offline}
     * @param boot when the agent was started, in ms
     * @param since since when it is so; empty if nobody knows
     * @param why why the board is absent; empty if not said
     */
    private record Presence(String state, long boot, String since, String why) {

        static Presence of(byte[] text) {
            try {
                JsonNode tree = JSON.readTree(text);
                return new Presence(
                        tree.path("state").asString(""),
                        tree.path("boot").asLong(0),
                        tree.path("since").asString(""),
                        tree.path("why").asString(""));
            } catch (JacksonException unreadable) {
                return new Presence("", 0, "", "");
            }
        }

        boolean online() {
            return state.equals("online");
        }
    }

    private final String board;
    private final Broker broker;
    private final String holder;
    private final String owner;
    private final long number = RANDOM.nextLong();
    private final String from;
    private final String to;
    private final String seen;
    private final AtomicLong count = new AtomicLong();
    private final Door door = new Door();

    /** Guards all that follows. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition news = lock.newCondition();
    private final ArrayDeque<byte[]> kept = new ArrayDeque<>();
    private int keptBytes;
    private int taken;
    private long latest;
    private @Nullable MqttClient client;
    private @Nullable String lease;
    private @Nullable Message answer;
    private @Nullable Presence presence;
    private final Set<String> offered = new TreeSet<>();

    private MqttLink(Broker broker, String board, String owner, String holder) {
        this.broker = broker;
        this.board = Broker.requireName(board, "the name of a board");
        this.owner = owner;
        this.holder = holder;
        Topics topics = new Topics(board);
        to = topics.to();
        seen = topics.of("presence");
        from = topics.from(broker.known(), number);
    }

    /**
     * Opens links to one board as one owner, so that a link that takes the place of a broken one goes on with its lease.
     *
     * @param board its name at the broker
     * @param holder who wants to drive it, for the people who find it taken
     * @throws IllegalArgumentException if the name cannot be one
     */
    public static Opener opener(Broker broker, String board, String holder) {
        String owner = HexFormat.of().toHexDigits(RANDOM.nextLong());
        Broker.requireName(board, "the name of a board");
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
        try {
            MqttClient fresh = MqttClient.open(
                    broker, "homeostat-" + HexFormat.of().toHexDigits(number), null, KEEP_ALIVE, this::take, CONNECT);
            lock.lock();
            try {
                client = fresh;
            } finally {
                lock.unlock();
            }
            fresh.whenEnded(() -> end(fresh.reason()));
            fresh.subscribe(List.of(from, seen), CONNECT);
            ask(fresh);
        } catch (LinkException failed) {
            throw named(failed);
        }
    }

    private LinkException named(LinkException failed) {
        String text = String.valueOf(failed.getMessage());
        return text.startsWith(name()) ? failed : new LinkException(failed.trouble(), name() + ": " + text, failed);
    }

    private void ask(MqttClient fresh) throws LinkException {
        long limit = System.nanoTime() + ANSWER_NANOS;
        Map<String, String> words = Map.of();
        while (true) {
            fresh.send(message(Map.of("ask", "take", "owner", owner, "holder", holder), new byte[0]), ASK_AGAIN_NANOS);
            Message said = awaitAnswer(Math.min(limit, System.nanoTime() + ASK_AGAIN_NANOS));
            words = said == null ? words : said.properties();
            switch (words.getOrDefault("say", "")) {
                case "granted" -> {
                    return;
                }
                case "held" ->
                    throw new LinkException(
                            Trouble.BUSY,
                            name() + ": " + words.getOrDefault("holder", "someone else") + " drives this board since "
                                    + words.getOrDefault("since", "some time")
                                    + "; wait until they are done, or ask them");
                default -> {
                    if (System.nanoTime() - limit >= 0) {
                        throw unanswered(words, others(fresh));
                    }
                }
            }
        }
    }

    /** The boards that there are besides one that was never offered, as far as we may know. */
    private String others(MqttClient fresh) {
        if (seen()) {
            return "";
        }
        try {
            fresh.subscribe(List.of(Topics.ANY.of("presence")), CONNECT);
            pause(ASK_AGAIN_NANOS);
        } catch (LinkException notAllowed) {
            return "";
        }
        lock.lock();
        try {
            return offered.isEmpty() ? "" : "; there are " + String.join(", ", offered);
        } finally {
            lock.unlock();
        }
    }

    private void pause(long nanos) throws LinkException {
        lock.lock();
        try {
            var unused = awaited(() -> false, System.nanoTime() + nanos);
        } finally {
            lock.unlock();
        }
    }

    private boolean seen() {
        lock.lock();
        try {
            return presence != null;
        } finally {
            lock.unlock();
        }
    }

    private LinkException unanswered(Map<String, String> said, String others) {
        lock.lock();
        try {
            Presence last = presence;
            if (said.getOrDefault("say", "").equals("absent")) {
                return absent(said.getOrDefault("why", ""));
            }
            if (last == null) {
                return new LinkException(
                        Trouble.ABSENT,
                        name()
                                + ": no board of that name was ever offered at this broker" + others
                                + "; see those that it offers with: "
                                + "homeostat devices --broker " + broker);
            }
            return switch (last.state()) {
                case "absent" -> absent(last.why());
                case "offline" ->
                    new LinkException(
                            Trouble.ABSENT,
                            name() + ": its agent is offline"
                                    + (last.since().isEmpty() ? "" : " since " + last.since())
                                    + "; start it again on the machine beside the board: homeostat agent");
                default ->
                    new LinkException(
                            Trouble.ABSENT,
                            name() + ": its agent does not answer, although it is said to be online; may '"
                                    + broker.known() + "' write to " + to + " and read " + from
                                    + ", and is the agent stuck?");
            };
        } finally {
            lock.unlock();
        }
    }

    private LinkException absent(String why) {
        return new LinkException(
                Trouble.ABSENT,
                name() + ": its agent is there but cannot reach the board" + (why.isEmpty() ? "" : " (" + why + ")")
                        + "; look after the board and its cable");
    }

    private Message message(Map<String, String> properties, byte[] payload) {
        byte[] correlation = new Correlation(number, count.incrementAndGet()).bytes();
        return new Message(to, payload, false, from, correlation, properties);
    }

    private @Nullable Message awaitAnswer(long limit) throws LinkException {
        lock.lock();
        try {
            Message said = awaited(() -> answer != null, limit) ? answer : null;
            answer = null;
            return said;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until something is there; false if the time is up before. */
    private boolean awaited(BooleanSupplier there, long limit) throws LinkException {
        while (!there.getAsBoolean()) {
            if (!door.open()) {
                throw door.reason();
            }
            long left = limit - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            try {
                var unused = news.awaitNanos(left);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new LinkException(Trouble.CLOSED, name() + ": this thread was interrupted");
            }
        }
        return true;
    }

    private void take(Message message) {
        lock.lock();
        try {
            if (message.topic().equals(seen)) {
                see(Presence.of(message.payload()));
            } else if (message.topic().endsWith("/presence")) {
                offered.add(Topics.board(message.topic()));
            } else if (message.topic().equals(from) && current(message.correlation())) {
                String say = message.properties().get("say");
                if (say == null) {
                    keep(message.payload());
                } else {
                    hear(say, message);
                }
            }
            news.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** True if it is this link's, and not older than what came before it. */
    private boolean current(byte[] correlation) {
        Correlation its = Correlation.of(correlation);
        if (its == null || its.link() != number || its.count() < latest || its.count() > count.get()) {
            return false;
        }
        latest = its.count();
        return true;
    }

    private void see(Presence now) {
        Presence before = presence;
        if (before != null && now.state().equals("offline") && now.boot() != before.boot()) {
            // The will of an agent that another one has replaced.
            return;
        }
        presence = now;
        if (lease != null && !now.online()) {
            end(
                    now.state().equals("absent")
                            ? lost(now.why())
                            : new LinkException(Trouble.GONE, name() + ": its agent has gone"));
        }
    }

    private void hear(String say, Message message) {
        Map<String, String> words = message.properties();
        if (lease == null) {
            if (say.equals("granted")) {
                lease = words.getOrDefault("lease", "");
            }
            answer = message;
        } else if (say.equals("lost")) {
            String other = words.getOrDefault("holder", "");
            end(new LinkException(
                    Trouble.GONE,
                    name() + ": the lease was lost"
                            + (other.isEmpty() ? "" : "; " + other + " drives this board now")));
        } else if (say.equals("absent")) {
            end(lost(words.getOrDefault("why", "")));
        }
    }

    private LinkException lost(String why) {
        return new LinkException(
                Trouble.GONE,
                name() + ": its agent can no longer reach the board" + (why.isEmpty() ? "" : " (" + why + ")"));
    }

    private void keep(byte[] payload) {
        if (payload.length == 0) {
            return;
        }
        kept.add(payload);
        keptBytes += payload.length;
        while (keptBytes > MOST_KEPT && kept.size() > 1) {
            keptBytes -= Objects.requireNonNull(kept.poll()).length;
            taken = 0;
        }
    }

    private void end(LinkException why) {
        door.shut(why.trouble(), String.valueOf(named(why).getMessage()));
        lock.lock();
        try {
            news.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String name() {
        return broker + "/" + board;
    }

    @Override
    public void write(byte[] bytes, int offset, int length, long nanos) throws LinkException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        MqttClient current;
        Map<String, String> properties;
        lock.lock();
        try {
            if (!door.open()) {
                throw door.reason();
            }
            current = Objects.requireNonNull(client);
            properties = Map.of("lease", Objects.requireNonNull(lease));
        } finally {
            lock.unlock();
        }
        try {
            current.send(message(properties, Arrays.copyOfRange(bytes, offset, offset + length)), nanos);
        } catch (LinkException failed) {
            if (!current.alive()) {
                // The connection says so too, perhaps a moment later.
                end(current.reason());
            }
            throw door.open() ? named(failed) : door.reason();
        }
    }

    @Override
    public int read(byte[] into, int offset, int length, long nanos) throws LinkException {
        Objects.checkFromIndexSize(offset, length, into.length);
        long limit = Door.limit(nanos);
        lock.lock();
        try {
            if (!door.open()) {
                throw door.reason();
            }
            if (!awaited(() -> !kept.isEmpty(), limit)) {
                return 0;
            }
            byte[] first = kept.element();
            int some = Math.min(length, first.length - taken);
            System.arraycopy(first, taken, into, offset, some);
            taken += some;
            if (taken == first.length) {
                kept.remove();
                keptBytes -= first.length;
                taken = 0;
            }
            return some;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean alive() {
        return door.open();
    }

    @Override
    public void close() {
        MqttClient current;
        String held;
        lock.lock();
        try {
            current = client;
            client = null;
            held = lease;
        } finally {
            lock.unlock();
        }
        end(new LinkException(Trouble.CLOSED, name() + " was closed here"));
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
