package org.homeostat.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.homeostat.device.Quality.Verdict;
import org.junit.jupiter.api.Test;

/** The small values that questions and answers are made of. */
class StimulusTest {

    private static final Levels X = Levels.of(Role.INPUT, 1, 2);

    @Test
    void aPlainStimulusHoldsAndDoesNotNudge() {
        assertThat(Stimulus.of(X)).isEqualTo(new Stimulus(X, Nudge.NONE, Plasticity.HELD, new Settling.Usual(1)));
    }

    @Test
    void everyPartCanBeExchangedAlone() {
        Nudge nudge = new Nudge.Force(Levels.of(Role.NUDGE, 1));
        Settling dwell = new Settling.Dwell(1e-3, 4);
        Stimulus all = Stimulus.of(Levels.NONE)
                .with(X)
                .nudged(nudge)
                .when(Plasticity.FREE)
                .settling(dwell);
        assertThat(all).isEqualTo(new Stimulus(X, nudge, Plasticity.FREE, dwell));
        assertThat(all.settling().reads()).isEqualTo(4);
    }

    @Test
    void onlyRolesThatAHostImposesMayBeImposed() {
        for (Role role : new Role[] {Role.INPUT, Role.KNOB, Role.SOFTNESS, Role.PARAMETER}) {
            assertThat(Stimulus.of(Levels.of(role, 1)).levels().has(role)).isTrue();
        }
        for (Role role : new Role[] {Role.OUTPUT, Role.FORCE, Role.MONITOR}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Stimulus.of(Levels.of(role, 1)))
                    .withMessageContainingAll(role.name(), "read");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Stimulus.of(Levels.of(Role.NUDGE, 1)))
                .withMessageContaining("belong in the stimulus's nudge");
    }

    @Test
    void aNudgeHoldsLevelsOfItsOwnRoleAlone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Nudge.Force(Levels.of(Role.OUTPUT, 1)))
                .withMessageContainingAll("NUDGE", "OUTPUT");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Nudge.Force(X.and(Levels.of(Role.NUDGE, 1))))
                .withMessageContaining("INPUT");
        assertThatIllegalArgumentException().isThrownBy(() -> new Nudge.Force(Levels.NONE));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Nudge.Coupling(1, Levels.of(Role.NUDGE, 1)))
                .withMessageContainingAll("OUTPUT", "NUDGE");
    }

    @Test
    void theStrengthOfACouplingIsANumber() {
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Nudge.Coupling(bad, Levels.of(Role.OUTPUT, 1)))
                    .withMessageContaining(String.valueOf(bad));
        }
        assertThat(new Nudge.Coupling(-1, Levels.of(Role.OUTPUT, 1)).beta()).isEqualTo(-1);
    }

    @Test
    void somethingIsReadAtLeastOnceAfterATimeThatHasAnEnd() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Settling.Usual(0))
                .withMessageContaining("0");
        assertThatIllegalArgumentException().isThrownBy(() -> new Settling.Dwell(1, 0));
        for (double bad : new double[] {-1e-9, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Settling.Dwell(bad, 1))
                    .withMessageContaining(String.valueOf(bad));
        }
        assertThat(new Settling.Dwell(0, 1).dwellSeconds()).isZero();
    }

    @Test
    void theWorseOfTwoQualitiesStands() {
        Quality clipped = new Quality(Verdict.CLIPPED, "o1", "lower it");
        Quality unsettled = new Quality(Verdict.UNSETTLED, "", "wait");
        assertThat(Quality.SETTLED.worst(clipped)).isSameAs(clipped);
        assertThat(clipped.worst(Quality.SETTLED)).isSameAs(clipped);
        assertThat(clipped.worst(unsettled)).isSameAs(unsettled);
        assertThat(unsettled.worst(clipped)).isSameAs(unsettled);
        Quality other = new Quality(Verdict.CLIPPED, "o2", "lower it");
        assertThat(clipped.worst(other)).isSameAs(clipped);
    }

    @Test
    void parametersThatSaturateStrayOrSnapAreNotHeld() {
        for (Verdict verdict : Verdict.values()) {
            boolean held = new Quality(verdict, "", "").held();
            assertThat(held)
                    .isEqualTo(
                            verdict != Verdict.SATURATED && verdict != Verdict.UNSTABLE && verdict != Verdict.SNAPPED);
        }
    }

    @Test
    void aResponseCanOnlyGetWorse() {
        Response good = new Response(
                Levels.of(Role.OUTPUT, new double[][] {{1}, {2}}).and(Levels.of(Role.PARAMETER, 3)),
                Levels.NONE,
                1,
                0.5,
                Quality.SETTLED);
        Quality bad = new Quality(Verdict.UNSETTLED, "", "wait");
        assertThat(good.with(bad).quality()).isSameAs(bad);
        assertThat(good.with(bad).with(Quality.SETTLED).quality()).isSameAs(bad);
        assertThat(good.outputs(1)).containsExactly(2);
        assertThat(good.parameters()).containsExactly(3);
        assertThat(good.with(Levels.of(Role.OUTPUT, 7)).outputs(0)).containsExactly(7);
    }

    @Test
    void everyFaultSaysWhetherARetryIsSensible() {
        for (DeviceException.Fault fault : DeviceException.Fault.values()) {
            boolean lasting = switch (fault) {
                case TIMEOUT, DISCONNECTED, CORRUPT -> false;
                case REFUSED, UNSUPPORTED, LATCHED, LIMIT -> true;
            };
            assertThat(fault.retrySensible()).isNotEqualTo(lasting);
        }
        RuntimeException cause = new IllegalStateException("cable");
        DeviceException lost = new DeviceException(DeviceException.Fault.DISCONNECTED, "gone", cause);
        assertThat(lost).hasMessage("gone").hasCause(cause);
        assertThat(lost.fault()).isEqualTo(DeviceException.Fault.DISCONNECTED);
    }
}
