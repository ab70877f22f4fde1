package org.homeostat.engine;

/**
 * What the units of a layer are, apart from their weights: each comes to rest where its own stiffness and what reaches it
 * agree, within its box.
 *
 * @param compliance one over each unit's stiffness a, 0 or more
 * @param lowest the lower end of each unit's box; {@link Float#NEGATIVE_INFINITY} where it has none
 * @param highest the upper end, not below {@code lowest}; {@link Float#POSITIVE_INFINITY} where it has none
 */
public record Units(float[] compliance, float[] lowest, float[] highest) {

    public Units {
        if (lowest.length != compliance.length || highest.length != compliance.length) {
            throw new IllegalArgumentException("units with " + compliance.length + " compliances, " + lowest.length
                    + " lower and " + highest.length + " upper ends");
        }
    }

    /** How many. */
    public int count() {
        return compliance.length;
    }
}
