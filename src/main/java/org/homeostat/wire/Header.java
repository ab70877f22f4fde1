package org.homeostat.wire;

/**
 * What every payload begins with.
 *
 * @param type what kind of message follows, 0 to 255
 * @param session the number that the host chose in HELLO
 * @param number chosen by the host; a reply repeats it
 */
public record Header(int type, long session, long number) {

    /** How many bytes it has. */
    public static final int BYTES = 9;

    /** What is added to the type of a request in its reply. */
    public static final int REPLY = 0x80;

    /** The type of the reply that refuses. */
    public static final int ERROR = 0xFF;

    /** Reads the beginning of a payload. */
    public static Header of(byte[] payload, int from, int length) throws MalformedException {
        return of(new Reading(payload, from, length));
    }

    static Header of(Reading in) throws MalformedException {
        return new Header(in.take8(), in.take32(), in.take32());
    }

    void put(Bytes out) {
        out.put8(type).put32(session).put32(number);
    }

    /** True if a payload with this header can be the reply to a request with another. */
    public boolean answers(Header request) {
        return session == request.session
                && number == request.number
                && (type == (request.type | REPLY) || type == ERROR);
    }
}
