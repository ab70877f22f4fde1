package org.homeostat.pi;

/**
 * MCP4728: DAC, 12 bit, 4 outputs, always used with its own reference of 2.048 V at gain 1. Data sheet DS22187: multi-write command
 * for input registers, and read command (24 bytes: for each output three of its input register and three of its memory); the numbers
 * of its figures were not looked up.
 */
final class Mcp4728 implements Chip.Driving {

    private static final int MULTI_WRITE = 0x40;

    /** UDAC: the output does not follow by itself, but with /LDAC. */
    private static final int WAIT = 0x01;

    private static final int OWN_REFERENCE = 0x80;
    private static final int BYTES_READ = 24;
    private static final int BYTES_AN_OUTPUT = 6;

    private final I2cWire wire;

    Mcp4728(I2cWire wire) {
        this.wire = wire;
    }

    /** One output's input register: reference, normal power, gain 1 and code. Its memory is not touched. */
    static byte[] latchFrame(int output, int code) {
        return new byte[] {
            (byte) (MULTI_WRITE | output << 1 | WAIT), (byte) (OWN_REFERENCE | code >> 8 & 0x0f), (byte) code
        };
    }

    /** The code in an output's input register. */
    static int code(byte[] all, int output) {
        int at = BYTES_AN_OUTPUT * output;
        return (all[at + 1] & 0x0f) << 8 | all[at + 2] & 0xff;
    }

    /** True if this is how such a chip names an output in what it says of itself. */
    static boolean named(byte[] all, int output) {
        return (all[BYTES_AN_OUTPUT * output] >> 4 & 3) == output;
    }

    @Override
    public void check() {
        byte[] all = wire.read(BYTES_READ);
        for (int output = 0; output < 4; output++) {
            if (!named(all, output)) {
                throw new WiringException(
                        "does not answer as an MCP4728 does when its registers are read; look whether it is that chip");
            }
        }
    }

    @Override
    public void latch(int channel, int code) {
        wire.write(latchFrame(channel, code));
    }
}
