package org.homeostat.link;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import org.homeostat.link.LinkException.Trouble;

/**
 * The few calls of the C library that the links need beyond the JDK, with the constants of 64-bit Linux. Each returns what the C
 * function returns, or minus errno where that returns -1. Thread rule: none of its own.
 */
@SuppressWarnings("restricted")
final class Posix {

    static final int EAGAIN = 11;
    static final int EINTR = 4;
    static final int EIO = 5;

    static final short POLLIN = 1;
    static final short POLLOUT = 4;
    static final short POLLERR = 8;
    static final short POLLHUP = 16;

    private static final int O_RDWR = 2;
    private static final int O_NOCTTY = 0x100;
    private static final int O_NONBLOCK = 0x800;
    private static final int O_CLOEXEC = 0x80000;
    private static final int EFD_NONBLOCK = O_NONBLOCK;
    private static final int EFD_CLOEXEC = O_CLOEXEC;
    private static final int TCSANOW = 0;
    private static final short AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_NONBLOCK = O_NONBLOCK;
    private static final int SOCK_CLOEXEC = O_CLOEXEC;

    /** How long the name of a local socket may be: {@code sun_path} of struct sockaddr_un. */
    static final int SOCKET_NAME_BYTES = 108;

    /** More than struct termios or struct sigaction takes on any Linux; only the C library looks inside. */
    private static final int STRUCT_BYTES = 256;

    private static final StructLayout CAPTURED = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CAPTURED.varHandle(MemoryLayout.PathElement.groupElement("errno")).withInvokeExactBehavior();

