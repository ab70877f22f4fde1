package org.homeostat.app;

import java.io.IOException;
import java.io.Serial;

/** A raw file that is none; its message is a sentence without its subject, such as "ends within its head". */
final class MalformedRawException extends IOException {

    @Serial
    private static final long serialVersionUID = 1;

    MalformedRawException(String sentence) {
        super(sentence);
    }

    MalformedRawException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
