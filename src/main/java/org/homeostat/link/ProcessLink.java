package org.homeostat.link;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.homeostat.link.LinkException.Trouble;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A child process whose standard input and output carry the bytes. What it says on standard error goes line by line to a
 * listener; the last lines are also kept, for the message when it ends by itself.
 *
 * <p>The far end is gone when the process has ended and all that it wrote has been read. The close ends the process, and
 * those that it started: its input is closed, then it has {@value #LEAVE_MILLIS} ms to leave by itself, then it is asked to
 * end, and then made to.
 */
public final class ProcessLink implements Link {

    private static final Logger LOG = LoggerFactory.getLogger(ProcessLink.class);

    private static final long LEAVE_MILLIS = 300;
    private static final long ASKED_MILLIS = 500;
    private static final long CLOSE_SECONDS = 2;
    private static final long LISTEN_NANOS = 20_000_000;
    private static final int KEPT_LINES = 5;
    private static final int LONGEST_LINE = 500;

    private final String command;
    private final Process process;
    private final InputStream in;
    private final OutputStream out;
    private final Consumer<String> listener;
    private final Thread listening;
    private final Deque<String> lastLines = new ArrayDeque<>();
    private final Door door = new Door();
    private final CountDownLatch released = new CountDownLatch(1);
    private final WriteWatch.Watched watched = new WriteWatch.Watched() {
        @Override
        public long due() {
            return due;
        }

        @Override
        public void overdue() {
            end(
                    Trouble.STUCK,
                    said("it took no more bytes in time and was ended; check that it reads its standard input"));
        }
    };
    private volatile long due = WriteWatch.NONE;

    private ProcessLink(String command, Process process, Consumer<String> listener) {
        this.command = command;
        this.process = process;
        this.in = process.getInputStream();
        this.out = process.getOutputStream();
        this.listener = listener;
        this.listening = Thread.ofPlatform()
                .daemon()
                .name("link-stderr " + process.pid())
                .unstarted(this::listen);
    }

    /** Starts the same command anew each time. */
    public static Opener opener(String command, Consumer<String> listener) {
        List<String> words = CommandLine.words(command);
        return () -> start(command, words, listener);
    }

    /**
     * Starts a command in this program's folder, with its environment.
     *
     * @param command its words parted by spaces, with quotes where needed; no shell sees it
     * @param listener gets each line of its standard error, from a thread of its own
     * @throws LinkException if it cannot be started
     * @throws IllegalArgumentException if the command is no list of words
     */
    public static ProcessLink open(String command, Consumer<String> listener) throws LinkException {
        return start(command, CommandLine.words(command), listener);
    }

    /** Starts a command and only keeps the last lines of its standard error. */
    public static ProcessLink open(String command) throws LinkException {
        return open(command, line -> {});
    }

    private static ProcessLink start(String command, List<String> words, Consumer<String> listener)
            throws LinkException {
        try {
            ProcessLink link = new ProcessLink(command, new ProcessBuilder(words).start(), listener);
            link.listening.start();
            WriteWatch.watch(link.watched);
            return link;
        } catch (IOException unstartable) {
            throw new LinkException(
                    Trouble.ABSENT,
                    "process '" + command + "': program " + words.getFirst() + " cannot be started ("
                            + unstartable.getMessage() + "); name a program that exists and may be run",
                    unstartable);
        }
    }

    private String said(String what) {
        return "process '" + command + "': " + what;
    }

    @Override
    public String name() {
        return command;
    }

    /** The number under which the system knows the process. */
    public long pid() {
        return process.pid();
    }

    @Override
    public boolean alive() {
        return door.open() && process.isAlive();
    }

    @Override
    public int read(byte[] into, int offset, int length, long nanos) throws LinkException {
        Objects.checkFromIndexSize(offset, length, into.length);
        long limit = Door.limit(nanos);
        Patience patience = null;
        while (true) {
            int count = take(into, offset, length);
            long left = limit - System.nanoTime();
            if (count != 0 || left <= 0) {
                return count;
            }
            if (patience == null) {
                patience = new Patience();
            }
            patience.pause(left);
        }
    }

    private int take(byte[] into, int offset, int length) throws LinkException {
        door.enter();
        try {
            // Asked in this order, nothing that it wrote before it ended is missed.
            boolean running = process.isAlive();
            int there = in.available();
            if (there > 0) {
                return in.read(into, offset, Math.min(there, length));
            }
            if (running) {
                return 0;
            }
        } catch (IOException broken) {
            // As good as ended: nothing more will come.
        } finally {
            door.leave();
        }
        gone();
        throw door.reason();
    }

    @Override
    public void write(byte[] bytes, int offset, int length, long nanos) throws LinkException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        door.enter();
        try {
            due = WriteWatch.due(nanos);
            WriteWatch.wake();
            out.write(bytes, offset, length);
            out.flush();
            return;
        } catch (IOException broken) {
            // It has closed its input, most likely by ending.
        } finally {
            due = WriteWatch.NONE;
            door.leave();
        }
        gone();
        throw door.reason();
    }

    private void gone() {
        if (!door.open()) {
            return;
        }
        // Its last words may be on their way still.
        joined(listening, Duration.ofMillis(process.isAlive() ? 0 : 200));
        String ended = process.isAlive() ? "it no longer listens" : "it ended with exit code " + process.exitValue();
        String words;
        synchronized (lastLines) {
            words = lastLines.isEmpty() ? "" : ", saying '" + String.join(" | ", lastLines) + "'";
        }
        end(Trouble.GONE, said(ended + words + "; start it by hand to see why, then open it again"));
    }

    private static boolean joined(Thread thread, Duration span) {
        try {
            return thread.join(span);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Its standard error, asked for rather than waited for: a read of a pipe that a grandchild holds would never end. */
    private void listen() {
        StringBuilder line = new StringBuilder();
        byte[] bytes = new byte[4096];
        InputStream errors = process.getErrorStream();
        try {
            while (true) {
                boolean running = process.isAlive();
                int there = errors.available();
                if (there > 0) {
                    int count = errors.read(bytes, 0, Math.min(there, bytes.length));
                    hear(line, new String(bytes, 0, Math.max(count, 0), StandardCharsets.UTF_8));
                } else if (!running || released.getCount() == 0) {
                    break;
                } else {
                    LockSupport.parkNanos(this, LISTEN_NANOS);
                }
            }
        } catch (IOException closed) {
            // Nothing more will come.
        }
        if (!line.isEmpty()) {
            keep(line.toString());
        }
    }

    private void hear(StringBuilder line, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n') {
                keep(line.toString());
                line.setLength(0);
            } else if (c != '\r' && line.length() < LONGEST_LINE) {
                line.append(c);
            }
        }
    }

    private void keep(String line) {
        synchronized (lastLines) {
            lastLines.add(line);
            if (lastLines.size() > KEPT_LINES) {
                lastLines.remove();
            }
        }
        listener.accept(line);
    }

    @Override
    public void close() {
        end(Trouble.CLOSED, said("it was closed; open it again"));
        try {
            if (!released.await(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("process '{}' (number {}) does not end and was left alone; end it by hand", command, pid());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void end(Trouble trouble, String sentence) {
        if (door.shut(trouble, sentence)) {
            WriteWatch.forget(watched);
            Thread.ofPlatform().daemon().name("link-close " + process.pid()).start(this::release);
        }
    }

    private void release() {
        List<ProcessHandle> all = process.descendants().toList();
        boolean writing = !door.empty(TimeUnit.MILLISECONDS.toNanos(1)) && due != WriteWatch.NONE;
        if (!writing) {
            shut(out);
        }
        if (writing || !left(LEAVE_MILLIS)) {
            // By its handle: the process's own method also closes its streams, and waits for a write that is stuck.
            process.toHandle().destroy();
            if (!left(ASKED_MILLIS)) {
                process.toHandle().destroyForcibly();
                left(ASKED_MILLIS);
            }
        }
        all.forEach(ProcessHandle::destroyForcibly);
        door.empty(TimeUnit.SECONDS.toNanos(1));
        released.countDown();
        joined(listening, Duration.ofSeconds(1));
        shut(out);
        shut(in);
        shut(process.getErrorStream());
    }

    private boolean left(long millis) {
        try {
            return process.waitFor(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            return false;
        }
    }

    private static void shut(@Nullable AutoCloseable stream) {
        try {
            if (stream != null) {
                stream.close();
            }
        } catch (Exception broken) {
            // It is closed all the same.
        }
    }
}
