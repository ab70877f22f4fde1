package org.homeostat.device;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * A device that holds another one: its card and its memory are that one's, and it is closed with it, where it does not say
 * otherwise. How it answers it must say itself; a batch is then one answer after the other, unless it says that too.
 *
 * <p>Not for those that nobody may get past, such as a guard.
 */
public interface Wrapper extends Device, Restorable {

    /** The device that it holds. */
    Device held();

    @Override
    default Device bare() {
        return held().bare();
    }

    @Override
    default Descriptor descriptor() {
        return held().descriptor();
    }

    @Override
    default void save(DataOutput out) throws IOException {
        Restorable.save(held(), out);
    }

    @Override
    default void restore(DataInput in) throws IOException {
        Restorable.restore(held(), in);
    }

    @Override
    default void close() {
        held().close();
    }
}
