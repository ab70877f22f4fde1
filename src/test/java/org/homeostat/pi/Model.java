package org.homeostat.pi;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.homeostat.pi.ScriptedPi.Site;

/**
 * A chip as seen from its pins, with one specimen's imperfections: the models of {@code sim/lab/chips.c}, and those of the chips on I2C.
 * They know the data sheets and nothing of the code under test.
 */
abstract class Model {

    final ScriptedPi bench;
    final List<Site> sites;

    /** It is soldered in, but no write reaches its wipers. */
    boolean deaf;

    /** It can be read, but acknowledges no write. */
    boolean refusing;

    Model(ScriptedPi bench, List<Site> sites) {
        this.bench = bench;
        this.sites = sites;
    }

    static Model of(Rig.Placed placed, ScriptedPi bench, List<Site> sites, RandomGenerator draw) {
        return switch (placed.chip()) {
            case MCP3208 -> new Adc12(bench, sites, draw);
            case MCP4922 -> new Dac12(bench, sites, draw);
            case AD5206 -> new SixPots(bench, sites, draw);
            case MCP4261 -> new TwoPots(bench, sites, draw);
            case ADS1115 -> new Adc16(bench, sites, draw);
            case MCP4728 -> new FourDacs(bench, sites, draw);
            case AD5272 -> new Rheostat(bench, sites, draw);
        };
    }

    /** One SPI frame, chip select low from its first bit to its last. */
    byte[] frame(byte[] in, long startNanos, int hertz) {
        throw new IllegalStateException("not on an SPI bus");
    }

    /** Bytes written on an I2C bus. */
    void written(byte[] bytes, long endNanos) {
        throw new IllegalStateException("not on an I2C bus");
    }

    /** Bytes read on an I2C bus. */
    byte[] read(int count, long startNanos) {
        throw new IllegalStateException("not on an I2C bus");
    }

    /** /LDAC went low. */
    void load() {}

    static byte[] silence(int length, int level) {
        byte[] silence = new byte[length];
        Arrays.fill(silence, (byte) level);
        return silence;
    }

    static int word(byte[] bytes, int from) {
        return (bytes[from] & 0xff) << 8 | bytes[from + 1] & 0xff;
    }

    /** One specimen's converter: gain, offset and a slow bend over the range, in volts. */
    record Flaw(double gain, double offset, double bend, double bow, double span) {

        static Flaw drawn(RandomGenerator draw, double gain, double offsetVolts, double bendVolts, double span) {
            return new Flaw(
                    1 + gain * draw.nextGaussian(),
                    offsetVolts * draw.nextGaussian(),
                    bendVolts * (2 * draw.nextDouble() - 1),
                    2 * Math.PI * draw.nextDouble(),
                    span);
        }

        double of(double volts) {
            return volts * gain + offset + bend * Math.sin(3 * Math.PI * (volts / span + 0.5) + bow);
        }
    }

    /** What the limits of SPI come to. */
    void heed(byte[] in, int hertz, int fastest, int least, int most) {
        bench.flag(Flag.FAST, hertz > fastest);
        bench.flag(Flag.SHORT, in.length < least);
        bench.flag(Flag.LONG, in.length > most);
    }

    /** A resistance between the ends of a potentiometer's specimen. */
    record Element(double wiperOhms, double endToEndOhms, int codes) {

        static Element drawn(RandomGenerator draw, double wiperOhms, double endToEndOhms, double tolerance, int codes) {
            return new Element(
                    wiperOhms * (1 + 0.2 * (2 * draw.nextDouble() - 1)),
                    endToEndOhms * (1 + tolerance * (2 * draw.nextDouble() - 1)),
                    codes);
        }

        double ohms(int code) {
            return wiperOhms + endToEndOhms * code / codes;
        }
    }

    /** MCP3208 with a reference of 4.096 V, behind amplifiers of gain 2; the board's zero is 2.048 V. */
    private static final class Adc12 extends Model {
        private final Flaw[] flaws;
        private long released = Long.MIN_VALUE / 2;
        private long converted = Long.MIN_VALUE / 2;

