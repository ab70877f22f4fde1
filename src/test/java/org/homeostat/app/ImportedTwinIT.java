package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.homeostat.catalog.Catalog;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A twin of a netlist answers as ngspice does when it is given the same file, with the same inputs, conductances and nudges put
 * into it by {@code alter}.
 */
final class ImportedTwinIT {

    private static final int ASKED = 6;

    /** What is asked of the outputs and monitored nodes; ngspice's nearly ideal diodes drop up to 1e-4 V. */
    private static final double CLOSE = 2e-4;

    private static final Pattern SHOWN = Pattern.compile("(?m)^v\\((\\S+)\\) = (\\S+)$");

    @TempDir
    Path home;

    @ParameterizedTest
    @ValueSource(strings = {"xor", "shockley"})
    void itAgreesWithNgspice(String name) throws Exception {
        assumeTrue(SpicePeer.version() != null, "ngspice is not installed: apt-get install ngspice");
        Path file = home.resolve(name + ".cir");
        if (name.equals("xor")) {
            Files.copy(Path.of("sim", "netlists", "xor.cir"), file);
        } else {
            Files.writeString(file, """
                    real diodes with a resistance, an amplifier, a current source, a sub-circuit
                    * homeostat: input V1 V2 min=-2 max=2 / output o1 o2 min=-9 max=9
                    * homeostat: trainable R* X*.R* min=1k max=50k
                    .param unit=5k
                    V1 a 0 DC 1 SIN(0 1 1k)
                    V2 b 0 PULSE(0.5 2 0 1n 1n 1m 2m)
                    E1 c 0 a b 1.5
                    I1 0 h1 50u
                    X1 a b h1 pair ra={2*unit}
                    X2 c b h2 pair
                    R1 h1 o1 10k
                    R2 h2 o1 4.7k
                    R3 h1 o2 20k
                    R4 h2 o2 {unit}
                    D1 h1 h2 small
                    D2 0 o2 small
                    .subckt pair p q out ra=8k
                    R1 p out {ra}
                    R2 q out 12k
                    .ends
                    .model small D(IS=4.352n N=1.906 RS=0.6458)
                    .op
                    .end
                    """);
        }
        Session.plain("twin", "import", file.toString()).ended(Main.DONE);
        double worst = 0;
        try (Device twin = new Catalog(new RunStore(home))
                .open("twin:" + home.resolve(name))
                .device()) {
            Descriptor card = twin.descriptor();
            SplittableRandom random = new SplittableRandom(5);
            for (int question = 0; question < ASKED; question++) {
                double[] inputs = drawn(card, Role.INPUT, random, 1);
                double[] siemens = drawn(card, Role.PARAMETER, random, 1);
                double[] nudges = drawn(card, Role.NUDGE, random, 0.1);
                Response response = twin.present(
                        Stimulus.of(Levels.of(Role.INPUT, inputs).and(Levels.of(Role.PARAMETER, siemens)))
                                .nudged(new Nudge.Force(Levels.of(Role.NUDGE, nudges))),
                        Deadline.NEVER);
                assertThat(response.quality().remark()).isEmpty();
                Map<String, Double> spice = spice(file, card, inputs, siemens, nudges);
                for (Role role : List.of(Role.OUTPUT, Role.MONITOR)) {
                    for (int k = 0; k < card.count(role); k++) {
                        String node = card.channels(role).get(k).name();
                        double ours = response.levels().at(role, 0, k);
                        double theirs = spice.get(node);
                        worst = Math.max(worst, Math.abs(ours - theirs));
                        assertThat(ours).as(node).isCloseTo(theirs, within(CLOSE));
                    }
                }
            }
        }
        System.out.printf(Locale.ROOT, "%s: at most %.2g V from ngspice on %d questions%n", name, worst, ASKED);
    }

    private static double[] drawn(Descriptor card, Role role, SplittableRandom random, double part) {
        return card.channels(role).stream()
                .mapToDouble((Channel channel) -> part * random.nextDouble(channel.min(), channel.max()))
                .map(level -> role == Role.PARAMETER ? Math.max(level, 2e-5) : level)
                .toArray();
    }

    /** Node voltages by ngspice from the very file, altered. */
    private Map<String, Double> spice(Path file, Descriptor card, double[] inputs, double[] siemens, double[] nudges)
            throws IOException, InterruptedException {
        StringBuilder text = new StringBuilder(Files.readString(file).replaceAll("(?mi)^\\.(end|op)\\s*$", ""));
        for (int k = 0; k < nudges.length; k++) {
            text.append("inudge")
                    .append(k)
                    .append(" 0 ")
                    .append(card.channels(Role.OUTPUT).get(k).name())
                    .append(' ')
                    .append(nudges[k])
                    .append('\n');
        }
        text.append(".options reltol=1e-6 vntol=1e-9 abstol=1e-15 gmin=1e-15 itl1=1000\n.control\nset numdgt=12\n");
        for (int i = 0; i < inputs.length; i++) {
            text.append("alter ")
                    .append(card.channels(Role.INPUT).get(i).name())
                    .append(" dc = ")
                    .append(inputs[i])
                    .append('\n');
        }
        for (int k = 0; k < siemens.length; k++) {
            // ngspice calls r1 in x1 r.x1.r1.
            String called = card.channels(Role.PARAMETER).get(k).name();
            text.append("alter ")
                    .append(called.contains(".") ? "r." + called : called)
                    .append(" = ")
                    .append(1 / siemens[k])
                    .append('\n');
        }
        text.append("op\n");
        for (Role role : List.of(Role.OUTPUT, Role.MONITOR)) {
            card.channels(role)
                    .forEach(channel ->
                            text.append("print v(").append(channel.name()).append(")\n"));
        }
        text.append("quit\n.endc\n.end\n");
        Path altered = Files.writeString(home.resolve("altered.cir"), text);
        ProcessBuilder builder =
                new ProcessBuilder("ngspice", "-n", "-b", altered.toString()).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        Map<String, Double> volts = new HashMap<>();
        Matcher shown = SHOWN.matcher(said);
        while (shown.find()) {
            volts.put(shown.group(1), Double.valueOf(shown.group(2)));
        }
        assertThat(volts).as(said).isNotEmpty();
        return volts;
    }
}
