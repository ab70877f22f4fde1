package org.homeostat.catalog;

import java.util.List;
import java.util.Map;
import org.homeostat.device.Ability;
import org.homeostat.device.Nudge;
import org.homeostat.physics.ShakenSprings.Bath;
import org.homeostat.pi.Rig;
import org.homeostat.run.Limits;
import org.homeostat.run.Teaching;
import org.jspecify.annotations.Nullable;

/**
 * A file {@code devices/NAME/board.yaml}: what a board is. The keys are explained, with their units, in {@code
 * devices/README.md}.
 */
record BoardFile(
        String board,
        String summary,
        String firmware,
        Sizes sizes,
        double settleSeconds,
        double betaUnit,
        List<Nudge.Kind> nudges,
        List<Ability> abilities,
        Channels channels,
        Wiring wiring,
        Teaching teaching,
        @Nullable Limits limits,
        @Nullable Rig bus) {

    /** How many channels there are. */
    record Sizes(int inputs, List<Integer> hidden, int outputs) {
        Sizes {
            if (inputs < 1 || outputs < 1 || hidden.stream().anyMatch(size -> size < 1)) {
                throw new IllegalArgumentException("sizes must be 1 or more");
            }
            hidden = List.copyOf(hidden);
        }

        int hiddenUnits() {
            return hidden.stream().mapToInt(Integer::intValue).sum();
        }
    }

    /** One kind of channel for each part of the board; those of one kind are numbered from 1. */
    record Channels(
            Kind input,
            @Nullable Kind hidden,
            Kind output,
            @Nullable Kind nudge,
            @Nullable Kind parameter,
            @Nullable Kind knob,
            @Nullable Kind softness,
            @Nullable Kind force,
            @Nullable Map<String, Kind> parameters,
            @Nullable Map<String, Kind> monitors) {

        /**
         * The kind that a plan calls by its key.
         *
         * @throws IllegalArgumentException if the file has none under that key
         */
        Kind kind(String key) {
            Kind kind = switch (key) {
                case "parameter" -> parameter;
                case "hidden" -> hidden;
                default -> {
                    Kind learned = parameters == null ? null : parameters.get(key);
                    yield learned != null || monitors == null ? learned : monitors.get(key);
                }
            };
            if (kind == null) {
                throw new IllegalArgumentException("channels: the wiring needs a kind of channel '" + key
                        + "', as parameter, or under parameters or monitors");
            }
            return kind;
        }
    }

    /** A kind of channel. */
    record Kind(
            String name,
            String unit,
            double min,
            double max,
            double safe,
            @Nullable String chip,
            @Nullable Integer bits,
            @Nullable Potentiometer potentiometer,
            @Nullable Double compliance) {

        /** The same read with a converter. */
        Kind withBits(int others) {
            return new Kind(name, unit, min, max, safe, chip, others, potentiometer, compliance);
        }
    }

    /** A digital potentiometer wired as a variable resistor; codes below the lowest are not used, to limit the current. */
    record Potentiometer(double endToEndOhms, double wiperOhms, int codes, int lowestCode) {}

    /** How the parts are joined. */
    record Wiring(
            System system,
            @Nullable Double biasVolts,
            @Nullable Double nudgeOhms,
            @Nullable Flow flow,
            @Nullable Springs springs) {}

    /** A grid of pipes; nodes are numbered from 0, row by row. */
    record Flow(int rows, int columns, List<Integer> inputs, List<Integer> grounds, List<Integer> outputs) {}

    /**
     * A triangular lattice of springs in the plane, laid out where it rests undriven with every spring as given here; nodes are
     * numbered from 0, row by row, coordinates named by axis and node, such as {@code x7}.
     */
    record Springs(
            int rows,
            int columns,
            double spacingMetres,
            double stiffness,
            double lengthMetres,
            List<Integer> pinned,
            List<String> inputs,
            List<String> outputs,
            @Nullable Bath bath) {}

    /** The physics that the wiring makes. */
    enum System {
        /** Resistors between layers of nodes, hidden nodes with one diode to ground each, alternately up and down. */
        RESISTIVE,
        /** Units that add up what reaches them, hidden ones limited to 0 .. 1. */
        HOPFIELD,
        /** A grid of pipes between nodes that share a pressure. */
        FLOW,
        /** A lattice of springs in the plane. */
        SPRINGS
    }
}
