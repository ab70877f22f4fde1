package org.homeostat.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.homeostat.device.ForceLaw.Probe;
import org.junit.jupiter.api.Test;

class DescriptorTest {

    private static final Channel X1 = new Channel("x1", Role.INPUT, "V", -1, 1, 0.25, Scale.CONTINUOUS);
    private static final Channel X2 = new Channel("x2", Role.INPUT, "V", -2, 2, -0.5, Scale.CONTINUOUS);
    private static final Channel O1 = new Channel("o1", Role.OUTPUT, "V", -1, 1, 0, Scale.CONTINUOUS);
    private static final Channel O2 = new Channel("o2", Role.OUTPUT, "V", -1, 1, 0, Scale.CONTINUOUS);
    private static final Channel N1 = new Channel("n1", Role.NUDGE, "A", -3, 3, 0, Scale.CONTINUOUS);
    private static final Channel N2 = new Channel("n2", Role.NUDGE, "A", -3, 3, 0, Scale.CONTINUOUS);
    private static final Channel G1 = new Channel("g1", Role.PARAMETER, "S", 1, 9, 2, Scale.CONTINUOUS);
    private static final ForceLaw LAW =
            new ForceLaw.HalfSquareDrop(new Probe.OnChannel(Role.INPUT, 0, 1), new Probe.OnChannel(Role.OUTPUT, 0, 1));

    private static final Map<Role, List<Channel>> CHANNELS = Map.of(
            Role.INPUT, List.of(X1, X2),
            Role.OUTPUT, List.of(O1, O2),
            Role.NUDGE, List.of(N1, N2),
            Role.PARAMETER, List.of(G1));

    private static Descriptor card(int lanes, Set<Nudge.Kind> nudges) {
        return new Descriptor(
                "demo", "none", lanes, CHANNELS, Set.of(Ability.WRITABLE_PARAMETERS), nudges, 2, 1e-3, List.of(LAW));
    }

    private static final Descriptor CARD = card(2, Set.of(Nudge.Kind.FORCE, Nudge.Kind.COUPLING));

    private static Stimulus inputs(double... row) {
        return Stimulus.of(Levels.of(Role.INPUT, row));
    }

