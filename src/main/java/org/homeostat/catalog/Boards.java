package org.homeostat.catalog;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.homeostat.board.BoardDevice;
import org.homeostat.board.BoardDevice.Settings;
import org.homeostat.catalog.Catalog.Known;
import org.homeostat.catalog.Catalog.Opened;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Role;
import org.homeostat.link.Broker;
import org.homeostat.link.Link;
import org.homeostat.link.MqttLink;
import org.homeostat.link.ProcessLink;
import org.homeostat.link.SerialLink;
import org.homeostat.run.BadInput;
import org.homeostat.run.Limits;
import org.jspecify.annotations.Nullable;

/**
 * A board behind a link, by its URI: {@code serial:PATH?baud=1000000}, {@code process:COMMAND}, {@code mqtt://HOST:PORT/NAME} or
 * {@code mqtts://HOST:PORT/NAME}.
 */
final class Boards {

    private static final String FILE = "board";
    private static final String CARD = "card";
    private static final String SILENCE = "silence";
    private static final int LEAST_SILENCE_MILLIS = 100;
    private static final int MOST_SILENCE_MILLIS = 2000;

    /** The broker may be started anew meanwhile, and everyone come back to it, without the board latching. */
    private static final int BROKER_SILENCE_MILLIS = 2000;

    private static final List<String> BROKER_OPTIONS = Stream.concat(
                    Stream.of(SILENCE, FILE, CARD), Broker.OPTIONS.stream())
            .toList();
    private static final Map<String, List<String>> OPTIONS = Map.of(
            "serial",
            List.of("baud", "dtr", SILENCE, FILE, CARD),
            "process",
            List.of(SILENCE, FILE, CARD),
            "mqtt",
            BROKER_OPTIONS,
            "mqtts",
            BROKER_OPTIONS);

    private final DeviceUri uri;
    private final Catalog catalog;
    private final Link.Opener opener;

    private Boards(DeviceUri uri, Catalog catalog, Link.Opener opener) {
        this.uri = uri;
        this.catalog = catalog;
        this.opener = opener;
    }

    static Boards of(DeviceUri uri, Catalog catalog) {
        uri.only(OPTIONS.getOrDefault(uri.scheme(), List.of()));
        uri.oneOf(CARD, List.of("own"));
        uri.oneOf("dtr", List.of("on", "off"));
        try {
            return new Boards(uri, catalog, opener(uri));
        } catch (IllegalArgumentException e) {
            throw new BadInput("device '" + uri + "': " + e.getMessage(), e);
        }
    }

    /** True if boards are reached by this scheme. */
    static boolean reaches(String scheme) {
        return OPTIONS.containsKey(scheme);
    }

    private static Link.Opener opener(DeviceUri uri) {
        return switch (uri.scheme()) {
            case "serial" ->
                SerialLink.opener(
                        uri.name(), baud(uri), !Objects.equals(uri.options().get("dtr"), "off"));
            case "process" -> ProcessLink.opener(uri.name(), line -> {});
            default -> {
                int slash = uri.name().lastIndexOf('/');
                if (slash < 3 || slash == uri.name().length() - 1) {
                    throw new IllegalArgumentException(
                            "expected " + uri.scheme() + "://HOST:PORT/NAME, where NAME is the board's at that broker; "
                                    + "see which there are with: homeostat devices --broker " + uri.scheme()
                                    + "://HOST:PORT");
                }
                Broker broker = Broker.of(uri.scheme() + ":" + uri.name().substring(0, slash), uri.options());
                yield MqttLink.opener(broker, uri.name().substring(slash + 1), holder());
            }
        };
    }

    /** Who drives the board, for those who would like to. */
    private static String holder() {
        String user = System.getProperty("user.name");
        try {
            return user + "@" + InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return user;
        }
    }

    Link.Opener opener() {
        return opener;
    }

    /** How many bits a second the line carries; empty if there is no such line. */
    OptionalInt baud() {
        return uri.scheme().startsWith("mqtt") ? OptionalInt.empty() : OptionalInt.of(baud(uri));
    }

