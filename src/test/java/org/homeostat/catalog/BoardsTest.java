package org.homeostat.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.homeostat.board.Served;
import org.homeostat.catalog.Catalog.Opened;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Response;
import org.homeostat.device.Stimulus;
import org.homeostat.link.LinkException;
import org.homeostat.link.PtyLink;
import org.homeostat.run.BadInput;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Boards behind links, opened by their URIs. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BoardsTest {

    @TempDir
    Path folder;

    private final List<AutoCloseable> open = new ArrayList<>();

    private Catalog catalog() {
        return new Catalog(new RunStore(folder.resolve("runs")));
    }

    /** The same device under another card. */
    private record Recarded(Device held, Descriptor descriptor) implements Device {
        @Override
        public Response present(Stimulus stimulus, Deadline deadline) {
            return held.present(stimulus, deadline);
        }

        @Override
        public void close() {
            held.close();
        }
    }

    private static Descriptor named(Descriptor card, String board, double betaUnit) {
        return new Descriptor(
                board,
                card.firmware(),
                card.lanes(),
                card.channels(),
                card.abilities(),
                card.nudges(),
                betaUnit,
                card.settleSeconds(),
                card.forceLaws());
    }

    /** Serves a device and tells the URI of its port. */
    private String served(Device device) throws LinkException {
        PtyLink pty = PtyLink.open(folder.resolve("board"));
        Thread server = new Thread(() -> {
            try {
                new Served(device, 1).serve(pty, () -> false);
            } catch (LinkException closed) {
                // That is how it ends.
            }
        });
        server.start();
        open.add(() -> {
            pty.close();
            server.join();
            device.close();
        });
        return "serial:" + folder.resolve("board");
    }

    private Device twin() {
        return catalog().open("twin:resistor-array-v1").device();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"''", "?baud=115200", "?dtr=off", "?board=resistor-array-v1", "?card=own"})
    void aServedTwinIsTheBoardThatItMimics(String options) throws Exception {
        String uri = served(twin());
        try (Device board = catalog().open(uri + options).device();
                Device twin = twin()) {
            assertThat(board.descriptor()).isEqualTo(twin.descriptor());
            Stimulus safe = twin.descriptor().safe();
            assertThat(board.present(safe, Deadline.NEVER).levels())
                    .isEqualTo(twin.present(safe, Deadline.NEVER).levels());
        }
        assertThat(catalog().open(uri + options)).satisfies(again -> {
            try (Device board = again.device()) {
                assertThat(again.teaching())
                        .isEqualTo(catalog().open("twin:resistor-array-v1").teaching());
            }
        });
    }

    @ParameterizedTest
    @CsvSource({
        "serial:/dev/null?parity=odd, parity",
        "serial:/dev/null?baud=fast, baud",
        "serial:/dev/null?baud=300, 1200",
        "serial:/dev/null?dtr=maybe, dtr",
        "serial:/dev/null?card=mine, card",
        "process:cat?baud=9600, baud",
        "process:'cat, quot",
    })
    void whatIsWrongWithAnUriIsSaid(String uri, String word) {
        assertThatExceptionOfType(RuntimeException.class)
                .isThrownBy(() -> catalog().open(uri))
                .withMessageContaining(word);
    }

    @Test
    void aPortThatIsNotThereIsNamed() {
        String uri = "serial:" + folder.resolve("nowhere");
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> catalog().open(uri))
                .withMessageContaining("nowhere")
                .extracting(DeviceException::fault)
                .isEqualTo(Fault.DISCONNECTED);
    }

    @Test
    void aProcessThatEndsIsNoBoard() {
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> catalog().open("process:false"))
                .withMessageContaining("false")
                .extracting(DeviceException::fault)
                .isEqualTo(Fault.DISCONNECTED);
    }

    @Test
    void aBoardWhoseCardDiffersFromItsFileIsRefusedUnlessItIsTrusted() throws Exception {
        Device twin = twin();
        Descriptor other = named(
                twin.descriptor(),
                twin.descriptor().board(),
                2 * twin.descriptor().betaUnit());
        String uri = served(new Recarded(twin, other));
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> catalog().open(uri))
                .withMessageContainingAll(
                        uri,
                        "resistor-array-v1",
                        other.digest(),
                        twin.descriptor().digest(),
                        "card=own")
                .extracting(DeviceException::fault)
                .isEqualTo(Fault.UNSUPPORTED);
        try (Device trusted = catalog().open(uri + "?card=own").device()) {
            assertThat(trusted.descriptor()).isEqualTo(other);
        }
    }

    @Test
    void aBoardThatNobodyKnowsIsOpenedButNotTaught() throws Exception {
        Device twin = twin();
        String uri = served(new Recarded(twin, named(twin.descriptor(), "home-made", 1e-3)));
        Opened opened = catalog().open(uri);
        try (Device board = opened.device()) {
            assertThat(board.descriptor().board()).isEqualTo("home-made");
            assertThat(opened.known()).isNull();
        }
        assertThatExceptionOfType(BadInput.class).isThrownBy(opened::teaching);
    }

    @Test
    void aFileThatIsNotThereIsNamed() throws Exception {
        String uri = served(twin());
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> catalog().open(uri + "?board=nobody"))
                .withMessageContaining("nobody");
    }

    @Test
    void aFileOfAnotherBoardIsRefused() throws Exception {
        Device twin = twin();
        String uri = served(new Recarded(twin, named(twin.descriptor(), "home-made", 1e-3)));
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> catalog().open(uri + "?board=resistor-array-v1"))
                .withMessageContainingAll(uri, "home-made", "not a resistor-array-v1", "board=");
    }
}
