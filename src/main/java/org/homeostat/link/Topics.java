package org.homeostat.link;

import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The topics of a board at a broker (firmware-protocol/MQTT.md, section 1).
 *
 * @param board its name there
 */
public record Topics(String board) {

    /** Those of every board, to subscribe to. */
    public static final Topics ANY = new Topics("+");

    private static final String ROOT = "homeostat/1/";

    private static final Pattern FROM =
            Pattern.compile(Pattern.quote(ROOT) + "(" + Broker.NAME + ")/from/" + Broker.NAME + "/[0-9a-f]{16}");

    /** The board whose topic this is; empty if it is none of a board. */
    public static String board(String topic) {
        String[] levels = topic.split("/", -1);
        return topic.startsWith(ROOT) && levels.length > 3 ? levels[2] : "";
    }

    /** What the agent says of the board, such as {@code presence}. */
    public String of(String what) {
        return ROOT + board + "/" + what;
    }

    /** To the board. */
    public String to() {
        return of("to");
    }

    /** From the board to one link of a user. */
    public String from(String user, long link) {
        return of("from/" + user + "/" + HexFormat.of().toHexDigits(link));
    }

    /** True of a topic from this board to somebody. */
    public boolean isFrom(String topic) {
        var parts = FROM.matcher(topic);
        return parts.matches() && parts.group(1).equals(board);
    }
}