        Adc12(ScriptedPi bench, List<Site> sites, RandomGenerator draw) {
            super(bench, sites);
            flaws = sites.stream()
                    .map(site -> Flaw.drawn(draw, 0.001, 1e-3, 1e-3, 4.096))
                    .toArray(Flaw[]::new);
        }

        @Override
        byte[] frame(byte[] in, long startNanos, int hertz) {
            heed(in, hertz, 2_000_000, 3, 3);
            byte[] out = silence(in.length, 0xff);
            if (in.length < 3) {
                return out;
            }
            bench.flag(Flag.EARLY, startNanos - released < 500);
            bench.flag(Flag.COMMAND, (in[0] & 0xfe) != 0x06 || (in[1] & 0x3f) != 0);
            int input = (in[0] & 1) << 2 | (in[1] & 0xff) >> 6;
            long instant = startNanos + Math.round(10.5e9 / hertz);
            bench.flag(Flag.EARLY, instant - converted < 20_000);
            bench.flag(Flag.DROOP, 13.5e9 / hertz > 1.2e6);
            int sample = 0;
            if (input < sites.size()) {
                bench.advance(instant);
                Site site = sites.get(input);
                double volts = flaws[input].of(2 * bench.volts(site, 0.25e-3));
                sample = (int) Math.clamp(Math.rint((volts + 2.048) / 1e-3), 0, 4095);
            } else {
                bench.flag(Flag.COMMAND, true);
            }
            converted = instant;
            released = startNanos + Math.round(8e9 * in.length / hertz);
            out[1] = (byte) (0xe0 | sample >> 8);
            out[2] = (byte) sample;
            return out;
        }
    }

    /** MCP4922 with a reference of 4.096 V. */
    private static final class Dac12 extends Model {
        private final Flaw[] flaws;
        private final int[] latch = {2048, 2048};

        Dac12(ScriptedPi bench, List<Site> sites, RandomGenerator draw) {
            super(bench, sites);
            flaws = sites.stream()
                    .map(site -> Flaw.drawn(draw, 0.001, 1e-3, 1e-3, 4.096))
                    .toArray(Flaw[]::new);
        }

        @Override
        byte[] frame(byte[] in, long startNanos, int hertz) {
            heed(in, hertz, 20_000_000, 2, 2);
            byte[] out = silence(in.length, bench.floating());
            if (in.length < 2) {
                return out;
            }
            int word = word(in, 0);
            // Gain 1, switched on, reference not buffered.
            bench.flag(Flag.COMMAND, (word & 0x7000) != 0x3000 || word >> 15 >= sites.size());
            latch[word >> 15] = word & 0xfff;
            return out;
        }

        @Override
        void load() {
            for (int i = 0; i < sites.size(); i++) {
                bench.drive(sites.get(i), flaws[i].of(latch[i] * 1e-3 - 2.048));
            }
        }
    }

    /** AD5206, 100 kOhm. */
    private static final class SixPots extends Model {
        private final Element[] elements;

        SixPots(ScriptedPi bench, List<Site> sites, RandomGenerator draw) {
            super(bench, sites);
            elements = sites.stream()
                    .map(site -> Element.drawn(draw, 60, 100e3, 0.3, 256))
                    .toArray(Element[]::new);
            for (int i = 0; i < elements.length; i++) {
                bench.resist(sites.get(i), elements[i].ohms(128));
            }
        }

        @Override
        byte[] frame(byte[] in, long startNanos, int hertz) {
            heed(in, hertz, 10_000_000, 2, 2);
            if (in.length >= 2) {
                int wiper = in[in.length - 2] & 7;
                if (wiper < elements.length) {
                    bench.resist(sites.get(wiper), elements[wiper].ohms(in[in.length - 1] & 0xff));
                } else {
                    bench.flag(Flag.COMMAND, true);
                }
            }
            return silence(in.length, bench.floating());
        }
    }

