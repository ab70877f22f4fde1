package org.homeostat.pi;

import com.pi4j.io.i2c.I2C;
import com.pi4j.io.i2c.I2CBase;
import com.pi4j.io.i2c.I2CBus;
import com.pi4j.io.i2c.I2CConfig;
import com.pi4j.io.i2c.I2CProvider;
import com.pi4j.io.i2c.I2CProviderBase;
import java.util.Arrays;
import java.util.concurrent.Callable;

/** An address on an I2C bus of the scripted board, as Pi4J shows one. */
final class ScriptedI2c extends I2CBase<ScriptedI2c.Bus> {

    private final ScriptedPi bench;

    private ScriptedI2c(ScriptedPi bench, I2CProvider provider, I2CConfig config) {
        super(provider, config, new Bus());
        this.bench = bench;
    }

    static final class Bus implements I2CBus {
        @Override
        public <R> R execute(I2C i2c, Callable<R> action) {
            throw new UnsupportedOperationException();
        }
    }

    static final class Provider extends I2CProviderBase {
        private final ScriptedPi bench;

        Provider(ScriptedPi bench) {
            super("scripted-i2c", "scripted I2C");
            this.bench = bench;
        }

        @Override
        public I2C create(I2CConfig config) {
            ScriptedI2c i2c = new ScriptedI2c(bench, this, config);
            context.registry().add(i2c);
            return i2c;
        }
    }

    @Override
    public int write(byte one) {
        return write(new byte[] {one}, 0, 1);
    }

    @Override
    public int write(byte[] bytes, int offset, int length) {
        bench.write(bus(), device(), Arrays.copyOfRange(bytes, offset, offset + length));
        return length;
    }

    @Override
    public int read() {
        return bench.read(bus(), device(), 1)[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
        System.arraycopy(bench.read(bus(), device(), length), 0, bytes, offset, length);
        return length;
    }

    @Override
    public int readRegister(byte[] register, byte[] bytes, int offset, int length) {
        write(register, 0, register.length);
        return read(bytes, offset, length);
    }

    @Override
    public int readRegister(int register) {
        byte[] one = new byte[1];
        readRegister(register, one, 0, 1);
        return one[0] & 0xff;
    }

    @Override
    public int readRegister(int register, byte[] bytes, int offset, int length) {
        return readRegister(new byte[] {(byte) register}, bytes, offset, length);
    }

    @Override
    public int writeRegister(int register, byte one) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int writeRegister(int register, byte[] bytes, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int writeRegister(byte[] register, byte[] bytes, int offset, int length) {
        throw new UnsupportedOperationException();
    }
}
