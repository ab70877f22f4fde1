package org.homeostat.catalog;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.homeostat.calibration.Calibrated;
import org.homeostat.calibration.Calibration;
import org.homeostat.catalog.BoardFile.Sizes;
import org.homeostat.device.Ability;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.journal.Replayed;
import org.homeostat.link.Link;
import org.homeostat.pi.PiDevice;
import org.homeostat.run.BadInput;
import org.homeostat.run.Experiment;
import org.homeostat.run.Limits;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunStore;
import org.homeostat.run.Teaching;
import org.homeostat.twin.Imperfections;
import org.homeostat.twin.TwinDevice;
import org.jspecify.annotations.Nullable;

/** The boards and twins that ship, and how devices are opened by their URI. */
public final class Catalog {

    private static final String CALIBRATION = "calibration";

    private static final String SPECIMEN = "specimen";

    /** The specimen that is exactly as drawn. */
    private static final String DRAWING = "drawing";

    static final List<String> TWIN_OPTIONS = List.of(
            "inputs",
            "hidden",
            "outputs",
            "seed",
            "lanes",
            "readback",
            "settle",
            "heat",
            "gain",
            "threshold",
            "threads",
            SPECIMEN);

    private static final int MOST_BITS = 24;

    /** Residuals of this size are rounding. */
    private static final double FINEST = 1e-13;

    private static final int MOST_THRESHOLD = 1000;

    private static final int MOST_THREADS = 256;

    /** A twin beyond this would not fit into an ordinary computer's memory. */
    private static final long MOST_PARAMETERS = 2_000_000;

    /** The same of layers that learn in place: four bytes each, and twice that of a resistive network's first layer. */
    private static final long MOST_IN_PLACE = 200_000_000;

    private final RunStore runs;
    private final Pis.Opener pi;

    /**
     * @param runs where {@code replay:} looks for runs
     */
    public Catalog(RunStore runs) {
        this(runs, PiDevice::open);
    }

    /**
     * @param pi how {@code pi:} opens a board
     */
    Catalog(RunStore runs, Pis.Opener pi) {
        this.runs = runs;
        this.pi = pi;
    }

    /** A board or twin in a list. */
    public record Entry(String name, String summary) {}

    /**
     * What is known of a board.
     *
     * @param teaching how it is best taught
     * @param limits what may be imposed on it
     */
    public record Known(Teaching teaching, Limits limits) {

        static Known of(BoardFile file) {
            return new Known(file.teaching(), Objects.requireNonNullElse(file.limits(), Limits.NONE));
        }

        static Known of(Experiment experiment) {
            return new Known(experiment.teaching(), experiment.limits());
        }
    }

    /**
     * A bare device.
     *
     * @param device as opened, undressed
     * @param known what is known of its board; null if nothing is
     * @param calibration what is known of this specimen; null if nothing is
     */
    public record Opened(
            Device device, @Nullable Known known, @Nullable Calibration calibration) {

        /** One of which no calibration is known. */
        public Opened(Device device, @Nullable Known known) {
            this(device, known, null);
        }

        /** The same with what is around the device, or in its place. */
        public Opened with(Device other) {
            return new Opened(other, known, calibration);
        }

        /** The device as it is asked where nothing is written down: its levels true, as well as its calibration knows. */
        public Device worn() {
            return calibration == null ? device : new Calibrated(device, calibration);
        }

        /**
         * How it is best taught.
         *
         * @throws BadInput if nothing is known of it
         */
        public Teaching teaching() {
            return required().teaching();
        }

        /**
         * What may be imposed on it.
         *
         * @throws BadInput if nothing is known of it
         */
        public Limits limits() {
            return required().limits();
        }

        private Known required() {
            if (known == null) {
                throw new BadInput("nothing is known here of board "
                        + device.descriptor().board() + "; say where its board.yaml is with ?board=FILE");
            }
            return known;
        }
    }

    /** True if a board of this name ships. */
    boolean ships(String board) {
        return Catalog.class.getResource("/devices/" + board + "/board.yaml") != null;
    }

    /** True if the URI is one of a board behind a link. */
    public static boolean linked(String uri) {
        return Boards.reaches(DeviceUri.of(uri).scheme());
    }

    /** How the link to a board is opened. */
    public Link.Opener link(String uri) {
        return boards(uri).opener();
    }

    /** How many bits a second the line to a board carries; empty where there is a network instead of a line. */
    public OptionalInt baud(String uri) {
        return boards(uri).baud();
    }

    private Boards boards(String uri) {
        DeviceUri parsed = DeviceUri.of(uri).without(CALIBRATION);
        if (!Boards.reaches(parsed.scheme())) {
            throw new BadInput("device '" + uri
                    + "' is no board behind a link; expected serial:PATH, process:COMMAND or mqtt://HOST:PORT/NAME");
        }
        return Boards.of(parsed, this);
    }

