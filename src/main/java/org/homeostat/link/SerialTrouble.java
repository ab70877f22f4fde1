package org.homeostat.link;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.homeostat.link.LinkException.Trouble;
import org.jspecify.annotations.Nullable;

/** Says why a serial port cannot be opened, and what to do about it. */
final class SerialTrouble {

    private static final int ENOENT = 2;
    private static final int EACCES = 13;
    private static final int EPERM = 1;
    private static final int EBUSY = 16;
    private static final int EAGAIN = 11;
    private static final int ENODEV = 19;
    private static final int ENXIO = 6;
    private static final int ENOTTY = 25;
    private static final int EINVAL = 22;

    /** The library's own number, and only where the port exists, for one that it has open already. */
    private static final int OPEN_HERE = ENOENT;

    private SerialTrouble() {}

    private static boolean named() {
        return System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("win");
    }

    private static String port(String path) {
        return "serial port " + path + ": ";
    }

    /**
     * What a path leads to.
     *
     * @throws LinkException if there is nothing, or something that is no device
     */
    static String requireDevice(String path) throws LinkException {
        if (named()) {
            return path;
        }
        try {
            Path real = Path.of(path).toRealPath();
            if (!Files.readAttributes(real, BasicFileAttributes.class).isOther()) {
                throw new LinkException(
                        Trouble.UNSUITABLE,
                        port(path) + "it is " + (Files.isDirectory(real) ? "a folder" : "a file")
                                + ", not a device; name a serial port such as /dev/ttyACM0");
            }
            return real.toString();
        } catch (LinkException unsuitable) {
            throw unsuitable;
        } catch (IOException | InvalidPathException missing) {
            throw absent(path);
        }
    }

    static LinkException absent(String path) {
        String there = "";
        if (!named()) {
            try {
                if (Files.isSymbolicLink(Path.of(path))) {
                    there = ", only a symbolic link that leads to nothing";
                }
            } catch (InvalidPathException nonsense) {
                there = ", and it is no path";
            }
        }
        return new LinkException(
                Trouble.ABSENT,
                port(path) + "there is no such device" + there
                        + "; likely the board is not plugged in or got another name: plug it in, and see 'homeostat devices'");
    }

    /** Why the library could not open a port that is there. */
    static LinkException opening(String path, String real, int errno) {
        return switch (errno) {
            case EACCES, EPERM -> new LinkException(Trouble.FORBIDDEN, port(path) + forbidden(real));
            case EBUSY, EAGAIN, OPEN_HERE ->
                Files.exists(Path.of(real))
                        ? new LinkException(
                                Trouble.BUSY,
                                port(path) + "it is in use" + holders(real)
                                        + "; close the program that holds it (a serial monitor, another homeostat)")
                        : absent(path);
            case ENODEV, ENXIO -> absent(path);
            case ENOTTY, EINVAL ->
                new LinkException(
                        Trouble.UNSUITABLE,
                        port(path) + "it is not a serial port (error " + errno
                                + "), or does not know this speed; name one such as /dev/ttyACM0, see 'homeostat devices'");
            default ->
                new LinkException(
                        Trouble.GONE,
                        port(path) + "it is there but cannot be opened (error " + errno
                                + "); likely the driver lost the board: unplug it and plug it in again");
        };
    }

    /** What can be seen of a port that is there without opening it; null if nothing speaks against it. */
    static @Nullable LinkException seen(String path, String real) {
        if (named()) {
            return null;
        }
        Path device = Path.of(real);
        if (!Files.isReadable(device) || !Files.isWritable(device)) {
            return opening(path, real, EACCES);
        }
        return holders(real).isEmpty() ? null : opening(path, real, EBUSY);
    }

    private static String forbidden(String real) {
        String group = "dialout";
        String owner = "";
        try {
            PosixFileAttributes attributes = Files.readAttributes(Path.of(real), PosixFileAttributes.class);
            if (!attributes.group().getName().equals("root")) {
                group = attributes.group().getName();
            }
            owner = " (it belongs to " + attributes.owner().getName() + " and group "
                    + attributes.group().getName() + ")";
        } catch (IOException | UnsupportedOperationException unknown) {
            // The usual group it is, then.
        }
        return "you may not open it" + owner + "; run 'sudo usermod -a -G " + group + " "
                + System.getProperty("user.name") + "', log out and in again";
    }

    /** Which processes hold a device, as far as this user may see; empty if none is seen. */
    static String holders(String real) {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            String found = processes
                    .filter(process -> process.getFileName().toString().matches("[0-9]+") && holds(process, real))
                    .limit(3)
                    .map(SerialTrouble::described)
                    .collect(Collectors.joining(", "));
            return found.isEmpty() ? "" : " by " + found;
        } catch (IOException | UncheckedIOException unknown) {
            return "";
        }
    }

    private static boolean holds(Path process, String real) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path file : files) {
                if (Files.isSymbolicLink(file)
                        && Files.readSymbolicLink(file).toString().equals(real)) {
                    return true;
                }
            }
        } catch (IOException | RuntimeException unseen) {
            // Someone else's process, or one that has just ended.
        }
        return false;
    }

    private static String described(Path process) {
        String number = process.getFileName().toString();
        if (Long.parseLong(number) == ProcessHandle.current().pid()) {
            return "this program itself";
        }
        try {
            return Files.readString(process.resolve("comm")).strip() + " (process " + number + ")";
        } catch (IOException ended) {
            return "process " + number;
        }
    }
}
