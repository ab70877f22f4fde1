package org.homeostat.learn;

/**
 * How wrong an answer is. In the square of the outputs' unit, so that times the device's {@code betaUnit} it is an energy
 * and every cost nudges on the same scale.
 */
public interface Cost {

    /** A target for an output that is not asked for: it costs nothing and is not pulled. */
    double ANY = Double.NaN;

    /** The cost of one lane's outputs. */
    double of(double[] outputs, double[] target);

    /** Its gradient with respect to the outputs. */
    double[] gradient(double[] outputs, double[] target);

    /** What one natural unit of this cost, such as a nat, comes to: costs are shown divided by it. */
    double unit();

    /** True if outputs may also be pushed away from their targets by a nudge of negative strength. */
    default boolean pushes() {
        return true;
    }

    /** Half the squared distance. The only cost that a coupling (a spring to the target) realises exactly. */
    record SquaredError() implements Cost {
        @Override
        public double unit() {
            return 1;
        }

        @Override
        public double of(double[] outputs, double[] target) {
            double sum = 0;
            for (double pull : gradient(outputs, target)) {
                sum += pull * pull;
            }
            return 0.5 * sum;
        }

        @Override
        public double[] gradient(double[] outputs, double[] target) {
            double[] gradient = new double[outputs.length];
            for (int k = 0; k < outputs.length; k++) {
                gradient[k] = Double.isNaN(target[k]) ? 0 : outputs[k] - target[k];
            }
            return gradient;
        }
    }

    /**
     * Cross-entropy of {@code p = softmax(outputs / temperature)} against target probabilities, times {@code swing *
     * temperature}; its gradient is then {@code swing * (p - target)}: an output that is wholly wrong is pulled as the
     * squared error would pull it at a distance of {@code swing}.
     *
     * @param temperature the difference between outputs that counts as a factor e in probability, in their unit
     * @param swing the size of the pull, in the outputs' unit
     */
    record CrossEntropy(double temperature, double swing) implements Cost {
        public CrossEntropy {
            if (!(temperature > 0) || !(swing > 0)) {
                throw new IllegalArgumentException(
                        "cross-entropy needs a temperature and a swing above 0, not " + temperature + " and " + swing);
            }
        }

        @Override
        public double unit() {
            return swing * temperature;
        }

        @Override
        public double of(double[] outputs, double[] target) {
            double most = most(outputs, target);
            double sum = 0;
            double wanted = 0;
            double weight = 0;
            for (int k = 0; k < outputs.length; k++) {
                if (!Double.isNaN(target[k])) {
                    sum += Math.exp((outputs[k] - most) / temperature);
                    wanted += target[k] * (outputs[k] - most) / temperature;
                    weight += target[k];
                }
            }
            return swing * temperature * (weight * Math.log(sum) - wanted);
        }

        @Override
        public double[] gradient(double[] outputs, double[] target) {
            double most = most(outputs, target);
            double[] p = new double[outputs.length];
            double sum = 0;
            for (int k = 0; k < p.length; k++) {
                p[k] = Double.isNaN(target[k]) ? 0 : Math.exp((outputs[k] - most) / temperature);
                sum += p[k];
            }
            for (int k = 0; k < p.length; k++) {
                p[k] = Double.isNaN(target[k]) ? 0 : swing * (p[k] / sum - target[k]);
            }
            return p;
        }

        private static double most(double[] outputs, double[] target) {
            double most = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < outputs.length; k++) {
                most = Double.isNaN(target[k]) ? most : Math.max(most, outputs[k]);
            }
            return most;
        }
    }

    /**
     * {@code - sum log(1 + y o)} for outputs between -1 and 1, such as the sine of a phase, and targets y = +-1 (Wang,
     * Wanjura, Marquardt, arXiv 2402.08579). It has no flat place at the wrong end, where the squared error of a sine has
     * one; and no lower bound there when it is turned round, so that it only pulls.
     */
    record LogOverlap() implements Cost {
        /** Keeps the pull at the very wrong end finite. */
        private static final double MARGIN = 1e-5;

        @Override
        public boolean pushes() {
            return false;
        }

        @Override
        public double unit() {
            return 1;
        }

        @Override
        public double of(double[] outputs, double[] target) {
            double sum = 0;
            for (int k = 0; k < outputs.length; k++) {
                sum -= Double.isNaN(target[k]) ? 0 : Math.log(Math.max(0, 1 + target[k] * outputs[k]) + MARGIN);
            }
            return sum;
        }

        @Override
        public double[] gradient(double[] outputs, double[] target) {
            double[] gradient = new double[outputs.length];
            for (int k = 0; k < outputs.length; k++) {
                gradient[k] =
                        Double.isNaN(target[k]) ? 0 : -target[k] / (Math.max(0, 1 + target[k] * outputs[k]) + MARGIN);
            }
            return gradient;
        }
    }

    /**
     * {@code - sum y o}: half the squared distance where the square of an output is constant, such as of spins (Laydevant,
     * Markovic, Grollier 2024). Where every output is at its target there is no pull.
     */
    record Alignment() implements Cost {
        private static final double AT = 1e-9;

        @Override
        public double unit() {
            return 1;
        }

        @Override
        public double of(double[] outputs, double[] target) {
            double sum = 0;
            for (int k = 0; k < outputs.length; k++) {
                sum += Double.isNaN(target[k]) ? 0 : target[k] * (target[k] - outputs[k]);
            }
            return sum;
        }

        @Override
        public double[] gradient(double[] outputs, double[] target) {
            boolean there = true;
            double[] gradient = new double[outputs.length];
            for (int k = 0; k < outputs.length; k++) {
                if (!Double.isNaN(target[k])) {
                    gradient[k] = -target[k];
                    there &= Math.abs(outputs[k] - target[k]) < AT;
                }
            }
            return there ? new double[outputs.length] : gradient;
        }
    }
}
