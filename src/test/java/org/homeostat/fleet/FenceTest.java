package org.homeostat.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Numbers that are never given twice. */
class FenceTest {

    private static final long NOON = 1_800_000_000_000L;

    @TempDir
    Path folder;

    private Fence fence(long millis) throws Exception {
        return Fence.of(folder, "board-7", InstantSource.fixed(Instant.ofEpochMilli(millis)));
    }

    @Test
    void theyCountUpThroughRestartsWhateverTheClockSays() throws Exception {
        long before = 0;
        long[] clocks = {NOON, NOON - 3_600_000, 0, NOON + 3_600_000, 1};
        for (long clock : clocks) {
            try (Fence fence = fence(clock)) {
                assertThat(fence.last()).isGreaterThanOrEqualTo(before);
                for (int i = 0; i < 20; i++) {
                    long next = fence.next();
                    assertThat(next).isGreaterThan(before);
                    assertThat(fence.last()).isEqualTo(next);
                    before = next;
                }
            }
        }
        assertThat(before).as("the clock was asked once").isEqualTo(NOON + 20L * clocks.length);
    }

    @Test
    void theNumberIsOnTheDiskBeforeItIsGiven() throws Exception {
        try (Fence fence = fence(NOON)) {
            long next = fence.next();
            assertThat(Files.readString(folder.resolve("board-7.lease"))).isEqualTo(next + "\n");
        }
    }

    @Test
    void whatALossOfPowerLeftHalfWrittenIsNotTakenForTheNumber() throws Exception {
        long before;
        try (Fence fence = fence(NOON)) {
            before = fence.next();
        }
        Files.writeString(folder.resolve("board-7.lease.new"), "12");
        try (Fence fence = fence(0)) {
            assertThat(fence.next()).isEqualTo(before + 1);
        }
    }

    @Test
    void aLostOrEmptyFileIsMadeUpForByTheTimeOfDay() throws Exception {
        try (Fence fence = fence(NOON)) {
            fence.next();
        }
        Files.writeString(folder.resolve("board-7.lease"), "");
        try (Fence fence = fence(NOON + 1000)) {
            assertThat(fence.next()).isEqualTo(NOON + 1001);
        }
    }

    @Test
    void oneAgentOfAMachineOffersABoardAtATime() throws Exception {
        try (Fence first = fence(NOON)) {
            assertThatIOException()
                    .isThrownBy(() -> fence(NOON))
                    .withMessage("another agent on this machine offers a board as 'board-7'; choose another --name, or "
                            + "stop that one");
            assertThat(first.next()).isPositive();
        }
        fence(NOON).close();
    }

    @Test
    void aFolderThatCannotBeUsedIsRefusedWithTheRemedy() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatIOException()
                .isThrownBy(() -> Fence.of(file.resolve("state"), "board-7", InstantSource.system()))
                .withMessageStartingWith("the number of the last lease cannot be kept in " + file.resolve("state"))
                .withMessageEndingWith("name a folder that this user may write to with --state DIR");
    }
}
