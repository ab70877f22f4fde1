package org.homeostat.app;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.homeostat.calibration.Calibration;
import org.homeostat.calibration.Calibration.Entry;
import org.homeostat.calibration.Calibrator;
import org.homeostat.calibration.Calibrator.Care;
import org.homeostat.calibration.Calibrator.Range;
import org.homeostat.calibration.Drift;
import org.homeostat.calibration.Drift.Verdict;
import org.homeostat.calibration.Estimate;
import org.homeostat.calibration.Reference;
import org.homeostat.catalog.CalibrationFile;
import org.homeostat.catalog.Catalog.Opened;
import org.homeostat.catalog.DeviceUri;
import org.homeostat.catalog.Dressed;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Nudge;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.run.BadInput;
import org.homeostat.twin.TwinDevice;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "calibrate",
        sortOptions = false,
        description = {
            "Measures one specimen of a board: gain, offset and bend of each channel, noise, settling time, resolution.",
            "A board reads everything with its own converters, so that gain and offset need something that knows the truth: "
                    + "a meter, a wire from one channel to another, readings that you noted, or a twin. The rest it measures without."
        },
        footer = {
            "",
            "Examples:",
            "  homeostat calibrate 'twin:resistor-array-v1?seed=7' --meter twin \\",
            "    --output seven.yaml",
            "  homeostat calibrate serial:/dev/ttyACM0 --meter 'python3 read-meter.py' \\",
            "    --specimen board-7",
            "  homeostat calibrate serial:/dev/ttyACM0 --meter typed --channel x1,x2 \\",
            "    --points 5 --specimen board-7",
            "  homeostat calibrate 'twin:resistor-array-v1?seed=7' --meter twin \\",
            "    --against seven.yaml",
            "  homeostat probe 'twin:resistor-array-v1?seed=7&calibration=seven.yaml'"
        })
final class CalibrateCommand implements Callable<Integer> {

