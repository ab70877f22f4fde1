package org.homeostat.pi;

/** What a data sheet forbids. */
public enum Flag {
    /** A clock above the chip's limit. */
    FAST,
    /** Fewer bits than a frame. */
    SHORT,
    /** More bits than a frame. */
    LONG,
    /** Not SPI mode 0. */
    MODE,
    /** A frame while no chip was selected. */
    NOBODY,
    /** An ADC selected before its pause was over, or more conversions a second than it makes. */
    EARLY,
    /** An ADC clocked so slowly that the held sample leaked away. */
    DROOP,
    /** A frame that means nothing to the chip, or switches it off, or wears its memory out. */
    COMMAND,
    /** A wiper written while it was protected. */
    LOCKED,
    /** A conversion read, or another begun, before it was done. */
    STALE
}
