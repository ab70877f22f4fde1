package org.homeostat.board;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.homeostat.device.Card;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.homeostat.link.Link;
import org.homeostat.link.LinkException;
import org.homeostat.wire.Bytes;
import org.homeostat.wire.Codec;
import org.homeostat.wire.ErrorCode;
import org.homeostat.wire.FrameReader;
import org.homeostat.wire.Frames;
import org.homeostat.wire.Header;
import org.homeostat.wire.MalformedException;
import org.homeostat.wire.Message.Alive;
import org.homeostat.wire.Message.Arm;
import org.homeostat.wire.Message.Armed;
import org.homeostat.wire.Message.Batch;
import org.homeostat.wire.Message.Beat;
import org.homeostat.wire.Message.CardPart;
import org.homeostat.wire.Message.Hello;
import org.homeostat.wire.Message.ReadCard;
import org.homeostat.wire.Message.Refusal;
import org.homeostat.wire.Message.Reply;
import org.homeostat.wire.Message.Request;
import org.homeostat.wire.Message.Result;
import org.homeostat.wire.Message.Stop;
import org.homeostat.wire.Message.Stopped;
import org.homeostat.wire.Message.Welcome;
import org.homeostat.wire.Reason;
import org.homeostat.wire.State;
import org.homeostat.wire.WireResponse;
import org.homeostat.wire.WireStimulus;
import org.jspecify.annotations.Nullable;

/**
 * A device that answers as a board: the far end of the protocol (firmware-protocol/SPEC.md), for twins. What the firmware of a
 * board does, this does with a {@link Device} in place of converters.
 *
 * <p>Thread rule: {@link #serve} in one thread; it closes neither the link nor the device.
 */
public final class Served {

    private static final int WINDOW = 4;
    private static final int LEAST_SILENCE_MILLIS = 100;
    private static final int MOST_SILENCE_MILLIS = 2000;
    /** How often it looks whether it shall stop. */
    private static final long LOOK_NANOS = 50_000_000;

    private static final long PROMPT_NANOS = 100_000;
    private static final long WRITE_NANOS = 1_000_000_000;
    private static final double MICROS = 1e6;
    private static final List<Role> DRIVEN = List.of(Role.INPUT, Role.NUDGE);

    /** As many bytes as a modest line carries in no time; a device with more channels than that gets more. */
    private static final int LEAST_LARGEST = 640;

    private final Device device;
    private final Descriptor card;
    private final byte[] cardBytes;
    private final Translator translator;
    private final Codec codec;
    private final int largest;
    private final long boot;
    private final Bytes payload = new Bytes();
    private final Bytes framed = new Bytes();
    private final FrameReader reader;

    private long session;
    private long executed;
    private boolean armed;
    private Reason reason = Reason.NEVER_ARMED;
    private long arming;
    private long silenceNanos;
    private long heardNanos;
    private long micros;
    private final Map<Role, Driven> driven = new EnumMap<>(Role.class);

    /** The outputs last read without a nudge, one row a lane; null while there are none. */
    private double @Nullable [][] free;

    /** Where the channels of a role stand and may go, in codes, or in levels on those without a scale. */
    private final class Driven {
        private final List<Channel> channels;
        private final double[][] now;
        private final double[][] target;
        private Arm.@Nullable Limits limits;
        private long movedMicros;

        Driven(Role role) {
            channels = card.channels(role);
            now = new double[card.lanes()][channels.size()];
            target = new double[card.lanes()][channels.size()];
            rest();
            stand();
        }

        /** Aims at the safe levels. */
        void rest() {
            for (double[] row : target) {
                Arrays.setAll(
                        row,
                        i -> Translator.value(channels.get(i), channels.get(i).safe()));
            }
        }

        void aim(Role role, Levels levels) {
            int[] positions = levels.positions(role);
            for (int lane = 0; lane < target.length; lane++) {
                for (int i = 0; i < levels.size(role); i++) {
                    int index = positions == null ? i : positions[i];
                    target[lane][index] = Translator.value(channels.get(index), levels.at(role, lane, i));
                }
            }
        }

