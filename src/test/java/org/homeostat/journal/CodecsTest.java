package org.homeostat.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Quality;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.device.Stimulus;
import org.junit.jupiter.api.Test;

class CodecsTest {

    @Property
    void exchangesComeBackBitForBit(@ForAll Random random) {
        Descriptor descriptor = Samples.descriptor(random);
        ExchangeCodec putting = new ExchangeCodec(descriptor);
        ExchangeCodec taking = new ExchangeCodec(descriptor);
        for (long number = 1; number <= 20; number++) {
            if (random.nextInt(7) == 0) {
                // A writer that goes on behind an earlier one.
                putting = new ExchangeCodec(descriptor);
            }
            Exchange exchange = Samples.exchange(number, descriptor, random);
            Payload out = new Payload();
            putting.put(exchange, out);

            Exchange back = taking.take(number, new Payload(out.bytes(), 0, out.position()));

            assertThat(back).isEqualTo(exchange);
            assertSameBits(back.stimulus().levels(), exchange.stimulus().levels());
            assertSameBits(back.response().levels(), exchange.response().levels());
            assertSameBits(back.response().errors(), exchange.response().errors());
        }
    }

    private static void assertSameBits(Levels a, Levels b) {
        assertThat(a.roles()).isEqualTo(b.roles());
        for (Role role : a.roles()) {
            assertThat(a.positions(role)).isEqualTo(b.positions(role));
            assertThat(a.rows(role)).isEqualTo(b.rows(role));
            for (int lane = 0; lane < a.rows(role); lane++) {
                assertThat(bits(a.row(role, lane))).containsExactly(bits(b.row(role, lane)));
            }
        }
    }

    private static long[] bits(double[] row) {
        return Arrays.stream(row).mapToLong(Double::doubleToRawLongBits).toArray();
    }

    @Property
    void aPayloadCutShortIsRefused(@ForAll Random random) {
        Descriptor descriptor = Samples.descriptor(random);
        Payload out = new Payload();
        new ExchangeCodec(descriptor).put(Samples.exchange(1, descriptor, random), out);
        for (int length = 0; length < out.position(); length++) {
            Payload cut = new Payload(out.bytes(), 0, length);
            assertThatThrownBy(() -> new ExchangeCodec(descriptor).take(1, cut)).isInstanceOf(RuntimeException.class);
        }
    }

    @Test
    void nonsenseIsRefused() {
        // Levels, and a quality, as before the first; levels told in no way.
        refused(0, 1, 1, 0);
        refused(16, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);
        refused(0, 1, 1, 3, 2);
        // Codes for channels that the device does not have, and a number without an end.
        refused(0, 1, 1, 1, 3, 0, 0, 0);
        refused(0, 255, 255, 255, 255, 255, 255);
    }

    private static void refused(int... bytes) {
        Payload in = new Payload();
        for (int value : bytes) {
            in.putByte(value);
        }
        assertThatThrownBy(() -> new ExchangeCodec(Samples.card()).take(1, new Payload(in.bytes(), 0, in.position())))
                .isInstanceOf(RuntimeException.class)
                .hasMessageNotContaining("ends too early");
    }

    @Property
    void numbersComeBack(@ForAll int value, @ForAll long wide, @ForAll double level) {
        Payload out = new Payload();
        out.putVarint(value);
        out.putInt(value);
        out.putLong(wide);
        out.putDouble(level);
        out.putFixed(value, 4);
        Payload in = new Payload(out.bytes(), 0, out.position());

        assertThat(in.takeVarint()).isEqualTo(value);
        assertThat(in.takeInt()).isEqualTo(value);
        assertThat(in.takeLong()).isEqualTo(wide);
        assertThat(Double.doubleToRawLongBits(in.takeDouble())).isEqualTo(Double.doubleToRawLongBits(level));
        assertThat(in.takeFixed(4)).isEqualTo(value);
        assertThat(in.remaining()).isZero();
    }

    /** What journals written earlier say. */
    @Test
    void theKindsOfNudgeKeepTheirTags() {
        Levels target = Levels.of(Role.OUTPUT, 1);
        assertThat(head(Nudge.NONE)).isEqualTo(0);
        assertThat(head(new Nudge.Force(Levels.of(Role.NUDGE, 0)))).isEqualTo(2);
        assertThat(head(new Nudge.Coupling(0.1, target))).isEqualTo(4);
        assertThat(head(new Nudge.Difference(0.1, target))).isEqualTo(6);
    }

    private static int head(Nudge nudge) {
        Payload out = new Payload();
        Response response = new Response(Levels.NONE, Levels.NONE, 1, 0, Quality.SETTLED);
        new ExchangeCodec(Samples.card())
                .put(new Exchange(1, Stimulus.of(Levels.NONE).nudged(nudge), response), out);
        return out.bytes()[0];
    }

    @Test
    void everyRoleAndVerdictHasACode() {
        assertThat(ExchangeCodec.ROLES).containsExactlyInAnyOrder(Role.values());
        assertThat(ExchangeCodec.VERDICTS).containsExactlyInAnyOrder(Quality.Verdict.values());
    }

    @Test
    void levelsThatACodeStandsForTakeTheBytesOfTheCode() {
        Scale[] scales = {
            Scale.Linear.of(8, -1, 1),
            Scale.Linear.of(12, 0, 5),
            Scale.Linear.of(18, 0, 5),
            new Scale.Rheostat(60, 1e4, 257)
        };
        int[] bytes = {1, 2, 4, 2};
        for (int i = 0; i < scales.length; i++) {
            Scale scale = scales[i];
            Descriptor descriptor = monitors(scale, 100);
            double[] row = new double[100];
            Arrays.setAll(row, code -> scale.level(2 * code));
            int empty = size(new ExchangeCodec(descriptor), Levels.of(Role.MONITOR));
            assertThat(size(new ExchangeCodec(descriptor), Levels.of(Role.MONITOR, row)) - empty)
                    .isEqualTo(100 * bytes[i]);

            row[50] = Math.nextUp(row[50]);
            assertThat(size(new ExchangeCodec(descriptor), Levels.of(Role.MONITOR, row)) - empty)
                    .isEqualTo(100 * 8);
        }
    }

    @Test
    void aBlockThatComesAgainTakesOneByte() {
        ExchangeCodec codec = new ExchangeCodec(monitors(Scale.CONTINUOUS, 100));
        double[] row = new Random(1).doubles(100).toArray();
        int first = size(codec, Levels.of(Role.MONITOR, row));
        assertThat(first - size(codec, Levels.of(Role.MONITOR, row))).isEqualTo(100 * 8 + 1);

        row[0] = 0.0;
        size(codec, Levels.of(Role.MONITOR, row));
        row[0] = -0.0;
        assertThat(size(codec, Levels.of(Role.MONITOR, row))).isEqualTo(first);
    }

    private static Descriptor monitors(Scale scale, int count) {
        Channel[] channels = new Channel[count];
        Arrays.setAll(channels, i -> new Channel("m" + i, Role.MONITOR, "V", -9, 9, 0, scale));
        Map<Role, List<Channel>> grouped = new EnumMap<>(Map.of(Role.MONITOR, List.of(channels)));
        return new Descriptor("b", "f", 1, grouped, Set.of(), Set.of(), 1, 0, List.of());
    }

    private static int size(ExchangeCodec codec, Levels read) {
        Payload out = new Payload();
        Response response = new Response(read, Levels.NONE, 1, 0, Quality.SETTLED);
        codec.put(new Exchange(1, Stimulus.of(Levels.NONE), response), out);
        return out.position();
    }
}
