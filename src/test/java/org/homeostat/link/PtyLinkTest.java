package org.homeostat.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.homeostat.fixtures.EchoPeer;
import org.homeostat.link.LinkException.Trouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The board's side of a pseudo terminal; at the other side a serial port echoes. */
class PtyLinkTest implements LinkContract {

    @TempDir
    Path folder;

    @Override
    public Rig rig() throws LinkException {
        PtyLink link = PtyLink.open();
        EchoPeer host = new EchoPeer(SerialLink.open(link.path(), SerialLink.BAUD, true));
        return new Rig() {
            @Override
            public Link link() {
                return link;
            }

            @Override
            public void unplug() {
                host.close();
            }

            @Override
            public void mute() {
                host.mute();
            }

            @Override
            public void close() {
                host.close();
                link.close();
            }
        };
    }

    /** A board does not end because nobody listens. */
    @Override
    @Test
    public void aFarEndThatGoesEndsARead() throws Exception {
        try (Rig rig = rig()) {
            FutureTask<Integer> reading =
                    LinkContract.meanwhile(() -> rig.link().read(new byte[16], 0, 16, NEVER));
            LinkContract.settle(reading);
            rig.unplug();
            LinkContract.settle(reading);
            Link back = SerialLink.open(((PtyLink) rig.link()).slave(), SerialLink.BAUD, true);
            back.write(new byte[] {1, 2}, 0, 2, SOON);
            assertThat(reading.get(20, TimeUnit.SECONDS)).isPositive();
            back.close();
        }
    }

    @Override
    @Test
    public void aFarEndThatGoesEndsAReadThatWasNotWaiting() throws Exception {
        try (Rig rig = rig()) {
            rig.unplug();
            assertThat(rig.link().read(new byte[16], 0, 16, 1_000_000)).isZero();
        }
    }

    @Override
    @Test
    public void aFarEndThatGoesEndsWrites() throws Exception {
        try (Rig rig = rig()) {
            rig.unplug();
            for (int i = 0; i < 100; i++) {
                rig.link().write(new byte[10_000], 0, 10_000, SOON);
            }
            assertThat(rig.link().alive()).isTrue();
        }
    }

    @Override
    @Test
    public void aFarEndThatGoesIsSeenWithoutReading() throws Exception {
        try (Rig rig = rig()) {
            rig.unplug();
            assertThat(rig.link().alive()).isTrue();
        }
    }

    @Test
    void whatIsSentBeforeSomebodyComesIsNotEchoed() throws Exception {
        try (PtyLink link = PtyLink.open()) {
            link.write(new byte[] {'a', 'b', '\n'}, 0, 3, SOON);
            try (Link host = SerialLink.open(link.path(), SerialLink.BAUD, true)) {
                assertThat(link.read(new byte[16], 0, 16, TimeUnit.MILLISECONDS.toNanos(50)))
                        .isZero();
                assertThat(host.alive()).isTrue();
            }
        }
    }

    @Test
    void theSymbolicLinkLeadsToTheTerminalAndGoesWithIt() throws Exception {
        Path path = folder.resolve("board");
        try (PtyLink link = PtyLink.open(path)) {
            assertThat(Files.readSymbolicLink(path)).hasToString(link.slave());
            assertThat(link.name()).isEqualTo(path.toString());
            assertThat(Files.exists(Path.of(link.slave()))).isTrue();
            try (var all = Files.list(folder)) {
                assertThat(all).containsExactly(path);
            }
        }
        assertThat(Files.exists(path, LinkOption.NOFOLLOW_LINKS)).isFalse();
    }

    @Test
    void aSymbolicLinkLeftBehindIsReplaced() throws Exception {
        Path path = folder.resolve("board");
        Files.createSymbolicLink(path, Path.of("/dev/pts/99999"));
        try (PtyLink link = PtyLink.open(path)) {
            assertThat(Files.readSymbolicLink(path)).hasToString(link.slave());
        }
    }

    @Test
    void aSymbolicLinkThatAnotherHasTakenIsLeftAlone() throws Exception {
        Path path = folder.resolve("board");
        try (PtyLink first = PtyLink.open(path);
                PtyLink second = PtyLink.open(path)) {
            first.close();
            assertThat(Files.readSymbolicLink(path)).hasToString(second.slave());
        }
        assertThat(Files.exists(path, LinkOption.NOFOLLOW_LINKS)).isFalse();
    }

    @Test
    void whatElseStandsThereIsLeftAlone() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "precious");
        Path other = Files.createSymbolicLink(folder.resolve("other"), file);
        for (Path taken : new Path[] {file, other, folder}) {
            assertThatExceptionOfType(LinkException.class)
                    .isThrownBy(() -> PtyLink.open(taken))
                    .withMessageContaining(taken.toString())
                    .withMessageContaining("name another path")
                    .satisfies(busy -> assertThat(busy.trouble()).isEqualTo(Trouble.BUSY));
        }
        assertThat(file).hasContent("precious");
        assertThat(Files.readSymbolicLink(other)).isEqualTo(file);
    }

    @Test
    void aFolderThatIsNotThereIsSaid() {
        Path path = folder.resolve("nowhere").resolve("board");
        assertThatExceptionOfType(LinkException.class)
                .isThrownBy(() -> PtyLink.open(path))
                .withMessageContaining(path.toString())
                .withMessageContaining("folder that exists");
    }
}
