package org.homeostat.board;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.homeostat.catalog.Catalog;
import org.homeostat.device.Ability;
import org.homeostat.device.Card;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Quality;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.device.Start;
import org.homeostat.device.Stimulus;
import org.homeostat.run.RunStore;
import org.homeostat.wire.Bytes;
import org.homeostat.wire.Codec;
import org.homeostat.wire.MalformedException;
import org.homeostat.wire.Message.Batch;
import org.homeostat.wire.WireStimulus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What came with version 1.1 of the protocol: clamps, ramps, starts afresh, and machines that are not locked. */
final class NewWordsTest {

    private static final Descriptor CARD = card();
    private static final Translator TRANSLATOR = new Translator(CARD);

    private static Descriptor card() {
        Map<Role, List<Channel>> channels = new EnumMap<>(Role.class);
        channels.put(Role.INPUT, List.of(channel("x", Role.INPUT)));
        channels.put(Role.OUTPUT, List.of(channel("y1", Role.OUTPUT), channel("y2", Role.OUTPUT)));
        channels.put(Role.PARAMETER, List.of(channel("w", Role.PARAMETER)));
        return new Descriptor(
                "oscillators",
                "none",
                2,
                channels,
                EnumSet.of(Ability.WRITABLE_PARAMETERS, Ability.RESTART),
                EnumSet.of(Nudge.Kind.COUPLING, Nudge.Kind.CLAMP, Nudge.Kind.RAMP),
                1,
                1e-3,
                List.of());
    }

    private static Channel channel(String name, Role role) {
        return new Channel(name, role, "rad", -3, 3, 0, Scale.CONTINUOUS);
    }

    static Stream<Stimulus> stimuli() {
        Stimulus plain = Stimulus.of(Levels.of(Role.INPUT, 0.5));
        Levels one = Levels.of(Role.OUTPUT, 1.5, -0.25);
        Levels each = Levels.of(Role.OUTPUT, new double[][] {{1, 2}, {-1, -2}});
        return Stream.of(
                plain.nudged(new Nudge.Clamp(one)),
                plain.nudged(new Nudge.Clamp(each)).starting(Start.AFRESH),
                plain.nudged(new Nudge.Ramp(-0.5, 0.25, 0.01, one)),
                plain.nudged(new Nudge.Ramp(0, 1, 2.5, each)),
                plain.nudged(new Nudge.Coupling(0.1, each)).starting(Start.AFRESH),
                plain.starting(Start.AFRESH));
    }

    @ParameterizedTest
    @MethodSource("stimuli")
    void whatAHostSaysIsWhatABoardIsTold(Stimulus stimulus) throws MalformedException {
        Codec codec = new Codec(TRANSLATOR.layout());
        WireStimulus sent = TRANSLATOR.sent(stimulus);
        Bytes payload = new Bytes();
        codec.encode(1, 1, new Batch(List.of(sent)), payload);
        byte[] bytes = payload.copy();

        Batch heard = (Batch) codec.request(bytes, 0, bytes.length);

        assertThat(bytes).hasSize(Codec.BATCH_HEAD + codec.bytes(sent));
        assertThat(TRANSLATOR.told(heard.stimuli().getFirst())).isEqualTo(stimulus);
    }

    @Test
    void aRampThatTakesNoTimeIsTheSendersMistake() {
        WireStimulus.WireNudge never = new WireStimulus.WireNudge(
                org.homeostat.wire.NudgeKind.RAMP, 0, 1, Double.NaN, false, new double[][] {{0, 0}});

        assertThatIllegalArgumentException()
                .isThrownBy(() -> TRANSLATOR.told(new WireStimulus(false, 1, WireStimulus.NO_DWELL, List.of(), never)))
                .withMessageContaining("a ramp takes more than 0 s");
    }

    @Test
    void aMachineThatIsNotLockedSaysSo() {
        Quality unlocked = new Quality(Quality.Verdict.UNLOCKED, "", "oscillators 1 and 2 differ by 3 Hz");
        Response response = new Response(
                Levels.of(Role.OUTPUT, new double[][] {{0.1, 0.2}, {0.3, 0.4}}), Levels.NONE, 1, 0.001, unlocked);

        Quality heard = TRANSLATOR.read(TRANSLATOR.said(response, 1, 0), 1, 0).quality();

        assertThat(heard.verdict()).isEqualTo(Quality.Verdict.UNLOCKED);
        assertThat(heard.locked()).isFalse();
        assertThat(heard.remark()).isNotEmpty();
    }

    @Test
    void theCardTellsAllOfIt() {
        assertThat(Card.read(Card.of(CARD))).isEqualTo(CARD);
    }

    private static Device twin(String uri) {
        return new Catalog(new RunStore(Path.of("runs"))).open(uri).device();
    }

    /** The same nudge on a twin by itself and on the same twin behind the wire. */
    private static void assertSameOverTheWire(String uri, Nudge nudge, Start start) throws Exception {
        try (Device direct = twin(uri);
                Bench bench = new Bench(twin(uri))) {
            BoardDevice board = bench.armed();
            Descriptor card = direct.descriptor();
            double[] inputs = new double[card.count(Role.INPUT)];
            Arrays.setAll(inputs, i -> 0.1 * (i % 3));
            Stimulus stimulus =
                    Stimulus.of(Levels.of(Role.INPUT, inputs)).nudged(nudge).starting(start);
            Deadline deadline = Deadline.in(Duration.ofSeconds(20));

            double[] here = direct.present(stimulus, deadline).outputs(0);
            double[] there = board.present(stimulus, deadline).outputs(0);

            assertThat(board.descriptor()).isEqualTo(card);
            assertThat(there).isEqualTo(here);
            assertThat(bench.imposed()).contains(stimulus);
        }
    }

    @Test
    void aTwinBehindTheWireAnswersAsItDoesByItself() throws Exception {
        assertSameOverTheWire(
                "twin:hopfield?inputs=2&hidden=3&outputs=2",
                new Nudge.Clamp(Levels.of(Role.OUTPUT, 0.25, -0.5)),
                Start.ONWARD);
        assertSameOverTheWire(
                "twin:hopfield-memory?inputs=2&hidden=3&outputs=2",
                new Nudge.Ramp(0, 0.5, 1e-3, Levels.of(Role.OUTPUT, 0.25, -0.5)),
                Start.ONWARD);
        assertSameOverTheWire("twin:oscillators-xy", Nudge.NONE, Start.AFRESH);
    }
}
