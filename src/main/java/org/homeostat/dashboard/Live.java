package org.homeostat.dashboard;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.learn.Step;
import org.homeostat.run.EpochLog;
import org.homeostat.run.Observer;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord;
import org.jspecify.annotations.Nullable;

/**
 * A run that this program trains: what pages see of it, and the reins by which they pause and stop it.
 *
 * <p>Thread rule: what {@link Observer} says, {@link #around}, {@link #stopAsked}, {@link #atRest} and {@link #ended}
 * are of the thread that trains; all else may be called by any. The thread that trains never waits for a page, except
 * while the run is paused.
 */
public final class Live implements Observer, Shown {

    /** Where a run stands. */
    public enum Phase {
        TRAINING,
        /** Paused between two steps: the device is held where it stands and asked nothing. */
        PAUSED,
        /** Stop was asked for; the device has not confirmed its safe levels yet. */
        STOPPING,
        /** Interrupted, and the device at its safe levels. */
        STOPPED,
        DONE,
        FAILED
    }

    /** Traces of more channels are not kept; nor those of a role that would not fit as a whole. */
    static final int MOST_CHANNELS = 256;

    /** Of a batched twin, so many lanes are looked at. */
    private static final int MOST_LANES = 8;

    /** Names of more parameters are not told. */
    private static final int MOST_NAMES = 1024;

    private static final List<Role> TRACED = List.of(Role.OUTPUT, Role.MONITOR, Role.FORCE);

    /** How long a step under way may go on after stop was asked for. */
    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** While paused, how often somebody at the keyboard is listened to. */
    private static final long LISTEN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final RunRecord record;
    private final double lossUnit;
    private final int rows;
    private final Health health;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Rung when the phase changes; set when a dashboard shows it. */
    private volatile Bell bell = new Bell();

    private volatile Descriptor card;

    // Guarded by the lock.
    private final List<Epoch> epochs = new ArrayList<>();
    private Phase phase = Phase.TRAINING;
    private String sentence = "";
    private boolean safe;
    private double stopMillis = Double.NaN;
    private long pausedNanos;
    private long pausedSince;
    private long lastLook = System.nanoTime();

    private volatile boolean pauseAsked;
    private volatile boolean stopAsked;
    private volatile long stopAskedAt;

    // Written by the thread that trains.
    private volatile @Nullable Columns columns;
    private volatile List<Channel> traced = List.of();
    private volatile double[] parameters = new double[0];
    private volatile Place place = new Place(1, 0, Double.NaN, 0);
    private volatile long exchanges;
    private List<Role> roles = List.of();
    private double cost;
    private int seenRows;
    private final long beganAt = System.nanoTime();

    /**
     * Where the training stands.
     *
     * @param loss the mean of the epoch so far; NaN before its first step of this sitting
     * @param fresh how many rows were taught in this sitting
     */
    private record Place(int epoch, int row, double loss, long fresh) {}

    /**
     * @param folder of a run that may have been taught before
     * @param card what the learner sees of its device
     * @param rows how many rows an epoch has
     * @param lossUnit what a cost of 1 in natural units is in those of the learner
     */
    public Live(RunFolder folder, RunRecord record, Descriptor card, int rows, double lossUnit) {
        this(folder, record, card, rows, lossUnit, null);
    }

    /**
     * The same of a device that wears a calibration.
     *
     * @param worn null if it wears none
     */
    public Live(RunFolder folder, RunRecord record, Descriptor card, int rows, double lossUnit, @Nullable Worn worn) {
        health = new Health(worn);
        this.record = record;
        this.card = card;
        this.rows = rows;
        this.lossUnit = lossUnit;
        epochs.addAll(new EpochLog(folder).read());
    }

    /** The run's name. */
    public String name() {
        return record.run();
    }

    void ringing(Bell heard) {
        bell = heard;
    }

    /**
     * The device to be trained, so that its answers are seen here. Called again with the device opened anew when a run
     * is taken up after its device was lost.
     */
    public Device around(Device device) {
        card = device.descriptor();
        become(Phase.TRAINING, "", false, Double.NaN);
        return new Watched(device, this);
    }

