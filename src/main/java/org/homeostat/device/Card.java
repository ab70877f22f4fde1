package org.homeostat.device;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A descriptor as bytes, exactly: the form in which a board carries it, journals keep it, and its digest is taken
 * (firmware-protocol/SPEC.md, section 2). Equal descriptors have equal bytes.
 */
public final class Card {

    private static final int FORM = 1;

    private static final int UNNUMBERED = -1;

    private static final int FIXED = 0xff;

    /** More channels than this in one role are a damaged card, not a device. */
    private static final int MOST_CHANNELS = 4_000_000;

    private Card() {}

    /** The first eight bytes of the SHA-256 of a card's bytes, in hexadecimal. */
    public static String digest(byte[] card) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(card), 0, 8);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    /** Writes a descriptor down. */
    public static byte[] of(Descriptor descriptor) {
        Writer out = new Writer();
        out.u8(FORM);
        out.text(descriptor.board());
        out.text(descriptor.firmware());
        out.u32(descriptor.lanes());
        out.u16(bits(descriptor.abilities()));
        out.u16(bits(descriptor.nudges()));
        out.f64(descriptor.betaUnit());
        out.f64(descriptor.settleSeconds());
        List<Role> roles = new ArrayList<>(EnumSet.allOf(Role.class));
        roles.removeIf(role -> descriptor.count(role) == 0);
        out.u8(roles.size());
        for (Role role : roles) {
            out.u8(role.ordinal());
            List<Run> runs = runs(descriptor.channels(role));
            out.u32(runs.size());
            runs.forEach(out::run);
        }
        out.u32(descriptor.forceLaws().size());
        descriptor.forceLaws().forEach(out::law);
        return out.bytes.toByteArray();
    }

    /**
     * Reads a descriptor.
     *
     * @throws IllegalArgumentException if the bytes are no card, with a sentence that says why
     */
    public static Descriptor read(byte[] card) {
        ByteBuffer in = ByteBuffer.wrap(card).order(ByteOrder.LITTLE_ENDIAN);
        try {
            Descriptor descriptor = read(in);
            if (in.hasRemaining()) {
                throw new IllegalArgumentException("the card goes on for " + in.remaining() + " bytes after its end");
            }
            return descriptor;
        } catch (BufferUnderflowException cut) {
            throw new IllegalArgumentException("the card ends too early, after " + card.length + " bytes", cut);
        }
    }

    private static Descriptor read(ByteBuffer in) {
        int form = u8(in);
        if (form != FORM) {
            throw new IllegalArgumentException("the card has form " + form + ", this program knows form " + FORM
                    + "; use a program that knows it");
        }
        String board = text(in);
        String firmware = text(in);
        int lanes = in.getInt();
        Set<Ability> abilities = members(Ability.class, u16(in), "abilities");
        Set<Nudge.Kind> nudges = members(Nudge.Kind.class, u16(in), "kinds of nudge");
        double betaUnit = in.getDouble();
        double settleSeconds = in.getDouble();
        Map<Role, List<Channel>> channels = new EnumMap<>(Role.class);
        int groups = u8(in);
        for (int i = 0; i < groups; i++) {
            Role role = role(u8(in));
            List<Channel> group = new ArrayList<>();
            int runs = in.getInt();
            for (int j = 0; j != runs; j++) {
                readRun(role, in, group);
            }
            if (channels.put(role, group) != null) {
                throw new IllegalArgumentException("the card lists role " + role + " twice");
            }
        }
        int count = in.getInt();
        List<ForceLaw> laws = new ArrayList<>();
        for (int i = 0; i != count; i++) {
            laws.add(readLaw(in));
        }
        return new Descriptor(board, firmware, lanes, channels, abilities, nudges, betaUnit, settleSeconds, laws);
    }

    /** Channels that differ only in the number at the end of their names. */
    private record Run(String stem, int first, int count, Channel pattern) {}

    private static List<Run> runs(List<Channel> channels) {
        List<Run> runs = new ArrayList<>();
        Run open = null;
        for (Channel channel : channels) {
            Run alone = alone(channel);
            if (open != null && continues(open, alone)) {
                open = new Run(open.stem, open.first, open.count + 1, open.pattern);
            } else {
                if (open != null) {
                    runs.add(open);
                }
                open = alone;
            }
        }
        if (open != null) {
            runs.add(open);
        }
        return runs;
    }

    private static boolean continues(Run open, Run next) {
        return open.first != UNNUMBERED
                && next.first == open.first + open.count
                && next.stem.equals(open.stem)
                && renamed(next.pattern, "x").equals(renamed(open.pattern, "x"));
    }

    private static Channel renamed(Channel channel, String name) {
        return new Channel(
                name, channel.role(), channel.unit(), channel.min(), channel.max(), channel.safe(), channel.scale());
    }

    private static Run alone(Channel channel) {
        String name = channel.name();
        int digits = name.length();
        while (name.charAt(digits - 1) >= '0' && name.charAt(digits - 1) <= '9') {
            digits--;
        }
        Integer number = number(name.substring(digits));
        return number == null
                ? new Run(name, UNNUMBERED, 1, channel)
                : new Run(name.substring(0, digits), number, 1, channel);
    }

    private static @Nullable Integer number(String digits) {
        if (digits.isEmpty() || digits.length() > 1 && digits.startsWith("0") || digits.length() > 10) {
            return null;
        }
        long number = Long.parseLong(digits);
        return number > Integer.MAX_VALUE ? null : (int) number;
    }

    private static void readRun(Role role, ByteBuffer in, List<Channel> group) {
        String stem = text(in);
        int first = in.getInt();
        int count = in.getInt();
        boolean numbered = first >= 0 && first + (long) count - 1 <= Integer.MAX_VALUE;
        if (count < 1
                || group.size() + (long) count > MOST_CHANNELS
                || !numbered && !(first == UNNUMBERED && count == 1)) {
            throw new IllegalArgumentException("the card has a run of " + Integer.toUnsignedString(count)
                    + " channels '" + stem + "'; expected 1 to " + MOST_CHANNELS + ", numbered from 0 or alone");
        }
        String unit = text(in);
        double min = in.getDouble();
        double max = in.getDouble();
        double safe = in.getDouble();
        int kind = u8(in);
        Scale scale = switch (kind) {
            case 0 -> Scale.CONTINUOUS;
            case 1 -> new Scale.Linear(in.getDouble(), in.getDouble(), in.getInt());
            case 2 -> new Scale.Rheostat(in.getDouble(), in.getDouble(), in.getInt());
            default -> throw new IllegalArgumentException("the card has a scale of unknown kind " + kind);
        };
        for (int i = 0; i < count; i++) {
            group.add(new Channel(first == UNNUMBERED ? stem : stem + (first + i), role, unit, min, max, safe, scale));
        }
    }

    private static ForceLaw readLaw(ByteBuffer in) {
        int kind = u8(in);
        ForceLaw.Probe a = readProbe(in);
        ForceLaw.Probe b = readProbe(in);
        return switch (kind) {
            case 1 -> new ForceLaw.HalfSquareDrop(a, b);
            case 2 -> new ForceLaw.NegativeProduct(a, b);
            case 3 -> new ForceLaw.NegativeCosine(a, b);
            default -> throw new IllegalArgumentException("the card has a force law of unknown kind " + kind);
        };
    }

    private static ForceLaw.Probe readProbe(ByteBuffer in) {
        int role = u8(in);
        return role == FIXED
                ? new ForceLaw.Probe.Fixed(in.getDouble())
                : new ForceLaw.Probe.OnChannel(role(role), in.getInt(), in.getDouble());
    }

    private static int bits(Set<? extends Enum<?>> members) {
        int bits = 0;
        for (Enum<?> member : members) {
            bits |= 1 << member.ordinal();
        }
        return bits;
    }

    private static <E extends Enum<E>> Set<E> members(Class<E> type, int bits, String what) {
        Set<E> members = EnumSet.noneOf(type);
        for (E member : type.getEnumConstants()) {
            if ((bits >> member.ordinal() & 1) != 0) {
                members.add(member);
            }
        }
        if (bits(members) != bits) {
            throw new IllegalArgumentException("the card speaks of " + what + " that this program does not know");
        }
        return members;
    }

    private static Role role(int number) {
        if (number >= Role.values().length) {
            throw new IllegalArgumentException("the card speaks of an unknown role " + number);
        }
        return Role.values()[number];
    }

    private static int u8(ByteBuffer in) {
        return in.get() & 0xff;
    }

    private static int u16(ByteBuffer in) {
        return in.getShort() & 0xffff;
    }

    private static String text(ByteBuffer in) {
        int length = u16(in);
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        ByteBuffer bytes = in.slice(in.position(), length);
        in.position(in.position() + length);
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(bytes);
            return text.toString();
        } catch (CharacterCodingException broken) {
            throw new IllegalArgumentException("the card has a text that is not UTF-8", broken);
        }
    }

    private static final class Writer {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final ByteBuffer word = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);

        void u8(int value) {
            bytes.write(value);
        }

        void u16(int value) {
            bytes.write(word.putShort(0, (short) value).array(), 0, 2);
        }

        void u32(int value) {
            bytes.write(word.putInt(0, value).array(), 0, 4);
        }

        void f64(double value) {
            bytes.write(word.putDouble(0, value).array(), 0, 8);
        }

        void text(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            if (utf8.length > 0xffff) {
                throw new IllegalArgumentException("a text on a card has at most 65535 bytes, not " + utf8.length);
            }
            u16(utf8.length);
            bytes.writeBytes(utf8);
        }

        void run(Run run) {
            text(run.stem);
            u32(run.first);
            u32(run.count);
            text(run.pattern.unit());
            f64(run.pattern.min());
            f64(run.pattern.max());
            f64(run.pattern.safe());
            switch (run.pattern.scale()) {
                case Scale.Continuous continuous -> u8(0);
                case Scale.Linear(double zero, double step, int codes) -> {
                    u8(1);
                    f64(zero);
                    f64(step);
                    u32(codes);
                }
                case Scale.Rheostat(double wiperOhms, double endToEndOhms, int codes) -> {
                    u8(2);
                    f64(wiperOhms);
                    f64(endToEndOhms);
                    u32(codes);
                }
            }
        }

        void law(ForceLaw law) {
            u8(
                    switch (law) {
                        case ForceLaw.HalfSquareDrop drop -> 1;
                        case ForceLaw.NegativeProduct product -> 2;
                        case ForceLaw.NegativeCosine cosine -> 3;
                    });
            probe(law.a());
            probe(law.b());
        }

        private void probe(ForceLaw.Probe probe) {
            switch (probe) {
                case ForceLaw.Probe.OnChannel(Role role, int index, double gain) -> {
                    u8(role.ordinal());
                    u32(index);
                    f64(gain);
                }
                case ForceLaw.Probe.Fixed(double level) -> {
                    u8(FIXED);
                    f64(level);
                }
            }
        }
    }
}
