package org.homeostat.pi;

/**
 * MCP4261: two potentiometers of 257 taps. Data sheet DS22059 (MCP414X/416X/424X/426X), chapters 4 (memory map) and 7 (commands):
 * four address bits, two command bits, ten data bits; the numbers of its tables were not looked up.
 */
final class Mcp4261 implements Chip.Resisting {

    private static final int WRITE = 0;
    private static final int READ = 3;

    /** The answer to a command that it understood: six ones, CMDERR as a one, then nine bits of data. */
    private static final int UNDERSTOOD = 0xfe;

    private final SpiWire wire;
    private final int used;

    /**
     * @param used how many of its wipers are connected, from the first
     */
    Mcp4261(SpiWire wire, int used) {
        this.wire = wire;
        this.used = used;
    }

    /** The volatile wipers are at addresses 0 and 1. */
    static byte[] write(int wiper, int code) {
        return command(wiper, WRITE, code);
    }

    static byte[] read(int wiper) {
        return command(wiper, READ, 0x3ff);
    }

    private static byte[] command(int address, int command, int data) {
        return new byte[] {(byte) (address << 4 | command << 2 | data >> 8), (byte) data};
    }

    /** False if it says that it did not understand (CMDERR is 0), or nobody says anything. */
    static boolean understood(byte[] answer) {
        return (answer[0] & UNDERSTOOD) == UNDERSTOOD;
    }

    /** The position read: nine bits. */
    static int code(byte[] answer) {
        return (answer[0] & 1) << 8 | answer[1] & 0xff;
    }

    /** Moves each wiper by one step and back. */
    @Override
    public void check() {
        for (int wiper = 0; wiper < used; wiper++) {
            int before = position(wiper);
            int other = before > 0 ? before - 1 : 1;
            wire.exchange(write(wiper, other));
            int after = position(wiper);
            wire.exchange(write(wiper, before));
            if (after != other) {
                throw new WiringException("was told position " + other + " of wiper " + wiper + " and reads back "
                        + after + "; look at MOSI, MISO and the chip select, and whether another chip shares it");
            }
        }
    }

    private int position(int wiper) {
        byte[] answer = wire.exchange(read(wiper));
        int code = code(answer);
        if (!understood(answer) || code > 256) {
            throw new WiringException("does not answer as an MCP4261 does when wiper " + wiper
                    + " is read; look at its supply, MISO and chip select, and whether it is that chip");
        }
        return code;
    }

    @Override
    public void set(int channel, int code) {
        wire.exchange(write(channel, code));
    }
}
