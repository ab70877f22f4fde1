package org.homeostat.twin;

/**
 * What plastic parameters are made of: synapses with integral feedback (Falk, Strupp, Scellier, Murugan, arXiv 2312.17723).
 * Each filters its own signal s, the product that is conjugate to it, with a kernel of a positive and a negative lobe, and
 * flows at a rate {@code g(u)} with
 *
 * <pre>   u(t) = integral K(t - t') s(t') dt',   K(t) = A exp(-B t) (t - C t^2),   B = 1 / kernelSeconds,</pre>
 *
 * A and C such that the area under K is {@code area} and its first moment -1: for slow changes u is ds/dt. {@code g(u)} is u
 * where {@code |u|} is above the threshold, else 0.
 *
 * @param kernelSeconds how far back a synapse remembers
 * @param area the area under the kernel, in seconds; 0 in a good one
 * @param levels how many strengths of a ramp the twin settles at on its way
 * @param steps into how many steps the twin divides the kernel's time
 * @param threshold the threshold of each parameter, in signals a second
 * @param rate how far each parameter moves per change of its signal, in parameters per signal
 */
public record Synapses(double kernelSeconds, double area, int levels, int steps, double[] threshold, double[] rate) {

    public Synapses {
        if (!(kernelSeconds > 0) || Double.isInfinite(kernelSeconds) || !Double.isFinite(area)) {
            throw new IllegalArgumentException(
                    "a kernel needs a time above 0 s and a finite area, not " + kernelSeconds + " s and " + area);
        }
        if (levels < 1 || steps < 1) {
            throw new IllegalArgumentException(
                    "a ramp needs at least one level and one step, not " + levels + " and " + steps);
        }
        if (threshold.length != rate.length) {
            throw new IllegalArgumentException(
                    threshold.length + " thresholds for " + rate.length + " rates: expected as many");
        }
        for (int k = 0; k < rate.length; k++) {
            if (!(threshold[k] >= 0) || !Double.isFinite(rate[k])) {
                throw new IllegalArgumentException("a synapse needs a threshold of 0 or more and a finite rate, not "
                        + threshold[k] + " and " + rate[k]);
            }
        }
        threshold = threshold.clone();
        rate = rate.clone();
    }
}
