package org.homeostat.link;

import com.fazecast.jSerialComm.SerialPort;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.homeostat.link.LinkException.Trouble;
import org.homeostat.link.Posix.Scratch;
import org.jspecify.annotations.Nullable;

/** Loads jSerialComm, whose native half is unpacked into the temporary folder at its first use. */
final class SerialLibrary {

    private static final String FOLDER = "fazecast.jSerialComm.appid";

    private static final int SIGHUP = 1;
    private static final long PATIENCE_NANOS = 30_000_000_000L;
    private static final long LOOK_NANOS = 2_000_000;

    private static final AtomicInteger OPEN = new AtomicInteger();

    private static @Nullable Throwable failure;
    private static boolean loaded;

    private SerialLibrary() {}

    /**
     * Loads it, unless it is loaded.
     *
     * @param path for whom, for the message
     */
    static synchronized void require(String path) throws LinkException {
        if (loaded) {
            return;
        }
        if (failure == null) {
            failure = load();
        }
        if (failure != null) {
            throw new LinkException(Trouble.UNSUITABLE, sentence(path, failure), failure);
        }
        loaded = true;
    }

    static String sentence(String path, Throwable failure) {
        String reason = reason(failure);
        String remedy = reason.contains("Illegal native access")
                ? "this Java lets no library call native code: set JDK_JAVA_OPTIONS=--enable-native-access=ALL-UNNAMED"
                : "likely programs may not run from " + System.getProperty("java.io.tmpdir")
                        + " or the folder belongs to someone else: set JDK_JAVA_OPTIONS=-Djava.io.tmpdir=FOLDER to one of "
                        + "your own where they may";
        return "serial port " + path + ": the native library of jSerialComm cannot be loaded (" + reason + "); "
                + remedy;
    }

    /** The library lists all that it tried, one numbered line each; the first attempts are expected to fail. */
    private static String reason(Throwable failure) {
        String text = String.valueOf(failure.getMessage());
        return text.lines()
                .filter(line -> line.startsWith("[")
                        && !line.contains("java.library.path")
                        && !line.contains("Loading for arch"))
                .findFirst()
                .orElse(text.lines().findFirst().orElse(""))
                .replaceFirst("^\\[\\d+]: ", "");
    }

    /** A port was opened; whoever closes it says so with {@link #closed}. */
    static void opened() {
        OPEN.incrementAndGet();
    }

    static void closed() {
        OPEN.decrementAndGet();
    }

    /**
     * When the program is told to end, the library closes all ports at once. Until whoever uses them has left the boards at
     * safe levels and has closed the links, it is kept from that.
     */
    private static void awaitCloses() {
        long limit = Door.limit(PATIENCE_NANOS);
        while (OPEN.get() > 0 && System.nanoTime() - limit < 0) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private static @Nullable Throwable load() {
        String user = System.getProperty("user.name", "user").replaceAll("[^A-Za-z0-9._-]", "_");
        if (System.getProperty(FOLDER) == null) {
            // Each user's own, since whoever comes second may not write to the first one's.
            System.setProperty(FOLDER, "homeostat-" + user);
        }
        try (Unpacking alone = new Unpacking(user);
                HangUp kept = new HangUp()) {
            requireFolder();
            // Whatever is asked of it: only a call shows whether it is there.
            SerialPort.getCommPorts();
            // Where it unpacked itself just now, it has made the folder anew.
            requireFolder();
            SerialPort.addShutdownHook(Thread.ofPlatform().name("link-shutdown").unstarted(SerialLibrary::awaitCloses));
            return null;
        } catch (IOException | LinkageError | RuntimeException unloadable) {
            return unloadable;
        }
    }

    /** The library unpacks itself into the first of these that it can write to, and says nothing if there is none. */
    private static void requireFolder() throws IOException {
        if (System.getProperty("jSerialComm.library.path") != null) {
            return;
        }
        String own = System.getProperty(FOLDER, "");
        try {
            makePrivate(Path.of(System.getProperty("java.io.tmpdir", "."), "jSerialComm", own));
        } catch (IOException taken) {
            makePrivate(Path.of(System.getProperty("user.home", "."), ".jSerialComm", own));
        }
    }

    /** The library lets everybody write to what it unpacks; so nobody else may come near it. */
    private static void makePrivate(Path folder) throws IOException {
        Files.createDirectories(folder);
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
    }

    /** The library has the program ignore that its terminal was closed, on which Java would have ended it in good order. */
    private static final class HangUp implements AutoCloseable {

        private final Scratch scratch = new Scratch(0);
        private @Nullable Posix posix;

        HangUp() {
            try {
                posix = Posix.here("a serial port");
                posix.keepSignal(scratch, SIGHUP);
            } catch (LinkException elsewhere) {
                posix = null;
            }
        }

        @Override
        public void close() {
            if (posix != null) {
                posix.restoreSignal(scratch, SIGHUP);
            }
        }
    }

    /** Two programs that start at once must not unpack into each other's file. Without the lock it goes on all the same. */
    private static final class Unpacking implements AutoCloseable {

        private @Nullable FileChannel file;
        private @Nullable FileLock lock;

        Unpacking(String user) {
            try {
                Path path = Path.of(System.getProperty("java.io.tmpdir", "."), "homeostat-" + user + ".lock");
                file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                lock = file.lock();
            } catch (IOException | RuntimeException unlocked) {
                lock = null;
            }
        }

        @Override
        public void close() {
            try {
                if (lock != null) {
                    lock.release();
                }
                if (file != null) {
                    file.close();
                }
            } catch (IOException unreleased) {
                // The system releases it when the program ends.
            }
        }
    }
}
