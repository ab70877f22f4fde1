package org.homeostat.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.testkit.engine.EventConditions.event;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.EventConditions.test;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.instanceOf;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.message;

import java.util.function.Predicate;
import org.homeostat.device.Deadline;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.shadow.Regression;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;
import org.opentest4j.AssertionFailedError;

/** As people write it in their own projects. */
class TwinTestTest {

    private static Device used;

    @TwinTest(run = "src/test/regressions/moons")
    void aTwinIsWhatItWas(Regression again) {
        assertThat(again.divergence().exchanges()).isEqualTo(37);
        assertThat(again.divergence().tolerance().exact()).isTrue();
    }

    @TwinTest(
            run = "src/test/regressions/moons",
            device = "twin:resistor-array-v1?inputs=2&hidden=4&outputs=2&seed=2",
            range = 0.2)
    void anotherSpecimenIsNearIt(Regression again) {
        assertThat(again.divergence().channels()).anyMatch(channel -> channel.worst() > 0);
    }

    @TwinTest(device = "twin:resistor-array-v1?inputs=2&hidden=4&outputs=2")
    void aDeviceIsOpenedFresh(Device device) {
        used = device;
        assertThat(device.present(device.descriptor().safe(), Deadline.NEVER).outputs(0))
                .hasSize(2);
    }

    @AfterAll
    static void andClosed() {
        assertThat(used)
                .satisfiesAnyOf(
                        unused -> assertThat(unused).isNull(),
                        gone -> assertThat(org.assertj.core.api.Assertions.catchThrowable(
                                        () -> gone.present(gone.descriptor().safe(), Deadline.NEVER)))
                                .isInstanceOf(DeviceException.class));
    }

    /** Tests that fail, for others to run. */
    @EnabledIfSystemProperty(named = "homeostat.failing", matches = "true")
    static class Failing {
        @TwinTest(
                run = "src/test/regressions/moons",
                device = "twin:resistor-array-v1?inputs=2&hidden=4&outputs=2&seed=2")
        void anotherSpecimen() {}

        @TwinTest(run = "src/test/regressions/nowhere")
        void noRun() {}

        @TwinTest
        void nothing() {}

        @TwinTest(run = "src/test/regressions/moons", device = "twin:springs")
        void anotherKind() {}
    }

    @Test
    void whatFailsSaysWhy() {
        String before = System.setProperty("homeostat.failing", "true");
        try {
            Events tests = EngineTestKit.engine("junit-jupiter")
                    .selectors(selectClass(Failing.class))
                    .execute()
                    .testEvents();
            tests.assertStatistics(counts -> counts.started(4).failed(4));
            fails(
                    tests,
                    "anotherSpecimen",
                    AssertionFailedError.class,
                    said -> said.startsWith("src/test/regressions/moons: ")
                            && said.contains("exchanges are answered otherwise than they were; first exchange"));
            fails(tests, "noRun", IllegalArgumentException.class, said -> said.contains("there is no run.json"));
            fails(tests, "nothing", IllegalArgumentException.class, said -> said.contains("expected a run, a device"));
            fails(
                    tests,
                    "anotherKind",
                    IllegalArgumentException.class,
                    said -> said.contains("cannot be asked the same"));
        } finally {
            if (before == null) {
                System.clearProperty("homeostat.failing");
            }
        }
    }

    private static void fails(Events tests, String name, Class<? extends Throwable> kind, Predicate<String> said) {
        tests.assertThatEvents()
                .haveExactly(1, event(test(name), finishedWithFailure(instanceOf(kind), message(said))));
    }
}
