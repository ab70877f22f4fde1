package org.homeostat.board;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.homeostat.board.BoardDevice.Settings;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Response;
import org.homeostat.device.Stimulus;
import org.homeostat.link.Link;
import org.homeostat.link.LinkException;

/** A device that answers as a board at a port, in a thread of its own, and everything that was ever imposed on it. */
final class Bench implements AutoCloseable {

    /** Half a second until the board latches; a fifth of one to find it. */
    static final Settings BRISK = new Settings(Duration.ofMillis(500), Duration.ofMillis(200));

    final Port port = new Port();
    private final Device device;
    private final List<Stimulus> imposed = new ArrayList<>();
    private final List<AutoCloseable> hosts = new ArrayList<>();
    private AtomicBoolean off = new AtomicBoolean();
    private Thread thread;
    private long boot;
    private volatile long stalledUntil;

    Bench(Device device) {
        this.device = device;
        powerOn();
    }

    private final class Watched implements Device {
        @Override
        public Descriptor descriptor() {
            return device.descriptor();
        }

        @Override
        public Response present(Stimulus stimulus, Deadline deadline) {
            while (System.nanoTime() - stalledUntil < 0) {
                Thread.onSpinWait();
            }
            synchronized (imposed) {
                imposed.add(stimulus);
            }
            return device.present(stimulus, deadline);
        }

        @Override
        public void close() {
            device.close();
        }
    }

    /** Everything that was imposed so far, also by the board itself. */
    List<Stimulus> imposed() {
        synchronized (imposed) {
            return new ArrayList<>(imposed);
        }
    }

    /** The next exchange begins not before so long from now. */
    void stall(Duration span) {
        stalledUntil = System.nanoTime() + span.toNanos();
    }

    private void powerOn() {
        AtomicBoolean mine = new AtomicBoolean();
        off = mine;
        Served served = new Served(new Watched(), ++boot);
        thread = Thread.ofPlatform().daemon().name("served").start(() -> {
            try {
                served.serve(port.board(), mine::get);
            } catch (LinkException gone) {
                throw new IllegalStateException(gone);
            }
        });
    }

    private void powerOff() {
        off.set(true);
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Switches the board off and on again. */
    void restart() {
        powerOff();
        powerOn();
    }

    /** A host that has greeted the board. */
    BoardDevice host() {
        return host(port::open);
    }

    BoardDevice host(Link.Opener opener) {
        return host(opener, BRISK);
    }

    BoardDevice host(Link.Opener opener, Settings settings) {
        BoardDevice host = BoardDevice.open("serial:port", opener, settings);
        hosts.add(host);
        return host;
    }

    /** A host that has armed the board. */
    BoardDevice armed() {
        BoardDevice host = host();
        host.arm();
        return host;
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable host : hosts) {
            host.close();
        }
        powerOff();
        device.close();
    }
}