    // What pages ask for.

    /** Asks for a pause; false if there is nothing left to pause. */
    public boolean pause() {
        return asked(Phase.TRAINING, () -> pauseAsked = true);
    }

    /** Goes on after a pause; false if there is none. */
    public boolean resume() {
        lock.lock();
        try {
            if (!pauseAsked || stopAsked) {
                return false;
            }
            pauseAsked = false;
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Asks the run to stop and its device to go to its safe levels; false if it has ended. */
    public boolean stop() {
        lock.lock();
        try {
            if (phase == Phase.STOPPED || phase == Phase.DONE || phase == Phase.FAILED) {
                return false;
            }
            requestStop();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean asked(Phase needed, Runnable then) {
        lock.lock();
        try {
            if (phase != needed) {
                return false;
            }
            then.run();
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The lock is held. */
    private void requestStop() {
        if (!stopAsked) {
            stopAskedAt = System.nanoTime();
            stopAsked = true;
            phase = Phase.STOPPING;
            sentence = "Stopping: the device has not confirmed its safe levels yet.";
            changed.signalAll();
            bell.ring();
        }
    }

    // What the thread that trains says.

    /**
     * True if the run is to stop; asked before every step. While the run is paused this does not return.
     *
     * @param elsewhere true if it is to stop for another reason, such as Ctrl-C
     */
    public boolean stopAsked(BooleanSupplier elsewhere) {
        boolean wanted = elsewhere.getAsBoolean();
        if (!pauseAsked && !stopAsked && !wanted) {
            return false;
        }
        lock.lock();
        try {
            if (pauseAsked && !stopAsked && !wanted) {
                wanted = rest(elsewhere);
            }
            if (wanted) {
                requestStop();
            }
            return stopAsked;
        } catch (InterruptedException told) {
            Thread.currentThread().interrupt();
            requestStop();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Waits while the run is paused; true if it is then to stop for another reason. */
    private boolean rest(BooleanSupplier elsewhere) throws InterruptedException {
        pausedSince = System.nanoTime();
        phase = Phase.PAUSED;
        sentence = "Paused between two steps: the device is held where it stands.";
        bell.ring();
        boolean wanted = false;
        while (pauseAsked && !stopAsked && !wanted) {
            var unused = changed.awaitNanos(LISTEN_NANOS);
            wanted = elsewhere.getAsBoolean();
        }
        pausedNanos += System.nanoTime() - pausedSince;
        pauseAsked = false;
        if (!stopAsked) {
            phase = Phase.TRAINING;
            sentence = "";
            bell.ring();
        }
        return wanted;
    }

    /** Breaks a step off between two exchanges once somebody has waited too long for it to end. */
    void goOnWithStep() {
        if (stopAsked && System.nanoTime() - stopAskedAt > STEP_NANOS) {
            throw new MidStepException();
        }
    }

    /** The device has confirmed that it is at its safe levels. */
    public void atRest() {
        lock.lock();
        try {
            safe = true;
            if (stopAsked && Double.isNaN(stopMillis)) {
                stopMillis = (System.nanoTime() - stopAskedAt) / 1e6;
                phase = Phase.STOPPED;
                sentence = String.format(
                        Locale.ROOT, "Stopped: the device confirmed its safe levels after %.0f ms.", stopMillis);
            }
            bell.ring();
        } finally {
            lock.unlock();
        }
    }

    /** The run has ended as its record says. */
    public void ended(RunRecord ended) {
        lock.lock();
        try {
            switch (ended.status()) {
                case DONE -> {
                    phase = Phase.DONE;
                    sentence = "Done" + (safe ? "; the device is at its safe levels." : ".");
                }
                case FAILED -> {
                    phase = Phase.FAILED;
                    sentence = ended.remark();
                }
                case INTERRUPTED, RUNNING -> {
                    if (phase != Phase.STOPPED) {
                        phase = safe ? Phase.STOPPED : Phase.FAILED;
                        sentence = ended.remark();
                    }
                }
            }
            bell.ring();
        } finally {
            lock.unlock();
        }
    }

    /** The run broke, for a reason in one sentence. */
    public void broke(String why) {
        become(Phase.FAILED, why, safe, stopMillis);
    }

    private void become(Phase next, String words, boolean rested, double millis) {
        lock.lock();
        try {
            phase = next;
            sentence = words;
            safe = rested;
            stopMillis = millis;
            bell.ring();
        } finally {
            lock.unlock();
        }
    }

    /** An exchange was made. */
    void seen(Response response) {
        Levels levels = response.levels();
        Columns into = columns;
        if (into == null) {
            into = laidOut(levels);
        }
        if (roles.isEmpty()) {
            into.add(new double[0][]);
        } else {
            into.add(rows(levels, into.channels()));
        }
        // One thread writes it.
        long next = exchanges + 1;
        exchanges = next;
        health.saw(response);
    }

    /** Which channels are traced: those of the first answer, role by role as long as there is room for all of a role. */
    private Columns laidOut(Levels levels) {
        List<Channel> channels = new ArrayList<>();
        List<Role> kept = new ArrayList<>();
        for (Role role : TRACED) {
            if (levels.has(role) && channels.size() + card.count(role) <= MOST_CHANNELS) {
                kept.add(role);
                channels.addAll(card.channels(role));
            }
        }
        roles = List.copyOf(kept);
        traced = List.copyOf(channels);
        Columns made = new Columns(channels.size());
        columns = made;
        return made;
    }

    private double[][] rows(Levels levels, int channels) {
        Role first = roles.getFirst();
        int lanes = levels.has(first) ? Math.min(levels.rows(first), MOST_LANES) : 1;
        double[][] rows = new double[lanes][];
        for (int lane = 0; lane < lanes; lane++) {
            rows[lane] = roles.size() == 1 && levels.has(first)
                    ? levels.row(first, lane)
                    : all(levels, lane, new double[channels]);
        }
        return rows;
    }

    private double[] all(Levels levels, int lane, double[] row) {
        int at = 0;
        for (Role role : roles) {
            int size = card.count(role);
            if (levels.has(role)) {
                double[] part = levels.row(role, lane);
                System.arraycopy(part, 0, row, at, Math.min(part.length, size));
            } else {
                Arrays.fill(row, at, at + size, Double.NaN);
            }
            at += size;
        }
        return row;
    }

    @Override
    public void stepped(int epoch, int done, int rowsAnEpoch, Step step) {
        boolean begins = place.epoch() != epoch || place.fresh() == 0;
        int taught = Math.min(step.outputs().length, begins ? done : done - place.row());
        cost = (begins ? 0 : cost) + step.cost() * taught;
        seenRows = (begins ? 0 : seenRows) + taught;
        double mean = cost / seenRows / lossUnit;
        parameters = step.parameters();
        place = new Place(epoch, done, mean, place.fresh() + taught);
        health.stepped(epoch, done, rowsAnEpoch, step);
    }

    @Override
    public void epochEnded(Epoch epoch) {
        health.epochEnded(epoch);
        lock.lock();
        try {
            epochs.removeIf(earlier -> earlier.number() >= epoch.number());
            epochs.add(epoch);
        } finally {
            lock.unlock();
        }
    }

    // What pages see.

    @Override
    public List<Event> news(Told told) {
        List<Event> news = new ArrayList<>();
        told.add(news, hello());
        addEpochs(told, news);
        told.add(news, progress());
        Columns now = columns;
        if (now != null) {
            addTraces(now, told, news);
        }
        double[] positions = parameters;
        if (positions.length > 0) {
            told.add(news, cells(positions));
        }
        told.add(news, health.event(card, Instant.now()));
        // Last, so that a page that reads of the end has seen all that came before it.
        told.add(news, state());
        return news;
    }

    private Event hello() {
        List<Channel> known = card.channels(Role.PARAMETER);
        return Hello.of(
                record,
                card.firmware(),
                true,
                traced,
                known.size(),
                known.isEmpty() ? "" : known.getFirst().unit(),
                known.size() > MOST_NAMES
                        ? List.of()
                        : known.stream().map(Channel::name).toList());
    }

    private Event state() {
        lock.lock();
        try {
            return state(phase, sentence, safe, stopMillis);
        } finally {
            lock.unlock();
        }
    }

    static Event state(Phase phase, String sentence, boolean safe, double stopMillis) {
        Map<String, @Nullable Object> data = new LinkedHashMap<>();
        data.put("phase", phase.name().toLowerCase(Locale.ROOT));
        data.put("sentence", sentence);
        data.put("safe", safe);
        data.put("stopMillis", Event.number(stopMillis));
        return Event.of("state", data);
    }

    /** Where it stands now. */
    public Phase phase() {
        lock.lock();
        try {
            return phase;
        } finally {
            lock.unlock();
        }
    }

    /** How long the device took to confirm its safe levels after stop was asked for, in milliseconds; NaN if it did not. */
    public double stopMillis() {
        lock.lock();
        try {
            return stopMillis;
        } finally {
            lock.unlock();
        }
    }

    private void addEpochs(Told told, List<Event> news) {
        List<Epoch> fresh;
        lock.lock();
        try {
            // Epochs taught again after a crash replace those that were told: then all are told anew.
            int from = told.epochs <= epochs.size() ? told.epochs : 0;
            fresh = List.copyOf(epochs.subList(from, epochs.size()));
            told.epochs = epochs.size();
        } finally {
            lock.unlock();
        }
        if (!fresh.isEmpty()) {
            news.add(Hello.epochs(fresh));
        }
    }

    private Event progress() {
        Place at = place;
        long total = (long) record.experiment().epochs() * rows;
        long taught = (long) (at.epoch() - 1) * rows + at.row();
        double seconds = seconds();
        Map<String, @Nullable Object> data = new LinkedHashMap<>();
        data.put("epoch", Math.min(at.epoch(), record.experiment().epochs()));
        data.put("epochs", record.experiment().epochs());
        data.put("row", at.row());
        data.put("rows", rows);
        data.put("part", Math.min(1.0, (double) taught / total));
        data.put("loss", Event.number(at.loss()));
        data.put("exchanges", exchanges);
        data.put("exchangesPerSecond", Event.number(exchanges / seconds));
        data.put("seconds", Event.number(seconds));
        data.put("secondsLeft", Event.number(at.fresh() == 0 ? Double.NaN : seconds * (total - taught) / at.fresh()));
        return Event.of("progress", data);
    }

    /** Time spent in this sitting, without pauses; stands still when the run has ended. */
    private double seconds() {
        lock.lock();
        try {
            long now = System.nanoTime();
            boolean ends = phase == Phase.STOPPED || phase == Phase.DONE || phase == Phase.FAILED;
            if (!ends) {
                lastLook = now;
            }
            long paused = pausedNanos + (phase == Phase.PAUSED ? now - pausedSince : 0);
            return Math.max(1e-9, (lastLook - beganAt - paused) / 1e9);
        } finally {
            lock.unlock();
        }
    }

    private void addTraces(Columns now, Told told, List<Event> news) {
        Columns.Part part = now.since(told.merges, told.whole);
        if (part.count() == told.count) {
            return;
        }
        told.count = part.count();
        told.merges = part.merges();
        told.whole = part.whole();
        Map<String, @Nullable Object> data = new LinkedHashMap<>();
        data.put("count", part.count());
        data.put("stride", part.stride());
        data.put("from", part.from());
        data.put("channels", now.channels());
        data.put("low", Columns.Part.base64(part.low()));
        data.put("high", Columns.Part.base64(part.high()));
        news.add(Event.of("traces", data));
    }

    private Event cells(double[] positions) {
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        for (Channel channel : card.channels(Role.PARAMETER)) {
            least = Math.min(least, channel.min());
            most = Math.max(most, channel.max());
        }
        boolean known = least < most;
        return Cells.event(positions, known ? least : Double.NaN, known ? most : Double.NaN);
    }
}