        /** Stands where it aimed at. */
        void stand() {
            for (int lane = 0; lane < now.length; lane++) {
                now[lane] = target[lane].clone();
            }
            movedMicros = micros;
        }

        /** Aims at where it stands. */
        void aimHere() {
            for (int lane = 0; lane < now.length; lane++) {
                target[lane] = now[lane].clone();
            }
        }

        boolean arrived() {
            return Arrays.deepEquals(now, target);
        }

        /** How long until the next move. */
        long restMicros() {
            Arm.Limits within = limits;
            return within == null ? 0 : Math.max(0, movedMicros + within.periodMicros() - micros);
        }

        /** Moves each channel, no further than its slew. */
        void move() {
            Arm.Limits within = limits;
            for (int lane = 0; lane < now.length; lane++) {
                for (int i = 0; i < channels.size(); i++) {
                    double way = target[lane][i] - now[lane][i];
                    double slew = within == null ? Double.POSITIVE_INFINITY : within.slew()[i];
                    now[lane][i] = Math.abs(way) <= slew ? target[lane][i] : now[lane][i] + Math.copySign(slew, way);
                }
            }
            movedMicros = micros;
        }

        double[][] levels() {
            double[][] levels = new double[now.length][channels.size()];
            for (int lane = 0; lane < now.length; lane++) {
                double[] row = now[lane];
                Arrays.setAll(levels[lane], i -> Translator.level(channels.get(i), row[i]));
            }
            return levels;
        }
    }

    /** The frames of the last batches' replies, by number. */
    private final LinkedHashMap<Long, byte[]> kept = new LinkedHashMap<>();

    /**
     * Makes a device answer as a board.
     *
     * @param boot a number that differs from one start to the next
     */
    public Served(Device device, long boot) {
        this.device = device;
        this.boot = boot & 0xffff_ffffL;
        card = device.descriptor();
        cardBytes = Card.of(card);
        translator = new Translator(card);
        codec = new Codec(translator.layout());
        largest = Math.max(LEAST_LARGEST, everything());
        reader = new FrameReader(largest);
        DRIVEN.forEach(role -> driven.put(role, new Driven(role)));
    }

    /** Enough for a stimulus on every channel that can be imposed, in every lane, with the widest nudge; and its answer. */
    private int everything() {
        int request = 0;
        for (Role role : Role.values()) {
            long rows = role.shared() ? 1 : card.lanes();
            request = Math.toIntExact(Math.addExact(request, 8 * rows * card.count(role) + card.count(role) / 8 + 8));
        }
        return Codec.RESULT_HEAD + Codec.BATCH_HEAD + Math.max(request, codec.responseBytes(2)) + 64;
    }

    /**
     * Answers until it is told to stop, or the link ends; either way it leaves the device at its safe levels.
     *
     * @throws LinkException if the link ends
     */
    public void serve(Link link, BooleanSupplier stop) throws LinkException {
        byte[] buffer = new byte[8192];
        try {
            while (!stop.getAsBoolean()) {
                int count = link.read(buffer, 0, buffer.length, restNanos());
                // What came while the device was busy has not been looked at yet, and is no silence.
                long now = System.nanoTime();
                framed.clear();
                reader.feed(buffer, 0, count, this::take);
                if (armed && now - heardNanos > silenceNanos) {
                    latch(Reason.SILENCE);
                }
                if (framed.length() > 0) {
                    link.write(framed.array(), 0, framed.length(), WRITE_NANOS);
                }
            }
            latch(Reason.STOP);
        } finally {
            latch(Reason.SILENCE);
        }
    }

    /** Until when nothing has to be done unless something comes. */
    private long restNanos() {
        long left = heardNanos + silenceNanos - System.nanoTime();
        return armed ? Math.clamp(left + PROMPT_NANOS, PROMPT_NANOS, LOOK_NANOS) : LOOK_NANOS;
    }

