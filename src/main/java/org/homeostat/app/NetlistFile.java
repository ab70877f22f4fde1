package org.homeostat.app;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.homeostat.run.BadInput;

/** The text of a netlist that a user named, and of those that it includes. */
final class NetlistFile {

    private NetlistFile() {}

    /**
     * Reads a file.
     *
     * @throws BadInput if it cannot be read
     */
    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            return latin(file);
        } catch (NoSuchFileException e) {
            throw new BadInput(file + ": there is no such file; check the path", e);
        } catch (IOException e) {
            throw new BadInput(
                    file + ": "
                            + (Files.isDirectory(file) ? "this is a folder; expected a netlist" : "unreadable: " + e),
                    e);
        }
    }

    /** The text of a file that a netlist includes. */
    static String included(String file) {
        try {
            return text(Path.of(file));
        } catch (BadInput unreadable) {
            throw new IllegalArgumentException(unreadable.getMessage(), unreadable);
        }
    }

    /** Older programs write a mu in one byte. */
    private static String latin(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new BadInput(file + ": unreadable: " + e, e);
        }
    }
}
