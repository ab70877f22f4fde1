package org.homeostat.catalog;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.homeostat.circuit.Circuit;
import org.homeostat.circuit.Element;
import org.homeostat.circuit.Netlist;
import org.homeostat.circuit.Netlist.Drawing;
import org.homeostat.run.BadInput;
import org.jspecify.annotations.Nullable;

/**
 * A netlist in which it is said what each part is for, and the two files that make a twin of it. The duties stand in comments
 * {@code * homeostat: DUTY NAME... key=value...}; {@code sim/README.md} explains them. What is not said follows from the circuit.
 */
public final class Schematic {

    /** What a part can be for. */
    public enum Duty {
        INPUT("sources that carry the question, such as 'V1 V2 min=-2 max=2'", "min", "max", "bits"),
        OUTPUT("nodes that are read and nudged, such as 'out'", "min", "max", "bits", "nudge"),
        MONITOR("other nodes that are read, such as 'h1 h2', or 'none'", "bits"),
        TRAINABLE("resistors that are learned, such as 'R1-R9 min=1k max=100k'", "min", "max", "codes", "wiper");

        private final String sentence;
        private final String keys;

        Duty(String sentence, String... keys) {
            this.sentence = sentence;
            this.keys = String.join(" ", keys);
        }

        private List<String> keys() {
            return List.of(keys.split(" "));
        }

        /** What it takes, in words. */
        public String sentence() {
            return sentence;
        }

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What is said of one duty in one place. */
    private record Said(String where, List<String> names, Map<String, Double> values) {
        double value(String key, double otherwise) {
            return values.getOrDefault(key, otherwise);
        }
    }

    /** Resistors of one range. */
    private record Range(double least, double most, int codes, double wiper) {
        double lowest() {
            return 1 / most;
        }

        double highest() {
            return 1 / least;
        }
    }

    private static final Pattern NUMBERED = Pattern.compile("(.*?)(\\d+)-(.*?)(\\d+)");

    /** A resistor whose range nobody said can be moved by this factor either way. */
    private static final double USUAL_RANGE = 10;

    private static final int MOST_BITS = 24;
    private static final int MOST_CODES = 1 << 16;

    private final String name;
    private final String file;
    private final Drawing drawing;
    private final Circuit circuit;
    private final Map<Duty, List<Said>> said = new LinkedHashMap<>();
    private final List<String> inputs;
    private final List<String> outputs;
    private final List<String> monitors;
    private final Map<Range, List<String>> parameters = new LinkedHashMap<>();
    private final double inputLeast;
    private final double inputMost;
    private final double outputLeast;
    private final double outputMost;
    private final double betaUnit;
    private final double nudge;

    /**
     * Reads a netlist and its duties.
     *
     * @param name what the board shall be called
     * @param file the netlist's path, as messages call it
     * @param duties what was said beside the netlist; where a duty is said here, the netlist's own comments on it do not count
     * @throws BadInput if a duty is missing or names what is not there; the sentence says what there is
     */
    public Schematic(String name, String file, String text, Netlist.Included included, Map<Duty, List<String>> duties) {
        if (!name.matches("[A-Za-z][A-Za-z0-9_.-]*")) {
            throw new BadInput("'" + name + "' is no name for a board; expected a letter followed by letters, digits or"
                    + " any of _ . -, as in --name my-board");
        }
        this.name = name;
        this.file = file;
        try {
            drawing = Netlist.drawing(text, file, included);
        } catch (IllegalArgumentException unreadable) {
            throw new BadInput(String.valueOf(unreadable.getMessage()), unreadable);
        }
        circuit = drawing.circuit();
        hear(duties);
        inputs = sources();
        double[] in = range(Duty.INPUT, swing());
        inputLeast = in[0];
        inputMost = in[1];
        outputs = nodes(Duty.OUTPUT);
        learned();
        requireFree();
        double[] out = range(Duty.OUTPUT, reach());
        outputLeast = out[0];
        outputMost = out[1];
        betaUnit = rounded(conductance());
        nudge = one(Duty.OUTPUT, "nudge", rounded(betaUnit * (outputMost - outputLeast)));
        if (!(nudge > 0)) {
            throw new BadInput(where(Duty.OUTPUT) + ": nudge=" + nudge + ": expected the largest current, above 0 A");
        }
        monitors = said.containsKey(Duty.MONITOR)
                ? nodes(Duty.MONITOR)
                : CircuitPlan.untold(circuit, inputs, outputs, learnedNames());
    }

