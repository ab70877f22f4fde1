package org.homeostat.circuit;

/**
 * Solves one circuit again and again, at other sources and other resistors: what can be kept between two answers (the order of
 * elimination, a factor, which diodes conduct, the voltages) is kept. Chosen by the circuit's structure.
 *
 * <p>Thread rule: one caller at a time.
 */
public interface Solver {

    /** Its name, as {@link Solution#solver} tells it. */
    String word();

    /**
     * Solves for the operating point.
     *
     * @param sources the value of each of {@link Circuit#sources}, in volts or amperes
     * @param tolerance the largest {@link Solution#residual} asked for, above 0; what rounding allows is tried, and the
     *     solution tells what was reached
     * @throws UnsolvableException if the circuit has no operating point, or none was found: the sentence names the elements
     */
    Solution solve(double[] sources, double tolerance) throws UnsolvableException;

    /**
     * Changes the resistors, to be seen by the next {@link #solve}.
     *
     * @param siemens of each of {@link Circuit#resistors}, 0 or more
     */
    void resistors(double[] siemens);
}
