package org.homeostat.calibration;

import org.homeostat.device.Channel;
import org.homeostat.device.Stimulus;

/**
 * Something that knows the true level at a channel better than the board does. A board alone cannot tell its gain: whatever
 * it reads, it reads with its own converters.
 */
public interface Reference {

    /** The level really at the channel's wire after the exchange that has just been made, in the channel's unit. */
    double level(Channel channel, Stimulus presented);
}
