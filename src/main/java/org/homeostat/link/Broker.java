package org.homeostat.link;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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

    /** What can stand in a topic as a name, as a regular expression. */
    static final String NAME = "[A-Za-z0-9._-]{1,64}";

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

    /** The options of {@link #of}, beside which a URI may have others. */
    public static final List<String> OPTIONS = List.of("user", "password", "ca", "cert", "key");

    private static final Pattern URI =
            Pattern.compile("(mqtts?)://(\\[[0-9A-Fa-f:.]+(?:%[\\w.-]+)?]|[^\\s/:@\\[\\]]+)(?::(\\d{1,5}))?/?");

    /**
     * A broker by its URI: {@code mqtt://HOST:PORT} in the clear, {@code mqtts://HOST:PORT} with TLS; without a port the usual
     * one. An IPv6 address stands in brackets.
     *
     * @param uri without path and options
     * @param options {@code user}; {@code password}: the file whose first line it is, since a URI stands in records that others
     *     read; {@code ca}: the PEM file of whom to trust, {@code cert} and {@code key}: those of the own certificate. What is not
     *     there is taken from the environment: {@code HOMEOSTAT_MQTT_USER} and so on. Others are passed over
     * @throws IllegalArgumentException if it cannot be used; the sentence says why, and what to do
     */
    public static Broker of(String uri, Map<String, String> options) {
        return of(uri, options, System.getenv());
    }

    static Broker of(String uri, Map<String, String> options, Map<String, String> environment) {
        if (uri.contains("@")) {
            throw new IllegalArgumentException(
                    "a broker's URI has no user and no password in it, since it stands in records;"
                            + " give them as user=NAME and password=FILE (--user NAME --password-file FILE)");
        }
        Matcher matcher = URI.matcher(uri);
        int port = matcher.matches() && matcher.group(3) != null ? Integer.parseInt(matcher.group(3)) : 0;
        if (!matcher.matches() || matcher.group(3) != null && (port < 1 || port > 0xffff)) {
            throw new IllegalArgumentException(
                    "broker '" + uri + "': expected mqtt://HOST:PORT, or mqtts://HOST:PORT with TLS");
        }
        boolean encrypted = matcher.group(1).equals("mqtts");
        String host = matcher.group(2).replaceAll("[\\[\\]]", "");
        Function<String, @Nullable String> option = key -> {
            String given = options.get(key);
            return given != null ? given : environment.get("HOMEOSTAT_MQTT_" + key.toUpperCase(Locale.ROOT));
        };
        String user = option.apply("user");
        String password = option.apply("password");
        if (password != null && user == null) {
            throw new IllegalArgumentException(
                    "broker '" + uri + "': a password is for a user; name the user too (user=NAME, --user NAME)");
        }
        Tls tls = encrypted
                ? Tls.of(path(option.apply("ca")), path(option.apply("cert")), path(option.apply("key")))
                : null;
        if (!encrypted && Stream.of("ca", "cert", "key").anyMatch(options::containsKey)) {
            throw new IllegalArgumentException(
                    "broker '" + uri + "': certificates are for encrypted connections; use mqtts://");
        }
        String certified = tls == null ? null : tls.name();
        return new Broker(
                host,
                port > 0 ? port : encrypted ? TLS_PORT : PORT,
                user,
                password == null ? null : password(Path.of(password)),
                tls == null ? null : tls.context(),
                // With a certificate a broker goes by that, whatever user is named (mosquitto:
                // use_identity_as_username).
                certified != null ? certified : user != null ? user : ANONYMOUS);
    }

    private static @Nullable Path path(@Nullable String text) {
        return text == null ? null : Path.of(text);
    }

    private static byte[] password(Path file) {
        try {
            String line = Files.readString(file).lines().findFirst().orElse("");
            if (line.isEmpty()) {
                throw new IllegalArgumentException(
                        "password file " + file + ": its first line is empty; write the password there");
            }
            return line.getBytes(StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new IllegalArgumentException(
                    "password file " + file
                            + ": it cannot be read; check the path and its rights, and that it is a text"
                            + " file whose first line is the password",
                    unreadable);
        }
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
        if (!name.matches(NAME)) {
            throw new IllegalArgumentException(
                    what + " is '" + name + "'; expected 1 to 64 letters, digits, dots, underscores and hyphens");
        }
        return name;
    }

    /** As it stands in a device's URI. */
    @Override
    public String toString() {
        return (tls == null ? "mqtt://" : "mqtts://") + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
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
