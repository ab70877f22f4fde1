package org.homeostat.circuit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The text of a circuit, in the manner of SPICE: the first line is a title; {@code R}, {@code V}, {@code I}, {@code D},
 * {@code E} (a gain only), {@code M} (level 1), {@code X}; {@code .model}, {@code .subckt} and {@code .ends}, {@code .param},
 * {@code .include}, {@code .end}; {@code +} goes on with the line before, {@code *} at the start of a line, {@code ;} and {@code $} begin
 * comments; numbers with SPICE's suffixes; parameters and sums, products and quotients of them in braces. Case does not matter;
 * nodes are called as they are first written.
 *
 * <p>It stands for the operating point: of sources the DC value counts, a capacitor is an open connection and an inductor a
 * source of 0 V, as in SPICE's {@code .op}. Other analyses ({@code .tran}, {@code .ac} and so on), what to save or print, first
 * guesses and what stands between {@code .control} and {@code .endc} are passed over. Every other line that is not known is
 * refused.
 *
 * <p>A diode is ideal where its model says {@code ideal=1}, as in {@code .model clamp d(is=1e-12 n=1e-4 ideal=1)}: SPICE takes
 * no notice of that word, beyond a warning, and reads the same model as a nearly ideal diode. Without it a diode follows
 * Shockley's law however small its n; a resistance RS in its model is a resistor of its own, called as the diode with
 * {@code .rs} behind. Reverse breakdown is not worked out: a BV is taken where the sources cannot add up to it.
 *
 * <p>What is wrong is an {@link IllegalArgumentException} of one sentence: file, line, what was found and what was expected.
 */
public final class Netlist {

    /** Boltzmann's constant times 300.15 K by the charge of the electron, in volts: what SPICE multiplies n by at 27 degrees C. */
    public static final double THERMAL_VOLTS = 1.38064852e-23 * 300.15 / 1.6021766208e-19;

    private static final BigDecimal MIL = new BigDecimal("25.4e-6");
    private static final int DEEPEST = 40;
    private static final Pattern NUMBER =
            Pattern.compile("([+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[+-]?\\d+)?)(meg|mil|[tgkmunpfaµμ]?)[a-zµμ]*");
    /** How a remark to this program begins, behind the star of a comment. */
    private static final Pattern REMARK = Pattern.compile("\\*\\s*homeostat\\s*:(.*)", Pattern.CASE_INSENSITIVE);

    private static final Pattern INCLUDE = Pattern.compile("\\.(?:include|inc|lib)\\s+(.+)", Pattern.CASE_INSENSITIVE);

    private static final Set<String> PASSED_OVER = Set.of(
            ".op",
            ".option",
            ".options",
            ".save",
            ".print",
            ".plot",
            ".probe",
            ".width",
            ".tran",
            ".ac",
            ".dc",
            ".tf",
            ".noise",
            ".four",
            ".disto",
            ".pz",
            ".sens",
            ".meas",
            ".measure",
            ".nodeset",
            ".ic",
            ".title");

    /** Waveforms of a source. */
    private static final Set<String> TIMED = Set.of("sin", "pulse", "pwl", "exp", "sffm", "am");

    /** Of a diode's model: what has no part in a direct current at 27 degrees C. */
    private static final Set<String> IDLE_OF_DIODE =
            Set.of("cjo", "cj0", "cjsw", "tt", "vj", "m", "fc", "kf", "af", "eg", "xti", "tnom");

    private static final Set<String> IDLE_OF_TRANSISTOR = Set.of(
            "cgso", "cgdo", "cgbo", "cbd", "cbs", "cj", "mj", "cjsw", "mjsw", "pb", "phi", "is", "js", "kf", "af",
            "tnom");

    /** Where the text of an included file comes from. */
    public interface Included {

        /** Nothing is included: for texts that stand alone. */
        Included NONE = file -> {
            throw new IllegalArgumentException(
                    "nothing can be included here; put the lines of " + file + " in its place");
        };

        /**
         * The text of a file.
         *
         * @param file its path, relative paths already seen from the file that asks for it
         * @throws IllegalArgumentException if it cannot be read
         */
        String text(String file);
    }

    /**
     * A comment that is meant for this program: {@code * homeostat: ...}.
     *
     * @param where file and line, for messages
     * @param words what follows the colon
     */
    public record Remark(String where, String words) {}

    /**
     * A netlist as it was read.
     *
     * @param text all lines, those of included files in their places
     * @param remarks in the order of the lines
     */
    public record Drawing(Circuit circuit, String text, List<Remark> remarks) {
        public Drawing {
            remarks = List.copyOf(remarks);
        }
    }

    /** A line as it stands in a file. */
    private record Raw(String file, int number, String text) {
        String where() {
            return file + ", line " + number;
        }
    }

