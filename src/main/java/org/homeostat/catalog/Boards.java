package org.homeostat.catalog;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
import org.homeostat.link.Link;
import org.homeostat.link.ProcessLink;
import org.homeostat.link.SerialLink;
import org.homeostat.run.BadInput;
import org.homeostat.run.Limits;
import org.jspecify.annotations.Nullable;

/** A board behind a link, by its URI: {@code serial:PATH?baud=1000000} or {@code process:COMMAND}. */
final class Boards {

    private static final String FILE = "board";
    private static final String CARD = "card";
    private static final String SILENCE = "silence";
    private static final int LEAST_SILENCE_MILLIS = 100;
    private static final int MOST_SILENCE_MILLIS = 2000;
    private static final List<String> SERIAL_OPTIONS = List.of("baud", "dtr", SILENCE, FILE, CARD);
    private static final List<String> PROCESS_OPTIONS = List.of(SILENCE, FILE, CARD);

    private final DeviceUri uri;
    private final Catalog catalog;
    private final Link.Opener opener;

    private Boards(DeviceUri uri, Catalog catalog, Link.Opener opener) {
        this.uri = uri;
        this.catalog = catalog;
        this.opener = opener;
    }

    static Boards of(DeviceUri uri, Catalog catalog) {
        boolean serial = uri.scheme().equals("serial");
        uri.only(serial ? SERIAL_OPTIONS : PROCESS_OPTIONS);
        uri.oneOf(CARD, List.of("own"));
        uri.oneOf("dtr", List.of("on", "off"));
        try {
            return new Boards(
                    uri,
                    catalog,
                    serial
                            ? SerialLink.opener(
                                    uri.name(),
                                    baud(uri),
                                    !Objects.equals(uri.options().get("dtr"), "off"))
                            : ProcessLink.opener(uri.name(), line -> {}));
        } catch (IllegalArgumentException e) {
            throw new BadInput("device '" + uri + "': " + e.getMessage(), e);
        }
    }

    Link.Opener opener() {
        return opener;
    }

    int baud() {
        return baud(uri);
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
                usual.silence().toMillis());
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
