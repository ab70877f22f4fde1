/**
 * What was asked of a device and what it answered, written down as it happens: to resume a run after a crash, to replay
 * it without the device, and to study it afterwards. {@link org.homeostat.journal.Disk} is how whole files get to the disk, and what
 * is said when they do not.
 *
 * <p>A journal is one append-only file. It starts with eight letters {@code HSTATJNL} and the version of the format
 * (four bytes); then come frames. A frame is the length of its payload (four bytes), a CRC-32C (four bytes) of its own
 * place in the file (eight bytes), that length and the payload, and the payload. The first payload is a {@code D} and
 * the device's whole identity card, every other an {@code E} and one exchange. All numbers are little-endian.
 *
 * <p>A crash may leave the end of the file torn: bytes that are no whole frame, with no whole frame anywhere after
 * them. They are skipped by a reader and cut off by the next writer. Bytes that are no whole frame although whole
 * frames follow are damage; nothing after them is ever returned, and whoever meets them is told.
 */
@NullMarked
package org.homeostat.journal;

import org.jspecify.annotations.NullMarked;