    /**
     * A line put together.
     *
     * @param where file and number
     * @param words in lower case
     * @param written the same as written
     */
    private record Line(String where, List<String> words, List<String> written) {
        Line(String where, List<String> written) {
            this(
                    where,
                    written.stream().map(word -> word.toLowerCase(Locale.ROOT)).toList(),
                    written);
        }
    }

    private record Model(String kind, Map<String, Double> values) {}

    private record Block(
            List<String> ports,
            Map<String, String> usual,
            List<Line> lines,
            @Nullable Scope outer) {}

    /** What names mean inside a block. */
    private record Scope(
            @Nullable Scope outer, Map<String, Double> numbers, Map<String, Model> models, Map<String, Block> blocks) {

        static Scope in(@Nullable Scope outer) {
            return new Scope(outer, new HashMap<>(), new HashMap<>(), new HashMap<>());
        }

        @Nullable
        Double number(String name) {
            Double here = numbers.get(name);
            return here != null || outer == null ? here : outer.number(name);
        }

        @Nullable
        Model model(String name) {
            Model here = models.get(name);
            return here != null || outer == null ? here : outer.model(name);
        }

        @Nullable
        Block block(String name) {
            Block here = blocks.get(name);
            return here != null || outer == null ? here : outer.block(name);
        }
    }

    private final Wiring wiring = new Wiring();
    private final Set<String> elements = new HashSet<>();

    /** Nodes by their names in lower case, as first written. */
    private final Map<String, String> spelled = new HashMap<>();

    /** Where a diode breaks down, by the line that says so. */
    private record Breakdown(Line line, String diode, double volts) {}

    private final List<Breakdown> breakdowns = new ArrayList<>();

    private Netlist() {}

    /**
     * Reads a circuit that includes no other file.
     *
     * @param text the lines
     * @param name what messages call them, a file's name
     */
    public static Circuit read(String text, String name) {
        return drawing(text, name, Included.NONE).circuit();
    }

    /**
     * Reads a circuit with all that it includes.
     *
     * @param text the lines
     * @param name the file's path: what messages call it, and where relative paths begin
     */
    public static Drawing drawing(String text, String name, Included included) {
        Netlist netlist = new Netlist();
        List<Raw> raw = new ArrayList<>();
        gather(text, name, included, 0, raw);
        List<Line> lines = lines(raw, name);
        netlist.lay(lines, Scope.in(null), "", Map.of(), 0);
        if (netlist.elements.isEmpty()) {
            throw new IllegalArgumentException(
                    name + ": no elements; expected a title in the first line and then lines such as 'r1 in out 10k'");
        }
        netlist.requireNoBreakdown();
        List<Remark> remarks = new ArrayList<>();
        StringBuilder whole = new StringBuilder();
        for (Raw line : raw) {
            whole.append(line.text).append('\n');
            Matcher remark = REMARK.matcher(line.text.strip());
            if (remark.matches()) {
                remarks.add(new Remark(line.where(), remark.group(1).strip()));
            }
        }
        return new Drawing(netlist.wiring.circuit(), whole.toString(), remarks);
    }

    private static IllegalArgumentException wrong(Line line, String sentence) {
        return new IllegalArgumentException(line.where + ": " + sentence);
    }

    /** Lays all lines one behind the other, those of an included file behind the line that asks for it. */
    private static void gather(String text, String file, Included included, int depth, List<Raw> into) {
        String[] lines = text.split("\\R", -1);
        for (int k = 0; k < lines.length; k++) {
            Raw line = new Raw(file, k + 1, lines[k]);
            boolean title = depth == 0 && k == 0;
            String bare = title ? "" : bare(lines[k]);
            if (depth > 0 && bare.equalsIgnoreCase(".end")) {
                return;
            }
            Matcher asked = INCLUDE.matcher(bare);
            if (!asked.matches()) {
                into.add(line);
                continue;
            }
            if (depth == DEEPEST) {
                throw new IllegalArgumentException(line.where() + ": files include each other more than " + DEEPEST
                        + " deep; does one of them include itself?");
            }
            String path = asked.group(1).strip();
            String bared = path.replaceAll("^[\"'](.*)[\"']$", "$1");
            if (bared.equals(path) && path.matches(".*\\s.*")) {
                throw new IllegalArgumentException(
                        line.where()
                                + ": sections of a library are not known; expected '.include FILE', in quotes where it has blanks");
            }
            String found = Path.of(file).resolveSibling(bared).toString();
            into.add(new Raw(file, k + 1, "* from " + bared));
            String inside;
            try {
                inside = included.text(found);
            } catch (IllegalArgumentException missing) {
                throw new IllegalArgumentException(line.where() + ": " + missing.getMessage(), missing);
            }
            gather(inside, found, included, depth + 1, into);
        }
    }

