package org.homeostat.link;

import java.util.ArrayList;
import java.util.List;

/** A command split into words as a shell would, without the shell: spaces part words, quotes and backslashes keep them. */
final class CommandLine {

    private CommandLine() {}

    /**
     * The words of a command. Single quotes keep everything; double quotes keep all but a backslash before a double quote or
     * a backslash; elsewhere a backslash keeps the next character. Nothing is substituted.
     *
     * @throws IllegalArgumentException if a quote stays open or there is no word
     */
    static List<String> words(String command) {
        List<String> words = new ArrayList<>();
        StringBuilder word = null;
        char quote = 0;
        for (int i = 0; i < command.length(); i++) {
            char c = command.charAt(i);
            boolean more = i + 1 < command.length();
            if (quote == 0 && Character.isWhitespace(c)) {
                if (word != null) {
                    words.add(word.toString());
                    word = null;
                }
                continue;
            }
            if (word == null) {
                word = new StringBuilder();
            }
            if (quote != 0 && c == quote) {
                quote = 0;
            } else if (quote == 0 && (c == '\'' || c == '"')) {
                quote = c;
            } else if (c == '\\'
                    && more
                    && (quote == 0 || quote == '"' && "\"\\".indexOf(command.charAt(i + 1)) >= 0)) {
                word.append(command.charAt(++i));
            } else {
                word.append(c);
            }
        }
        if (quote != 0) {
            throw new IllegalArgumentException(
                    "command '" + command + "': the quote " + quote + " is never closed; close it");
        }
        if (word != null) {
            words.add(word.toString());
        }
        if (words.isEmpty() || words.getFirst().isEmpty()) {
            throw new IllegalArgumentException(
                    "command '" + command + "': it names no program; expected PROGRAM ARGUMENT...");
        }
        return words;
    }
}
