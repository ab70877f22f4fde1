package org.homeostat.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Quality;
import org.homeostat.device.Quality.Verdict;
import org.homeostat.device.Response;
import org.homeostat.device.Restorable;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.junit.jupiter.api.Test;

/**
 * What every device owes whoever asks it, from the twin to the board on the bench. Each rung of the ladder supplies how to
 * open it, what to ask of it, and how well its answers repeat.
 */
public interface DeviceContract {

    /**
     * Opens the device afresh, whatever happened before: the same specimen, with the same parameters, which must be such
     * that {@link #typical} stimuli can be told apart by the outputs and neither clip nor move parameters.
     */
    Device open();

    /** Opens it afresh without having asked it anything; empty where opening it takes an exchange. */
    default Optional<Device> unread() {
        return Optional.empty();
    }

    /** One of several sets of parameters that can be told apart by the outputs. */
    double[] parameters(Descriptor card, int which);

    /** How far answers to the same question may lie apart on a channel of a role; less than what any change here causes. */
    double tolerance(Role role);

    /** True if devices opened afresh answer the same questions alike to the last bit. */
    boolean reproducible();

    /** A force on an output that moves it well beyond the tolerance, but not to the end of its range. */
    double gentleForce();

    /** A strength of a coupling that the device bears with either sign. */
    double gentleBeta();

    /** How far a coupling's target is put from an output: a distance well beyond the tolerance. */
    double gentleDistance();

    /** Stimuli of which the last drives a reading to the end of its range; none where nothing can. */
    List<Stimulus> clipping(Descriptor card);

    /** The plasticity with which it is asked here; FREE only for a device that cannot hold. */
    default Plasticity plasticity() {
        return Plasticity.HELD;
    }

    /** One of many stimuli well inside the range: inputs within 0.3 of it around its middle. */
    default Stimulus typical(Descriptor card, int which) {
        List<Channel> inputs = card.channels(Role.INPUT);
        double[] row = new double[inputs.size()];
        for (int i = 0; i < row.length; i++) {
            Channel channel = inputs.get(i);
            double middle = 0.5 * (channel.min() + channel.max());
            row[i] = middle + 0.3 * (channel.max() - middle) * Math.sin(1 + 2.3 * i + 1.7 * which);
        }
        return Stimulus.of(Levels.of(Role.INPUT, row)).when(plasticity());
    }

    /** The same inputs as before, whatever they were. */
    private Stimulus unchanged() {
        return Stimulus.of(Levels.NONE).when(plasticity());
    }

    private static Response ask(Device device, Stimulus stimulus) {
        return device.present(stimulus, Deadline.NEVER);
    }

    private static Deadline passed() {
        return Deadline.in(Duration.ZERO, () -> 0);
    }

    private static double[] filled(int length, double value) {
        double[] filled = new double[length];
        Arrays.fill(filled, value);
        return filled;
    }

    /** What is expected of two answers to the same question on one device. */
    private void assertAlike(Response answer, Response expected) {
        assertThat(answer.levels().roles()).isEqualTo(expected.levels().roles());
        for (Role role : expected.levels().roles()) {
            for (int lane = 0; lane < expected.levels().rows(role); lane++) {
                assertThat(answer.levels().row(role, lane))
                        .as("role %s, lane %s", role, lane)
                        .containsExactly(expected.levels().row(role, lane), within(tolerance(role)));
            }
        }
    }

    /** What is expected of two answers that came to the same question after the same history. */
    private void assertSameHistory(Response answer, Response expected) {
        if (reproducible()) {
            // The rest follows; but these are what a person wants to see first.
            assertThat(answer.quality()).isEqualTo(expected.quality());
            assertThat(outputs(answer)).containsExactly(outputs(expected));
            assertThat(answer).isEqualTo(expected);
        } else {
            assertAlike(answer, expected);
        }
    }

    /** Something done between two questions. */
    interface Attempt {
        void on(Device device);
    }

    /** Makes an attempt that must fail in the midst of some exchanges, which must go on as if it had not been made. */
    private void assertNothingChangedBy(Attempt attempt) {
        List<Response> undisturbed = around(device -> {});
        List<Response> disturbed = around(attempt);
        for (int i = 0; i < disturbed.size(); i++) {
            assertSameHistory(disturbed.get(i), undisturbed.get(i));
        }
    }

