package org.homeostat.dashboard;

import com.sun.net.httpserver.Headers;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Who may look at runs, and stop them.
 *
 * <p>Bound to this computer alone, all its users may; but no page of the world that a browser here has open: neither by
 * a name of its own that it has pointed at this computer (DNS rebinding: {@code Host} is then not one of ours), nor by
 * sending a form ({@code Origin} is then not ours). Bound to more, only who has the token: 128 random bits, compared in
 * constant time.
 */
final class Gate {

    private static final int TOKEN_BYTES = 16;

    private static final Set<String> LOCAL = Set.of("localhost", "127.0.0.1", "[::1]");

    private static final Pattern HOST = Pattern.compile("(\\[[0-9a-fA-F:.]+]|[^:\\[\\]]+)(?::(\\d{1,5}))?");

    private final @Nullable String token;
    private final String own;
    private final int port;

    private Gate(@Nullable String token, String own, int port) {
        this.token = token;
        this.own = own;
        this.port = port;
    }

    /** The gate of a server at an address. */
    static Gate at(InetAddress bound, int port) {
        if (bound.isLoopbackAddress()) {
            return new Gate(null, host(bound), port);
        }
        byte[] random = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(random);
        return new Gate(HexFormat.of().formatHex(random), host(bound), port);
    }

    /** An address as URLs and the header {@code Host} write it. */
    static String host(InetAddress address) {
        String plain = address.getHostAddress();
        return plain.indexOf(':') < 0 ? plain : "[" + plain.replaceAll("%.*", "") + "]";
    }

    /** What a URL must carry; null for nothing. */
    @Nullable
    String token() {
        return token;
    }

    /**
     * Why a request is refused; null if it is not.
     *
     * @param given the token that it carries; null for none
     * @param open true for what anybody may have: the page without any run in it
     * @param acts true if it changes something
     */
    @Nullable
    String refusal(Headers headers, @Nullable String given, boolean open, boolean acts) {
        if (token != null) {
            boolean knows = given != null
                    && MessageDigest.isEqual(
                            token.getBytes(StandardCharsets.US_ASCII), given.getBytes(StandardCharsets.UTF_8));
            return open || knows
                    ? null
                    : "the token is missing or wrong: use the whole address that the program has printed";
        }
        String host = headers.getFirst("Host");
        if (host == null || !ours(host)) {
            return "this server answers to the names of this computer alone, such as localhost:" + port + ", not to "
                    + (host == null ? "none" : printable(host));
        }
        String origin = headers.getFirst("Origin");
        if (acts && origin == null || origin != null && !origin.equals("http://" + host)) {
            return "only the page of this server may do that";
        }
        return null;
    }

    private boolean ours(String host) {
        Matcher parts = HOST.matcher(host.toLowerCase(Locale.ROOT));
        if (!parts.matches()) {
            return false;
        }
        int asked = parts.group(2) == null ? 80 : Integer.parseInt(parts.group(2));
        return asked == port
                && (LOCAL.contains(parts.group(1)) || parts.group(1).equals(own));
    }

    private static String printable(String host) {
        return host.replaceAll("[^A-Za-z0-9.:\\[\\]_-]", "?");
    }
}