    private void take(byte[] bytes, int from, int length) {
        Header header;
        Reply reply;
        try {
            header = Header.of(bytes, from, length);
        } catch (MalformedException tooShort) {
            throw new IllegalStateException(tooShort);
        }
        if (header.session() == session) {
            heardNanos = System.nanoTime();
        }
        try {
            Request request = codec.request(bytes, from, length);
            byte[] again = request instanceof Batch && header.session() == session ? kept.get(header.number()) : null;
            if (again != null) {
                framed.put(again, 0, again.length);
                return;
            }
            reply = reply(header, request);
        } catch (MalformedException nonsense) {
            reply = Refusal.of(ErrorCode.MALFORMED, String.valueOf(nonsense.getMessage()));
        }
        payload.clear();
        codec.encode(header.session(), header.number(), reply, payload);
        int start = framed.length();
        Frames.encode(payload, framed);
        if (reply instanceof Result) {
            kept.put(header.number(), Arrays.copyOfRange(framed.array(), start, framed.length()));
            kept.remove(header.number() - WINDOW);
        }
    }

    private Reply reply(Header header, Request request) {
        if (request instanceof Hello hello) {
            return welcome(header.session(), hello);
        }
        if (header.session() != session) {
            return Refusal.of(ErrorCode.SESSION, "");
        }
        return switch (request) {
            case Hello hello -> welcome(header.session(), hello);
            case ReadCard part -> {
                int from = (int) Math.min(part.offset(), cardBytes.length);
                int most = Math.min(part.most(), largest - Header.BYTES - 4);
                int to = Math.min(from + most, cardBytes.length);
                yield new CardPart(part.offset(), Arrays.copyOfRange(cardBytes, from, to));
            }
            case Arm arm -> arm(arm);
            case Beat beat -> new Alive(state());
            case Stop stop -> {
                latch(Reason.STOP);
                reason = Reason.STOP;
                yield new Stopped(state());
            }
            case Batch batch -> batch(header.number(), batch);
        };
    }

    private Reply welcome(long asked, Hello hello) {
        if (hello.major() != Hello.MAJOR) {
            return Refusal.of(ErrorCode.VERSION, "this board speaks version " + Hello.MAJOR + "." + Hello.MINOR);
        }
        if (asked != session) {
            latch(Reason.NEW_SESSION);
            session = asked;
            executed = 0;
            kept.clear();
        }
        return new Welcome(
                Hello.MAJOR,
                Hello.MINOR,
                largest,
                WINDOW,
                LEAST_SILENCE_MILLIS,
                MOST_SILENCE_MILLIS,
                cardBytes.length,
                Card.digest(cardBytes),
                state());
    }

    private State state() {
        return new State(armed, reason, boot, arming, executed, micros, reader.dropped() & 0xffff_ffffL);
    }

    private Reply arm(Arm arm) {
        if (armed && arm.arming() == arming) {
            return new Armed(state());
        }
        if (arm.arming() <= arming) {
            return Refusal.of(ErrorCode.ARMING, "the last arming number was " + arming);
        }
        if (arm.silenceMillis() < LEAST_SILENCE_MILLIS || arm.silenceMillis() > MOST_SILENCE_MILLIS) {
            return Refusal.of(
                    ErrorCode.UNFIT,
                    "the silence limit lies between " + LEAST_SILENCE_MILLIS + " and " + MOST_SILENCE_MILLIS + " ms");
        }
        for (Arm.Limits each : arm.limits()) {
            Role role = Role.values()[each.role().number()];
            if (!DRIVEN.contains(role)) {
                return Refusal.of(ErrorCode.UNFIT, "limits are for inputs and nudges");
            }
            int wrong = unfit(each, card.channels(role));
            if (wrong >= 0) {
                return new Refusal(
                        ErrorCode.UNFIT,
                        Refusal.NONE,
                        each.role(),
                        wrong,
                        "limits lie within the range and enclose the safe level, and a slew is above 0");
            }
        }
        driven.values().forEach(each -> each.limits = null);
        arm.limits().forEach(each -> of(Role.values()[each.role().number()]).limits = each);
        arming = arm.arming();
        silenceNanos = arm.silenceMillis() * 1_000_000L;
        heardNanos = System.nanoTime();
        armed = true;
        return new Armed(state());
    }

