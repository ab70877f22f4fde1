package planted.rooms.pi;

import com.pi4j.io.gpio.digital.DigitalOutput;

/** Moves a pin where pins are moved. */
public final class Lamp {
    public void blinks(DigitalOutput pin) {
        pin.toggle();
    }
}
