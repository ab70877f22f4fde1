package org.homeostat.link;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import javax.net.SocketFactory;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttActionListener;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttClientException;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.MqttPingSender;
import org.eclipse.paho.mqttv5.client.internal.ClientComms;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.MqttPublish;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;
import org.homeostat.link.LinkException.Trouble;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a broker, over MQTT 5. Once it has failed or was closed it stays so; open a new one to go on. It neither
 * reconnects nor keeps messages for later: whoever needs that knows better what is still worth sending. No call takes longer
 * than its limit says, whatever the broker and the network do.
 *
 * <p>Paho makes and reads the packets; the connection itself, and when it ends, is this class's own. So Paho is never asked to
 * end: it finds its socket closed and lets go of its threads by itself.
 *
 * <p>Thread-safe. What comes in is handed over in a thread of the connection's own, one message after the other; the
 * listener must return at once, and must not use the connection: it would wait for itself.
 */
public final class MqttClient implements AutoCloseable {

    static {
        PahoLog.install();
    }

    /**
     * A message.
     *
     * @param topic where it is, or was, published
     * @param payload its bytes; neither side changes them
     * @param retained to be kept for those who subscribe later; of one that came: it was kept
     * @param respondTo the topic for answers; empty if none are wanted
     * @param correlation tells which question an answer belongs to; empty if there is none
     * @param properties the user properties, each name once
     */
    public record Message(
            String topic,
            byte[] payload,
            boolean retained,
            String respondTo,
            byte[] correlation,
            Map<String, String> properties) {

        private static final byte[] NONE = {};

        /** One that needs no answer. */
        public static Message of(String topic, byte[] payload, boolean retained) {
            return new Message(topic, payload, retained, "", NONE, Map.of());
        }
    }

    /** Frames that have waited for longer mean nothing any more. */
    private static final long EXPIRY_SECONDS = 2;

    private static final long CLOSE_NANOS = 200_000_000;

    /** Bytes that may wait for the wire before those who send have to wait for them. */
    private static final long MOST_WAITING = 1 << 16;

    /** More than anything that is sent here; a broker throws larger ones away. */
    private static final long LARGEST = 1 << 26;

    /** What a packet may have besides its topic, payload and properties. */
    private static final int ROUGHLY = 64;

    /** How often to look whether Paho has caught up. */
    private static final long BEHIND_NANOS = 200_000;

    /** Paho's own: the one that connects, three that stay, and one more for each ping. */
    private static final int THREADS = 5;

    private static final long IDLE_SECONDS = 1;

    /** Where Paho believes it connects to; its socket is connected already. */
    private static final String NOWHERE = "tcp://127.0.0.1:1";

    private final Broker broker;
    private final Duration keepAlive;
    private final Door door = new Door();
    private final ScheduledThreadPoolExecutor threads = new ScheduledThreadPoolExecutor(THREADS, new Crew());
    private final Tapped tapped;
    private final MqttAsyncClient paho;

    /** Guards what is handed to Paho and not yet on the wire. */
    private final ReentrantLock sending = new ReentrantLock();

    private final Condition sent = sending.newCondition();
    private final ArrayDeque<Integer> waiting = new ArrayDeque<>();
    private long waitingBytes;

    /** It is known whether we were let in. */
    private final CountDownLatch settled = new CountDownLatch(1);

    private final WriteWatch.Watched overdue = new Overdue();
    private volatile long dueNanos = WriteWatch.NONE;

    private volatile boolean in;
    private volatile long largest = LARGEST;
    private final AtomicReference<@Nullable Runnable> then = new AtomicReference<>();

    private MqttClient(Broker broker, String id, Duration keepAlive, Dial.Line line) throws IOException, MqttException {
        this.broker = broker;
        this.keepAlive = keepAlive;
        tapped = new Tapped(line.wire(), line.carrier(), new Tapped.Owner() {
            @Override
            public void sent() {
                through();
            }

            @Override
            public void ended() {
                finish();
            }
        });
        paho = new MqttAsyncClient(NOWHERE, id, new MemoryPersistence(), new Pings(), threads);
        threads.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        threads.allowCoreThreadTimeOut(true);
    }

