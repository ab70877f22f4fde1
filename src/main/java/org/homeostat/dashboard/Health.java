package org.homeostat.dashboard;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.homeostat.dashboard.Worn.Span;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Levels;
import org.homeostat.device.Quality;
import org.homeostat.device.Quality.Verdict;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.learn.Step;
import org.homeostat.run.Diagnosis;
import org.homeostat.run.Diagnosis.Finding;
import org.homeostat.run.Observer;
import org.jspecify.annotations.Nullable;

/**
 * How the device does, from what its answers say of themselves, where the parameters go, and the calibration that it wears; costs
 * no exchange.
 *
 * <p>Thread rule: one thread tells it, any may read.
 */
final class Health implements Observer {

    /** Answers that are spoken of, the latest; a power of two. */
    private static final int RECENT = 1024;

    /** A loss above its best stretch by more than this part has risen. */
    private static final double RISE = 0.25;

    /** Epochs of which a stretch is made; so that one unlucky epoch is no rise. */
    private static final int STRETCH = 3;

    /** Makers of meters say how far theirs are off after a day, 90 days and a year; of a board nobody says more. */
    private static final Duration OLD = Duration.ofDays(90);

    private static final List<String> PREFIXES = List.of("", "m", "µ", "n", "p");
    private static final int SMALLEST = PREFIXES.size() - 1;

    private final @Nullable Worn worn;
    private final Diagnosis diagnosis = new Diagnosis();
    private final byte[] verdicts = new byte[RECENT];
    private final boolean[] beyond = new boolean[RECENT];
    private long answers;

    // Written by the thread that trains.
    private final int[] counts = new int[Verdict.values().length];
    private final @Nullable Quality[] latest = new Quality[Verdict.values().length];
    private final List<Double> losses = new ArrayList<>();
    private volatile Levels errors = Levels.NONE;
    private volatile int reads = 1;
    private volatile Finding finding = diagnosis.finding();
    private volatile double rise = Double.NaN;
    private int beyondCount;
    private volatile @Nullable Beyond latestBeyond;

    /** One line of the page. */
    private record Line(String what, String state, String sentence) {}

    /** A level that was read where nobody compared it. */
    private record Beyond(Role role, int channel, double level) {}

    /**
     * @param worn the calibration that the device wears; null if it wears none
     */
    Health(@Nullable Worn worn) {
        this.worn = worn;
    }

    void saw(Response response) {
        Quality quality = response.quality();
        int verdict = quality.verdict().ordinal();
        int at = (int) (answers & (RECENT - 1));
        // A page that reads meanwhile may be one answer off.
        if (answers >= RECENT) {
            counts[verdicts[at]]--;
        }
        verdicts[at] = (byte) verdict;
        counts[verdict]++;
        latest[verdict] = quality;
        answers++;
        if (worn != null) {
            boolean out = beyond(worn, response.levels());
            beyondCount += (out ? 1 : 0) - (beyond[at] ? 1 : 0);
            beyond[at] = out;
        }
        errors = response.errors();
        reads = response.reads();
    }

    private boolean beyond(Worn calibration, Levels levels) {
        boolean out = false;
        for (Map.Entry<Role, List<Span>> entry : calibration.compared().entrySet()) {
            Role role = entry.getKey();
            List<Span> spans = entry.getValue();
            // Whoever reads a few channels alone has seen them in whole answers.
            if (levels.has(role) && levels.size(role) == spans.size()) {
                for (int lane = 0; lane < levels.rows(role); lane++) {
                    for (int i = 0; i < spans.size(); i++) {
                        double level = levels.at(role, lane, i);
                        if (!spans.get(i).holds(level)) {
                            out = true;
                            latestBeyond = new Beyond(role, i, level);
                        }
                    }
                }
            }
        }
        return out;
    }

    @Override
    public void stepped(int epoch, int done, int rows, Step step) {
        diagnosis.stepped(epoch, done, rows, step);
    }

    @Override
    public void epochEnded(Epoch epoch) {
        diagnosis.epochEnded(epoch);
        finding = diagnosis.finding();
        losses.add(epoch.loss());
        if (losses.size() >= 2 * STRETCH) {
            double best = Double.POSITIVE_INFINITY;
            for (int from = 0; from + STRETCH <= losses.size(); from++) {
                best = Math.min(best, stretch(from));
            }
            rise = stretch(losses.size() - STRETCH) / best - 1;
        }
    }

    private double stretch(int from) {
        double sum = 0;
        for (int i = from; i < from + STRETCH; i++) {
            sum += losses.get(i);
        }
        return sum / STRETCH;
    }

    /**
     * The event {@code health}.
     *
     * @param card what the learner sees of the device
     * @param now what the clock on the wall shows
     */
    Event event(Descriptor card, Instant now) {
        List<Line> lines = new ArrayList<>();
        int[] seen = counts.clone();
        int all = Math.max(1, Arrays.stream(seen).sum());
        lines.add(world("Settling", seen, all, "every answer was read at rest", Verdict.UNSETTLED, Verdict.UNLOCKED));
        lines.add(world("Range", seen, all, "no reading at the end of its range", Verdict.CLIPPED));
        lines.add(world(
                "Holding",
                seen,
                all,
                "every parameter was held",
                Verdict.SATURATED,
                Verdict.UNSTABLE,
                Verdict.SNAPPED));
        lines.add(noise(card));
        if (worn != null) {
            lines.add(calibration(worn, card, now, all));
        }
        lines.add(drift());
        lines.add(direction("Bias", Diagnosis.Verdict.BIASED, "the parameters are not driven one way"));
        lines.add(direction("Limit cycle", Diagnosis.Verdict.LIMIT_CYCLE, "the parameters do not go to and fro"));
        Map<String, @Nullable Object> data = new LinkedHashMap<>();
        data.put(
                "findings",
                lines.stream()
                        .map(line -> Map.of("what", line.what, "state", line.state, "sentence", line.sentence))
                        .toList());
        return Event.of("health", data);
    }

