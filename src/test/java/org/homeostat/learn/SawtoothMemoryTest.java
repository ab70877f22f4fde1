package org.homeostat.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.homeostat.physics.HopfieldNetwork;
import org.homeostat.twin.Imperfections;
import org.homeostat.twin.Synapses;
import org.homeostat.twin.TwinDevice;
import org.junit.jupiter.api.Test;

/** A device that learns by itself, and a learner that only drives it. */
class SawtoothMemoryTest {

    private static final double BETA = 0.4;
    private static final Example EXAMPLE = new Example(Levels.of(Role.INPUT, 0.9, -0.5), new double[][] {{0.8, -0.6}});

    private final List<Stimulus> seen = new ArrayList<>();

    private Device device(double threshold) {
        HopfieldNetwork network = new HopfieldNetwork(2, 6, 2);
        Descriptor card = new Descriptor(
                "plastic",
                "none",
                1,
                Map.of(
                        Role.INPUT,
                        channels("x", Role.INPUT, 2),
                        Role.OUTPUT,
                        channels("o", Role.OUTPUT, 2),
                        Role.PARAMETER,
                        channels("w", Role.PARAMETER, network.parameters())),
                EnumSet.of(Ability.PLASTICITY, Ability.WRITABLE_PARAMETERS),
                EnumSet.of(Nudge.Kind.RAMP),
                1,
                1,
                List.of());
        TwinDevice twin = new TwinDevice(
                card,
                network,
                new int[0],
                Imperfections.NONE,
                1e-10,
                1,
                new Synapses(
                        0.05, 0, 8, 4, filled(network.parameters(), threshold), filled(network.parameters(), 0.2)));
        double[] start =
                new SplittableRandom(4).doubles(network.parameters(), -0.3, 0.3).toArray();
        twin.present(Stimulus.of(Levels.of(Role.PARAMETER, start)), Deadline.in(Duration.ofSeconds(9)));
        return new Device() {
            @Override
            public Descriptor descriptor() {
                return card;
            }

            @Override
            public Response present(Stimulus stimulus, Deadline deadline) {
                seen.add(stimulus);
                return twin.present(stimulus, deadline);
            }

            @Override
            public void close() {
                twin.close();
            }
        };
    }

    private static double[] filled(int count, double value) {
        double[] filled = new double[count];
        Arrays.fill(filled, value);
        return filled;
    }

    private static List<Channel> channels(String stem, Role role, int count) {
        List<Channel> list = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            list.add(new Channel(stem + i, role, "1", -8, 8, 0, Scale.CONTINUOUS));
        }
        return list;
    }

    private static SawtoothMemory learner() {
        return new SawtoothMemory(new SawtoothMemory.Settings(BETA, Settling.USUAL, 1), new Cost.SquaredError());
    }

    private static Step step(SawtoothMemory learner, Device device) {
        return learner.step(device, EXAMPLE, Deadline.in(Duration.ofSeconds(9)));
    }

    @Test
    void theDeviceLearnsWhileItIsDriven() {
        Device device = device(0.002);
        SawtoothMemory learner = learner();
        double first = step(learner, device).cost();
        double last = first;
        for (int i = 0; i < 60; i++) {
            last = step(learner, device).cost();
        }
        assertThat(last).isLessThan(0.05 * first);
    }

    @Test
    void withoutAThresholdItLearnsNothing() {
        Device device = device(0);
        SawtoothMemory learner = learner();
        Step first = step(learner, device);
        Step last = first;
        for (int i = 0; i < 20; i++) {
            last = step(learner, device);
        }
        assertThat(last.cost()).isCloseTo(first.cost(), within(1e-3 * first.cost()));
    }

    @Test
    void theFastWayLeadsTowardsTheTargetOnEitherSide() {
        Device device = device(0.002);
        SawtoothMemory learner = learner();
        int positive = 0;
        for (int i = 0; i < 20; i++) {
            seen.clear();
            assertThat(step(learner, device).exchanges()).isEqualTo(3);
            assertThat(seen).hasSize(3);
            assertThat(seen.getFirst().nudge()).isEqualTo(Nudge.NONE);
            assertThat(seen.getFirst().plasticity()).isEqualTo(Plasticity.HELD);
            List<Nudge.Ramp> ramps = seen.stream()
                    .skip(1)
                    .peek(stimulus -> assertThat(stimulus.plasticity()).isEqualTo(Plasticity.FREE))
                    .map(stimulus -> (Nudge.Ramp) stimulus.nudge())
                    .toList();
            assertThat(ramps.getFirst().from()).isZero();
            assertThat(ramps.getLast().to()).isZero();
            assertThat(ramps.getFirst().to()).isEqualTo(ramps.getLast().from());
            boolean up = ramps.getFirst().to() > 0;
            assertThat(Math.abs(ramps.getFirst().to())).isEqualTo(BETA);
            Nudge.Ramp fast = up ? ramps.getFirst() : ramps.getLast();
            Nudge.Ramp slow = up ? ramps.getLast() : ramps.getFirst();
            assertThat(fast.to()).isGreaterThan(fast.from());
            assertThat(slow.seconds()).isEqualTo(30 * fast.seconds());
            positive += up ? 1 : 0;
        }
        assertThat(positive).isBetween(4, 16);
    }

    @Test
    void itGoesOnWhereItWasSaved() throws IOException {
        SawtoothMemory one = learner();
        Device device = device(0.002);
        for (int i = 0; i < 3; i++) {
            step(one, device);
        }
        ByteArrayOutputStream saved = new ByteArrayOutputStream();
        one.save(new DataOutputStream(saved));
        SawtoothMemory two = learner();
        two.restore(new DataInputStream(new ByteArrayInputStream(saved.toByteArray())));
        for (int i = 0; i < 8; i++) {
            seen.clear();
            step(one, device);
            Nudge expected = seen.get(1).nudge();
            seen.clear();
            step(two, device);
            assertThat(seen.get(1).nudge()).isEqualTo(expected);
        }
    }

    @Test
    void whatItCannotDoIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SawtoothMemory(
                        new SawtoothMemory.Settings(BETA, Settling.USUAL, 1), new Cost.CrossEntropy(1, 1)))
                .withMessageContaining("squared error");
        assertThatIllegalArgumentException().isThrownBy(() -> new SawtoothMemory.Settings(0, Settling.USUAL, 1));
        Descriptor card = device(0).descriptor();
        Descriptor digital = new Descriptor(
                card.board(),
                card.firmware(),
                1,
                card.channels(),
                EnumSet.of(Ability.WRITABLE_PARAMETERS),
                card.nudges(),
                1,
                1,
                List.of());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner().require(digital))
                .withMessageContaining("learn by themselves");
        Descriptor unramped = new Descriptor(
                card.board(),
                card.firmware(),
                1,
                card.channels(),
                card.abilities(),
                EnumSet.of(Nudge.Kind.COUPLING),
                1,
                1,
                List.of());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner().require(unramped))
                .withMessageContaining("steadily");
    }
}
