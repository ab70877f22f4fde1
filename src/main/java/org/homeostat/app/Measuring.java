package org.homeostat.app;

import java.io.IOException;
import org.homeostat.circuit.UnsolvableException;

/** A bench whose figures can stand beside those of others. */
interface Measuring {

    /**
     * Measures what the options ask for.
     *
     * @throws org.homeostat.run.BadInput if an option cannot be used, or what the bench needs is not here
     * @throws IOException if a peer broke
     * @throws UnsolvableException if one of its circuits has no solution that could be found
     */
    Measured measure() throws IOException, UnsolvableException;
}
