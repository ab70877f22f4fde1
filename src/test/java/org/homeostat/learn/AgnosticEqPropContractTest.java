package org.homeostat.learn;

import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import org.homeostat.contracts.LearnerContract;
import org.homeostat.control.Compliant;
import org.homeostat.control.Compliant.Motion;
import org.homeostat.control.Gauged;
import org.homeostat.device.Ability;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Nudge;
import org.homeostat.device.Scale;
import org.homeostat.device.Settling;
import org.homeostat.fixtures.Able;
import org.homeostat.learn.AgnosticEqProp.Settings;
import org.junit.jupiter.api.Nested;

/** Agnostic EP on the three sides, by force and by coupling, keeps what every learner keeps. */
class AgnosticEqPropContractTest {

    interface Aeqprop extends LearnerContract {

        Sidedness sidedness();

        default Nudge.Kind kind() {
            return Nudge.Kind.FORCE;
        }

        default Motion motion() {
            return Motion.ONE_STEP;
        }

        @Override
        default Learner learner(Cost cost) {
            return new AgnosticEqProp(new Settings(sidedness(), 0.2, 0.5, 0.99, Settling.USUAL, kind()), cost, null);
        }

        @Override
        default Device dressed(Device bare) {
            return new Compliant(new Gauged(bare), 0.5, 1, motion());
        }

        @Override
        default int epochs() {
            return 150;
        }

        @Override
        default Stream<Refusal> refusals() {
            String needs = "needs a device that holds its own parameters";
            Descriptor gaugeable = NET.digitalCard(Scale.CONTINUOUS, 1);
            Descriptor outputsOnly = new Descriptor(
                    "outputs-only",
                    "none",
                    1,
                    gaugeable.channels(),
                    EnumSet.of(Ability.WRITABLE_PARAMETERS),
                    gaugeable.nudges(),
                    1,
                    0,
                    List.of());
            Device deaf = new Able(NET.digital(), EnumSet.noneOf(Ability.class));
            return Stream.of(
                    new Refusal(
                            NET.compliantCard(Scale.CONTINUOUS, -10, 10),
                            List.of(needs, "wrap it in a Homeostatic, which holds its parameters with the knobs")),
                    new Refusal(
                            gaugeable,
                            List.of(
                                    needs,
                                    "wrap it in a Compliant around a Gauged, which gives its parameters virtual springs")),
                    new Refusal(
                            outputsOnly,
                            List.of(
                                    needs,
                                    "teach it with a learner that needs outputs alone, such as spsa or hadamard")),
                    new Refusal(
                            deaf.descriptor(),
                            List.of(
                                    needs,
                                    "its parameters can neither move nor be written, so that nothing can teach it")));
        }
    }

    @Nested
    class Optimistic implements Aeqprop {
        @Override
        public Sidedness sidedness() {
            return Sidedness.OPTIMISTIC;
        }
    }

    @Nested
    class Pessimistic implements Aeqprop {
        @Override
        public Sidedness sidedness() {
            return Sidedness.PESSIMISTIC;
        }
    }

    @Nested
    class Centered implements Aeqprop {
        @Override
        public Sidedness sidedness() {
            return Sidedness.CENTERED;
        }
    }

    @Nested
    class CenteredByCoupling implements Aeqprop {
        @Override
        public Sidedness sidedness() {
            return Sidedness.CENTERED;
        }

        @Override
        public Nudge.Kind kind() {
            return Nudge.Kind.COUPLING;
        }
    }

    @Nested
    class CenteredByDifference implements Aeqprop {
        @Override
        public Sidedness sidedness() {
            return Sidedness.CENTERED;
        }

        @Override
        public Nudge.Kind kind() {
            return Nudge.Kind.DIFFERENCE;
        }
    }

    @Nested
    class CenteredToRest implements Aeqprop {
        @Override
        public Sidedness sidedness() {
            return Sidedness.CENTERED;
        }

        @Override
        public Motion motion() {
            return Motion.TO_REST;
        }
    }

    @Nested
    class CenteredWithAcceptance implements Aeqprop {
        @Override
        public Sidedness sidedness() {
            return Sidedness.CENTERED;
        }

        @Override
        public Learner learner(Cost cost) {
            return new AgnosticEqProp(
                    new Settings(sidedness(), 0.2, 0.5, 0.99, Settling.USUAL, kind()),
                    cost,
                    new Acceptance(2, 0.5, 1.1));
        }
    }
}
