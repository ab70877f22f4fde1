package org.homeostat.pi;

import java.util.Locale;
import org.homeostat.device.Channel;

/**
 * ADS1115: ADC, 16 bit with sign. Inputs 0, 1 and 2 are read against input 3, which is tied to the board's zero. Data sheet
 * SBAS444: address pointer register, conversion register (two's complement, high byte first) and config register, whose power-on
 * value is 0x8583; the chapters' numbers differ between revisions.
 */
final class Ads1115 implements Chip.Reading {

    private static final int CONVERSION = 0;
    private static final int CONFIG = 1;
    private static final int START = 0x8000;
    private static final int READY = 0x8000;
    private static final int SINGLE_SHOT = 0x0100;
    private static final int FASTEST = 0x00e0;
    private static final int NO_COMPARATOR = 0x0003;
    private static final int HALF = 0x8000;

    /** Samples a second at the fastest rate; its own clock may be a tenth slow. */
    private static final double CONVERSION_SECONDS = 1.1 / 860;

    /** It wakes up first. */
    private static final double WAKING_SECONDS = 25e-6;

    /** Five transfers of up to four bytes at the 100 kHz that a bus has if nobody says otherwise, roughly. */
    private static final double BUS_SECONDS = 1.6e-3;

    private static final int MOST_LOOKS = 20;

    /** Full scales, in volts, in the order of the bits that choose them. */
    private static final double[] FULL_SCALE_VOLTS = {6.144, 4.096, 2.048, 1.024, 0.512, 0.256};

    private static final double ROUNDING_VOLTS = 1e-9;

    private final I2cWire wire;
    private final Clock clock;
    private final int[] gains;

    /**
     * @param gains the bits that choose the range of each input that is connected, from the first
     */
    Ads1115(I2cWire wire, Clock clock, int[] gains) {
        this.wire = wire;
        this.clock = clock;
        this.gains = gains.clone();
    }

    /** The bits that choose the range from a level on; -1 if there is no such range. */
    static int gain(double lowestVolts) {
        for (int bits = 0; bits < FULL_SCALE_VOLTS.length; bits++) {
            if (Math.abs(lowestVolts + FULL_SCALE_VOLTS[bits]) < ROUNDING_VOLTS) {
                return bits;
            }
        }
        return -1;
    }

    /** The range is chosen when it converts, so that it has to be the card's. */
    static void requireRange(Channel channel) {
        int gain = gain(channel.min());
        if (gain < 0) {
            throw new IllegalArgumentException("chips: channel " + channel.name()
                    + ": an ADS1115 reads from -6.144, -4.096, -2.048, -1.024, -0.512 or -0.256 V, not from "
                    + channel.min() + " V");
        }
        double highest = FULL_SCALE_VOLTS[gain] * (HALF - 1) / HALF;
        if (Math.abs(channel.max() - highest) > ROUNDING_VOLTS) {
            throw new IllegalArgumentException(
                    "chips: channel " + channel.name() + " is read by an ADS1115, whose range from " + channel.min()
                            + " V ends at " + highest + " V, not at " + channel.max() + " V");
        }
    }

    /** Pointer and config: begin one conversion of an input against input 3, at the fastest rate, comparator off. */
    static byte[] start(int input, int gain) {
        int config = START | (input + 1) << 12 | gain << 9 | SINGLE_SHOT | FASTEST | NO_COMPARATOR;
        return new byte[] {CONFIG, (byte) (config >> 8), (byte) config};
    }

    /** True if no conversion is under way, by the config register. */
    static boolean ready(byte[] config) {
        return (word(config) & READY) != 0;
    }

    /** What was converted, between -32768 and 32767. */
    static int value(byte[] conversion) {
        return (short) word(conversion);
    }

    private static int word(byte[] two) {
        return (two[0] & 0xff) << 8 | two[1] & 0xff;
    }

    /** Converts once and looks whether the config register holds what was written; the highest bit is not kept. */
    @Override
    public void check() {
        byte[] asked = start(0, gains[0]);
        read(0);
        byte[] kept = wire.writeRead(new byte[] {CONFIG}, 2);
        int wanted = ((asked[1] & 0x7f) << 8) | asked[2] & 0xff;
        int found = word(kept) & 0x7fff;
        if (found != wanted) {
            throw new WiringException(String.format(
                    Locale.ROOT,
                    "does not answer as an ADS1115 does: of its config register 0x%04x it keeps 0x%04x; look whether it is that chip",
                    wanted,
                    found));
        }
    }

    @Override
    public int read(int channel) {
        wire.write(start(channel, gains[channel]));
        clock.pause(WAKING_SECONDS + CONVERSION_SECONDS);
        for (int looks = 0; !ready(wire.writeRead(new byte[] {CONFIG}, 2)); looks++) {
            if (looks == MOST_LOOKS) {
                throw new WiringException("does not come to the end of a conversion; look at its supply");
            }
            clock.pause(0.1 * CONVERSION_SECONDS);
        }
        return value(wire.writeRead(new byte[] {CONVERSION}, 2)) + HALF;
    }

    @Override
    public double seconds() {
        return WAKING_SECONDS + CONVERSION_SECONDS + BUS_SECONDS;
    }
}
