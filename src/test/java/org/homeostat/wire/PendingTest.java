package org.homeostat.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.homeostat.wire.Storm.Outcome;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PendingTest {

    private static final long SESSION = 7;

    private final Pending<String> pending = new Pending<>();

    @BeforeEach
    void begin() {
        pending.begin(SESSION);
    }

    @Test
    void aReplyFindsItsRequestOnce() {
        pending.await(new Header(4, SESSION, 1), "one");
        pending.await(new Header(4, SESSION, 2), "two");
        assertThat(pending.match(new Header(0x84, SESSION, 2))).isEqualTo("two");
        assertThat(pending.match(new Header(0x84, SESSION, 2))).isNull();
        assertThat(pending.match(new Header(0xFF, SESSION, 1))).isEqualTo("one");
        assertThat(pending.size()).isZero();
        assertThat(pending.dropped()).isEqualTo(1);
    }

    @Test
    void typeSessionAndNumberMustBeRight() {
        pending.await(new Header(4, SESSION, 1), "one");
        assertThat(pending.match(new Header(0x85, SESSION, 1))).isNull();
        assertThat(pending.match(new Header(0x84, SESSION + 1, 1))).isNull();
        assertThat(pending.match(new Header(0x84, SESSION, 2))).isNull();
        assertThat(pending.match(new Header(0x04, SESSION, 1))).isNull();
        assertThat(pending.dropped()).isEqualTo(4);
        assertThat(pending.size()).isEqualTo(1);
    }

    @Test
    void aNewSessionForgets() {
        pending.await(new Header(4, SESSION, 1), "one");
        pending.begin(SESSION + 1);
        assertThat(pending.match(new Header(0x84, SESSION, 1))).isNull();
        assertThatThrownBy(() -> pending.await(new Header(4, SESSION, 1), "one"))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aNumberStandsForOneRequest() {
        pending.await(new Header(4, SESSION, 1), "one");
        assertThatThrownBy(() -> pending.await(new Header(5, SESSION, 1), "beat"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("number 1");
        pending.forget(1);
        assertThat(pending.match(new Header(0x84, SESSION, 1))).isNull();
        assertThatThrownBy(() -> pending.repeat(1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anErrorToWhatWasSentTwiceIsInDoubtUntilSomethingLaterIsAnswered() {
        pending.await(new Header(4, SESSION, 1), "batch");
        pending.await(new Header(5, SESSION, Pending.APART), "beat before");
        pending.repeat(1);
        pending.match(new Header(0xFF, SESSION, 1));
        assertThat(pending.settled()).isFalse();
        pending.match(new Header(0x85, SESSION, Pending.APART));
        assertThat(pending.settled()).isFalse();
        pending.await(new Header(5, SESSION, Pending.APART + 1), "beat behind");
        pending.match(new Header(0x85, SESSION, Pending.APART + 1));
        assertThat(pending.settled()).isTrue();
    }

    @Test
    void anErrorToWhatWasSentOnceIsNot() {
        pending.await(new Header(4, SESSION, 1), "batch");
        pending.match(new Header(0xFF, SESSION, 1));
        assertThat(pending.settled()).isTrue();
    }

    @Test
    void noReplyIsMatchedToTheWrongRequestOnALineThatMixesThemUp() {
        Outcome outcome = Storm.run(20_000, 1, false, false);
        assertThat(outcome.wrong()).as(outcome.toString()).isZero();
        assertThat(outcome.executedTwice()).as(outcome.toString()).isZero();
        assertThat(outcome.dropped()).as(outcome.toString()).isGreaterThan(1000);
        assertThat(outcome.matched()).as(outcome.toString()).isGreaterThan(10_000);
    }

    @Test
    void norOnALineThatKeepsTheOrderWhereNumbersAreGivenAwayAgain() {
        Outcome outcome = Storm.run(20_000, 2, true, false);
        assertThat(outcome.wrong()).as(outcome.toString()).isZero();
        assertThat(outcome.executedTwice()).as(outcome.toString()).isZero();
        assertThat(outcome.dropped()).as(outcome.toString()).isGreaterThan(1000);
        assertThat(outcome.matched()).as(outcome.toString()).isGreaterThan(10_000);
    }

    @Test
    void aHostThatGivesNumbersAwayTooEarlyIsSeenToGoWrong() {
        assertThat(Storm.run(20_000, 3, true, true).wrong()).isPositive();
    }
}
