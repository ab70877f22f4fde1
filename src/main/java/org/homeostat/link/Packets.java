package org.homeostat.link;

import java.util.Arrays;

/**
 * Follows the bytes that a broker sends from packet to packet (MQTT 5.0, section 2.1) and remembers what tells why a
 * connection ends: how it began, with which code it was refused, with which reason it was ended. Thread rule: one writer; what
 * it knows may be asked from anywhere.
 */
final class Packets {

    private static final int CONNACK = 2;
    private static final int DISCONNECT = 14;
    private static final int MOST_OPENING = 64;

    private byte[] opening = {};
    private int type = -1;
    private int shift;
    private int left;
    private int at;

    /** The code of the answer to our connecting; -1 while there is none, 0 if we were let in. */
    private volatile int answer = -1;

    /** The reason with which the broker ended the connection; -1 if it gave none. */
    private volatile int farewell = -1;

    void take(byte[] bytes, int offset, int count) {
        synchronized (this) {
            if (opening.length < MOST_OPENING) {
                int old = opening.length;
                int more = Math.min(count, MOST_OPENING - old);
                opening = Arrays.copyOf(opening, old + more);
                System.arraycopy(bytes, offset, opening, old, more);
            }
        }
        int i = offset;
        while (i < offset + count) {
            if (type < 0) {
                type = (bytes[i++] & 0xff) >> 4;
                shift = 0;
                left = 0;
            } else if (shift >= 0) {
                int digit = bytes[i++] & 0xff;
                left |= (digit & 0x7f) << shift;
                shift = digit < 0x80 || shift >= 21 ? -1 : shift + 7;
                at = 0;
                if (shift < 0 && left == 0) {
                    end();
                }
            } else if (at < 2) {
                body(bytes[i++] & 0xff);
            } else {
                int more = Math.min(left, offset + count - i);
                i += more;
                left -= more;
                if (left == 0) {
                    end();
                }
            }
        }
    }

    private void body(int value) {
        if (type == CONNACK && at == 1) {
            answer = value;
        } else if (type == DISCONNECT && at == 0) {
            farewell = value;
        }
        at++;
        left--;
        if (left == 0) {
            end();
        }
    }

    private void end() {
        if (type == DISCONNECT && farewell < 0) {
            farewell = 0;
        }
        type = -1;
    }

    int answer() {
        return answer;
    }

    int farewell() {
        return farewell;
    }

    /** The first bytes that came, up to {@value #MOST_OPENING}. */
    synchronized byte[] opening() {
        return opening.clone();
    }
}