    /**
     * Connects.
     *
     * @param id who this is; a broker ends the older of two connections with the same one
     * @param will what the broker publishes for us, with QoS 1, when the connection ends without a word; null for nothing
     * @param keepAlive after one and a half of it without a sign of life each side takes the other for gone; whole seconds,
     *     1 or more
     * @param incoming gets what comes
     * @param limit how long it may take
     * @throws LinkException if the broker is not there, or refuses; the sentence says which of both and what to do
     */
    public static MqttClient open(
            Broker broker,
            String id,
            @Nullable Message will,
            Duration keepAlive,
            Consumer<Message> incoming,
            Duration limit)
            throws LinkException {
        if (keepAlive.toSeconds() < 1) {
            throw new IllegalArgumentException("a keep-alive of " + keepAlive + ": expected a second or more");
        }
        long end = Door.limit(limit.toNanos());
        Dial.Line line = Dial.to(broker, end);
        MqttClient client;
        try {
            client = new MqttClient(broker, id, keepAlive, line);
        } catch (IOException | MqttException failed) {
            Dial.hangUp(line.carrier());
            throw BrokerTrouble.unreachable(broker, new IOException(failed));
        }
        client.enter(will, incoming, end);
        return client;
    }

    private void enter(@Nullable Message will, Consumer<Message> incoming, long end) throws LinkException {
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setCleanStart(true);
        options.setAutomaticReconnect(false);
        options.setKeepAliveInterval((int) keepAlive.toSeconds());
        options.setMaximumPacketSize(LARGEST);
        options.setSocketFactory(new Given(tapped));
        if (broker.user() != null) {
            options.setUserName(broker.user());
        }
        if (broker.password() != null) {
            options.setPassword(broker.password());
        }
        if (will != null) {
            options.setWill(will.topic(), new MqttMessage(will.payload(), 1, will.retained(), new MqttProperties()));
        }
        paho.setCallback(new Callback(incoming));
        try {
            // Paho forgets to say that it has failed where it fails just after it has succeeded.
            IMqttToken token = paho.connect(options, null, new MqttActionListener() {
                @Override
                public void onSuccess(IMqttToken done) {
                    settled.countDown();
                }

                @Override
                public void onFailure(IMqttToken done, Throwable why) {
                    settled.countDown();
                }
            });
            boolean late = !settled.await(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (late || !token.isComplete() || token.getException() != null || !door.open()) {
                end(BrokerTrouble.refused(broker, tapped.packets(), tapped.failure(), late));
                throw door.reason();
            }
            MqttProperties granted = token.getResponseProperties();
            if (granted != null && granted.getMaximumPacketSize() != null) {
                largest = Math.min(largest, granted.getMaximumPacketSize());
            }
            in = true;
            WriteWatch.watch(overdue);
            if (!door.open()) {
                WriteWatch.forget(overdue);
            }
        } catch (MqttException refused) {
            end(BrokerTrouble.refused(broker, tapped.packets(), tapped.failure(), false));
            throw door.reason();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            end(BrokerTrouble.interrupted(broker));
            throw door.reason();
        }
    }

    /** True if it is that the thread was interrupted, which it is again after this. */
    private static boolean interrupted(MqttException failed) {
        if (failed.getCause() instanceof InterruptedException) {
            Thread.currentThread().interrupt();
            return true;
        }
        return false;
    }

    /** What is left until a moment; 1 or more, since Paho takes 0 for without end. */
    private static long millis(long limit) {
        return Math.max(1, (limit - System.nanoTime() + 999_999) / 1_000_000);
    }

    private static Message read(String topic, MqttMessage message) {
        MqttProperties properties = message.getProperties();
        Map<String, String> own = new LinkedHashMap<>();
        for (UserProperty property : properties.getUserProperties()) {
            own.put(property.getKey(), property.getValue());
        }
        String respondTo = properties.getResponseTopic();
        byte[] correlation = properties.getCorrelationData();
        return new Message(
                topic,
                message.getPayload(),
                message.isRetained(),
                respondTo == null ? "" : respondTo,
                correlation == null ? Message.NONE : correlation,
                own);
    }

    private static MqttMessage written(Message message, int quality) {
        MqttProperties properties = new MqttProperties();
        if (!message.retained()) {
            properties.setMessageExpiryInterval(EXPIRY_SECONDS);
        }
        if (!message.respondTo().isEmpty()) {
            properties.setResponseTopic(message.respondTo());
        }
        if (message.correlation().length > 0) {
            properties.setCorrelationData(message.correlation());
        }
        properties.setUserProperties(message.properties().entrySet().stream()
                .map(each -> new UserProperty(each.getKey(), each.getValue()))
                .toList());
        return new MqttMessage(message.payload(), quality, message.retained(), properties);
    }

    /**
     * Subscribes, and waits until the broker has agreed.
     *
     * @throws LinkException if it refuses ({@link Trouble#FORBIDDEN}), does not answer, or is gone
     */
    public void subscribe(List<String> filters, Duration limit) throws LinkException {
        requireAlive();
        try {
            int[] qualities = new int[filters.size()];
            Arrays.fill(qualities, 1);
            IMqttToken token = paho.subscribe(filters.toArray(String[]::new), qualities);
            token.waitForCompletion(millis(Door.limit(limit.toNanos())));
            for (int i = 0; i < filters.size(); i++) {
                if (token.getReasonCodes()[i] >= 0x80) {
                    throw BrokerTrouble.forbidden(broker, "subscribe to", filters.get(i));
                }
            }
        } catch (MqttException failed) {
            throw failed(failed);
        }
    }

    /**
     * Publishes with QoS 0: it arrives once or not at all.
     *
     * @param nanos how long it may take until it is on its way, up to {@value #MOST_WAITING} bytes; a broker that takes
     *     no more by then is given up, and the connection with it
     * @throws LinkException if it could not be sent in time, or the connection has ended
     */
    public void send(Message message, long nanos) throws LinkException {
        long limit = Door.limit(nanos);
        sending.lock();
        try {
            if (waiting.isEmpty()) {
                put(message, nanos);
                return;
            }
            var unused = handOver(message, 0, limit);
            while (waitingBytes > MOST_WAITING && door.open()) {
                if (sent.awaitNanos(limit - System.nanoTime()) <= 0 && waitingBytes > MOST_WAITING) {
                    end(BrokerTrouble.stuck(broker));
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw BrokerTrouble.interrupted(broker);
        } finally {
            sending.unlock();
        }
        requireAlive();
    }

    /**
     * Publishes with QoS 1, and waits until the broker has taken it.
     *
     * @throws LinkException if it refuses ({@link Trouble#FORBIDDEN}), or is gone; one that does not answer within the limit
     *     is given up, and the connection with it
     */
    public void publish(Message message, Duration limit) throws LinkException {
        long end = Door.limit(limit.toNanos());
        IMqttToken token;
        sending.lock();
        try {
            token = handOver(message, 1, end);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw BrokerTrouble.interrupted(broker);
        } finally {
            sending.unlock();
        }
        try {
            token.waitForCompletion(millis(end));
            int[] codes = token.getReasonCodes();
            if (codes != null && codes.length > 0 && codes[0] >= 0x80) {
                throw BrokerTrouble.forbidden(broker, "publish", message.topic());
            }
        } catch (MqttException failed) {
            throw failed(failed);
        }
    }

    /** Puts a message on the wire in the caller's own thread: two fewer have to be woken than by way of Paho. */
    private void put(Message message, long nanos) throws LinkException {
        requireAlive();
        requireSize(message);
        try {
            MqttMessage written = written(message, 0);
            MqttPublish packet = new MqttPublish(message.topic(), written, written.getProperties());
            byte[] header = packet.getHeader();
            byte[] payload = packet.getPayload();
            byte[] whole = Arrays.copyOf(header, header.length + payload.length);
            System.arraycopy(payload, 0, whole, header.length, payload.length);
            dueNanos = WriteWatch.due(nanos);
            WriteWatch.wake();
            tapped.put(whole);
        } catch (IOException broken) {
            requireAlive();
            throw new LinkException(
                    Trouble.GONE,
                    String.valueOf(BrokerTrouble.ended(broker, tapped.packets(), tapped.failure())
                            .getMessage()),
                    broken);
        } catch (MqttException unfit) {
            throw failed(unfit);
        } finally {
            dueNanos = WriteWatch.NONE;
        }
    }

    /** Looks after what is put on the wire. */
    private final class Overdue implements WriteWatch.Watched {
        @Override
        public long due() {
            return dueNanos;
        }

        @Override
        public void overdue() {
            end(BrokerTrouble.stuck(broker));
        }
    }

    private void requireSize(Message message) throws LinkException {
        long whole = ROUGHLY + (long) message.payload().length + size(message);
        if (whole > largest) {
            throw BrokerTrouble.large(broker, whole, largest);
        }
    }

    /**
     * Has Paho send it. Paho tells whoever waits that a message has arrived before it takes the message off its own account,
     * in another thread, and sends nothing while as many stand there as the broker allows: then it has to catch up first.
     */
    private IMqttToken handOver(Message message, int quality, long limit) throws LinkException, InterruptedException {
        requireSize(message);
        while (true) {
            requireAlive();
            int bytes = message.payload().length;
            waiting.add(bytes);
            waitingBytes += bytes;
            try {
                return paho.publish(message.topic(), written(message, quality));
            } catch (MqttException failed) {
                waitingBytes -= waiting.removeLast();
                if (failed.getReasonCode() != MqttClientException.REASON_CODE_MAX_INFLIGHT
                        || System.nanoTime() - limit >= 0) {
                    throw failed(failed);
                }
            }
            var unused = sent.awaitNanos(BEHIND_NANOS);
        }
    }

    private static long size(Message message) {
        long size = message.topic().length() + message.respondTo().length() + (long) message.correlation().length;
        for (Map.Entry<String, String> property : message.properties().entrySet()) {
            size += 5 + property.getKey().length() + property.getValue().length();
        }
        return size;
    }

    /** The oldest message that waited is on the wire. */
    private void through() {
        sending.lock();
        try {
            Integer bytes = waiting.poll();
            if (bytes != null) {
                waitingBytes -= bytes;
            }
            sent.signalAll();
        } finally {
            sending.unlock();
        }
    }

    private LinkException failed(MqttException failed) {
        if (interrupted(failed)) {
            return BrokerTrouble.interrupted(broker);
        }
        end(
                switch (failed.getReasonCode()) {
                    case MqttClientException.REASON_CODE_CLIENT_TIMEOUT, MqttClientException.REASON_CODE_MAX_INFLIGHT ->
                        BrokerTrouble.unanswered(broker);
                    default -> BrokerTrouble.ended(broker, tapped.packets(), tapped.failure());
                });
        return door.reason();
    }

    private void requireAlive() throws LinkException {
        if (!door.open()) {
            throw door.reason();
        }
    }

    /** The first reason counts. */
    private void end(LinkException why) {
        door.shut(why.trouble(), String.valueOf(why.getMessage()));
        tapped.hangUp();
    }

    /** The connection has ended, by whomever. */
    private void finish() {
        if (door.open()) {
            LinkException why = in
                    ? BrokerTrouble.ended(broker, tapped.packets(), tapped.failure())
                    : BrokerTrouble.refused(broker, tapped.packets(), tapped.failure(), false);
            door.shut(why.trouble(), String.valueOf(why.getMessage()));
        }
        tapped.hangUp();
        WriteWatch.forget(overdue);
        threads.shutdown();
        settled.countDown();
        sending.lock();
        try {
            waiting.clear();
            waitingBytes = 0;
            sent.signalAll();
        } finally {
            sending.unlock();
        }
        follow();
    }

    private void follow() {
        Runnable follows = then.getAndSet(null);
        if (follows != null) {
            follows.run();
        }
    }

    /**
     * Has something done once when the connection has ended; at once if it has. It is done in a thread that must go on: it
     * must not wait, and not use the connection.
     */
    public void whenEnded(Runnable follows) {
        then.set(follows);
        if (!door.open()) {
            follow();
        }
    }

    /**
     * Why the connection has ended.
     *
     * @throws IllegalStateException if it has not
     */
    public LinkException reason() {
        return door.reason();
    }

    /** The broker that it goes to. */
    public Broker broker() {
        return broker;
    }

    /** False once the connection is lost or closed. */
    public boolean alive() {
        return door.open();
    }

    /**
     * Says good-bye, so that the will is not published, and lets go; in less than half a second. The second and later calls do
     * nothing.
     */
    @Override
    public void close() {
        if (!door.open()) {
            return;
        }
        flush(CLOSE_NANOS);
        if (door.shut(
                Trouble.CLOSED, String.valueOf(BrokerTrouble.closed(broker).getMessage()))) {
            tapped.leave(CLOSE_NANOS);
        }
        tapped.hangUp();
    }

    /** Waits until what was sent is on the wire. */
    private void flush(long nanos) {
        sending.lock();
        try {
            long left = nanos;
            while (!waiting.isEmpty() && door.open() && left > 0) {
                left = sent.awaitNanos(left);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            sending.unlock();
        }
    }

    /** Gives Paho its one socket. */
    private static final class Given extends SocketFactory {

        private final Socket socket;

        Given(Socket socket) {
            this.socket = socket;
        }

        @Override
        public Socket createSocket() {
            return socket;
        }

        @Override
        public Socket createSocket(String host, int port) {
            return socket;
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress from, int fromPort) {
            return socket;
        }

        @Override
        public Socket createSocket(InetAddress host, int port) {
            return socket;
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) {
            return socket;
        }
    }

    private static final class Callback implements MqttCallback {

        private final Consumer<Message> incoming;

        Callback(Consumer<Message> incoming) {
            this.incoming = incoming;
        }

        @Override
        public void disconnected(MqttDisconnectResponse why) {
            // The socket's end was told.
        }

        @Override
        public void mqttErrorOccurred(MqttException error) {
            // Told once more when the connection ends of it.
        }

        @Override
        public void messageArrived(String topic, MqttMessage message) {
            incoming.accept(read(topic, message));
        }

        @Override
        public void deliveryComplete(IMqttToken token) {
            // Whoever waits for it has the token.
        }

        @Override
        public void connectComplete(boolean again, String uri) {
            // Whoever connects waits for it.
        }

        @Override
        public void authPacketArrived(int reason, MqttProperties properties) {
            // No such authentication is asked for.
        }
    }

    /**
     * Makes Paho's threads. The first one starts the others, and looks only ten times a second whether they run: it is woken
     * as soon as they should.
     */
    private static final class Crew implements ThreadFactory {

        private static final long SOON_NANOS = 300_000;
        private static final ThreadFactory THREADS =
                Thread.ofPlatform().daemon().name("mqtt").factory();

        private @Nullable Thread first;

        @Override
        public synchronized Thread newThread(Runnable task) {
            Thread fresh = Objects.requireNonNull(THREADS.newThread(task));
            if (first == null) {
                first = fresh;
            } else if (Thread.currentThread().equals(first)) {
                for (int i = 1; i <= 16; i *= 2) {
                    var unused = Clock.in(i * SOON_NANOS, first::interrupt);
                }
            }
            return fresh;
        }
    }

    /** Has Paho look when it asks for it whether a ping is due, and looks itself whether anything was heard. */
    private final class Pings implements MqttPingSender {

        private @Nullable ClientComms comms;
        private @Nullable Future<?> next;
        private @Nullable Future<?> watch;

        @Override
        public void init(ClientComms owner) {
            comms = owner;
        }

        @Override
        public void start() {
            schedule(keepAlive.toMillis());
            long most = keepAlive.toNanos() * 3 / 2;
            synchronized (this) {
                watch = Clock.every(keepAlive.toNanos() / 20, () -> {
                    long silence = System.nanoTime() - tapped.heardNanos();
                    if (silence > most) {
                        end(BrokerTrouble.silent(broker, silence));
                    }
                });
            }
        }

        @Override
        public synchronized void stop() {
            if (next != null) {
                next.cancel(false);
            }
            if (watch != null) {
                watch.cancel(false);
            }
        }

        @Override
        public synchronized void schedule(long millis) {
            next = Clock.in(millis * 1_000_000, this::look);
        }

        private void look() {
            ClientComms asked = comms;
            if (door.open() && asked != null) {
                try {
                    threads.execute(asked::checkForActivity);
                } catch (RejectedExecutionException ended) {
                    // Just now.
                }
            }
        }
    }
}
