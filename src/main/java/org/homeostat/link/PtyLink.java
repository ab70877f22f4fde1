package org.homeostat.link;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import org.homeostat.link.LinkException.Trouble;
import org.homeostat.link.Posix.Scratch;
import org.jspecify.annotations.Nullable;

/**
 * The master's side of a new pseudo terminal, which plays the board: whoever opens {@link #slave} as a serial port talks to
 * this link. While nobody has it open, reads find nothing and what is written is lost, as on a board whose cable hangs
 * loose; the link stays alive. Linux only.
 *
 * <p>The terminal is raw from the start: all 256 byte values pass and nothing is echoed.
 */
public final class PtyLink implements Link {

    private static final String SLAVES = "/dev/pts/";
    private static final int CHUNK = 4096;
    private static final long NOBODY_NANOS = 10_000_000;
    private static final long CLOSE_NANOS = 2_000_000_000;

    private final Posix posix;
    private final int master;
    private final int bell;
    private final String slave;
    private final @Nullable Path symlink;
    private final Scratch reading = new Scratch(CHUNK);
    private final Scratch writing = new Scratch(CHUNK);
    private final Door door = new Door();

    private PtyLink(Posix posix, int master, int bell, String slave, @Nullable Path symlink) {
        this.posix = posix;
        this.master = master;
        this.bell = bell;
        this.slave = slave;
        this.symlink = symlink;
    }

    /** A pseudo terminal under the name that the system gives it. */
    public static PtyLink open() throws LinkException {
        return open(null);
    }

    /**
     * A pseudo terminal with a symbolic link that leads to its slave and is removed at the close. A symbolic link that is
     * already there and leads to a pseudo terminal is replaced.
     *
     * @throws LinkException if there is no pseudo terminal to be had, or something else stands at the path
     */
    public static PtyLink open(@Nullable Path symlink) throws LinkException {
        if (symlink != null) {
            requireFree(symlink);
        }
        Posix posix = Posix.here("a pseudo terminal");
        Scratch scratch = new Scratch(CHUNK);
        int master = posix.openMaster(scratch);
        if (master < 0) {
            throw none(-master);
        }
        int bell = posix.openBell(scratch);
        if (bell < 0) {
            posix.close(scratch, master);
            throw none(-bell);
        }
        PtyLink link = new PtyLink(posix, master, bell, posix.slaveOf(scratch, master), symlink);
        if (symlink != null) {
            try {
                link.point(symlink);
            } catch (IOException | RuntimeException unwritable) {
                link.close();
                throw new LinkException(
                        Trouble.UNSUITABLE,
                        "pseudo terminal at " + symlink + ": the symbolic link cannot be made (" + unwritable
                                + "); name a path in a folder that exists and that you may write to",
                        unwritable);
            }
        }
        return link;
    }

    private static LinkException none(int errno) {
        return new LinkException(
                Trouble.UNSUITABLE,
                "no pseudo terminal can be opened (error " + errno
                        + "): /dev/ptmx may be missing or all terminals or files in use; close some, or mount devpts");
    }

    private static void requireFree(Path symlink) throws LinkException {
        if (Files.exists(symlink, LinkOption.NOFOLLOW_LINKS) && !leadsToSlave(symlink)) {
            throw new LinkException(
                    Trouble.BUSY,
                    "pseudo terminal at " + symlink
                            + ": something that is not a link to a pseudo terminal stands there; "
                            + "name another path, or remove it");
        }
    }

    private static boolean leadsToSlave(Path symlink) {
        try {
            return Files.isSymbolicLink(symlink)
                    && Files.readSymbolicLink(symlink).toString().startsWith(SLAVES);
        } catch (IOException unreadable) {
            return false;
        }
    }