    /** Puts lines together, takes comments away, splits words; an assignment is one word. */
    private static List<Line> lines(List<Raw> raw, String name) {
        List<Line> lines = new ArrayList<>();
        StringBuilder open = new StringBuilder();
        String from = "";
        boolean control = false;
        for (int k = 1; k <= raw.size(); k++) {
            String next = k < raw.size() ? bare(raw.get(k).text) : ".end";
            String where = k < raw.size() ? raw.get(k).where() : name;
            if (next.startsWith("+")) {
                if (from.isEmpty()) {
                    throw new IllegalArgumentException(where + ": '+' goes on with the line before, and there is none");
                }
                open.append(' ').append(next, 1, next.length());
                continue;
            }
            if (next.isEmpty()) {
                continue;
            }
            if (!from.isEmpty() && !control) {
                Line line = new Line(from, words(open.toString(), from));
                if (!line.words.isEmpty()) {
                    lines.add(line);
                }
            }
            String first = next.split("\\s", 2)[0].toLowerCase(Locale.ROOT);
            if (first.equals(".endc")) {
                control = false;
                from = "";
                continue;
            }
            if (first.equals(".control")) {
                control = true;
            }
            if (first.equals(".end") && !control) {
                break;
            }
            from = where;
            open.setLength(0);
            open.append(next);
        }
        return lines;
    }

    private static String bare(String raw) {
        String line = raw.strip();
        if (line.startsWith("*") || line.startsWith("$")) {
            return "";
        }
        int end = line.indexOf(';');
        int dollar = line.indexOf(" $");
        int tab = line.indexOf("\t$");
        for (int at : new int[] {end, dollar, tab}) {
            line = at >= 0 && at < line.length() ? line.substring(0, at) : line;
        }
        return line.strip();
    }

