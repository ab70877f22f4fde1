package org.homeostat.board;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.homeostat.device.Ability;
import org.homeostat.device.Card;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
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
    private static final long LOOK_NANOS = 5_000_000;
    private static final double MICROS = 1e6;

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
    private Map<Role, Arm.Limits> limits = Map.of();

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
     * Answers until it is told to stop.
     *
     * @throws LinkException if the link ends
     */
    public void serve(Link link, BooleanSupplier stop) throws LinkException {
        byte[] buffer = new byte[8192];
        while (!stop.getAsBoolean()) {
            int count = link.read(buffer, 0, buffer.length, LOOK_NANOS);
            if (count > 0) {
                framed.clear();
                reader.feed(buffer, 0, count, this::take);
                if (framed.length() > 0) {
                    link.write(framed.array(), 0, framed.length(), 1_000_000_000L);
                }
            } else if (armed && System.nanoTime() - heardNanos > silenceNanos) {
                latch(Reason.SILENCE);
            }
        }
        latch(Reason.STOP);
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
        Map<Role, Arm.Limits> narrower = new LinkedHashMap<>();
        for (Arm.Limits each : arm.limits()) {
            Role role = Role.values()[each.role().number()];
            if (role != Role.INPUT && role != Role.NUDGE) {
                return Refusal.of(ErrorCode.UNFIT, "limits are for inputs and nudges");
            }
            List<Channel> channels = card.channels(role);
            for (int i = 0; i < channels.size(); i++) {
                double safe = value(channels.get(i), channels.get(i).safe());
                if (!(each.lowest()[i] <= safe && each.highest()[i] >= safe && each.slew()[i] > 0)) {
                    return new Refusal(ErrorCode.UNFIT, Refusal.NONE, each.role(), i, "limits enclose the safe level");
                }
            }
            narrower.put(role, each);
        }
        limits = narrower;
        arming = arm.arming();
        silenceNanos = arm.silenceMillis() * 1_000_000L;
        heardNanos = System.nanoTime();
        armed = true;
        return new Armed(state());
    }

    private static double value(Channel channel, double level) {
        return channel.scale().codes() == 0 ? level : channel.scale().code(level);
    }

    private void latch(Reason why) {
        if (!armed) {
            return;
        }
        armed = false;
        reason = why;
        boolean moves = card.can(Ability.COMPLIANCE) && !card.can(Ability.HOMEOSTASIS);
        Stimulus safe = card.safe();
        Response response = device.present(moves ? safe.when(Plasticity.FREE) : safe, Deadline.NEVER);
        micros = Math.round(response.deviceSeconds() * MICROS);
    }

    private Reply batch(long number, Batch batch) {
        if (number != executed + 1) {
            return Refusal.of(ErrorCode.ORDER, "the next batch is number " + (executed + 1));
        }
        if (!armed) {
            return Refusal.of(ErrorCode.LATCHED, "");
        }
        List<Stimulus> stimuli = new ArrayList<>();
        for (int i = 0; i < batch.stimuli().size(); i++) {
            WireStimulus sent = batch.stimuli().get(i);
            try {
                Stimulus stimulus = card.accepted(translator.told(sent));
                Refusal outside = outside(stimulus, i);
                if (outside != null) {
                    return outside;
                }
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
                Response response = device.present(stimuli.get(i), Deadline.NEVER);
                micros = Math.round(response.deviceSeconds() * MICROS);
                responses.add(translator.said(response, batch.stimuli().get(i).reads(), began));
            } catch (IllegalArgumentException | DeviceException refused) {
                if (responses.isEmpty()) {
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

    /** A refusal if a set-point lies outside the limits of the last arming. */
    private @Nullable Refusal outside(Stimulus stimulus, int which) {
        for (Map.Entry<Role, Arm.Limits> entry : limits.entrySet()) {
            Role role = entry.getKey();
            Levels levels = role == Role.INPUT
                    ? stimulus.levels()
                    : stimulus.nudge() instanceof Nudge.Force force ? force.levels() : Levels.NONE;
            if (!levels.has(role)) {
                continue;
            }
            int[] positions = levels.positions(role);
            for (int lane = 0; lane < levels.rows(role); lane++) {
                for (int i = 0; i < levels.size(role); i++) {
                    int index = positions == null ? i : positions[i];
                    double value = value(card.channels(role).get(index), levels.at(role, lane, i));
                    if (value < entry.getValue().lowest()[index]
                            || value > entry.getValue().highest()[index]) {
                        return new Refusal(
                                ErrorCode.LIMIT, which, entry.getValue().role(), index, "");
                    }
                }
            }
        }
        return null;
    }
}