    /** The first channel whose limits cannot be; -1 if there is none. */
    private static int unfit(Arm.Limits limits, List<Channel> channels) {
        for (int i = 0; i < channels.size(); i++) {
            Channel channel = channels.get(i);
            double a = Translator.value(channel, channel.min());
            double b = Translator.value(channel, channel.max());
            double safe = Translator.value(channel, channel.safe());
            double lowest = limits.lowest()[i];
            double highest = limits.highest()[i];
            boolean inside = lowest >= Math.min(a, b) && highest <= Math.max(a, b);
            if (!(inside && lowest <= safe && highest >= safe && limits.slew()[i] > 0)) {
                return i;
            }
        }
        return -1;
    }

    private Driven of(Role role) {
        return Objects.requireNonNull(driven.get(role));
    }

    private void latch(Reason why) {
        if (!armed) {
            return;
        }
        armed = false;
        reason = why;
        imposed(device.present(card.safe(), Deadline.NEVER));
        driven.values().forEach(each -> {
            each.rest();
            each.stand();
        });
    }

    private Response imposed(Response response) {
        micros = Math.round(response.deviceSeconds() * MICROS);
        return response;
    }

    private Reply batch(long number, Batch batch) {
        if (number != executed + 1) {
            return Refusal.of(ErrorCode.ORDER, "the next batch is number " + (executed + 1));
        }
        if (!armed) {
            return Refusal.of(ErrorCode.LATCHED, "");
        }
        List<Stimulus> stimuli = new ArrayList<>();
        boolean read = free != null;
        for (int i = 0; i < batch.stimuli().size(); i++) {
            WireStimulus sent = batch.stimuli().get(i);
            try {
                Stimulus stimulus = card.accepted(translator.told(sent));
                Refusal outside = outside(stimulus, i);
                if (outside != null) {
                    return outside;
                }
                card.requireRead(stimulus.nudge(), read);
                read |= stimulus.nudge() instanceof Nudge.None;
                stimuli.add(stimulus);
            } catch (IllegalArgumentException | DeviceException unfit) {
                return new Refusal(ErrorCode.UNFIT, i, null, Refusal.NONE, String.valueOf(unfit.getMessage()));
            }
        }
        if (codec.resultBytes(batch.stimuli()) > largest) {
            return Refusal.of(ErrorCode.LARGE, "");
        }
        long began = micros;
        List<WireResponse> responses = new ArrayList<>();
        for (int i = 0; i < stimuli.size(); i++) {
            try {
                Response response = made(stimuli.get(i));
                responses.add(translator.said(response, batch.stimuli().get(i).reads(), began));
            } catch (IllegalArgumentException | DeviceException refused) {
                if (micros == began) {
                    ErrorCode code = refused instanceof DeviceException ? ErrorCode.FAULT : ErrorCode.UNFIT;
                    return new Refusal(code, i, null, Refusal.NONE, String.valueOf(refused.getMessage()));
                }
                // Some of the batch was done, so that it must not be done again: what cannot go on is a fault.
                latch(Reason.FAULT);
                executed = number;
                return new Result(began, Reason.FAULT, responses);
            }
        }
        executed = number;
        return new Result(began, null, responses);
    }

