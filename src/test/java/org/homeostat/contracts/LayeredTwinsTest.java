package org.homeostat.contracts;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** Twins of boards that hold their parameters by themselves and show none of them; in single precision. */
class LayeredTwinsTest {

    @TempDir
    static Path runs;

    abstract static class InPlace implements DeviceContract {

        private final String uri;

        InPlace(String uri) {
            this.uri = uri;
        }

        @Override
        public Device open() {
            Device device = Opened.bare(uri, runs).device();
            var unused = device.present(typical(device.descriptor(), 0), Deadline.NEVER);
            return device;
        }

        @Override
        public Optional<Device> unread() {
            return Optional.of(Opened.bare(uri, runs).device());
        }

        @Override
        public double[] parameters(Descriptor card, int which) {
            return new double[0];
        }

        @Override
        public double tolerance(Role role) {
            return 1e-2;
        }

        @Override
        public boolean reproducible() {
            return true;
        }

        /** The strongest force there is on one output. */
        @Override
        public List<Stimulus> clipping(Descriptor card) {
            double[] force = new double[card.count(Role.NUDGE)];
            force[0] = card.channels(Role.NUDGE).getFirst().max();
            double[] inputs = card.channels(Role.INPUT).stream()
                    .mapToDouble(channel -> channel.max())
                    .toArray();
            return Arrays.asList(
                    Stimulus.of(Levels.of(Role.INPUT, inputs)).nudged(new Nudge.Force(Levels.of(Role.NUDGE, force))));
        }
    }

    @Nested
    class Hopfield extends InPlace {

        Hopfield() {
            super("twin:hopfield-in-place?inputs=6&hidden=12&outputs=3&lanes=3");
        }

        @Override
        public double gentleForce() {
            return 0.3;
        }

        @Override
        public double gentleBeta() {
            return 0.3;
        }

        @Override
        public double gentleDistance() {
            return 0.5;
        }
    }

    @Nested
    class DeepResistive extends InPlace {

        DeepResistive() {
            super("twin:drn?inputs=6&hidden=12&outputs=3&lanes=3");
        }

        @Override
        public double gentleForce() {
            return 0.5;
        }

        @Override
        public double gentleBeta() {
            return 0.3;
        }

        @Override
        public double gentleDistance() {
            return 2;
        }
    }
}
