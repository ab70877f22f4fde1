package org.homeostat.pi;

/**
 * MCP3208: ADC, 12 bit, 8 single-ended inputs. Data sheet DS21298: figure 6-1 (frames of 8-bit segments, mode 0,0) and table
 * 5-2 (which bits choose the input).
 */
final class Mcp3208 implements Chip.Reading {

    private static final int LAST = 4095;

    /** 24 bits at 1 MHz and the way through the operating system, roughly. */
    private static final double SECONDS = 60e-6;

    private final SpiWire wire;
    private final int used;

    /**
     * @param used how many of its inputs are connected, from the first
     */
    Mcp3208(SpiWire wire, int used) {
        this.wire = wire;
        this.used = used;
    }

    /** Five zeros, the start bit, single-ended, and three bits of the input; then clocks for the answer. */
    static byte[] request(int input) {
        return new byte[] {(byte) (0x06 | input >> 2), (byte) (input << 6), 0};
    }

    /** Twelve bits from the highest, behind a null bit. */
    static int code(byte[] answer) {
        return (answer[1] & 0x0f) << 8 | answer[2] & 0xff;
    }

    /** True if the null bit before the twelve is one, which only a chip that is not there can answer. */
    static boolean nobody(byte[] answer) {
        return (answer[1] & 0x10) != 0;
    }

    @Override
    public void check() {
        boolean zeros = true;
        for (int input = 0; input < used; input++) {
            byte[] answer = wire.exchange(request(input));
            if (nobody(answer)) {
                throw new WiringException(
                        "does not answer: its line reads all ones; look at its supply, MISO and chip select");
            }
            zeros &= code(answer) == 0;
        }
        if (zeros) {
            throw new WiringException(
                    "answers zeros only, and the board is at rest; look at its supply, its reference, MISO and chip select");
        }
    }

    @Override
    public int read(int channel) {
        byte[] answer = wire.exchange(request(channel));
        // A line that went dead reads as the end of the range, which is told as clipped.
        return nobody(answer) ? LAST : code(answer);
    }

    @Override
    public double seconds() {
        return SECONDS;
    }
}
