package org.homeostat.shadow;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Levels;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.jspecify.annotations.Nullable;

/**
 * How far the answers of two devices to the same questions lie apart, channel by channel, while they come. Memory does not
 * grow with the number of exchanges.
 *
 * <p>Thread rule: one caller at a time.
 */
public final class Divergence {

    /** Points that the course of a divergence is kept as; twice as many while it is written. */
    private static final int POINTS = 512;

    /** Levels of a converter are multiples of its step but for rounding: so many units in the last place of the range's end. */
    private static final double ROUNDING = 8;

    /**
     * The first thing in which two answers to one question differ by more than is allowed.
     *
     * @param exchange its number, from 1
     * @param channel the channel that is furthest beyond; empty where readings agree and something else does not
     * @param words what it was and what it is
     */
    public record Difference(long exchange, String channel, String words) {}

    /**
     * A channel.
     *
     * @param readings how many were compared
     * @param rms the root mean square of the differences, in the channel's unit
     * @param worst the largest difference, in the channel's unit
     * @param worstAt the exchange it was in; 0 where all agree
     * @param beyond how many lay further apart than is allowed
     */
    public record OfChannel(Channel channel, long readings, double rms, double worst, long worstAt, long beyond) {}

    /**
     * The course of a divergence.
     *
     * @param every how many exchanges a point stands for
     * @param worst the largest difference of those exchanges, as a part of the range of its channel
     * @param differing how many of those exchanges differ by more than is allowed
     */
    public record Course(long every, double[] worst, long[] differing) {}

    private static final class Sums {
        private long readings;
        private double squares;
        private double worst;
        private long worstAt;
        private long beyond;
    }

    private final Descriptor card;
    private final Tolerance tolerance;
    /** By the ordinal of the role, then by position. */
    private final Sums[][] sums = new Sums[Role.values().length][];

    private final double[] course = new double[2 * POINTS];
    private final long[] differs = new long[2 * POINTS];
    private long every = 1;
    private long exchanges;
    private long differing;
    private boolean errorsKnown;
    private @Nullable Difference first;

    // Of the exchange being compared.
    private double furthest;
    private double largest;
    private @Nullable Difference difference;

    /** @param card of the device whose answers are the measure */
    public Divergence(Descriptor card, Tolerance tolerance) {
        this.card = card;
        this.tolerance = tolerance;
        for (Role role : Role.values()) {
            Sums[] ofRole = new Sums[card.count(role)];
            Arrays.setAll(ofRole, i -> new Sums());
            sums[role.ordinal()] = ofRole;
        }
    }

    /**
     * Refuses two devices that cannot be asked the same: their channels must have the same names, roles, units and order.
     *
     * @throws IllegalArgumentException that says in what they differ
     */
    public static void requireAlike(Descriptor one, Descriptor other) {
        for (Role role : Role.values()) {
            List<Channel> mine = one.channels(role);
            List<Channel> theirs = other.channels(role);
            for (int i = 0; i < Math.max(mine.size(), theirs.size()); i++) {
                String a = i < mine.size()
                        ? mine.get(i).name() + " in " + mine.get(i).unit()
                        : "no channel";
                String b = i < theirs.size()
                        ? theirs.get(i).name() + " in " + theirs.get(i).unit()
                        : "no channel";
                if (!a.equals(b)) {
                    throw new IllegalArgumentException("board " + one.board() + " and board " + other.board()
                            + " cannot be asked the same: " + role.name().toLowerCase(Locale.ROOT) + " "
                            + (i + 1) + " is " + a + " here and " + b + " there; give devices of one kind");
                }
            }
        }
        if (one.lanes() != other.lanes()) {
            throw new IllegalArgumentException("board " + one.board() + " has " + one.lanes() + " lanes and board "
                    + other.board() + " has " + other.lanes() + "; give devices of as many");
        }
    }

    /**
     * Compares two answers to one question.
     *
     * @param then the measure
     * @return in what they differ by more than is allowed; null where they agree
     */
    public @Nullable Difference add(Response then, Response now) {
        exchanges++;
        furthest = 0;
        largest = 0;
        difference = null;
        for (Role role : then.levels().roles()) {
            compare(role, then, now);
        }
        if (difference == null) {
            difference = unlike(then, now);
        }
        draw();
        if (difference != null) {
            differing++;
            first = Objects.requireNonNullElse(first, difference);
        }
        return difference;
    }

