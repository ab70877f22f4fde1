package org.homeostat.run;

import org.homeostat.device.Quality;

/** A device could not hold its parameters, so that what it answers says nothing of what it learned. */
public final class NotHeldException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NotHeldException(Quality quality) {
        super(quality.remark());
    }
}
