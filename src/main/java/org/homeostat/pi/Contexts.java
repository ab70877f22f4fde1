package org.homeostat.pi;

import com.pi4j.Pi4J;
import com.pi4j.context.Context;
import com.pi4j.plugin.gpiod.provider.gpio.digital.GpioDDigitalOutputProvider;
import com.pi4j.plugin.linuxfs.provider.i2c.LinuxFsI2CProvider;
import com.pi4j.plugin.linuxfs.provider.spi.LinuxFsSpiProvider;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * Pi4J's contexts for the Raspberry Pi that this runs on. Providers are named, never found: off a Raspberry Pi Pi4J finds mocks,
 * which would answer for the board.
 *
 * <p>Each SPI bus has a context of its own, because Pi4J 3.0.4 takes equal chip selects of two buses for one. They stay until the
 * process ends: the provider of pins has one chip for the whole process, and shutting down one context would take it from all
 * boards. Thread-safe.
 */
final class Contexts implements IntFunction<Context> {

    /** Those of this process. */
    static final Contexts HERE = new Contexts();

    private final Map<Integer, Context> byBus = new HashMap<>();

    private Contexts() {}

    @Override
    public synchronized Context apply(int bus) {
        return byBus.computeIfAbsent(bus, Contexts::made);
    }

    private static Context made(int bus) {
        return bus == 0
                ? Pi4J.newContextBuilder()
                        .noAutoDetect()
                        .add(
                                LinuxFsSpiProvider.newInstance(),
                                LinuxFsI2CProvider.newInstance(),
                                GpioDDigitalOutputProvider.newInstance())
                        .build()
                : Pi4J.newContextBuilder()
                        .noAutoDetect()
                        .add(LinuxFsSpiProvider.newInstance())
                        .build();
    }
}
