package org.homeostat.export;

/** What of a run is exported. */
public enum Part {
    /** Loss and accuracy of each epoch. */
    EPOCHS,
    /** The positions of all parameters, whenever one has moved. */
    PARAMETERS,
    /** Everything that was asked of the device and what it answered. */
    EXCHANGES
}
