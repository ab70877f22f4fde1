package org.homeostat.pi;

/** Time that goes by only when somebody waits or bits move. */
final class VirtualClock implements Clock {

    private volatile long nanos = 1_000_000_000;
    private Runnable paused = () -> {};

    /** What happens meanwhile. */
    void whenPaused(Runnable what) {
        paused = what;
    }

    @Override
    public long nanos() {
        return nanos;
    }

    @Override
    public void pause(double seconds) {
        advance(Math.round(seconds * 1e9));
        paused.run();
    }

    synchronized void advance(long by) {
        nanos += by;
    }
}
