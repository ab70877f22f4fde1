package org.homeostat.pi;

import org.homeostat.pi.Rig.Bus;

/** The chips that are known here. What each says on its bus is in the class of its name. */
public enum Part {
    /** ADC, 12 bit, 8 inputs. */
    MCP3208(Bus.SPI, Task.READ, 8, 4096),
    /** DAC, 12 bit, 2 outputs behind one /LDAC. */
    MCP4922(Bus.SPI, Task.DRIVE, 2, 4096),
    /** Six potentiometers of 256 positions, which cannot be read back. */
    AD5206(Bus.SPI, Task.RESIST, 6, 256),
    /** Two potentiometers of 257 taps, of which the highest is not used here. */
    MCP4261(Bus.SPI, Task.RESIST, 2, 256),
    /** ADC, 16 bit with sign, 3 inputs against the fourth. */
    ADS1115(Bus.I2C, Task.READ, 3, 65_536),
    /** DAC, 12 bit, 4 outputs behind one /LDAC, with its own reference. */
    MCP4728(Bus.I2C, Task.DRIVE, 4, 4096),
    /** One rheostat of 1024 positions. */
    AD5272(Bus.I2C, Task.RESIST, 1, 1024);

    /** What a chip is for. */
    enum Task {
        /** Reads outputs and monitors. */
        READ,
        /** Drives inputs and nudges. */
        DRIVE,
        /** Is a parameter. */
        RESIST
    }

    private final Bus bus;
    private final Task task;
    private final int channels;
    private final int codes;

    Part(Bus bus, Task task, int channels, int codes) {
        this.bus = bus;
        this.task = task;
        this.channels = channels;
        this.codes = codes;
    }

    Bus bus() {
        return bus;
    }

    Task task() {
        return task;
    }

    /** How many of the board's channels it can carry. */
    int channels() {
        return channels;
    }

    /** How many codes each of them has. */
    int codes() {
        return codes;
    }
}
