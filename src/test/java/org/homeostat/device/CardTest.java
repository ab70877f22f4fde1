package org.homeostat.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.homeostat.catalog.Catalog;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CardTest {

    @Test
    void theNumbersOnTheWireStayWhatTheyAre() {
        assertThat(Role.values())
                .containsExactly(
                        Role.INPUT,
                        Role.OUTPUT,
                        Role.NUDGE,
                        Role.KNOB,
                        Role.SOFTNESS,
                        Role.PARAMETER,
                        Role.FORCE,
                        Role.MONITOR);
        assertThat(Ability.values())
                .containsExactly(
                        Ability.HOMEOSTASIS,
                        Ability.COMPLIANCE,
                        Ability.WRITABLE_PARAMETERS,
                        Ability.FORCES,
                        Ability.RESTART,
                        Ability.PLASTICITY);
        assertThat(Nudge.Kind.values()).startsWith(Nudge.Kind.FORCE, Nudge.Kind.COUPLING);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "twin:resistor-array-v1",
                "twin:resistor-array-v1?inputs=9&hidden=11-7&outputs=2&lanes=3",
                "twin:resistor-compliant",
                "twin:hopfield-compliant",
                "twin:hopfield-compliant?readback=12"
            })
    void everyCardThatShipsComesBackExactly(String uri, @TempDir java.nio.file.Path runs) {
        try (Device device = new Catalog(new RunStore(runs)).open(uri).device()) {
            Descriptor card = device.descriptor();
            byte[] bytes = Card.of(card);
            assertThat(Card.read(bytes)).isEqualTo(card);
            assertThat(Card.of(Card.read(bytes))).isEqualTo(bytes);
            assertThat(card.digest()).isEqualTo(Card.digest(bytes)).matches("[0-9a-f]{16}");
        }
    }

    private static Descriptor named(String... names) {
        Map<Role, List<Channel>> channels = new EnumMap<>(Role.class);
        List<Channel> inputs = new ArrayList<>();
        for (String name : names) {
            inputs.add(new Channel(name, Role.INPUT, "V", -1, 1, 0, Scale.Linear.of(12, -1, 1)));
        }
        channels.put(Role.INPUT, inputs);
        return new Descriptor(
                "b",
                "f",
                1,
                channels,
                EnumSet.noneOf(Ability.class),
                EnumSet.noneOf(Nudge.Kind.class),
                1,
                0,
                List.of());
    }

    @Test
    void namesAreCountedUpOnlyWhereTheyAreNumbered() {
        for (String[] names : new String[][] {
            {"x1", "x2", "x3"},
            {"x1", "x3", "x2"},
            {"x", "y", "z"},
            {"x0", "x01", "x1"},
            {"x9", "x10", "x11"},
            {"x2147483646", "x2147483647", "x2147483648"},
            {"x99999999999999999999", "x+1", "x-2", "x.3", "x_4"}
        }) {
            assertThat(Card.read(Card.of(named(names)))).isEqualTo(named(names));
        }
        String[] many = new String[1000];
        Arrays.setAll(many, i -> "x" + (i + 1));
        assertThat(Card.of(named(many))).hasSameSizeAs(Card.of(named("x1")));
    }

    /** Read as SPEC.md says, by hand. */
    @Test
    void aSmallCardByteByByte() {
        String hex = "01" + "0100" + "62" + "0100" + "66" + "01000000" + "0000" + "0000"
                + "000000000000f03f" + "0000000000000000"
                + "01" + "00" + "01000000" + "0100" + "78" + "07000000" + "02000000" + "0100" + "56"
                + "000000000000f0bf" + "000000000000f03f" + "0000000000000000"
                + "01" + "000000000000f0bf" + "004008040281403f" + "00100000"
                + "00000000";
        byte[] bytes = Card.of(named("x7", "x8"));
        String seen = java.util.HexFormat.of().formatHex(bytes);
        // The step is 2 / 4095, whose eight bytes are the machine's business.
        int step = hex.indexOf("004008040281403f");
        assertThat(seen.substring(0, step)).isEqualTo(hex.substring(0, step));
        assertThat(seen.substring(step + 16)).isEqualTo(hex.substring(step + 16));
    }

    @Test
    void aCardCutShortOrTooLongIsRefused() {
        byte[] card = Card.of(named("x1", "x2"));
        for (int length = 0; length < card.length; length++) {
            byte[] cut = Arrays.copyOf(card, length);
            assertThatIllegalArgumentException().isThrownBy(() -> Card.read(cut));
        }
        byte[] longer = Arrays.copyOf(card, card.length + 1);
        assertThatIllegalArgumentException().isThrownBy(() -> Card.read(longer)).withMessageContaining("after its end");
    }

    @Test
    void aDamagedCardIsRefusedOrAnotherCardButNeverAnotherException() {
        byte[] card = Card.of(named("x1", "x2", "y7"));
        Random random = new Random(5);
        int others = 0;
        for (int trial = 0; trial < 500; trial++) {
            byte[] damaged = card.clone();
            for (int flips = random.nextInt(3); flips >= 0; flips--) {
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                Descriptor read = Card.read(damaged);
                others++;
                if (!Arrays.equals(damaged, card)) {
                    assertThat(read.digest()).isNotEqualTo(Card.digest(card));
                }
            } catch (IllegalArgumentException refused) {
                assertThat(refused).hasMessageMatching("(?s).+");
            }
        }
        assertThat(others).isBetween(1, 499);
    }
}
