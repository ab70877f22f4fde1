/**
 * The firmware protocol: what a host and a board say to each other, as bytes. Mirrors {@code firmware-protocol/SPEC.md}
 * section by section: {@link org.homeostat.wire.Cobs}, {@link org.homeostat.wire.Frames} and {@link
 * org.homeostat.wire.FrameReader} are section 1; {@link org.homeostat.wire.Layout} is what section 2 lets follow from a
 * card; {@link org.homeostat.wire.Header} and {@link org.homeostat.wire.State} are section 3, {@link
 * org.homeostat.wire.Message} sections 4 to 7.
 *
 * <p>Moves nothing and knows no device. An unsigned number of 8 or 16 bits is an {@code int}, one of 32 or 64 bits a
 * {@code long}. Codes and levels are doubles: every code and every sum of codes is exact in one.
 */
@NullMarked
package org.homeostat.wire;

import org.jspecify.annotations.NullMarked;