    /** Never for a moment is there no link or one that leads to nothing. */
    private void point(Path symlink) throws IOException {
        Path fresh = symlink.resolveSibling("." + symlink.getFileName() + "-" + slave.substring(SLAVES.length()));
        Files.deleteIfExists(fresh);
        Files.createSymbolicLink(fresh, Path.of(slave));
        try {
            Files.move(fresh, symlink, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    /** The path to open as a serial port: the symbolic link if there is one, or else the terminal itself. */
    public String path() {
        return symlink == null ? slave : symlink.toString();
    }

    /** The terminal's own path, such as {@code /dev/pts/3}. */
    public String slave() {
        return slave;
    }

    @Override
    public String name() {
        return path();
    }

    @Override
    public boolean alive() {
        return door.open();
    }

    @Override
    public int read(byte[] into, int offset, int length, long nanos) throws LinkException {
        Objects.checkFromIndexSize(offset, length, into.length);
        long limit = Door.limit(nanos);
        door.enter();
        try {
            while (true) {
                int count = posix.read(reading, master, Math.min(length, CHUNK));
                if (count > 0) {
                    Posix.copyOut(reading, into, offset, count);
                    return count;
                }
                // EIO: nobody has the slave open.
                if (count < 0 && count != -Posix.EAGAIN && count != -Posix.EINTR && count != -Posix.EIO) {
                    throw failed("read", -count);
                }
                if (!waited(reading, count == -Posix.EIO ? 0 : Posix.POLLIN, limit)) {
                    return 0;
                }
            }
        } finally {
            door.leave();
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length, long nanos) throws LinkException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        long limit = Door.limit(nanos);
        door.enter();
        boolean stuck = false;
        try {
            int done = 0;
            while (done < length && !stuck) {
                posix.poll(writing, master, (short) 0, bell, 0);
                if ((writing.found(0) & Posix.POLLHUP) != 0) {
                    return;
                }
                int chunk = Math.min(length - done, CHUNK);
                Posix.copyIn(writing, bytes, offset + done, chunk);
                int count = posix.write(writing, master, chunk);
                if (count > 0) {
                    done += count;
                } else if (count < 0 && count != -Posix.EAGAIN && count != -Posix.EINTR && count != -Posix.EIO) {
                    throw failed("write", -count);
                } else {
                    stuck = !waited(writing, Posix.POLLOUT, limit);
                }
            }
        } finally {
            door.leave();
        }
        if (stuck) {
            end(
                    Trouble.STUCK,
                    "pseudo terminal " + path() + ": whoever has it open took no bytes in time; it was closed");
            throw door.reason();
        }
    }

    /** Waits for the master, or a little while if nobody is there; false if the time is over. */
    private boolean waited(Scratch scratch, int events, long limit) throws LinkException {
        long left = limit - System.nanoTime();
        if (left <= 0) {
            return false;
        }
        posix.poll(
                scratch,
                events == 0 ? -1 : master,
                (short) events,
                bell,
                events == 0 ? Math.min(left, NOBODY_NANOS) : left);
        if (!door.open()) {
            throw door.reason();
        }
        return true;
    }

    private LinkException failed(String what, int errno) {
        return new LinkException(
                Trouble.GONE,
                "pseudo terminal " + path() + ": " + what + " failed (error " + errno + "); open a new one");
    }

    @Override
    public void close() {
        end(Trouble.CLOSED, "pseudo terminal " + path() + ": it was closed; open a new one");
    }

    private void end(Trouble trouble, String sentence) {
        if (!door.shut(trouble, sentence)) {
            return;
        }
        Scratch scratch = new Scratch(Long.BYTES);
        posix.ring(scratch, bell);
        removeSymlink();
        if (door.empty(CLOSE_NANOS)) {
            posix.close(scratch, master);
            posix.close(scratch, bell);
        }
    }

    private void removeSymlink() {
        if (symlink == null) {
            return;
        }
        try {
            if (Files.isSymbolicLink(symlink)
                    && Files.readSymbolicLink(symlink).toString().equals(slave)) {
                Files.delete(symlink);
            }
        } catch (IOException gone) {
            // Whoever removed it or its folder has done what was to be done.
        }
    }
}
