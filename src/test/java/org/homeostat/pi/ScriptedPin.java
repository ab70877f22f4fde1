package org.homeostat.pi;

import com.pi4j.context.Context;
import com.pi4j.exception.InitializeException;
import com.pi4j.io.exception.IOException;
import com.pi4j.io.gpio.digital.DigitalOutput;
import com.pi4j.io.gpio.digital.DigitalOutputBase;
import com.pi4j.io.gpio.digital.DigitalOutputConfig;
import com.pi4j.io.gpio.digital.DigitalOutputProvider;
import com.pi4j.io.gpio.digital.DigitalOutputProviderBase;
import com.pi4j.io.gpio.digital.DigitalState;

/** A pin of the scripted board, as Pi4J shows one. */
final class ScriptedPin extends DigitalOutputBase {

    private final ScriptedPi bench;

    private ScriptedPin(ScriptedPi bench, DigitalOutputProvider provider, DigitalOutputConfig config) {
        super(provider, config);
        this.bench = bench;
    }

    static final class Provider extends DigitalOutputProviderBase {
        private final ScriptedPi bench;

        Provider(ScriptedPi bench) {
            super("scripted-gpio", "scripted GPIO");
            this.bench = bench;
        }

        @Override
        public DigitalOutput create(DigitalOutputConfig config) {
            ScriptedPin pin = new ScriptedPin(bench, this, config);
            context.registry().add(pin);
            return pin;
        }
    }

    @Override
    public DigitalOutput initialize(Context context) throws InitializeException {
        if (bench.heldByAnother(config().address())) {
            throw new InitializeException("Device or resource busy");
        }
        return super.initialize(context);
    }

    @Override
    public DigitalOutput state(DigitalState wanted) throws IOException {
        bench.pin(config().address(), wanted.isHigh());
        return super.state(wanted);
    }
}