    private static void refused(Descriptor card, Stimulus stimulus, String... words) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> card.accepted(stimulus))
                .withMessageContainingAll(words);
    }

    // What is accepted

    @Test
    void aStimulusThatFitsComesBackAsItIs() {
        Stimulus stimulus = Stimulus.of(Levels.of(Role.INPUT, new double[][] {{-1, -2}, {1, 2}})
                        .and(Levels.of(Role.PARAMETER, 9)))
                .nudged(new Nudge.Force(Levels.of(Role.NUDGE, 3, -3)));
        assertThat(CARD.accepted(stimulus)).isSameAs(stimulus);
        assertThat(CARD.accepted(Stimulus.of(Levels.NONE))).isEqualTo(Stimulus.of(Levels.NONE));
    }

    @Test
    void someOfTheChannelsMayBeNamedByPosition() {
        Stimulus second = Stimulus.of(Levels.some(Role.INPUT, new int[] {1}, 1.5));
        assertThat(CARD.accepted(second)).isSameAs(second);
    }

    @Test
    void aDifferenceSpeaksOfEveryOutputAndNeedsSomethingToPullWith() {
        Descriptor able = card(2, Set.of(Nudge.Kind.DIFFERENCE));
        Stimulus pulled = inputs(0, 0).nudged(new Nudge.Difference(-3, Levels.of(Role.OUTPUT, 1, -1)));
        assertThat(able.accepted(pulled)).isSameAs(pulled);
        refused(CARD, pulled, "demo", "DIFFERENCE");
        refused(able.with(Role.NUDGE, List.of()), pulled, "demo", "no channels of role NUDGE");
        Levels first = Levels.some(Role.OUTPUT, new int[] {0}, 1);
        refused(able, inputs(0, 0).nudged(new Nudge.Difference(1, first)), "demo", "every channel of role OUTPUT");
        refused(able, inputs(0, 0).nudged(new Nudge.Difference(1, Levels.of(Role.OUTPUT, 1, 1.1))), "o2", "1.1");
        for (double beta : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Nudge.Difference(beta, Levels.of(Role.OUTPUT, 1, 1)))
                    .withMessageContaining("finite");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Nudge.Difference(1, Levels.of(Role.NUDGE, 1, 1)))
                .withMessageContaining("OUTPUT");
    }

    // What is refused

    @Test
    void aLevelOutsideItsRangeIsRefusedByChannelLevelAndRange() {
        refused(CARD, inputs(0, 2.5), "x2", "2.50000", "-2.00000", "2.00000", "V");
        refused(CARD, Stimulus.of(Levels.of(Role.INPUT, new double[][] {{0, 0}, {-1.5, 0}})), "x1", "-1.50000", "1.0");
        refused(CARD, Stimulus.of(Levels.of(Role.PARAMETER, 0.5)), "g1", "0.500000", "1.00000", "9.00000", "S");
    }

    @Test
    void aPartialLevelIsJudgedByTheChannelAtItsPosition() {
        // 1.5 V is within x2's range but not within x1's.
        refused(CARD, Stimulus.of(Levels.some(Role.INPUT, new int[] {0}, 1.5)), "x1", "1.50000", "1.00000");
        refused(CARD, Stimulus.of(Levels.some(Role.INPUT, new int[] {0, 2}, 0, 0)), "demo", "no channel 2", "INPUT");
    }

    @Test
    void aNudgeLevelOutsideItsRangeIsRefused() {
        refused(CARD, inputs(0, 0).nudged(new Nudge.Force(Levels.of(Role.NUDGE, 0, 4))), "n2", "4.00000", "3.00000");
        refused(
                CARD,
                inputs(0, 0).nudged(new Nudge.Coupling(1, Levels.of(Role.OUTPUT, 0, -2))),
                "o2",
                "-2.00000",
                "-1.00000");
    }

    @Test
    void aRoleThatTheCardDoesNotListIsRefused() {
        refused(CARD, Stimulus.of(Levels.of(Role.KNOB, 1)), "demo", "KNOB");
        refused(CARD, Stimulus.of(Levels.of(Role.SOFTNESS, 1)), "demo", "SOFTNESS");
    }

    @Test
    void aWrongCountIsRefused() {
        refused(CARD, inputs(0), "demo", "2 channels", "INPUT", "not 1");
        refused(CARD, inputs(0, 0, 0), "2 channels", "not 3");
        refused(CARD, inputs(0, 0).nudged(new Nudge.Force(Levels.of(Role.NUDGE, 1))), "2 channels", "NUDGE", "not 1");
        refused(
                CARD,
                inputs(0, 0).nudged(new Nudge.Coupling(1, Levels.of(Role.OUTPUT, 0))),
                "2 channels",
                "OUTPUT",
                "not 1");
    }

    @Test
    void aWrongNumberOfLanesIsRefused() {
        refused(CARD, Stimulus.of(Levels.of(Role.INPUT, new double[3][2])), "demo", "2 lanes", "INPUT", "3 rows");
        refused(card(1, Set.of()), Stimulus.of(Levels.of(Role.INPUT, new double[2][2])), "1 lanes", "2 rows");
        refused(card(4, Set.of()), Stimulus.of(Levels.of(Role.INPUT, new double[3][2])), "4 lanes", "3 rows");
        refused(
                CARD,
                inputs(0, 0).nudged(new Nudge.Force(Levels.of(Role.NUDGE, new double[3][2]))),
                "2 lanes",
                "NUDGE",
                "3 rows");
    }

    @Test
    void aKindOfNudgeThatTheDeviceDoesNotRealiseIsRefused() {
        refused(
                card(1, Set.of(Nudge.Kind.FORCE)),
                inputs(0, 0).nudged(new Nudge.Coupling(1, Levels.of(Role.OUTPUT, 0, 0))),
                "demo",
                "COUPLING",
                "only [FORCE]");
        refused(
                card(1, Set.of(Nudge.Kind.COUPLING)),
                inputs(0, 0).nudged(new Nudge.Force(Levels.of(Role.NUDGE, 0, 0))),
                "FORCE",
                "only [COUPLING]");
    }

    @Test
    void aNudgeSpeaksOfEveryOutput() {
        refused(
                CARD,
                inputs(0, 0).nudged(new Nudge.Force(Levels.some(Role.NUDGE, new int[] {1}, 1))),
                "demo",
                "NUDGE",
                "every");
        refused(
                CARD,
                inputs(0, 0).nudged(new Nudge.Coupling(1, Levels.some(Role.OUTPUT, new int[] {0}, 1))),
                "OUTPUT",
                "every");
    }

    // The card itself

    @Test
    void channelsAreGroupedCountedAndListed() {
        assertThat(CARD.channels(Role.INPUT)).containsExactly(X1, X2);
        assertThat(CARD.channels(Role.MONITOR)).isEmpty();
        assertThat(CARD.count(Role.OUTPUT)).isEqualTo(2);
        assertThat(CARD.allChannels()).containsExactly(X1, X2, O1, O2, N1, N2, G1);
        assertThat(CARD.can(Ability.WRITABLE_PARAMETERS)).isTrue();
        assertThat(CARD.can(Ability.FORCES)).isFalse();
        assertThat(CARD.realises(Nudge.Kind.FORCE)).isTrue();
        assertThat(card(1, Set.of()).realises(Nudge.Kind.FORCE)).isFalse();
    }

    @Test
    void itIsImmutable() {
        Map<Role, List<Channel>> channels = new EnumMap<>(CHANNELS);
        Set<Ability> abilities = new HashSet<>(Set.of(Ability.FORCES));
        Descriptor card = new Descriptor("demo", "none", 1, channels, abilities, Set.of(), 1, 0, List.of());
        String before = card.digest();
        channels.remove(Role.PARAMETER);
        abilities.clear();
        assertThat(card.count(Role.PARAMETER)).isEqualTo(1);
        assertThat(card.can(Ability.FORCES)).isTrue();
        assertThat(card.digest()).isEqualTo(before);
        assertThatThrownBy(() -> card.channels().clear()).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> card.channels(Role.INPUT).clear()).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> card.abilities().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void theSafeStimulusPutsInputsAtTheirSafeLevelsAndNudgesNothing() {
        assertThat(CARD.safe()).isEqualTo(inputs(0.25, -0.5));
        assertThat(CARD.accepted(CARD.safe()).nudge()).isEqualTo(Nudge.NONE);
        assertThat(CARD.with(Role.INPUT, List.of()).safe()).isEqualTo(Stimulus.of(Levels.NONE));
    }

    @Test
    void anotherAbilityOrOtherChannelsMakeAnotherCard() {
        Descriptor more = CARD.with(Ability.HOMEOSTASIS);
        assertThat(more.abilities()).containsExactlyInAnyOrder(Ability.WRITABLE_PARAMETERS, Ability.HOMEOSTASIS);
        assertThat(CARD.can(Ability.HOMEOSTASIS)).isFalse();
        Descriptor fewer = CARD.with(Role.INPUT, List.of(X2));
        assertThat(fewer.channels(Role.INPUT)).containsExactly(X2);
        assertThat(fewer.channels(Role.OUTPUT)).containsExactly(O1, O2);
        assertThat(CARD.count(Role.INPUT)).isEqualTo(2);
    }

    @Test
    void equalCardsShareADigest() {
        Descriptor again = card(2, Set.of(Nudge.Kind.COUPLING, Nudge.Kind.FORCE));
        assertThat(again).isEqualTo(CARD);
        assertThat(again.digest()).isEqualTo(CARD.digest()).matches("[0-9a-f]{16}");
    }

    @Test
    void theDigestTellsApartCardsThatDifferInAnything() {
        Descriptor base = card(1, Set.of(Nudge.Kind.FORCE));
        Set<Nudge.Kind> force = base.nudges();
        Set<Ability> write = base.abilities();
        List<ForceLaw> laws = base.forceLaws();
        Channel wider = new Channel("x1", Role.INPUT, "V", -1, 1.0000000001, 0.25, Scale.CONTINUOUS);
        Channel finer = new Channel("x1", Role.INPUT, "V", -1, 1, 0.25, Scale.Linear.of(12, -1, 1));
        Channel other = new Channel("x1", Role.INPUT, "mV", -1, 1, 0.25, Scale.CONTINUOUS);
        ForceLaw product = new ForceLaw.NegativeProduct(LAW.a(), LAW.b());
        List<Descriptor> cards = List.of(
                base,
                card(2, force),
                card(1, Set.of()),
                base.with(Ability.FORCES),
                base.with(Role.INPUT, List.of(X1)),
                base.with(Role.INPUT, List.of(X2, X1)),
                base.with(Role.INPUT, List.of(wider, X2)),
                base.with(Role.INPUT, List.of(finer, X2)),
                base.with(Role.INPUT, List.of(other, X2)),
                new Descriptor("demo2", "none", 1, CHANNELS, write, force, 2, 1e-3, laws),
                new Descriptor("demo", "v2", 1, CHANNELS, write, force, 2, 1e-3, laws),
                new Descriptor("demo", "none", 1, CHANNELS, write, force, 3, 1e-3, laws),
                new Descriptor("demo", "none", 1, CHANNELS, write, force, 2, 2e-3, laws),
                new Descriptor("demo", "none", 1, CHANNELS, write, force, 2, 1e-3, List.of()),
                new Descriptor("demo", "none", 1, CHANNELS, write, force, 2, 1e-3, List.of(product)));
        assertThat(cards.stream().map(Descriptor::digest)).doesNotHaveDuplicates();
    }

    @Test
    void cardsThatContradictThemselvesAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> card(0, Set.of()))
                .withMessageContainingAll("at least one lane", "0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CARD.with(Role.OUTPUT, List.of(X1, X2)))
                .withMessageContainingAll("x1", "INPUT", "OUTPUT");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CARD.with(Role.INPUT, List.of(X1, X1)))
                .withMessageContaining("two channels are named x1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CARD.with(Role.NUDGE, List.of(N1)))
                .withMessageContainingAll("1 nudge channels", "2 outputs");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CARD.with(Role.PARAMETER, List.of()))
                .withMessageContainingAll("1 force laws", "0 parameters");
        double[][] figures = {
            {0, 1},
            {-1, 1},
            {Double.NaN, 1},
            {Double.POSITIVE_INFINITY, 1},
            {1, -1e-9},
            {1, Double.NaN},
            {1, Double.POSITIVE_INFINITY}
        };
        for (double[] figure : figures) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Descriptor(
                            "demo", "none", 1, CHANNELS, Set.of(), Set.of(), figure[0], figure[1], List.of()))
                    .withMessageContainingAll("demo", "betaUnit", "settleSeconds");
        }
    }
}
