package org.homeostat.wire;

/**
 * The state of a board, as several replies hold it.
 *
 * @param armed true if armed, false if latched at safe levels
 * @param reason why it was latched last
 * @param boot differs from one power-on to the next
 * @param arming the last arming number accepted since power-on, 0 if none
 * @param executed the number of the last batch executed in this session, 0 if none
 * @param clock microseconds since power-on
 * @param dropped frames dropped since power-on
 */
public record State(boolean armed, Reason reason, long boot, long arming, long executed, long clock, long dropped) {

    /** How many bytes it has. */
    public static final int BYTES = 26;

    static State of(Reading in) throws MalformedException {
        return new State(
                in.takeFlag(), Reason.of(in.take8()), in.take32(), in.take32(), in.take32(), in.take64(), in.take32());
    }

    void put(Bytes out) {
        out.put8(armed ? 1 : 0)
                .put8(reason.number())
                .put32(boot)
                .put32(arming)
                .put32(executed)
                .put64(clock)
                .put32(dropped);
    }
}
