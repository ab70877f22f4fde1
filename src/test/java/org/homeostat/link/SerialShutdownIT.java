package org.homeostat.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However a program is told to end, its serial ports serve it until it has brought the board to rest and closed them. */
class SerialShutdownIT {

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "HUP"})
    void portsOutliveTheRequestToEnd(String signal) throws Exception {
        String classes = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Process program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        classes,
                        "org.homeostat.link.LateGoodbye")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            BufferedReader said = program.inputReader();
            assertThat(said.readLine()).isEqualTo("ready");
            new ProcessBuilder("kill", "-" + signal, Long.toString(program.pid()))
                    .start()
                    .waitFor();
            assertThat(said.readLine()).isEqualTo("goodbye 3");
            // Well before it would have given up waiting for the close.
            assertThat(program.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(program.exitValue()).isEqualTo(128 + (signal.equals("HUP") ? 1 : 15));
        } finally {
            program.destroyForcibly();
        }
    }
}
