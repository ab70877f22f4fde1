package org.homeostat.firmware;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The firmware as a process on a pseudo terminal. */
public final class PosixRig implements Rig {

    private final Path link;
    private final Path trace;
    private final Firmware.Running running;
    private final Changes changes = new Changes();
    private long taken;
    private long lastFrameMicros;

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

    /** Takes up what was written since; the last line may be half written. */
    private void read() {
        try (RandomAccessFile file = new RandomAccessFile(trace.toFile(), "r")) {
            byte[] bytes = new byte[(int) (file.length() - taken)];
            file.seek(taken);
            file.readFully(bytes);
            String text = new String(bytes, StandardCharsets.US_ASCII);
            int end = text.lastIndexOf('\n') + 1;
            taken += end;
            text.substring(0, end).lines().map(line -> line.split(" ")).forEach(this::take);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void take(String[] word) {
        long micros = Long.parseLong(word[0]);
        if (word[1].equals("frame")) {
            lastFrameMicros = micros;
        } else {
            int output = (word[2].equals("0") ? 0 : 4) + Integer.parseInt(word[3]);
            changes.add(micros, output, Integer.parseInt(word[4]), Long.parseLong(word[5]));
        }
    }

    @Override
    public Changes changes() {
        read();
        return changes;
    }

    @Override
    public long lastFrameMicros() {
        read();
        return lastFrameMicros;
    }

    /** True if every output stands at its safe level, which is that of power-on. Only where changes are written down. */
    public boolean safe() {
        return Arrays.stream(changes().codes()).allMatch(code -> code == POWER_ON);
    }

    /** How often an output was given another code since power-on. Only where changes are written down. */
    public int moves() {
        return changes().count();
    }

    /**
     * Cuts its power. Its name goes first: the number of its terminal may be given to another board at once, and a host that
     * looks for this one must not find that.
     */
    public void kill() {
        try {
            Files.delete(link);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        running.kill();
    }

    @Override
    public void close() {
        running.close();
    }
}
