package planted.rooms.run;

import com.pi4j.io.gpio.digital.DigitalOutput;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Talks, sleeps, logs past the house's logging, reads YAML, and moves a pin. */
public final class Loud {
    private final Logger logger = Logger.getLogger("loud");

    public void shouts() {
        System.err.println("hello");
    }

    public void naps() throws InterruptedException {
        Thread.sleep(1);
    }

    public void dozes() throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(1);
    }

    public void logs() {
        logger.info("hello");
    }

    public Object reads(String text) {
        return new YAMLMapper().readTree(text);
    }

    public void blinks(DigitalOutput pin) {
        pin.toggle();
    }
}
