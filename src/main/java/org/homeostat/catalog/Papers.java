package org.homeostat.catalog;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.homeostat.run.BadInput;

/** The folders of papers: those that ship with the program, or one's own. */
public final class Papers {

    private static final String SHIPPED = "/sim/experiments/papers";

    private Papers() {}

    /**
     * The papers' folders in a folder, by name.
     *
     * @throws BadInput if it is no folder
     */
    public static List<Path> in(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new BadInput(folder + ": there is no such folder of papers; check the path");
        }
        try (Stream<Path> inside = Files.list(folder)) {
            return inside.filter(path -> Files.exists(path.resolve("paper.yaml")))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": unreadable", e);
        }
    }

    /**
     * Puts the papers that ship where commands can read their files.
     *
     * @param scratch an empty folder
     * @return the folder of papers: the program's own where it is one, else the scratch folder
     */
    public static Path shipped(Path scratch) {
        URL where = Papers.class.getResource(SHIPPED);
        if (where == null) {
            throw new IllegalStateException("the program was built without its folder " + SHIPPED);
        }
        try {
            URI uri = where.toURI();
            if (!uri.getScheme().equals("jar")) {
                return Path.of(uri);
            }
            try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of());
                    Stream<Path> files = Files.walk(jar.getPath(SHIPPED))) {
                for (Path file : files.toList()) {
                    Path copy = scratch.resolve(
                            jar.getPath(SHIPPED).relativize(file).toString());
                    if (Files.isDirectory(file)) {
                        Files.createDirectories(copy);
                    } else {
                        Files.copy(file, copy);
                    }
                }
            }
            return scratch;
        } catch (IOException e) {
            throw new UncheckedIOException("the papers that ship could not be put into " + scratch, e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
