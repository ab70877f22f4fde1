package org.homeostat.firmware;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.homeostat.board.BoardDevice;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.homeostat.link.SerialLink;

/**
 * A host that drives a board in every way there is, until the board refuses. A program of its own, so that it can die: {@code
 * PATH SILENCE_MILLIS SEED}. Ends with 0 if it was refused, and says so.
 */
final class DrivingHost {

    private DrivingHost() {}

    public static void main(String[] words) {
        String path = words[0];
        BoardDevice.Settings settings = new BoardDevice.Settings(
                Duration.ofMillis(Long.parseLong(words[1])), BoardDevice.Settings.USUAL.greeting());
        SplittableRandom random = new SplittableRandom(Long.parseLong(words[2]));
        int code = 1;
        try {
            BoardDevice board =
                    BoardDevice.open("serial:" + path, SerialLink.opener(path, SerialLink.BAUD, true), settings);
            board.arm();
            while (true) {
                board.presentAll(some(board.descriptor(), random), Deadline.in(Duration.ofSeconds(20)));
                if (settings.silence().toMillis() > 250 && random.nextInt(10) == 0) {
                    // Meanwhile it only says that it is there.
                    Thread.sleep(random.nextInt(250));
                }
            }
        } catch (DeviceException e) {
            System.out.println(e.fault() + ": " + e.getMessage());
            code = e.fault() == Fault.LATCHED ? 0 : 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // Without a word to the board.
        Runtime.getRuntime().halt(code);
    }

    /** Every input of every stimulus is far from its safe level. */
    private static List<Stimulus> some(Descriptor card, SplittableRandom random) {
        List<Stimulus> stimuli = new ArrayList<>();
        int count = 1 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            Levels levels = Levels.of(Role.INPUT, drawn(card, Role.INPUT, 0.5, random));
            if (random.nextInt(3) == 0) {
                levels = levels.and(Levels.of(Role.PARAMETER, drawn(card, Role.PARAMETER, 0, random)));
            }
            Stimulus stimulus = Stimulus.of(levels);
            stimuli.add(stimulus);
            stimuli.add(stimulus.nudged(
                    new Nudge.Difference(random.nextDouble() - 0.5, Levels.of(Role.OUTPUT, new double[3]))));
            double[] force = drawn(card, Role.NUDGE, 0.1, random);
            stimulus = stimulus.nudged(new Nudge.Force(Levels.of(Role.NUDGE, force)));
            stimuli.add(random.nextInt(4) == 0 ? stimulus.settling(new Settling.Dwell(0.03, 20)) : stimulus);
        }
        return stimuli;
    }

    /** Levels at least a part of the range away from the middle. */
    private static double[] drawn(Descriptor card, Role role, double least, SplittableRandom random) {
        List<Channel> channels = card.channels(role);
        double[] levels = new double[channels.size()];
        Arrays.setAll(levels, i -> {
            Channel channel = channels.get(i);
            double half = 0.5 * (channel.max() - channel.min());
            double part = least + (0.95 - least) * random.nextDouble();
            return channel.min() + half * (random.nextBoolean() ? 1 + part : 1 - part);
        });
        return levels;
    }
}