    private static final Pattern LOOP = Pattern.compile("([^=*]+)=(?:([0-9.eE+-]+)\\*)?([^=*]+)");

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]*");

    /** The slowest of many channels is a little slow by chance; only beyond this is the card called wrong. */
    private static final double LONGER = 1.1;

    private static final MathContext THREE_DIGITS = new MathContext(3);

    /** A table longer than this is for programs. */
    private static final int MOST_ROWS = 48;

    /** So far from a straight line, in codes, bends no converter. */
    private static final double NO_LINE = 32;

    @Mixin
    Shared shared;

    @Parameters(index = "0", paramLabel = "DEVICE", description = "The URI of a device.")
    String uri;

    @Option(
            names = "--meter",
            paramLabel = "METER",
            description =
                    "An instrument at the wire of each channel: 'typed' asks you for what it shows; 'twin' is the "
                            + "simulated one beside a twin; anything else is a command that is given a channel's name and "
                            + "prints a number in its unit.")
    @Nullable
    String meter;

    @Option(
            names = "--loop",
            paramLabel = "READ=[FACTOR*]IMPOSED",
            description =
                    "A wire, or a divider, from a channel that is imposed to one that is read, such as o1=0.5*x1; "
                            + "may be repeated. The imposed one counts as calibrated here, or else as its card says.")
    List<String> loops = new ArrayList<>();

    @Option(
            names = "--readings",
            paramLabel = "CSV",
            description = "Readings that you noted: columns channel, device (what it was asked for or said), true.")
    @Nullable
    Path readings;

    @Option(
            names = "--model",
            paramLabel = "TWIN",
            description = "A twin that says what is there when the same is asked. Gains are then relative to its "
                    + "elements, drawn or fitted.")
    @Nullable
    String model;

    @Option(
            names = "--channel",
            paramLabel = "NAME",
            split = ",",
            description =
                    "The channels to compare, by name or role (default: all inputs, nudges, outputs and monitors).")
    List<String> wanted = new ArrayList<>();

    @Option(
            names = "--points",
            paramLabel = "N",
            defaultValue = "21",
            description = "At how many levels each is compared (default: ${DEFAULT-VALUE}).")
    int points;

    @Option(
            names = "--reads",
            paramLabel = "N",
            defaultValue = "16",
            description = "How many readings are averaged there (default: ${DEFAULT-VALUE}).")
    int reads;

    @Option(names = "--bend", description = "Note distances from the straight line, to be corrected too.")
    boolean bend;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Draws the states that are read.")
    long seed;

    @Option(
            names = "--specimen",
            paramLabel = "NAME",
            description = "What this specimen is called (default: by its seed, port or name at the broker).")
    @Nullable
    String specimen;

    @Option(names = "--note", paramLabel = "TEXT", defaultValue = "", description = "The conditions, such as '22 C'.")
    String note;

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "Where to write it (default: devices/BOARD/calibration/SPECIMEN-DATE.yaml).")
    @Nullable
    Path output;

    @Option(
            names = "--against",
            paramLabel = "OLD.yaml",
            description =
                    "Compares with an older calibration and ends with code 1 if a channel drifted; writes nothing "
                            + "without --output.")
    @Nullable
    Path against;

    @Option(
            names = "--allow-gain",
            paramLabel = "PART",
            defaultValue = "0.001",
            description = "How much a gain may drift (default: ${DEFAULT-VALUE}).")
    double allowedGain;

    @Option(
            names = "--allow-offset",
            paramLabel = "CODES",
            defaultValue = "0.5",
            description = "How far an offset may drift, in steps of the converter (default: ${DEFAULT-VALUE}).")
    double allowedOffset;

    @Override
    public Integer call() {
        check();
        Calibration before = against == null ? null : CalibrationFile.read(against);
        Opened opened = shared.catalog().open(uri);
        try (Device device = Dressed.guarded(opened)) {
            Descriptor card = device.descriptor();
            Care care = care();
            Calibrator calibrator = new Calibrator(device, care, ranges(opened));
            if (before != null) {
                required(before, card);
            }
            Map<String, Entry> noted = noted(card, care);
            Map<String, String> names = new LinkedHashMap<>();
            Map<String, Entry> found;
            try (Device compared = model == null ? null : modelled(model, card)) {
                found = calibrator.measure(references(opened.device(), compared, calibrator, card, noted, names));
            }
            found.replaceAll((name, entry) -> named(entry, names.get(name)));
            noted.forEach((name, entry) -> found.merge(name, entry, (own, law) -> law.reading(own)));
            Calibration calibration = new Calibration(
                    name(),
                    card.board(),
                    card.digest(),
                    uri,
                    Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                    note,
                    Estimate.CONFIDENCE,
                    reads,
                    calibrator.exchanges(),
                    found);
            Path file = output != null ? output : before == null ? CalibrationFile.place(calibration) : null;
            if (file != null) {
                write(file, CalibrationFile.text(calibration));
            }
            List<Drift> drifts = before == null
                    ? List.of()
                    : Drift.between(before, calibration, card, new Drift.Allowed(allowedGain, allowedOffset));
            List<String> lines = new ArrayList<>(lines(calibration, card));
            lines.addAll(told(drifts, card));
            shared.print(json(calibration, drifts, file), lines);
            if (file != null) {
                shared.say("Written to " + file + "; wear it with: homeostat probe '" + uri
                        + (uri.contains("?") ? "&" : "?") + "calibration=" + file + "'");
            }
            return drifts.stream().anyMatch(drift -> drift.verdict() == Verdict.DRIFTED) ? Main.FAILED : Main.DONE;
        }
    }

    private void check() {
        if (DeviceUri.list(uri).size() > 1) {
            throw new BadInput(
                    "calibrate: expected one device, not " + uri + "; each specimen has a calibration of its own");
        }
        if (DeviceUri.of(uri).options().containsKey("calibration")) {
            throw new BadInput("device '" + uri
                    + "': it wears a calibration already; leave out calibration=, to measure " + "the board itself");
        }
        if (meter != null && model != null) {
            throw new BadInput("--meter and --model both say what is true of each channel; give one of them");
        }
        if (points < 3 || points > 10_000) {
            throw new BadInput("--points: expected 3 to 10000, not " + points);
        }
        if (reads < 1 || reads > 10_000) {
            throw new BadInput("--reads: expected 1 to 10000, not " + reads);
        }
        if (!(allowedGain >= 0) || !(allowedOffset >= 0)) {
            throw new BadInput("--allow-gain and --allow-offset: expected 0 or more, not " + allowedGain + " and "
                    + allowedOffset);
        }
        if (specimen != null && !NAME.matcher(specimen).matches()) {
            throw new BadInput("--specimen: expected letters, digits, full stops, hyphens, not '" + specimen + "'");
        }
    }

    private void required(Calibration before, Descriptor card) {
        try {
            before.require(card);
        } catch (IllegalArgumentException unfit) {
            throw new BadInput("--against: " + against + ": " + unfit.getMessage(), unfit);
        }
    }

    private Care care() {
        return new Care(points, reads, bend, seed, () -> Deadline.in(Training.EXCHANGE_LIMIT));
    }

    /** Between which levels the host may go, by what is known of the board. */
    static Map<Role, Range> ranges(Opened opened) {
        Map<Role, Range> ranges = new EnumMap<>(Role.class);
        if (opened.known() != null) {
            opened.limits()
                    .byRole()
                    .forEach((role, limit) -> ranges.put(
                            role,
                            new Range(
                                    Objects.requireNonNullElse(limit.min(), Double.NEGATIVE_INFINITY),
                                    Objects.requireNonNullElse(limit.max(), Double.POSITIVE_INFINITY))));
        }
        return ranges;
    }

    // What knows the truth

    private Device modelled(String twin, Descriptor card) {
        Device device = shared.catalog().open(twin).device();
        if (!(device instanceof TwinDevice) || !device.descriptor().equals(card)) {
            device.close();
            throw new BadInput("--model: " + twin + " is no twin of this board with the card " + card.digest()
                    + "; expected one, such as twin:" + card.board() + "?specimen=drawing");
        }
        return device;
    }

    private Map<String, Reference> references(
            Device bare,
            @Nullable Device compared,
            Calibrator calibrator,
            Descriptor card,
            Map<String, Entry> noted,
            Map<String, String> names) {
        Map<String, Reference> references = new LinkedHashMap<>();
        Set<Channel> chosen = chosen(card);
        if (meter != null) {
            Meter instrument = Meter.of(
                    meter,
                    bare,
                    card,
                    new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())),
                    shared);
            chosen.forEach(channel -> references.put(channel.name(), instrument));
            chosen.forEach(channel -> names.put(channel.name(), instrument.name()));
        }
        if (compared instanceof TwinDevice twin) {
            List<Channel> read = calibrator.read();
            for (Channel channel : chosen) {
                if (read.contains(channel) && channel.role() != Role.PARAMETER) {
                    references.put(channel.name(), (asked, presented) -> {
                        var unused = twin.present(presented, Deadline.NEVER);
                        return twin.onWire(
                                asked.role(), card.channels(asked.role()).indexOf(asked));
                    });
                    names.put(channel.name(), "model, " + model);
                }
            }
        }
        for (String loop : loops) {
            wire(loop, calibrator, card, references, names);
        }
        noted.keySet().forEach(references::remove);
        return references;
    }

    private static void wire(
            String loop,
            Calibrator calibrator,
            Descriptor card,
            Map<String, Reference> references,
            Map<String, String> names) {
        Matcher parts = LOOP.matcher(loop);
        String wanted = "--loop: '" + loop + "': expected READ=IMPOSED or READ=FACTOR*IMPOSED, such as o1=0.5*x1";
        if (!parts.matches()) {
            throw new BadInput(wanted);
        }
        double factor;
        try {
            factor = parts.group(2) == null ? 1 : Double.parseDouble(parts.group(2));
        } catch (NumberFormatException e) {
            throw new BadInput(wanted, e);
        }
        Channel read = channel(parts.group(1), card, "--loop: '" + loop + "'");
        Channel imposed = channel(parts.group(3), card, "--loop: '" + loop + "'");
        if (imposed.role() != Role.INPUT || !calibrator.read().contains(read) || factor == 0) {
            throw new BadInput(wanted + "; it leads from an input to a channel that is read");
        }
        references.put(read.name(), (asked, presented) -> factor * calibrator.imposed(imposed, presented));
        names.put(read.name(), "loop, " + loop);
    }

    private static Channel channel(String name, Descriptor card, String where) {
        return card.allChannels().stream()
                .filter(channel -> channel.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new BadInput(where + ": there is no channel '" + name + "' on board " + card.board()
                        + "; see what there is with: homeostat probe"));
    }

    private Set<Channel> chosen(Descriptor card) {
        Set<Channel> chosen = new LinkedHashSet<>();
        if (wanted.isEmpty()) {
            for (Role role : List.of(Role.INPUT, Role.NUDGE, Role.OUTPUT, Role.MONITOR)) {
                if (role != Role.NUDGE || card.realises(Nudge.Kind.FORCE)) {
                    chosen.addAll(card.channels(role));
                }
            }
            return chosen;
        }
        Map<String, Role> roles = new LinkedHashMap<>();
        for (Role role : Role.values()) {
            roles.put(role.name().toLowerCase(Locale.ROOT), role);
        }
        for (String one : wanted) {
            Role role = roles.get(one);
            if (role == null) {
                chosen.add(channel(one, card, "--channel"));
            } else if (card.count(role) == 0) {
                throw new BadInput("--channel: board " + card.board() + " has no channels of role " + one);
            } else {
                chosen.addAll(card.channels(role));
            }
        }
        for (Channel channel : chosen) {
            if (channel.role() == Role.NUDGE && !card.realises(Nudge.Kind.FORCE)
                    || channel.role() == Role.SOFTNESS
                    || channel.role() == Role.FORCE) {
                throw new BadInput("--channel: " + channel.name() + " has no wire to which a level could be compared; "
                        + "expected an input, nudge, output, monitor, knob or parameter");
            }
        }
        return chosen;
    }

    private static Entry named(Entry entry, @Nullable String reference) {
        return entry.gain() == null ? entry : entry.by(reference);
    }

    private Map<String, Entry> noted(Descriptor card, Care care) {
        Map<String, Entry> noted = new LinkedHashMap<>();
        if (readings == null) {
            return noted;
        }
        Map<String, List<double[]>> pairs = new LinkedHashMap<>();
        for (NotedReadings.Row row : NotedReadings.of(readings)) {
            Channel channel = channel(row.channel(), card, row.where());
            pairs.computeIfAbsent(channel.name(), name -> new ArrayList<>())
                    .add(new double[] {row.device(), row.truth()});
        }
        pairs.forEach((name, list) -> {
            try {
                noted.put(
                        name,
                        Calibrator.law(channel(name, card, "--readings"), list, care)
                                .by("readings, " + readings));
            } catch (IllegalArgumentException tooFew) {
                throw new BadInput("--readings: " + readings + ": " + tooFew.getMessage(), tooFew);
            }
        });
        return noted;
    }

    // What comes of it

    private String name() {
        if (specimen != null) {
            return specimen;
        }
        DeviceUri parsed = DeviceUri.of(uri);
        String seeded = parsed.options().get("seed");
        String base = seeded != null
                ? "seed-" + seeded
                : parsed.scheme().equals("twin") ? "drawn" : parsed.name().replaceAll(".*/", "");
        String plain = base.replaceAll("[^A-Za-z0-9_.-]+", "-").replaceAll("^[^A-Za-z0-9]+", "");
        return plain.isEmpty() ? "specimen" : plain;
    }

    private static void write(Path file, String text) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
        } catch (IOException e) {
            throw new BadInput("--output: " + file + " cannot be written: " + e.getMessage(), e);
        }
        Shared.write("--output", file, text);
    }

    private Map<String, Object> json(Calibration calibration, List<Drift> drifts, @Nullable Path file) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("device", uri);
        object.put("board", calibration.board());
        object.put("card", calibration.card());
        object.put("specimen", calibration.calibration());
        object.put("date", calibration.date());
        object.put("reads", calibration.reads());
        object.put("exchanges", calibration.exchanges());
        object.put("file", file == null ? null : file.toString());
        object.put("channels", calibration.channels());
        List<Map<String, Object>> list = new ArrayList<>();
        for (Drift drift : drifts) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("channel", drift.channel());
            one.put("gain", drift.gain());
            one.put("offset", drift.offset());
            one.put("verdict", drift.verdict().name().toLowerCase(Locale.ROOT));
            list.add(one);
        }
        object.put("drift", list);
        return object;
    }

    private static double step(Channel channel) {
        return channel.scale() instanceof Scale.Linear linear ? linear.step() : 0;
    }

    private List<String> lines(Calibration calibration, Descriptor card) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("channel", "gain", "+-", "offset", "+-", "INL", "noise", "settles in", "resolution"));
        calibration.channels().forEach((name, entry) -> {
            Channel channel = channel(name, card, "");
            double step = step(channel);
            String unit = channel.scale() instanceof Scale.Rheostat ? "ohm" : entry.unit();
            Estimate gain = entry.gain();
            Estimate offset = entry.offset();
            rows.add(List.of(
                    name,
                    gain == null ? "" : String.format(Locale.ROOT, "%.6f", gain.value()),
                    gain == null ? "" : String.format(Locale.ROOT, "%.6f", gain.reach()),
                    offset == null ? "" : Words.level(offset.value(), unit),
                    offset == null ? "" : Words.level(offset.reach(), unit),
                    entry.inl() == null ? "" : Words.number(rounded(entry.inl())) + (step > 0 ? " codes" : " " + unit),
                    entry.noise() == null
                            ? ""
                            : Words.level(rounded(entry.noise().value()), entry.unit()),
                    entry.settle() == null
                            ? ""
                            : Words.level(rounded(entry.settle().value()), "s"),
                    entry.resolution() == null ? "" : Words.level(entry.resolution(), entry.unit())));
        });
        List<String> lines = new ArrayList<>();
        lines.add(uri + ": board " + calibration.board() + ", specimen " + calibration.calibration() + ", card "
                + calibration.card());
        Table.aligned(rows.subList(0, Math.min(rows.size(), MOST_ROWS))).forEach(line -> lines.add("  " + line));
        if (rows.size() > MOST_ROWS) {
            lines.add("  and " + (rows.size() - MOST_ROWS) + " more, which are in the file and in --json");
        }
        lines.addAll(findings(calibration, card));
        lines.add(String.format(Locale.ROOT, "%,d exchanges with the device", calibration.exchanges()));
        return lines;
    }

    /** Three digits: more say nothing of what scatters. */
    private static double rounded(double value) {
        return value == 0 ? 0 : new BigDecimal(value).round(THREE_DIGITS).doubleValue();
    }

    private List<String> findings(Calibration calibration, Descriptor card) {
        List<String> lines = new ArrayList<>();
        for (Role role : Role.values()) {
            List<Channel> channels = card.channels(role).stream()
                    .filter(channel -> calibration.channels().containsKey(channel.name()))
                    .toList();
            if (!channels.isEmpty()) {
                Function<Channel, Entry> entry =
                        channel -> Objects.requireNonNull(calibration.channels().get(channel.name()));
                lines.addAll(laws(role, channels, entry));
                lines.addAll(readings(role, channels, entry, card));
            }
        }
        return lines;
    }

    private static List<String> laws(Role role, List<Channel> channels, Function<Channel, Entry> entries) {
        List<String> lines = new ArrayList<>();
        String kind = role.name().toLowerCase(Locale.ROOT);
        List<Channel> known =
                channels.stream().filter(c -> entries.apply(c).gain() != null).toList();
        if (known.size() < channels.size()) {
            lines.add("Gain and offset of " + (channels.size() - known.size()) + " of " + channels.size() + " " + kind
                    + " channels were not measured: a board cannot tell them by itself; say what knows the truth with --meter,"
                    + " --loop, --readings or --model.");
        }
        if (known.isEmpty()) {
            return lines;
        }
        Channel furthest = known.stream()
                .max(Comparator.comparingDouble(
                        c -> Math.abs(gain(entries.apply(c)).value() - 1)))
                .orElseThrow();
        Estimate gain = gain(entries.apply(furthest));
        lines.add(String.format(
                Locale.ROOT,
                "Of the %s gains %s is the furthest off: %+.3f %% (%+.3f to %+.3f %%).",
                kind,
                furthest.name(),
                100 * (gain.value() - 1),
                100 * (gain.low() - 1),
                100 * (gain.high() - 1)));
        for (Channel channel : known) {
            Double inl = entries.apply(channel).inl();
            if (inl != null && step(channel) > 0 && inl > NO_LINE) {
                lines.add(channel.name() + " strays from its straight line by " + Words.number(rounded(inl))
                        + " codes: look whether the reference was at its wire.");
            }
        }
        List<Channel> partly = known.stream()
                .filter(channel -> compared(channel, entries) < 0.5)
                .sorted(Comparator.comparingDouble(channel -> compared(channel, entries)))
                .toList();
        if (!partly.isEmpty()) {
            Channel least = partly.getFirst();
            Entry entry = entries.apply(least);
            lines.add(partly.size() + " of " + channels.size() + " " + kind
                    + " channels were compared over less than half of "
                    + "their range, " + least.name() + " from "
                    + Words.level(rounded(Objects.requireNonNull(entry.from())), least.unit()) + " to "
                    + Words.level(rounded(Objects.requireNonNull(entry.to())), least.unit())
                    + "; what lies beyond is taken to go on straight.");
        }
        return lines;
    }

    /** Over what part of its range a channel was compared. */
    private static double compared(Channel channel, Function<Channel, Entry> entries) {
        Entry entry = entries.apply(channel);
        double from = Objects.requireNonNullElse(entry.from(), channel.min());
        double to = Objects.requireNonNullElse(entry.to(), channel.max());
        return (to - from) / (channel.max() - channel.min());
    }

    private static Estimate gain(Entry entry) {
        return Objects.requireNonNull(entry.gain());
    }

    private static List<String> readings(
            Role role, List<Channel> channels, Function<Channel, Entry> entries, Descriptor card) {
        List<String> lines = new ArrayList<>();
        String kind = role.name().toLowerCase(Locale.ROOT);
        channels.stream()
                .filter(c -> entries.apply(c).noise() instanceof Estimate noise && noise.value() > 0)
                .max(Comparator.comparingDouble(
                        c -> Objects.requireNonNull(entries.apply(c).noise()).value()))
                .ifPresent(noisiest -> {
                    Estimate noise =
                            Objects.requireNonNull(entries.apply(noisiest).noise());
                    lines.add("Of the " + kind + " channels " + noisiest.name() + " is the noisiest: "
                            + Words.level(rounded(noise.value()), noisiest.unit()) + " rms a reading ("
                            + Words.level(rounded(noise.low()), noisiest.unit()) + " to "
                            + Words.level(rounded(noise.high()), noisiest.unit()) + ").");
                });
        channels.stream()
                .filter(c -> entries.apply(c).settle() != null)
                .max(Comparator.comparingDouble(
                        c -> Objects.requireNonNull(entries.apply(c).settle()).value()))
                .ifPresent(slowest -> {
                    Estimate settle =
                            Objects.requireNonNull(entries.apply(slowest).settle());
                    lines.add("Of the " + kind + " channels " + slowest.name()
                            + " is the slowest: a step has decayed to a "
                            + "ten-thousandth in " + Words.level(rounded(settle.value()), "s") + " ("
                            + Words.level(rounded(settle.low()), "s") + " to "
                            + Words.level(rounded(settle.high()), "s")
                            + "); the card allows " + Words.level(card.settleSeconds(), "s")
                            + (settle.low() > LONGER * card.settleSeconds() ? ", which is too short." : "."));
                });
        for (Channel channel : channels) {
            Double resolution = entries.apply(channel).resolution();
            if (resolution != null && channel.resolution() > 0 && resolution > 1.5 * channel.resolution()) {
                lines.add(channel.name() + " never showed two readings nearer than "
                        + Words.level(resolution, channel.unit()) + ", and its card says steps of "
                        + Words.level(channel.resolution(), channel.unit()) + ": codes may be missing.");
            }
        }
        return lines;
    }

    private List<String> told(List<Drift> drifts, Descriptor card) {
        if (drifts.isEmpty()) {
            return List.of();
        }
        List<String> lines = new ArrayList<>();
        for (Drift drift : drifts) {
            if (drift.verdict() == Verdict.WITHIN) {
                continue;
            }
            Channel channel = channel(drift.channel(), card, "");
            String unit = channel.scale() instanceof Scale.Rheostat ? "ohm" : channel.unit();
            lines.add(String.format(
                    Locale.ROOT,
                    "%s %s: gain by %+.4f %% +- %.4f %%, offset by %s +- %s.",
                    drift.channel(),
                    drift.verdict() == Verdict.DRIFTED ? "has drifted" : "may have drifted",
                    100 * drift.gain().value(),
                    100 * drift.gain().reach(),
                    Words.level(rounded(drift.offset().value()), unit),
                    Words.level(rounded(drift.offset().reach()), unit)));
        }
        long gone = drifts.stream()
                .filter(drift -> drift.verdict() == Verdict.DRIFTED)
                .count();
        long unsure = drifts.stream()
                .filter(drift -> drift.verdict() == Verdict.UNCERTAIN)
                .count();
        lines.add(String.format(
                Locale.ROOT,
                "Against %s: %d of %d channels drifted by more than %s of gain or %s codes of offset, %d may have.",
                against,
                gone,
                drifts.size(),
                Words.number(allowedGain),
                Words.number(allowedOffset),
                unsure));
        return lines;
    }
}
