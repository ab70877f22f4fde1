package org.homeostat.catalog;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.homeostat.calibration.Estimate;
import org.homeostat.calibration.Fit;
import org.homeostat.calibration.Fit.Quantity;
import org.homeostat.catalog.SpecimenFile.Part;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Levels;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.device.Stimulus;
import org.homeostat.twin.Imperfections;
import org.homeostat.twin.Specimen;
import org.homeostat.twin.Specimen.Errors;
import org.homeostat.twin.TwinDevice;
import org.jspecify.annotations.Nullable;

/**
 * What a twin reads as a function of what its specimen is made of. Slopes are differences: each exchange settles at the
 * specimen, and then, from there, at specimens each of which differs in one quantity.
 */
public final class SpecimenModel implements Fit.Model {

    /** Kinds of quantities. */
    public enum Kind {
        /** A factor on an element's value. */
        ELEMENT,
        /** A factor on a potentiometer's wiper resistance. */
        WIPER,
        /** What a converter multiplies by. */
        GAIN,
        /** What a converter adds. */
        OFFSET,
        /** The bend of a converter, as the part that begins with a sine. */
        SINE,
        /** The bend of a converter, as the part that begins with a cosine. */
        COSINE;

        /** What it is called. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How far a quantity is moved to see what changes, in parts of its spread. */
    private static final double NUDGED = 1e-3;

    /** A uniform spread's standard deviation, in parts of its half-width. */
    private static final double UNIFORM = 1 / Math.sqrt(3);

    /** Where a reading stands: in which exchange, on which channel. */
    private record Place(int exchange, Role role, int index) {}

    /** Which number of a specimen a quantity is. */
    private record Where(Kind kind, Role role, int index) {}

    private final TwinDevice twin;
    private final Specimen drawing;
    private final List<Stimulus> stimuli;
    private final List<Place> places = new ArrayList<>();
    private final List<Where> wheres = new ArrayList<>();
    private final List<Quantity> quantities = new ArrayList<>();

    /**
     * @param drawing the twin, which becomes one specimen after another
     * @param kinds what is not known for sure; those whose spread is nothing are left out
     * @param stimuli each says everything that can be said
     * @param read which readings count: for each stimulus true a channel, outputs first and then monitors
     */
    public SpecimenModel(Catalog.Drawing drawing, Set<Kind> kinds, List<Stimulus> stimuli, List<boolean[]> read) {
        twin = drawing.twin();
        this.drawing = twin.specimen();
        this.stimuli = List.copyOf(stimuli);
        Descriptor card = twin.descriptor();
        for (int e = 0; e < stimuli.size(); e++) {
            int c = 0;
            for (Role role : List.of(Role.OUTPUT, Role.MONITOR)) {
                for (int i = 0; i < card.count(role); i++) {
                    if (read.get(e)[c++]) {
                        places.add(new Place(e, role, i));
                    }
                }
            }
        }
        free(card, drawing.spread(), kinds);
    }

    private void free(Descriptor card, Imperfections spread, Set<Kind> kinds) {
        List<Channel> parameters = card.channels(Role.PARAMETER);
        for (int k = 0; k < parameters.size(); k++) {
            boolean pot = parameters.get(k).scale() instanceof Scale.Rheostat;
            add(kinds, Kind.ELEMENT, parameters.get(k), k, 1, UNIFORM * spread.elementTolerance());
            add(kinds, Kind.WIPER, parameters.get(k), k, 1, pot ? UNIFORM * spread.wiperSpread() : 0);
        }
        for (Role role : Specimen.CONVERTED) {
            List<Channel> channels = card.channels(role);
            for (int i = 0; i < channels.size(); i++) {
                double step = channels.get(i).scale() instanceof Scale.Linear linear ? linear.step() : 0;
                double bend = UNIFORM * Math.sqrt(0.5) * spread.converterInlCodes() * step;
                add(kinds, Kind.GAIN, channels.get(i), i, 1, step > 0 ? spread.converterGain() : 0);
                add(kinds, Kind.OFFSET, channels.get(i), i, 0, spread.converterOffsetCodes() * step);
                add(kinds, Kind.SINE, channels.get(i), i, 0, bend);
                add(kinds, Kind.COSINE, channels.get(i), i, 0, bend);
            }
        }
    }

    private void add(Set<Kind> kinds, Kind kind, Channel channel, int index, double drawn, double spread) {
        if (kinds.contains(kind) && spread > 0) {
            wheres.add(new Where(kind, channel.role(), index));
            boolean factor = kind == Kind.ELEMENT || kind == Kind.WIPER;
            quantities.add(new Quantity(channel.name(), kind.word(), drawn, spread, factor));
        }
    }

    /** What is not known for sure, in the order of the fit. */
    public List<Quantity> quantities() {
        return List.copyOf(quantities);
    }

