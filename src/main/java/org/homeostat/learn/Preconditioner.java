package org.homeostat.learn;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.homeostat.device.Ability;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Quality;
import org.homeostat.device.Response;
import org.homeostat.device.Restorable;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.jspecify.annotations.Nullable;

/** Makes a direction to go of a gradient and a curvature. */
public sealed interface Preconditioner extends Restorable, AutoCloseable {

    /** The direction, and how far it can be trusted. */
    record Direction(double[] values, Quality quality, int exchanges) {}

    /** The direction to go. */
    Direction direction(Curvature curvature, double[] gradient, Deadline deadline);

    /** True if it looks at the curvature. */
    default boolean curved() {
        return true;
    }

    @Override
    default void save(DataOutput out) throws IOException {}

    @Override
    default void restore(DataInput in) throws IOException {}

    @Override
    default void close() {}

    /** The gradient itself. */
    record None() implements Preconditioner {
        @Override
        public Direction direction(Curvature curvature, double[] gradient, Deadline deadline) {
            return new Direction(gradient, Quality.SETTLED, 0);
        }

        @Override
        public boolean curved() {
            return false;
        }
    }

    /** The exact damped natural gradient, reckoned on the host. */
    record Exact() implements Preconditioner {
        @Override
        public Direction direction(Curvature curvature, double[] gradient, Deadline deadline) {
            return new Direction(curvature.solved(gradient), Quality.SETTLED, 0);
        }
    }

    /** From where a solver goes. */
    enum Begin {
        /** From where it stood: the answer to the batch before. Acts like momentum. */
        KEPT,
        /** From the gradient, at which its cells are held for a moment: after no time this is plain descent. */
        GRADIENT,
        /** From 0. */
        ZERO
    }

    /**
     * What a thermodynamic device finds within a time (arXiv 2405.13817): its cells go towards the natural gradient,
     * {@code g(t) = A^-1 c + exp(-A t / tau) (g(0) - A^-1 c)}, and heat shakes them.
     */
    final class Solver implements Preconditioner {

        /** Opens a device of a size. */
        public interface Opener {
            /**
             * A device that solves {@code (J' H J / b + lambda) x = c}.
             *
             * @param parameters how many numbers x has
             * @param samples b
             * @param width rows of J for each sample
             */
            Device open(int parameters, int samples, int width);
        }

        private final Opener opener;
        private final double dwellSeconds;
        private final int reads;
        private final Begin begin;
        private final int[] size = new int[3];
        private @Nullable Device device;
        private boolean begun;

        /**
         * @param dwellSeconds how long it runs for each batch
         * @param reads how many readings are averaged
         */
        public Solver(Opener opener, double dwellSeconds, int reads, Begin begin) {
            this.opener = opener;
            this.dwellSeconds = dwellSeconds;
            this.reads = reads;
            this.begin = begin;
        }

        @Override
        public Direction direction(Curvature curvature, double[] gradient, Deadline deadline) {
            Device solver = device;
            if (solver == null) {
                size[0] = curvature.parameters();
                size[1] = curvature.samples();
                size[2] = curvature.width();
                solver = opened();
            }
            int exchanges = 1;
            Stimulus asked =
                    Stimulus.of(Levels.of(Role.PARAMETER, levels(curvature)).and(Levels.of(Role.INPUT, gradient)));
            if (begin == Begin.GRADIENT || begin == Begin.KEPT && !begun) {
                // With cells that are held the time does not matter.
                var unused = solver.present(
                        asked.nudged(new Nudge.Clamp(Levels.of(Role.OUTPUT, gradient)))
                                .settling(new Settling.Dwell(0, 1)),
                        deadline);
                exchanges++;
            }
            begun = true;
            Response response = solver.present(
                    asked.settling(new Settling.Dwell(dwellSeconds, reads))
                            .starting(
                                    begin == Begin.ZERO
                                            ? org.homeostat.device.Start.AFRESH
                                            : org.homeostat.device.Start.ONWARD),
                    deadline);
            // To be read before it came to rest is what it is for.
            Quality quality =
                    response.quality().verdict() == Quality.Verdict.UNSETTLED ? Quality.SETTLED : response.quality();
            return new Direction(response.outputs(0), quality, exchanges);
        }

        private Device opened() {
            Device opened = opener.open(size[0], size[1], size[2]);
            Descriptor card = opened.descriptor();
            int wanted = size[0] * size[1] * size[2] + size[1] * size[2] * (size[2] + 1) / 2 + 1;
            if (!card.can(Ability.WRITABLE_PARAMETERS)
                    || card.count(Role.INPUT) != size[0]
                    || card.count(Role.OUTPUT) != size[0]
                    || card.count(Role.PARAMETER) != wanted
                    || !card.realises(Nudge.Kind.CLAMP)) {
                opened.close();
                throw new IllegalArgumentException("board " + card.board() + " is no solver for " + size[0]
                        + " parameters, " + size[1] + " samples a batch and " + size[2]
                        + " outputs; expected one such as twin:thermodynamic-solver");
            }
            device = opened;
            return opened;
        }

        private static double[] levels(Curvature curvature) {
            int n = curvature.parameters();
            int width = curvature.width();
            int samples = curvature.samples();
            double[] levels = new double[samples * width * n + samples * width * (width + 1) / 2 + 1];
            for (int row = 0; row < samples * width; row++) {
                System.arraycopy(curvature.jacobian()[row], 0, levels, row * n, n);
            }
            int k = samples * width * n;
            for (double[][] block : curvature.blocks()) {
                for (int i = 0; i < width; i++) {
                    for (int j = i; j < width; j++) {
                        levels[k++] = block[i][j];
                    }
                }
            }
            levels[k] = curvature.damping();
            return levels;
        }

        @Override
        public void save(DataOutput out) throws IOException {
            Device solver = device;
            out.writeBoolean(solver != null);
            if (solver != null) {
                out.writeBoolean(begun);
                for (int part : size) {
                    out.writeInt(part);
                }
                Restorable.save(solver, out);
            }
        }

        @Override
        public void restore(DataInput in) throws IOException {
            if (in.readBoolean()) {
                begun = in.readBoolean();
                for (int i = 0; i < size.length; i++) {
                    size[i] = in.readInt();
                }
                close();
                Restorable.restore(opened(), in);
            }
        }

        @Override
        public void close() {
            Device solver = device;
            device = null;
            if (solver != null) {
                solver.close();
            }
        }
    }
}
