package org.homeostat.learn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.apache.commons.math3.linear.RealMatrix;
import org.homeostat.device.Device;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A learner cannot look inside a device: its source compiles where there is nothing but the seam. */
class LearnersSeeOnlyTheSeamTest {

    private static final Path SOURCES = Path.of("src/main/java/org/homeostat/learn");

    @TempDir
    Path folder;

    @Test
    void learnersCompileAgainstTheSeamAlone() throws Exception {
        Path seam = Files.createDirectory(folder.resolve("seam"));
        copySeamTo(seam);
        assertThat(compile(seam)).isEmpty();
        assertThat(folder.resolve("out/org/homeostat/learn/AgnosticEqProp.class"))
                .exists();
    }

    @Test
    void withoutTheSeamTheyDoNot() throws Exception {
        assertThat(compile(Files.createDirectory(folder.resolve("nothing"))))
                .contains("package org.homeostat.device does not exist");
    }

    private static Path placeOf(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    private static void copySeamTo(Path target) throws IOException, URISyntaxException {
        Path from = placeOf(Device.class).resolve("org/homeostat/device");
        Path to = Files.createDirectories(target.resolve("org/homeostat/device"));
        try (Stream<Path> classes = Files.list(from)) {
            for (Path file : classes.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    /** What the compiler complains of. */
    private String compile(Path seam) throws IOException, URISyntaxException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter complaints = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
                Stream<Path> sources = Files.list(SOURCES)) {
            List<String> options = List.of(
                    "-proc:none",
                    "-classpath",
                    String.join(
                            java.io.File.pathSeparator,
                            seam.toString(),
                            placeOf(NullMarked.class).toString(),
                            // Mathematics, which knows of no device.
                            placeOf(RealMatrix.class).toString()),
                    "-d",
                    Files.createDirectories(folder.resolve("out")).toString());
            var unused = compiler.getTask(
                            complaints,
                            files,
                            null,
                            options,
                            null,
                            files.getJavaFileObjectsFromPaths(
                                    sources.filter(path -> path.toString().endsWith(".java"))
                                            .toList()))
                    .call();
        }
        return complaints.toString();
    }
}
