package org.homeostat.app;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.homeostat.circuit.Circuit;
import org.homeostat.circuit.Element;
import org.homeostat.circuit.Netlist;
import org.homeostat.circuit.Solution;
import org.homeostat.circuit.Solvers;
import org.homeostat.circuit.UnsolvableException;
import org.homeostat.run.BadInput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "solve",
        sortOptions = false,
        description = {
            "Works out the operating point of a SPICE-style netlist: the voltage of every node.",
            "Elements R, V, I, D, E (a gain), M (level 1), X; C is open and L a short. A diode whose model says ideal=1 is ideal.",
            "The residual is the largest current by which Kirchhoff's law is missed, as a part of the largest that could flow."
        },
        footer = {"", "Example:", "  homeostat twin solve sim/netlists/clamp.cir"})
final class TwinSolve implements Callable<Integer> {

    @Mixin
    Shared shared;

    @Parameters(index = "0", paramLabel = "NETLIST", description = "A file; its first line is a title.")
    Path file;

    @Option(
            names = "--tolerance",
            paramLabel = "R",
            description = "The largest residual that is an answer (default: ${DEFAULT-VALUE}).",
            defaultValue = "1e-9")
    double tolerance;

    @Override
    public Integer call() throws UnsolvableException {
        if (!(tolerance > 0)) {
            throw new BadInput("--tolerance: expected a number above 0, not " + tolerance);
        }
        Circuit circuit = Netlist.drawing(NetlistFile.text(file), file.toString(), NetlistFile::included)
                .circuit();
        long start = System.nanoTime();
        double[] sources = circuit.sources().stream()
                .mapToDouble(source ->
                        source instanceof Element.Voltage v ? v.volts() : ((Element.Current) source).amperes())
                .toArray();
        Solution solution = Solvers.of(circuit).solve(sources, tolerance);
        double seconds = (System.nanoTime() - start) / 1e9;
        Map<String, Double> nodes = new LinkedHashMap<>();
        List<List<String>> rows = new ArrayList<>();
        for (int node = 1; node < solution.volts().length; node++) {
            String name = circuit.nodes().get(node);
            nodes.put(name, solution.volts()[node]);
            rows.add(List.of(name, String.format(Locale.ROOT, "%.9g V", solution.volts()[node])));
        }
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("nodes", nodes);
        object.put("iterations", solution.iterations());
        object.put("residual", solution.residual());
        object.put("seconds", seconds);
        object.put("solver", solution.solver());
        shared.print(object, Table.aligned(rows));
        shared.say(String.format(
                Locale.ROOT,
                "%s, %d iteration%s, residual %.2g, %s",
                solution.solver(),
                solution.iterations(),
                solution.iterations() == 1 ? "" : "s",
                solution.residual(),
                Words.level(seconds, "s")));
        if (!(solution.residual() <= tolerance)) {
            shared.complain("the residual is " + solution.residual() + ", above the " + tolerance
                    + " asked for: these voltages are not an operating point to that precision");
            return Main.FAILED;
        }
        return Main.DONE;
    }
}
