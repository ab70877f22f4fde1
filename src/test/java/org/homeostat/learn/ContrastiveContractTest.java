package org.homeostat.learn;

import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import org.homeostat.contracts.LearnerContract;
import org.homeostat.control.Gauged;
import org.homeostat.control.Written;
import org.homeostat.device.Ability;
import org.homeostat.device.Device;
import org.homeostat.device.Nudge;
import org.homeostat.device.Scale;
import org.homeostat.device.Settling;
import org.homeostat.fixtures.Able;
import org.junit.jupiter.api.Nested;

/** The contrastive rules keep what every learner keeps. */
class ContrastiveContractTest {

    interface Contrasts extends LearnerContract {

        Rule rule();

        @Override
        default Learner learner(Cost cost) {
            return new Contrastive(
                    new Contrastive.Settings(
                            rule(), 0.2, Nudge.Kind.FORCE, Settling.USUAL, Optimiser.Settings.sgd(0.05), 1),
                    cost);
        }

        @Override
        default Device dressed(Device bare) {
            return new Written(new Gauged(bare));
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

    @Nested
    class EpPositive implements Contrasts {
        @Override
        public Rule rule() {
            return Rule.EP_POSITIVE;
        }
    }

    @Nested
    class EpNegative implements Contrasts {
        @Override
        public Rule rule() {
            return Rule.EP_NEGATIVE;
        }
    }

    @Nested
    class EpCentered implements Contrasts {
        @Override
        public Rule rule() {
            return Rule.EP_CENTERED;
        }
    }

    @Nested
    class EpRandom implements Contrasts {
        @Override
        public Rule rule() {
            return Rule.EP_RANDOM;
        }
    }
}
