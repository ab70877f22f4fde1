package org.homeostat.link;

import com.fazecast.jSerialComm.SerialPort;
import com.fazecast.jSerialComm.SerialPortInvalidPortException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.homeostat.link.LinkException.Trouble;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A serial port: eight data bits, no parity, one stop bit, no flow control, held exclusively. Reads run in the calling thread.
 *
 * <p>Opening a port raises its DTR and RTS lines, which restarts an Arduino and its like: wait for the board to announce
 * itself. With {@code dtr} false both lines are lowered as soon as the port is open and left alone at the close, so that only
 * the first opening after plugging in may restart the board; the system itself raises them for a moment then.
 *
 * <p>When the program is told to end (Ctrl-C, a closed terminal, {@link System#exit}), ports that are open stay usable until
 * they are closed, for 30 s at most; so close them.
 *
 * <p>Adapters of the FTDI kind hold back short answers for 16 ms unless told otherwise; on Linux they are told.
 */
public final class SerialLink implements Link {

    /** What a port is opened with unless the user says otherwise, in bits per second. */
    public static final int BAUD = 1_000_000;

    /** The slowest and the fastest speed that is worth a try. */
    public static final int SLOWEST = 1_200;

    public static final int FASTEST = 12_000_000;

    /** A serial port of this machine: what to open it with, and what it says it is. */
    public record Port(String path, String description) {}

    private static final Logger LOG = LoggerFactory.getLogger(SerialLink.class);

    /** The driver library is opened, and asked for ports, by one thread at a time. */
    private static final ReentrantLock OPENING = new ReentrantLock();

    /** The library waits in whole tenths of a second, and may take a few milliseconds longer. */
    private static final int BLOCKING_MILLIS = 100;

    private static final long BLOCKING_NANOS = 125_000_000;

    /** How long those inside get to leave before the port is closed under them, and how long if a write is stuck. */
    private static final long LEAVE_NANOS = 250_000_000;

    private static final long STUCK_NANOS = 15_000_000;
    private static final long LOOK_NANOS = 500_000;
    private static final long CLOSE_SECONDS = 2;

    private final String path;
    private final SerialPort port;
    private final @Nullable Sentry sentry;
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
                    said("it took no more bytes in time and was closed; check that the board runs and is not held in "
                            + "reset, then open it again"));
        }
    };
    private volatile long due = WriteWatch.NONE;

    private SerialLink(String path, SerialPort port, @Nullable Sentry sentry) {
        this.path = path;
        this.port = port;
        this.sentry = sentry;
    }

    /** Opens the same port anew each time. */
    public static Opener opener(String path, int baud, boolean dtr) {
        requireBaud(path, baud);
        return () -> open(path, baud, dtr);
    }

    /**
     * Opens a port.
     *
     * @param path such as {@code /dev/ttyACM0} or {@code COM3}; a symbolic link is followed, and stays the name
     * @param baud bits per second, {@value #SLOWEST} to {@value #FASTEST}
     * @param dtr whether the DTR and RTS lines stay raised
     * @throws LinkException if that fails; the message says why, as far as it can be known
     * @throws IllegalArgumentException if the speed is out of range
     */
    public static SerialLink open(String path, int baud, boolean dtr) throws LinkException {
        requireBaud(path, baud);
        String real = SerialTrouble.requireDevice(path);
        OPENING.lock();
        try {
            SerialLibrary.require(path);
            SerialPort port = SerialPort.getCommPort(real);
            port.setComPortParameters(baud, 8, SerialPort.ONE_STOP_BIT, SerialPort.NO_PARITY);
            port.setFlowControl(SerialPort.FLOW_CONTROL_DISABLED);
            port.setComPortTimeouts(SerialPort.TIMEOUT_READ_SEMI_BLOCKING, BLOCKING_MILLIS, 0);
            if (!dtr) {
                port.clearDTR();
                port.clearRTS();
            }
            if (!port.openPort(0)) {
                throw SerialTrouble.opening(path, real, port.getLastErrorCode());
            }
            if (!dtr) {
                // A pseudo terminal has no such lines and says so; a board that minds would have been reset by now
                // anyway.
                port.clearDTR();
                port.clearRTS();
            }
            SerialLink link = new SerialLink(path, port, Sentry.at(real));
            SerialLibrary.opened();
            WriteWatch.watch(link.watched);
            return link;
        } catch (SerialPortInvalidPortException vanished) {
            throw SerialTrouble.absent(path);
        } finally {
            OPENING.unlock();
        }
    }

    private static void requireBaud(String path, int baud) {
        if (baud < SLOWEST || baud > FASTEST) {
            throw new IllegalArgumentException("serial port " + path + ": baud " + baud + ": expected " + SLOWEST
                    + " to " + FASTEST + " bits per second");
        }
    }

    /**
     * What would keep this user from opening a port, as far as can be told without opening it: that would reset many a board.
     *
     * @return the sentence that opening it would end with; null if nothing is seen
     */
    public static @Nullable LinkException obstacle(String path) {
        try {
            String real = SerialTrouble.requireDevice(path);
            return SerialTrouble.seen(path, real);
        } catch (LinkException unsuitable) {
            return unsuitable;
        }
    }

    /** What keeps the library of serial ports from working here; null if nothing does. */
    public static @Nullable LinkException libraryObstacle() {
        OPENING.lock();
        try {
            SerialLibrary.require("any");
            return null;
        } catch (LinkException unloadable) {
            return unloadable;
        } finally {
            OPENING.unlock();
        }
    }

    /** The serial ports of this machine; empty if there are none or they cannot be listed. Pseudo terminals are not listed. */
    public static List<Port> ports() {
        OPENING.lock();
        try {
            SerialLibrary.require("any");
            List<Port> ports = new ArrayList<>();
            for (SerialPort found : SerialPort.getCommPorts()) {
                ports.add(new Port(found.getSystemPortPath(), found.getDescriptivePortName()));
            }
            return List.copyOf(ports);
        } catch (LinkException | RuntimeException | LinkageError unlisted) {
            LOG.debug("serial ports cannot be listed", unlisted);
            return List.of();
        } finally {
            OPENING.unlock();
        }
    }

    private String said(String what) {
        return "serial port " + path + ": " + what;
    }

    @Override
    public String name() {
        return path;
    }

    @Override
    public boolean alive() {
        try {
            door.enter();
        } catch (LinkException ended) {
            return false;
        }
        int count;
        try {
            count = port.bytesAvailable();
        } finally {
            door.leave();
        }
        if (count < 0) {
            gone();
        }
        return count >= 0;
    }

    @Override
    public int read(byte[] into, int offset, int length, long nanos) throws LinkException {
        Objects.checkFromIndexSize(offset, length, into.length);
        long limit = Door.limit(nanos);
        Patience patience = null;
        while (true) {
            long left = limit - System.nanoTime();
            int count = take(into, offset, length, sentry == null && left >= BLOCKING_NANOS);
            if (count != 0 || left <= 0) {
                return count;
            }
            if (sentry != null) {
                stand(sentry, left);
            } else if (left < BLOCKING_NANOS) {
                if (patience == null) {
                    patience = new Patience();
                }
                patience.pause(left);
            }
        }
    }

    private void stand(Sentry sentry, long left) throws LinkException {
        boolean lost;
        door.enter();
        try {
            lost = !sentry.await(left) && port.bytesAvailable() <= 0;
        } finally {
            door.leave();
        }
        if (lost) {
            gone();
            throw door.reason();
        }
    }

    private int take(byte[] into, int offset, int length, boolean wait) throws LinkException {
        int count;
        door.enter();
        try {
            count = wait ? length : port.bytesAvailable();
            if (count > 0) {
                count = port.readBytes(into, length, offset);
            }
        } finally {
            door.leave();
        }
        if (count < 0) {
            gone();
            throw door.reason();
        }
        return count;
    }

    @Override
    public void write(byte[] bytes, int offset, int length, long nanos) throws LinkException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        int count;
        door.enter();
        try {
            due = WriteWatch.due(nanos);
            WriteWatch.wake();
            count = port.writeBytes(bytes, length, offset);
        } finally {
            due = WriteWatch.NONE;
            door.leave();
        }
        if (count != length) {
            gone();
        }
        if (!door.open()) {
            throw door.reason();
        }
    }

    private void gone() {
        end(
                Trouble.GONE,
                said("it has gone (error " + port.getLastErrorCode()
                        + "); likely the cable was pulled or the board lost power: plug it in again"));
    }

    @Override
    public void close() {
        end(Trouble.CLOSED, said("it was closed; open it again"));
        boolean interrupted = false;
        long limit = Door.limit(TimeUnit.SECONDS.toNanos(CLOSE_SECONDS));
        while (true) {
            try {
                if (!released.await(limit - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    LOG.warn(
                            "serial port {}: the driver has not let go of it within {} s and was left alone; unplug the "
                                    + "board if it cannot be opened again",
                            path,
                            CLOSE_SECONDS);
                }
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** The driver may hang in its close, so that it is another thread's business. */
    private void end(Trouble trouble, String sentence) {
        if (door.shut(trouble, sentence)) {
            WriteWatch.forget(watched);
            if (sentry != null) {
                sentry.ring();
            }
            Thread.ofPlatform().daemon().name("link-close " + path).start(this::release);
        }
    }

    private void release() {
        long start = System.nanoTime();
        while (!door.empty(0) && System.nanoTime() - start < (due == WriteWatch.NONE ? LEAVE_NANOS : STUCK_NANOS)) {
            if (due == WriteWatch.NONE) {
                // A read that waits is woken, and finds that it need not wait.
                port.setComPortTimeouts(SerialPort.TIMEOUT_NONBLOCKING, 0, 0);
            } else {
                // What the far end does not take is thrown away; setting anything wakes the write, which then has room.
                port.flushIOBuffers();
                port.setComPortTimeouts(SerialPort.TIMEOUT_READ_SEMI_BLOCKING, BLOCKING_MILLIS, 0);
            }
            door.empty(LOOK_NANOS);
        }
        port.closePort();
        if (sentry != null) {
            sentry.close();
        }
        SerialLibrary.closed();
        released.countDown();
    }
}
