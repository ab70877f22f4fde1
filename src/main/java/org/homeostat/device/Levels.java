package org.homeostat.device;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * SI values on some of a device's channels; immutable.
 *
 * <p>Values come in blocks, one a {@link Role}, in the order in which the descriptor lists the channels of that role. A
 * block has one row a lane; a single row stands for all lanes, and is the only form for the roles that lanes {@linkplain
 * Role#shared() share}. A block may be partial: it then names the positions, within its role, that it speaks of.
 */
public final class Levels {

    /** No levels at all. */
    public static final Levels NONE = new Levels(new EnumMap<>(Role.class));

    private record Block(int @Nullable [] positions, double[][] rows) {}

    private final Map<Role, Block> blocks;

    private Levels(Map<Role, Block> blocks) {
        this.blocks = blocks;
    }

    /** Levels on all channels of a role, the same for all lanes. */
    public static Levels of(Role role, double... row) {
        return of(role, new double[][] {row});
    }

    /** Levels on all channels of a role, one row a lane. */
    public static Levels of(Role role, double[][] rows) {
        return block(role, null, rows);
    }

    /** Levels on some channels of a role, at ascending positions within the role, the same for all lanes. */
    public static Levels some(Role role, int[] positions, double... row) {
        if (positions.length != row.length) {
            throw new IllegalArgumentException(
                    positions.length + " positions but " + row.length + " levels for role " + role);
        }
        for (int i = 0; i < positions.length; i++) {
            if (positions[i] < 0 || i > 0 && positions[i] <= positions[i - 1]) {
                throw new IllegalArgumentException("role " + role + ": positions are 0 or more and ascend, unlike "
                        + positions[i] + " at place " + i);
            }
        }
        return block(role, positions.clone(), new double[][] {row});
    }

    private static Levels block(Role role, int @Nullable [] positions, double[][] rows) {
        if (rows.length == 0) {
            throw new IllegalArgumentException("role " + role + ": expected at least one row of levels");
        }
        if (role.shared() && rows.length > 1) {
            throw new IllegalArgumentException(
                    "role " + role + " is shared by all lanes: expected one row, not " + rows.length);
        }
        double[][] copy = new double[rows.length][];
        for (int lane = 0; lane < rows.length; lane++) {
            copy[lane] = rows[lane].clone();
            if (copy[lane].length != copy[0].length) {
                throw new IllegalArgumentException("role " + role + ": lane " + lane + " has " + copy[lane].length
                        + " levels, lane 0 has " + copy[0].length);
            }
            for (double level : copy[lane]) {
                if (!Double.isFinite(level)) {
                    throw new IllegalArgumentException("role " + role + ": " + level + " is not a level");
                }
            }
        }
        Map<Role, Block> blocks = new EnumMap<>(Role.class);
        blocks.put(role, new Block(positions, copy));
        return new Levels(blocks);
    }

    /** These levels together with others; where both speak of a role, the others' whole block stands. */
    public Levels and(Levels others) {
        if (others.blocks.isEmpty()) {
            return this;
        }
        Map<Role, Block> union = new EnumMap<>(Role.class);
        union.putAll(blocks);
        union.putAll(others.blocks);
        return new Levels(union);
    }

    /** These levels without those of a role. */
    public Levels without(Role role) {
        if (!has(role)) {
            return this;
        }
        Map<Role, Block> rest = new EnumMap<>(Role.class);
        rest.putAll(blocks);
        rest.remove(role);
        return new Levels(rest);
    }

    /** Only the levels of one role. */
    public Levels only(Role role) {
        Map<Role, Block> one = new EnumMap<>(Role.class);
        one.put(role, block(role));
        return new Levels(one);
    }

    /** The roles that these levels speak of. */
    public Set<Role> roles() {
        return blocks.isEmpty() ? EnumSet.noneOf(Role.class) : Collections.unmodifiableSet(blocks.keySet());
    }

    /** True if these levels speak of a role. */
    public boolean has(Role role) {
        return blocks.containsKey(role);
    }

    /** The number of rows that a role has here. */
    public int rows(Role role) {
        return block(role).rows.length;
    }

    /** The number of levels in each row of a role. */
    public int size(Role role) {
        return block(role).rows[0].length;
    }

    /** The positions that a partial block speaks of; null where it speaks of the whole role. */
    public int @Nullable [] positions(Role role) {
        int[] positions = block(role).positions;
        return positions == null ? null : positions.clone();
    }

    /** One level. A block with a single row answers for every lane. */
    public double at(Role role, int lane, int index) {
        return rowOf(block(role), lane)[index];
    }

    /** A copy of the row of a lane. A block with a single row answers for every lane. */
    public double[] row(Role role, int lane) {
        return rowOf(block(role), lane).clone();
    }

    /** A copy of the row of the first lane: of the only one, on boards and for shared roles. */
    public double[] row(Role role) {
        return row(role, 0);
    }

    private static double[] rowOf(Block block, int lane) {
        return block.rows[block.rows.length == 1 ? 0 : lane];
    }

    private Block block(Role role) {
        Block block = blocks.get(role);
        if (block == null) {
            throw new IllegalArgumentException("no levels of role " + role + " here, only of " + blocks.keySet());
        }
        return block;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof Levels levels) || !blocks.keySet().equals(levels.blocks.keySet())) {
            return false;
        }
        for (Role role : blocks.keySet()) {
            Block mine = block(role);
            Block theirs = levels.block(role);
            if (!Arrays.equals(mine.positions, theirs.positions) || !Arrays.deepEquals(mine.rows, theirs.rows)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (Map.Entry<Role, Block> entry : blocks.entrySet()) {
            Block block = entry.getValue();
            hash = 31 * hash + entry.getKey().ordinal();
            hash = 31 * hash + Arrays.hashCode(block.positions) + Arrays.deepHashCode(block.rows);
        }
        return hash;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("Levels[");
        blocks.forEach((role, block) -> text.append(text.length() > 7 ? ", " : "")
                .append(role)
                .append(block.positions == null ? "" : Arrays.toString(block.positions))
                .append('=')
                .append(Arrays.deepToString(block.rows)));
        return text.append(']').toString();
    }
}
