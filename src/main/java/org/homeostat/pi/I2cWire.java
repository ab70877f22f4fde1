package org.homeostat.pi;

import com.pi4j.io.i2c.I2C;

/** The way to one chip on an I2C bus. */
final class I2cWire {

    private final I2C i2c;

    I2cWire(I2C i2c) {
        this.i2c = i2c;
    }

    /** Start, address, bytes, stop. */
    void write(byte[] bytes) {
        acknowledged(() -> i2c.write(bytes, 0, bytes.length), bytes.length);
    }

    /** Start, address, bytes from the chip, stop. */
    byte[] read(int count) {
        byte[] bytes = new byte[count];
        acknowledged(() -> i2c.read(bytes, 0, count), count);
        return bytes;
    }

    /** Start, address, bytes, start again, bytes from the chip, stop. */
    byte[] writeRead(byte[] bytes, int count) {
        byte[] answer = new byte[count];
        acknowledged(() -> i2c.readRegister(bytes, answer, 0, count), count);
        return answer;
    }

    /** A transfer, with how many bytes it moved; fewer than none for an error. */
    private interface Transfer {
        int moved();
    }

    private static void acknowledged(Transfer transfer, int wanted) {
        int moved;
        try {
            moved = transfer.moved();
        } catch (RuntimeException e) {
            throw new SilentException(e);
        }
        if (moved != wanted) {
            throw new SilentException(null);
        }
    }
}
