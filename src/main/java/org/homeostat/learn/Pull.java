package org.homeostat.learn;

import java.util.List;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Response;
import org.homeostat.device.Role;

/** The pull of one example on the outputs, at any strength; and the cost that just this pull lowers. */
sealed interface Pull {

    /** The nudge of strength beta. */
    Nudge by(double beta);

    /** The cost, mean over lanes, whose {@code beta} multiple this nudge adds to the energy. */
    double cost(Response response);

    /** The variance of that cost, from the standard errors of the outputs. */
    double variance(Response response);

    /** The pull towards targets from where the outputs stand free. */
    static Pull towards(double[][] targets, Response free, Cost cost, Nudge.Kind kind, Descriptor card) {
        double[][] gradients = new double[targets.length][];
        for (int lane = 0; lane < targets.length; lane++) {
            gradients[lane] = cost.gradient(free.outputs(lane), targets[lane]);
        }
        return switch (kind) {
            case CLAMP, RAMP ->
                throw new IllegalArgumentException("a nudge of kind " + kind + " adds no cost to the energy of a rest");
            case FORCE -> new ByForce(gradients, card);
            case DIFFERENCE -> {
                double[][] towards = new double[targets.length][];
                for (int lane = 0; lane < targets.length; lane++) {
                    towards[lane] = targets[lane].clone();
                    for (int k = 0; k < towards[lane].length; k++) {
                        // An output that is not asked for stands where it is wanted.
                        if (Double.isNaN(towards[lane][k])) {
                            towards[lane][k] = free.outputs(lane)[k];
                        }
                    }
                }
                yield new ByDifference(towards, new ByForce(gradients, card));
            }
            case COUPLING -> {
                double[][] towards = new double[targets.length][];
                for (int lane = 0; lane < targets.length; lane++) {
                    towards[lane] = free.outputs(lane);
                    for (int k = 0; k < towards[lane].length; k++) {
                        // An output that is not asked for is tied to where it stands.
                        towards[lane][k] -= gradients[lane][k];
                    }
                }
                yield new ByCoupling(towards);
            }
        };
    }

    /**
     * A constant force {@code - beta betaUnit dC/do}, the gradient frozen at the free outputs. It is the nudge of a cost
     * linear in the outputs, so that everything said of a cost holds for that one; it pulls with either sign and cannot
     * make a device unstable.
     */
    record ByForce(double[][] gradients, Descriptor card) implements Pull {
        @Override
        public Nudge by(double beta) {
            List<Channel> channels = card.channels(Role.NUDGE);
            double[][] force = new double[gradients.length][channels.size()];
            for (int lane = 0; lane < force.length; lane++) {
                for (int k = 0; k < channels.size(); k++) {
                    Channel channel = channels.get(k);
                    // The strongest pull that the hardware has is pull enough: only its direction matters then.
                    force[lane][k] =
                            Math.clamp(-beta * card.betaUnit() * gradients[lane][k], channel.min(), channel.max());
                }
            }
            return new Nudge.Force(Levels.of(Role.NUDGE, force));
        }

        @Override
        public double cost(Response response) {
            double sum = 0;
            for (int lane = 0; lane < gradients.length; lane++) {
                double[] outputs = response.outputs(lane);
                for (int k = 0; k < outputs.length; k++) {
                    sum += gradients[lane][k] * outputs[k];
                }
            }
            return sum / gradients.length;
        }

        @Override
        public double variance(Response response) {
            double sum = 0;
            for (int lane = 0; lane < gradients.length; lane++) {
                sum += Lyapunov.variance(response, lane, gradients[lane]);
            }
            return sum / gradients.length / gradients.length;
        }
    }

    /** The nudge by difference to targets: known before the outputs were read. */
    static Nudge difference(double beta, double[][] targets, Descriptor card) {
        double[][] within = new double[targets.length][];
        for (int lane = 0; lane < targets.length; lane++) {
            within[lane] = targets[lane].clone();
            for (int k = 0; k < within[lane].length; k++) {
                // A target that the output cannot reach still shows the way.
                Channel channel = card.channels(Role.OUTPUT).get(k);
                within[lane][k] = Math.clamp(within[lane][k], channel.min(), channel.max());
            }
        }
        return new Nudge.Difference(beta, Levels.of(Role.OUTPUT, within));
    }

    /** The force of the squared error, worked out by the device from the outputs that it read free. */
    record ByDifference(double[][] targets, ByForce force) implements Pull {
        @Override
        public Nudge by(double beta) {
            return difference(beta, targets, force.card);
        }

        @Override
        public double cost(Response response) {
            return force.cost(response);
        }

        @Override
        public double variance(Response response) {
            return force.variance(response);
        }
    }

    /** A spring to the target, realised by the device. */
    record ByCoupling(double[][] targets) implements Pull {
        @Override
        public Nudge by(double beta) {
            return new Nudge.Coupling(beta, Levels.of(Role.OUTPUT, targets));
        }

        @Override
        public double cost(Response response) {
            double sum = 0;
            for (int lane = 0; lane < targets.length; lane++) {
                sum += new Cost.SquaredError().of(response.outputs(lane), targets[lane]);
            }
            return sum / targets.length;
        }

        @Override
        public double variance(Response response) {
            double sum = 0;
            for (int lane = 0; lane < targets.length; lane++) {
                sum += Lyapunov.variance(
                        response, lane, new Cost.SquaredError().gradient(response.outputs(lane), targets[lane]));
            }
            return sum / targets.length / targets.length;
        }
    }
}
