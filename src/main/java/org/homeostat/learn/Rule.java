package org.homeostat.learn;

import java.util.Arrays;
import java.util.Optional;

/**
 * The contrastive rules of the literature as one table: two perturbations of the outputs, of which the conjugate forces are
 * compared (Scellier, Ernoult, Kendall, Kumar, arXiv 2312.15103; coupled learning: Stern et al. 2021; random sign:
 * Laborieux et al., arXiv 2006.03824). A perturbation of strength 0 is the free state.
 *
 * <p>As everywhere here, centred means {@code +-beta/2}; the literature also calls {@code +-beta} centred.
 */
public enum Rule {
    EP_POSITIVE("ep-positive", false, 0, 1),
    EP_NEGATIVE("ep-negative", false, -1, 0),
    EP_CENTERED("ep-centered", false, -0.5, 0.5),
    /** Positive or negative, drawn anew for each step. */
    EP_RANDOM("ep-random", false, 0, 1),
    CPL_POSITIVE("cpl-positive", true, 0, 1),
    CPL_NEGATIVE("cpl-negative", true, -1, 0),
    CPL_CENTERED("cpl-centered", true, -0.5, 0.5),
    /** Contrastive learning: the outputs held at the targets themselves, that is {@code cpl-positive} at beta = 1. */
    CL("cl", true, 0, 1);

    private final String word;
    private final boolean clamps;
    private final double first;
    private final double second;

    Rule(String word, boolean clamps, double first, double second) {
        this.word = word;
        this.clamps = clamps;
        this.first = first;
        this.second = second;
    }

    /** The rule of a name. */
    public static Optional<Rule> of(String word) {
        return Arrays.stream(values()).filter(rule -> rule.word.equals(word)).findFirst();
    }

    /** Its name in commands and files. */
    public String word() {
        return word;
    }

    /** True if the outputs are held at moved levels; false if they are nudged. */
    public boolean clamps() {
        return clamps;
    }

    /** The strength of the first perturbation, for a strength beta. */
    double first(double beta) {
        return first * beta;
    }

    /** The strength of the second. */
    double second(double beta) {
        return second * beta;
    }
}
