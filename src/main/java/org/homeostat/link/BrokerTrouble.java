package org.homeostat.link;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.PKIXReason;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.homeostat.link.LinkException.Trouble;
import org.jspecify.annotations.Nullable;

/** Says why a broker cannot be reached, does not let us in, or has ended a connection, and what to do about it. */
final class BrokerTrouble {

    private static final int TLS_ALERT = 21;
    private static final int TLS_HANDSHAKE = 22;

    private BrokerTrouble() {}

    private static LinkException said(Trouble trouble, Broker broker, String why, @Nullable Throwable cause) {
        String sentence = "broker " + broker + ": " + why;
        return cause == null ? new LinkException(trouble, sentence) : new LinkException(trouble, sentence, cause);
    }

    static LinkException interrupted(Broker broker) {
        return said(Trouble.CLOSED, broker, "this thread was interrupted", null);
    }

    /** No connection was made. */
    static LinkException unreachable(Broker broker, IOException failed) {
        String text = String.valueOf(failed.getMessage());
        if (failed instanceof UnknownHostException) {
            return said(
                    Trouble.ABSENT,
                    broker,
                    "no machine is known by the name '" + broker.host()
                            + (text.contains("name server") ? "', no name server answers in time" : "'")
                            + "; check its spelling and the network, or give its address",
                    failed);
        }
        if (failed instanceof SocketTimeoutException || text.contains("timed out")) {
            return said(
                    Trouble.ABSENT,
                    broker,
                    "the machine does not answer; check the address, that it is switched on, and that no firewall is between",
                    failed);
        }
        if (failed instanceof ConnectException && text.contains("refused")) {
            return said(
                    Trouble.ABSENT,
                    broker,
                    "nobody listens at port " + broker.port()
                            + "; start the broker, or check host and port (usual are " + Broker.PORT
                            + ", and with TLS " + Broker.TLS_PORT + ")",
                    failed);
        }
        return said(
                Trouble.ABSENT,
                broker,
                "there is no way to it (" + text + "); check the address and this machine's network",
                failed);
    }

    /**
     * The connection was made, but TLS was not.
     *
     * @param late the far end took too long
     */
    static LinkException unencrypted(Broker broker, IOException failed, boolean late) {
        if (late || failed instanceof SocketTimeoutException) {
            return said(
                    Trouble.ABSENT,
                    broker,
                    "it takes the connection and then says nothing of TLS; check that port " + broker.port()
                            + " is the broker's encrypted one (usual is " + Broker.TLS_PORT
                            + ") and that the broker is not stuck",
                    failed);
        }
        LinkException why = tls(broker, failed);
        return why != null
                ? why
                : said(
                        Trouble.ABSENT,
                        broker,
                        "it hung up when TLS was to begin (" + failed.getMessage() + "); check that port "
                                + broker.port() + " is the broker's encrypted one (usual is " + Broker.TLS_PORT + ")",
                        failed);
    }

