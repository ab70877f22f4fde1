package org.homeostat.link;

import java.io.IOException;

/** A link could not be opened, or failed. The message names the link, what was tried, the likely cause, and what to do next. */
public final class LinkException extends IOException {

    /** In what way it failed. */
    public enum Trouble {
        /** There is nothing to open. */
        ABSENT(true),
        /** Someone else holds it. */
        BUSY(true),
        /** This user may not open it. */
        FORBIDDEN(false),
        /** What is there cannot serve as a link, or this machine cannot open it. */
        UNSUITABLE(false),
        /** It was open, and its far end has gone. */
        GONE(true),
        /** Its far end took no more bytes; the link was given up. */
        STUCK(true),
        /** It was closed here. */
        CLOSED(false);

        private final boolean passing;

        Trouble(boolean passing) {
            this.passing = passing;
        }

        /** True if opening it again later may succeed although nobody changes any setting. */
        public boolean passing() {
            return passing;
        }
    }

    private static final long serialVersionUID = 1L;

    private final Trouble trouble;

    public LinkException(Trouble trouble, String message) {
        super(message);
        this.trouble = trouble;
    }

    public LinkException(Trouble trouble, String message, Throwable cause) {
        super(message, cause);
        this.trouble = trouble;
    }

    /** In what way it failed. */
    public Trouble trouble() {
        return trouble;
    }
}