    private void hear(Map<Duty, List<String>> duties) {
        for (Netlist.Remark remark : drawing.remarks()) {
            for (String part : remark.words().split("\\s/\\s", -1)) {
                String[] words = part.strip().split("\\s+", 2);
                Duty duty = Arrays.stream(Duty.values())
                        .filter(each -> each.word().equalsIgnoreCase(words[0]))
                        .findFirst()
                        .orElseThrow(() -> new BadInput(remark.where() + ": '" + words[0]
                                + "' is no duty; expected '* homeostat: ' and one of "
                                + Arrays.stream(Duty.values()).map(Duty::word).collect(Collectors.joining(", "))));
                if (!duties.containsKey(duty)) {
                    hear(duty, remark.where(), words.length > 1 ? words[1] : "");
                }
            }
        }
        duties.forEach((duty, texts) -> texts.forEach(text -> hear(duty, "--" + duty.word(), text)));
    }

    private void hear(Duty duty, String where, String text) {
        List<String> names = new ArrayList<>();
        Map<String, Double> values = new LinkedHashMap<>();
        for (String word : text.strip().split("[\\s,]+")) {
            int equals = word.indexOf('=');
            if (equals < 0) {
                names.add(word);
                continue;
            }
            String key = word.substring(0, equals).toLowerCase(Locale.ROOT);
            Double value = Netlist.scalar(word.substring(equals + 1).toLowerCase(Locale.ROOT));
            if (!duty.keys().contains(key) || value == null) {
                throw new BadInput(where + ": '" + word + "': expected "
                        + duty.keys().stream().map(each -> each + "=NUMBER").collect(Collectors.joining(", ")));
            }
            values.put(key, value);
        }
        if (names.isEmpty() || names.getFirst().isEmpty()) {
            throw new BadInput(where + ": nothing is named; expected " + duty.sentence);
        }
        said.computeIfAbsent(duty, unused -> new ArrayList<>()).add(new Said(where, names, values));
    }

    private String where(Duty duty) {
        List<Said> places = said.get(duty);
        return places == null ? file : places.getFirst().where;
    }

    private List<Said> required(Duty duty, String there) {
        List<Said> places = said.get(duty);
        if (places == null) {
            throw new BadInput(file + ": it does not say which are the " + duty.word() + "s: " + duty.sentence
                    + ". Put a line '* homeostat: " + duty.word() + " ...' into the netlist, or say it with --"
                    + duty.word() + "; there are " + there);
        }
        return places;
    }

