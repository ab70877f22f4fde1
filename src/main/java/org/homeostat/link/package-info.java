/**
 * Moves bytes and knows no meaning: serial ports, child processes, pseudo terminals, and messages
 * to a local socket. It uses no other room.
 *
 * <p>A {@link org.homeostat.link.Link} reads in the thread that calls, within a time that the caller names: there is no
 * reader thread, no listener and no queue between the wire and whoever waits for an answer.
 */
@NullMarked
package org.homeostat.link;

import org.jspecify.annotations.NullMarked;
