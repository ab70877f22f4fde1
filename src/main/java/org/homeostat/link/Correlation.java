package org.homeostat.link;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The correlation data of a message to or from a board at a broker (firmware-protocol/MQTT.md, section 2).
 *
 * @param link the number of the link that it belongs to
 * @param count which message of the link it is, or answers: from 1, unsigned
 */
public record Correlation(long link, long count) {

    /** As bytes say; null if they are none. */
    public static @Nullable Correlation of(byte[] bytes) {
        if (bytes.length != 2 * Long.BYTES) {
            return null;
        }
        ByteBuffer numbers = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        return new Correlation(numbers.getLong(), numbers.getLong());
    }

    /** As it is sent. */
    public byte[] bytes() {
        return ByteBuffer.allocate(2 * Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(link)
                .putLong(count)
                .array();
    }
}
