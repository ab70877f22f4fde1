package org.homeostat.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What follows the {@link Header} in a payload. */
public sealed interface Message {

    /** The type that stands in the header. */
    int type();

    /** What a host says. */
    sealed interface Request extends Message {}

    /** What a board replies. */
    sealed interface Reply extends Message {}

    /** Who are you? I am in charge now. */
    record Hello(int major, int minor) implements Request {

        /** The major version that this room speaks. */
        public static final int MAJOR = 1;

        /** The minor version that this room speaks. */
        public static final int MINOR = 1;

        @Override
        public int type() {
            return 0x01;
        }
    }

    /**
     * Answers {@link Hello}.
     *
     * @param largest the largest payload that the board takes or sends, bytes
     * @param window how many replies it keeps, and so how many batches may be unanswered
     * @param leastSilence the least silence that ARM may ask for, ms
     * @param mostSilence the most, ms
     * @param cardLength bytes
     * @param digest the card's, as 16 hexadecimal digits in lower case
     */
    record Welcome(
            int major,
            int minor,
            long largest,
            int window,
            int leastSilence,
            int mostSilence,
            long cardLength,
            String digest,
            State state)
            implements Reply {
        @Override
        public int type() {
            return 0x81;
        }
    }

    /** Read a part of your card. */
    record ReadCard(long offset, int most) implements Request {
        @Override
        public int type() {
            return 0x02;
        }
    }

    /** Answers {@link ReadCard}; the bytes are not copied. */
    record CardPart(long offset, byte[] bytes) implements Reply {
        @Override
        public int type() {
            return 0x82;
        }
    }

    /** Leave the safe state. */
    record Arm(long arming, int silenceMillis, List<Limits> limits) implements Request {

        /**
         * Limits for all channels of a role, in codes, or in levels on channels without a scale.
         *
         * @param periodMicros the time between two moves of a channel
         * @param slew the largest change of one move
         */
        public record Limits(WireRole role, int periodMicros, double[] lowest, double[] highest, double[] slew) {}

        public Arm {
            limits = List.copyOf(limits);
        }

        @Override
        public int type() {
            return 0x03;
        }
    }

    /** Answers {@link Arm}. */
    record Armed(State state) implements Reply {
        @Override
        public int type() {
            return 0x83;
        }
    }

    /** Make these exchanges. */
    record Batch(List<WireStimulus> stimuli) implements Request {
        public Batch {
            stimuli = List.copyOf(stimuli);
        }

        @Override
        public int type() {
            return 0x04;
        }
    }

    /**
     * Answers {@link Batch}.
     *
     * @param clock when the batch began, microseconds since power-on
     * @param latched why the board latched meanwhile; null if the result is complete
     */
    record Result(long clock, @Nullable Reason latched, List<WireResponse> responses) implements Reply {
        public Result {
            responses = List.copyOf(responses);
        }

        @Override
        public int type() {
            return 0x84;
        }
    }

    /** I am still here; how are you? */
    record Beat() implements Request {
        @Override
        public int type() {
            return 0x05;
        }
    }

    /** Answers {@link Beat}. */
    record Alive(State state) implements Reply {
        @Override
        public int type() {
            return 0x85;
        }
    }

    /** Go to safe levels and stay there. */
    record Stop() implements Request {
        @Override
        public int type() {
            return 0x06;
        }
    }

    /** Answers {@link Stop}, when the outputs are at safe levels. */
    record Stopped(State state) implements Reply {
        @Override
        public int type() {
            return 0x86;
        }
    }

    /**
     * ERROR: answers anything that cannot be done.
     *
     * @param stimulus the index of the stimulus concerned, {@link #NONE} if none
     * @param role the role of the channel concerned, null if none
     * @param index the index of the channel in its role, {@link #NONE} if none
     * @param sentence for a person; may be empty
     */
    record Refusal(ErrorCode code, int stimulus, @Nullable WireRole role, int index, String sentence) implements Reply {

        /** No stimulus or channel is concerned. */
        public static final int NONE = -1;

        /** A refusal that concerns no particular stimulus or channel. */
        public static Refusal of(ErrorCode code, String sentence) {
            return new Refusal(code, NONE, null, NONE, sentence);
        }

        @Override
        public int type() {
            return Header.ERROR;
        }
    }
}
