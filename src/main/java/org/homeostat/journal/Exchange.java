package org.homeostat.journal;

import org.homeostat.device.Response;
import org.homeostat.device.Stimulus;

/**
 * One question put to a device and its answer.
 *
 * @param number its place in its journal, from 1
 * @param stimulus what was imposed
 * @param response what came back
 */
public record Exchange(long number, Stimulus stimulus, Response response) {

    public Exchange {
        if (number < 1) {
            throw new IllegalArgumentException("exchanges are numbered from 1, not " + number);
        }
    }
}