    /** The elements that a word means: a name, a row such as R1-R9, or a pattern with stars. */
    private static List<String> meant(Said place, String word, Collection<String> there, String what) {
        String low = word.toLowerCase(Locale.ROOT);
        Matcher row = NUMBERED.matcher(low);
        Predicate<String> means;
        if (there.contains(low)) {
            means = low::equals;
        } else if (row.matches() && (row.group(3).isEmpty() || row.group(3).equals(row.group(1)))) {
            long first = Long.parseLong(row.group(2));
            long last = Long.parseLong(row.group(4));
            means = each -> {
                String tail = each.startsWith(row.group(1))
                        ? each.substring(row.group(1).length())
                        : "";
                if (!tail.matches("\\d{1,9}")) {
                    return false;
                }
                long number = Long.parseLong(tail);
                return number >= first && number <= last;
            };
        } else {
            String pattern =
                    Arrays.stream(low.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
            means = Pattern.compile(pattern).asMatchPredicate();
        }
        List<String> found = there.stream().filter(means).toList();
        if (found.isEmpty()) {
            throw new BadInput(place.where + ": there is no " + what + " '" + word + "'; there are " + some(there));
        }
        return found;
    }

    private static final int SOME = 12;

    private static String some(Collection<String> names) {
        if (names.isEmpty()) {
            return "none at all";
        }
        return names.stream().limit(SOME).collect(Collectors.joining(", "))
                + (names.size() > SOME ? " and " + (names.size() - SOME) + " more" : "");
    }

    private List<String> sources() {
        List<String> there = circuit.sources().stream().map(Element::name).toList();
        Set<String> found = new LinkedHashSet<>();
        for (Said place : required(Duty.INPUT, "the sources " + some(there))) {
            place.names.forEach(word -> found.addAll(meant(place, word, there, "source")));
        }
        List<Element> named = circuit.sources().stream()
                .filter(source -> found.contains(source.name()))
                .toList();
        if (named.stream().map(Object::getClass).distinct().count() > 1) {
            throw new BadInput(where(Duty.INPUT)
                    + ": inputs are all voltage sources or all current sources; change some with a resistor in series");
        }
        return List.copyOf(found);
    }

    private boolean currents() {
        return circuit.sources().stream()
                .anyMatch(source -> source.name().equals(inputs.getFirst()) && source instanceof Element.Current);
    }

    private List<String> nodes(Duty duty) {
        List<String> there = circuit.nodes().subList(1, circuit.nodes().size());
        Set<String> found = new LinkedHashSet<>();
        for (Said place : required(duty, "the nodes " + some(there))) {
            if (duty == Duty.MONITOR && place.names.equals(List.of("none"))) {
                continue;
            }
            for (String word : place.names) {
                String node = CircuitPlan.node(circuit, word);
                if (node == null && word.contains("*")) {
                    List<String> low = there.stream()
                            .map(each -> each.toLowerCase(Locale.ROOT))
                            .toList();
                    meant(place, word, low, "node").forEach(each -> found.add(there.get(low.indexOf(each))));
                } else if (node == null || node.equals("0")) {
                    throw new BadInput(
                            place.where + ": there is no node '" + word + "' besides ground; there are " + some(there));
                } else {
                    found.add(node);
                }
            }
        }
        return List.copyOf(found);
    }

    private void learned() {
        Map<String, Element.Resistor> resistors = new LinkedHashMap<>();
        circuit.resistors().forEach(resistor -> resistors.put(resistor.name(), resistor));
        Set<String> seen = new LinkedHashSet<>();
        for (Said place : required(Duty.TRAINABLE, "the resistors " + some(resistors.keySet()))) {
            for (String word : place.names) {
                for (String each : meant(place, word, resistors.keySet(), "resistor")) {
                    if (!seen.add(each)) {
                        throw new BadInput(place.where + ": resistor " + each + " is named twice; name it once");
                    }
                    double ohms =
                            1 / Objects.requireNonNull(resistors.get(each)).siemens();
                    Range range = new Range(
                            place.value("min", rounded(ohms / USUAL_RANGE)),
                            place.value("max", rounded(ohms * USUAL_RANGE)),
                            whole(place, "codes", 0, 2, MOST_CODES),
                            place.value("wiper", 0));
                    if (!(range.least > 0 && range.least < range.most && range.wiper >= 0)
                            || range.codes > 0 && !(range.wiper < range.least)) {
                        throw new BadInput(place.where + ": resistor " + each + " from " + range.least + " to "
                                + range.most + " ohm, wiper " + range.wiper
                                + " ohm: expected 0 < min < max, and the wiper below min");
                    }
                    parameters
                            .computeIfAbsent(range, unused -> new ArrayList<>())
                            .add(each);
                }
            }
        }
        double lowest =
                parameters.keySet().stream().mapToDouble(Range::lowest).max().orElseThrow();
        double highest =
                parameters.keySet().stream().mapToDouble(Range::highest).min().orElseThrow();
        if (!(lowest < highest)) {
            throw new BadInput(where(Duty.TRAINABLE)
                    + ": the ranges of the trainable resistors have nothing in common, so that they cannot be started"
                    + " alike; give them overlapping min and max");
        }
    }

    private static int whole(Said place, String key, int otherwise, int least, int most) {
        Double value = place.values.get(key);
        if (value == null) {
            return otherwise;
        }
        if (value != Math.rint(value) || value < least || value > most) {
            throw new BadInput(
                    place.where + ": " + key + "=" + value + ": expected a whole number, " + least + " to " + most);
        }
        return value.intValue();
    }

    private List<String> learnedNames() {
        return parameters.values().stream().flatMap(List::stream).toList();
    }

    /** A node that a source holds cannot be nudged. */
    private void requireFree() {
        for (Element element : circuit.elements()) {
            int held = switch (element) {
                case Element.Voltage v when v.minus() == 0 -> v.plus();
                case Element.Voltage v when v.plus() == 0 -> v.minus();
                case Element.Amplifier e when e.minus() == 0 -> e.plus();
                default -> 0;
            };
            if (held > 0 && outputs.contains(circuit.nodes().get(held))) {
                throw new BadInput(
                        where(Duty.OUTPUT) + ": node " + circuit.nodes().get(held) + " is held by " + element.name()
                                + ", so that no nudge can move it; name the node in front of it");
            }
        }
    }

    private double one(Duty duty, String key, double otherwise) {
        List<Double> all = said.getOrDefault(duty, List.of()).stream()
                .map(place -> place.values.get(key))
                .filter(Objects::nonNull)
                .distinct()
                .toList();
        if (all.size() > 1) {
            throw new BadInput(where(duty) + ": " + key + " is " + all.getFirst() + " for some " + duty.word()
                    + "s and " + all.get(1) + " for others; a board's card has one for all");
        }
        return all.isEmpty() ? otherwise : all.getFirst();
    }

    private double[] range(Duty duty, double usual) {
        double most = one(duty, "max", usual);
        double least = one(duty, "min", -most);
        if (Double.isNaN(least) || Double.isNaN(most)) {
            throw new BadInput(where(duty) + ": how far the " + duty.word()
                    + "s go does not follow from the circuit; say" + " it with min=NUMBER max=NUMBER, in "
                    + (duty == Duty.INPUT && currents() ? "ampere" : "volt"));
        }
        if (!(least < most)) {
            throw new BadInput(where(duty) + ": min=" + least + " max=" + most + ": expected min below max");
        }
        return new double[] {least, most};
    }

    /** The largest value that the inputs have in the netlist; NaN if all are 0. */
    private double swing() {
        double most = circuit.sources().stream()
                .filter(source -> inputs.contains(source.name()))
                .mapToDouble(source -> Math.abs(
                        source instanceof Element.Voltage v ? v.volts() : ((Element.Current) source).amperes()))
                .max()
                .orElse(0);
        return most > 0 ? most : Double.NaN;
    }

    /**
     * No node of resistors and diodes between nodes that are held leaves the range of these; NaN where something else may
     * drive it.
     */
    private double reach() {
        Map<Integer, Double> held = new LinkedHashMap<>();
        held.put(0, 0.0);
        boolean more = true;
        while (more) {
            more = false;
            for (Element element : circuit.elements()) {
                double input = inputs.contains(element.name())
                        ? Math.max(Math.abs(inputLeast), Math.abs(inputMost))
                        : Double.NaN;
                switch (element) {
                    case Element.Voltage v
                    when v.minus() == 0 || v.plus() == 0 ->
                        more |= held.putIfAbsent(
                                        v.minus() == 0 ? v.plus() : v.minus(),
                                        Double.isNaN(input) ? Math.abs(v.volts()) : input)
                                == null;
                    case Element.Amplifier e
                    when e.minus() == 0 && held.containsKey(e.controlPlus()) && held.containsKey(e.controlMinus()) ->
                        more |= held.putIfAbsent(
                                        e.plus(),
                                        Math.abs(e.gain())
                                                * (held.getOrDefault(e.controlPlus(), 0.0)
                                                        + held.getOrDefault(e.controlMinus(), 0.0)))
                                == null;
                    default -> {
                        // It holds nothing.
                    }
                }
            }
        }
        for (Element element : circuit.elements()) {
            boolean bounded = switch (element) {
                case Element.Resistor r -> true;
                case Element.Diode d -> true;
                case Element.IdealDiode d -> true;
                case Element.Voltage v -> v.minus() == 0 || v.plus() == 0;
                case Element.Amplifier e -> held.containsKey(e.plus()) && e.minus() == 0;
                case Element.Current i -> i.amperes() == 0 && !inputs.contains(i.name());
                default -> false;
            };
            if (!bounded) {
                return Double.NaN;
            }
        }
        double most =
                held.values().stream().mapToDouble(Double::doubleValue).max().orElse(0);
        return most > 0 ? most : Double.NaN;
    }

    /** The mean conductance at an output, learned resistors in the middle of their decades. */
    private double conductance() {
        double sum = 0;
        for (Element.Resistor resistor : circuit.resistors()) {
            double siemens = resistor.siemens();
            for (Map.Entry<Range, List<String>> each : parameters.entrySet()) {
                if (each.getValue().contains(resistor.name())) {
                    siemens = Math.sqrt(each.getKey().lowest() * each.getKey().highest());
                }
            }
            for (int node : new int[] {resistor.a(), resistor.b()}) {
                sum += outputs.contains(circuit.nodes().get(node)) ? siemens : 0;
            }
        }
        if (sum == 0) {
            throw new BadInput(where(Duty.OUTPUT) + ": no resistor ends at " + String.join(", ", outputs)
                    + ", so that nothing that is learned can move it; name other nodes");
        }
        return sum / outputs.size();
    }

    /** To two digits. */
    private static double rounded(double value) {
        return new BigDecimal(value).round(new MathContext(2)).doubleValue();
    }

    /** What the board is: the text of {@code board.yaml}. */
    public String board() {
        double volts = Math.max(Math.abs(outputLeast), Math.abs(outputMost));
        double lowest =
                parameters.keySet().stream().mapToDouble(Range::lowest).max().orElseThrow();
        double highest =
                parameters.keySet().stream().mapToDouble(Range::highest).min().orElseThrow();
        double softness = rounded(2 * highest / (volts * volts));
        StringBuilder text = new StringBuilder();
        text.append("# What the board is, made of " + file.replaceAll("[\\r\\n]", " ")
                + " by 'homeostat twin import'. Keys and units: devices/README.md.\n");
        text.append("board: " + name + "\n");
        text.append("summary: the circuit of a netlist, " + circuit.elements().size() + " elements\n");
        text.append("firmware: none\n");
        text.append("sizes: {inputs: " + inputs.size() + ", hidden: [], outputs: " + outputs.size() + "}\n");
        text.append("# A netlist does not say how long the board takes: put in what you know of it.\n");
        text.append("settleSeconds: 50.0e-6\n");
        text.append("# A nudge of beta = 1 pulls an output about as strongly as its own resistors do.\n");
        text.append("betaUnit: " + betaUnit + "\n");
        text.append("nudges: [force, difference]\n");
        text.append("abilities: [writable_parameters]\n");
        text.append("channels:\n");
        kind(text, "input", "x", currents() ? "A" : "V", inputLeast, inputMost, 0, bits(Duty.INPUT));
        if (!monitors.isEmpty()) {
            kind(text, "hidden", "h", "V", outputLeast, outputMost, 0, bits(Duty.MONITOR));
        }
        kind(text, "output", "o", "V", outputLeast, outputMost, 0, bits(Duty.OUTPUT));
        kind(text, "nudge", "n", "A", -nudge, nudge, 0, null);
        text.append("  parameters:\n");
        int which = 1;
        for (Range range : parameters.keySet()) {
            String key = "r" + which++;
            if (range.codes > 0) {
                int first = (int) Math.ceil((range.least - range.wiper) / range.most * range.codes);
                text.append("    " + key + ": {name: " + key
                        + ", unit: S, min: 0, max: 0, safe: 0, potentiometer: {endToEndOhms: "
                        + range.most + ", wiperOhms: " + range.wiper + ", codes: " + range.codes + ", lowestCode: "
                        + Math.max(1, first) + "}}\n");
            } else {
                text.append("  ");
                kind(
                        text,
                        key,
                        key,
                        "S",
                        range.lowest(),
                        range.highest(),
                        Math.sqrt(range.lowest() * range.highest()),
                        null);
            }
        }
        text.append("wiring:\n  system: circuit\n  circuit:\n");
        text.append("    inputs: " + listed(inputs) + "\n");
        text.append("    outputs: " + listed(outputs) + "\n");
        text.append("    monitors: " + listed(monitors) + "\n");
        text.append("    parameters:\n");
        which = 1;
        for (List<String> names : parameters.values()) {
            text.append("      r" + which++ + ": " + listed(names) + "\n");
        }
        text.append("    netlist: |2\n");
        drawing.text()
                .lines()
                .forEach(line -> text.append(("      " + line.replaceAll("\\p{Cntrl}", " ")).stripTrailing() + "\n"));
        text.append("# Where to begin; an experiment may change any of it.\n");
        text.append("teaching:\n");
        text.append("  amplitude: " + rounded(0.5 * Math.max(Math.abs(inputLeast), Math.abs(inputMost))) + "\n");
        text.append("  cost: cross_entropy\n");
        text.append("  swing: " + rounded(0.15 * volts) + "\n");
        text.append("  temperature: " + rounded(0.015 * volts) + "\n");
        text.append("  nudge: force\n  beta: 0.5\n");
        text.append("  softness: " + softness + "\n");
        text.append("  softest: " + 100 * softness + "\n");
        text.append("  decay: 0.97\n  motion: one_step\n  reads: 1\n  acceptEvery: 0\n  holdPart: 0.01\n");
        text.append("  startLowest: " + lowest + "\n");
        text.append("  startHighest: " + (lowest + (highest - lowest) / 3) + "\n");
        text.append("  perturbation: 0.05\n  pairs: 4\n  rate: 0.01\n");
        return text.toString();
    }

    private @Nullable Integer bits(Duty duty) {
        double bits = one(duty, "bits", 0);
        if (bits != Math.rint(bits) || bits < 0 || bits > MOST_BITS) {
            throw new BadInput(where(duty) + ": bits=" + bits + ": expected a whole number, 1 to " + MOST_BITS);
        }
        return bits == 0 ? null : (int) bits;
    }

    private static void kind(
            StringBuilder text,
            String key,
            String name,
            String unit,
            double min,
            double max,
            double safe,
            @Nullable Integer bits) {
        text.append("  " + key + ": {name: " + name + ", unit: " + unit + ", min: " + min + ", max: " + max + ", safe: "
                + Math.clamp(safe, min, max) + (bits == null ? "" : ", bits: " + bits) + "}\n");
    }

    private static String listed(List<String> names) {
        return names.stream()
                .map(each -> "'" + each.replace("'", "''") + "'")
                .collect(Collectors.joining(", ", "[", "]"));
    }

    /** What the twin is made of: the text of {@code twin.yaml}, to lie beside {@code board.yaml}. */
    public String twin() {
        return "# What the twin is made of. Keys and units: sim/README.md.\n"
                + "twin: " + name + "\n"
                + "mimics: board.yaml\n"
                + "summary: exactly as drawn in "
                + file.replaceAll(".*[/\\\\]", "").replaceAll("[^\\w.-]", "_") + "\n"
                + "seed: 1\nlanes: 1\ntolerance: 1.0e-9\n"
                + "# A board that was built strays from its drawing: put in what you expect of yours.\n"
                + "imperfections:\n  elementTolerance: 0\n  wiperSpread: 0\n  converterGain: 0\n  converterOffsetCodes: 0\n"
                + "  converterInlCodes: 0\n  readNoise: 0\n  readbackNoise: 0\n  driftPerHour: 0\n";
    }

    /** The sources that are inputs. */
    public List<String> inputs() {
        return inputs;
    }

    /** The nodes that are outputs. */
    public List<String> outputs() {
        return outputs;
    }

    /** The further nodes that are read. */
    public List<String> monitors() {
        return monitors;
    }

    /** The resistors that are learned. */
    public List<String> trainable() {
        return learnedNames();
    }
}
