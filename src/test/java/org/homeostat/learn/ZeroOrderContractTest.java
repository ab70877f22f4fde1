package org.homeostat.learn;

import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import org.homeostat.contracts.LearnerContract;
import org.homeostat.control.Written;
import org.homeostat.device.Ability;
import org.homeostat.device.Device;
import org.homeostat.device.Scale;
import org.homeostat.device.Settling;
import org.homeostat.fixtures.Able;
import org.junit.jupiter.api.Nested;

/** Learning from outputs alone keeps what every learner keeps. */
class ZeroOrderContractTest {

    interface Outputs extends LearnerContract {

        ZeroOrder.Code code();

        @Override
        default Learner learner(Cost cost) {
            return new ZeroOrder(new ZeroOrder.Settings(code(), 0.01, 4, 0.01, 0.98, Settling.USUAL, 1), cost);
        }

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

    @Nested
    class Spsa implements Outputs {
        @Override
        public ZeroOrder.Code code() {
            return ZeroOrder.Code.RANDOM;
        }
    }

    @Nested
    class Hadamard implements Outputs {
        @Override
        public ZeroOrder.Code code() {
            return ZeroOrder.Code.HADAMARD;
        }
    }
}
