package org.homeostat.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.homeostat.fixtures.Mailbox;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a service manager hears, at a real socket. */
@EnabledOnOs(OS.LINUX)
class ServiceTest {

    private static final long PID = ProcessHandle.current().pid();

    @TempDir
    Path folder;

    private String path;

    @BeforeEach
    void socket() {
        path = folder.resolve("notify").toString();
    }

    @Test
    void startStatusAndStopAreTold() {
        try (Mailbox manager = new Mailbox(path)) {
            try (Service service = Service.of(Map.of("NOTIFY_SOCKET", path))) {
                assertThat(service.managed()).isTrue();
                service.ready("board-7\nREADY=0");
                assertThat(manager.next()).isEqualTo("READY=1\nSTATUS=board-7 READY=0");
                service.status("idle");
                assertThat(manager.next()).isEqualTo("STATUS=idle");
                service.stopping("safe levels");
                assertThat(manager.next()).isEqualTo("STOPPING=1\nSTATUS=safe levels");
            }
            assertThat(manager.next(Duration.ofMillis(50))).isEmpty();
        }
    }

    @Test
    void aServiceThatIsClosedHasSaidThatItStops() {
        try (Mailbox manager = new Mailbox(path)) {
            Service.of(Map.of("NOTIFY_SOCKET", path)).close();
            assertThat(manager.next()).startsWith("STOPPING=1\n");
        }
    }

    @Test
    void theWatchdogIsFedWhileTheServiceIsHealthyAndStarvesOtherwise() {
        AtomicBoolean healthy = new AtomicBoolean(true);
        try (Mailbox manager = new Mailbox(path);
                Service service = Service.of(
                        Map.of("NOTIFY_SOCKET", path, "WATCHDOG_USEC", "20000", "WATCHDOG_PID", String.valueOf(PID)))) {
            assertThat(service.watchdog()).isEqualTo(Duration.ofMillis(20));
            service.watch(healthy::get);
            for (int i = 0; i < 5; i++) {
                assertThat(manager.next()).isEqualTo("WATCHDOG=1");
            }
            healthy.set(false);
            // What had been sent before it fell ill.
            while (manager.next(Duration.ofMillis(200)).isPresent()) {}
            assertThat(manager.next(Duration.ofMillis(200))).isEmpty();
            healthy.set(true);
            assertThat(manager.next()).isEqualTo("WATCHDOG=1");
        }
    }

    @Test
    void aHealthThatCannotBeToldIsNone() {
        AtomicBoolean broken = new AtomicBoolean(true);
        try (Mailbox manager = new Mailbox(path);
                Service service = Service.of(Map.of("NOTIFY_SOCKET", path, "WATCHDOG_USEC", "20000"))) {
            service.watch(() -> {
                if (broken.get()) {
                    throw new IllegalStateException("broken");
                }
                return true;
            });
            assertThat(manager.next(Duration.ofMillis(200))).isEmpty();
            broken.set(false);
            assertThat(manager.next()).isEqualTo("WATCHDOG=1");
            assertThatIllegalStateException().isThrownBy(() -> service.watch(() -> true));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-5", "many", "99999999999999999999", "9223372036854775807"})
    void aWatchdogWithoutATimeIsNone(String micros) {
        assertThat(Service.of(Map.of("NOTIFY_SOCKET", path, "WATCHDOG_USEC", micros))
                        .watchdog())
                .isNull();
    }

    @Test
    void aWatchdogMeantForAnotherProcessIsNone() {
        Map<String, String> other =
                Map.of("NOTIFY_SOCKET", path, "WATCHDOG_USEC", "20000", "WATCHDOG_PID", String.valueOf(PID + 1));
        try (Mailbox manager = new Mailbox(path);
                Service service = Service.of(other)) {
            assertThat(service.watchdog()).isNull();
            service.watch(() -> true);
            assertThat(manager.next(Duration.ofMillis(100))).isEqualTo(Optional.empty());
        }
    }

    @Test
    void withoutAManagerOrWithOneThatHasGoneEveryCallIsQuiet() {
        for (Map<String, String> environment :
                List.of(Map.<String, String>of(), Map.of("NOTIFY_SOCKET", path, "WATCHDOG_USEC", "20000"))) {
            try (Service service = Service.of(environment)) {
                assertThat(service.managed()).isEqualTo(!environment.isEmpty());
                service.ready("here");
                service.watch(() -> true);
                service.status("idle");
                service.stopping("stopped");
            }
        }
    }
}