    private List<Response> around(Attempt attempt) {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            Response before = ask(device, typical(card, 1));
            attempt.on(device);
            return List.of(before, ask(device, unchanged()), ask(device, typical(card, 2)));
        }
    }

    /** A stimulus that must be refused as the caller's mistake, with these words, and leave no trace. */
    private void assertRefused(Stimulus stimulus, String... words) {
        assertNothingChangedBy(device -> assertThatIllegalArgumentException()
                .isThrownBy(() -> ask(device, stimulus))
                .withMessageContainingAll(words));
    }

    private Descriptor card() {
        try (Device device = open()) {
            return device.descriptor();
        }
    }

    private static List<Role> imposable(Descriptor card) {
        return java.util.stream.Stream.of(Role.INPUT, Role.KNOB, Role.SOFTNESS, Role.PARAMETER)
                .filter(role -> card.count(role) > 0)
                .toList();
    }

    private static double[] safe(Descriptor card, Role role) {
        return card.channels(role).stream().mapToDouble(Channel::safe).toArray();
    }

    /** All springs far stiffer than usual. */
    private static Levels stiff(Descriptor card) {
        return Levels.of(
                Role.SOFTNESS,
                card.channels(Role.SOFTNESS).stream()
                        .mapToDouble(spring -> 1e-4 * spring.safe())
                        .toArray());
    }

    private static double[] outputs(Response response) {
        return response.outputs(0);
    }

    private static double distance(double[] a, double[] b) {
        double distance = 0;
        for (int i = 0; i < a.length; i++) {
            distance = Math.max(distance, Math.abs(a[i] - b[i]));
        }
        return distance;
    }

    // The card

    @Test
    default void itsCardStaysTheSameObject() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            String digest = card.digest();
            ask(device, typical(card, 1));
            assertThat(device.descriptor()).isSameAs(card);
            assertThat(card.digest()).isEqualTo(digest);
        }
    }

    @Test
    default void openedAgainItShowsTheSameCard() {
        assertThat(card()).isEqualTo(card());
        assertThat(card().digest()).isEqualTo(card().digest());
    }

    @Test
    default void itHasSomethingToAskAndSomethingToAnswer() {
        Descriptor card = card();
        assertThat(card.count(Role.INPUT)).isPositive();
        assertThat(card.count(Role.OUTPUT)).isPositive();
        assertThat(card.nudges()).isNotEmpty();
    }

    // The answer

    @Test
    default void itAnswersOnEveryChannelThatItReads() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            Levels levels = ask(device, typical(card, 1)).levels();
            List<Role> read = new ArrayList<>(List.of(Role.OUTPUT));
            if (card.count(Role.MONITOR) > 0) {
                read.add(Role.MONITOR);
            }
            if (card.count(Role.FORCE) > 0) {
                read.add(Role.FORCE);
            }
            if ((card.can(Ability.COMPLIANCE) || card.can(Ability.HOMEOSTASIS)) && card.count(Role.PARAMETER) > 0) {
                read.add(Role.PARAMETER);
            }
            assertThat(levels.roles()).containsExactlyInAnyOrderElementsOf(read);
            for (Role role : read) {
                assertThat(levels.positions(role)).isNull();
                assertThat(levels.size(role)).isEqualTo(card.count(role));
                assertThat(levels.rows(role)).isEqualTo(role.shared() ? 1 : card.lanes());
            }
        }
    }

    @Test
    default void whatItReadsLiesInTheRangeOfItsChannels() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            for (int which = 0; which < 4; which++) {
                Levels levels = ask(device, typical(card, which)).levels();
                for (Role role : levels.roles()) {
                    for (int lane = 0; lane < levels.rows(role); lane++) {
                        for (int i = 0; i < levels.size(role); i++) {
                            Channel channel = card.channels(role).get(i);
                            assertThat(levels.at(role, lane, i)).isBetween(channel.min(), channel.max());
                        }
                    }
                }
            }
        }
    }

    @Test
    default void aTypicalStimulusSettles() {
        try (Device device = open()) {
            for (int which = 0; which < 4; which++) {
                assertThat(ask(device, typical(device.descriptor(), which)).quality())
                        .isEqualTo(Quality.SETTLED);
            }
        }
    }

    @Test
    default void theSafeStimulusIsAccepted() {
        try (Device device = open()) {
            Stimulus safe = device.descriptor().safe().when(plasticity());
            assertThat(ask(device, safe).quality().held()).isTrue();
        }
    }

    @Test
    default void theEndsOfTheRangeOfItsInputsAreAccepted() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            List<Channel> inputs = card.channels(Role.INPUT);
            for (double[] ends : new double[][] {
                inputs.stream().mapToDouble(Channel::min).toArray(),
                inputs.stream().mapToDouble(Channel::max).toArray()
            }) {
                Response response =
                        ask(device, Stimulus.of(Levels.of(Role.INPUT, ends)).when(plasticity()));
                assertThat(response.levels().has(Role.OUTPUT)).isTrue();
            }
        }
    }

    @Test
    default void theEndsOfTheRangeOfItsNudgesAreAccepted() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            assumeTrue(card.realises(Nudge.Kind.FORCE));
            if (card.count(Role.SOFTNESS) > 0) {
                // Springs too stiff to give way, so that parameters can be held whatever pulls.
                ask(device, Stimulus.of(stiff(card)).when(plasticity()));
            }
            Response free = ask(device, typical(card, 1));
            Channel first = card.channels(Role.NUDGE).getFirst();
            for (double end : new double[] {first.min(), first.max()}) {
                double[] force = new double[card.count(Role.NUDGE)];
                force[0] = end;
                Response pushed = ask(device, typical(card, 1).nudged(new Nudge.Force(Levels.of(Role.NUDGE, force))));
                assertThat(Math.signum(end) * (outputs(pushed)[0] - outputs(free)[0]))
                        .isPositive();
            }
        }
    }

    @Test
    default void withoutLevelsItAnswersFromItsSafeLevelsAtFirst() {
        try (Device first = unread().orElse(null);
                Device second = unread().orElse(null)) {
            assumeTrue(first != null && second != null, "it cannot be opened without an exchange");
            Stimulus safe = second.descriptor().safe().when(plasticity());
            assertAlike(ask(first, unchanged()), ask(second, safe));
        }
    }

    @Test
    default void otherInputsGiveOtherOutputs() {
        try (Device device = open()) {
            double[] one = outputs(ask(device, typical(device.descriptor(), 1)));
            double[] other = outputs(ask(device, typical(device.descriptor(), 2)));
            assertThat(distance(one, other)).isGreaterThan(2 * tolerance(Role.OUTPUT));
        }
    }

    @Test
    default void theSameInputsGiveTheSameOutputsWhateverWasAskedBetween() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            Response first = ask(device, typical(card, 1));
            ask(device, typical(card, 2));
            ask(device, typical(card, 3));
            assertAlike(ask(device, typical(card, 1)), first);
        }
    }

    @Test
    default void openedAgainItGivesTheSameAnswers() {
        List<Response> before = new ArrayList<>();
        for (int opening = 0; opening < 2; opening++) {
            try (Device device = open()) {
                for (int which = 0; which < 3; which++) {
                    Response answer = ask(device, typical(device.descriptor(), which));
                    if (opening == 0) {
                        before.add(answer);
                    } else {
                        assertSameHistory(answer, before.get(which));
                    }
                }
            }
        }
    }

    @Test
    default void deviceTimeAdvancesByAtLeastTheTimeItTook() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            double before = ask(device, typical(card, 1)).deviceSeconds();
            double after = ask(device, typical(card, 2)).deviceSeconds();
            assertThat(before).isPositive();
            assertThat(after - before).isPositive().isGreaterThanOrEqualTo(0.999 * card.settleSeconds());
            Settling dwell = new Settling.Dwell(10 * card.settleSeconds() + 1e-3, 1);
            double later = ask(device, typical(card, 1).settling(dwell)).deviceSeconds();
            assertThat(later - after).isGreaterThanOrEqualTo(10 * card.settleSeconds() + 0.999e-3);
        }
    }

    // What the caller got wrong

    @Test
    default void aLevelOutOfRangeIsRefusedByTheNameOfItsChannel() {
        Descriptor card = card();
        for (Role role : imposable(card)) {
            List<Channel> channels = card.channels(role);
            Channel last = channels.getLast();
            double[] levels = safe(card, role);
            levels[levels.length - 1] = last.max() + 0.01 * (last.max() - last.min());
            assertRefused(Stimulus.of(Levels.of(role, levels)).when(plasticity()), last.name(), last.unit());
            levels[levels.length - 1] = last.min() - 0.01 * (last.max() - last.min());
            assertRefused(Stimulus.of(Levels.of(role, levels)).when(plasticity()), last.name(), last.unit());
        }
    }

    @Test
    default void oneWrongLevelAmongGoodOnesImposesNoneOfThem() {
        Descriptor card = card();
        List<Channel> inputs = card.channels(Role.INPUT);
        double[] row = inputs.stream().mapToDouble(Channel::max).toArray();
        row[row.length - 1] = 2 * row[row.length - 1] + 1;
        assertRefused(
                Stimulus.of(Levels.of(Role.INPUT, row)).when(plasticity()),
                inputs.getLast().name());
    }

    @Test
    default void aNudgeOutOfRangeIsRefusedByTheNameOfItsChannel() {
        Descriptor card = card();
        Role role = card.realises(Nudge.Kind.FORCE) ? Role.NUDGE : Role.OUTPUT;
        Channel last = card.channels(role).getLast();
        double[] levels = filled(card.count(role), 0);
        levels[levels.length - 1] = 2 * last.max() + 1;
        Nudge nudge = role == Role.NUDGE
                ? new Nudge.Force(Levels.of(role, levels))
                : new Nudge.Coupling(gentleBeta(), Levels.of(role, levels));
        assertRefused(typical(card, 3).nudged(nudge), last.name());
    }

    @Test
    default void aNudgeThatLeavesOutAnOutputIsRefused() {
        Descriptor card = card();
        assumeTrue(card.count(Role.OUTPUT) > 1);
        int[] first = {0};
        Nudge nudge = card.realises(Nudge.Kind.FORCE)
                ? new Nudge.Force(Levels.some(Role.NUDGE, first, 0))
                : new Nudge.Coupling(gentleBeta(), Levels.some(Role.OUTPUT, first, 0));
        assertRefused(typical(card, 3).nudged(nudge), card.board());
    }

    @Test
    default void aKindOfNudgeThatItDoesNotRealiseIsRefused() {
        Descriptor card = card();
        for (Nudge.Kind kind : Nudge.Kind.values()) {
            if (!card.realises(kind)) {
                int outputs = card.count(Role.OUTPUT);
                Nudge nudge = switch (kind) {
                    case FORCE -> new Nudge.Force(Levels.of(Role.NUDGE, filled(outputs, 0)));
                    case COUPLING -> new Nudge.Coupling(0.1, Levels.of(Role.OUTPUT, filled(outputs, 0)));
                    case DIFFERENCE -> new Nudge.Difference(0.1, Levels.of(Role.OUTPUT, filled(outputs, 0)));
                    case CLAMP -> new Nudge.Clamp(Levels.of(Role.OUTPUT, filled(outputs, 0)));
                    case RAMP -> new Nudge.Ramp(0, 0.1, 1e-3, Levels.of(Role.OUTPUT, filled(outputs, 0)));
                };
                assertRefused(typical(card, 3).nudged(nudge), card.board(), kind.name());
            }
        }
        assertThat(card.nudges()).isNotEmpty();
    }

    @Test
    default void aRoleThatItDoesNotHaveIsRefused() {
        Descriptor card = card();
        List<Role> missing = java.util.stream.Stream.of(Role.KNOB, Role.SOFTNESS, Role.PARAMETER)
                .filter(role -> card.count(role) == 0)
                .toList();
        assumeTrue(!missing.isEmpty());
        for (Role role : missing) {
            Levels with = typical(card, 3).levels().and(Levels.of(role, 0));
            assertRefused(typical(card, 3).with(with), card.board(), role.name());
        }
    }

    @Test
    default void aWrongCountIsRefused() {
        Descriptor card = card();
        for (Role role : imposable(card)) {
            int wrong = card.count(role) + 1;
            assertRefused(
                    Stimulus.of(Levels.of(role, filled(wrong, 0))).when(plasticity()),
                    card.board(),
                    role.name(),
                    String.valueOf(wrong));
        }
    }

    @Test
    default void aPositionBeyondTheLastChannelIsRefused() {
        Descriptor card = card();
        int beyond = card.count(Role.INPUT);
        assertRefused(
                Stimulus.of(Levels.some(Role.INPUT, new int[] {beyond}, 0)).when(plasticity()),
                card.board(),
                String.valueOf(beyond),
                "INPUT");
    }

    @Test
    default void aWrongNumberOfLanesIsRefused() {
        Descriptor card = card();
        // One row would stand for all lanes.
        int fewer = card.lanes() > 2 ? card.lanes() - 1 : card.lanes() + 2;
        for (int wrong : new int[] {card.lanes() + 1, fewer}) {
            double[][] rows = new double[wrong][];
            Arrays.fill(rows, typical(card, 3).levels().row(Role.INPUT));
            assertRefused(
                    Stimulus.of(Levels.of(Role.INPUT, rows)).when(plasticity()),
                    card.board(),
                    card.lanes() + " lanes",
                    wrong + " rows");
        }
    }

    @Test
    default void aPlasticityThatItLacksIsUnsupportedWithTheRemedyAndWithoutATrace() {
        Descriptor card = card();
        assumeTrue(!card.can(Ability.HOMEOSTASIS));
        Plasticity lacking = card.can(Ability.COMPLIANCE) ? Plasticity.HELD : Plasticity.FREE;
        assertNothingChangedBy(device -> assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> ask(device, typical(card, 3).when(lacking)))
                .withMessageContainingAll(card.board(), "wrap it in a")
                .extracting(DeviceException::fault)
                .isEqualTo(Fault.UNSUPPORTED));
    }

    // Deadlines

    @Test
    default void aDeadlineThatHasPassedIsATimeoutAndImposesNothing() {
        Descriptor card = card();
        Nudge nudge = card.realises(Nudge.Kind.FORCE)
                ? new Nudge.Force(Levels.of(Role.NUDGE, filled(card.count(Role.NUDGE), gentleForce())))
                : Nudge.NONE;
        assertNothingChangedBy(device -> assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> device.present(typical(card, 3).nudged(nudge), passed()))
                .withMessageContaining(card.board())
                .satisfies(late -> assertThat(late.fault().retrySensible()).isTrue())
                .extracting(DeviceException::fault)
                .isEqualTo(Fault.TIMEOUT));
    }

    @Test
    default void parametersThatCameTooLateAreNotWritten() {
        Descriptor card = card();
        assumeTrue(card.can(Ability.WRITABLE_PARAMETERS));
        Levels late = typical(card, 3).levels().and(Levels.of(Role.PARAMETER, parameters(card, 3)));
        assertNothingChangedBy(device -> assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> device.present(typical(card, 3).with(late), passed())));
    }

    // What is not mentioned

    @Test
    default void inputsThatAreNotMentionedKeepTheirLevels() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            Response first = ask(device, typical(card, 1));
            assertAlike(ask(device, unchanged()), first);
            double[] row = typical(card, 1).levels().row(Role.INPUT);
            double[] other = typical(card, 2).levels().row(Role.INPUT);
            row[0] = other[0];
            Response partly = ask(
                    device,
                    Stimulus.of(Levels.some(Role.INPUT, new int[] {0}, other[0]))
                            .when(plasticity()));
            assertThat(distance(outputs(partly), outputs(first))).isGreaterThan(tolerance(Role.OUTPUT));
            ask(device, typical(card, 3));
            assertAlike(ask(device, Stimulus.of(Levels.of(Role.INPUT, row)).when(plasticity())), partly);
        }
    }

    @Test
    default void aNudgeIsLetGoWhenItIsNotMentioned() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            assumeTrue(card.realises(Nudge.Kind.FORCE));
            Response free = ask(device, typical(card, 1));
            Nudge push = new Nudge.Force(Levels.of(Role.NUDGE, filled(card.count(Role.NUDGE), gentleForce())));
            Response pushed = ask(device, typical(card, 1).nudged(push));
            assertThat(distance(outputs(pushed), outputs(free))).isGreaterThan(tolerance(Role.OUTPUT));
            assertAlike(ask(device, unchanged()), free);
        }
    }

    // Nudges

    @Test
    default void aForceMovesItsOutputItsOwnWay() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            assumeTrue(card.realises(Nudge.Kind.FORCE));
            double[] free = outputs(ask(device, typical(card, 1)));
            for (int k = 0; k < free.length; k++) {
                for (int sign : new int[] {1, -1}) {
                    double[] force = new double[free.length];
                    force[k] = sign * gentleForce();
                    Nudge push = new Nudge.Force(Levels.of(Role.NUDGE, force));
                    double[] pushed = outputs(ask(device, typical(card, 1).nudged(push)));
                    assertThat(sign * (pushed[k] - free[k])).as("output %s", k).isGreaterThan(tolerance(Role.OUTPUT));
                }
            }
        }
    }

    @Test
    default void aForceOfNothingIsNoNudge() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            assumeTrue(card.realises(Nudge.Kind.FORCE));
            Response free = ask(device, typical(card, 1));
            Nudge nothing = new Nudge.Force(Levels.of(Role.NUDGE, filled(card.count(Role.NUDGE), 0)));
            assertAlike(ask(device, typical(card, 1).nudged(nothing)), free);
        }
    }

    @Test
    default void aCouplingPullsTowardsItsTargetAndANegativeOnePushesAway() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            assumeTrue(card.realises(Nudge.Kind.COUPLING));
            double[] free = outputs(ask(device, typical(card, 1)));
            for (int k = 0; k < free.length; k++) {
                for (double away : new double[] {gentleDistance(), -gentleDistance()}) {
                    double[] target = free.clone();
                    target[k] += away;
                    Levels targets = Levels.of(Role.OUTPUT, target);
                    double pulled =
                            outputs(ask(device, typical(card, 1).nudged(new Nudge.Coupling(gentleBeta(), targets))))[k];
                    double pushed = outputs(
                            ask(device, typical(card, 1).nudged(new Nudge.Coupling(-gentleBeta(), targets))))[k];
                    double move = Math.signum(away) * (pulled - free[k]);
                    assertThat(move).isBetween(tolerance(Role.OUTPUT), Math.abs(away));
                    assertThat(Math.signum(away) * (pushed - free[k])).isLessThan(-tolerance(Role.OUTPUT));
                }
            }
        }
    }

    @Test
    default void aCouplingToWhereTheOutputsStandMovesNothing() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            assumeTrue(card.realises(Nudge.Kind.COUPLING));
            Response free = ask(device, typical(card, 1));
            Nudge still = new Nudge.Coupling(gentleBeta(), free.levels().only(Role.OUTPUT));
            assertAlike(ask(device, typical(card, 1).nudged(still)), free);
        }
    }

    /** A difference that makes a gentle force on every output, now up, now down. */
    private Nudge.Difference gentleDifference(Descriptor card, Response free, double sign) {
        double[][] targets = new double[card.lanes()][];
        for (int lane = 0; lane < targets.length; lane++) {
            targets[lane] = free.outputs(lane);
            for (int k = 0; k < targets[lane].length; k++) {
                targets[lane][k] += (k + lane) % 2 == 0 ? gentleDistance() : -gentleDistance();
            }
        }
        double beta = sign * gentleForce() / (card.betaUnit() * gentleDistance());
        return new Nudge.Difference(beta, Levels.of(Role.OUTPUT, targets));
    }

    @Test
    default void aDifferenceBeforeAReadingWithoutANudgeIsRefused() {
        try (Device first = unread().orElse(null);
                Device second = unread().orElse(null)) {
            assumeTrue(first != null && second != null, "it cannot be opened without an exchange");
            Descriptor card = first.descriptor();
            assumeTrue(card.realises(Nudge.Kind.DIFFERENCE));
            Levels targets = Levels.of(Role.OUTPUT, filled(card.count(Role.OUTPUT), gentleDistance()));
            Levels imposed = typical(card, 3).levels();
            if (card.can(Ability.WRITABLE_PARAMETERS)) {
                imposed = imposed.and(Levels.of(Role.PARAMETER, parameters(card, 3)));
            }
            Stimulus early = typical(card, 3).with(imposed).nudged(new Nudge.Difference(0.1, targets));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ask(first, early))
                    .withMessageContaining(card.board())
                    .withMessageContaining("without a nudge");
            // Being read under a nudge does not help; and nothing of what was refused remains.
            Stimulus pushed = unchanged()
                    .nudged(new Nudge.Force(Levels.of(Role.NUDGE, filled(card.count(Role.NUDGE), gentleForce()))));
            assertSameHistory(ask(first, pushed), ask(second, pushed));
            assertThatIllegalArgumentException().isThrownBy(() -> ask(first, early));
            assertSameHistory(ask(first, unchanged()), ask(second, unchanged()));
            assertSameHistory(ask(first, typical(card, 1)), ask(second, typical(card, 1)));
            assertThat(ask(first, typical(card, 1).nudged(early.nudge()))
                            .levels()
                            .has(Role.OUTPUT))
                    .isTrue();
        }
    }

    @Test
    default void aDifferenceIsTheForceThatItComesTo() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            assumeTrue(card.realises(Nudge.Kind.DIFFERENCE));
            for (double sign : new double[] {1, -1}) {
                Response free = ask(device, typical(card, 1));
                double[][] force = new double[card.lanes()][card.count(Role.NUDGE)];
                for (int lane = 0; lane < force.length; lane++) {
                    for (int k = 0; k < force[lane].length; k++) {
                        force[lane][k] = sign * ((k + lane) % 2 == 0 ? gentleForce() : -gentleForce());
                    }
                }
                Response pulled = ask(device, typical(card, 1).nudged(gentleDifference(card, free, sign)));
                Response pushed = ask(device, typical(card, 1).nudged(new Nudge.Force(Levels.of(Role.NUDGE, force))));
                assertAlike(pulled, pushed);
                for (int lane = 0; lane < card.lanes(); lane++) {
                    assertThat(distance(pulled.outputs(lane), free.outputs(lane)))
                            .isGreaterThan(tolerance(Role.OUTPUT));
                }
            }
        }
    }

    @Test
    default void aDifferenceOfNoStrengthOrNoDistanceMovesNothing() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            assumeTrue(card.realises(Nudge.Kind.DIFFERENCE));
            Response free = ask(device, typical(card, 1));
            Nudge weak = new Nudge.Difference(0, gentleDifference(card, free, 1).target());
            assertAlike(ask(device, typical(card, 1).nudged(weak)), free);
            Nudge still = new Nudge.Difference(Double.MAX_VALUE, free.levels().only(Role.OUTPUT));
            assertAlike(ask(device, typical(card, 1).nudged(still)), free);
        }
    }

    @Test
    default void aDifferenceIsTakenFromTheLastReadingWithoutANudge() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            assumeTrue(card.realises(Nudge.Kind.DIFFERENCE));
            Response free = ask(device, typical(card, 1));
            Nudge up = gentleDifference(card, free, 1);
            Response first = ask(device, typical(card, 1).nudged(up));
            ask(device, typical(card, 1).nudged(gentleDifference(card, free, -1)));
            assertAlike(ask(device, typical(card, 1).nudged(up)), first);
            // Under other inputs the outputs stand elsewhere, and so the same target pulls otherwise.
            double[] elsewhere = outputs(ask(device, typical(card, 2)));
            Nudge still = new Nudge.Difference(1, Levels.of(Role.OUTPUT, elsewhere));
            assumeTrue(card.lanes() == 1);
            assertThat(outputs(ask(device, unchanged().nudged(still))))
                    .containsExactly(elsewhere, within(tolerance(Role.OUTPUT)));
        }
    }

    @Test
    default void aDifferenceBeyondTheRangeOfItsChannelIsTheStrongestForce() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            assumeTrue(card.realises(Nudge.Kind.DIFFERENCE));
            if (card.count(Role.SOFTNESS) > 0) {
                // Springs too stiff to give way, so that parameters can be held whatever pulls.
                ask(device, Stimulus.of(stiff(card)).when(plasticity()));
            }
            Channel channel = card.channels(Role.NUDGE).getFirst();
            for (double sign : new double[] {1, -1}) {
                Response free = ask(device, typical(card, 1));
                double[][] targets = new double[card.lanes()][];
                for (int lane = 0; lane < targets.length; lane++) {
                    targets[lane] = free.outputs(lane);
                    targets[lane][0] += gentleDistance();
                }
                Nudge far = new Nudge.Difference(sign * 1e9, Levels.of(Role.OUTPUT, targets));
                double[] force = filled(card.count(Role.NUDGE), 0);
                force[0] = sign > 0 ? channel.max() : channel.min();
                Response pulled = ask(device, typical(card, 1).nudged(far));
                assertAlike(
                        pulled, ask(device, typical(card, 1).nudged(new Nudge.Force(Levels.of(Role.NUDGE, force)))));
                assertThat(sign * (outputs(pulled)[0] - outputs(free)[0])).isGreaterThan(tolerance(Role.OUTPUT));
            }
        }
    }

    @Test
    default void aTargetOutOfRangeOrIncompleteIsRefused() {
        Descriptor card = card();
        Channel last = card.channels(Role.OUTPUT).getLast();
        double[] targets = filled(card.count(Role.OUTPUT), 0);
        if (card.realises(Nudge.Kind.DIFFERENCE)) {
            if (targets.length > 1) {
                Levels some = Levels.some(Role.OUTPUT, new int[] {0}, 0);
                assertRefused(typical(card, 3).nudged(new Nudge.Difference(0.1, some)), card.board());
            }
            targets[targets.length - 1] = 2 * last.max() + 1;
            Levels beyond = Levels.of(Role.OUTPUT, targets);
            assertRefused(typical(card, 3).nudged(new Nudge.Difference(0.1, beyond)), last.name());
        }
    }

    /** A whole step in one round trip: free, pulled away, pulled towards. */
    @Test
    default void differencesInABatchRestOnTheFreeReadingInThatBatch() {
        Descriptor card = card();
        assumeTrue(card.realises(Nudge.Kind.DIFFERENCE));
        Levels targets = Levels.of(Role.OUTPUT, filled(card.count(Role.OUTPUT), gentleDistance()));
        double beta = gentleForce() / (card.betaUnit() * gentleDistance());
        List<Stimulus> step = List.of(
                typical(card, 1),
                typical(card, 1).nudged(new Nudge.Difference(-beta / 2, targets)),
                typical(card, 1)
                        .nudged(new Nudge.Difference(beta / 2, targets))
                        .when(card.can(Ability.HOMEOSTASIS) ? Plasticity.FREE : plasticity()));
        List<Response> single = new ArrayList<>();
        try (Device device = open()) {
            ask(device, typical(card, 2));
            step.forEach(stimulus -> single.add(ask(device, stimulus)));
        }
        try (Device device = open()) {
            ask(device, typical(card, 2));
            List<Response> batch = device.presentAll(step, Deadline.NEVER);
            assertThat(batch).hasSize(step.size());
            for (int i = 0; i < batch.size(); i++) {
                assertSameHistory(batch.get(i), single.get(i));
            }
        }
    }

    /** Whether it refuses such a nudge or answers that it was unstable: what comes after is as if it had not been. */
    @Test
    default void aCouplingThatNoOutputBearsLeavesNoTrace() {
        Descriptor card = card();
        assumeTrue(card.realises(Nudge.Kind.COUPLING));
        double[] targets = filled(card.count(Role.OUTPUT), gentleDistance());
        Nudge unbearable = new Nudge.Coupling(-1e6, Levels.of(Role.OUTPUT, targets));
        try (Device device = open()) {
            Response before = ask(device, typical(card, 1));
            try {
                assertThat(ask(device, typical(card, 2).nudged(unbearable))
                                .quality()
                                .held())
                        .isFalse();
                ask(device, typical(card, 1));
            } catch (IllegalArgumentException refused) {
                assertThat(refused).hasMessageContaining("nudge");
            }
            assertAlike(ask(device, unchanged()), before);
        }
    }

    // Parameters

    @Test
    default void heldParametersStayWhereTheyAreWhateverPullsTheOutputs() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            assumeTrue(plasticity() == Plasticity.HELD && card.realises(Nudge.Kind.FORCE));
            Response free = ask(device, typical(card, 1));
            for (int sign : new int[] {1, -1}) {
                Nudge push =
                        new Nudge.Force(Levels.of(Role.NUDGE, filled(card.count(Role.NUDGE), sign * gentleForce())));
                Response pushed = ask(device, typical(card, 1).nudged(push));
                if (free.levels().has(Role.PARAMETER)) {
                    assertThat(pushed.parameters())
                            .containsExactly(free.parameters(), within(tolerance(Role.PARAMETER)));
                }
            }
            assertAlike(ask(device, typical(card, 1)), free);
        }
    }

    @Test
    default void freeParametersMoveWithTheNudgeAndAreHeldWhereTheyWent() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            assumeTrue(card.can(Ability.HOMEOSTASIS) && card.realises(Nudge.Kind.FORCE));
            Response free = ask(device, typical(card, 1));
            Nudge push = new Nudge.Force(Levels.of(Role.NUDGE, filled(card.count(Role.NUDGE), gentleForce())));
            Response moved = ask(device, typical(card, 1).nudged(push).when(Plasticity.FREE));
            Response held = ask(device, typical(card, 1));
            if (card.count(Role.PARAMETER) > 0) {
                assertThat(distance(moved.parameters(), free.parameters())).isGreaterThan(tolerance(Role.PARAMETER));
                assertThat(held.parameters()).containsExactly(moved.parameters(), within(tolerance(Role.PARAMETER)));
            }
            // Agnostic EP in one line: what was pulled up stands higher when it is let go.
            double rise = Arrays.stream(outputs(held)).sum()
                    - Arrays.stream(outputs(free)).sum();
            assertThat(rise).isPositive();
        }
    }

    @Test
    default void parametersLetGoWithoutANudgeStayWhereTheyWereHeld() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            assumeTrue(card.can(Ability.HOMEOSTASIS));
            Response held = ask(device, typical(card, 1));
            Response free = ask(device, typical(card, 1).when(Plasticity.FREE));
            if (card.count(Role.PARAMETER) > 0) {
                assertThat(free.parameters()).containsExactly(held.parameters(), within(tolerance(Role.PARAMETER)));
            } else {
                assertAlike(free, held);
                assertAlike(ask(device, typical(card, 1)), held);
            }
        }
    }

    @Test
    default void parametersThatAreWrittenChangeTheOutputsAndOnlyThoseWritten() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            assumeTrue(card.can(Ability.WRITABLE_PARAMETERS));
            double[] some = parameters(card, 1);
            double[] other = parameters(card, 2);
            Levels inputs = typical(card, 1).levels();
            Response first = ask(device, typical(card, 1).with(inputs.and(Levels.of(Role.PARAMETER, some))));
            Response second = ask(device, typical(card, 1).with(inputs.and(Levels.of(Role.PARAMETER, other))));
            assertThat(distance(outputs(second), outputs(first))).isGreaterThan(2 * tolerance(Role.OUTPUT));
            // Every other one, by position; then the rest.
            ask(device, typical(card, 1).with(inputs.and(everyOther(some, 1))));
            Response again = ask(device, typical(card, 1).with(inputs.and(everyOther(some, 0))));
            assertAlike(again, first);
            assertAlike(ask(device, unchanged()), first);
        }
    }

    private static Levels everyOther(double[] parameters, int first) {
        int[] positions = java.util.stream.IntStream.range(0, parameters.length)
                .filter(k -> k % 2 == first)
                .toArray();
        double[] levels =
                Arrays.stream(positions).mapToDouble(k -> parameters[k]).toArray();
        return Levels.some(Role.PARAMETER, positions, levels);
    }

    // Readings

    @Test
    default void averagingIsToldAndLowersTheStandardError() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            Response few = ask(device, typical(card, 1).settling(new Settling.Usual(4)));
            Response many = ask(device, typical(card, 1).settling(new Settling.Usual(400)));
            assertThat(few.reads()).isEqualTo(4);
            assertThat(many.reads()).isEqualTo(400);
            assertThat(ask(device, typical(card, 1)).reads()).isEqualTo(1);
            assertAlike(many, few);
            if (few.errors().has(Role.OUTPUT)) {
                double noise = Arrays.stream(few.errors().row(Role.OUTPUT)).sum();
                double less = Arrays.stream(many.errors().row(Role.OUTPUT)).sum();
                assertThat(noise).isNotNegative();
                // A tenth is expected; the larger half comes from only four readings a channel.
                assertThat(less).isLessThanOrEqualTo(0.5 * noise);
            }
        }
    }

    @Test
    default void standardErrorsBelongToLevelsThatWereRead() {
        try (Device device = open()) {
            Response response = ask(device, typical(device.descriptor(), 1).settling(new Settling.Usual(4)));
            assertThat(response.levels().roles()).containsAll(response.errors().roles());
            for (Role role : response.errors().roles()) {
                assertThat(response.errors().size(role))
                        .isEqualTo(response.levels().size(role));
                assertThat(Arrays.stream(response.errors().row(role))).allMatch(error -> error >= 0);
            }
        }
    }

    @Test
    default void readTooEarlyItSaysSo() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            assumeTrue(card.settleSeconds() > 0);
            ask(device, typical(card, 1));
            Settling early = new Settling.Dwell(0.05 * card.settleSeconds(), 1);
            Quality quality = ask(device, typical(card, 2).settling(early)).quality();
            assertThat(quality.verdict()).isEqualTo(Verdict.UNSETTLED);
            assertThat(quality.remark()).isNotEmpty();
            Settling late = new Settling.Dwell(3 * card.settleSeconds(), 1);
            assertThat(ask(device, typical(card, 2).settling(late)).quality()).isEqualTo(Quality.SETTLED);
        }
    }

    @Test
    default void aReadingAtTheEndOfItsRangeIsNamed() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            assumeTrue(!clipping(card).isEmpty(), "nothing that it reads can leave its range");
            Quality quality = Quality.SETTLED;
            for (Stimulus stimulus : clipping(card)) {
                quality = ask(device, stimulus).quality();
            }
            assertThat(quality.verdict()).isEqualTo(Verdict.CLIPPED);
            List<Channel> read = new ArrayList<>(card.channels(Role.OUTPUT));
            read.addAll(card.channels(Role.MONITOR));
            assertThat(read.stream().map(Channel::name)).contains(quality.channel());
            assertThat(quality.remark()).contains(quality.channel());
        }
    }

    // Lanes and batches

    @Test
    default void everyLaneAnswersItsOwnInputs() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            double[][] rows = new double[card.lanes()][];
            double[][] alone = new double[card.lanes()][];
            for (int lane = 0; lane < rows.length; lane++) {
                rows[lane] = typical(card, lane).levels().row(Role.INPUT);
                alone[lane] = ask(device, typical(card, lane)).outputs(lane);
            }
            Response together =
                    ask(device, Stimulus.of(Levels.of(Role.INPUT, rows)).when(plasticity()));
            for (int lane = 0; lane < rows.length; lane++) {
                assertThat(together.outputs(lane)).containsExactly(alone[lane], within(tolerance(Role.OUTPUT)));
            }
        }
    }

    @Test
    default void everyLaneIsNudgedByItsOwn() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            assumeTrue(card.realises(Nudge.Kind.FORCE));
            Response free = ask(device, typical(card, 1));
            double[][] force = new double[card.lanes()][card.count(Role.NUDGE)];
            Arrays.fill(force[card.lanes() - 1], gentleForce());
            Response pushed = ask(device, typical(card, 1).nudged(new Nudge.Force(Levels.of(Role.NUDGE, force))));
            for (int lane = 0; lane < card.lanes(); lane++) {
                double move = distance(pushed.outputs(lane), free.outputs(lane));
                if (lane == card.lanes() - 1) {
                    assertThat(move).isGreaterThan(tolerance(Role.OUTPUT));
                } else {
                    assertThat(move).isLessThanOrEqualTo(tolerance(Role.OUTPUT));
                }
            }
        }
    }

    @Test
    default void aBatchIsAnsweredLikeItsStimuliOneByOne() {
        List<Response> single = new ArrayList<>();
        Descriptor card = card();
        List<Stimulus> stimuli = List.of(typical(card, 1), typical(card, 2), unchanged(), typical(card, 1));
        try (Device device = open()) {
            stimuli.forEach(stimulus -> single.add(ask(device, stimulus)));
        }
        try (Device device = open()) {
            List<Response> batch = device.presentAll(stimuli, Deadline.NEVER);
            assertThat(batch).hasSize(stimuli.size());
            for (int i = 0; i < batch.size(); i++) {
                assertSameHistory(batch.get(i), single.get(i));
            }
            assertThat(device.presentAll(List.of(), Deadline.NEVER)).isEmpty();
        }
    }

    @Test
    default void aBatchWithAWrongStimulusIsRefusedAsAWhole() {
        Descriptor card = card();
        double[] far = card.channels(Role.INPUT).stream()
                .mapToDouble(channel -> 2 * channel.max() + 1)
                .toArray();
        List<Stimulus> batch = List.of(
                typical(card, 3), Stimulus.of(Levels.of(Role.INPUT, far)).when(plasticity()));
        assertNothingChangedBy(device -> assertThatIllegalArgumentException()
                .isThrownBy(() -> device.presentAll(batch, Deadline.NEVER))
                .withMessageContaining(card.channels(Role.INPUT).getFirst().name()));
    }

    @Test
    default void aBatchTakesTimeAndAnswersInOrder() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            double before = ask(device, typical(card, 1)).deviceSeconds();
            for (Response response :
                    device.presentAll(List.of(typical(card, 1), typical(card, 2), unchanged()), Deadline.NEVER)) {
                assertThat(response.deviceSeconds() - before)
                        .isPositive()
                        .isGreaterThanOrEqualTo(0.999 * card.settleSeconds());
                before = response.deviceSeconds();
            }
            assertThat(ask(device, unchanged()).deviceSeconds()).isGreaterThan(before);
        }
    }

    @Test
    default void aBatchTellsTheQualityOfEachOfItsAnswers() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            assumeTrue(card.settleSeconds() > 0);
            Settling early = new Settling.Dwell(0.05 * card.settleSeconds(), 1);
            List<Response> batch = device.presentAll(
                    List.of(typical(card, 1), typical(card, 2).settling(early), typical(card, 2)), Deadline.NEVER);
            assertThat(batch)
                    .extracting(response -> response.quality().verdict())
                    .containsExactly(Verdict.SETTLED, Verdict.UNSETTLED, Verdict.SETTLED);
        }
    }

    @Test
    default void everyStimulusOfABatchIsReadAsOftenAsItAsks() {
        try (Device device = open()) {
            List<Stimulus> batch = java.util.stream.IntStream.of(1, 7, 1, 3)
                    .mapToObj(reads -> typical(device.descriptor(), reads).settling(new Settling.Usual(reads)))
                    .toList();
            assertThat(device.presentAll(batch, Deadline.NEVER))
                    .extracting(Response::reads)
                    .containsExactly(1, 7, 1, 3);
        }
    }

    @Test
    default void aLongBatchIsAnsweredWholeAndInOrder() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            List<Response> single = List.of(
                    ask(device, typical(card, 0)), ask(device, typical(card, 1)), ask(device, typical(card, 2)));
            List<Stimulus> stimuli = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                stimuli.add(typical(card, i % 3));
            }
            List<Response> batch = device.presentAll(stimuli, Deadline.NEVER);
            assertThat(batch).hasSize(stimuli.size());
            for (int i = 0; i < batch.size(); i++) {
                assertAlike(batch.get(i), single.get(i % 3));
            }
        }
    }

    @Test
    default void aBatchOfNothingChangesNothing() {
        assertNothingChangedBy(device ->
                assertThat(device.presentAll(List.of(), Deadline.NEVER)).isEmpty());
    }

    @Test
    default void aBatchThatComesTooLateImposesNothing() {
        Descriptor card = card();
        assertNothingChangedBy(device -> assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> device.presentAll(List.of(typical(card, 3), typical(card, 2)), passed()))
                .withMessageContaining(card.board())
                .extracting(DeviceException::fault)
                .isEqualTo(Fault.TIMEOUT));
    }

    @Test
    default void aBatchThatIsRefusedAtItsEndWritesNoParametersAtItsBeginning() {
        Descriptor card = card();
        assumeTrue(card.can(Ability.WRITABLE_PARAMETERS));
        Levels written = typical(card, 3).levels().and(Levels.of(Role.PARAMETER, parameters(card, 3)));
        double[] far = card.channels(Role.PARAMETER).stream()
                .mapToDouble(channel -> 2 * channel.max() + 1)
                .toArray();
        List<Stimulus> batch = List.of(
                typical(card, 3).with(written),
                typical(card, 2),
                Stimulus.of(Levels.of(Role.PARAMETER, far)).when(plasticity()));
        assertNothingChangedBy(device -> assertThatIllegalArgumentException()
                .isThrownBy(() -> device.presentAll(batch, Deadline.NEVER))
                .withMessageContaining(card.channels(Role.PARAMETER).getFirst().name()));
    }

    @Test
    default void aBatchWithAPlasticityThatItLacksIsRefusedAsAWhole() {
        Descriptor card = card();
        assumeTrue(!card.can(Ability.HOMEOSTASIS));
        Plasticity lacking = card.can(Ability.COMPLIANCE) ? Plasticity.HELD : Plasticity.FREE;
        List<Stimulus> batch = List.of(typical(card, 3), typical(card, 2).when(lacking));
        assertNothingChangedBy(device -> assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> device.presentAll(batch, Deadline.NEVER))
                .extracting(DeviceException::fault)
                .isEqualTo(Fault.UNSUPPORTED));
    }

    // Closing and going on

    @Test
    default void closedByOtherThreadsItIsGoneForAll() throws InterruptedException {
        Device device = open();
        Descriptor card = device.descriptor();
        ask(device, typical(card, 1));
        List<Thread> closing = List.of(new Thread(device::close), new Thread(device::close));
        closing.forEach(Thread::start);
        for (Thread thread : closing) {
            thread.join();
        }
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> device.presentAll(List.of(typical(card, 1), typical(card, 2)), Deadline.NEVER))
                .extracting(DeviceException::fault)
                .isEqualTo(Fault.DISCONNECTED);
    }

    @Test
    default void closedItIsGoneAndClosingAgainIsNothing() {
        Device device = open();
        Descriptor card = device.descriptor();
        ask(device, typical(card, 1));
        device.close();
        device.close();
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> ask(device, typical(card, 1)))
                .withMessageContaining(card.board())
                .extracting(DeviceException::fault)
                .isEqualTo(Fault.DISCONNECTED);
        device.close();
    }

    private List<Stimulus> eventful(Descriptor card) {
        List<Stimulus> list = new ArrayList<>(List.of(typical(card, 1), typical(card, 2)));
        if (card.realises(Nudge.Kind.FORCE)) {
            Nudge push = new Nudge.Force(Levels.of(Role.NUDGE, filled(card.count(Role.NUDGE), gentleForce())));
            list.add(
                    typical(card, 2).nudged(push).when(card.can(Ability.HOMEOSTASIS) ? Plasticity.FREE : plasticity()));
        }
        if (card.realises(Nudge.Kind.DIFFERENCE)) {
            // The first rests on a reading from before the list, as it does in a device that was put back.
            Levels targets = Levels.of(Role.OUTPUT, filled(card.count(Role.OUTPUT), gentleDistance()));
            double beta = gentleForce() / (card.betaUnit() * gentleDistance());
            list.addFirst(typical(card, 2).nudged(new Nudge.Difference(beta, targets)));
            list.add(typical(card, 3).nudged(new Nudge.Difference(-beta, targets)));
        }
        list.add(typical(card, 3).settling(new Settling.Dwell(0.1 * card.settleSeconds(), 2)));
        return list;
    }

    /** The same inputs again, read before the device has come to rest: what it shows depends on what it showed before. */
    private Stimulus early(Descriptor card) {
        return unchanged().settling(new Settling.Dwell(0.1 * card.settleSeconds(), 1));
    }

    private static byte[] memory(Device device) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Restorable.save(device, new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    @Test
    default void restoredItGoesOnBitForBit() throws IOException {
        byte[] memory;
        List<Response> after = new ArrayList<>();
        try (Device device = open()) {
            assumeTrue(device.bare() instanceof Restorable, "a board on a bench lives on by itself");
            Descriptor card = device.descriptor();
            eventful(card).forEach(stimulus -> ask(device, stimulus));
            memory = memory(device);
            after.add(ask(device, early(card)));
            eventful(card).forEach(stimulus -> after.add(ask(device, stimulus)));
        }
        try (Device device = open()) {
            Restorable.restore(device, new DataInputStream(new ByteArrayInputStream(memory)));
            assertThat(memory(device)).isEqualTo(memory);
            assertThat(ask(device, early(device.descriptor()))).isEqualTo(after.getFirst());
            List<Stimulus> stimuli = eventful(device.descriptor());
            for (int i = 0; i < stimuli.size(); i++) {
                assertThat(ask(device, stimuli.get(i))).isEqualTo(after.get(i + 1));
            }
        }
    }

    @Test
    default void aMemoryCutShortIsRefused() throws IOException {
        try (Device device = open()) {
            assumeTrue(device instanceof Restorable);
            byte[] memory = memory(device);
            DataInputStream cut = new DataInputStream(new ByteArrayInputStream(memory, 0, memory.length - 1));
            assertThatIOException().isThrownBy(() -> Restorable.restore(device, cut));
        }
    }
}
