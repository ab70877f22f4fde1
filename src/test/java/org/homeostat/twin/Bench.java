package org.homeostat.twin;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.homeostat.physics.ResistiveNetwork;
import org.homeostat.physics.ResistiveNetwork.Terminal;

/**
 * The smallest board on which every imperfection shows by itself: an input x, an adjustable conductance g, an output o
 * loaded with 1 mS, so that {@code o = x g / (g + 1 mS)}, and a spare node that shows {@code x / 2}.
 */
final class Bench {

    static final double LOAD = 1e-3;

    static final double SETTLE_SECONDS = 1e-3;

    private Bench() {}

    /** How the channels of a bench are converted. */
    record Scales(Scale input, Scale output, Scale nudge, Scale parameter) {
        static final Scales CONTINUOUS =
                new Scales(Scale.CONTINUOUS, Scale.CONTINUOUS, Scale.CONTINUOUS, Scale.CONTINUOUS);

        /** Converters whose steps are 4096 times finer than those of a 12-bit one. */
        static final Scales FINE =
                new Scales(Scale.Linear.of(24, -4, 4), Scale.Linear.of(24, -4, 4), Scale.CONTINUOUS, Scale.CONTINUOUS);
    }

    static Descriptor card(Scales scales, Ability ability) {
        Map<Role, List<Channel>> channels = new EnumMap<>(Role.class);
        channels.put(Role.INPUT, List.of(new Channel("x", Role.INPUT, "V", -4, 4, 0, scales.input)));
        channels.put(Role.OUTPUT, List.of(new Channel("o", Role.OUTPUT, "V", -4, 4, 0, scales.output)));
        channels.put(Role.MONITOR, List.of(new Channel("h", Role.MONITOR, "V", -4, 4, 0, Scale.CONTINUOUS)));
        channels.put(Role.NUDGE, List.of(new Channel("n", Role.NUDGE, "A", -1e-2, 1e-2, 0, scales.nudge)));
        boolean moves = ability == Ability.COMPLIANCE;
        double least = scales.parameter instanceof Scale.Rheostat pot ? pot.level(pot.codes() - 1) : 1e-5;
        double most = scales.parameter instanceof Scale.Rheostat pot ? pot.level(0) : 1e-2;
        channels.put(
                Role.PARAMETER, List.of(new Channel("g", Role.PARAMETER, "S", least, most, most, scales.parameter)));
        if (moves) {
            channels.put(Role.KNOB, List.of(new Channel("u", Role.KNOB, "S", -1, 1, 1e-3, Scale.CONTINUOUS)));
            channels.put(
                    Role.SOFTNESS,
                    List.of(new Channel("softness", Role.SOFTNESS, "S/V2", 0, 1e-4, 1e-5, Scale.CONTINUOUS)));
        }
        return new Descriptor(
                "bench",
                "none",
                1,
                channels,
                EnumSet.of(ability),
                EnumSet.allOf(Nudge.Kind.class),
                LOAD,
                SETTLE_SECONDS,
                List.of());
    }

    static ResistiveNetwork physics() {
        ResistiveNetwork.Builder built = new ResistiveNetwork.Builder(1);
        Terminal output = new Terminal.Node(built.node());
        Terminal spare = new Terminal.Node(built.node());
        built.output(0);
        int g = built.adjustable(new Terminal.Source(0, 1), output);
        if (g != 0) {
            throw new IllegalStateException();
        }
        built.fixed(output, new Terminal.Rail(0), LOAD);
        built.fixed(new Terminal.Source(0, 1), spare, LOAD).fixed(spare, new Terminal.Rail(0), LOAD);
        return built.build();
    }

    static TwinDevice digital(Scales scales, Imperfections spread, long seed) {
        return new TwinDevice(card(scales, Ability.WRITABLE_PARAMETERS), physics(), new int[] {1}, spread, 1e-14, seed);
    }

    static TwinDevice compliant(Imperfections spread, long seed) {
        return new TwinDevice(
                card(Scales.CONTINUOUS, Ability.COMPLIANCE), physics(), new int[] {1}, spread, 1e-14, seed);
    }

    static Stimulus volts(double x) {
        return Stimulus.of(Levels.of(Role.INPUT, x));
    }

    static Stimulus volts(double x, double siemens) {
        return Stimulus.of(Levels.of(Role.INPUT, x).and(Levels.of(Role.PARAMETER, siemens)));
    }

    static Stimulus reads(Stimulus stimulus, int reads) {
        return stimulus.settling(new Settling.Usual(reads));
    }

    static Response ask(TwinDevice twin, Stimulus stimulus) {
        return twin.present(stimulus, Deadline.NEVER);
    }

    static double output(TwinDevice twin, Stimulus stimulus) {
        return ask(twin, stimulus).outputs(0)[0];
    }

    static Stimulus free(double x) {
        return volts(x).when(Plasticity.FREE);
    }

    /** The conductance that a real resistor must have for the output seen. */
    static double siemens(double x, double output) {
        return LOAD * output / (x - output);
    }
}
