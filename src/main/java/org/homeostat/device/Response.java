package org.homeostat.device;

/**
 * What came back from one exchange.
 *
 * @param levels the levels read, on every channel that the device reads
 * @param errors standard errors of those levels where the device knows them, else {@link Levels#NONE}
 * @param reads how many readings were averaged into each level
 * @param deviceSeconds the device's own clock when the reading ended, in seconds since it was opened
 * @param quality how far the answer can be trusted
 */
public record Response(Levels levels, Levels errors, int reads, double deviceSeconds, Quality quality) {

    /** The same with other levels. */
    public Response with(Levels others) {
        return new Response(others, errors, reads, deviceSeconds, quality);
    }

    /** The same with a worse quality, if it is worse. */
    public Response with(Quality other) {
        return new Response(levels, errors, reads, deviceSeconds, quality.worst(other));
    }

    /** A copy of the outputs of a lane. */
    public double[] outputs(int lane) {
        return levels.row(Role.OUTPUT, lane);
    }

    /** A copy of the positions of the parameters; none where the device shows none. */
    public double[] parameters() {
        return levels.has(Role.PARAMETER) ? levels.row(Role.PARAMETER) : new double[0];
    }
}
