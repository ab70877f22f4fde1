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

    /** Brings the state of one lane to rest at fixed parameters. */
    interface Settler {
        Rest settle(double[] theta, Drive drive, int lane);
    }

    /**
     * Brings the states (one a lane, moved in place) to rest, and the parameters with them where they may move.
     *
     * @param hours the age of the specimen, for drift
     * @param settler how a lane comes to rest where the parameters stay
     */
    Rest settle(Stimulus stimulus, Drive[] drives, double[][] states, double hours, Settler settler);

    /** What the parameters really were when the states last came to rest, in the order of the physics; not a copy. */
    double[] theta();

    /** Where the parameters stand, in the unit of their channels. */
    double[] positions();

    void save(DataOutput out) throws IOException;

    void restore(DataInput in) throws IOException;
}
