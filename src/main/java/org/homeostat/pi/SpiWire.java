package org.homeostat.pi;

import com.pi4j.io.gpio.digital.DigitalOutput;
import com.pi4j.io.gpio.digital.DigitalState;
import com.pi4j.io.spi.Spi;
import java.util.List;

/** The way to one chip on an SPI bus: through the decoder, where there is one, and its chip select. */
final class SpiWire {

    private final Spi spi;
    private final List<DigitalOutput> decoder;
    private final int address;

    /**
     * @param decoder the lines of the decoder, lowest first; empty where the chip has its chip select for itself
     */
    SpiWire(Spi spi, List<DigitalOutput> decoder, int address) {
        this.spi = spi;
        this.decoder = decoder;
        this.address = address;
    }

    /**
     * One frame, chip select low from its first bit to its last.
     *
     * @return what came back meanwhile
     * @throws WiringException if the bus refuses
     */
    byte[] exchange(byte[] frame) {
        try {
            for (int line = 0; line < decoder.size(); line++) {
                // The decoder is enabled by the chip select, which is high between frames: nobody is addressed on the
                // way.
                DigitalState wanted = DigitalState.getState((address >> line & 1) != 0);
                if (decoder.get(line).state() != wanted) {
                    decoder.get(line).state(wanted);
                }
            }
            byte[] answer = new byte[frame.length];
            int count = spi.transfer(frame, 0, answer, 0, frame.length);
            if (count != frame.length) {
                throw new WiringException("cannot be spoken to: the bus took " + count + " of " + frame.length
                        + " bytes; look whether another program uses it");
            }
            return answer;
        } catch (WiringException told) {
            throw told;
        } catch (RuntimeException e) {
            throw new WiringException("cannot be spoken to (" + e.getMessage() + ")", e);
        }
    }
}
