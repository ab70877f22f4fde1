package org.homeostat.pi;

/**
 * AD5206: six potentiometers of 256 positions. Data sheet AD5204/AD5206, serial data word format: three address bits, then
 * eight data bits, latched when chip select rises (the number of the table differs between revisions, and was not looked up).
 */
final class Ad5206 implements Chip.Resisting {

    private final SpiWire wire;

    Ad5206(SpiWire wire) {
        this.wire = wire;
    }

    /** Eleven bits count, the last ones; five zeros before them make whole bytes and are shifted through. */
    static byte[] frame(int wiper, int code) {
        return new byte[] {(byte) wiper, (byte) code};
    }

    /** It cannot be read back. */
    @Override
    public void check() {}

    @Override
    public void set(int channel, int code) {
        wire.exchange(frame(channel, code));
    }
}
