package org.homeostat.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.homeostat.fleet.Lease.Claim;
import org.homeostat.fleet.Lease.Held;
import org.homeostat.fleet.Lease.Pass;
import org.junit.jupiter.api.Test;

/** Who drives a board, message by message. */
class LeaseTest {

    private static final long TERM = Lease.TERM.toNanos();
    private static final String ANN = "a000000000000000";
    private static final String BOB = "b000000000000000";

    private final Lease lease = new Lease();

    private void granted(long number, String owner, long link, long now) {
        assertThat(lease.claim(owner, link, 1, now)).isEqualTo(Claim.FREE);
        lease.grant(new Held(number, owner, owner, Instant.EPOCH, link), 1, now);
    }

    @Test
    void framesOfTheOwnerPassEachOnce() {
        granted(7, ANN, 1, 0);
        assertThat(lease.pass(7, 1, 2, 0)).isEqualTo(Pass.PASSES);
        assertThat(lease.pass(7, 1, 2, 0)).isEqualTo(Pass.LATE);
        assertThat(lease.pass(7, 1, 1, 0)).isEqualTo(Pass.LATE);
        assertThat(lease.pass(7, 1, 9, 0)).isEqualTo(Pass.PASSES);
        assertThat(lease.pass(7, 1, -1, 0)).as("the count is unsigned").isEqualTo(Pass.PASSES);
    }

    @Test
    void framesWithAnotherNumberOrFromAnotherLinkAreLost() {
        assertThat(lease.pass(7, 1, 2, 0)).isEqualTo(Pass.LOST);
        granted(7, ANN, 1, 0);
        assertThat(lease.pass(6, 1, 2, 0)).isEqualTo(Pass.LOST);
        assertThat(lease.pass(7, 2, 2, 0)).isEqualTo(Pass.LOST);
        lease.end();
        assertThat(lease.pass(7, 1, 3, 0)).isEqualTo(Pass.LOST);
    }

    @Test
    void whatAnotherHasIsHeldUntilItsOwnerHasBeenSilentForTooLong() {
        granted(7, ANN, 1, 0);
        assertThat(lease.claim(BOB, 2, 1, TERM)).isEqualTo(Claim.HELD);
        assertThat(lease.over(TERM)).isFalse();
        assertThat(lease.pass(7, 1, 2, TERM)).isEqualTo(Pass.PASSES);
        assertThat(lease.over(2 * TERM)).isFalse();
        assertThat(lease.over(2 * TERM + 1)).isTrue();
        lease.end();
        assertThat(lease.over(3 * TERM)).isFalse();
        assertThat(lease.claim(BOB, 2, 2, 3 * TERM)).isEqualTo(Claim.FREE);
    }

    @Test
    void anOwnerComesBackOverANewLinkAndTheOldOneIsCutOff() {
        granted(7, ANN, 1, 0);
        assertThat(lease.claim(ANN, 2, 1, 0)).isEqualTo(Claim.OWN);
        assertThat(lease.pass(7, 2, 2, 0)).isEqualTo(Pass.PASSES);
        assertThat(lease.pass(7, 1, 2, 0)).isEqualTo(Pass.LOST);
        // The first link's question arrives once more.
        assertThat(lease.claim(ANN, 1, 3, 0)).isEqualTo(Claim.LATE);
        assertThat(lease.pass(7, 2, 3, 0)).isEqualTo(Pass.PASSES);
    }

    @Test
    void aQuestionAskedAgainIsAnsweredAgain() {
        granted(7, ANN, 1, 0);
        assertThat(lease.claim(ANN, 1, 2, 0)).isEqualTo(Claim.OWN);
        assertThat(lease.claim(ANN, 1, 2, 0)).isEqualTo(Claim.LATE);
    }

    @Test
    void onlyTheOwnersLinkGivesItBack() {
        granted(7, ANN, 1, 0);
        assertThat(lease.leaves(6, 1)).isFalse();
        assertThat(lease.leaves(7, 2)).isFalse();
        assertThat(lease.leaves(7, 1)).isTrue();
        lease.end();
        assertThat(lease.leaves(7, 1)).isFalse();
        assertThat(lease.claim(ANN, 1, 9, 0)).as("a link that was given up").isEqualTo(Claim.LATE);
    }

    @Test
    void linksThatWereCutOffAreRememberedButNotForEver() {
        for (int link = 0; link < 10_000; link++) {
            granted(link, ANN, link, 0);
            lease.end();
            assertThat(lease.claim(ANN, link, 2, 0)).isEqualTo(Claim.LATE);
        }
        assertThat(lease.claim(ANN, 0, 2, 0)).isEqualTo(Claim.FREE);
    }
}
