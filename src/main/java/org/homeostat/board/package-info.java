/**
 * Devices at the far end of a link, spoken to in the firmware protocol; and the far end itself, which makes any device answer as a
 * board. What is said is in room wire, how it travels in room link; here the two become a {@link
 * org.homeostat.device.Device}.
 */
@NullMarked
package org.homeostat.board;

import org.jspecify.annotations.NullMarked;