    private void compare(Role role, Response then, Response now) {
        Levels a = then.levels();
        Levels b = now.levels();
        if (!b.has(role)
                || a.size(role) != b.size(role)
                || a.rows(role) != b.rows(role)
                || !Arrays.equals(a.positions(role), b.positions(role))) {
            difference = new Difference(exchanges, "", "it no longer reads the same channels of role " + role);
            furthest = Double.POSITIVE_INFINITY;
            return;
        }
        int[] positions = a.positions(role);
        for (int i = 0; i < a.size(role); i++) {
            int position = positions == null ? i : positions[i];
            Channel channel = card.channels(role).get(position);
            for (int lane = 0; lane < a.rows(role); lane++) {
                double before = error(then, role, lane, i);
                double after = error(now, role, lane, i);
                errorsKnown |= before > 0 || after > 0;
                double allowed = tolerance.allowed(channel, before, after);
                compare(channel, sums[role.ordinal()][position], a.at(role, lane, i), b.at(role, lane, i), allowed);
            }
        }
    }

    private static double error(Response response, Role role, int lane, int index) {
        return response.errors().has(role) && response.errors().size(role) > index
                ? response.errors().at(role, lane, index)
                : 0;
    }

    private void compare(Channel channel, Sums to, double then, double now, double allowed) {
        double apart = Math.abs(now - then);
        double part = apart / (channel.max() - channel.min());
        to.readings++;
        to.squares += apart * apart;
        if (apart > to.worst) {
            to.worst = apart;
            to.worstAt = exchanges;
        }
        largest = Math.max(largest, part);
        double rounding = ROUNDING * Math.ulp(Math.max(Math.abs(channel.min()), Math.abs(channel.max())));
        boolean beyond = tolerance.exact() ? Double.compare(then, now) != 0 : apart > allowed + rounding;
        if (beyond) {
            to.beyond++;
            // Two zeros that differ in sign are not the same bits, and not apart.
            if (difference == null || part > furthest) {
                furthest = part;
                difference = new Difference(
                        exchanges,
                        channel.name(),
                        channel.name() + " was at " + shown(then, now) + " " + channel.unit() + " and is at "
                                + shown(now, then) + " " + channel.unit()
                                + (tolerance.exact() ? "" : ", " + (float) allowed + " apart is allowed"));
            }
        }
    }

    /** A level with as many digits as are needed to tell it from another one. */
    private static String shown(double level, double other) {
        return (float) level == (float) other ? String.valueOf(level) : String.valueOf((float) level);
    }

    private @Nullable Difference unlike(Response then, Response now) {
        if (then.quality().verdict() != now.quality().verdict()) {
            return new Difference(
                    exchanges,
                    now.quality().channel(),
                    "its verdict was " + then.quality().verdict() + " and is "
                            + now.quality().verdict());
        }
        if (!tolerance.exact() || then.equals(now)) {
            return null;
        }
        return new Difference(
                exchanges,
                "",
                then.errors().equals(now.errors())
                        ? "readings agree, but not the reads (" + then.reads() + " and " + now.reads()
                                + "), the device's clock (" + then.deviceSeconds() + " and " + now.deviceSeconds()
                                + " s) or the remark"
                        : "readings agree, but not their standard errors");
    }

    private void draw() {
        int point = (int) ((exchanges - 1) / every);
        if (point == course.length) {
            for (int k = 0; k < POINTS; k++) {
                course[k] = Math.max(course[2 * k], course[2 * k + 1]);
                differs[k] = differs[2 * k] + differs[2 * k + 1];
            }
            Arrays.fill(course, POINTS, course.length, 0);
            Arrays.fill(differs, POINTS, differs.length, 0);
            every *= 2;
            point = (int) ((exchanges - 1) / every);
        }
        course[point] = Math.max(course[point], largest);
        differs[point] += difference == null ? 0 : 1;
    }

    /** What is allowed. */
    public Tolerance tolerance() {
        return tolerance;
    }

    /** True if an answer told a standard error; else nothing is allowed for noise, however many errors are. */
    public boolean errorsKnown() {
        return errorsKnown;
    }

    /** How many answers were compared. */
    public long exchanges() {
        return exchanges;
    }

    /** How many of them differ by more than is allowed. */
    public long differing() {
        return differing;
    }

    /** The first difference beyond what is allowed; null where there is none. */
    public @Nullable Difference first() {
        return first;
    }

    /** The channels that were read, in the order of the card. */
    public List<OfChannel> channels() {
        List<OfChannel> channels = new ArrayList<>();
        for (Role role : Role.values()) {
            Sums[] ofRole = sums[role.ordinal()];
            for (int i = 0; i < ofRole.length; i++) {
                Sums sum = ofRole[i];
                if (sum.readings > 0) {
                    channels.add(new OfChannel(
                            card.channels(role).get(i),
                            sum.readings,
                            Math.sqrt(sum.squares / sum.readings),
                            sum.worst,
                            sum.worstAt,
                            sum.beyond));
                }
            }
        }
        return channels;
    }

    /** How the divergence went. */
    public Course course() {
        int points = (int) ((exchanges + every - 1) / every);
        return new Course(every, Arrays.copyOf(course, points), Arrays.copyOf(differs, points));
    }
}
