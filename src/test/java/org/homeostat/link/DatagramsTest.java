package org.homeostat.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.homeostat.fixtures.Mailbox;
import org.homeostat.link.LinkException.Trouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@EnabledOnOs(OS.LINUX)
class DatagramsTest {

    @TempDir
    Path folder;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void messagesArriveWholeAndInOrderAtAPath() throws LinkException {
        String path = folder.resolve("box").toString();
        try (Mailbox box = new Mailbox(path)) {
            Datagrams.send(path, bytes("one\ntwo"));
            Datagrams.send(path, bytes("three"));
            assertThat(box.next()).isEqualTo("one\ntwo");
            assertThat(box.next()).isEqualTo("three");
        }
    }

    @Test
    void messagesArriveAtAnAbstractName() throws LinkException {
        String name = "@homeostat-test-" + ProcessHandle.current().pid();
        try (Mailbox box = new Mailbox(name)) {
            Datagrams.send(name, bytes("here"));
            assertThat(box.next()).isEqualTo("here");
        }
    }

    @Test
    void whereNobodyListensOrNothingStandsASentenceSaysSo() throws Exception {
        String path = folder.resolve("box").toString();
        assertThatExceptionOfType(LinkException.class)
                .isThrownBy(() -> Datagrams.send(path, bytes("x")))
                .matches(e -> e.trouble() == Trouble.ABSENT)
                .withMessageContaining(path);
        new Mailbox(path).close();
        assertThat(Files.exists(Path.of(path))).isTrue();
        assertThatExceptionOfType(LinkException.class)
                .isThrownBy(() -> Datagrams.send(path, bytes("x")))
                .matches(e -> e.trouble() == Trouble.GONE);
        Path file = Files.createFile(folder.resolve("file"));
        assertThatExceptionOfType(LinkException.class)
                .isThrownBy(() -> Datagrams.send(file.toString(), bytes("x")))
                .withMessageContaining(file.toString());
    }

    @Test
    void aListenerThatTakesNothingIsGivenUp() {
        String path = folder.resolve("box").toString();
        try (Mailbox box = new Mailbox(path)) {
            assertThatExceptionOfType(LinkException.class)
                    .isThrownBy(() -> {
                        for (int i = 0; i < 100_000; i++) {
                            Datagrams.send(path, bytes("more"));
                        }
                    })
                    .matches(e -> e.trouble() == Trouble.STUCK);
            assertThat(box.next()).isEqualTo("more");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "@",
                "/123456789/123456789/123456789/123456789/123456789/123456789/123456789/123456789/123456789/123456789/1234567"
            })
    void namesThatNoSocketCanHaveAreRefused(String name) {
        assertThatExceptionOfType(LinkException.class)
                .isThrownBy(() -> Datagrams.send(name, bytes("x")))
                .matches(e -> e.trouble() == Trouble.UNSUITABLE);
    }
}
