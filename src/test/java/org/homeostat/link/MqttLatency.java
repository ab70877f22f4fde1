package org.homeostat.link;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.SocketFactory;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;
import org.homeostat.fixtures.Mosquitto;

/**
 * Measures round trips of 64 bytes over a mosquitto to a bare Paho client that echoes: from a {@link MqttLink}, and from another
 * bare Paho client. They take turns, so that they meet the same weather.
 *
 * <p>Run it with the test class path; the arguments are trips per turn and turns.
 */
final class MqttLatency {

    private static final int BYTES = 64;
    private static final String ROOT = "homeostat/1/echo/";

    private interface Way {
        void trip(byte[] message) throws Exception;
    }

    private MqttLatency() {}

    /** Tells of a message, and of nothing else. */
    private abstract static class Heard implements MqttCallback {

        @Override
        public void disconnected(MqttDisconnectResponse why) {}

        @Override
        public void mqttErrorOccurred(MqttException error) {}

        @Override
        public void deliveryComplete(IMqttToken token) {}

        @Override
        public void connectComplete(boolean again, String uri) {}

        @Override
        public void authPacketArrived(int reason, MqttProperties properties) {}
    }

    private static MqttAsyncClient bare(Mosquitto mosquitto, String id, String filter) throws MqttException {
        MqttAsyncClient client =
                new MqttAsyncClient("tcp://127.0.0.1:" + mosquitto.port(), id, new MemoryPersistence());
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setSocketFactory(new SocketFactory() {
            @Override
            public Socket createSocket() throws IOException {
                Socket socket = new Socket();
                socket.setTcpNoDelay(true);
                return socket;
            }

            @Override
            public Socket createSocket(String host, int port) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Socket createSocket(String host, int port, InetAddress from, int fromPort) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Socket createSocket(InetAddress host, int port) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) {
                throw new UnsupportedOperationException();
            }
        });
        client.connect(options).waitForCompletion(5000);
        client.subscribe(filter, 0).waitForCompletion(5000);
        return client;
    }

    private static void echo(MqttAsyncClient far, MqttMessage message) throws MqttException {
        MqttProperties properties = new MqttProperties();
        properties.setCorrelationData(message.getProperties().getCorrelationData());
        if (message.getPayload().length == 0) {
            properties.setUserProperties(List.of(new UserProperty("say", "granted"), new UserProperty("lease", "1")));
        }
        far.publish(
                message.getProperties().getResponseTopic(),
                new MqttMessage(message.getPayload(), 0, false, properties));
    }

    public static void main(String[] arguments) throws Exception {
        int trips = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 2000;
        int turns = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10;
        Path folder = Files.createTempDirectory("mqtt-latency");
        try (Mosquitto mosquitto = Mosquitto.open(folder)) {
            MqttAsyncClient far = bare(mosquitto, "far", ROOT + "to");
            far.setCallback(new Heard() {
                @Override
                public void messageArrived(String topic, MqttMessage message) throws MqttException {
                    echo(far, message);
                }
            });
            BlockingQueue<byte[]> back = new LinkedBlockingQueue<>();
            MqttAsyncClient near = bare(mosquitto, "near", ROOT + "from/bare/1");
            near.setCallback(new Heard() {
                @Override
                public void messageArrived(String topic, MqttMessage message) {
                    back.add(message.getPayload());
                }
            });
            try (Link link =
                    MqttLink.opener(mosquitto.broker(), "echo", "latency").open()) {
                byte[] into = new byte[BYTES];
                Way[] ways = {
                    message -> {
                        link.write(message, 0, BYTES, TimeUnit.SECONDS.toNanos(1));
                        int done = 0;
                        while (done < BYTES) {
                            done += link.read(into, done, BYTES - done, TimeUnit.SECONDS.toNanos(1));
                        }
                    },
                    message -> {
                        MqttProperties properties = new MqttProperties();
                        properties.setMessageExpiryInterval(2L);
                        properties.setResponseTopic(ROOT + "from/bare/1");
                        properties.setCorrelationData(new byte[16]);
                        properties.setUserProperties(List.of(new UserProperty("lease", "1")));
                        near.publish(ROOT + "to", new MqttMessage(message, 0, false, properties));
                        if (back.poll(5, TimeUnit.SECONDS) == null) {
                            throw new IllegalStateException("lost");
                        }
                    }
                };
                long[][] nanos = new long[ways.length][trips * turns];
                for (int turn = -2; turn < turns; turn++) {
                    for (int way = 0; way < ways.length; way++) {
                        for (int i = 0; i < trips; i++) {
                            byte[] message = LinkContract.noise(BYTES);
                            long start = System.nanoTime();
                            ways[way].trip(message);
                            if (turn >= 0) {
                                nanos[way][turn * trips + i] = System.nanoTime() - start;
                            }
                        }
                    }
                }
                double[] median = new double[ways.length];
                for (int way = 0; way < ways.length; way++) {
                    Arrays.sort(nanos[way]);
                    median[way] = 1e-3 * nanos[way][nanos[way].length / 2];
                    System.out.printf(
                            Locale.ROOT,
                            "%-16s median %7.1f us  p99 %8.1f us%n",
                            way == 0 ? "MqttLink" : "bare Paho",
                            median[way],
                            1e-3 * nanos[way][(int) (0.99 * nanos[way].length)]);
                }
                System.out.printf(Locale.ROOT, "ratio of the medians: %.2f%n", median[0] / median[1]);
            }
            near.disconnectForcibly();
            far.disconnectForcibly();
        }
        System.exit(0);
    }
}
