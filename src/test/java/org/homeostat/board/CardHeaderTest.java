package org.homeostat.board;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import org.homeostat.catalog.Catalog;
import org.homeostat.device.Device;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CardHeaderTest {

    private static final Path HEADER = Path.of("firmware-protocol/reference/core/card_resistor_array_v1.h");

    @TempDir
    Path runs;

    @Test
    void theHeaderOfTheReferenceFirmwareIsTheOneThatTheCommandPrints() throws Exception {
        String header = CardHeader.of(new Catalog(new RunStore(runs)).card("resistor-array-v1"));
        assertThat(Files.readString(HEADER)).isEqualTo(header);
    }

    @Test
    void aBoardWithoutConvertersIsRefusedByTheNameOfItsChannel() {
        try (Device board =
                new Catalog(new RunStore(runs)).open("twin:resistor-compliant").device()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> CardHeader.of(board.descriptor()))
                    .withMessageContainingAll("resistor-compliant", "channel", "board.yaml");
        }
    }
}
