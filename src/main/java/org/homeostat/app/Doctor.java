package org.homeostat.app;

import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.homeostat.link.Broker;
import org.homeostat.run.BadInput;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "doctor",
        sortOptions = false,
        description = {
            "Looks at what Homeostat needs on this computer, and says of each thing that is wrong what to type to mend it.",
            "Nothing is changed and no board is touched; trial files are removed again, and a broker is sent one empty message"
                    + " that is for nobody."
        },
        footer = {
            "",
            "Examples:",
            "  homeostat doctor",
            "  homeostat doctor serial:/dev/ttyACM0",
            "  homeostat doctor --broker mqtts://lab:8883 --ca ca.crt --cert ann.crt --key ann.key",
            "",
            "Exit codes: 0 nothing is wrong (notes are no matter); 1 something is; 2 bad usage."
        })
final class Doctor implements Callable<Integer> {

    private static final String SERIAL = "serial:";
    private static final String HOW_SYNCHRONISED = "timedatectl show -p NTPSynchronized --value";

    @Mixin
    Shared shared;

    @Parameters(
            arity = "0..*",
            paramLabel = "PORT",
            description =
                    "Serial ports to look at, such as serial:/dev/ttyACM0 (default: all that this machine lists).")
    @Nullable
    List<String> ports;

    @Mixin
    Entrance entrance;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "With --broker: look at what offering a board of this name takes, instead of driving one.")
    @Nullable
    String offered;

    @Override
    public Integer call() {
        List<Finding> findings = new ArrayList<>();
        String user = System.getProperty("user.name");
        findings.add(HostChecks.java(Runtime.version(), System.getProperty("java.home")));
        findings.add(HostChecks.launcher(System.getenv()));
        findings.add(
                HostChecks.memory(Path.of("/proc/meminfo"), Runtime.getRuntime().maxMemory()));
        findings.add(HostChecks.temporary(Path.of(System.getProperty("java.io.tmpdir"))));
        findings.add(HostChecks.disk(shared.runs));
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        findings.add(HostChecks.clock(
                now,
                HostChecks.made(Doctor.class),
                shared.store().doubt(now).orElse(null),
                List.of(HOW_SYNCHRONISED.split(" "))));
        if (ports == null || ports.isEmpty()) {
            findings.add(DeviceChecks.group(Path.of("/etc/group"), user));
            findings.addAll(DeviceChecks.ports());
        } else {
            ports.forEach(port -> findings.add(DeviceChecks.port(path(port))));
        }
        findings.addAll(DeviceChecks.buses(Path.of("/"), user));
        if (entrance.url != null) {
            findings.addAll(DeviceChecks.broker(entrance.broker(), name()));
        } else if (offered != null) {
            throw new BadInput("--name: says which board is offered at a broker; expected --broker URL beside it");
        } else {
            findings.add(Finding.note("broker", "not looked at", "homeostat doctor --broker mqtt://HOST:1883"));
        }
        Integer spice = SpicePeer.version();
        findings.add(HostChecks.peer(
                "ngspice",
                spice == null ? null : "version " + spice,
                "only 'bench solve' and some tests use it",
                "sudo apt install ngspice"));
        findings.add(HostChecks.peer(
                "PyTorch", TorchPeer.python(null), "only 'bench train' uses it", "python3 -m pip install torch"));
        return told(findings);
    }

    private static String path(String port) {
        if (!port.startsWith(SERIAL) && port.matches("[a-z]+:.*")) {
            throw new BadInput(
                    "'" + port + "' is no serial port; expected such as serial:/dev/ttyACM0 (brokers: --broker URL)");
        }
        return port.replaceFirst("^" + SERIAL, "").replaceFirst("\\?.*", "");
    }

    private @Nullable String name() {
        try {
            return offered == null ? null : Broker.requireName(offered, "--name");
        } catch (IllegalArgumentException unfit) {
            throw new BadInput(String.valueOf(unfit.getMessage()), unfit);
        }
    }

    private int told(List<Finding> findings) {
        long wrong = findings.stream()
                .filter(finding -> finding.verdict() == Finding.Verdict.WRONG)
                .count();
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("wrong", wrong);
        object.put("checks", findings.stream().map(Finding::json).toList());
        shared.print(object, DeviceChecks.lines(findings));
        shared.say(wrong == 0 ? "Nothing is wrong." : Words.count((int) wrong, "thing") + " to be mended.");
        return wrong == 0 ? Main.DONE : Main.FAILED;
    }
}