    /** The card of a board at its usual sizes: one that ships, or one's own by the path of its board.yaml. */
    public Descriptor card(String board) {
        BoardFile file = board(board);
        return new Board(file, file.sizes()).card(1, 0);
    }

    /** The boards that ship. */
    public List<Entry> boards() {
        List<Entry> list = new ArrayList<>();
        for (String name : folders("devices", "board.yaml")) {
            list.add(new Entry(name, board(name).summary()));
        }
        return list;
    }

    /** The twins that ship. */
    public List<Entry> twins() {
        List<Entry> list = new ArrayList<>();
        for (String name : folders("sim/twins", "twin.yaml")) {
            list.add(new Entry(name, twin(name).summary()));
        }
        return list;
    }

    private static List<String> folders(String root, String file) {
        URL where = Catalog.class.getResource("/" + root);
        if (where == null) {
            throw new IllegalStateException("the program was built without its folder " + root);
        }
        try {
            URI uri = where.toURI();
            if (!uri.getScheme().equals("jar")) {
                return folders(Path.of(uri), file);
            }
            try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of())) {
                return folders(jar.getPath(root), file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> folders(Path root, String file) throws IOException {
        try (Stream<Path> paths = Files.list(root)) {
            return paths.filter(path -> Files.exists(path.resolve(file)))
                    .map(path -> String.valueOf(path.getFileName()).replace("/", ""))
                    .sorted()
                    .toList();
        }
    }

    private static @Nullable String resource(String path) {
        try (InputStream in = Catalog.class.getResourceAsStream("/" + path)) {
            return in == null ? null : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is known of a board: one that ships, by name; or one's own, by the path of its board.yaml. */
    BoardFile board(String name) {
        if (name.endsWith(".yaml")) {
            Path file = Path.of(name);
            return Yaml.of(Yaml.text(file), name).as(BoardFile.class);
        }
        String path = "devices/" + name + "/board.yaml";
        String text = resource(path);
        if (text == null) {
            throw new BadInput("there is no board '" + name + "'; the boards are "
                    + String.join(", ", folders("devices", "board.yaml"))
                    + "; one's own is named by the path of its board.yaml");
        }
        return Yaml.of(text, path).as(BoardFile.class);
    }

    /** The file of one's own that a twin's name leads to, or null: a {@code twin.yaml}, or a folder that holds one. */
    private static @Nullable Path ownTwin(String name) {
        try {
            Path path = Path.of(name);
            Path inside = path.resolve("twin.yaml");
            boolean path1 = name.endsWith(".yaml") || name.contains("/");
            return name.endsWith(".yaml") ? path : path1 || Files.isRegularFile(inside) ? inside : null;
        } catch (InvalidPathException nonsense) {
            return null;
        }
    }

    private TwinFile twin(String name) {
        Path own = resource("sim/twins/" + name + "/twin.yaml") == null ? ownTwin(name) : null;
        if (own != null) {
            TwinFile twin = Yaml.of(Yaml.text(own), own.toString()).as(TwinFile.class);
            // A board in a file of its own lies beside the twin.
            return twin.mimics().endsWith(".yaml")
                    ? twin.of(own.resolveSibling(twin.mimics()).toString())
                    : twin;
        }
        String path = "sim/twins/" + name + "/twin.yaml";
        String text = resource(path);
        if (text == null) {
            throw new BadInput("there is no twin '" + name + "'; the twins are "
                    + String.join(", ", folders("sim/twins", "twin.yaml"))
                    + "; one's own is named by the path of its twin.yaml");
        }
        return Yaml.of(text, path).as(TwinFile.class);
    }

    /**
     * What is known of a device's board; of the first board of several. A board behind a link is asked what it is, unless the
     * URI says so.
     */
    public Known known(String uri) {
        DeviceUri parsed = DeviceUri.of(DeviceUri.list(uri).getFirst()).without(CALIBRATION);
        return switch (parsed.scheme()) {
            case "twin" -> Known.of(specimen(parsed).file());
            case "replay" -> Known.of(runs.find(parsed.name()).record().experiment());
            case "serial", "process", "mqtt", "mqtts" -> Boards.of(parsed, this).known();
            case "pi" -> Pis.of(parsed, this).known();
            default -> throw unknown(parsed);
        };
    }

    /** How a device's board is best taught. */
    public Teaching teaching(String uri) {
        return known(uri).teaching();
    }

    /**
     * Why several devices cannot be taught as one, in words that follow "because"; null if they can. They are opened to be
     * asked what they are, and closed again.
     *
     * @throws BadInput if one of them is no device, or the same as another
     * @throws DeviceException if one of them cannot be reached
     */
    public @Nullable String apartBecause(List<String> uris) {
        return new Several(uris, this).apartBecause();
    }

    /** What two names of the same device have in common: the specimen of a twin, the port of a board. */
    String sameness(String uri) {
        DeviceUri parsed = DeviceUri.of(uri).without(CALIBRATION);
        return switch (parsed.scheme()) {
            case "twin" -> {
                Map<String, String> options = new TreeMap<>(parsed.options());
                options.putIfAbsent("seed", String.valueOf(twin(parsed.name()).seed()));
                yield "twin:" + parsed.name() + options;
            }
            case "serial" -> {
                try {
                    yield "serial:" + Path.of(parsed.name()).toRealPath();
                } catch (IOException notThere) {
                    yield "serial:" + parsed.name();
                }
            }
            default -> parsed.scheme() + ":" + parsed.name();
        };
    }

    /**
     * Opens a device, or several as one.
     *
     * @param uri its URI; several are separated by commas
     * @throws BadInput if the URI names no device, or several that cannot be one
     * @throws DeviceException if the device cannot be reached
     */
    public Opened open(String uri) {
        List<String> names = DeviceUri.list(uri);
        if (names.size() > 1) {
            return new Several(names, this).open();
        }
        DeviceUri parsed = DeviceUri.of(uri);
        String worn = parsed.options().get(CALIBRATION);
        if (worn == null) {
            return openBare(parsed);
        }
        Calibration calibration = CalibrationFile.read(Path.of(worn));
        return wearing(openBare(parsed.without(CALIBRATION)), calibration, worn);
    }

    /** Closes the device if the calibration is not its own. */
    private static Opened wearing(Opened opened, Calibration calibration, String file) {
        try {
            calibration.require(opened.device().descriptor());
        } catch (IllegalArgumentException unfit) {
            opened.device().close();
            throw new BadInput(file + ": " + unfit.getMessage(), unfit);
        }
        return new Opened(opened.device(), opened.known(), calibration);
    }

    private Opened openBare(DeviceUri parsed) {
        return switch (parsed.scheme()) {
            case "twin" -> openTwin(parsed);
            case "replay" -> {
                parsed.only(List.of());
                RunFolder run = runs.find(parsed.name());
                Experiment experiment = run.record().experiment();
                Opened recording = new Opened(replayed(run), Known.of(experiment));
                // What was learned from is what the calibration made of the readings that the journal holds.
                List<String> devices = DeviceUri.list(experiment.device());
                String worn = DeviceUri.of(devices.getFirst()).options().get(CALIBRATION);
                yield worn == null ? recording : wearing(recording, CalibrationFile.read(Path.of(worn)), worn);
            }
            case "serial", "process", "mqtt", "mqtts" -> Boards.of(parsed, this).open();
            case "pi" -> Pis.of(parsed, this).open(pi);
            default -> throw unknown(parsed);
        };
    }

    private static Replayed replayed(RunFolder run) {
        if (!run.record().experiment().journal()) {
            throw new BadInput("run " + run.name() + " kept no journal, so that there is nothing to replay");
        }
        try {
            return Replayed.open(run.journal());
        } catch (IOException e) {
            throw new BadInput(String.valueOf(e.getMessage()), e);
        }
    }

    private static RuntimeException unknown(DeviceUri uri) {
        return new BadInput("device '" + uri + "': there is no scheme '" + uri.scheme()
                + "'; expected serial, process, mqtt, mqtts, pi, twin or replay, such as twin:resistor-array-v1");
    }

    /** What a twin's URI asks for. */
    private record Specimen(
            TwinFile twin,
            BoardFile file,
            Sizes sizes,
            int lanes,
            int readback,
            int threshold,
            int threads,
            long seed) {}

    private Specimen specimen(DeviceUri uri) {
        uri.only(TWIN_OPTIONS);
        TwinFile twin = twin(uri.name());
        BoardFile usual = board(twin.mimics());
        BoardFile file = amplified(uri, heated(uri, usual.settling(uri.seconds("settle", usual.settleSeconds()))));
        return new Specimen(
                twin,
                file,
                sizes(uri, file),
                uri.size("lanes", twin.lanes()),
                (int) uri.number("readback", 1, MOST_BITS, 0),
                (int) uri.number("threshold", 0, MOST_THRESHOLD, 1),
                (int) uri.number("threads", 1, MOST_THREADS, 1),
                uri.number("seed", 0, Long.MAX_VALUE, twin.seed()));
    }

    private static BoardFile heated(DeviceUri uri, BoardFile file) {
        Double level = uri.amount("heat");
        if (level == null) {
            return file;
        }
        if (file.wiring().heat() == null) {
            throw new BadInput("device '" + uri + "': board " + file.board() + " is in no heat bath; leave out heat=");
        }
        return file.heated(level);
    }

    private static BoardFile amplified(DeviceUri uri, BoardFile file) {
        Double gain = uri.amount("gain");
        if (gain == null) {
            return file;
        }
        BoardFile.Layered layered = file.wiring().layered();
        if (layered == null || layered.gain() == null || gain == 0) {
            throw new BadInput("device '" + uri + "': "
                    + (layered == null || layered.gain() == null
                            ? "board " + file.board() + " has no amplifiers in front of its inputs; leave out gain="
                            : "expected a gain above 0"));
        }
        return file.amplified(gain);
    }

    private Opened openTwin(DeviceUri uri) {
        Specimen asked = specimen(uri);
        String part = uri.options().get(SPECIMEN);
        Device twin = part == null ? made(asked, asked.twin) : made(asked, asked.twin.drawing());
        if (part != null && !part.equals(DRAWING)) {
            SpecimenFile.read(Path.of(part)).becomeOf(twin, uri.name(), part);
        }
        return new Opened(twin, Known.of(asked.file));
    }

    private static Device made(Specimen asked, TwinFile twin) {
        Board board = new Board(asked.file, asked.sizes, new Plan.Specimen(asked.seed, twin.phases()));
        return board.twin(twin, asked.lanes, asked.readback, asked.threshold, asked.threads, asked.seed);
    }

    /**
     * A twin as it is before anything is known of a specimen: exactly as drawn.
     *
     * @param twin without wear or errors
     * @param spread how far specimens stray from it
     */
    public record Drawing(TwinDevice twin, Imperfections spread) {}

    /**
     * Opens a twin exactly as drawn, settled as well as a double can tell, so that slopes can be taken of what it answers.
     *
     * @throws BadInput if it is no twin, or one whose specimens are not made of parts
     */
    public Drawing drawing(String uri) {
        DeviceUri parsed = DeviceUri.of(uri).without(CALIBRATION).without(SPECIMEN);
        if (!parsed.scheme().equals("twin")) {
            throw new BadInput("device '" + uri + "': expected a twin, such as twin:resistor-array-v1");
        }
        Specimen asked = specimen(parsed);
        if (made(asked, asked.twin.drawing().settled(FINEST)) instanceof TwinDevice twin
                && asked.twin.phases() == null
                && !twin.descriptor().can(Ability.COMPLIANCE)
                && !twin.descriptor().can(Ability.PLASTICITY)) {
            return new Drawing(twin, asked.twin.imperfections());
        }
        throw new BadInput("device '" + uri + "': its specimens are not made of parts set by codes, so that there is "
                + "nothing of it to fit; expected a twin such as twin:resistor-array-v1");
    }

    private static Sizes sizes(DeviceUri uri, BoardFile file) {
        Sizes usual = file.sizes();
        List<Integer> hidden = usual.hidden();
        String asked = uri.options().get("hidden");
        if (asked != null) {
            hidden = new ArrayList<>();
            for (String size : asked.split("-", -1)) {
                try {
                    hidden.add(Integer.parseInt(size));
                } catch (NumberFormatException e) {
                    throw new BadInput(
                            "device '" + uri + "': option hidden=" + asked
                                    + ": expected the size of each hidden layer, such as 32 or 64-32",
                            e);
                }
            }
            if (hidden.stream().anyMatch(size -> size < 1)) {
                throw new BadInput("device '" + uri + "': option hidden=" + asked + ": a layer has 1 unit or more");
            }
        }
        Sizes sizes = new Sizes(uri.size("inputs", usual.inputs()), hidden, uri.size("outputs", usual.outputs()));
        long parameters = 0;
        long before = sizes.inputs();
        for (int layer = 0; layer <= sizes.hidden().size(); layer++) {
            long units = layer < sizes.hidden().size() ? sizes.hidden().get(layer) : sizes.outputs();
            parameters += before * units;
            before = units;
        }
        long most = file.wiring().layered() == null ? MOST_PARAMETERS : MOST_IN_PLACE;
        if (parameters > most) {
            throw new BadInput("device '" + uri + "': it would have more than " + parameters
                    + " parameters; choose sizes that make at most " + most);
        }
        return sizes;
    }

    /**
     * The URI of a twin of a kind of board that is large enough: the board as it is where that suffices, else one with as
     * many inputs and outputs as the data asks for and hidden nodes in proportion.
     */
    public String largeEnough(String twin, int inputs, int outputs) {
        Sizes usual = board(twin(twin).mimics()).sizes();
        if (inputs <= usual.inputs() && outputs <= usual.outputs()) {
            return "twin:" + twin;
        }
        int hidden = Math.clamp(Math.max(4L * outputs, inputs / 2), usual.hiddenUnits(), 128);
        return String.format(
                Locale.ROOT,
                "twin:%s?inputs=%d&hidden=%d&outputs=%d",
                twin,
                Math.max(inputs, usual.inputs()),
                hidden,
                Math.max(outputs, usual.outputs()));
    }
}
