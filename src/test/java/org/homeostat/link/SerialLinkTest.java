package org.homeostat.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.homeostat.fixtures.Cable;
import org.homeostat.link.LinkException.Trouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A serial port whose cable is a pseudo terminal behind a symbolic link. */
class SerialLinkTest implements LinkContract {

    @TempDir
    Path folder;

    @Override
    public Rig rig() throws LinkException {
        Cable cable = new Cable(folder.resolve("board"));
        cable.plug();
        Link link = SerialLink.open(cable.path(), SerialLink.BAUD, true);
        return new Rig() {
            @Override
            public Link link() {
                return link;
            }

            @Override
            public void unplug() {
                cable.unplug();
            }

            @Override
            public void mute() {
                cable.mute();
            }

            @Override
            public void close() {
                link.close();
                cable.close();
            }
        };
    }

    private static LinkException refused(String path) {
        return assertThatExceptionOfType(LinkException.class)
                .isThrownBy(() -> SerialLink.open(path, 115_200, true))
                .withMessageStartingWith("serial port " + path + ": ")
                .actual();
    }

    @Test
    void keepsTheUsersOwnName() throws LinkException {
        try (Rig rig = rig()) {
            assertThat(rig.link().name()).isEqualTo(folder.resolve("board").toString());
        }
    }

    @Test
    void aMissingPathIsAbsent() {
        LinkException missing = refused(folder.resolve("nothing").toString());
        assertThat(missing.trouble()).isEqualTo(Trouble.ABSENT);
        assertThat(missing).hasMessageContaining("plug it in").hasMessageContaining("homeostat devices");
        assertThat(refused("\0").trouble()).isEqualTo(Trouble.ABSENT);
    }

    @Test
    void aLinkThatLeadsToNothingIsAbsent() throws IOException {
        Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), folder.resolve("nowhere"));
        LinkException missing = refused(dangling.toString());
        assertThat(missing.trouble()).isEqualTo(Trouble.ABSENT);
        assertThat(missing).hasMessageContaining("symbolic link that leads to nothing");
    }

    @Test
    void whatIsNoSerialPortIsUnsuitable() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "not a port");
        assertThat(refused(file.toString()).trouble()).isEqualTo(Trouble.UNSUITABLE);
        assertThat(refused(folder.toString())).hasMessageContaining("a folder");
        LinkException device = refused("/dev/null");
        assertThat(device.trouble()).isEqualTo(Trouble.UNSUITABLE);
        assertThat(device).hasMessageContaining("not a serial port").hasMessageContaining("/dev/ttyACM0");
    }

    @Test
    void aPortIsOpenedOnceAndTheMessageSaysWhoHasIt() throws LinkException {
        try (Rig rig = rig()) {
            LinkException busy = refused(rig.link().name());
            assertThat(busy.trouble()).isEqualTo(Trouble.BUSY);
            assertThat(busy).hasMessageContaining("this program itself").hasMessageContaining("close the program");
            assertThat(LinkContract.taken(rig.link(), 0)).isEmpty();
            assertThat(rig.link().alive()).isTrue();
        }
    }

    @Test
    void aPortHeldByAnotherProgramIsBusy() throws Exception {
        try (PtyLink pty = PtyLink.open()) {
            Process holder = new ProcessBuilder("flock", pty.slave(), "sh", "-c", "echo held; cat").start();
            try {
                assertThat(holder.inputReader().readLine()).isEqualTo("held");
                LinkException busy = refused(pty.slave());
                assertThat(busy.trouble()).isEqualTo(Trouble.BUSY);
                assertThat(busy).hasMessageContaining("(process ");
            } finally {
                holder.getOutputStream().close();
                holder.waitFor();
            }
            SerialLink.open(pty.slave(), 115_200, true).close();
        }
    }

    @Test
    void theSpeedIsChecked() {
        for (int baud : new int[] {-1, 0, 300, 20_000_000}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SerialLink.open("/dev/nothing", baud, true))
                    .withMessageContaining("baud " + baud)
                    .withMessageContaining("1200 to 12000000");
            assertThatIllegalArgumentException().isThrownBy(() -> SerialLink.opener("/dev/nothing", baud, true));
        }
    }

    @Test
    void linesThatAreToStayDownAreNoErrorWhereThereAreNone() throws Exception {
        for (int baud : new int[] {1_200, 9_600, 250_000, 1_000_000, 12_000_000}) {
            try (Cable cable = new Cable(folder.resolve("lines"))) {
                cable.plug();
                try (Link link = SerialLink.opener(cable.path(), baud, false).open()) {
                    byte[] sent = LinkContract.noise(64);
                    assertThat(LinkContract.echoed(link, sent)).isEqualTo(sent);
                }
            }
        }
    }

    @Test
    void aPortIsOpenedAnewAfterItWasPulled() throws Exception {
        try (Cable cable = new Cable(folder.resolve("again"))) {
            Link.Opener opener = SerialLink.opener(cable.path(), SerialLink.BAUD, true);
            for (int i = 0; i < 5; i++) {
                assertThatExceptionOfType(LinkException.class).isThrownBy(opener::open);
                cable.plug();
                try (Link link = opener.open()) {
                    byte[] sent = LinkContract.noise(64);
                    assertThat(LinkContract.echoed(link, sent)).isEqualTo(sent);
                    cable.unplug();
                }
            }
        }
    }

    @Test
    void everyTroubleAtTheOpeningIsSaidWithANextStep() throws LinkException {
        try (PtyLink pty = PtyLink.open()) {
            String there = pty.slave();
            assertThat(SerialTrouble.opening("/dev/board", there, 13))
                    .hasMessageStartingWith("serial port /dev/board: you may not open it (it belongs to ")
                    .hasMessageContaining("run 'sudo usermod -a -G ")
                    .extracting("trouble")
                    .isEqualTo(Trouble.FORBIDDEN);
            assertThat(SerialTrouble.opening("/dev/board", there, 16))
                    .hasMessageContaining("it is in use")
                    .extracting("trouble")
                    .isEqualTo(Trouble.BUSY);
            assertThat(SerialTrouble.opening("/dev/board", there, 5))
                    .hasMessageContaining("unplug it and plug it in again")
                    .extracting("trouble")
                    .isEqualTo(Trouble.GONE);
            assertThat(SerialTrouble.opening("/dev/board", there, 19))
                    .hasMessageContaining("no such device")
                    .extracting("trouble")
                    .isEqualTo(Trouble.ABSENT);
        }
    }

    @Test
    void aLibraryThatCannotBeUnpackedNamesTheProperty() {
        String sentence = SerialLibrary.sentence(
                "/dev/board",
                new UnsatisfiedLinkError("Cannot load native library. Errors as follows:\n"
                        + "[1]: no jSerialComm in java.library.path: /lib\n[2]: Loading for arch: x86_64\n"
                        + "[3]: not permitted\n[4]: other"));
        assertThat(sentence)
                .startsWith("serial port /dev/board: ")
                .contains("cannot be loaded (not permitted)")
                .contains("-Djava.io.tmpdir=");
        assertThat(SerialLibrary.sentence("/dev/board", new UnsatisfiedLinkError("[1]: Illegal native access from x")))
                .contains("--enable-native-access=ALL-UNNAMED");
    }

    @Test
    void thePortsOfThisMachineAreListed() {
        assertThat(SerialLink.ports()).allSatisfy(port -> {
            assertThat(port.path()).isNotBlank();
            assertThat(port.description()).isNotNull();
        });
    }
}
