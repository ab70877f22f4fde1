package org.homeostat.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.homeostat.wire.Message.Batch;
import org.homeostat.wire.Message.Reply;
import org.homeostat.wire.Message.Request;
import org.homeostat.wire.Message.Result;

/** Every message comes back as it was said, on every layout. */
class CodecPropertiesTest {

    @Property(tries = 2000)
    void aRequestComesBack(@ForAll long seed) throws MalformedException {
        Samples samples = new Samples(new SplittableRandom(seed));
        Codec codec = new Codec(samples.layout());
        Request said = samples.request(codec.layout());
        Bytes payload = new Bytes();
        codec.encode(1 + samples.u32() / 2, samples.u32(), said, payload);
        Request heard = codec.request(payload.array(), 0, payload.length());
        assertThat(heard)
                .usingRecursiveComparison()
                .withComparatorForType(Double::compare, Double.class)
                .isEqualTo(said);
        Header header = Header.of(payload.array(), 0, payload.length());
        Bytes again = new Bytes();
        codec.encode(header.session(), header.number(), heard, again);
        assertThat(again.copy()).isEqualTo(payload.copy());
    }

    @Property(tries = 2000)
    void aReplyComesBack(@ForAll long seed) throws MalformedException {
        Samples samples = new Samples(new SplittableRandom(seed));
        Codec codec = new Codec(samples.layout());
        Request asked = samples.request(codec.layout());
        Reply said = samples.reply(codec.layout(), asked);
        Bytes payload = new Bytes();
        codec.encode(7, 8, said, payload);
        Reply heard = codec.reply(payload.array(), 0, payload.length(), asked);
        assertThat(heard)
                .usingRecursiveComparison()
                .withComparatorForType(Double::compare, Double.class)
                .isEqualTo(said);
        Bytes again = new Bytes();
        codec.encode(7, 8, heard, again);
        assertThat(again.copy()).isEqualTo(payload.copy());
    }

    @Property(tries = 1000)
    void sizesAreToldInAdvance(@ForAll long seed) {
        Samples samples = new Samples(new SplittableRandom(seed));
        Codec codec = new Codec(samples.layout());
        Batch batch = samples.batch(codec.layout());
        Bytes payload = new Bytes();
        codec.encode(1, 1, batch, payload);
        int told = Codec.BATCH_HEAD
                + batch.stimuli().stream().mapToInt(codec::bytes).sum();
        assertThat(payload.length()).isEqualTo(told);

        if (samples.reply(codec.layout(), batch) instanceof Result result) {
            payload.clear();
            codec.encode(1, 1, result, payload);
            long settled = result.responses().stream()
                    .filter(response -> response.verdict() == Verdict.SETTLED)
                    .count();
            int left = codec.resultBytes(
                    batch.stimuli().subList(0, result.responses().size()));
            assertThat(payload.length()).isEqualTo(left - 3 * (int) settled);
            assertThat(left).isLessThanOrEqualTo(codec.resultBytes(batch.stimuli()));
        }
    }
}
