package org.homeostat.pi;

import com.pi4j.io.spi.Spi;
import com.pi4j.io.spi.SpiBase;
import com.pi4j.io.spi.SpiConfig;
import com.pi4j.io.spi.SpiProvider;
import com.pi4j.io.spi.SpiProviderBase;
import java.util.Arrays;

/** A chip select of the scripted board, as Pi4J shows one. */
final class ScriptedSpi extends SpiBase {

    private final ScriptedPi bench;

    private ScriptedSpi(ScriptedPi bench, SpiProvider provider, SpiConfig config) {
        super(provider, config);
        this.bench = bench;
    }

    static final class Provider extends SpiProviderBase {
        private final ScriptedPi bench;

        Provider(ScriptedPi bench) {
            super("scripted-spi", "scripted SPI");
            this.bench = bench;
        }

        @Override
        public Spi create(SpiConfig config) {
            ScriptedSpi spi = new ScriptedSpi(bench, this, config);
            context.registry().add(spi);
            return spi;
        }
    }

    @Override
    public int transfer(byte[] write, int writeOffset, byte[] read, int readOffset, int count) {
        byte[] answer = bench.exchange(
                config().bus().getBus(),
                config().address(),
                config().mode().getMode(),
                config().baud(),
                Arrays.copyOfRange(write, writeOffset, writeOffset + count));
        System.arraycopy(answer, 0, read, readOffset, count);
        return count;
    }

    @Override
    public int read() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int write(byte one) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int write(byte[] bytes, int offset, int length) {
        throw new UnsupportedOperationException();
    }
}
