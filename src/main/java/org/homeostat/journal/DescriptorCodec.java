package org.homeostat.journal;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.ForceLaw;
import org.homeostat.device.Nudge;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;

/**
 * A device's identity card as bytes, exactly. Members of enums go by name, so that reordering an enum does not change
 * what old files say. Taking nonsense is an unchecked exception.
 */
final class DescriptorCodec {

    private DescriptorCodec() {}

    static void put(Descriptor descriptor, Payload out) {
        out.putText(descriptor.board());
        out.putText(descriptor.firmware());
        out.putVarint(descriptor.lanes());
        out.putDouble(descriptor.betaUnit());
        out.putDouble(descriptor.settleSeconds());
        out.putVarint(descriptor.channels().size());
        descriptor.channels().forEach((role, group) -> {
            out.putText(role.name());
            out.putVarint(group.size());
            group.forEach(channel -> putChannel(channel, out));
        });
        putNames(descriptor.abilities(), out);
        putNames(descriptor.nudges(), out);
        out.putVarint(descriptor.forceLaws().size());
        descriptor.forceLaws().forEach(law -> putLaw(law, out));
    }

    static Descriptor take(Payload in) {
        String board = in.takeText();
        String firmware = in.takeText();
        int lanes = in.takeVarint();
        double betaUnit = in.takeDouble();
        double settleSeconds = in.takeDouble();
        Map<Role, List<Channel>> channels = new EnumMap<>(Role.class);
        int roles = in.takeCount();
        for (int i = 0; i < roles; i++) {
            Role role = Role.valueOf(in.takeText());
            int size = in.takeCount();
            List<Channel> group = new ArrayList<>(size);
            for (int j = 0; j < size; j++) {
                group.add(takeChannel(role, in));
            }
            channels.put(role, group);
        }
        Set<Ability> abilities = takeNames(Ability.class, in);
        Set<Nudge.Kind> nudges = takeNames(Nudge.Kind.class, in);
        int count = in.takeCount();
        List<ForceLaw> laws = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            laws.add(takeLaw(in));
        }
        return new Descriptor(board, firmware, lanes, channels, abilities, nudges, betaUnit, settleSeconds, laws);
    }

    private static void putChannel(Channel channel, Payload out) {
        out.putText(channel.name());
        out.putText(channel.unit());
        out.putDouble(channel.min());
        out.putDouble(channel.max());
        out.putDouble(channel.safe());
        switch (channel.scale()) {
            case Scale.Continuous continuous -> out.putByte('c');
            case Scale.Linear(double zero, double step, int codes) -> {
                out.putByte('l');
                out.putDouble(zero);
                out.putDouble(step);
                out.putVarint(codes);
            }
            case Scale.Rheostat(double wiperOhms, double endToEndOhms, int codes) -> {
                out.putByte('r');
                out.putDouble(wiperOhms);
                out.putDouble(endToEndOhms);
                out.putVarint(codes);
            }
        }
    }

    private static Channel takeChannel(Role role, Payload in) {
        String name = in.takeText();
        String unit = in.takeText();
        double min = in.takeDouble();
        double max = in.takeDouble();
        double safe = in.takeDouble();
        Scale scale = switch (in.takeByte()) {
            case 'c' -> Scale.CONTINUOUS;
            case 'l' -> new Scale.Linear(in.takeDouble(), in.takeDouble(), in.takeVarint());
            case 'r' -> new Scale.Rheostat(in.takeDouble(), in.takeDouble(), in.takeVarint());
            default -> throw new IllegalArgumentException("a scale of an unknown kind");
        };
        return new Channel(name, role, unit, min, max, safe, scale);
    }

    private static void putLaw(ForceLaw law, Payload out) {
        out.putByte(
                switch (law) {
                    case ForceLaw.HalfSquareDrop drop -> 'h';
                    case ForceLaw.NegativeProduct product -> 'n';
                });
        putProbe(law.a(), out);
        putProbe(law.b(), out);
    }

    private static ForceLaw takeLaw(Payload in) {
        int kind = in.takeByte();
        ForceLaw.Probe a = takeProbe(in);
        ForceLaw.Probe b = takeProbe(in);
        return switch (kind) {
            case 'h' -> new ForceLaw.HalfSquareDrop(a, b);
            case 'n' -> new ForceLaw.NegativeProduct(a, b);
            default -> throw new IllegalArgumentException("a force law of an unknown kind");
        };
    }

    private static void putProbe(ForceLaw.Probe probe, Payload out) {
        switch (probe) {
            case ForceLaw.Probe.OnChannel(Role role, int index, double gain) -> {
                out.putByte('c');
                out.putText(role.name());
                out.putVarint(index);
                out.putDouble(gain);
            }
            case ForceLaw.Probe.Fixed(double level) -> {
                out.putByte('f');
                out.putDouble(level);
            }
        }
    }

    private static ForceLaw.Probe takeProbe(Payload in) {
        return switch (in.takeByte()) {
            case 'c' -> new ForceLaw.Probe.OnChannel(Role.valueOf(in.takeText()), in.takeVarint(), in.takeDouble());
            case 'f' -> new ForceLaw.Probe.Fixed(in.takeDouble());
            default -> throw new IllegalArgumentException("a probe of an unknown kind");
        };
    }

    private static void putNames(Collection<? extends Enum<?>> members, Payload out) {
        out.putVarint(members.size());
        members.forEach(member -> out.putText(member.name()));
    }

    private static <E extends Enum<E>> Set<E> takeNames(Class<E> type, Payload in) {
        Set<E> members = EnumSet.noneOf(type);
        int count = in.takeCount();
        for (int i = 0; i < count; i++) {
            members.add(Enum.valueOf(type, in.takeText()));
        }
        return members;
    }
}
