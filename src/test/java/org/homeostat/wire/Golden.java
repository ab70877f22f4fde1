package org.homeostat.wire;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** Reads the files of {@code firmware-protocol/golden}, whose README says how they are written. */
final class Golden {

    static final Path PROTOCOL = Path.of("firmware-protocol");
    static final Path FOLDER = PROTOCOL.resolve("golden");

    /** One entry: a word, and digits or dots in pairs, perhaps with a star at the end. */
    record Entry(String word, String digits) {

        byte[] bytes() {
            return HexFormat.of().parseHex(digits);
        }

        long number() {
            return Long.parseLong(digits);
        }

        /** True if some bytes are what the entry says. */
        boolean matches(byte[] bytes) {
            boolean open = digits.endsWith("*");
            String pairs = open ? digits.substring(0, digits.length() - 1) : digits;
            String told = HexFormat.of().withUpperCase().formatHex(bytes);
            if (open ? told.length() < pairs.length() : told.length() != pairs.length()) {
                return false;
            }
            for (int i = 0; i < pairs.length(); i++) {
                if (pairs.charAt(i) != '.' && pairs.charAt(i) != told.charAt(i)) {
                    return false;
                }
            }
            return true;
        }
    }

    private Golden() {}

    static List<Entry> entries(Path file) {
        List<Entry> entries = new ArrayList<>();
        for (String line : text(file).split("\n")) {
            if (line.length() > 160) {
                throw new IllegalArgumentException(file + ": a line of more than 160 characters");
            }
            int comment = line.indexOf('#');
            String told = comment < 0 ? line : line.substring(0, comment);
            if (told.isBlank()) {
                continue;
            }
            if (told.startsWith(" ")) {
                Entry before = entries.removeLast();
                entries.add(new Entry(before.word(), before.digits() + told.replace(" ", "")));
            } else {
                String[] parts = told.strip().split(" ", 2);
                entries.add(new Entry(parts[0], parts.length == 1 ? "" : parts[1].replace(" ", "")));
            }
        }
        for (Entry entry : entries) {
            if (entry.digits().length() > 2 * 1024) {
                throw new IllegalArgumentException(file + ": an entry of more than 1024 bytes");
            }
        }
        return entries;
    }

    static List<Entry> frames(String name) {
        return entries(FOLDER.resolve("frames").resolve(name));
    }

    static byte[] card() {
        return entries(FOLDER.resolve("card.txt")).getFirst().bytes();
    }

    static String digest() {
        return HexFormat.of()
                .formatHex(entries(FOLDER.resolve("card.txt")).getLast().bytes());
    }

    static Stream<Path> conversations() {
        try (Stream<Path> files = Files.list(FOLDER.resolve("conversations"))) {
            return files.sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
