package org.homeostat.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Quality;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.learn.Learner;
import org.homeostat.learn.Step;
import org.homeostat.run.Checkpoint.Place;
import org.homeostat.run.Observer.Epoch;
import org.homeostat.run.Teaching.Range;

/**
 * Teaches a device a data set, epoch by epoch, row by row in an order drawn from the seed, and writes checkpoints. Nothing
 * but the seed, the data and the device's answers decides what it does, so that a run taken up from its checkpoint goes on
 * as if it had never stopped.
 */
public final class Trainer {

    /**
     * How much to teach, and from where.
     *
     * @param epochs how often every row is taught
     * @param seed draws the order of the rows and the parameters at the start
     * @param start between which levels each parameter is drawn at the start
     * @param exchangeLimit how long one exchange may take
     * @param checkpointEvery how much time may pass between checkpoints
     */
    public record Plan(
            int epochs, long seed, Function<Channel, Range> start, Duration exchangeLimit, Duration checkpointEvery) {}

    /** How a run ended. */
    public enum Outcome {
        /** All epochs were taught. */
        DONE,
        /** Someone asked it to stop. */
        INTERRUPTED,
        /** The device could not hold its parameters, so that nothing more can be learned. */
        FAILED
    }

    /**
     * The end of a run.
     *
     * @param remark one sentence on why it ended, with the remedy; empty when done
     * @param epochs epochs taught
     * @param seconds wall-clock time spent, over all sittings
     */
    public record Ending(Outcome outcome, String remark, int epochs, double seconds) {}

    private final Device device;
    private final Learner learner;
    private final Dataset train;
    private final Encoding encoding;
    private final Plan plan;
    private final Checkpoint checkpoint;
    private final List<Observer> observers;

    private final int[] batch;

    private long sittingStart = System.nanoTime();
    private long lastCheckpoint = System.nanoTime();
    private double secondsBefore;
    private double[] parameters = new double[0];

    public Trainer(
            Device device,
            Learner learner,
            Dataset train,
            Encoding encoding,
            Plan plan,
            RunFolder folder,
            List<Observer> observers) {
        this.device = device;
        this.learner = learner;
        this.train = train;
        batch = new int[device.descriptor().lanes()];
        this.encoding = encoding;
        this.plan = plan;
        this.checkpoint = folder.checkpoint();
        this.observers = List.copyOf(observers);
    }

    /** Teaches with nothing to do when stopped but the checkpoint. */
    public Ending train(BooleanSupplier stop) {
        return train(stop, () -> {});
    }

    /**
     * Teaches until done, from the last checkpoint if there is one.
     *
     * @param stop asked before every step; true ends the run with a checkpoint
     * @param calm done once it is known where a run stands that is stopped, before that is written: leaves the device at its safe
     *     levels, which need not wait for the disk
     * @throws org.homeostat.device.DeviceException if the channel to the device broke; the last checkpoint stands
     */
    public Ending train(BooleanSupplier stop, Runnable calm) {
        sittingStart = System.nanoTime();
        lastCheckpoint = sittingStart;
        Place place = begin();
        while (place.epoch() < plan.epochs) {
            int[] order = order(place.epoch());
            while (place.row() < order.length) {
                if (stop.getAsBoolean()) {
                    stopped(place, calm);
                    return new Ending(
                            Outcome.INTERRUPTED,
                            "stopped on request; a checkpoint was written",
                            place.epoch(),
                            seconds());
                }
                Step step;
                try {
                    step = learner.step(
                            device,
                            encoding.example(train, batch(order, place.row()), device.descriptor()),
                            Deadline.in(plan.exchangeLimit));
                } catch (IllegalArgumentException refused) {
                    // A nudge that the card allows may still be too strong for where the parameters have come to.
                    return new Ending(Outcome.FAILED, String.valueOf(refused.getMessage()), place.epoch(), seconds());
                }
                parameters = step.parameters();
                place = after(place, order, step);
                for (Observer observer : observers) {
                    observer.stepped(place.epoch() + 1, place.row(), order.length, step);
                }
                Quality quality = step.quality();
                if (!quality.held()) {
                    // No checkpoint: the one before knows parameters that were held.
                    return new Ending(Outcome.FAILED, quality.remark(), place.epoch(), seconds());
                }
                if (System.nanoTime() - lastCheckpoint > plan.checkpointEvery.toNanos()) {
                    write(place);
                }
            }
            place = nextEpoch(place, order.length);
        }
        write(place);
        return new Ending(Outcome.DONE, "", place.epoch(), seconds());
    }

