package org.homeostat.firmware;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;

/** The firmware for the microcontroller on the emulated bench of {@code sim/lab}. */
public final class EmulatedBench implements Rig {

    /** How emulated time goes by. */
    public enum Pace {
        /** As on the wall. */
        REAL,
        /** As fast as it can. */
        FREE
    }

    private final Path link;
    private final Firmware.Running running;
    private final Truth truth;
    private final Changes changes = new Changes();
    private long next;

    private EmulatedBench(Path folder, long seed, Pace pace) {
        link = folder.resolve("bench");
        Path socket = folder.resolve("truth");
        running = new Firmware.Running(
                Firmware.words(
                        Firmware.lab(),
                        "--fw",
                        Firmware.elf(),
                        "--link",
                        link,
                        "--truth",
                        socket,
                        "--seed",
                        seed,
                        "--pace",
                        pace == Pace.REAL ? "real" : "free"),
                folder.resolve("errors"));
        try {
            truth = Truth.at(socket);
        } catch (RuntimeException e) {
            running.close();
            throw e;
        }
    }

    /**
     * Switches one on.
     *
     * @param folder empty, and its own
     * @param seed which specimen, which noise, which faults of the line
     */
    public static EmulatedBench start(Path folder, long seed, Pace pace) {
        return new EmulatedBench(folder, seed, pace);
    }

    @Override
    public String path() {
        return link.toString();
    }

    /** What only tests may know and do. */
    public Truth truth() {
        return truth;
    }

    @Override
    public Changes changes() {
        List<String> words = truth.ask("log " + next);
        // Only so many are kept; asked often enough, none is missed.
        assertThat(Long.parseLong(words.get(0))).isEqualTo(next);
        next = Long.parseLong(words.get(1));
        for (String word : words.subList(2, words.size())) {
            String[] part = word.split(":");
            changes.add(Long.parseLong(part[0]), Integer.parseInt(part[1]), Integer.parseInt(part[2]), 0);
        }
        return changes;
    }

    @Override
    public long lastFrameMicros() {
        return truth.counters().get("lastFrame");
    }

    @Override
    public void close() {
        truth.close();
        running.close();
    }
}
