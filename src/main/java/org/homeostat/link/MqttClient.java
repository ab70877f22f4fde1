package org.homeostat.link;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.SocketFactory;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttActionListener;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;
import org.homeostat.link.LinkException.Trouble;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a broker, over MQTT 5. Once it has failed or was closed it stays so; open a new one to go on. It neither
 * reconnects nor keeps messages for later: whoever needs that knows better what is still worth sending.
 *
 * <p>Thread-safe. What comes in is handed over in a thread of the connection's own, one message after the other; the
 * listener must return at once, and must not use the connection: it would wait for itself.
 */
public final class MqttClient implements AutoCloseable {

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

    private static final long CLOSE_MILLIS = 500;

    /** Messages given to Paho and not yet on the wire. */
    private static final int MOST_WAITING = 64;

    private final Broker broker;
    private final MqttAsyncClient client;
    private final Semaphore room = new Semaphore(MOST_WAITING);
    private volatile @Nullable String ended;

    private final MqttActionListener sent = new MqttActionListener() {
        @Override
        public void onSuccess(IMqttToken token) {
            room.release();
        }

        @Override
        public void onFailure(IMqttToken token, Throwable why) {
            room.release();
        }
    };

    private MqttClient(Broker broker, MqttAsyncClient client) {
        this.broker = broker;
        this.client = client;
    }

    /**
     * Connects.
     *
     * @param id who this is; a broker ends the older of two connections with the same one
     * @param will what the broker publishes for us, with QoS 1, when the connection ends without a word; null for nothing
     * @param keepAlive after one and a half of it without a sign of life each side takes the other for gone; whole seconds
     * @param incoming gets what comes
     * @param limit how long it may take
     * @throws LinkException if the broker is not there, or refuses
     */
    public static MqttClient open(
            Broker broker,
            String id,
            @Nullable Message will,
            Duration keepAlive,
            Consumer<Message> incoming,
            Duration limit)
            throws LinkException {
        try {
            MqttAsyncClient paho =
                    new MqttAsyncClient("tcp://" + broker.host() + ":" + broker.port(), id, new MemoryPersistence());
            MqttClient client = new MqttClient(broker, paho);
            paho.setCallback(client.callback(incoming));
            MqttConnectionOptions options = new MqttConnectionOptions();
            options.setCleanStart(true);
            options.setAutomaticReconnect(false);
            options.setKeepAliveInterval((int) keepAlive.toSeconds());
            options.setConnectionTimeout((int) Math.max(1, limit.toSeconds()));
            options.setSocketFactory(new Prompt(
                    broker.tls() == null
                            ? SocketFactory.getDefault()
                            : broker.tls().getSocketFactory()));
            if (broker.user() != null) {
                options.setUserName(broker.user());
            }
            if (broker.password() != null) {
                options.setPassword(broker.password());
            }
            if (will != null) {
                options.setWill(
                        will.topic(), new MqttMessage(will.payload(), 1, will.retained(), new MqttProperties()));
            }
            try {
                paho.connect(options).waitForCompletion(limit.toMillis());
            } catch (MqttException refused) {
                client.drop();
                throw refused;
            }
            return client;
        } catch (MqttException refused) {
            throw new LinkException(
                    Trouble.ABSENT,
                    "broker " + broker + " cannot be reached (" + refused.getMessage()
                            + "); check host, port and that it runs",
                    refused);
        }
    }

    private MqttCallback callback(Consumer<Message> incoming) {
        return new MqttCallback() {
            @Override
            public void disconnected(MqttDisconnectResponse why) {
                end("broker " + broker + " has gone (" + why.getReasonString() + ")");
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
                // The publisher's own listener is told.
            }

            @Override
            public void connectComplete(boolean again, String uri) {
                // Whoever connects waits for it.
            }

            @Override
            public void authPacketArrived(int reason, MqttProperties properties) {
                // No such authentication is asked for.
            }
        };
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
        try {
            int[] qualities = new int[filters.size()];
            java.util.Arrays.fill(qualities, 1);
            IMqttToken token = client.subscribe(filters.toArray(String[]::new), qualities);
            token.waitForCompletion(limit.toMillis());
            for (int i = 0; i < filters.size(); i++) {
                if (token.getReasonCodes()[i] >= 0x80) {
                    throw new LinkException(
                            Trouble.FORBIDDEN,
                            "broker " + broker + " does not let '" + broker.known() + "' subscribe to " + filters.get(i)
                                    + "; ask for that right in its access list");
                }
            }
        } catch (MqttException failed) {
            throw gone(failed);
        }
    }

