package org.homeostat.pi;

/** MCP4922: DAC, 12 bit, 2 outputs. Data sheet DS22250: register 5-1 (the 16-bit write command). */
final class Mcp4922 implements Chip.Driving {

    private static final int SECOND = 0x8000;
    private static final int GAIN_ONE = 0x2000;
    private static final int ON = 0x1000;

    private final SpiWire wire;

    Mcp4922(SpiWire wire) {
        this.wire = wire;
    }

    /** Which output, reference not buffered, gain 1, switched on, and the code. */
    static byte[] frame(int output, int code) {
        int word = (output == 0 ? 0 : SECOND) | GAIN_ONE | ON | code & 0xfff;
        return new byte[] {(byte) (word >> 8), (byte) word};
    }

    /** It says nothing, so that nothing can be looked at. */
    @Override
    public void check() {}

    @Override
    public void latch(int channel, int code) {
        wire.exchange(frame(channel, code));
    }
}
