package org.homeostat.pi;

import com.pi4j.context.Context;
import com.pi4j.io.IO;
import com.pi4j.io.IOType;
import com.pi4j.io.gpio.digital.DigitalOutput;
import com.pi4j.io.gpio.digital.DigitalOutputConfigBuilder;
import com.pi4j.io.gpio.digital.DigitalOutputProvider;
import com.pi4j.io.gpio.digital.DigitalState;
import com.pi4j.io.i2c.I2C;
import com.pi4j.io.i2c.I2CConfigBuilder;
import com.pi4j.io.i2c.I2CProvider;
import com.pi4j.io.spi.Spi;
import com.pi4j.io.spi.SpiConfigBuilder;
import com.pi4j.io.spi.SpiMode;
import com.pi4j.io.spi.SpiProvider;
import com.pi4j.provider.exception.ProviderException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;

/** The header of a Raspberry Pi: its pins and buses, as far as they are ours. Whatever is taken is given back on close. */
final class Header implements AutoCloseable {

    /** An MCP3208 takes 2 MHz at 5 V and 1 MHz at 2.7 V; the other chips here take more. */
    private static final int HERTZ = 1_000_000;

    private final String name;
    private final IntFunction<Context> contexts;
    private final Map<String, Spi> selects = new HashMap<>();
    private final List<DigitalOutput> decoder = new ArrayList<>();

    /** What was taken, and from which context. */
    private record Taken(Context context, IO<?, ?, ?> io) {}

    private final List<Taken> taken = new ArrayList<>();

    /**
     * @param name what the user calls the device
     * @param contexts Pi4J's context for each SPI bus, by its number; that of bus 0 is also for pins and I2C
     */
    Header(String name, IntFunction<Context> contexts) {
        this.name = name;
        this.contexts = contexts;
    }

    /**
     * Looks whether this computer has the buses and pins of a rig, and lets us use them, before anything is touched.
     *
     * @throws DeviceException if not, with the remedy
     */
    static void require(String name, Computer computer, Rig rig) {
        String model = computer.model();
        if (!model.contains("Raspberry Pi")) {
            throw unusable(
                    name,
                    "this computer is no Raspberry Pi (" + (model.isEmpty() ? "it does not say what it is" : model)
                            + "); start it on the Raspberry Pi that carries the board");
        }
        for (Rig.Line line : rig.buses()) {
            if (line.kind() == Rig.Bus.SPI) {
                requireSpi(name, computer, rig, line.number());
            } else {
                requireI2c(name, computer, line.number());
            }
        }
        String pins = computer.has("/dev/gpiochip0") ? "/dev/gpiochip0" : "/dev/gpiochip4";
        if (!computer.has(pins)) {
            throw unusable(
                    name,
                    "there is no /dev/gpiochip0, so that no pin can be moved; install a kernel with GPIO character devices");
        }
        requirePermitted(name, computer, pins, "gpio");
    }

    private static void requireSpi(String name, Computer computer, Rig rig, int bus) {
        List<String> files = rig.chips().stream()
                .filter(chip -> chip.chip().bus() == Rig.Bus.SPI && chip.bus() == bus)
                .map(chip -> "/dev/spidev" + bus + "." + chip.selected())
                .distinct()
                .toList();
        for (String file : files) {
            if (!computer.has(file)) {
                throw unusable(
                        name,
                        "SPI bus " + bus + " is switched off: there is no " + file + "; put "
                                + (bus == 0 ? "dtparam=spi=on" : "dtoverlay=spi" + bus + "-3cs")
                                + " into /boot/firmware/config.txt"
                                + (bus == 0 ? " (or use raspi-config, Interface Options)" : "")
                                + " and start the Raspberry Pi again");
            }
            requirePermitted(name, computer, file, "spi");
        }
    }

    private static void requireI2c(String name, Computer computer, int bus) {
        String file = "/dev/i2c-" + bus;
        if (!computer.has(file)) {
            throw unusable(
                    name,
                    "I2C bus " + bus + " is switched off: there is no " + file + "; put "
                            + (bus == 1
                                    ? "dtparam=i2c_arm=on into /boot/firmware/config.txt (or use raspi-config, Interface Options)"
                                    : "the dtoverlay line of bus " + bus
                                            + ", see the README of the board, into /boot/firmware/config.txt")
                            + " and start the Raspberry Pi again");
        }
        requirePermitted(name, computer, file, "i2c");
    }

    private static void requirePermitted(String name, Computer computer, String file, String group) {
        if (!computer.lets(file)) {
            throw unusable(
                    name,
                    "you may not use " + file + "; run 'sudo usermod -a -G " + group + " "
                            + System.getProperty("user.name") + "', log out and in again");
        }
    }

