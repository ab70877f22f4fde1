package org.homeostat.run;

import org.jspecify.annotations.Nullable;

/**
 * What is known of a run; one JSON file in its folder.
 *
 * @param format the version of this format
 * @param run its name in the store
 * @param status running, done, interrupted or failed
 * @param remark one sentence on why it ended so; empty when done or running
 * @param created when it began, ISO 8601 in UTC
 * @param experiment what decided it
 * @param encoding how rows became levels
 * @param board the kind of board
 * @param descriptorDigest the fingerprint of the bare device's card
 * @param dataDigest the fingerprint of the data, of both its parts
 * @param version the version of this program
 * @param jdk the Java that ran it
 * @param os the operating system
 * @param provenance what else it came from; null in runs from before it was noted
 * @param result what came out; null until it is done
 */
public record RunRecord(
        int format,
        String run,
        Status status,
        String remark,
        String created,
        Experiment experiment,
        Encoding encoding,
        String board,
        String descriptorDigest,
        String dataDigest,
        String version,
        String jdk,
        String os,
        @Nullable Provenance provenance,
        @Nullable Result result) {

    /** The only format there is so far. */
    public static final int FORMAT = 1;

    /** Where a run stands. */
    public enum Status {
        RUNNING,
        DONE,
        INTERRUPTED,
        FAILED
    }

    /**
     * What came out.
     *
     * @param epochs epochs taught
     * @param exchanges exchanges with the device, evaluation included
     * @param wallSeconds wall-clock time spent, over all sittings
     * @param parameters how many parameters were taught
     * @param train the score on the training part
     * @param test the score on the test part
     * @param linear what a straight line reaches on the same test part: accuracy, or R^2
     */
    public record Result(
            int epochs, long exchanges, double wallSeconds, int parameters, Score train, Score test, double linear) {}

    /** The same with another status. */
    public RunRecord with(Status other, String why, @Nullable Result found) {
        return new RunRecord(
                format,
                run,
                other,
                why,
                created,
                experiment,
                encoding,
                board,
                descriptorDigest,
                dataDigest,
                version,
                jdk,
                os,
                provenance,
                found);
    }
}
