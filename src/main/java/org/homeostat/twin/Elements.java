package org.homeostat.twin;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.homeostat.device.Stimulus;
import org.homeostat.physics.Drive;
import org.homeostat.physics.Rest;

/** What a twin's parameters are made of. */
interface Elements {

    /** Takes the levels that a stimulus imposes on parameters, knobs and softness. */
    void impose(Stimulus stimulus);

    /**
     * Brings the states (one a lane, moved in place) to rest, and the parameters with them where they may move.
     *
     * @param hours the age of the specimen, for drift
     */
    Rest settle(Stimulus stimulus, Drive[] drives, double[][] states, double hours);

    /** Where the parameters stand, in the unit of their channels. */
    double[] positions();

    void save(DataOutput out) throws IOException;

    void restore(DataInput in) throws IOException;
}
