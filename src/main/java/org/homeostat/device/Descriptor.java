package org.homeostat.device;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A device's identity card: everything that may be known before the first exchange. Immutable. A twin carries the card of
 * the board that it mimics.
 *
 * @param board the kind of board, such as {@code resistor-array-v1}
 * @param firmware what answers inside it
 * @param lanes how many identical copies share one set of parameters; 1 for a board on a bench
 * @param channels the channels of each role, in order
 * @param abilities what it does by itself
 * @param nudges the kinds of nudge that it realises
 * @param betaUnit the force on an output, in the unit of the nudge channels, that a nudge of beta = 1 exerts for each unit
 *     of distance between output and target; it makes beta a pure number that means the same on every device
 * @param settleSeconds how long it takes to come to rest
 * @param forceLaws how the force on each parameter follows from levels; empty, or one a parameter
 */
public record Descriptor(
        String board,
        String firmware,
        int lanes,
        Map<Role, List<Channel>> channels,
        Set<Ability> abilities,
        Set<Nudge.Kind> nudges,
        double betaUnit,
        double settleSeconds,
        List<ForceLaw> forceLaws) {

    public Descriptor {
        if (lanes < 1) {
            throw new IllegalArgumentException("a device has at least one lane, not " + lanes);
        }
        if (!(betaUnit > 0) || !(settleSeconds >= 0) || Double.isInfinite(betaUnit + settleSeconds)) {
            throw new IllegalArgumentException(
                    "board " + board + ": betaUnit must be above 0 and settleSeconds not below 0, both finite");
        }
        Map<Role, List<Channel>> grouped = new EnumMap<>(Role.class);
        Set<String> names = new HashSet<>();
        for (Role role : Role.values()) {
            List<Channel> group = List.copyOf(channels.getOrDefault(role, List.of()));
            for (Channel channel : group) {
                if (channel.role() != role) {
                    throw new IllegalArgumentException(
                            "channel " + channel.name() + " of role " + channel.role() + " is listed under " + role);
                }
                if (!names.add(channel.name())) {
                    throw new IllegalArgumentException("two channels are named " + channel.name());
                }
            }
            grouped.put(role, group);
        }
        channels = Collections.unmodifiableMap(grouped);
        abilities = abilities.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(abilities));
        nudges = nudges.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(nudges));
        forceLaws = List.copyOf(forceLaws);
        int parameters = grouped.getOrDefault(Role.PARAMETER, List.of()).size();
        if (!forceLaws.isEmpty() && forceLaws.size() != parameters) {
            throw new IllegalArgumentException(
                    "board " + board + ": " + forceLaws.size() + " force laws for " + parameters + " parameters");
        }
        int nudged = grouped.getOrDefault(Role.NUDGE, List.of()).size();
        int answers = grouped.getOrDefault(Role.OUTPUT, List.of()).size();
        if (nudged != 0 && nudged != answers) {
            throw new IllegalArgumentException(
                    "board " + board + ": " + nudged + " nudge channels for " + answers + " outputs");
        }
    }

    /** The channels of a role, in order. */
    public List<Channel> channels(Role role) {
        return channels.getOrDefault(role, List.of());
    }

    /** How many channels a role has. */
    public int count(Role role) {
        return channels(role).size();
    }

    /** All channels, role by role. */
    public List<Channel> allChannels() {
        List<Channel> all = new ArrayList<>();
        channels.values().forEach(all::addAll);
        return all;
    }

    /** True if the device has an ability. */
    public boolean can(Ability ability) {
        return abilities.contains(ability);
    }

    /** True if the device realises a kind of nudge. */
    public boolean realises(Nudge.Kind kind) {
        return nudges.contains(kind);
    }

    /** The same card with another ability. */
    public Descriptor with(Ability ability) {
        Set<Ability> more = EnumSet.of(ability);
        more.addAll(abilities);
        return new Descriptor(board, firmware, lanes, channels, more, nudges, betaUnit, settleSeconds, forceLaws);
    }

    /** The same card with other channels under one role. */
    public Descriptor with(Role role, List<Channel> others) {
        Map<Role, List<Channel>> changed = new EnumMap<>(channels);
        changed.put(role, others);
        return new Descriptor(board, firmware, lanes, changed, abilities, nudges, betaUnit, settleSeconds, forceLaws);
    }

    /** What its parameters do when it is only asked: they are free where they move under force and nothing holds them. */
    public Plasticity plasticity() {
        return can(Ability.COMPLIANCE) && !can(Ability.HOMEOSTASIS) ? Plasticity.FREE : Plasticity.HELD;
    }

    /**
     * A question without a nudge, the parameters held: begun afresh where the device has more than one rest and can be let
     * go, so that the answer does not hang on the question before.
     */
    public Stimulus question(Levels levels) {
        return Stimulus.of(levels).starting(can(Ability.RESTART) ? Start.AFRESH : Start.ONWARD);
    }

    /**
     * The safe level of every channel that the host imposes, parameters and knobs aside; no nudge. What parameters do meanwhile is
     * what {@link #plasticity} says.
     */
    public Stimulus safe() {
        List<Channel> inputs = channels(Role.INPUT);
        Levels levels = inputs.isEmpty()
                ? Levels.NONE
                : Levels.of(
                        Role.INPUT, inputs.stream().mapToDouble(Channel::safe).toArray());
        return Stimulus.of(levels).when(plasticity());
    }

    /**
     * Returns {@code stimulus} unchanged, or refuses it before anything is imposed. Every device calls this first.
     *
     * @throws DeviceException if the parameters cannot be held, cannot be free, or cannot be written here ({@link
     *     DeviceException.Fault#UNSUPPORTED}), with a sentence that says what to wrap around the device
     * @throws IllegalArgumentException if a role or a kind of nudge is unknown here, a count is wrong, a nudge leaves
     *     out an output, or a level lies outside its channel's range
     */
    public Stimulus accepted(Stimulus stimulus) {
        if (!can(Ability.HOMEOSTASIS)) {
            requireAble(stimulus);
        }
        if (stimulus.start() == Start.AFRESH && !can(Ability.RESTART)) {
            throw unable("it cannot be started afresh; let it go on from where it stands");
        }
        Levels levels = stimulus.levels();
        for (Role role : levels.roles()) {
            accept(levels, role);
        }
        switch (stimulus.nudge()) {
            case Nudge.None none -> {}
            case Nudge.Force force -> {
                require(Nudge.Kind.FORCE);
                requireWhole(force.levels(), Role.NUDGE);
                accept(force.levels(), Role.NUDGE);
            }
            case Nudge.Coupling coupling -> {
                require(Nudge.Kind.COUPLING);
                requireWhole(coupling.target(), Role.OUTPUT);
                accept(coupling.target(), Role.OUTPUT);
            }
            case Nudge.Clamp clamp -> {
                require(Nudge.Kind.CLAMP);
                requireWhole(clamp.at(), Role.OUTPUT);
                accept(clamp.at(), Role.OUTPUT);
            }
            case Nudge.Ramp ramp -> {
                require(Nudge.Kind.RAMP);
                requireWhole(ramp.target(), Role.OUTPUT);
                accept(ramp.target(), Role.OUTPUT);
            }
            case Nudge.Difference difference -> {
                require(Nudge.Kind.DIFFERENCE);
                requireWhole(difference.target(), Role.OUTPUT);
                accept(difference.target(), Role.OUTPUT);
                if (count(Role.NUDGE) == 0) {
                    throw new IllegalArgumentException("board " + board + " has no channels of role " + Role.NUDGE);
                }
            }
        }
        return stimulus;
    }

    /**
     * Refuses a nudge by difference where there is nothing that it could be worked out from.
     *
     * @param read true if the outputs were read without a nudge before
     * @throws IllegalArgumentException with a sentence that says what to present first
     */
    public void requireRead(Nudge nudge, boolean read) {
        if (nudge instanceof Nudge.Difference && !read) {
            throw new IllegalArgumentException(
                    "board " + board
                            + ": a nudge by difference needs outputs read without a nudge; present a stimulus without one first");
        }
    }

    private void requireAble(Stimulus stimulus) {
        boolean compliant = can(Ability.COMPLIANCE);
        if (compliant && stimulus.plasticity() == Plasticity.HELD) {
            throw unable("it cannot hold its parameters by itself; wrap it in a Homeostatic, which holds them with the "
                    + "knobs");
        }
        if (compliant && stimulus.levels().has(Role.PARAMETER)) {
            throw unable("its parameters follow their knobs and cannot be written; wrap it in a Homeostatic, which "
                    + "brings them where they are wanted");
        }
        if (!compliant && !can(Ability.PLASTICITY) && stimulus.plasticity() == Plasticity.FREE) {
            throw unable("its parameters are set by codes and cannot move under force; wrap it in a Compliant, which "
                    + "gives them virtual springs");
        }
    }

    private DeviceException unable(String why) {
        return new DeviceException(DeviceException.Fault.UNSUPPORTED, "device " + board + ": " + why);
    }

    private void require(Nudge.Kind kind) {
        if (!realises(kind)) {
            throw new IllegalArgumentException(
                    "board " + board + " cannot realise a nudge of kind " + kind + ", only " + nudges);
        }
    }

    private void requireWhole(Levels levels, Role role) {
        if (levels.positions(role) != null) {
            throw new IllegalArgumentException("board " + board + ": a nudge speaks of every channel of role " + role
                    + ", not only of some; give 0 or the output's own level to those that are not pulled");
        }
    }

    private void accept(Levels levels, Role role) {
        List<Channel> group = channels(role);
        int[] positions = levels.positions(role);
        int size = levels.size(role);
        if (group.isEmpty()) {
            throw new IllegalArgumentException("board " + board + " has no channels of role " + role);
        }
        if (positions == null && size != group.size()) {
            throw new IllegalArgumentException(
                    "board " + board + " has " + group.size() + " channels of role " + role + ", not " + size);
        }
        int rows = levels.rows(role);
        if (rows != 1 && rows != lanes) {
            throw new IllegalArgumentException("board " + board + " has " + lanes + " lanes; levels of role " + role
                    + " came with " + rows + " rows");
        }
        for (int lane = 0; lane < rows; lane++) {
            for (int i = 0; i < size; i++) {
                int position = positions == null ? i : positions[i];
                if (position < 0 || position >= group.size()) {
                    throw new IllegalArgumentException(
                            "board " + board + " has no channel " + position + " of role " + role);
                }
                group.get(position).accepted(levels.at(role, lane, i));
            }
        }
    }

    /** A fingerprint of the whole {@link Card}: the first 8 bytes of its SHA-256 as 16 hexadecimal digits. */
    public String digest() {
        return Card.digest(Card.of(this));
    }
}