    private final MethodHandle openpt = function("posix_openpt", JAVA_INT, JAVA_INT);
    private final MethodHandle grantpt = function("grantpt", JAVA_INT, JAVA_INT);
    private final MethodHandle unlockpt = function("unlockpt", JAVA_INT, JAVA_INT);
    private final MethodHandle ptsname = function("ptsname_r", JAVA_INT, JAVA_INT, ADDRESS, JAVA_LONG);
    private final MethodHandle tcgetattr = function("tcgetattr", JAVA_INT, JAVA_INT, ADDRESS);
    private final MethodHandle tcsetattr = function("tcsetattr", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
    private final MethodHandle open = function("open", JAVA_INT, ADDRESS, JAVA_INT);
    private final MethodHandle close = function("close", JAVA_INT, JAVA_INT);
    private final MethodHandle read = function("read", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private final MethodHandle write = function("write", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private final MethodHandle ppoll = function("ppoll", JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS);
    private final MethodHandle eventfd = function("eventfd", JAVA_INT, JAVA_INT, JAVA_INT);
    private final MethodHandle socket = function("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private final MethodHandle connect = function("connect", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private final MethodHandle sigaction = function("sigaction", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    private final MethodHandle cfmakeraw = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("cfmakeraw"), FunctionDescriptor.ofVoid(ADDRESS));

    private Posix() {}

    private static final class Held {
        static final Posix POSIX = new Posix();
    }

    /**
     * The calls, if this machine has them.
     *
     * @param need what they are needed for, for the message
     * @throws LinkException with {@link Trouble#UNSUITABLE} if it has not
     */
    static Posix here(String need) throws LinkException {
        String system = System.getProperty("os.name", "") + " " + System.getProperty("os.arch", "");
        if (!system.startsWith("Linux ") || ADDRESS.byteSize() != Long.BYTES) {
            throw new LinkException(
                    Trouble.UNSUITABLE, need + " needs 64-bit Linux and this is " + system + "; run this on Linux");
        }
        try {
            return Held.POSIX;
        } catch (LinkageError | UnsupportedOperationException missing) {
            throw new LinkException(
                    Trouble.UNSUITABLE,
                    need + " needs native access, which this Java (" + Runtime.version() + ") refuses (" + missing
                            + "); start it with --enable-native-access=ALL-UNNAMED",
                    missing);
        }
    }

    private static MethodHandle function(String name, MemoryLayout result, MemoryLayout... arguments) {
        Linker linker = Linker.nativeLinker();
        FunctionDescriptor shape = FunctionDescriptor.of(result, arguments);
        MemorySegment address = linker.defaultLookup().findOrThrow(name);
        Linker.Option errno = Linker.Option.captureCallState("errno");
        // open is variadic in C, and some machines pass such arguments differently; with a mode it never takes, it does
        // not care.
        return name.equals("open")
                ? linker.downcallHandle(address, shape, errno, Linker.Option.firstVariadicArg(2))
                : linker.downcallHandle(address, shape, errno);
    }

    /** Memory for one thread's calls: errno, a list of two files to wait for, a time, and bytes. */
    static final class Scratch {

        private static final int POLL_BYTES = 8;

        final MemorySegment bytes;
        private final MemorySegment errno;
        private final MemorySegment polled;
        private final MemorySegment time;

        Scratch(int size) {
            // Left to the garbage collector, so that no close can pull it from under a call.
            Arena arena = Arena.ofAuto();
            bytes = arena.allocate(Math.max(size, STRUCT_BYTES), Long.BYTES);
            errno = arena.allocate(CAPTURED);
            polled = arena.allocate(2L * POLL_BYTES, Long.BYTES);
            time = arena.allocate(2L * Long.BYTES, Long.BYTES);
        }

        private long done(long result) {
            return result >= 0 ? result : -(int) ERRNO.get(errno, 0L);
        }

        /** What the wait of {@link Posix#poll} found at the first (0) or the second (1) file. */
        short found(int which) {
            return polled.get(JAVA_SHORT, (long) which * POLL_BYTES + 6);
        }
    }

    /** A new pseudo terminal's master, which never blocks and is not inherited. */
    int openMaster(Scratch scratch) {
        try {
            int file = (int)
                    scratch.done((int) openpt.invokeExact(scratch.errno, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
            if (file < 0) {
                return file;
            }
            long result = scratch.done((int) grantpt.invokeExact(scratch.errno, file));
            if (result >= 0) {
                result = scratch.done((int) unlockpt.invokeExact(scratch.errno, file));
            }
            if (result >= 0) {
                result = scratch.done((int) tcgetattr.invokeExact(scratch.errno, file, scratch.bytes));
            }
            if (result >= 0) {
                // On Linux the attributes of a master are those of its slave.
                cfmakeraw.invokeExact(scratch.bytes);
                result = scratch.done((int) tcsetattr.invokeExact(scratch.errno, file, TCSANOW, scratch.bytes));
            }
            if (result < 0) {
                close(scratch, file);
                return (int) result;
            }
            return file;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** The path of the slave that belongs to a master. */
    String slaveOf(Scratch scratch, int master) {
        try {
            int error = (int) ptsname.invokeExact(scratch.errno, master, scratch.bytes, (long) STRUCT_BYTES);
            if (error != 0) {
                throw new IllegalStateException("ptsname_r: error " + error);
            }
            return scratch.bytes.getString(0);
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Opens a terminal by path; reads and writes block if they may. */
    int openTerminal(Scratch scratch, String path, boolean blocking) {
        int flags = O_RDWR | O_NOCTTY | O_CLOEXEC | (blocking ? 0 : O_NONBLOCK);
        try (Arena arena = Arena.ofConfined()) {
            return (int) scratch.done((int) open.invokeExact(scratch.errno, arena.allocateFrom(path), flags));
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    int close(Scratch scratch, int file) {
        try {
            return (int) scratch.done((int) close.invokeExact(scratch.errno, file));
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Reads into the scratch's bytes. */
    int read(Scratch scratch, int file, int length) {
        try {
            return (int) scratch.done((long) read.invokeExact(scratch.errno, file, scratch.bytes, (long) length));
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Writes from the scratch's bytes. */
    int write(Scratch scratch, int file, int length) {
        try {
            return (int) scratch.done((long) write.invokeExact(scratch.errno, file, scratch.bytes, (long) length));
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Waits for one of two files; {@code events} is what the first is waited for, the second is waited for to be readable. */
    int poll(Scratch scratch, int first, short events, int second, long nanos) {
        MemorySegment polled = scratch.polled;
        polled.set(JAVA_INT, 0, first);
        polled.set(JAVA_SHORT, 4, events);
        polled.set(JAVA_SHORT, 6, (short) 0);
        polled.set(JAVA_INT, 8, second);
        polled.set(JAVA_SHORT, 12, POLLIN);
        polled.set(JAVA_SHORT, 14, (short) 0);
        long span = Math.max(0, nanos);
        scratch.time.set(JAVA_LONG, 0, span / 1_000_000_000);
        scratch.time.set(JAVA_LONG, 8, span % 1_000_000_000);
        try {
            return (int)
                    scratch.done((int) ppoll.invokeExact(scratch.errno, polled, 2L, scratch.time, MemorySegment.NULL));
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Keeps in the scratch what the program does about a signal, so that {@link #restoreSignal} can bring it back. */
    void keepSignal(Scratch scratch, int signal) {
        try {
            scratch.done((int) sigaction.invokeExact(scratch.errno, signal, MemorySegment.NULL, scratch.bytes));
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    void restoreSignal(Scratch scratch, int signal) {
        try {
            scratch.done((int) sigaction.invokeExact(scratch.errno, signal, scratch.bytes, MemorySegment.NULL));
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** A file that can be waited for and is made readable by {@link #ring}. */
    int openBell(Scratch scratch) {
        try {
            return (int) scratch.done((int) eventfd.invokeExact(scratch.errno, 0, EFD_NONBLOCK | EFD_CLOEXEC));
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    void ring(Scratch scratch, int bell) {
        scratch.bytes.set(JAVA_LONG, 0, 1);
        write(scratch, bell, Long.BYTES);
    }

    /** A local socket for datagrams, connected to the one of this name; a leading 0 byte makes the name an abstract one. */
    int openDatagrams(Scratch scratch, byte[] name) {
        try {
            int file = (int) scratch.done((int)
                    socket.invokeExact(scratch.errno, (int) AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
            if (file < 0) {
                return file;
            }
            scratch.bytes.fill((byte) 0);
            scratch.bytes.set(JAVA_SHORT, 0, AF_UNIX);
            MemorySegment.copy(name, 0, scratch.bytes, JAVA_BYTE, Short.BYTES, name.length);
            long result = scratch.done(
                    (int) connect.invokeExact(scratch.errno, file, scratch.bytes, Short.BYTES + name.length));
            if (result < 0) {
                close(scratch, file);
                return (int) result;
            }
            return file;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Copies between the scratch and an array. */
    static void copyOut(Scratch scratch, byte[] into, int offset, int length) {
        MemorySegment.copy(scratch.bytes, JAVA_BYTE, 0, into, offset, length);
    }

    static void copyIn(Scratch scratch, byte[] from, int offset, int length) {
        MemorySegment.copy(from, offset, scratch.bytes, JAVA_BYTE, 0, length);
    }
}