    /** What was really read, of the readings that count, in the order of the fit. */
    public double[] chosen(List<Levels> answers) {
        double[] chosen = new double[places.size()];
        Arrays.setAll(chosen, i -> {
            Place place = places.get(i);
            return answers.get(place.exchange).at(place.role, 0, place.index);
        });
        return chosen;
    }

    @Override
    public double[] readings(double[] values) {
        twin.become(specimen(values));
        double[] readings = new double[places.size()];
        int at = -1;
        for (int i = 0; i < readings.length; i++) {
            Place place = places.get(i);
            for (; at < place.exchange; at++) {
                var unused = twin.present(stimuli.get(at + 1), Deadline.NEVER);
            }
            readings[i] = twin.expected(place.role, place.index);
        }
        return readings;
    }

    @Override
    public double[][] slopes(double[] values) {
        Specimen here = specimen(values);
        Specimen[] beside = new Specimen[values.length];
        for (int q = 0; q < beside.length; q++) {
            double[] moved = values.clone();
            moved[q] += NUDGED * quantities.get(q).spread();
            beside[q] = specimen(moved);
        }
        double[][] slopes = new double[places.size()][values.length];
        int first = 0;
        for (int e = 0; e < stimuli.size(); e++) {
            int end = first;
            while (end < places.size() && places.get(end).exchange == e) {
                end++;
            }
            twin.become(here);
            var unused = twin.present(stimuli.get(e), Deadline.NEVER);
            double[] base = expected(first, end);
            Stimulus again = stimuli.get(e).with(Levels.NONE);
            for (int q = 0; q < beside.length; q++) {
                twin.become(beside[q]);
                unused = twin.present(again, Deadline.NEVER);
                for (int i = first; i < end; i++) {
                    slopes[i][q] = (expected(i) - base[i - first])
                            / (NUDGED * quantities.get(q).spread());
                }
            }
            first = end;
        }
        return slopes;
    }

    private double[] expected(int first, int end) {
        double[] expected = new double[end - first];
        Arrays.setAll(expected, i -> expected(first + i));
        return expected;
    }

    private double expected(int place) {
        return twin.expected(places.get(place).role, places.get(place).index);
    }

    private Specimen specimen(double[] values) {
        double[] elements = drawing.elements().clone();
        double[] wipers = drawing.wipers().clone();
        Map<Role, double[][]> errors = new EnumMap<>(Role.class);
        for (Role role : Specimen.CONVERTED) {
            double[][] all = new double[twin.descriptor().count(role)][];
            Arrays.setAll(all, i -> new double[] {1, 0, 0, 0});
            errors.put(role, all);
        }
        for (int q = 0; q < values.length; q++) {
            Where where = wheres.get(q);
            switch (where.kind) {
                case ELEMENT -> elements[where.index] = values[q];
                case WIPER -> wipers[where.index] = values[q];
                case GAIN, OFFSET, SINE, COSINE ->
                    errors.getOrDefault(where.role, new double[0][])[where.index][
                                    where.kind.ordinal() - Kind.GAIN.ordinal()] =
                            values[q];
            }
        }
        Map<Role, List<Errors>> made = new EnumMap<>(Role.class);
        errors.forEach((role, all) -> made.put(
                role,
                Arrays.stream(all)
                        // a sin(t) + b cos(t) = inl sin(t + bow)
                        .map(e -> new Errors(e[0], e[1], Math.hypot(e[2], e[3]), Math.atan2(e[3], e[2])))
                        .toList()));
        return new Specimen(made, elements, wipers, drawing.drifts(), 0, 0, drawing.noiseSeed());
    }

    /** What a fit found, by channel; what the readings do not tell is marked. */
    public static Map<String, Part> parts(Fit.Result result) {
        Map<String, Map<Kind, Fit.Found>> channels = new LinkedHashMap<>();
        for (Fit.Found found : result.found()) {
            channels.computeIfAbsent(found.quantity().name(), name -> new EnumMap<>(Kind.class))
                    .put(Kind.valueOf(found.quantity().kind().toUpperCase(Locale.ROOT)), found);
        }
        Map<String, Part> parts = new LinkedHashMap<>();
        channels.forEach((name, known) -> {
            List<String> untold = known.values().stream()
                    .filter(found -> !found.told())
                    .map(found -> found.quantity().kind())
                    .toList();
            parts.put(
                    name,
                    new Part(
                            estimate(known, Kind.GAIN),
                            estimate(known, Kind.OFFSET),
                            estimate(known, Kind.SINE),
                            estimate(known, Kind.COSINE),
                            estimate(known, Kind.ELEMENT),
                            estimate(known, Kind.WIPER),
                            untold.isEmpty() ? null : untold));
        });
        return parts;
    }

    private static @Nullable Estimate estimate(Map<Kind, Fit.Found> known, Kind kind) {
        Fit.Found found = known.get(kind);
        return found == null ? null : found.estimate();
    }
}
