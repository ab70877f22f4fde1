package org.homeostat.link;

import java.nio.charset.StandardCharsets;
import org.homeostat.link.LinkException.Trouble;
import org.homeostat.link.Posix.Scratch;

/**
 * Sends single messages to a local datagram socket (unix(7), SOCK_DGRAM), which the JDK cannot. Each message opens a socket of its
 * own, so that whoever listens may be started anew in between. Thread-safe.
 */
public final class Datagrams {

    private static final int ENOENT = 2;
    private static final int EACCES = 13;
    private static final int ECONNREFUSED = 111;

    /** For how long a listener whose queue is full may keep the sender waiting. */
    private static final long PATIENCE_NANOS = 1_000_000_000;

    private static final int NO_FILE = -1;

    private Datagrams() {}

    /**
     * Sends one message, which arrives whole or not at all.
     *
     * @param socket the path of the socket, or an {@code @} and its name in the abstract namespace
     * @throws LinkException if there is no such socket, nobody listens, or its queue remains full for a second
     */
    public static void send(String socket, byte[] message) throws LinkException {
        byte[] name = socket.getBytes(StandardCharsets.UTF_8);
        if (name.length > 0 && name[0] == '@') {
            name[0] = 0;
        }
        // One byte is left for the 0 that ends a path.
        if (name.length < 2 || name.length >= Posix.SOCKET_NAME_BYTES) {
            throw new LinkException(
                    Trouble.UNSUITABLE,
                    "local socket '" + socket + "': a name has 2 to " + (Posix.SOCKET_NAME_BYTES - 1) + " bytes, not "
                            + name.length);
        }
        Posix posix = Posix.here("a local datagram socket");
        Scratch scratch = new Scratch(message.length);
        int file = posix.openDatagrams(scratch, name);
        if (file < 0) {
            throw failed(socket, -file);
        }
        try {
            Posix.copyIn(scratch, message, 0, message.length);
            int written = posix.write(scratch, file, message.length);
            if (written == -Posix.EAGAIN) {
                posix.poll(scratch, file, Posix.POLLOUT, NO_FILE, PATIENCE_NANOS);
                written = posix.write(scratch, file, message.length);
            }
            if (written < 0) {
                throw failed(socket, -written);
            }
        } finally {
            posix.close(scratch, file);
        }
    }

    private static LinkException failed(String socket, int errno) {
        String where = "local socket " + socket + ": ";
        return switch (errno) {
            case ENOENT ->
                new LinkException(Trouble.ABSENT, where + "there is none; start whoever should listen there");
            case ECONNREFUSED -> new LinkException(Trouble.GONE, where + "nobody listens; start whoever should");
            case EACCES -> new LinkException(Trouble.FORBIDDEN, where + "this user may not write to it");
            case Posix.EAGAIN ->
                new LinkException(Trouble.STUCK, where + "whoever listens has taken nothing for a second");
            default -> new LinkException(Trouble.UNSUITABLE, where + "the system refuses it with error " + errno);
        };
    }
}