    /** Goes where a stimulus leads, as fast as the limits allow, and reads. */
    private Response made(Stimulus stimulus) {
        Stimulus wanted = stimulus.nudged(realised(stimulus.nudge()));
        if (wanted.levels().has(Role.INPUT)) {
            of(Role.INPUT).aim(Role.INPUT, wanted.levels());
        }
        of(Role.NUDGE).rest();
        if (wanted.nudge() instanceof Nudge.Force force) {
            of(Role.NUDGE).aim(Role.NUDGE, force.levels());
        }
        try {
            for (long rest = moved(); rest >= 0; rest = moved()) {
                imposed(device.present(underWay(rest / MICROS), Deadline.NEVER));
            }
            Response response = imposed(device.present(wanted, Deadline.NEVER));
            if (wanted.nudge() instanceof Nudge.None) {
                free = new double[card.lanes()][];
                Arrays.setAll(free, response::outputs);
            }
            return response;
        } catch (IllegalArgumentException | DeviceException refused) {
            driven.values().forEach(each -> each.aimHere());
            throw refused;
        }
    }

    /** Makes the moves that are due; returns how long to wait for the next, in microseconds, or -1 if all have arrived. */
    private long moved() {
        long rest = Long.MAX_VALUE;
        for (Driven each : driven.values()) {
            if (!each.arrived() && each.restMicros() == 0) {
                each.move();
            }
            if (!each.arrived()) {
                rest = Math.min(rest, each.restMicros());
            }
        }
        return rest == Long.MAX_VALUE ? -1 : rest;
    }

    /** On the way nothing is free that can be held. */
    private Stimulus underWay(double seconds) {
        Levels inputs = card.count(Role.INPUT) == 0
                ? Levels.NONE
                : Levels.of(Role.INPUT, of(Role.INPUT).levels());
        Nudge nudge = card.realises(Nudge.Kind.FORCE)
                ? new Nudge.Force(Levels.of(Role.NUDGE, of(Role.NUDGE).levels()))
                : Nudge.NONE;
        return new Stimulus(inputs, nudge, card.plasticity(), new Settling.Dwell(seconds, 1));
    }

    /** The force that a difference comes to, within the limits; other nudges as they are. */
    private Nudge realised(Nudge nudge) {
        double[][] read = free;
        if (!(nudge instanceof Nudge.Difference difference) || read == null || !card.realises(Nudge.Kind.FORCE)) {
            return nudge;
        }
        Nudge.Force force = difference.from(read, card);
        Arm.Limits within = of(Role.NUDGE).limits;
        if (within == null) {
            return force;
        }
        List<Channel> channels = card.channels(Role.NUDGE);
        double[][] rows = new double[card.lanes()][];
        for (int lane = 0; lane < rows.length; lane++) {
            double[] row = force.levels().row(Role.NUDGE, lane);
            Arrays.setAll(row, i -> {
                double value = Translator.value(channels.get(i), row[i]);
                double kept = Math.clamp(value, within.lowest()[i], within.highest()[i]);
                return kept == value ? row[i] : Translator.level(channels.get(i), kept);
            });
            rows[lane] = row;
        }
        return new Nudge.Force(Levels.of(Role.NUDGE, rows));
    }

    /** A refusal if a set-point lies outside the limits of the last arming. */
    private @Nullable Refusal outside(Stimulus stimulus, int which) {
        for (Map.Entry<Role, Driven> entry : driven.entrySet()) {
            Role role = entry.getKey();
            Arm.Limits within = entry.getValue().limits;
            Levels levels = role == Role.INPUT
                    ? stimulus.levels()
                    : stimulus.nudge() instanceof Nudge.Force force ? force.levels() : Levels.NONE;
            if (within == null || !levels.has(role)) {
                continue;
            }
            int[] positions = levels.positions(role);
            for (int lane = 0; lane < levels.rows(role); lane++) {
                for (int i = 0; i < levels.size(role); i++) {
                    int index = positions == null ? i : positions[i];
                    double value = Translator.value(card.channels(role).get(index), levels.at(role, lane, i));
                    if (value < within.lowest()[index] || value > within.highest()[index]) {
                        return new Refusal(ErrorCode.LIMIT, which, within.role(), index, "");
                    }
                }
            }
        }
        return null;
    }
}
