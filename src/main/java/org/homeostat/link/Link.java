package org.homeostat.link;

/**
 * Bytes to and from a far end. Once it has failed or was closed it stays so; open a new one to go on.
 *
 * <p>Thread rule: one caller at a time for {@link #read}, one for {@link #write}; {@link #alive}, {@link #name} and {@link
 * #close} from anywhere. A close frees a read or write that is under way.
 */
public interface Link extends AutoCloseable {

    /**
     * Hands bytes over to the far end's driver. They may still be on their way when it returns.
     *
     * @param nanos how long it may take at most; a write that is not through by then (the far end takes nothing) is given up
     *     at most 50 ms later, and the link with it
     * @throws LinkException if the far end is gone, does not take the bytes in time, or the link is closed
     */
    void write(byte[] bytes, int offset, int length, long nanos) throws LinkException;

    /**
     * Takes bytes that have come, waiting for the first one.
     *
     * @param length how many bytes to take at most, 1 or more
     * @param nanos how long to wait at most; 0 or less takes only what is there
     * @return how many bytes came; 0 if none did in time
     * @throws LinkException if the far end is gone or the link is closed
     */
    int read(byte[] into, int offset, int length, long nanos) throws LinkException;

    /** False once the far end is gone or the link is closed. Cheap, takes no bytes, and may be asked while others read. */
    boolean alive();

    /** What the user called it, for messages. */
    String name();

    /**
     * Lets go of it; bytes that are still on their way may be lost. Returns within three seconds even where a driver hangs.
     * The second and later calls do nothing.
     */
    @Override
    void close();

    /** Opens the same link anew, as often as it is asked. */
    @FunctionalInterface
    interface Opener {

        /**
         * Opens it.
         *
         * @throws LinkException if that fails; the message says what was tried, why it may have failed and what to do next
         */
        Link open() throws LinkException;
    }
}
