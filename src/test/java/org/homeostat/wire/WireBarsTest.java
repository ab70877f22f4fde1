package org.homeostat.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.homeostat.wire.Bars.Damaged;
import org.homeostat.wire.Bars.Hostile;
import org.homeostat.wire.Bars.Noise;
import org.junit.jupiter.api.Test;

/** The bars of {@link WireBarsIT}, over fewer trials. */
class WireBarsTest {

    @Test
    void noDamagedFrameIsAccepted() {
        Damaged damaged = Bars.damaged(200_000, 1);
        assertThat(damaged.wrong()).isZero();
        assertThat(damaged.whole()).isBetween(100L, 20_000L);
        assertThat(damaged.dropped()).isGreaterThan(150_000);
    }

    @Test
    void theNextWholeFrameIsHeard() {
        assertThat(Bars.resynchronised(20_000, 2).missed()).isZero();
    }

    @Test
    void noiseIsNoTrouble() {
        Noise noise = Bars.noise(4_000_000, 3);
        assertThat(noise.accepted()).isZero();
        assertThat(noise.dropped()).isGreaterThan(20_000);
        assertThat(noise.allocated()).isLessThan(1_000_000);
    }

    @Test
    void hostilePayloadsAreMalformedAndNothingElse() {
        Hostile hostile = Bars.hostile(100_000, 4);
        assertThat(hostile.understood()).isGreaterThan(1000);
        assertThat(hostile.malformed()).isGreaterThan(50_000);
    }

    @Test
    void aFrameLongerThanTheReaderTakesIsDroppedWhole() {
        Bytes payload = new Bytes();
        for (int i = 0; i < 641; i++) {
            payload.put8(7);
        }
        Bytes frames = new Bytes();
        Frames.encode(payload, frames);
        payload.length(640);
        Frames.encode(payload, frames);
        Heard heard = new Heard(640);
        heard.feed(frames.copy());
        assertThat(heard.payloads()).hasSize(1);
        assertThat(heard.payloads().getFirst()).hasSize(2 * 640);
        assertThat(heard.dropped()).isEqualTo(1);
    }

    @Test
    void aSinkThatFailsDoesNotSpoilTheNextFrame() {
        Bytes payload = new Bytes().put64(1).put64(2);
        Bytes frame = new Bytes();
        Frames.encode(payload, frame);
        FrameReader reader = new FrameReader(640);
        try {
            reader.feed(frame.array(), 0, frame.length(), (bytes, from, length) -> {
                throw new IllegalStateException("the sink is full");
            });
        } catch (IllegalStateException expected) {
            assertThat(expected).hasMessage("the sink is full");
        }
        int[] heard = new int[1];
        reader.feed(frame.array(), 0, frame.length(), (bytes, from, length) -> heard[0]++);
        assertThat(heard[0]).isEqualTo(1);
    }
}
