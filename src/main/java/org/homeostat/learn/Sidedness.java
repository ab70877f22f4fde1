package org.homeostat.learn;

/**
 * Where the two nudges of agnostic EP lie (arXiv 2205.15021): the parameters are held at the first and released at the
 * second. In all three they are beta apart, so that the effective learning rate is softness times beta. Note that much of
 * the literature on equilibrium propagation calls +-beta centred; here, as in agnostic EP, it is +-beta/2.
 */
public enum Sidedness {
    /** 0, then beta. Learns on a lower bound of the cost. */
    OPTIMISTIC("optimistic", 0, 1),
    /** -beta, then 0. Learns on an upper bound of the cost. */
    PESSIMISTIC("pessimistic", -1, 0),
    /** -beta/2, then beta/2. Learns on the cost up to terms of second order in beta. */
    CENTERED("centered", -0.5, 0.5);

    private final String word;
    private final double first;
    private final double second;

    Sidedness(String word, double first, double second) {
        this.word = word;
        this.first = first;
        this.second = second;
    }

    /** Its name in commands and files. */
    public String word() {
        return word;
    }

    /** The nudge at which the parameters are held, for a nudging strength beta. */
    public double first(double beta) {
        return first * beta;
    }

    /** The nudge at which they are released. */
    public double second(double beta) {
        return second * beta;
    }
}
