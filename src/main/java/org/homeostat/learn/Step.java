package org.homeostat.learn;

import org.homeostat.device.Quality;

/**
 * What one learning step did.
 *
 * @param cost the cost before the step, mean over lanes, in the terms of the learner's {@link Cost}
 * @param outputs the free outputs before the step, one row a lane: the prediction
 * @param parameters where the parameters stood after the step
 * @param quality the worst quality met on the way
 * @param exchanges how many stimuli the learner presented
 * @param accepted false if the step was taken back
 */
public record Step(
        double cost, double[][] outputs, double[] parameters, Quality quality, int exchanges, boolean accepted) {}