    private Line world(String what, int[] seen, int all, String good, Verdict... bad) {
        if (Arrays.stream(seen).sum() == 0) {
            return new Line(what, "unknown", "no answer yet");
        }
        int count = 0;
        Quality worst = Quality.SETTLED;
        for (Verdict verdict : bad) {
            count += seen[verdict.ordinal()];
            Quality last = latest[verdict.ordinal()];
            if (seen[verdict.ordinal()] > 0 && last != null) {
                worst = worst.worst(last);
            }
        }
        if (count == 0) {
            return new Line(what, "ok", good);
        }
        String part = String.format(
                Locale.ROOT,
                "%s in %.1f %% of the latest %d answers",
                worst.verdict().name().toLowerCase(Locale.ROOT),
                100.0 * count / all,
                all);
        String where = worst.channel().isEmpty() ? "" : ", lately on " + worst.channel();
        return new Line(what, "warn", part + where + (worst.remark().isEmpty() ? "" : ": " + worst.remark()));
    }

    private Line noise(Descriptor card) {
        Levels known = errors;
        if (!known.has(Role.OUTPUT)) {
            return new Line("Noise", "unknown", "the device does not tell; audit measures it");
        }
        double most = 0;
        int size = Math.min(known.size(Role.OUTPUT), card.count(Role.OUTPUT));
        String where = "";
        String unit = "";
        for (int i = 0; i < size; i++) {
            double error = known.at(Role.OUTPUT, 0, i);
            if (error > most) {
                most = error;
                where = card.channels(Role.OUTPUT).get(i).name();
                unit = card.channels(Role.OUTPUT).get(i).unit();
            }
        }
        return new Line(
                "Noise",
                "ok",
                most == 0
                        ? "none, says the device"
                        : String.format(
                                Locale.ROOT,
                                "standard error of %d reading%s at most %s, on %s",
                                reads,
                                reads == 1 ? "" : "s",
                                level(most, unit),
                                where));
    }

    /** A level above 0 with a prefix that suits it. */
    private static String level(double value, String unit) {
        if (unit.equals("1")) {
            return String.format(Locale.ROOT, "%.3g", value);
        }
        int thousands = Math.clamp((int) Math.floor(Math.log10(value) / 3), -SMALLEST, 0);
        return String.format(
                Locale.ROOT, "%.3g %s%s", value * Math.pow(10, -3.0 * thousands), PREFIXES.get(-thousands), unit);
    }

    private Line calibration(Worn calibration, Descriptor card, Instant now, int all) {
        List<String> warnings = new ArrayList<>();
        String age;
        try {
            Duration since = Duration.between(made(calibration.date()), now);
            long days = since.toDays();
            age = days == 0 ? "less than a day old" : days + (days == 1 ? " day old" : " days old");
            if (since.isNegative()) {
                age = "made on " + calibration.date() + ", which is yet to come";
                warnings.add("a clock was wrong then or is now");
            } else if (since.compareTo(OLD) > 0) {
                warnings.add("'calibrate --against' tells how far the board has drifted");
            }
        } catch (DateTimeParseException none) {
            age = "which does not say when it was made";
        }
        Beyond last = latestBeyond;
        int count = beyondCount;
        if (count > 0 && last != null) {
            Channel channel = card.channels(last.role()).get(last.channel());
            Span span =
                    calibration.compared().getOrDefault(last.role(), List.of()).get(last.channel());
            warnings.add(String.format(
                    Locale.ROOT,
                    "%.1f %% of the latest %d answers beyond it, lately %s at %.3g %s (compared from %.3g to %.3g)",
                    100.0 * count / all,
                    all,
                    channel.name(),
                    last.level(),
                    channel.unit(),
                    span.from(),
                    span.to()));
        }
        return new Line(
                "Calibration",
                warnings.isEmpty() ? "ok" : "warn",
                calibration.specimen() + ", " + age + (warnings.isEmpty() ? "" : "; " + String.join("; ", warnings)));
    }

    /** The moment that a calibration's file names: a moment, or a day. */
    private static Instant made(String date) {
        return date.contains("T")
                ? Instant.parse(date)
                : LocalDate.parse(date).atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    private Line drift() {
        double risen = rise;
        if (Double.isNaN(risen)) {
            return new Line("Drift", "unknown", "told after " + 2 * STRETCH + " epochs");
        }
        return risen > RISE
                ? new Line(
                        "Drift",
                        "warn",
                        String.format(
                                Locale.ROOT,
                                "the loss is %.0f %% above its best: the device may have drifted, or steps are too large",
                                100 * risen))
                : new Line("Drift", "ok", "the loss has not risen above its best");
    }

    private Line direction(String what, Diagnosis.Verdict bad, String good) {
        Finding now = finding;
        if (now.verdict() == Diagnosis.Verdict.YOUNG) {
            return new Line(what, "unknown", "too few epochs to tell");
        }
        return now.verdict() == bad ? new Line(what, "warn", now.remark()) : new Line(what, "ok", good);
    }
}