    /** MCP4261, 100 kOhm, of which only the volatile wipers are used. */
    private static final class TwoPots extends Model {
        private final Element[] elements;
        private final int[] code = {128, 128};

        TwoPots(ScriptedPi bench, List<Site> sites, RandomGenerator draw) {
            super(bench, sites);
            elements = sites.stream()
                    .map(site -> Element.drawn(draw, 75, 100e3, 0.2, 256))
                    .toArray(Element[]::new);
            show();
        }

        private void show() {
            for (int i = 0; i < elements.length; i++) {
                bench.resist(sites.get(i), elements[i].ohms(code[i]));
            }
        }

        @Override
        byte[] frame(byte[] in, long startNanos, int hertz) {
            heed(in, hertz, 10_000_000, 2, 2);
            byte[] out = silence(in.length, 0xff);
            if (in.length < 2) {
                return out;
            }
            int address = (in[0] & 0xf0) >> 4;
            int command = in[0] >> 2 & 3;
            int data = word(in, 0) & 0x3ff;
            if (address > 1 || command != 3 && (command != 0 || data > 256)) {
                bench.flag(Flag.COMMAND, true);
                out[0] = (byte) 0xfc;
                out[1] = 0;
            } else if (command == 3) {
                out[0] = (byte) (0xfe | code[address] >> 8);
                out[1] = (byte) code[address];
            } else if (!deaf) {
                code[address] = data;
                show();
            }
            return out;
        }
    }

    /** ADS1115, input 3 at the board's zero. */
    private static final class Adc16 extends Model {
        private static final double[] FULL_SCALE = {6.144, 4.096, 2.048, 1.024, 0.512, 0.256, 0.256, 0.256};

        private final Flaw[] flaws;
        private final double slowness;
        private int pointer;
        private int config = 0x8583;
        private int conversion;
        private long done = Long.MIN_VALUE;

        Adc16(ScriptedPi bench, List<Site> sites, RandomGenerator draw) {
            super(bench, sites);
            flaws = sites.stream()
                    .map(site -> Flaw.drawn(draw, 0.0005, 50e-6, 30e-6, 1.024))
                    .toArray(Flaw[]::new);
            slowness = 1 + 0.1 * (2 * draw.nextDouble() - 1);
        }

        @Override
        void written(byte[] bytes, long endNanos) {
            pointer = bytes[0] & 3;
            if (bytes.length == 1) {
                return;
            }
            bench.flag(Flag.COMMAND, pointer != 1 || bytes.length != 3 || (bytes[0] & 0xfc) != 0);
            if (bytes.length < 3) {
                return;
            }
            finish(endNanos);
            config = word(bytes, 1) & 0x7fff;
            if ((bytes[1] & 0x80) != 0) {
                bench.flag(Flag.STALE, endNanos < done);
                int[] rates = {8, 16, 32, 64, 128, 250, 475, 860};
                done = endNanos + Math.round(25e3 + 1e9 * slowness / rates[config >> 5 & 7]);
            }
        }

        /** What stands on the input when it is done is what was converted: nothing moves meanwhile that is at rest. */
        private void finish(long nanos) {
            if (done == Long.MIN_VALUE || nanos < done) {
                return;
            }
            int input = (config >> 12 & 7) - 1;
            bench.flag(Flag.COMMAND, input < 0 || input >= sites.size());
            if (input >= 0 && input < sites.size()) {
                bench.advance(done);
                double volts = flaws[input].of(bench.volts(sites.get(input), 30e-6));
                double fullScale = FULL_SCALE[config >> 9 & 7];
                conversion = (int) Math.clamp(Math.rint(volts / fullScale * 32768), -32768, 32767);
            }
            done = Long.MIN_VALUE;
        }

        @Override
        byte[] read(int count, long startNanos) {
            finish(startNanos);
            boolean ready = done == Long.MIN_VALUE;
            bench.flag(Flag.STALE, pointer == 0 && !ready);
            int value = pointer == 0 ? conversion : config | (ready ? 0x8000 : 0);
            byte[] out = silence(count, 0xff);
            for (int i = 0; i < Math.min(count, 2); i++) {
                out[i] = (byte) (value >> 8 * (1 - i));
            }
            return out;
        }
    }

