package org.homeostat.pi;

/**
 * AD5272: one rheostat of 1024 positions. Data sheet AD5272/AD5274: two zero bits, four command bits, ten data bits; commands
 * 1 (write RDAC), 2 (read RDAC), 7 (write control) and 8 (read control). At power-on the RDAC takes no writes until control
 * bit C1 is set; C0, which would let the fifty-times memory be written, stays 0.
 */
final class Ad5272 implements Chip.Resisting {

    private static final int WRITE_RDAC = 1;
    private static final int READ_RDAC = 2;
    private static final int WRITE_CONTROL = 7;
    private static final int READ_CONTROL = 8;
    private static final int RDAC_WRITABLE = 0x02;

    private final I2cWire wire;

    Ad5272(I2cWire wire) {
        this.wire = wire;
    }

    static byte[] writeRdac(int code) {
        return command(WRITE_RDAC, code);
    }

    static byte[] readRdac() {
        return command(READ_RDAC, 0);
    }

    static byte[] unlock() {
        return command(WRITE_CONTROL, RDAC_WRITABLE);
    }

    static byte[] readControl() {
        return command(READ_CONTROL, 0);
    }

    private static byte[] command(int command, int data) {
        return new byte[] {(byte) (command << 2 | data >> 8), (byte) data};
    }

    /** Ten bits of an answer. */
    static int data(byte[] answer) {
        return (answer[0] & 3) << 8 | answer[1] & 0xff;
    }

    /** Lets its wiper be written, moves it by one step and back. */
    @Override
    public void check() {
        wire.write(unlock());
        if ((asked(readControl()) & RDAC_WRITABLE) == 0) {
            throw new WiringException(
                    "does not let its wiper be written although it was told to; look whether it is an AD5272");
        }
        int before = asked(readRdac());
        int other = before ^ 1;
        wire.write(writeRdac(other));
        int after = asked(readRdac());
        wire.write(writeRdac(before));
        if (after != other) {
            throw new WiringException("was told position " + other + " and reads back " + after
                    + "; look at the pull-ups of the bus, and whether another chip has the same address");
        }
    }

    /** A read command, a stop, and then the answer. */
    private int asked(byte[] question) {
        wire.write(question);
        return data(wire.read(2));
    }

    @Override
    public void set(int channel, int code) {
        wire.write(writeRdac(code));
    }
}