    private Place begin() {
        Optional<Place> saved;
        try {
            saved = checkpoint.restore(learner, device);
            parameters = checkpoint.parameters().orElse(parameters);
        } catch (IOException e) {
            throw new BadInput(String.valueOf(e.getMessage()), e);
        }
        if (saved.isEmpty()) {
            // Written before the first exchange, so that whatever the journal holds lies after a checkpoint.
            write(Place.START);
        }
        secondsBefore = saved.orElse(Place.START).seconds();
        if (parameters.length > 0) {
            return saved.orElse(Place.START);
        }
        SplittableRandom draw = new SplittableRandom(plan.seed);
        List<Channel> channels = device.descriptor().channels(Role.PARAMETER);
        double[] start = new double[channels.size()];
        for (int k = 0; k < start.length; k++) {
            Channel channel = channels.get(k);
            Range range = plan.start.apply(channel);
            double drawn = range.lowest() + (range.highest() - range.lowest()) * draw.nextDouble();
            start[k] = Math.clamp(drawn, channel.min(), channel.max());
        }
        if (channels.isEmpty()) {
            // A device that shows none has those that it was made with, or put back to.
            return saved.orElse(Place.START);
        }
        Stimulus first = device.descriptor().safe();
        Response response = device.present(
                first.with(first.levels().and(Levels.of(Role.PARAMETER, start))), Deadline.in(plan.exchangeLimit));
        parameters = response.parameters();
        return Place.START;
    }

    /** The order of the rows in an epoch: drawn anew for each, from the seed and the epoch alone. */
    private int[] order(int epoch) {
        int[] order = new int[train.size()];
        Arrays.setAll(order, i -> i);
        Dataset.shuffle(order, 0, order.length, new Random(plan.seed * 1_000_003 + epoch));
        return order;
    }

    /** The rows of one step, one a lane; the last step of an epoch is filled up from its beginning. */
    private int[] batch(int[] order, int from) {
        Arrays.setAll(batch, lane -> order[(from + lane) % order.length]);
        return batch;
    }

    private Place after(Place place, int[] order, Step step) {
        int taught = Math.min(step.outputs().length, order.length - place.row());
        int right = 0;
        for (int lane = 0; lane < taught; lane++) {
            right += encoding.right(step.outputs()[lane], train.answers(), order[place.row() + lane]) ? 1 : 0;
        }
        return new Place(
                place.epoch(),
                place.row() + taught,
                place.cost() + step.cost() * taught,
                place.right() + right,
                place.rejected() + (step.accepted() ? 0 : 1),
                seconds());
    }

    private Place nextEpoch(Place place, int rows) {
        learner.epochEnded();
        Epoch epoch = new Epoch(
                place.epoch() + 1,
                place.cost() / rows / learner.cost().unit(),
                encoding.classifies() ? (double) place.right() / rows : Double.NaN,
                place.rejected());
        for (Observer observer : observers) {
            observer.epochEnded(epoch);
        }
        return new Place(place.epoch() + 1, 0, 0, 0, 0, seconds());
    }

    private void stopped(Place place, Runnable calm) {
        try {
            byte[] drawn = checkpoint.drawn(place, parameters, learner, device);
            try {
                calm.run();
            } finally {
                checkpoint.write(drawn);
            }
        } catch (IOException e) {
            throw unwritten(e);
        }
    }

    private void write(Place place) {
        // So that no checkpoint holds what was learned from other data than the run began with.
        train.requireUnchanged();
        try {
            checkpoint.write(place, parameters, learner, device);
        } catch (IOException e) {
            throw unwritten(e);
        }
        lastCheckpoint = System.nanoTime();
    }

    private static UncheckedIOException unwritten(IOException e) {
        return new UncheckedIOException(e.getMessage() + "; the checkpoint before this one stands", e);
    }

    private double seconds() {
        return secondsBefore + (System.nanoTime() - sittingStart) / 1e9;
    }
}
