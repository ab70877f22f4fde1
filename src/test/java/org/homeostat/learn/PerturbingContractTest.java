package org.homeostat.learn;

import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import org.homeostat.contracts.LearnerContract;
import org.homeostat.control.Gauged;
import org.homeostat.control.Written;
import org.homeostat.device.Ability;
import org.homeostat.device.Device;
import org.homeostat.device.Scale;
import org.homeostat.device.Settling;
import org.homeostat.fixtures.Able;
import org.junit.jupiter.api.Nested;

/** Learners that try things out, and those that ask a model, keep what every learner keeps. */
class PerturbingContractTest {

    interface Writes extends LearnerContract {

        @Override
        default Device dressed(Device bare) {
            return new Written(bare);
        }

        @Override
        default int epochs() {
            return 100;
        }

        @Override
        default Stream<Refusal> refusals() {
            String needs = "needs a device that has parameters that the host can write";
            Device deaf = new Able(NET.digital(), EnumSet.noneOf(Ability.class));
            return Stream.of(
                    new Refusal(
                            NET.compliantCard(Scale.CONTINUOUS, -10, 10),
                            List.of(needs, "wrap it in a Homeostatic, which holds its parameters with the knobs")),
                    new Refusal(
                            deaf.descriptor(),
                            List.of(
                                    needs,
                                    "its parameters can neither move nor be written, so that nothing can teach it")));
        }
    }

    private static Learner multiplexed(Multiplexed.Code code, double rate, Cost cost) {
        return new Multiplexed(
                new Multiplexed.Settings(code, 0.01, 8, Settling.USUAL, Optimiser.Settings.sgd(rate), 1), cost);
    }

    @Nested
    class FiniteDifferences implements Writes {
        @Override
        public Learner learner(Cost cost) {
            return multiplexed(Multiplexed.Code.COORDINATES, 0.3, cost);
        }
    }

    @Nested
    class RandomSigns implements Writes {
        @Override
        public Learner learner(Cost cost) {
            return multiplexed(Multiplexed.Code.RANDOM, 0.1, cost);
        }
    }

    @Nested
    class Walsh implements Writes {
        @Override
        public Learner learner(Cost cost) {
            return multiplexed(Multiplexed.Code.WALSH, 0.1, cost);
        }
    }

    @Nested
    class Sinusoids implements Writes {
        @Override
        public Learner learner(Cost cost) {
            return multiplexed(Multiplexed.Code.SINUSOIDS, 0.1, cost);
        }
    }

    @Nested
    class Nodes implements Writes {
        @Override
        public Learner learner(Cost cost) {
            return new NodePerturbation(
                    new NodePerturbation.Settings(0.02, 4, Settling.USUAL, Optimiser.Settings.sgd(0.1), 1), cost);
        }

        @Override
        public Device dressed(Device bare) {
            return new Written(new Gauged(bare));
        }
    }

    @Nested
    class Aware implements Writes {
        @Override
        public Learner learner(Cost cost) {
            return new PhysicsAware(
                    new PhysicsAware.Settings(0.2, Settling.USUAL, Optimiser.Settings.sgd(0.05)),
                    cost,
                    new Written(new Gauged(NET.digital())));
        }
    }
}
