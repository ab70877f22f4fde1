package org.homeostat.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.homeostat.link.LinkException.Trouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A child process that echoes. */
class ProcessLinkTest implements LinkContract {

    @Override
    public Rig rig() throws LinkException {
        ProcessLink link = ProcessLink.open("cat");
        return new Rig() {
            @Override
            public Link link() {
                return link;
            }

            @Override
            public void unplug() throws IOException, InterruptedException {
                signal("KILL");
            }

            @Override
            public void mute() throws IOException, InterruptedException {
                signal("STOP");
            }

            private void signal(String name) throws IOException, InterruptedException {
                new ProcessBuilder("kill", "-" + name, Long.toString(link.pid()))
                        .start()
                        .waitFor();
            }

            @Override
            public void close() {
                link.close();
            }
        };
    }

    private static byte[] rest(Link link) throws LinkException {
        return LinkContract.taken(link, 1000);
    }

    @Test
    void aProgramThatIsNotThereIsAbsent() {
        assertThatExceptionOfType(LinkException.class)
                .isThrownBy(() -> ProcessLink.open("no-such-program-here --fast"))
                .withMessageContaining("process 'no-such-program-here --fast'")
                .withMessageContaining("cannot be started")
                .satisfies(absent -> assertThat(absent.trouble()).isEqualTo(Trouble.ABSENT));
    }

    @Test
    void whatItSaidBeforeItEndedIsReadFirst() throws Exception {
        try (ProcessLink link = ProcessLink.open("sh -c 'printf farewell; echo it broke >&2; exit 3'")) {
            byte[] word = new byte[8];
            int done = 0;
            while (done < 8) {
                done += link.read(word, done, 8 - done, SOON);
            }
            assertThat(word).asString().isEqualTo("farewell");
            assertThatExceptionOfType(LinkException.class)
                    .isThrownBy(() -> rest(link))
                    .withMessageContaining("exit code 3")
                    .withMessageContaining("saying 'it broke'")
                    .satisfies(gone -> assertThat(gone.trouble()).isEqualTo(Trouble.GONE));
        }
    }

    @Test
    void onlyItsLastLinesAreKept() throws Exception {
        List<String> heard = new CopyOnWriteArrayList<>();
        try (ProcessLink link =
                ProcessLink.open("sh -c 'for i in 1 2 3 4 5 6 7 8; do echo line $i >&2; done'", heard::add)) {
            assertThatExceptionOfType(LinkException.class)
                    .isThrownBy(() -> rest(link))
                    .withMessageContaining("'line 4 | line 5 | line 6 | line 7 | line 8'")
                    .withMessageNotContaining("line 3");
        }
        assertThat(heard).hasSize(8).startsWith("line 1").endsWith("line 8");
    }

    @Test
    void aChatterboxDoesNotBlockItself() throws Exception {
        try (ProcessLink link = ProcessLink.open(
                "sh -c 'i=0; while [ $i -lt 20000 ]; do echo a line of noise $i >&2; i=$((i+1)); done; "
                        + "printf done; cat'")) {
            byte[] word = new byte[4];
            int done = 0;
            while (done < 4) {
                done += link.read(word, done, 4 - done, SOON);
            }
            assertThat(word).asString().isEqualTo("done");
        }
    }

    @Test
    void aCloseLetsItLeaveByItself() throws Exception {
        List<String> heard = new CopyOnWriteArrayList<>();
        try (ProcessLink link = ProcessLink.open("sh -c 'cat; echo left >&2'", heard::add)) {
            assertThat(link.alive()).isTrue();
        }
        long start = System.nanoTime();
        while (heard.isEmpty() && System.nanoTime() - start < SOON) {
            Thread.sleep(1);
        }
        assertThat(heard).containsExactly("left");
    }

    @Test
    void aCloseEndsWhatWillNotLeave() throws Exception {
        for (String stubborn : new String[] {
            "sleep 1000", "sh -c 'trap \"\" TERM; echo x; while true; do sleep 1000; done'", "sh -c 'sleep 1000 & wait'"
        }) {
            ProcessLink link = ProcessLink.open(stubborn);
            if (stubborn.contains("echo")) {
                assertThat(link.read(new byte[8], 0, 8, SOON)).isPositive();
            }
            ProcessHandle process = ProcessHandle.of(link.pid()).orElseThrow();
            Thread.sleep(100);
            List<ProcessHandle> all = process.descendants().toList();
            link.close();
            assertThat(process.isAlive()).as(stubborn).isFalse();
            for (ProcessHandle child : all) {
                child.onExit().get(10, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void noShellSeesTheCommand() throws Exception {
        try (ProcessLink link = ProcessLink.open("printf '%s|' $HOME '*' \"a b\" a\\ b")) {
            byte[] said = new byte[100];
            int done = 0;
            while (done < 16) {
                done += link.read(said, done, said.length - done, SOON);
            }
            assertThat(new String(said, 0, done, StandardCharsets.UTF_8)).isEqualTo("$HOME|*|a b|a b|");
        }
    }

    @Test
    void commandsAreSplitAsAShellWould() {
        assertThat(CommandLine.words("  a  b\tc\n")).containsExactly("a", "b", "c");
        assertThat(CommandLine.words("a'b c'd \"e 'f'\" '\"'")).containsExactly("ab cd", "e 'f'", "\"");
        assertThat(CommandLine.words("a '' \"\"")).containsExactly("a", "", "");
        assertThat(CommandLine.words("a\\ b \"c\\\"d\\\\e\\f\" 'g\\h'")).containsExactly("a b", "c\"d\\e\\f", "g\\h");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "   ", "a 'b", "a \"b", "'' a"})
    void whatIsNoCommandIsRefused(String command) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProcessLink.open(command))
                .withMessageContaining("command '" + command + "'");
        assertThatIllegalArgumentException().isThrownBy(() -> ProcessLink.opener(command, line -> {}));
    }

    @Test
    void itIsStartedAnewEachTime() throws Exception {
        Link.Opener opener = ProcessLink.opener("cat", line -> {});
        for (int i = 0; i < 3; i++) {
            try (Link link = opener.open()) {
                byte[] sent = LinkContract.noise(64);
                assertThat(LinkContract.echoed(link, sent)).isEqualTo(sent);
            }
        }
    }
}
