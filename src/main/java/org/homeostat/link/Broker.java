package org.homeostat.link;

import java.util.Arrays;
import java.util.Objects;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Where an MQTT broker is, and as whom it is entered.
 *
 * @param host its name or address; with TLS, the one that its certificate is for
 * @param port from 1 to 65535
 * @param user the name to enter by; null to enter as nobody, or by the certificate alone
 * @param password with the user name; null for none. Never part of a message
 * @param tls makes the encrypted connection, and holds the own certificate if there is one; null to speak in the clear
 * @param known the name by which the broker will know us: the user name, the common name of the certificate, or {@value
 *     #ANONYMOUS}
 */
public record Broker(
        String host,
        int port,
        @Nullable String user,
        byte @Nullable [] password,
        @Nullable SSLContext tls,
        String known) {

    /** As whom a broker knows someone without a name. */
    public static final String ANONYMOUS = "anonymous";

    public static final int PORT = 1883;
    public static final int TLS_PORT = 8883;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    public Broker {
        if (host.isEmpty() || port < 1 || port > 0xffff) {
            throw new IllegalArgumentException(
                    "a broker has a host and a port from 1 to 65535, not '" + host + "' and " + port);
        }
        if (password != null && user == null) {
            throw new IllegalArgumentException("a password is for a user; name the user too");
        }
        requireName(known, "the name by which a broker knows us");
        password = password == null ? null : password.clone();
    }

    /** A broker in the clear that lets everyone in. */
    public static Broker open(String host, int port) {
        return new Broker(host, port, null, null, null, ANONYMOUS);
    }

    /**
     * Refuses what cannot stand in a topic as a name (MQTT.md, section 1).
     *
     * @param what what it names, for the message
     */
    public static String requireName(String name, String what) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    what + " is '" + name + "'; expected 1 to 64 letters, digits, dots, underscores and hyphens");
        }
        return name;
    }

    /** As it stands in a device's URI. */
    @Override
    public String toString() {
        return (tls == null ? "mqtt://" : "mqtts://") + host + ":" + port;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Broker that
                && host.equals(that.host)
                && port == that.port
                && Objects.equals(user, that.user)
                && Arrays.equals(password, that.password)
                && Objects.equals(tls, that.tls)
                && known.equals(that.known);
    }

    @Override
    public int hashCode() {
        return Objects.hash(host, port, user, known);
    }
}
