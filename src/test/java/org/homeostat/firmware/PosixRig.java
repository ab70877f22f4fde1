package org.homeostat.firmware;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The firmware as a process on a pseudo terminal. */
public final class PosixRig implements Rig {

    private final Path link;
    private final Path trace;
    private final Firmware.Running running;

    private PosixRig(Path folder, List<String> options, boolean traced) {
        link = folder.resolve("board");
        trace = folder.resolve("trace");
        List<String> command = Firmware.words(Firmware.process(Firmware.POSIX), "--pty", link);
        if (traced) {
            command.addAll(Firmware.words("--trace", trace));
        }
        command.addAll(options);
        running = new Firmware.Running(command, folder.resolve("errors"));
    }

    /**
     * Starts it.
     *
     * @param folder empty, and its own
     */
    public static PosixRig start(Path folder, String... options) {
        return new PosixRig(folder, List.of(options), false);
    }

    /** Starts it so that its changes are written down. */
    public static PosixRig traced(Path folder, String... options) {
        return new PosixRig(folder, List.of(options), true);
    }

    @Override
    public String path() {
        return link.toString();
    }

    private List<String[]> lines() {
        try {
            String text = Files.readString(trace);
            // The last line may be half written.
            return text.substring(0, text.lastIndexOf('\n') + 1)
                    .lines()
                    .map(line -> line.split(" "))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public List<Change> changes() {
        List<Change> all = new ArrayList<>();
        for (String[] word : lines()) {
            if (word[1].equals("set")) {
                int output = (word[2].equals("0") ? 0 : 4) + Integer.parseInt(word[3]);
                long micros = Long.parseLong(word[0]);
                all.add(new Change(micros, output, Integer.parseInt(word[4]), micros - Long.parseLong(word[5])));
            }
        }
        return Rig.differing(all);
    }

    @Override
    public long lastFrameMicros() {
        return lines().stream()
                .filter(word -> word[1].equals("frame"))
                .mapToLong(word -> Long.parseLong(word[0]))
                .max()
                .orElseThrow();
    }

    @Override
    public void close() {
        running.close();
    }
}
