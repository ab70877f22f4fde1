package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.homeostat.catalog.Catalog;
import org.homeostat.device.Role;
import org.homeostat.run.RunStore;
import org.homeostat.twin.Specimen;
import org.homeostat.twin.TwinDevice;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A fitted twin predicts what it was not shown, its intervals hold the truth, and it claims nothing that it was not told. */
final class TwinFitIT {

    private static final String TWIN = "twin:resistor-array-v1?seed=7";

    @TempDir
    Path home;

    private Session session;

    @BeforeEach
    void begin() {
        session = new Session(home);
    }

    private Specimen specimen(String uri) {
        return ((TwinDevice) new Catalog(new RunStore(home)).open(uri).device()).specimen();
    }

    private static void print(String what, JsonNode json) {
        JsonNode held = json.path("heldOut");
        System.out.printf(
                Locale.ROOT,
                "%s: %d readings kept apart predicted to %.4g V, %.2f times the noise of %.4g V (drawing %.4g V)%n",
                what,
                held.path("readings").asInt(),
                held.path("fitted").asDouble(),
                held.path("overNoise").asDouble(),
                json.path("noise").asDouble(),
                held.path("drawn").asDouble());
    }

    @Test
    void exchangesMadeForItTellAlmostAll() {
        String file = home.resolve("seven.yaml").toString();
        JsonNode json = session.run(
                        "twin",
                        "fit",
                        TWIN,
                        "--free",
                        "element,gain,offset",
                        "--exchanges",
                        "200",
                        "--output",
                        file,
                        "--json")
                .ended(Main.DONE)
                .json();
        print("made", json);

        assertThat(json.path("heldOut").path("overNoise").asDouble()).isLessThan(2);
        assertThat(json.path("residual").asDouble())
                .isLessThan(1.2 * json.path("noise").asDouble());
        Specimen truth = specimen(TWIN);
        Specimen fitted = specimen("twin:resistor-array-v1?specimen=" + file);
        int element = 0;
        int held = 0;
        for (JsonNode one : json.path("quantities")) {
            if (one.path("kind").asString().equals("element")) {
                double real = truth.elements()[element];
                assertThat(one.path("told").asBoolean()).isTrue();
                assertThat(fitted.elements()[element++])
                        .isEqualTo(one.path("value").asDouble());
                held += real >= one.path("low").asDouble()
                                && real <= one.path("high").asDouble()
                        ? 1
                        : 0;
            }
        }
        System.out.printf(Locale.ROOT, "intervals hold %d of %d element values%n", held, element);
        assertThat(element).isEqualTo(156);
        assertThat(held).isGreaterThanOrEqualTo(140);
        assertThat(fitted.readNoise()).isBetween(0.4e-3, 0.6e-3);
    }

    @Test
    void aRunTellsLessAndNoMoreIsClaimed() throws IOException {
        session.run(
                        "train",
                        "--data",
                        session.clouds(40).toString(),
                        "--target",
                        "kind",
                        "--epochs",
                        "2",
                        "--device",
                        TWIN)
                .ended(Main.DONE);
        String file = home.resolve("run.yaml").toString();
        JsonNode json = session.run(
                        "twin",
                        "fit",
                        "latest",
                        "--free",
                        "element,gain,offset",
                        "--exchanges",
                        "150",
                        "--output",
                        file,
                        "--json")
                .ended(Main.DONE)
                .json();
        print("recorded", json);

        assertThat(json.path("heldOut").path("overNoise").asDouble()).isLessThan(2);
        assertThat(json.path("untoldDirections").asInt()).isGreaterThan(20);
        Specimen truth = specimen(TWIN);
        int left = 0;
        int held = 0;
        int element = 0;
        for (JsonNode one : json.path("quantities")) {
            if (one.path("kind").asString().equals("element")) {
                double low = one.path("low").asDouble();
                double high = one.path("high").asDouble();
                left += one.path("told").asBoolean() ? 0 : 1;
                // Half a spread of 0.173, to both sides, about twice for 95 %.
                assertThat(one.path("told").asBoolean() || Math.log(high / low) > 0.33)
                        .as("%s to %s", low, high)
                        .isTrue();
                held += truth.elements()[element] >= low && truth.elements()[element] <= high ? 1 : 0;
                element++;
            }
        }
        System.out.printf(Locale.ROOT, "%d of %d elements not told; intervals hold %d of all%n", left, element, held);
        assertThat(held).isGreaterThanOrEqualTo(140);
        assertThat(left).as("elements that two epochs cannot tell").isPositive();
        assertThat(specimen("twin:resistor-array-v1?specimen=" + file)
                        .errors(Role.OUTPUT, 0)
                        .inl())
                .as("no bend was free")
                .isZero();
    }
}
