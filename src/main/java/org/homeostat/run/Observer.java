package org.homeostat.run;

import org.homeostat.learn.Step;

/** Someone who watches a run. Called on the thread that trains; must return quickly. */
public interface Observer {

    /**
     * A step was taken.
     *
     * @param epoch the epoch it belongs to, from 1
     * @param done how many rows of this epoch have been taught
     * @param rows how many rows an epoch has
     */
    void stepped(int epoch, int done, int rows, Step step);

    /** An epoch ended. */
    void epochEnded(Epoch epoch);

    /**
     * What one epoch showed. Costs and predictions are those before each step, so that no extra exchange is spent on them.
     *
     * @param number the epoch, from 1
     * @param loss the mean cost, in natural units
     * @param accuracy the part of rows classified right; NaN for numbers
     * @param rejected how many steps were taken back
     */
    record Epoch(int number, double loss, double accuracy, int rejected) {}
}