    private static int baud(DeviceUri uri) {
        return (int) uri.number("baud", SerialLink.SLOWEST, SerialLink.FASTEST, SerialLink.BAUD);
    }

    /** What is known of the board, which is asked what it is, unless the URI says so. */
    Known known() {
        String named = uri.options().get(FILE);
        if (named != null) {
            return Known.of(catalog.board(named));
        }
        try (Device board = greeted()) {
            BoardFile file = file(board.descriptor());
            if (file == null) {
                throw new BadInput(
                        "device '" + uri + "' is a board " + board.descriptor().board()
                                + ", of which nothing is known here; say where its board.yaml is with board=FILE");
            }
            return Known.of(file);
        }
    }

    /** Opens the board, looks whether it is what its name says, and arms it. */
    Opened open() {
        String named = uri.options().get(FILE);
        BoardFile own = named == null ? null : catalog.board(named);
        BoardDevice board = greeted();
        try {
            Descriptor card = board.descriptor();
            BoardFile file = own == null ? file(card) : own;
            if (file != null && !uri.options().containsKey(CARD)) {
                requireSame(card, file);
            }
            board.arm(file == null ? List.of() : limits(card, Known.of(file).limits()));
            return new Opened(board, file == null ? null : Known.of(file));
        } catch (RuntimeException e) {
            board.close();
            throw e;
        }
    }

    /** What the host keeps to, the board enforces once more by itself. */
    private static List<BoardDevice.Limits> limits(Descriptor card, Limits known) {
        List<BoardDevice.Limits> list = new ArrayList<>();
        for (Role role : List.of(Role.INPUT, Role.NUDGE)) {
            Limits.Limit limit = role == Role.INPUT ? known.input() : known.nudge();
            if (limit != null && card.count(role) > 0) {
                Channel channel = card.channels(role).getFirst();
                list.add(new BoardDevice.Limits(
                        role,
                        Objects.requireNonNullElse(limit.min(), channel.min()),
                        Objects.requireNonNullElse(limit.max(), channel.max()),
                        Objects.requireNonNullElse(limit.slew(), Double.POSITIVE_INFINITY),
                        card.settleSeconds()));
            }
        }
        return list;
    }

    private BoardDevice greeted() {
        Settings usual = Settings.USUAL;
        long silence = uri.number(
                SILENCE,
                LEAST_SILENCE_MILLIS,
                MOST_SILENCE_MILLIS,
                uri.scheme().startsWith("mqtt")
                        ? BROKER_SILENCE_MILLIS
                        : usual.silence().toMillis());
        return BoardDevice.open(uri.toString(), opener, new Settings(Duration.ofMillis(silence), usual.greeting()));
    }

    private @Nullable BoardFile file(Descriptor card) {
        return catalog.ships(card.board()) ? catalog.board(card.board()) : null;
    }

    /** A firmware that was built for another drawing of the board would be misunderstood, channel by channel. */
    private void requireSame(Descriptor card, BoardFile file) {
        Descriptor known = new Board(file, file.sizes()).card(card.lanes(), 0);
        if (!known.board().equals(card.board())) {
            throw new BadInput("device '" + uri + "' is a board " + card.board() + ", not a " + known.board()
                    + "; leave out board=" + uri.options().get(FILE) + " or name the right file");
        }
        boolean sized = List.of(Role.INPUT, Role.OUTPUT, Role.MONITOR, Role.PARAMETER).stream()
                .allMatch(role -> card.count(role) == known.count(role));
        if (sized && !known.digest().equals(card.digest())) {
            throw new DeviceException(
                    Fault.UNSUPPORTED,
                    "device '" + uri + "' calls itself " + card.board() + ", but its card is " + card.digest()
                            + " and that of the board.yaml here is " + known.digest()
                            + "; flash the firmware that belongs to "
                            + "this version, name its own file with board=FILE, or trust the board with card=own");
        }
    }
}
