package org.homeostat;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;
import org.homeostat.device.Device;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The house plan holds in the code as it stands; and the rules that say so bite. */
class RoomsTest {

    private static final JavaClasses HOUSE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.homeostat");

    static Stream<ArchRule> rules() {
        return new Rooms("org.homeostat").all().stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rules")
    void theHouseKeepsItsRules(ArchRule rule) {
        rule.check(HOUSE);
    }

    @Test
    void theHouseIsThere() {
        assertThat(HOUSE.contain(Device.class)).isTrue();
        assertThat(HOUSE.size()).isGreaterThan(100);
        assertThat(HOUSE.contain(RoomsTest.class)).isFalse();
    }

    /** Classes planted in the test tree below another root, each of which breaks one rule. */
    @Nested
    class Planted {

        private final JavaClasses planted = new ClassFileImporter().importPackages("planted.rooms");
        private final Rooms rooms = new Rooms("planted.rooms");

        private String broken(ArchRule rule) {
            return rule.evaluate(planted).getFailureReport().toString();
        }

        @Test
        void aLearnerThatPeeksIntoATwinIsCaught() {
            assertThat(broken(rooms.doors()))
                    .contains("planted.rooms.learn.Peeking")
                    .contains("planted.rooms.twin.Secret")
                    .contains("room learn uses only [device]");
        }

        @Test
        void aRoomThatIsNotInThePlanIsCaught() {
            assertThat(broken(rooms.doors())).contains("planted.rooms.attic.Lodger");
        }

        @Test
        void aDoorThatIsOpenIsNotReported() {
            assertThat(broken(rooms.doors())).doesNotContain("planted.rooms.app.Roof");
        }

        @Test
        void roomsThatUseEachOtherAreCaught() {
            assertThat(broken(rooms.noCycles())).contains("guard").contains("shadow");
        }

        @Test
        void standardStreamsAreCaughtOutsideTheCommandLine() {
            assertThat(broken(rooms.quiet()))
                    .contains("planted.rooms.run.Loud")
                    .doesNotContain("planted.rooms.app.Roof");
        }

        @Test
        void sleepIsCaught() {
            assertThat(broken(rooms.awake()))
                    .contains("planted.rooms.run.Loud.naps")
                    .contains("planted.rooms.run.Loud.dozes")
                    .doesNotContain("planted.rooms.app.Roof");
        }

        @Test
        void theClockOnTheWallIsCaught() {
            assertThat(broken(rooms.steady()))
                    .contains("planted.rooms.learn.Peeking.waits")
                    .contains("planted.rooms.learn.Peeking.dates");
        }

        @Test
        void yamlIsCaughtOutsideTheCatalogue() {
            assertThat(broken(rooms.yamlStaysInCatalog()))
                    .contains("planted.rooms.run.Loud.reads")
                    .doesNotContain("planted.rooms.catalog.Reader");
        }

        @Test
        void pi4jIsCaughtOutsideItsRoom() {
            assertThat(broken(rooms.pi4jStaysInPi()))
                    .contains("planted.rooms.run.Loud.blinks")
                    .doesNotContain("planted.rooms.pi.Lamp");
        }

        @Test
        void javaUtilLoggingIsCaught() {
            assertThat(broken(rooms.noJavaUtilLogging())).contains("planted.rooms.run.Loud.logs");
        }

        @Test
        void aClassThatCanBeExtendedIsCaught() {
            assertThat(broken(rooms.finalClasses()))
                    .contains("planted.rooms.device.Open")
                    .doesNotContain("planted.rooms.twin.Secret");
        }

        @Test
        void patternNamesAreCaught() {
            assertThat(broken(rooms.plainNames()))
                    .contains("planted.rooms.twin.AbstractThing")
                    .contains("planted.rooms.twin.ThingFactory")
                    // Abstraction is a word, and so is Basement.
                    .doesNotContain("planted.rooms.twin.Abstraction")
                    .doesNotContain("planted.rooms.twin.Basement");
        }

        @Test
        void gettersAreCaughtAtTheSeam() {
            assertThat(broken(rooms.noGetters()))
                    .contains("planted.rooms.device.Open.getLevel()")
                    .doesNotContain("getaway");
        }
    }
}
