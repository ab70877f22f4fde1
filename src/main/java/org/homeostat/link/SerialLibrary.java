package org.homeostat.link;

import com.fazecast.jSerialComm.SerialPort;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.homeostat.link.LinkException.Trouble;
import org.jspecify.annotations.Nullable;

/** Loads jSerialComm, whose native half is unpacked into the temporary folder at its first use. */
final class SerialLibrary {

    private static final String FOLDER = "fazecast.jSerialComm.appid";

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
        return "serial port " + path + ": the native library of jSerialComm cannot be loaded (" + firstLine(failure)
                + "); likely programs may not run from " + System.getProperty("java.io.tmpdir")
                + " or the folder belongs to someone else: set JDK_JAVA_OPTIONS=-Djava.io.tmpdir=FOLDER to one of your own "
                + "where they may";
    }

    private static String firstLine(Throwable failure) {
        String text = String.valueOf(failure.getMessage());
        // The library lists what it tried, one line each, below a heading.
        return text.lines()
                .filter(line -> line.startsWith("["))
                .findFirst()
                .orElse(text.lines().findFirst().orElse(""));
    }

    private static @Nullable Throwable load() {
        String user = System.getProperty("user.name", "user").replaceAll("[^A-Za-z0-9._-]", "_");
        if (System.getProperty(FOLDER) == null) {
            // Each user's own, since whoever comes second may not write to the first one's.
            System.setProperty(FOLDER, "homeostat-" + user);
        }
        try (Unpacking alone = new Unpacking(user)) {
            SerialPort.getVersion();
            return null;
        } catch (LinkageError | RuntimeException unloadable) {
            return unloadable;
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
