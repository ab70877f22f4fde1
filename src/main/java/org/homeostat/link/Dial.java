package org.homeostat.link;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * Reaches a broker's machine: finds its address, connects, and with TLS sees to it that it is the one that it claims to be. Takes
 * no longer than it is told, whatever a name server or the far end does.
 */
final class Dial {

    /**
     * A connection.
     *
     * @param wire what is read and written
     * @param carrier the plain socket that it goes over; without TLS the same
     */
    record Line(Socket wire, Socket carrier) {}

    private static final long MILLI = 1_000_000;

    private Dial() {}

    /**
     * Connects.
     *
     * @param limit until when, by {@link System#nanoTime}
     * @throws LinkException if that fails; the sentence says at which step and why
     */
    static Line to(Broker broker, long limit) throws LinkException {
        Socket carrier = null;
        AtomicBoolean late = new AtomicBoolean();
        try {
            carrier = connected(addresses(broker, limit), broker.port(), limit);
            if (broker.tls() == null) {
                return new Line(carrier, carrier);
            }
            return new Line(encrypted(broker, carrier, limit, late), carrier);
        } catch (IOException failed) {
            hangUp(carrier);
            throw carrier == null
                    ? BrokerTrouble.unreachable(broker, failed)
                    : BrokerTrouble.unencrypted(broker, failed, late.get());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw BrokerTrouble.interrupted(broker);
        }
    }

    private static InetAddress[] addresses(Broker broker, long limit) throws IOException, InterruptedException {
        try {
            return new InetAddress[] {InetAddress.ofLiteral(broker.host())};
        } catch (IllegalArgumentException named) {
            // A name, which is asked for in a thread of its own, since nothing else ends a name server's silence.
        }
        FutureTask<InetAddress[]> asking = new FutureTask<>(() -> InetAddress.getAllByName(broker.host()));
        Thread.ofPlatform().daemon().name("link-name").start(asking);
        try {
            return asking.get(Math.max(0, limit - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (ExecutionException unknown) {
            throw unknown.getCause() instanceof IOException why ? why : new IOException(unknown.getCause());
        } catch (TimeoutException silent) {
            throw new UnknownHostException(broker.host() + ": no name server answers in time");
        }
    }

    private static Socket connected(InetAddress[] addresses, int port, long limit) throws IOException {
        IOException failure = null;
        for (int i = 0; i < addresses.length; i++) {
            Socket socket = new Socket();
            try {
                long left = (limit - System.nanoTime()) / (addresses.length - i);
                socket.setTcpNoDelay(true);
                socket.connect(new InetSocketAddress(addresses[i], port), millis(left));
                if (socket.getLocalPort() == port && socket.getLocalAddress().equals(addresses[i])) {
                    // Where nobody listens the system may give us the very port that we call: we would talk to
                    // ourselves.
                    throw new ConnectException("Connection refused");
                }
                return socket;
            } catch (IOException failed) {
                hangUp(socket);
                failure = failed;
            }
        }
        throw failure == null ? new UnknownHostException("no address") : failure;
    }

    private static int millis(long nanos) {
        return Math.clamp(nanos / MILLI, 1, Integer.MAX_VALUE);
    }

    private static Socket encrypted(Broker broker, Socket carrier, long limit, AtomicBoolean late) throws IOException {
        Future<?> end = Clock.in(limit - System.nanoTime(), () -> {
            late.set(true);
            hangUp(carrier);
        });
        try {
            Corked corked = new Corked(carrier);
            SSLSocket socket = (SSLSocket) Objects.requireNonNull(broker.tls())
                    .getSocketFactory()
                    .createSocket(corked, broker.host(), broker.port(), true);
            SSLParameters rules = socket.getSSLParameters();
            rules.setEndpointIdentificationAlgorithm("HTTPS");
            rules.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
            socket.setSSLParameters(rules);
            socket.startHandshake();
            corked.uncork();
            return socket;
        } finally {
            end.cancel(false);
        }
    }

    static void hangUp(@Nullable Socket socket) {
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException closed) {
                // It is as good as closed.
            }
        }
    }
}
