package org.homeostat.run;

import java.util.Arrays;

/** Where the lines of a file begin, in 4.1 bytes a line: a place for each block of lines, and how far on each line is. */
final class LineStarts {

    /** Lines to a block; so many of the longest must not exceed an int. */
    private static final int BLOCK = 64;

    /** The longest that a line may be, in bytes. */
    static final int LONGEST = 1 << 25;

    /** The most lines there may be. */
    static final int MOST = Integer.MAX_VALUE - 8;

    private long[] blocks = new long[16];
    private int[] further = new int[16 * BLOCK];
    private int size;

    /**
     * Adds a line.
     *
     * @param at where it begins: behind the last one, but no further than {@link #LONGEST}
     * @throws IllegalStateException if there are {@link #MOST} already
     */
    void add(long at) {
        if (size == MOST) {
            throw new IllegalStateException("more than " + MOST + " lines");
        }
        int block = size / BLOCK;
        if (size % BLOCK == 0) {
            blocks = block < blocks.length ? blocks : Arrays.copyOf(blocks, grown(blocks.length));
            blocks[block] = at;
        }
        further = size < further.length ? further : Arrays.copyOf(further, grown(further.length));
        further[size++] = Math.toIntExact(at - blocks[block]);
    }

    private static int grown(int length) {
        return (int) Math.min(MOST, length + (length >> 1) + 1L);
    }

    /** Where a line begins. */
    long at(int line) {
        return blocks[line / BLOCK] + further[line];
    }

    /** How many lines there are. */
    int size() {
        return size;
    }
}
