package org.homeostat.export;

/** What a run is exported as. */
public enum Format {
    /** A table a file, with a line of names. */
    CSV,
    /** One JSON object a line; its {@code kind} says what it is. */
    JSONL,
    /** All in one file, as arrays. */
    HDF5,
    /** Bluesky's documents, one {@code [name, document]} a line: start, descriptors, events, stop. */
    BLUESKY
}
