package org.homeostat.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.homeostat.catalog.BoardFile.Heat;
import org.homeostat.catalog.BoardFile.Sizes;
import org.homeostat.catalog.Plan.Group;
import org.homeostat.physics.FactoredOrnsteinUhlenbeck;
import org.homeostat.physics.FeedForwardNetwork;
import org.homeostat.physics.OrnsteinUhlenbeck;
import org.homeostat.physics.StochasticProcessingUnit;
import org.jspecify.annotations.Nullable;

/** Boards that reckon with heat: coupled cells, and the digital network that one of them helps to teach. */
final class ThermoPlan {

    private ThermoPlan() {}

    private static Heat heat(BoardFile file) {
        Heat heat = file.wiring().heat();
        if (heat == null) {
            throw new IllegalArgumentException("wiring.heat is missing");
        }
        return heat;
    }

    private static double required(@Nullable Double value, String key) {
        if (value == null) {
            throw new IllegalArgumentException("wiring.heat." + key + " is missing");
        }
        return value;
    }

    /** Hidden cells first, then those that are outputs; input i drives cell i. */
    static Plan overdamped(BoardFile file, Sizes sizes) {
        Heat heat = heat(file);
        int hidden = sizes.hiddenUnits();
        int cells = hidden + sizes.outputs();
        if (sizes.inputs() > cells) {
            throw new IllegalArgumentException(
                    "sizes: each input drives a cell, so that there are at most " + cells + ", not " + sizes.inputs());
        }
        boolean biased = Boolean.TRUE.equals(heat.biased());
        List<Group> parameters = new ArrayList<>(List.of(new Group("diagonal", "a", cells)));
        if (cells > 1) {
            parameters.add(new Group("coupling", "c", cells * (cells - 1) / 2));
        }
        if (biased) {
            parameters.add(new Group("bias", "b", cells));
        }
        return new Plan(
                new OrnsteinUhlenbeck(
                        cells,
                        IntStream.range(0, sizes.inputs()).toArray(),
                        IntStream.range(hidden, cells).toArray(),
                        biased,
                        required(heat.tauSeconds(), "tauSeconds"),
                        heat.level(),
                        heat.sampleSeconds()),
                parameters,
                hidden == 0 ? List.of() : List.of(new Group("hidden", "h", hidden)),
                IntStream.range(0, hidden).toArray(),
                List.of());
    }

    static Plan ringing(BoardFile file, Sizes sizes) {
        Heat heat = heat(file);
        int cells = sizes.outputs();
        if (sizes.inputs() != cells || sizes.hiddenUnits() != 0) {
            throw new IllegalArgumentException(
                    "sizes: each cell has one input and one output and none is hidden; expected as many inputs as outputs and "
                            + "hidden: []");
        }
        List<Group> parameters = new ArrayList<>(List.of(new Group("ground", "c", cells)));
        if (cells > 1) {
            parameters.add(new Group("between", "k", cells * (cells - 1) / 2));
        }
        return new Plan(
                new StochasticProcessingUnit(
                        cells,
                        required(heat.ohms(), "ohms"),
                        required(heat.henries(), "henries"),
                        heat.level(),
                        heat.sampleSeconds()),
                parameters,
                List.of(new Group("current", "i", cells)),
                IntStream.range(cells, 2 * cells).toArray(),
                List.of());
    }

    /** The hidden sizes are those of the arrays inside: how many samples, and how many rows each has. */
    static Plan factored(BoardFile file, Sizes sizes) {
        Heat heat = heat(file);
        if (sizes.inputs() != sizes.outputs() || sizes.hidden().size() != 2) {
            throw new IllegalArgumentException(
                    "sizes: expected as many inputs as outputs, and hidden: [samples, rows of each sample]");
        }
        int cells = sizes.outputs();
        int samples = sizes.hidden().get(0);
        int width = sizes.hidden().get(1);
        return new Plan(
                new FactoredOrnsteinUhlenbeck(
                        cells,
                        samples,
                        width,
                        required(heat.tauSeconds(), "tauSeconds"),
                        heat.level(),
                        heat.sampleSeconds()),
                List.of(
                        new Group("jacobian", "j", samples * width * cells),
                        new Group("curvature", "h", samples * width * (width + 1) / 2),
                        new Group("damping", "lambda", 1)),
                List.of(),
                new int[0],
                List.of());
    }

    static Plan digital(Sizes sizes) {
        List<Integer> layers = new ArrayList<>(List.of(sizes.inputs()));
        layers.addAll(sizes.hidden());
        layers.add(sizes.outputs());
        List<Group> parameters = new ArrayList<>();
        for (int l = 1; l < layers.size(); l++) {
            parameters.add(new Group("weight", "w" + l + ".", layers.get(l - 1) * layers.get(l)));
            parameters.add(new Group("bias", "b" + l + ".", layers.get(l)));
        }
        return new Plan(
                new FeedForwardNetwork(
                        layers.stream().mapToInt(Integer::intValue).toArray()),
                parameters,
                List.of(),
                new int[0],
                List.of());
    }
}
