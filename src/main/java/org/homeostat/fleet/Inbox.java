package org.homeostat.fleet;

import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.homeostat.link.MqttClient.Message;
import org.jspecify.annotations.Nullable;

/**
 * Messages that have come and were not looked at yet, oldest first. There is room for some; beyond that the oldest is dropped,
 * since what mattered is sent again. Thread-safe.
 */
final class Inbox {

    private static final int MOST = 256;
    private static final int MOST_BYTES = 1 << 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition came = lock.newCondition();
    private final ArrayDeque<Message> messages = new ArrayDeque<>();
    private int bytes;
    private long dropped;

    /** Takes a message; never waits. */
    void put(Message message) {
        lock.lock();
        try {
            messages.add(message);
            bytes += message.payload().length;
            while (messages.size() > MOST || bytes > MOST_BYTES) {
                bytes -= messages.remove().payload().length;
                dropped++;
            }
            came.signal();
        } finally {
            lock.unlock();
        }
    }

    /** The oldest; null if none comes in time. */
    @Nullable
    Message next(long nanos) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while (messages.isEmpty() && left > 0) {
                left = came.awaitNanos(left);
            }
            Message first = messages.poll();
            if (first != null) {
                bytes -= first.payload().length;
            }
            return first;
        } finally {
            lock.unlock();
        }
    }

    /** How many were dropped. */
    long dropped() {
        lock.lock();
        try {
            return dropped;
        } finally {
            lock.unlock();
        }
    }
}
