package org.homeostat.fleet;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Role;
import org.homeostat.fleet.Lease.Held;
import org.homeostat.fleet.Local.Away;
import org.homeostat.fleet.Local.State;
import org.homeostat.fleet.Local.There;
import org.homeostat.link.Backoff;
import org.homeostat.link.Broker;
import org.homeostat.link.Correlation;
import org.homeostat.link.Link;
import org.homeostat.link.LinkException;
import org.homeostat.link.MqttClient;
import org.homeostat.link.MqttClient.Message;
import org.homeostat.link.Topics;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Offers the board beside it at a broker (firmware-protocol/MQTT.md): carries frames between the board and the one who holds its
 * lease, and says whether the board is there. It is no second driver: whether an exchange was made is between controller and
 * board, and when nothing comes the board latches by itself. Both the broker and the board may come and go.
 *
 * <p>Thread-safe.
 */
public final class Agent implements AutoCloseable {

    /**
     * What is offered.
     *
     * @param name the board's name at the broker
     * @param device what the board is called here, such as {@code serial:/dev/ttyACM0}
     * @param board opens a link to it
     * @param version of this program
     */
    public record Offer(String name, String device, Link.Opener board, String version) {
        public Offer {
            Broker.requireName(name, "the name of a board");
        }
    }

    /** Who knows nothing but the broker's word learns of the agent's end after one and a half of it. */
    static final Duration KEEP_ALIVE = Duration.ofSeconds(5);

    private static final Duration LIMIT = Duration.ofSeconds(3);
    private static final long LOOK_NANOS = 50_000_000;
    private static final long UP_NANOS = 50_000_000;
    private static final long TELL_NANOS = 100_000_000;
    private static final long TELEMETRY_NANOS = 10_000_000_000L;
    private static final long LOST_NANOS = 100_000_000;

    /** Connecting in vain, and a board that does not take what it is sent, hold the keeper up for less. */
    private static final long STALLED_NANOS = 15_000_000_000L;

    private static final long CLOSE_SECONDS = 10;
    private static final byte[] NONE = {};
    private static final JsonMapper JSON = new JsonMapper();

    /** Where frames from the board go. */
    private record Route(String topic, byte[] correlation) {}

    private final Broker broker;
    private final Offer offer;
    private final Consumer<String> news;
    private final Topics topics;

    /** Where controllers hear the agent; it publishes answers nowhere else. */
    private final Fence fence;

    private final Local board;
    private final Lease lease = new Lease();
    private final Inbox inbox = new Inbox();
    /** A board latches after two seconds of silence; until then everyone shall be back. */
    private final Backoff backoff =
            new Backoff(Duration.ofMillis(100), Duration.ofMillis(250), new Random(System.nanoTime()));

    private final Thread keeper;
    private final CountDownLatch offered = new CountDownLatch(1);
    private final Instant started = Instant.now();
    private final long startedNanos = System.nanoTime();
    private final AtomicLong framesUp = new AtomicLong();
    private final AtomicLong bytesUp = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();

    private volatile @Nullable MqttClient client;
    private volatile @Nullable Route route;
    private volatile boolean closing;
    private volatile long turnedNanos = System.nanoTime();

    // The keeper's own.
    private @Nullable State published = Local.UNSEEN;
    private String said = "";
    private long dialNanos = System.nanoTime();
    private long telemetryNanos = System.nanoTime() + TELEMETRY_NANOS;
    private long lostNanos = System.nanoTime() - LOST_NANOS;
    private long framesDown;
    private long bytesDown;
    private long connectionsLost;

    private Agent(Broker broker, Offer offer, Fence fence, Consumer<String> news) {
        this.broker = broker;
        this.offer = offer;
        this.fence = fence;
        this.news = news;
        topics = new Topics(offer.name());
        board = new Local(offer.device(), offer.board(), this::up);
        keeper = Thread.ofPlatform().daemon().name("agent " + offer.name()).unstarted(this::keep);
    }