    private static DeviceException unusable(String name, String why) {
        return new DeviceException(Fault.DISCONNECTED, "device '" + name + "': " + why);
    }

    /** The lines of the decoder, all low; to be taken before the first chip behind it. */
    void decoder(List<Integer> pins) {
        pins.forEach(pin -> decoder.add(output(pin, false)));
    }

    /** A pin that we drive from now on, and leave low. */
    DigitalOutput output(int pin, boolean high) {
        Context context = contexts.apply(0);
        try {
            DigitalOutputProvider provider = context.provider(IOType.DIGITAL_OUTPUT);
            DigitalOutput output = provider.create(DigitalOutputConfigBuilder.newInstance(context)
                    .id("gpio-" + pin)
                    .address(pin)
                    .initial(DigitalState.getState(high))
                    .shutdown(DigitalState.LOW)
                    .build());
            taken.add(new Taken(context, output));
            return output;
        } catch (RuntimeException e) {
            throw taken("GPIO " + pin, "see 'gpioinfo' for who holds it", e);
        }
    }

    /** The way to a chip on an SPI bus. */
    SpiWire spi(Rig.Placed chip) {
        Spi spi = selects.computeIfAbsent(
                chip.bus() + "." + chip.selected(), where -> taken(chip.bus(), chip.selected()));
        Integer decoded = chip.decoded();
        return decoded == null ? new SpiWire(spi, List.of(), 0) : new SpiWire(spi, decoder, decoded);
    }

    private Spi taken(int bus, int select) {
        Context context = contexts.apply(bus);
        try {
            SpiProvider provider = context.provider(IOType.SPI);
            Spi spi = provider.create(SpiConfigBuilder.newInstance(context)
                    .id("spi-" + bus + "." + select)
                    .bus(bus)
                    .channel(select)
                    .mode(SpiMode.MODE_0)
                    .baud(HERTZ)
                    .build());
            taken.add(new Taken(context, spi));
            return spi;
        } catch (RuntimeException e) {
            throw taken("chip select " + select + " of SPI bus " + bus, "close the other program", e);
        }
    }

    /** The way to a chip on an I2C bus. */
    I2cWire i2c(Rig.Placed chip) {
        return new I2cWire(taken(chip.bus(), chip.number(), "i2c"));
    }

    private I2C taken(int bus, int address, String purpose) {
        Context context = contexts.apply(0);
        try {
            I2CProvider provider = context.provider(IOType.I2C);
            I2C i2c = provider.create(I2CConfigBuilder.newInstance(context)
                    .id(String.format(Locale.ROOT, "%s-%d-0x%02x", purpose, bus, address))
                    .bus(bus)
                    .device(address)
                    .build());
            taken.add(new Taken(context, i2c));
            return i2c;
        } catch (RuntimeException e) {
            throw taken("I2C bus " + bus, "close the other program", e);
        }
    }

    private DeviceException taken(String what, String remedy, RuntimeException e) {
        Throwable deepest = e;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        if (e instanceof ProviderException) {
            return new DeviceException(
                    Fault.DISCONNECTED,
                    "device '" + name + "': " + what
                            + " cannot be had, because Pi4J did not come to terms with this kernel ("
                            + deepest.getMessage()
                            + "); see what it says in the log, and whether the system is up to date",
                    e);
        }
        return new DeviceException(
                Fault.DISCONNECTED,
                "device '" + name + "': " + what + " cannot be had, likely because another program has it ("
                        + deepest.getMessage() + "); " + remedy,
                e);
    }

    /** The addresses on an I2C bus at which somebody answers; each is asked for one byte. */
    List<Integer> answering(int bus) {
        List<Integer> found = new ArrayList<>();
        for (int address = Rig.LEAST_ADDRESS; address <= Rig.MOST_ADDRESS; address++) {
            int before = taken.size();
            I2cWire wire = new I2cWire(taken(bus, address, "scan"));
            try {
                wire.read(1);
                found.add(address);
            } catch (SilentException nobody) {
                // As at most addresses.
            } finally {
                giveBack(taken.remove(before));
            }
        }
        return found;
    }

    private static void giveBack(Taken each) {
        if (each.io instanceof Spi spi) {
            spi.close();
        }
        // Pi4J keeps the id, and with it the line, until it is told to forget it.
        each.context.registry().remove(each.io.id());
    }

    @Override
    public void close() {
        for (Taken each : taken.reversed()) {
            try {
                giveBack(each);
            } catch (RuntimeException gone) {
                // The rest goes back all the same; what is gone already belongs to nobody.
            }
        }
        taken.clear();
    }
}
