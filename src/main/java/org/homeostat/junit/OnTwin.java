package org.homeostat.junit;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.homeostat.catalog.Catalog;
import org.homeostat.catalog.Dressed;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.journal.Journal;
import org.homeostat.journal.JournalReader;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunStore;
import org.homeostat.shadow.Regression;
import org.homeostat.shadow.Tolerance;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.opentest4j.AssertionFailedError;

/** What {@link TwinTest} does. */
final class OnTwin implements BeforeTestExecutionCallback, AfterEachCallback, ParameterResolver {

    private static final Namespace ROOM = Namespace.create(OnTwin.class);

    /** The devices opened for the parameters of a test. */
    private static final class Opened {
        private final List<Device> devices = new ArrayList<>();
    }

    /**
     * A run that was asked again.
     *
     * @param unsafe what the device failed with when it was to go to its safe levels afterwards; empty if it confirmed them
     */
    private record Asked(Regression regression, Optional<DeviceException> unsafe) {}

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
        Class<?> type = parameter.getParameter().getType();
        return type == Regression.class || type == Device.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
        TwinTest asked = asked(test);
        if (parameter.getParameter().getType() == Regression.class) {
            return again(test).regression;
        }
        Device device = open(
                asked.device().isEmpty() ? folder(asked).record().experiment().device() : asked.device());
        opened(test).devices.add(device);
        return device;
    }

    @Override
    public void beforeTestExecution(ExtensionContext test) {
        TwinTest asked = asked(test);
        if (asked.run().isEmpty()) {
            if (asked.device().isEmpty()) {
                throw new IllegalArgumentException("@TwinTest " + method(test).getName()
                        + ": expected a run, a device or both; say run = \"the folder of a stored run\"");
            }
            return;
        }
        Asked again = again(test);
        if (!again.regression.passed()) {
            AssertionFailedError failed =
                    new AssertionFailedError(asked.run() + ": " + again.regression.sentence(), again.regression.lost());
            again.unsafe.ifPresent(failed::addSuppressed);
            throw failed;
        }
        again.unsafe.ifPresent(OnTwin::raise);
    }

    @Override
    public void afterEach(ExtensionContext test) {
        TwinTest asked = asked(test);
        for (Device device : opened(test).devices) {
            release(device, limit(asked));
        }
    }

    private static Opened opened(ExtensionContext test) {
        return test.getStore(ROOM).getOrComputeIfAbsent(Opened.class, key -> new Opened(), Opened.class);
    }

    /** The run asked again: once, for the parameter and for the verdict. */
    private static Asked again(ExtensionContext test) {
        return test.getStore(ROOM).getOrComputeIfAbsent(Asked.class, key -> ask(asked(test)), Asked.class);
    }

    private static Asked ask(TwinTest asked) {
        RunFolder folder = folder(asked);
        String uri = asked.device().isEmpty() ? folder.record().experiment().device() : asked.device();
        try (JournalReader journal = Journal.read(folder.journal());
                Device device = open(uri)) {
            Tolerance given = new Tolerance(asked.steps(), asked.errors(), asked.range());
            Regression regression;
            try {
                regression = Regression.of(
                        journal,
                        device,
                        given.exact() ? Regression.usual(device) : given,
                        limit(asked),
                        Thread.currentThread()::isInterrupted);
            } catch (IOException | RuntimeException unasked) {
                Dressed.rest(device, limit(asked)).ifPresent(unasked::addSuppressed);
                throw unasked;
            }
            return new Asked(regression, Dressed.rest(device, limit(asked)));
        } catch (IOException unreadable) {
            throw new IllegalArgumentException(asked.run() + ": " + unreadable.getMessage(), unreadable);
        }
    }

    private static Device open(String uri) {
        return Dressed.guarded(new Catalog(new RunStore(Path.of("runs"))).open(uri));
    }

    /** Leaves a device at its safe levels, where it can still be told to go there. */
    private static void release(Device device, Duration limit) {
        try (device) {
            Dressed.rest(device, limit).ifPresent(OnTwin::raise);
        }
    }

    private static void raise(DeviceException unsafe) {
        throw unsafe;
    }

    private static RunFolder folder(TwinTest asked) {
        Path folder = Path.of(asked.run());
        if (asked.run().isEmpty() || !Files.exists(folder.resolve("run.json"))) {
            throw new IllegalArgumentException(
                    folder.toAbsolutePath() + ": there is no run.json; expected the folder of a stored run");
        }
        RunFolder run = new RunFolder(folder);
        if (!Files.exists(run.journal())) {
            throw new IllegalArgumentException(folder.toAbsolutePath()
                    + ": there is no journal, so that nobody knows what was asked; train one without --no-journal");
        }
        return run;
    }

    private static Duration limit(TwinTest asked) {
        return Duration.ofNanos((long) (asked.seconds() * 1e9));
    }

    private static TwinTest asked(ExtensionContext test) {
        return method(test).getAnnotation(TwinTest.class);
    }

    private static Method method(ExtensionContext test) {
        return test.getRequiredTestMethod();
    }
}