    /** What TLS complains of; null if it is no complaint of TLS. */
    private static @Nullable LinkException tls(Broker broker, IOException failed) {
        if (!(failed instanceof SSLException)) {
            return null;
        }
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateExpiredException) {
                return said(
                        Trouble.UNSUITABLE,
                        broker,
                        "its certificate has expired (" + cause.getMessage()
                                + "); have it renewed, or check this machine's clock",
                        failed);
            }
            if (cause instanceof CertificateNotYetValidException) {
                return said(
                        Trouble.UNSUITABLE,
                        broker,
                        "its certificate is not valid yet (" + cause.getMessage() + "); check this machine's clock",
                        failed);
            }
            if (cause instanceof CertPathBuilderException
                    || cause instanceof CertPathValidatorException invalid
                            && invalid.getReason() == PKIXReason.NO_TRUST_ANCHOR) {
                return said(
                        Trouble.UNSUITABLE,
                        broker,
                        "its certificate was made by an authority that is not trusted here; name the file with the right one"
                                + " as ca=FILE (--ca FILE)",
                        failed);
            }
        }
        String text = String.valueOf(failed.getMessage());
        String low = text.toLowerCase(Locale.ROOT);
        if (low.contains("terminated the handshake")) {
            return null;
        }
        if (low.contains("subject alternative") || low.contains("no name matching")) {
            return said(
                    Trouble.UNSUITABLE,
                    broker,
                    "its certificate is not for '" + broker.host() + "' (" + text
                            + "); use the name that it is for, or have it made for this one too",
                    failed);
        }
        if (low.contains("unsupported or unrecognized ssl message") || low.contains("not an ssl")) {
            return said(
                    Trouble.UNSUITABLE,
                    broker,
                    "what listens there does not speak TLS; use mqtt:// for a port in the clear (usual is "
                            + Broker.PORT + "), or the broker's encrypted port (usual is " + Broker.TLS_PORT + ")",
                    failed);
        }
        String alert = alert(low);
        if (alert == null) {
            return said(
                    Trouble.UNSUITABLE,
                    broker,
                    "no encrypted connection could be agreed on (" + text + "); check the broker's TLS settings",
                    failed);
        }
        return switch (alert) {
            case "certificate_required", "bad_certificate", "handshake_failure" ->
                said(
                        Trouble.FORBIDDEN,
                        broker,
                        "it wants a certificate of ours that it can accept (" + alert
                                + "); name one that its authority has signed, with its key, as cert=FILE and key=FILE"
                                + " (--cert FILE --key FILE)",
                        failed);
            case "unknown_ca" ->
                said(
                        Trouble.FORBIDDEN,
                        broker,
                        "it does not know the authority that signed our certificate; name a certificate that the"
                                + " broker's own authority has signed",
                        failed);
            case "certificate_expired" ->
                said(
                        Trouble.FORBIDDEN,
                        broker,
                        "our certificate has expired, it says; have it renewed, and check both machines' clocks",
                        failed);
            case "certificate_revoked" ->
                said(Trouble.FORBIDDEN, broker, "our certificate was revoked, it says; have a new one made", failed);
            case "protocol_version" ->
                said(
                        Trouble.UNSUITABLE,
                        broker,
                        "it offers no TLS as new as 1.2; update it, or have its settings allow TLS 1.2 and 1.3",
                        failed);
            default ->
                said(
                        Trouble.UNSUITABLE,
                        broker,
                        "it refused to speak TLS with us (" + alert + "); its own log says why",
                        failed);
        };
    }

    private static @Nullable String alert(String text) {
        int start = text.indexOf("fatal alert: ");
        return start < 0
                ? null
                : text.substring(start + "fatal alert: ".length()).replaceAll("[^a-z_].*", "");
    }

    /**
     * It took the connection and then did not let us in.
     *
     * @param late it did not answer in time
     */
    static LinkException refused(Broker broker, Packets packets, @Nullable IOException failure, boolean late) {
        int answer = packets.answer();
        if (answer > 0) {
            return answered(broker, answer);
        }
        if (packets.farewell() >= 0) {
            return dismissed(broker, packets.farewell());
        }
        byte[] opening = packets.opening();
        if (opening.length > 0 && opening[0] != 0x20) {
            return foreign(broker, opening);
        }
        LinkException tls = failure == null ? null : tls(broker, failure);
        if (tls != null) {
            return tls;
        }
        if (late) {
            return said(
                    Trouble.ABSENT,
                    broker,
                    "it takes the connection and then says nothing; check that port " + broker.port()
                            + " is the broker's" + (broker.tls() == null ? " one in the clear" : "")
                            + ", and that the broker is not stuck",
                    null);
        }
        return said(
                Trouble.ABSENT,
                broker,
                "it hung up before it let us in; check that port " + broker.port() + " is an MQTT broker's"
                        + (broker.tls() == null
                                ? " and not its encrypted one (that would be mqtts://)"
                                : " and what its log says of our certificate"),
                failure);
    }

    private static LinkException foreign(Broker broker, byte[] opening) {
        if (broker.tls() == null && (opening[0] == TLS_ALERT || opening[0] == TLS_HANDSHAKE)) {
            return said(
                    Trouble.UNSUITABLE,
                    broker,
                    "what listens there speaks TLS; use mqtts:// with ca=FILE (--ca FILE), or the broker's port in the"
                            + " clear (usual is " + Broker.PORT + ")",
                    null);
        }
        String first = new String(opening, StandardCharsets.ISO_8859_1)
                .lines()
                .findFirst()
                .orElse("")
                .replaceAll("[^ -~]", "?");
        return said(
                Trouble.UNSUITABLE,
                broker,
                "what listens there is no MQTT broker: it answers '" + first + "'; check host and port",
                null);
    }

    /** Codes 1 to 5 are MQTT 3.1.1's (its table 3.1), the others MQTT 5.0's (its section 3.2.2.2). */
    private static LinkException answered(Broker broker, int code) {
        return switch (code) {
            case 1, 0x84 ->
                said(
                        Trouble.UNSUITABLE,
                        broker,
                        "it does not speak MQTT 5; use a broker that does, such as mosquitto 1.6 or later",
                        null);
            case 4, 0x86 ->
                said(
                        Trouble.FORBIDDEN,
                        broker,
                        "user name or password is wrong; check user=NAME and the file of the password (--user NAME"
                                + " --password-file FILE)",
                        null);
            case 5, 0x87 ->
                said(
                        Trouble.FORBIDDEN,
                        broker,
                        broker.user() == null && broker.known().equals(Broker.ANONYMOUS)
                                ? "it lets nobody in without a name; give user=NAME and the file of the password (--user"
                                        + " NAME --password-file FILE), or a certificate"
                                : "it does not let '" + broker.known()
                                        + "' in; check user name and password, and ask whoever keeps the broker",
                        null);
            case 2, 0x85 ->
                said(Trouble.UNSUITABLE, broker, "it does not accept our client's name; its log says why", null);
            case 3, 0x88, 0x89 ->
                said(Trouble.ABSENT, broker, "it is there but cannot serve anyone now; try again later", null);
            case 0x8a -> said(Trouble.FORBIDDEN, broker, "we are banned there; ask whoever keeps the broker", null);
            case 0x95 ->
                said(
                        Trouble.UNSUITABLE,
                        broker,
                        "our greeting is larger than it allows; raise its limit of a packet",
                        null);
            case 0x97, 0x9f ->
                said(
                        Trouble.ABSENT,
                        broker,
                        "it has as many connections as it allows; try again later, or raise its limits",
                        null);
            case 0x9c, 0x9d ->
                said(
                        Trouble.UNSUITABLE,
                        broker,
                        "it sends us to another server; ask whoever keeps it for the new address",
                        null);
            default ->
                said(Trouble.UNSUITABLE, broker, "it does not let us in (reason " + code + "); its log says why", null);
        };
    }

    /** It was open, and has ended. */
    static LinkException ended(Broker broker, Packets packets, @Nullable IOException failure) {
        if (packets.farewell() >= 0) {
            return dismissed(broker, packets.farewell());
        }
        LinkException tls = failure == null ? null : tls(broker, failure);
        return tls != null && tls.trouble() == Trouble.FORBIDDEN
                ? tls
                : said(
                        Trouble.GONE,
                        broker,
                        "it has gone without a word" + (failure == null ? "" : " (" + failure.getMessage() + ")")
                                + "; look whether it runs, and after the network",
                        failure);
    }

    /** Reasons are MQTT 5.0's (its section 3.14.2.1). */
    private static LinkException dismissed(Broker broker, int reason) {
        return switch (reason) {
            case 0x87 ->
                said(
                        Trouble.FORBIDDEN,
                        broker,
                        "it ended the connection: '" + broker.known()
                                + "' is not allowed what was asked; ask for that right in its access list",
                        null);
            case 0x8b -> said(Trouble.GONE, broker, "it was shut down; wait until it is started again", null);
            case 0x8d ->
                said(
                        Trouble.GONE,
                        broker,
                        "it heard nothing of us for too long; this machine may be overloaded or was asleep",
                        null);
            case 0x8e ->
                said(
                        Trouble.BUSY,
                        broker,
                        "someone else has connected under our client's name and taken our place; see that no second"
                                + " program does the same work",
                        null);
            case 0x95 ->
                said(
                        Trouble.UNSUITABLE,
                        broker,
                        "a message was larger than it allows; raise its limit of a packet (mosquitto: max_packet_size)",
                        null);
            case 0x98 -> said(Trouble.GONE, broker, "whoever keeps it has ended the connection", null);
            default ->
                said(Trouble.GONE, broker, "it ended the connection (reason " + reason + "); its log says why", null);
        };
    }

    static LinkException silent(Broker broker, long nanos) {
        return said(
                Trouble.GONE,
                broker,
                String.format(
                        Locale.ROOT,
                        "nothing was heard of it for %.1f s; look whether it runs, and after the network",
                        1e-9 * nanos),
                null);
    }

    static LinkException stuck(Broker broker) {
        return said(
                Trouble.STUCK, broker, "it takes no more messages; the connection was given up; look after it", null);
    }

    static LinkException unanswered(Broker broker) {
        return said(Trouble.STUCK, broker, "it does not answer; the connection was given up; look after it", null);
    }

    static LinkException forbidden(Broker broker, String what, String topic) {
        return said(
                Trouble.FORBIDDEN,
                broker,
                "it does not let '" + broker.known() + "' " + what + " " + topic
                        + "; ask for that right in its access list",
                null);
    }

    static LinkException large(Broker broker, long bytes, long most) {
        return said(
                Trouble.UNSUITABLE,
                broker,
                "a message of " + bytes + " bytes is larger than the " + most
                        + " that it allows; raise its limit of a packet (mosquitto: max_packet_size)",
                null);
    }

    static LinkException closed(Broker broker) {
        return said(Trouble.CLOSED, broker, "the connection was closed here", null);
    }
}