    /**
     * Begins to offer a board. Returns at once: neither the board nor the broker need be there yet.
     *
     * @param state the folder where the number of the last lease is kept
     * @param news is told, in single sentences for people, what comes and goes; in threads of the agent's own
     * @throws IOException if the folder cannot be used, or another agent of this machine offers the board
     */
    public static Agent start(Broker broker, Offer offer, Path state, Consumer<String> news) throws IOException {
        Agent agent = new Agent(broker, offer, Fence.of(state, offer.name(), InstantSource.system()), news);
        agent.board.start();
        agent.keeper.start();
        return agent;
    }

    /** Waits until the board is offered; false if that took longer. */
    public boolean offered(Duration limit) throws InterruptedException {
        return offered.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** True while the threads that carry frames do their rounds. */
    public boolean healthy() {
        return keeper.isAlive() && System.nanoTime() - turnedNanos < STALLED_NANOS && board.healthy();
    }

    // The keeper: whatever concerns the lease and the connection is done in its thread

    private void keep() {
        try {
            while (!closing) {
                turnedNanos = System.nanoTime();
                connect();
                Message message = inbox.next(LOOK_NANOS);
                // First of all: what has waited here meanwhile proves nothing any more.
                if (lease.over(System.nanoTime())) {
                    release();
                }
                if (message != null) {
                    take(message);
                }
                turn();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            part();
        }
    }

    private boolean connected() {
        MqttClient now = client;
        return now != null && now.alive();
    }

    private void connect() {
        MqttClient old = client;
        if (old != null && !old.alive()) {
            connectionsLost++;
            client = null;
            old.close();
            say("the connection to broker " + broker + " is lost; trying again");
            dialNanos = System.nanoTime();
            backoff.reset();
        }
        if (client != null || System.nanoTime() - dialNanos < 0) {
            return;
        }
        try {
            Message will =
                    retained("presence", Map.of("format", 1, "state", "offline", "boot", started.toEpochMilli()));
            MqttClient fresh =
                    MqttClient.open(broker, "homeostat-agent-" + offer.name(), will, KEEP_ALIVE, inbox::put, LIMIT);
            try {
                fresh.subscribe(List.of(topics.to()), LIMIT);
                client = fresh;
                publishLease();
                published = Local.UNSEEN;
                backoff.reset();
                turn();
            } catch (LinkException refused) {
                client = null;
                fresh.close();
                throw refused;
            }
        } catch (LinkException absent) {
            say(absent.getMessage() + "; trying again");
            dialNanos = System.nanoTime() + backoff.next().toNanos();
        }
    }

    private void say(String sentence) {
        if (!sentence.equals(said)) {
            said = sentence;
            news.accept(sentence);
        }
    }

    /** What is to be done although nothing came. */
    private void turn() {
        State now = board.state();
        if (!now.equals(published) && connected()) {
            try {
                publishState(now);
            } catch (LinkException lost) {
                drop();
            }
        }
        if (System.nanoTime() - telemetryNanos >= 0) {
            telemetryNanos = System.nanoTime() + TELEMETRY_NANOS;
            telemeter();
        }
    }

    /** A connection on which something went wrong is as good as lost. */
    private void drop() {
        MqttClient now = client;
        if (now != null) {
            now.close();
        }
    }

    // What the agent says unasked

    private Message retained(String what, Map<String, ?> object) {
        return Message.of(topics.of(what), JSON.writeValueAsBytes(object), true);
    }

    private void publish(Message message) throws LinkException {
        MqttClient now = client;
        if (now != null) {
            now.publish(message, LIMIT);
        }
    }

    private void publishState(State now) throws LinkException {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("format", 1);
        switch (now) {
            case There there -> {
                publish(Message.of(topics.of("card"), there.bytes(), true));
                object.put("state", "online");
                Descriptor card = there.card();
                object.put("board", card.board());
                object.put("firmware", card.firmware());
                object.put("digest", card.digest());
                object.put("lanes", card.lanes());
                Map<String, Integer> channels = new LinkedHashMap<>();
                for (Role role : Role.values()) {
                    if (card.count(role) > 0) {
                        channels.put(role.name().toLowerCase(Locale.ROOT), card.count(role));
                    }
                }
                object.put("channels", channels);
            }
            case Away away -> {
                object.put("state", "absent");
                object.put("why", away.why());
            }
        }
        object.put("device", offer.device());
        object.put("agent", offer.version());
        object.put("host", hostName());
        object.put("boot", started.toEpochMilli());
        object.put("since", time(now.since()));
        publish(retained("presence", object));
        published = now;
        Route to = route;
        switch (now) {
            case There there -> {
                say("offering " + offer.device() + " as " + broker + "/" + offer.name());
                offered.countDown();
            }
            case Away away -> {
                say(offer.device() + " cannot be reached: " + away.why() + "; trying again");
                if (to != null) {
                    answer(to, Map.of("say", "absent", "why", away.why()));
                }
            }
        }
    }

    private static String hostName() {
        String name = System.getenv("HOSTNAME");
        try {
            return name == null ? InetAddress.getLocalHost().getHostName() : name;
        } catch (UnknownHostException nameless) {
            return "";
        }
    }

    private static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private void publishLease() throws LinkException {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("format", 1);
        object.put("number", fence.last());
        Held now = lease.held();
        if (now != null) {
            object.put("holder", now.holder());
            object.put("since", time(now.since()));
        }
        publish(retained("lease", object));
    }

    private void telemeter() {
        MqttClient now = client;
        if (now == null || !now.alive()) {
            return;
        }
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("format", 1);
        object.put("at", time(Instant.now()));
        object.put("seconds", TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startedNanos));
        object.put("frames", Map.of("down", framesDown, "up", framesUp.get()));
        object.put("bytes", Map.of("down", bytesDown, "up", bytesUp.get()));
        object.put("dropped", dropped.get() + inbox.dropped());
        object.put("links", board.lost());
        object.put("connections", connectionsLost);
        Runtime runtime = Runtime.getRuntime();
        object.put("heap", runtime.totalMemory() - runtime.freeMemory());
        try {
            now.send(retained("telemetry", object), TELL_NANOS);
        } catch (LinkException lost) {
            // Seen by whoever looks after the connection.
        }
    }

    // Frames up

    private void up(byte[] frames) {
        Route to = route;
        MqttClient now = client;
        if (to == null) {
            return;
        }
        framesUp.addAndGet(count(frames));
        bytesUp.addAndGet(frames.length);
        try {
            if (now == null) {
                dropped.incrementAndGet();
            } else {
                now.send(new Message(to.topic, frames, false, "", to.correlation, Map.of()), UP_NANOS);
            }
        } catch (LinkException lost) {
            // The controller asks again.
            dropped.incrementAndGet();
        }
    }

    private static int count(byte[] frames) {
        int count = 0;
        for (byte each : frames) {
            count += each == 0 ? 1 : 0;
        }
        return count;
    }

    // What comes

    private void take(Message message) {
        Correlation numbers = Correlation.of(message.correlation());
        if (numbers == null || !topics.isFrom(message.respondTo())) {
            dropped.incrementAndGet();
            return;
        }
        long link = numbers.link();
        long count = numbers.count();
        Route back = new Route(message.respondTo(), message.correlation());
        Map<String, String> words = message.properties();
        switch (words.getOrDefault("ask", "")) {
            case "present" -> answer(back, Map.of("say", "present"));
            case "take" -> claim(words, link, count, back);
            case "leave" -> {
                if (lease.leaves(number(words), link)) {
                    release();
                }
                answer(back, Map.of("say", "left"));
            }
            default -> pass(message, link, count, back);
        }
    }

    private static long number(Map<String, String> words) {
        try {
            return Long.parseLong(words.getOrDefault("lease", ""));
        } catch (NumberFormatException none) {
            return -1;
        }
    }

    private void pass(Message message, long link, long count, Route back) {
        switch (lease.pass(number(message.properties()), link, count, System.nanoTime())) {
            case PASSES -> {
                route = back;
                framesDown += count(message.payload());
                bytesDown += message.payload().length;
                if (!board.write(message.payload())) {
                    dropped.incrementAndGet();
                }
            }
            case LATE -> dropped.incrementAndGet();
            case LOST -> {
                dropped.incrementAndGet();
                if (System.nanoTime() - lostNanos >= LOST_NANOS) {
                    lostNanos = System.nanoTime();
                    Held now = lease.held();
                    answer(
                            back,
                            Map.of(
                                    "say",
                                    "lost",
                                    "lease",
                                    String.valueOf(fence.last()),
                                    "holder",
                                    now == null ? "" : now.holder()));
                }
            }
        }
    }

    private void claim(Map<String, String> words, long link, long count, Route back) {
        String owner = words.getOrDefault("owner", "");
        if (owner.isEmpty()) {
            dropped.incrementAndGet();
            return;
        }
        switch (lease.claim(owner, link, count, System.nanoTime())) {
            case LATE -> dropped.incrementAndGet();
            case HELD -> {
                Held now = Objects.requireNonNull(lease.held());
                answer(back, Map.of("say", "held", "holder", now.holder(), "since", time(now.since())));
            }
            case OWN -> {
                if (board.state() instanceof Away away) {
                    route = null;
                    answer(back, Map.of("say", "absent", "why", away.why()));
                } else {
                    route = back;
                    grant(back);
                }
            }
            case FREE -> {
                String why = begin(owner, words.getOrDefault("holder", ""), link, count);
                if (why.isEmpty()) {
                    route = back;
                    grant(back);
                } else {
                    answer(back, Map.of("say", "absent", "why", why));
                }
            }
        }
    }

    /** A new owner finds the board at its safe levels; returns why it cannot have it, or nothing. */
    private String begin(String owner, String holder, long link, long count) {
        if (!board.safe()) {
            return board.state() instanceof Away away ? away.why() : "the board does not answer";
        }
        long number;
        try {
            number = fence.next();
        } catch (IOException full) {
            say("no lease can be given, since its number cannot be kept: " + full.getMessage());
            return "the agent cannot write down the lease (" + full.getMessage() + ")";
        }
        lease.grant(new Held(number, owner, holder, Instant.now(), link), count, System.nanoTime());
        return "";
    }

    private void grant(Route to) {
        answer(
                to,
                Map.of(
                        "say",
                        "granted",
                        "lease",
                        String.valueOf(fence.last()),
                        "seconds",
                        String.valueOf(Lease.TERM.toSeconds())));
        tellLease();
    }

    private void tellLease() {
        try {
            publishLease();
        } catch (LinkException lost) {
            drop();
        }
    }

    /** Nobody drives the board any more: it goes to its safe levels. */
    private void release() {
        route = null;
        lease.end();
        board.safe();
        tellLease();
    }

    private void answer(Route to, Map<String, String> words) {
        MqttClient now = client;
        if (now == null) {
            return;
        }
        try {
            now.send(new Message(to.topic, NONE, false, "", to.correlation, words), TELL_NANOS);
        } catch (LinkException lost) {
            // It will ask again.
        }
    }

    // The end

    private void part() {
        Route to = route;
        route = null;
        boolean held = lease.held() != null;
        lease.end();
        board.safe();
        MqttClient now = client;
        if (now != null && now.alive()) {
            try {
                if (held && to != null) {
                    answer(to, Map.of("say", "absent", "why", "the agent was stopped"));
                }
                publishLease();
                publish(retained(
                        "presence",
                        Map.of(
                                "format",
                                1,
                                "state",
                                "offline",
                                "boot",
                                started.toEpochMilli(),
                                "since",
                                time(Instant.now()),
                                "host",
                                hostName())));
            } catch (LinkException lost) {
                // The will says it.
            }
        }
        if (now != null) {
            now.close();
        }
        board.close();
        try {
            fence.close();
        } catch (IOException unclosed) {
            // The number is on the disk.
        }
    }

    /** Leaves the board at its safe levels and takes the offer back. Returns within ten seconds even where the board hangs. */
    @Override
    public void close() {
        closing = true;
        try {
            keeper.join(Duration.ofSeconds(CLOSE_SECONDS));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
