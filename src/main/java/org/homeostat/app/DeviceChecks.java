package org.homeostat.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.homeostat.link.Broker;
import org.homeostat.link.LinkException;
import org.homeostat.link.MqttClient;
import org.homeostat.link.MqttClient.Message;
import org.homeostat.link.SerialLink;
import org.homeostat.link.Topics;
import org.jspecify.annotations.Nullable;

/** What the doctor asks of the ways to devices. No port is opened and no bus is touched: that would reset many a board. */
final class DeviceChecks {

    private static final Duration LIMIT = Duration.ofSeconds(5);

    /** A board that nobody has: what is sent to it reaches nobody. */
    private static final String NOBODY = "homeostat-doctor";

    private DeviceChecks() {}

    /** One serial port, by its path. */
    static Finding port(String path) {
        LinkException obstacle = SerialLink.obstacle(path);
        String what = "serial port " + path;
        // Its sentence begins with the port, which stands in front of every finding.
        return obstacle == null
                ? Finding.fine(what, "it is there, you may open it, and nobody else has it")
                : Finding.wrong(what, String.valueOf(obstacle.getMessage()).replace(what + ": ", ""));
    }

    /** All serial ports of this machine, and what they need. */
    static List<Finding> ports() {
        LinkException unloadable = SerialLink.libraryObstacle();
        if (unloadable != null) {
            return List.of(Finding.wrong("serial ports", String.valueOf(unloadable.getMessage())));
        }
        List<Finding> found = new ArrayList<>();
        SerialLink.ports().forEach(port -> found.add(port(port.path())));
        if (found.isEmpty()) {
            found.add(Finding.note(
                    "serial ports",
                    "none is there",
                    "plug a board in; one by another name is looked at with 'homeostat doctor serial:PATH'"));
        }
        return found;
    }

    /**
     * The buses of a Raspberry Pi.
     *
     * @param root the root of the file system
     * @param user who wants to use them
     */
    static List<Finding> buses(Path root, String user) {
        String model = model(root);
        if (!model.contains("Raspberry Pi")) {
            return List.of(Finding.note(
                    "SPI and I2C", "this computer is no Raspberry Pi, so that no pi: device can be here", ""));
        }
        return List.of(
                bus(root, user, "SPI", "dev/spidev0.0", "spi", "dtparam=spi=on"),
                bus(root, user, "I2C", "dev/i2c-1", "i2c", "dtparam=i2c_arm=on"),
                bus(root, user, "pins", "dev/gpiochip0", "gpio", ""));
    }

    private static String model(Path root) {
        try {
            return new String(Files.readAllBytes(root.resolve("proc/device-tree/model")), StandardCharsets.UTF_8)
                    .replace("\0", "");
        } catch (IOException noDeviceTree) {
            return "";
        }
    }

    private static Finding bus(Path root, String user, String what, String file, String group, String line) {
        Path device = root.resolve(file);
        if (!Files.exists(device)) {
            if (line.isEmpty()) {
                return Finding.wrong(
                        what,
                        "there is no /" + file,
                        "install a kernel with GPIO character devices: sudo apt full-upgrade");
            }
            boolean asked = configured(root, line);
            return Finding.wrong(
                    what,
                    "it is switched off: there is no /" + file
                            + (asked ? ", although /boot/firmware/config.txt has " + line : ""),
                    asked
                            ? "sudo reboot"
                            : "put " + line
                                    + " into /boot/firmware/config.txt (or sudo raspi-config, Interface Options),"
                                    + " then sudo reboot");
        }
        if (!Files.isReadable(device) || !Files.isWritable(device)) {
            return Finding.wrong(
                    what,
                    "you may not use /" + file,
                    "sudo usermod -a -G " + group + " " + user + ", then log out and in again");
        }
        return Finding.fine(what, "/" + file + " is there, and you may use it");
    }

    private static boolean configured(Path root, String line) {
        try {
            return Files.readAllLines(root.resolve("boot/firmware/config.txt")).stream()
                    .anyMatch(each -> each.strip().equals(line));
        } catch (IOException none) {
            return false;
        }
    }

    /**
     * A broker: reached, let in, and allowed what driving a board takes.
     *
     * @param offered the name of a board that shall be offered there; null to look at what a controller needs
     */
    static List<Finding> broker(Broker broker, @Nullable String offered) {
        List<Finding> found = new ArrayList<>();
        String id = "homeostat-" + HexFormat.of().toHexDigits(new Random().nextLong());
        try (MqttClient client = MqttClient.open(broker, id, null, LIMIT, message -> {}, LIMIT)) {
            found.add(Finding.fine(
                    "broker " + broker,
                    "it lets us in as '" + broker.known() + "'" + (broker.tls() == null ? "" : ", encrypted")));
            try {
                if (offered != null) {
                    client.subscribe(List.of(new Topics(offered).to()), LIMIT);
                } else {
                    client.subscribe(
                            List.of("presence", "card", "lease").stream()
                                    .map(Topics.ANY::of)
                                    .toList(),
                            LIMIT);
                    client.subscribe(List.of(Topics.ANY.from(broker.known(), 0)), LIMIT);
                    client.publish(Message.of(new Topics(NOBODY).to(), new byte[0], false), LIMIT);
                }
                found.add(Finding.fine(
                        "rights at the broker",
                        offered == null ? "enough to drive boards" : "enough to hear what '" + offered + "' is told"));
            } catch (LinkException refused) {
                found.add(Finding.wrong("rights at the broker", String.valueOf(refused.getMessage())));
            }
        } catch (LinkException unreachable) {
            found.add(Finding.wrong("broker " + broker, String.valueOf(unreachable.getMessage())));
        }
        return found;
    }

    /** A user's groups, as the system's own file lists them, and whether the one that may use serial ports is among them. */
    static Finding group(Path groups, String user) {
        if (user.equals("root")) {
            return Finding.fine("group dialout", "root needs none");
        }
        try {
            List<String> lines = Files.readAllLines(groups);
            List<String> dialout =
                    lines.stream().filter(line -> line.startsWith("dialout:")).toList();
            if (dialout.isEmpty()) {
                return Finding.note("group dialout", "this system has none", "");
            }
            String members = dialout.getFirst().replaceAll(".*:", "");
            return List.of(members.split(",")).contains(user)
                    ? Finding.fine("group dialout", user + " is in it")
                    : Finding.note(
                            "group dialout",
                            user + " is not in it, so that serial ports are closed to you on most systems",
                            "sudo usermod -a -G dialout " + user + ", then log out and in again");
        } catch (IOException none) {
            return Finding.note("group dialout", "this system does not say who is in it", "");
        }
    }

    /** The lines for people. */
    static List<String> lines(List<Finding> findings) {
        int widest = findings.stream()
                .mapToInt(finding -> finding.check().length())
                .max()
                .orElse(0);
        return findings.stream()
                .map(finding -> switch (finding.verdict()) {
                            case FINE -> "ok    ";
                            case NOTE -> "note  ";
                            case WRONG -> "WRONG ";
                        }
                        + finding.check() + " ".repeat(widest - finding.check().length()) + "  " + finding.seen()
                        + (finding.mend().isEmpty() ? "" : "\n      " + " ".repeat(widest) + "  -> " + finding.mend()))
                .flatMap(String::lines)
                .collect(Collectors.toList());
    }
}