    /**
     * Publishes with QoS 0: it arrives once or not at all.
     *
     * @param nanos how long it may take until it is on its way
     * @throws LinkException if it could not be sent in time, or the connection has ended
     */
    public void send(Message message, long nanos) throws LinkException {
        requireAlive();
        try {
            if (!room.tryAcquire(nanos, TimeUnit.NANOSECONDS)) {
                throw new LinkException(
                        Trouble.STUCK, "broker " + broker + " takes no more messages; check it and the network");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new LinkException(
                    Trouble.STUCK, "nothing was sent to broker " + broker + ": this thread was interrupted");
        }
        try {
            client.publish(message.topic(), written(message, 0), null, sent);
        } catch (MqttException failed) {
            room.release();
            throw gone(failed);
        }
    }

    /**
     * Publishes with QoS 1, and waits until the broker has taken it.
     *
     * @throws LinkException if it refuses ({@link Trouble#FORBIDDEN}), does not answer, or is gone
     */
    public void publish(Message message, Duration limit) throws LinkException {
        requireAlive();
        try {
            IMqttToken token = client.publish(message.topic(), written(message, 1));
            token.waitForCompletion(limit.toMillis());
            int[] codes = token.getReasonCodes();
            if (codes != null && codes.length > 0 && codes[0] >= 0x80) {
                throw new LinkException(
                        Trouble.FORBIDDEN,
                        "broker " + broker + " does not let '" + broker.known() + "' publish " + message.topic()
                                + "; ask for that right in its access list");
            }
        } catch (MqttException failed) {
            throw gone(failed);
        }
    }

    private LinkException gone(MqttException failed) {
        String why = ended;
        return new LinkException(
                Trouble.GONE,
                why == null ? "broker " + broker + " does not answer (" + failed.getMessage() + ")" : why,
                failed);
    }

    private void requireAlive() throws LinkException {
        String why = ended;
        if (why != null) {
            throw new LinkException(Trouble.GONE, why);
        }
    }

    private void end(String why) {
        if (ended == null) {
            ended = why;
        }
    }

    /** The broker that it goes to. */
    public Broker broker() {
        return broker;
    }

    /** False once the connection is lost or closed. */
    public boolean alive() {
        return ended == null && client.isConnected();
    }

    /** Says good-bye, so that the will is not published, and lets go; within a second. The second and later calls do nothing. */
    @Override
    public void close() {
        end("the connection to broker " + broker + " was closed here");
        try {
            client.disconnect(0).waitForCompletion(CLOSE_MILLIS);
        } catch (MqttException gone) {
            // It is let go of below.
        }
        drop();
    }

    private void drop() {
        try {
            client.disconnectForcibly(0, CLOSE_MILLIS, false);
        } catch (MqttException gone) {
            // As good as disconnected.
        }
        try {
            client.close(true);
        } catch (MqttException gone) {
            // Nothing is left to close.
        }
    }

    /** Sends at once what is written: with the usual thrift a round trip takes 40 to 90 ms. */
    private static final class Prompt extends SocketFactory {

        private final SocketFactory sockets;

        Prompt(SocketFactory sockets) {
            this.sockets = sockets;
        }

        private static Socket prompt(Socket socket) throws IOException {
            socket.setTcpNoDelay(true);
            return socket;
        }

        @Override
        public Socket createSocket() throws IOException {
            return prompt(sockets.createSocket());
        }

        @Override
        public Socket createSocket(String host, int port) throws IOException {
            return prompt(sockets.createSocket(host, port));
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress from, int fromPort) throws IOException {
            return prompt(sockets.createSocket(host, port, from, fromPort));
        }

        @Override
        public Socket createSocket(InetAddress host, int port) throws IOException {
            return prompt(sockets.createSocket(host, port));
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) throws IOException {
            return prompt(sockets.createSocket(host, port, from, fromPort));
        }
    }
}
