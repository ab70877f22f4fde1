package org.homeostat.app;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.homeostat.calibration.Reference;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.run.BadInput;
import org.homeostat.twin.TwinDevice;

/** An instrument at the wire of a channel: read by a person, by a program, or simulated beside a twin. */
sealed interface Meter extends Reference {

    /** What files call it. */
    String name();

    /**
     * The meter that a user asked for.
     *
     * @param asked {@code typed}, {@code twin}, or a command
     * @throws BadInput if the device has no simulated meter
     */
    static Meter of(String asked, Device bare, Descriptor card, BufferedReader in, Shared shared) {
        return switch (asked) {
            case "typed" -> new Typed(card, in, shared);
            case "twin" -> {
                if (!(bare instanceof TwinDevice twin)) {
                    throw new BadInput(
                            "--meter: twin is the simulated meter of a twin, and this device has none; expected "
                                    + "typed, or a command that prints what your instrument shows");
                }
                yield new Simulated(twin);
            }
            default -> new Program(asked);
        };
    }

    /** A person reads it and types what it shows. */
    record Typed(Descriptor card, BufferedReader in, Shared shared) implements Meter {

        @Override
        public String name() {
            return "meter, typed";
        }

        @Override
        public double level(Channel channel, Stimulus presented) {
            shared.say(channel.name() + told(channel, presented) + ": what does the meter show there, in "
                    + channel.unit() + "?");
            String line;
            try {
                line = in.readLine();
            } catch (IOException e) {
                throw new BadInput("--meter: standard input cannot be read: " + e.getMessage(), e);
            }
            if (line == null) {
                throw new BadInput("--meter: standard input ended before the meter was read at channel "
                        + channel.name() + "; type one number for each question");
            }
            return number(line, channel, "was typed");
        }

        /** The level that it is asked for, where it is; what it reads would only tempt whoever types. */
        private String told(Channel channel, Stimulus presented) {
            Levels levels = presented.nudge() instanceof Nudge.Force force && channel.role() == Role.NUDGE
                    ? force.levels()
                    : presented.levels();
            int index = card.channels(channel.role()).indexOf(channel);
            return levels.has(channel.role())
                    ? " is asked for " + Words.level(levels.at(channel.role(), 0, index), channel.unit())
                    : "";
        }
    }

    /** A command that prints what the instrument shows; it is given the name of the channel. */
    record Program(String command) implements Meter {

        private static final long LIMIT_SECONDS = 60;

        @Override
        public String name() {
            return "meter, " + command;
        }

        @Override
        public double level(Channel channel, Stimulus presented) {
            try {
                Process process = new ProcessBuilder("sh", "-c", command + " \"$1\"", "meter", channel.name())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
                process.getOutputStream().close();
                if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new BadInput("--meter: '" + command + "' gave no answer for channel " + channel.name()
                            + " within " + LIMIT_SECONDS + " s; look whether the instrument is on");
                }
                String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (process.exitValue() != 0) {
                    throw new BadInput("--meter: '" + command + "' ended with code " + process.exitValue()
                            + " for channel " + channel.name() + "; expected a command that prints one number");
                }
                return number(said, channel, "was printed by '" + command + "'");
            } catch (IOException e) {
                throw new BadInput("--meter: '" + command + "' cannot be run: " + e.getMessage(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new BadInput("--meter: interrupted while channel " + channel.name() + " was read", e);
            }
        }
    }

    /** What a meter at the wire of a twin would show. */
    record Simulated(TwinDevice twin) implements Meter {

        @Override
        public String name() {
            return "meter, simulated";
        }

        @Override
        public double level(Channel channel, Stimulus presented) {
            return twin.onWire(
                    channel.role(), twin.descriptor().channels(channel.role()).indexOf(channel));
        }
    }

    private static double number(String text, Channel channel, String how) {
        try {
            double number = Double.parseDouble(text.strip());
            if (Double.isFinite(number)) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below, together with what is no finite number.
        }
        throw new BadInput(String.format(
                Locale.ROOT,
                "--meter: '%s' %s for channel %s; expected a number in %s, such as 1.2345",
                text.strip(),
                how,
                channel.name(),
                channel.unit()));
    }
}