    private static List<String> words(String line, String where) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        int depth = 0;
        boolean quoted = false;
        for (int k = 0; k < line.length(); k++) {
            char c = line.charAt(k);
            if (c == '\'') {
                quoted = !quoted;
                word.append(quoted ? '{' : '}');
                depth += quoted ? 1 : -1;
            } else if (depth > 0) {
                if (!Character.isWhitespace(c)) {
                    word.append(c);
                }
                depth += c == '{' ? 1 : c == '}' ? -1 : 0;
            } else if (c == '{') {
                depth++;
                word.append(c);
            } else if (Character.isWhitespace(c) || c == ',' || c == '(' || c == ')') {
                ended(words, word);
            } else if (c == '=') {
                ended(words, word);
                if (words.isEmpty() || words.getLast().endsWith("=")) {
                    throw new IllegalArgumentException(where + ": '=' without a name before it; expected name=value");
                }
                words.set(words.size() - 1, words.getLast() + "=");
            } else {
                word.append(c);
            }
        }
        ended(words, word);
        if (depth != 0) {
            throw new IllegalArgumentException(where + ": a brace or quotation mark is not closed");
        }
        return words;
    }

    private static void ended(List<String> words, StringBuilder word) {
        if (!word.isEmpty()) {
            if (!words.isEmpty() && words.getLast().endsWith("=")) {
                words.set(words.size() - 1, words.getLast() + word);
            } else {
                words.add(word.toString());
            }
            word.setLength(0);
        }
    }

    /** Lays out the elements of a block whose ports are joined to the nodes given. */
    private void lay(List<Line> lines, Scope scope, String prefix, Map<String, String> ports, int depth) {
        List<Line> rest = declare(lines, scope);
        for (Line line : rest) {
            String first = line.words.getFirst();
            if (first.startsWith("x")) {
                expand(line, scope, prefix, ports, depth);
            } else {
                if (!elements.add(prefix + first)) {
                    throw wrong(line, "a second element is called " + first + "; give it a name of its own");
                }
                element(line, scope, prefix, ports);
            }
        }
    }

    /** Takes in parameters, models and sub-circuits, which may stand below the lines that use them; returns the others. */
    private List<Line> declare(List<Line> lines, Scope scope) {
        List<Line> rest = new ArrayList<>();
        List<Line> models = new ArrayList<>();
        Deque<Line> open = new ArrayDeque<>();
        List<Line> body = new ArrayList<>();
        for (Line line : lines) {
            String first = line.words.getFirst();
            if (first.equals(".subckt")) {
                open.push(line);
                if (open.size() > 1) {
                    body.add(line);
                }
            } else if (first.equals(".ends")) {
                if (open.isEmpty()) {
                    throw wrong(line, ".ends without a .subckt before it");
                }
                Line head = open.pop();
                if (!open.isEmpty()) {
                    body.add(line);
                } else {
                    block(head, body, scope);
                    body = new ArrayList<>();
                }
            } else if (!open.isEmpty()) {
                body.add(line);
            } else if (first.equals(".param")) {
                for (String word : line.words.subList(1, line.words.size())) {
                    int equals = assignment(line, word);
                    scope.numbers.put(word.substring(0, equals), number(line, word.substring(equals + 1), scope));
                }
            } else if (first.equals(".model")) {
                models.add(line);
            } else if (first.equals(".global")) {
                if (!line.words.stream().skip(1).allMatch(word -> word.equals("0") || word.equals("gnd"))) {
                    throw wrong(
                            line,
                            "a node that is everywhere the same is not known beyond 0 and gnd; give it to the"
                                    + " sub-circuits as a port");
                }
            } else if (first.equals(".temp")) {
                if (line.words.size() != 2 || number(line, line.words.get(1), scope) != 27) {
                    throw wrong(line, "circuits are worked out at 27 degrees C alone; take the line away");
                }
            } else if (first.startsWith(".")) {
                if (!PASSED_OVER.contains(first) && !first.equals(".control")) {
                    throw wrong(
                            line,
                            "'" + first + "' is not known; expected .model, .subckt, .ends, .param, .op or .end, as one"
                                    + " operating point is worked out: take the line away");
                }
            } else {
                rest.add(line);
            }
        }
        if (!open.isEmpty()) {
            throw wrong(open.getLast(), ".subckt without an .ends");
        }
        for (Line line : models) {
            model(line, scope);
        }
        return rest;
    }

    private int assignment(Line line, String word) {
        int equals = word.indexOf('=');
        if (equals < 1 || equals == word.length() - 1) {
            throw wrong(line, "'" + word + "': expected name=value");
        }
        return equals;
    }

    private void block(Line head, List<Line> body, Scope scope) {
        if (head.words.size() < 3) {
            throw wrong(head, "expected '.subckt name node node ...'");
        }
        List<String> ports = new ArrayList<>();
        Map<String, String> usual = new HashMap<>();
        for (String word : head.words.subList(2, head.words.size())) {
            if (word.contains("=")) {
                int equals = assignment(head, word);
                usual.put(word.substring(0, equals), word.substring(equals + 1));
            } else if (!word.equals("params:")) {
                ports.add(word);
            }
        }
        if (scope.blocks.put(head.words.get(1), new Block(ports, usual, body, scope)) != null) {
            throw wrong(head, "a second sub-circuit is called " + head.words.get(1) + "; give it a name of its own");
        }
    }

    private void model(Line line, Scope scope) {
        if (line.words.size() < 3) {
            throw wrong(line, "expected '.model name d(is=1e-14 n=1)', or of kind nmos or pmos");
        }
        String kind = line.words.get(2);
        if (!Set.of("d", "nmos", "pmos").contains(kind)) {
            throw wrong(line, "a model of kind '" + kind + "' is not known; expected d, nmos or pmos");
        }
        Map<String, Double> values = new HashMap<>();
        for (String word : line.words.subList(3, line.words.size())) {
            int equals = assignment(line, word);
            String key = word.substring(0, equals);
            double value = number(line, word.substring(equals + 1), scope);
            boolean counts = kind.equals("d")
                    ? Set.of("is", "n", "ideal", "rs", "bv").contains(key)
                    : Set.of("vto", "vt0", "kp", "lambda").contains(key);
            boolean idle = (kind.equals("d") ? IDLE_OF_DIODE : IDLE_OF_TRANSISTOR).contains(key)
                    || (key.equals("level") && value == 1)
                    || (Set.of("rs", "rd", "gamma", "ld").contains(key) && value == 0)
                    || (Set.of("ibv", "nbv").contains(key) && kind.equals("d"));
            if (counts) {
                values.put(key.equals("vt0") ? "vto" : key, value);
            } else if (!idle) {
                throw wrong(
                        line,
                        "'" + word + "' is not known of a model of kind " + kind + "; expected "
                                + (kind.equals("d") ? "is, n, rs, bv or ideal" : "level=1, vto, kp or lambda")
                                + "; take it away where it does not matter");
            }
        }
        if (values.getOrDefault("is", 1.0) <= 0
                || values.getOrDefault("n", 1.0) <= 0
                || values.getOrDefault("kp", 1.0) <= 0
                || values.getOrDefault("rs", 0.0) < 0
                || values.getOrDefault("bv", 1.0) <= 0) {
            throw wrong(line, "is, n, kp and bv are above 0, rs is not below");
        }
        scope.models.put(line.words.get(1), new Model(kind, values));
    }

    private void expand(Line line, Scope scope, String prefix, Map<String, String> ports, int depth) {
        List<String> plain = line.words.stream()
                .filter(word -> !word.contains("=") && !word.equals("params:"))
                .toList();
        if (plain.size() < 3) {
            throw wrong(line, "expected '" + plain.getFirst() + " node node ... subcircuit'");
        }
        Block block = scope.block(plain.getLast());
        if (block == null) {
            throw wrong(
                    line, "there is no sub-circuit called " + plain.getLast() + "; expected a .subckt of that name");
        }
        if (block.ports.size() != plain.size() - 2) {
            throw wrong(
                    line,
                    "sub-circuit " + plain.getLast() + " has " + block.ports.size() + " nodes, and "
                            + (plain.size() - 2) + " are given");
        }
        if (depth == DEEPEST) {
            throw wrong(line, "sub-circuits lie more than " + DEEPEST + " deep; is one of them made of itself?");
        }
        Map<String, String> inner = new HashMap<>();
        for (int k = 0; k < block.ports.size(); k++) {
            spelled(line, line.words.indexOf(plain.get(k + 1)), prefix, ports);
            inner.put(block.ports.get(k), node(plain.get(k + 1), prefix, ports));
        }
        Scope scopeInside = Scope.in(block.outer);
        block.usual.forEach((key, value) ->
                scopeInside.numbers.put(key, number(line, value, block.outer == null ? scope : block.outer)));
        for (String word : line.words) {
            if (word.contains("=")) {
                int equals = assignment(line, word);
                if (!block.usual.containsKey(word.substring(0, equals))) {
                    throw wrong(
                            line, "sub-circuit " + plain.getLast() + " has no parameter " + word.substring(0, equals));
                }
                scopeInside.numbers.put(word.substring(0, equals), number(line, word.substring(equals + 1), scope));
            }
        }
        String inside = prefix + plain.getFirst() + ".";
        if (!elements.add(inside)) {
            throw wrong(line, "a second element is called " + plain.getFirst() + "; give it a name of its own");
        }
        lay(block.lines, scopeInside, inside, inner, depth + 1);
    }

    private static String node(String word, String prefix, Map<String, String> ports) {
        if (word.equals("0") || word.equals("gnd")) {
            return "0";
        }
        String outer = ports.get(word);
        return outer != null ? outer : prefix + word;
    }

    private String spelled(Line line, int word, String prefix, Map<String, String> ports) {
        String node = node(line.words.get(word), prefix, ports);
        boolean port = !node.equals(prefix + line.words.get(word));
        return spelled.computeIfAbsent(node, unused -> port ? node : prefix + line.written.get(word));
    }

    private void element(Line line, Scope scope, String prefix, Map<String, String> ports) {
        String called = prefix + line.words.getFirst();
        char letter = line.words.getFirst().charAt(0);
        int nodes = switch (letter) {
            case 'r', 'v', 'i', 'd', 'c', 'l' -> 2;
            case 'e', 'm' -> 4;
            default ->
                throw wrong(
                        line,
                        "an element '" + line.words.getFirst()
                                + "' is not known; expected one of R, V, I, D, E, M, C, L, X");
        };
        String expected = switch (letter) {
            case 'r' -> "node node ohms";
            case 'v' -> "plus minus volts";
            case 'i' -> "plus minus amperes";
            case 'd' -> "anode cathode model";
            case 'e' -> "plus minus control+ control- gain";
            case 'm' -> "drain gate source bulk model w=... l=...";
            default -> "node node value";
        };
        String form = "expected '" + line.words.getFirst() + " " + expected + "'";
        if (line.words.size() < nodes + 1) {
            throw wrong(line, form);
        }
        int[] at = new int[nodes];
        for (int k = 0; k < nodes; k++) {
            if (line.words.get(k + 1).contains("=")) {
                throw wrong(line, form + ", not '" + line.words.get(k + 1) + "' for a node");
            }
            at[k] = wiring.node(spelled(line, k + 1, prefix, ports));
        }
        List<String> tail = line.words.subList(nodes + 1, line.words.size());
        switch (letter) {
            case 'r' -> {
                double ohms = only(line, tail, "r", scope, form);
                if (!(ohms > 0)) {
                    throw wrong(line, "a resistance of " + ohms + " ohm; expected above 0 (for 0 use one node)");
                }
                wiring.add(new Element.Resistor(called, at[0], at[1], 1 / ohms));
            }
            case 'v' -> wiring.add(new Element.Voltage(called, at[0], at[1], direct(line, tail, scope, form)));
            case 'i' -> wiring.add(new Element.Current(called, at[0], at[1], direct(line, tail, scope, form)));
            case 'l' -> wiring.add(new Element.Voltage(called, at[0], at[1], 0));
            case 'e' ->
                wiring.add(new Element.Amplifier(
                        called, at[0], at[1], at[2], at[3], only(line, tail, "gain", scope, form)));
            case 'd' -> diode(line, called, at, tail, scope, form);
            case 'm' -> transistor(line, called, at, tail, scope, form);
            default -> {
                // A capacitor carries no direct current.
            }
        }
    }

    private double only(Line line, List<String> tail, String key, Scope scope, String form) {
        if (tail.size() != 1) {
            throw wrong(line, form);
        }
        String word = tail.getFirst();
        return number(line, word.startsWith(key + "=") ? word.substring(key.length() + 1) : word, scope);
    }

    /** The DC value of a source; what follows it, for other analyses, has no part in an operating point. */
    private double direct(Line line, List<String> tail, Scope scope, String form) {
        if (tail.isEmpty()) {
            throw wrong(line, form);
        }
        String first = tail.getFirst();
        if (TIMED.contains(first) || first.equals("ac")) {
            return timed(line, tail, scope, form);
        }
        boolean said = first.equals("dc") && tail.size() > 1;
        String value = first.startsWith("dc=") ? first.substring(3) : said ? tail.get(1) : first;
        int used = said ? 2 : 1;
        if (tail.size() > used && !tail.get(used).equals("ac") && !TIMED.contains(tail.get(used))) {
            throw wrong(line, "'" + tail.get(used) + "' after the DC value is not known; " + form);
        }
        return number(line, value, scope);
    }

    /** A source that moves in time: its DC value where it says one, else, as in SPICE, where it begins. */
    private double timed(Line line, List<String> tail, Scope scope, String form) {
        for (int k = 0; k < tail.size(); k++) {
            String word = tail.get(k);
            if (word.startsWith("dc=")) {
                return number(line, word.substring(3), scope);
            }
            if (word.equals("dc") && k + 1 < tail.size()) {
                return number(line, tail.get(k + 1), scope);
            }
        }
        for (int k = 0; k < tail.size(); k++) {
            String word = tail.get(k);
            int first = word.equals("pwl") ? k + 2 : k + 1;
            if (TIMED.contains(word) && first < tail.size()) {
                boolean turned = word.equals("sin")
                        && tail.size() > k + 6
                        && scalar(tail.get(k + 6)) instanceof Double phase
                        && phase != 0;
                if (turned || word.equals("sffm") || word.equals("am")) {
                    throw wrong(line, "where '" + word + "' begins is not worked out; say the DC value, as in 'dc 1'");
                }
                return number(line, tail.get(first), scope);
            }
        }
        if (tail.getFirst().equals("ac")) {
            return 0;
        }
        throw wrong(line, form);
    }

    private void diode(Line line, String called, int[] at, List<String> tail, Scope scope, String form) {
        if (tail.isEmpty() || tail.size() > 2) {
            throw wrong(line, form);
        }
        Model model = model(line, tail.getFirst(), scope, Set.of("d"));
        String area = tail.size() == 2 ? tail.get(1) : "1";
        double times = number(line, area.startsWith("area=") ? area.substring(5) : area, scope);
        if (!(times > 0)) {
            throw wrong(line, "an area of " + times + "; expected above 0");
        }
        Double breakdown = model.values.get("bv");
        if (breakdown != null) {
            breakdowns.add(new Breakdown(line, called, breakdown));
        }
        double series = model.values.getOrDefault("rs", 0.0) / times;
        int anode = at[0];
        if (series > 0) {
            anode = wiring.node(called + ".inner");
            wiring.add(new Element.Resistor(called + ".rs", at[0], anode, 1 / series));
        }
        if (model.values.getOrDefault("ideal", 0.0) != 0) {
            wiring.add(new Element.IdealDiode(called, anode, at[1]));
        } else {
            double saturation = times * model.values.getOrDefault("is", 1e-14);
            wiring.add(new Element.Diode(
                    called, anode, at[1], saturation, model.values.getOrDefault("n", 1.0) * THERMAL_VOLTS));
        }
    }

    /** No node of resistors, diodes and voltage sources is further from another than these sources add up to. */
    private void requireNoBreakdown() {
        double reach = 0;
        for (Element element : wiring.circuit().elements()) {
            reach += switch (element) {
                case Element.Voltage v -> Math.abs(v.volts());
                case Element.Current i -> i.amperes() == 0 ? 0 : Double.POSITIVE_INFINITY;
                case Element.Resistor r -> 0;
                case Element.IdealDiode d -> 0;
                case Element.Diode d -> 0;
                default -> Double.POSITIVE_INFINITY;
            };
        }
        for (Breakdown each : breakdowns) {
            if (!(reach < each.volts)) {
                throw wrong(
                        each.line,
                        "diode " + each.diode + " breaks down at " + each.volts + " V, which is not worked out, and "
                                + (Double.isInfinite(reach)
                                        ? "current sources or amplifiers may drive it there"
                                        : "the voltage sources add up to " + reach + " V")
                                + "; take bv out of its model if it never gets there");
            }
        }
    }

    private void transistor(Line line, String called, int[] at, List<String> tail, Scope scope, String form) {
        if (tail.isEmpty()) {
            throw wrong(line, form);
        }
        Model model = model(line, tail.getFirst(), scope, Set.of("nmos", "pmos"));
        double width = 1e-4;
        double length = 1e-4;
        for (String word : tail.subList(1, tail.size())) {
            int equals = assignment(line, word);
            double value = number(line, word.substring(equals + 1), scope);
            switch (word.substring(0, equals)) {
                case "w" -> width = value;
                case "l" -> length = value;
                default -> throw wrong(line, "'" + word + "' is not known of a transistor; expected w or l");
            }
        }
        if (!(width > 0) || !(length > 0)) {
            throw wrong(line, "a transistor of w=" + width + " and l=" + length + "; expected both above 0");
        }
        wiring.add(new Element.Mosfet(
                called,
                at[0],
                at[1],
                at[2],
                model.kind.equals("nmos") ? 1 : -1,
                model.values.getOrDefault("vto", 0.0),
                model.values.getOrDefault("kp", 2e-5) * width / length,
                model.values.getOrDefault("lambda", 0.0)));
    }

    private Model model(Line line, String called, Scope scope, Set<String> kinds) {
        Model model = scope.model(called);
        if (model == null || !kinds.contains(model.kind)) {
            throw wrong(
                    line,
                    "there is no model " + called + " of kind "
                            + String.join(" or ", kinds.stream().sorted().toList())
                            + "; expected a line such as '.model " + called
                            + (kinds.contains("d") ? " d(is=1e-14 n=1)'" : " nmos(vto=1 kp=1m)'"));
        }
        return model;
    }

    private double number(Line line, String word, Scope scope) {
        ToDoubleFunction<String> named = key -> {
            Double known = scope.number(key);
            if (known == null) {
                throw wrong(
                        line, "'" + key + "' is neither a number nor a parameter; expected such as 4.7k, or a .param");
            }
            return known;
        };
        boolean braced = word.startsWith("{") && word.endsWith("}");
        double value = braced
                ? new Sum(word.substring(1, word.length() - 1), named, key -> wrong(line, key)).all()
                : scalar(word) instanceof Double plain ? plain : named.applyAsDouble(word);
        if (!Double.isFinite(value)) {
            throw wrong(line, "'" + word + "' is not a finite number");
        }
        return value;
    }

    /** A number with SPICE's suffix in lower case, or null; letters behind the suffix are a unit and passed over. */
    public static @Nullable Double scalar(String word) {
        var match = NUMBER.matcher(word);
        if (!match.matches()) {
            return null;
        }
        int tens = switch (match.group(2)) {
            case "t" -> 12;
            case "g" -> 9;
            case "meg" -> 6;
            case "k" -> 3;
            case "m" -> -3;
            case "u", "µ", "μ" -> -6;
            case "n" -> -9;
            case "p" -> -12;
            case "f" -> -15;
            case "a" -> -18;
            default -> 0;
        };
        // In decimals, so that 10u is 1e-5 to the last bit.
        BigDecimal plain = new BigDecimal(match.group(1)).scaleByPowerOfTen(tens);
        return (match.group(2).equals("mil") ? plain.multiply(MIL) : plain).doubleValue();
    }

    /** What stands in braces: numbers and names, + - * / and brackets. */
    private static final class Sum {

        private static final Pattern LEAF =
                Pattern.compile("(?:\\d+\\.?\\d*|\\.\\d+)(?:e[+-]?\\d+)?[a-zµμ]*|[a-z_]\\w*");

        private final String text;
        private final ToDoubleFunction<String> named;
        private final java.util.function.Function<String, IllegalArgumentException> wrong;
        private int at;

        Sum(
                String text,
                ToDoubleFunction<String> named,
                java.util.function.Function<String, IllegalArgumentException> wrong) {
            this.text = text;
            this.named = named;
            this.wrong = wrong;
        }

        double all() {
            double value = sum();
            if (at < text.length()) {
                throw unclear();
            }
            return value;
        }

        private IllegalArgumentException unclear() {
            return wrong.apply("'{" + text + "}' is not clear from its character " + (at + 1)
                    + " on; expected numbers, parameters, + - * / and brackets");
        }

        private boolean next(char c) {
            boolean there = at < text.length() && text.charAt(at) == c;
            at += there ? 1 : 0;
            return there;
        }

        private double sum() {
            double value = product();
            while (true) {
                if (next('+')) {
                    value += product();
                } else if (next('-')) {
                    value -= product();
                } else {
                    return value;
                }
            }
        }

        private double product() {
            double value = factor();
            while (true) {
                if (next('*')) {
                    value *= factor();
                } else if (next('/')) {
                    value /= factor();
                } else {
                    return value;
                }
            }
        }

        private double factor() {
            if (next('-')) {
                return -factor();
            }
            if (next('(')) {
                double value = sum();
                if (!next(')')) {
                    throw unclear();
                }
                return value;
            }
            var leaf = LEAF.matcher(text).region(at, text.length());
            if (!leaf.lookingAt()) {
                throw unclear();
            }
            at = leaf.end();
            Double plain = scalar(leaf.group());
            return plain != null ? plain : named.applyAsDouble(leaf.group());
        }
    }

    /** A circuit as a netlist that SPICE reads too; ideal diodes as its nearly ideal ones. Ends with {@code .end}. */
    public static String written(Circuit circuit, String title) {
        StringBuilder text = new StringBuilder();
        try {
            write(circuit, title, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.append(".end\n").toString();
    }

    /**
     * Writes a circuit without {@code .end}, so that more lines can follow. A resistor of 0 S is left out. An operational
     * amplifier becomes a B source, which {@link #read} does not know. Transistors have bulks of their own, 100 V beyond.
     */
    public static void write(Circuit circuit, String title, Appendable to) throws IOException {
        to.append(title.isBlank() ? "a circuit" : title.lines().findFirst().orElseThrow())
                .append('\n');
        Map<String, String> models = new HashMap<>();
        for (Element element : circuit.elements()) {
            write(circuit.nodes(), element, models, to);
        }
        for (Map.Entry<String, String> model :
                models.entrySet().stream().sorted(Map.Entry.comparingByValue()).toList()) {
            to.append(".model ")
                    .append(model.getValue())
                    .append(' ')
                    .append(model.getKey())
                    .append('\n');
        }
        if (models.values().stream().anyMatch(model -> model.startsWith("mos"))) {
            to.append("vbulk_n bulk_n 0 dc -100\nvbulk_p bulk_p 0 dc 100\n");
        }
    }

    private static void write(List<String> nodes, Element element, Map<String, String> models, Appendable to)
            throws IOException {
        switch (element) {
            case Element.Resistor r -> {
                if (r.siemens() > 0) {
                    line(to, 'r', r.name(), nodes, r.a(), r.b()).append(Double.toString(1 / r.siemens()));
                }
            }
            case Element.Voltage v ->
                line(to, 'v', v.name(), nodes, v.plus(), v.minus())
                        .append("dc ")
                        .append(Double.toString(v.volts()));
            case Element.Current i ->
                line(to, 'i', i.name(), nodes, i.plus(), i.minus())
                        .append("dc ")
                        .append(Double.toString(i.amperes()));
            case Element.IdealDiode d ->
                line(to, 'd', d.name(), nodes, d.anode(), d.cathode())
                        .append(model(models, "d(is=1e-12 n=1e-4 ideal=1)", "ideal"));
            case Element.Diode d ->
                line(to, 'd', d.name(), nodes, d.anode(), d.cathode())
                        .append(model(
                                models,
                                "d(is=" + d.saturationAmperes() + " n=" + d.slopeVolts() / THERMAL_VOLTS + ")",
                                "diode"));
            case Element.Amplifier e ->
                line(to, 'e', e.name(), nodes, e.plus(), e.minus(), e.controlPlus(), e.controlMinus())
                        .append(Double.toString(e.gain()));
            case Element.OpAmp a -> {
                double half = (a.highVolts() - a.lowVolts()) / 2;
                line(to, 'b', a.name(), nodes, a.out(), 0)
                        .append("v=" + (a.highVolts() + a.lowVolts()) / 2 + "+" + half + "*tanh(" + a.gain() / half
                                + "*(v(" + nodes.get(a.plus()) + ")-v(" + nodes.get(a.minus()) + ")))");
            }
            case Element.Mosfet m ->
                line(to, 'm', m.name(), nodes, m.drain(), m.gate(), m.source())
                        .append(m.sign() > 0 ? "bulk_n " : "bulk_p ")
                        .append(model(
                                models,
                                (m.sign() > 0 ? "nmos" : "pmos") + "(level=1 vto=" + m.thresholdVolts() + " kp="
                                        + m.transconductance() + " lambda=" + m.lambda() + " is=1e-20)",
                                "mos"))
                        .append(" w=1 l=1");
        }
        if (!(element instanceof Element.Resistor open) || open.siemens() > 0) {
            to.append('\n');
        }
    }

    /** SPICE tells an element's kind by the first letter of its name. */
    private static Appendable line(Appendable to, char letter, String called, List<String> nodes, int... at)
            throws IOException {
        if (called.charAt(0) != letter) {
            to.append(letter).append('.');
        }
        to.append(called).append(' ');
        for (int node : at) {
            to.append(nodes.get(node)).append(' ');
        }
        return to;
    }

    private static String model(Map<String, String> models, String law, String kind) {
        return models.computeIfAbsent(law, unused -> kind + models.size());
    }
}
