package org.homeostat.fleet;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.homeostat.link.Datagrams;
import org.homeostat.link.LinkException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the service manager that started this program how it is: sd_notify(3) and sd_watchdog_enabled(3). Where none did, every
 * call does nothing. A notice that cannot be delivered is logged once and never stops the program: a manager that waits for
 * one acts by itself. Thread-safe.
 *
 * <pre>{@code
 * try (Service service = Service.of(System.getenv())) {
 *     ... open the board, reach the broker ...
 *     service.ready("board-7 at mqtt://broker:1883");
 *     service.watch(agent::healthy);
 *     ... serve until told to stop ...
 *     service.stopping("leaving the board at safe levels");
 *     ... close the board ...
 * }
 * }</pre>
 */
public final class Service implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Service.class);

    private final @Nullable String socket;
    private final @Nullable Duration watchdog;
    private @Nullable ScheduledExecutorService beat;
    private boolean unhealthy;
    private boolean stopping;
    private boolean failed;

    private Service(@Nullable String socket, @Nullable Duration watchdog) {
        this.socket = socket;
        this.watchdog = watchdog;
    }

    /**
     * As the manager's variables say: {@code NOTIFY_SOCKET}, {@code WATCHDOG_USEC}, {@code WATCHDOG_PID}. A watchdog meant for
     * another process, or one whose time is no number above 0, is none.
     *
     * @param environment the variables of this process
     */
    public static Service of(Map<String, String> environment) {
        String socket = environment.get("NOTIFY_SOCKET");
        if (socket == null || socket.isEmpty()) {
            return new Service(null, null);
        }
        String pid = environment.getOrDefault("WATCHDOG_PID", "");
        boolean ours = pid.isEmpty()
                || pid.equals(String.valueOf(ProcessHandle.current().pid()));
        return new Service(socket, ours ? micros(environment.getOrDefault("WATCHDOG_USEC", "")) : null);
    }

    private static @Nullable Duration micros(String text) {
        try {
            long micros = Long.parseLong(text);
            return micros > 0 ? Duration.ofNanos(Math.multiplyExact(micros, 1000L)) : null;
        } catch (NumberFormatException | ArithmeticException unlimited) {
            return null;
        }
    }

    /** True if a manager listens. */
    public boolean managed() {
        return socket != null;
    }

    /** How long this program may be silent before the manager ends it; null if it may be so for ever. */
    public @Nullable Duration watchdog() {
        return watchdog;
    }

    /** It has started: the board is open and the broker reached. */
    public synchronized void ready(String status) {
        tell("READY=1\nSTATUS=" + line(status));
    }

    /** What it is doing, in a line for people. */
    public synchronized void status(String status) {
        tell("STATUS=" + line(status));
    }

    /**
     * From now on the manager is told twice within its time that the program lives, as long as it is healthy. To be called once.
     *
     * @param healthy asked in a thread of this class's own; must not block. If it throws, that counts as not healthy
     */
    public synchronized void watch(BooleanSupplier healthy) {
        if (beat != null) {
            throw new IllegalStateException("the service is watched already");
        }
        if (watchdog == null) {
            return;
        }
        beat = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("service-watchdog").factory());
        long period = Math.max(1, watchdog.toNanos() / 2);
        ScheduledFuture<?> unused = beat.scheduleAtFixedRate(() -> beat(healthy), 0, period, TimeUnit.NANOSECONDS);
    }

    private void beat(BooleanSupplier healthy) {
        boolean well = false;
        String reason = "it says so itself";
        try {
            well = healthy.getAsBoolean();
        } catch (RuntimeException broken) {
            reason = broken.toString();
        }
        synchronized (this) {
            if (well) {
                tell("WATCHDOG=1");
            } else if (!unhealthy) {
                LOG.warn("the service is not healthy ({}); if that lasts, its manager starts it anew", reason);
            }
            unhealthy = !well;
        }
    }

    /** It is about to end, and from now on on its own account. Said once, however often it is called. */
    public synchronized void stopping(String status) {
        if (!stopping) {
            stopping = true;
            tell("STOPPING=1\nSTATUS=" + line(status));
        }
    }

    /** Ends the watch and, unless that was said before, says that the program ends. */
    @Override
    public void close() {
        ScheduledExecutorService ended;
        synchronized (this) {
            stopping("stopped");
            ended = beat;
        }
        if (ended != null) {
            ended.shutdownNow();
        }
    }

    private static String line(String status) {
        return status.replaceAll("\\R", " ");
    }

    private void tell(String message) {
        if (socket == null) {
            return;
        }
        try {
            Datagrams.send(socket, message.getBytes(StandardCharsets.UTF_8));
        } catch (LinkException undelivered) {
            if (!failed) {
                failed = true;
                LOG.warn("the service manager cannot be told how the service is: {}", undelivered.getMessage());
            }
        }
    }
}
