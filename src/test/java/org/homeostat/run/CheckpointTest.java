package org.homeostat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.homeostat.device.Restorable;
import org.homeostat.run.Checkpoint.Place;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A checkpoint is whole or it is not there. */
final class CheckpointTest {

    private static final Place HERE = new Place(3, 17, 1.25, 9, 2, 0.5);
    private static final Place THERE = new Place(4, 1, 2.5, 1, 0, 0.75);

    @TempDir
    Path folder;

    private final Slate slate = new Slate(Cards.of(1, 1, 2, 1));

    private Path file() {
        return folder.resolve("checkpoint");
    }

    private Checkpoint checkpoint() {
        return new Checkpoint(file());
    }

    @Test
    void withoutAFileNothingIsKnown() throws IOException {
        assertThat(checkpoint().restore(new Pupil(), slate)).isEmpty();
        assertThat(checkpoint().parameters()).isEmpty();
    }

    @Test
    void whatWasWrittenComesBack() throws IOException {
        Pupil pupil = new Pupil();
        pupil.epochEnded();
        pupil.epochEnded();
        slate.restore(answered(7, 1.5, -2.5));
        checkpoint().write(HERE, new double[] {0.25, Double.MIN_VALUE}, pupil, slate);

        Pupil again = new Pupil();
        Slate other = new Slate(Cards.of(1, 1, 2, 1));
        assertThat(checkpoint().restore(again, other)).contains(HERE);
        assertThat(again.epochs()).isEqualTo(2);
        assertThat(other.parameters()).containsExactly(1.5, -2.5);
        assertThat(checkpoint().parameters())
                .hasValueSatisfying(known -> assertThat(known).containsExactly(0.25, Double.MIN_VALUE));
    }

    @Test
    void everyTornFileIsRefusedAndReadsNothing() throws IOException {
        checkpoint().write(HERE, new double[] {1, 2}, new Pupil(), slate);
        byte[] whole = Files.readAllBytes(file());

        for (int length = 0; length < whole.length; length++) {
            Files.write(file(), Arrays.copyOf(whole, length));
            assertThatIOException()
                    .isThrownBy(() -> checkpoint().restore(new Pupil(), slate))
                    .withMessageMatching(java.util.regex.Pattern.quote(file() + ": the checkpoint is ")
                            + "(cut short|damaged \\(its checksum does not match\\))"
                            + "; bring it back from a copy, or train a new run");
        }
    }

    @Test
    void everyFlippedBitIsNoticed() throws IOException {
        checkpoint().write(HERE, new double[] {1, 2}, new Pupil(), slate);
        byte[] whole = Files.readAllBytes(file());

        for (int bit = 0; bit < 8 * whole.length; bit++) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file(), flipped);
            assertThatIOException().isThrownBy(() -> checkpoint().restore(new Pupil(), slate));
            assertThatIOException().isThrownBy(() -> checkpoint().parameters());
        }
    }

    @Test
    void aCheckpointThatCannotBeMadeLeavesTheOneBefore() throws IOException {
        checkpoint().write(HERE, new double[] {1, 2}, new Pupil(), slate);
        byte[] before = Files.readAllBytes(file());
        Pupil pupil = new Pupil();
        pupil.forgetful = true;

        assertThatIOException()
                .isThrownBy(() -> checkpoint().write(THERE, new double[] {3, 4}, pupil, slate))
                .withMessage("no room for what it learned");

        assertThat(file()).hasBinaryContent(before);
    }

    @Test
    void whatACrashLeftBesideItDoesNotMatter() throws IOException {
        checkpoint().write(HERE, new double[] {1, 2}, new Pupil(), slate);
        Files.writeString(folder.resolve("checkpoint.new"), "half a checkp");

        assertThat(checkpoint().restore(new Pupil(), slate)).contains(HERE);
        checkpoint().write(THERE, new double[] {3, 4}, new Pupil(), slate);
        assertThat(checkpoint().restore(new Pupil(), slate)).contains(THERE);
        assertThat(folder).isDirectoryNotContaining("glob:**.new");
    }

    @Test
    void whoeverReadsMeanwhileSeesAWholeOne() throws Exception {
        checkpoint().write(HERE, new double[20_000], new Pupil(), slate);
        AtomicBoolean stop = new AtomicBoolean();
        CompletableFuture<Integer> reader = CompletableFuture.supplyAsync(() -> {
            int seen = 0;
            try {
                while (!stop.get()) {
                    double[] known = checkpoint().parameters().orElseThrow();
                    double first = known[0];
                    assertThat(known).containsOnly(first);
                    seen++;
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            return seen;
        });
        try {
            for (int i = 1; i <= 60; i++) {
                double[] parameters = new double[20_000];
                Arrays.fill(parameters, i);
                checkpoint().write(HERE, parameters, new Pupil(), slate);
            }
        } finally {
            stop.set(true);
        }

        assertThat(reader.get()).isPositive();
    }

    @Test
    void theCheckpointOfAnotherDeviceIsRefused() throws IOException {
        checkpoint().write(HERE, new double[] {1, 2}, new Pupil(), slate);

        foreign(new Slate(Cards.of(1, 1, 3, 1)));
        foreign(new Slate(Cards.of(1, 1, 1, 1)));
    }

    private void foreign(Slate other) {
        assertThatIOException()
                .isThrownBy(() -> checkpoint().restore(new Pupil(), other))
                .withMessage(file() + ": this is the checkpoint of another learner or device; "
                        + "bring it back from a copy, or train a new run");
    }

    @Test
    void anotherFileIsRefused() throws IOException {
        Path source = Files.writeString(folder.resolve("notes"), "these are no bytes of a checkpoint at all");

        assertThatIOException()
                .isThrownBy(() -> new Checkpoint(source).parameters())
                .withMessageStartingWith(source + ": the checkpoint is damaged");
    }

    /** The memory of a slate. */
    private static DataInput answered(int asked, double... parameters) throws IOException {
        java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
        DataOutput out = new java.io.DataOutputStream(bytes);
        out.writeInt(asked);
        for (double parameter : parameters) {
            out.writeDouble(parameter);
        }
        assertThat(new Slate(Cards.of(1, 1, 1, 1))).isInstanceOf(Restorable.class);
        return new java.io.DataInputStream(new java.io.ByteArrayInputStream(bytes.toByteArray()));
    }
}
