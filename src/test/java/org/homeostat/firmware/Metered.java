package org.homeostat.firmware;

import java.util.concurrent.atomic.AtomicLong;
import org.homeostat.link.Link;
import org.homeostat.link.LinkException;

/** Links opened one after another whose bytes are counted. */
final class Metered implements Link.Opener {

    private final Link.Opener opener;
    private final AtomicLong written = new AtomicLong();
    private final AtomicLong read = new AtomicLong();

    Metered(Link.Opener opener) {
        this.opener = opener;
    }

    /** Bytes from host to board so far. */
    long written() {
        return written.get();
    }

    /** Bytes from board to host so far. */
    long read() {
        return read.get();
    }

    @Override
    public Link open() throws LinkException {
        Link link = opener.open();
        return new Link() {
            @Override
            public void write(byte[] bytes, int offset, int length, long nanos) throws LinkException {
                link.write(bytes, offset, length, nanos);
                written.addAndGet(length);
            }

            @Override
            public int read(byte[] into, int offset, int length, long nanos) throws LinkException {
                int count = link.read(into, offset, length, nanos);
                read.addAndGet(count);
                return count;
            }

            @Override
            public boolean alive() {
                return link.alive();
            }

            @Override
            public String name() {
                return link.name();
            }

            @Override
            public void close() {
                link.close();
            }
        };
    }
}
