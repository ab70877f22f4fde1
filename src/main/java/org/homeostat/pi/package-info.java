/**
 * A device made of converter chips on the buses of a Raspberry Pi. Chips are pure functions between bytes and codes; the buses
 * are reached through Pi4J, of which no type leaves this room.
 */
@NullMarked
package org.homeostat.pi;

import org.jspecify.annotations.NullMarked;
