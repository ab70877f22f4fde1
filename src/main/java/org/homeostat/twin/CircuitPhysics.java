package org.homeostat.twin;

import java.util.ArrayList;
import java.util.List;
import org.homeostat.circuit.Circuit;
import org.homeostat.circuit.Element;
import org.homeostat.circuit.Solution;
import org.homeostat.circuit.Solvers;
import org.homeostat.circuit.UnsolvableException;
import org.homeostat.physics.Drive;
import org.homeostat.physics.Physics;
import org.homeostat.physics.Rest;

/**
 * A circuit as a machine that settles: inputs are the values of sources (V or A), outputs the voltages of nodes, parameters
 * the conductances of resistors (S), a nudge a current into an output's node (A). The state is the voltage of every node but
 * ground, in the order of the circuit's nodes.
 *
 * <p>Of resistors, sources and diodes the operating point is where the co-content is least (Millar 1951):
 * {@code E = sum over resistors of g/2 drop^2 + sum over current sources of i (v_plus - v_minus) + sum over diodes of the
 * integral of their current over their voltage}, among the voltages that sources fix and ideal diodes allow. The force on a
 * conductance, dE/dg, is half the square of its drop (arXiv 2402.11674, section 2). Amplifiers and transistors have no such
 * energy: their circuits settle and show the same forces, and what learns from them learns approximately.
 *
 * <p>Each answer is worked out anew, from nothing that was kept of the one before, so that it depends on the question alone.
 */
public final class CircuitPhysics implements Physics {

    private final Circuit circuit;
    private final int[] inputs;
    private final int[] outputs;
    private final int[] parameters;
    private final List<Element.Resistor> learned;
    private final double[] sources;
    private final double[] siemens;
    private final int firstNudge;

    /**
     * @param drawn all elements
     * @param inputs the names of the sources that are inputs, in order
     * @param outputs the numbers of the nodes that are outputs, in order
     * @param parameters the names of the resistors that are learned, in order
     * @throws IllegalArgumentException if there is no such element or node; the sentence names it
     */
    public CircuitPhysics(Circuit drawn, List<String> inputs, int[] outputs, List<String> parameters) {
        List<Element> elements = new ArrayList<>(drawn.elements());
        firstNudge = drawn.sources().size();
        for (int node : outputs) {
            // Into the output and out of ground.
            elements.add(new Element.Current("nudge." + node, 0, node, 0));
        }
        circuit = new Circuit(drawn.nodes(), elements);
        List<String> names = circuit.sources().stream().map(Element::name).toList();
        this.inputs =
                inputs.stream().mapToInt(name -> index(names, name, "source")).toArray();
        this.outputs = outputs.clone();
        for (int k = 0; k < outputs.length; k++) {
            this.outputs[k]--;
        }
        List<Element.Resistor> resistors = circuit.resistors();
        List<String> called = resistors.stream().map(Element::name).toList();
        this.parameters = parameters.stream()
                .mapToInt(name -> index(called, name, "resistor"))
                .toArray();
        learned = java.util.Arrays.stream(this.parameters)
                .mapToObj(resistors::get)
                .toList();
        sources = circuit.sources().stream()
                .mapToDouble(source ->
                        source instanceof Element.Voltage v ? v.volts() : ((Element.Current) source).amperes())
                .toArray();
        siemens = resistors.stream().mapToDouble(Element.Resistor::siemens).toArray();
    }

    private static int index(List<String> names, String name, String what) {
        int index = names.indexOf(name);
        if (index < 0) {
            throw new IllegalArgumentException("the circuit has no " + what + " called " + name);
        }
        return index;
    }

    @Override
    public int inputs() {
        return inputs.length;
    }

    @Override
    public int states() {
        return circuit.nodes().size() - 1;
    }

    @Override
    public int parameters() {
        return parameters.length;
    }

    @Override
    public int[] outputs() {
        return outputs.clone();
    }

    private static double volts(double[] state, int node) {
        return node == 0 ? 0 : state[node - 1];
    }

    private double[] sources(Drive drive) {
        double[] values = sources.clone();
        for (int i = 0; i < inputs.length; i++) {
            values[inputs[i]] = drive.input()[i];
        }
        System.arraycopy(drive.current(), 0, values, firstNudge, outputs.length);
        return values;
    }

    private double[] conductances(double[] theta) {
        double[] values = siemens.clone();
        for (int k = 0; k < parameters.length; k++) {
            values[parameters[k]] = theta[k];
        }
        return values;
    }

    /**
     * {@inheritDoc}
     *
     * @throws UnsupportedOperationException if an element has no energy: an amplifier or a transistor
     */
    @Override
    public double energy(double[] theta, Drive drive, double[] state) {
        double[] driven = sources(drive);
        double[] conducting = conductances(theta);
        double energy = 0;
        int source = 0;
        int resistor = 0;
        for (Element element : circuit.elements()) {
            switch (element) {
                case Element.Resistor r -> {
                    double drop = volts(state, r.a()) - volts(state, r.b());
                    energy += 0.5 * conducting[resistor++] * drop * drop;
                }
                case Element.Current i ->
                    energy += driven[source++] * (volts(state, i.plus()) - volts(state, i.minus()));
                case Element.Voltage v -> source++;
                case Element.Diode d -> {
                    double drop = volts(state, d.anode()) - volts(state, d.cathode());
                    energy += d.saturationAmperes() * (d.slopeVolts() * Math.expm1(drop / d.slopeVolts()) - drop);
                }
                case Element.IdealDiode d -> {
                    // It allows voltages or does not; it stores nothing.
                }
                default ->
                    throw new UnsupportedOperationException(
                            element.name() + " is an active element: this circuit is not where an energy is least");
            }
        }
        return energy;
    }

    @Override
    public void forces(double[] theta, Drive drive, double[] state, double[] forces) {
        for (int k = 0; k < forces.length; k++) {
            Element.Resistor resistor = learned.get(k);
            double drop = volts(state, resistor.a()) - volts(state, resistor.b());
            forces[k] = 0.5 * drop * drop;
        }
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if a spring or a clamp is asked for: a nudge is a current here
     */
    @Override
    public Rest settle(double[] theta, Drive drive, double[] state, double tolerance) {
        if (drive.stiffness() != 0 || drive.clamp() != null) {
            throw new IllegalArgumentException(
                    "a circuit is nudged by currents; springs and clamps are not known here");
        }
        var solver = Solvers.of(circuit);
        solver.resistors(conductances(theta));
        try {
            Solution found = solver.solve(sources(drive), tolerance);
            System.arraycopy(found.volts(), 1, state, 0, state.length);
            return new Rest(
                    found.iterations(),
                    found.residual(),
                    found.residual() <= tolerance ? Rest.Ending.AT_REST : Rest.Ending.NOT_AT_REST,
                    found.residual() <= tolerance
                            ? ""
                            : "the circuit was solved to a residual of " + found.residual() + " only, not " + tolerance
                                    + "; its values may lie too far apart");
        } catch (UnsolvableException none) {
            return new Rest(
                    0, Double.MAX_VALUE, Rest.Ending.NOT_AT_REST, "no operating point was found: " + none.getMessage());
        }
    }
}