    /** MCP4728; the board's zero is 1.024 V. */
    private static final class FourDacs extends Model {
        private final Flaw[] flaws;
        private final int[] latch = new int[4];
        private final int[] setting = new int[4];

        FourDacs(ScriptedPi bench, List<Site> sites, RandomGenerator draw) {
            super(bench, sites);
            flaws = sites.stream()
                    .map(site -> Flaw.drawn(draw, 0.001, 0.5e-3, 0.5e-3, 2.048))
                    .toArray(Flaw[]::new);
        }

        @Override
        void written(byte[] bytes, long endNanos) {
            bench.flag(Flag.SHORT, bytes.length < 3);
            bench.flag(Flag.COMMAND, bytes.length % 3 != 0);
            for (int i = 0; i + 2 < bytes.length; i += 3) {
                // Multi-write of input registers: the single write, 01011, would wear out the memory.
                bench.flag(Flag.COMMAND, (bytes[i] & 0xf8) != 0x40);
                int output = bytes[i] >> 1 & 3;
                setting[output] = bytes[i + 1] & 0xf0;
                // Its own reference, gain 1, not powered down.
                bench.flag(Flag.COMMAND, setting[output] != 0x80 || output >= sites.size());
                latch[output] = word(bytes, i + 1) & 0xfff;
                if ((bytes[i] & 1) == 0) {
                    put(output);
                }
            }
        }

        private void put(int output) {
            if (output < sites.size()) {
                bench.drive(sites.get(output), flaws[output].of(latch[output] * 0.5e-3 - 1.024));
            }
        }

        @Override
        void load() {
            for (int i = 0; i < 4; i++) {
                put(i);
            }
        }

        @Override
        byte[] read(int count, long startNanos) {
            byte[] out = silence(count, 0xff);
            for (int i = 0; i < count; i++) {
                int output = i / 6 % 4;
                out[i] = (byte)
                        switch (i % 3) {
                            case 0 -> 0xc0 | output << 4;
                            case 1 -> setting[output] | latch[output] >> 8;
                            default -> latch[output];
                        };
            }
            return out;
        }
    }

    /** AD5272, 100 kOhm; its wiper is protected at power-on. */
    private static final class Rheostat extends Model {
        private final Element element;
        private int code = 512;
        private int control;
        private int answer;

        Rheostat(ScriptedPi bench, List<Site> sites, RandomGenerator draw) {
            super(bench, sites);
            element = Element.drawn(draw, 35, 100e3, 0.01, 1024);
            bench.resist(sites.getFirst(), element.ohms(code));
        }

        @Override
        void written(byte[] bytes, long endNanos) {
            bench.flag(Flag.SHORT, bytes.length < 2);
            bench.flag(Flag.LONG, bytes.length > 2);
            if (bytes.length < 2) {
                return;
            }
            int data = word(bytes, 0) & 0x3ff;
            switch (word(bytes, 0) >> 10) {
                case 1 -> {
                    bench.flag(Flag.LOCKED, (control & 2) == 0);
                    if ((control & 2) != 0 && !deaf) {
                        code = data;
                        bench.resist(sites.getFirst(), element.ohms(code));
                    }
                }
                case 2 -> answer = code;
                case 7 -> control = data & 7;
                case 8 -> answer = control;
                default -> bench.flag(Flag.COMMAND, true);
            }
            // The memory takes fifty writes; nobody here needs them.
            bench.flag(Flag.COMMAND, (control & 1) != 0);
        }

        @Override
        byte[] read(int count, long startNanos) {
            byte[] out = silence(count, 0xff);
            for (int i = 0; i < Math.min(count, 2); i++) {
                out[i] = (byte) (answer >> 8 * (1 - i));
            }
            return out;
        }
    }
}
