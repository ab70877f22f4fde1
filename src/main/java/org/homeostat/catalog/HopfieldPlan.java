package org.homeostat.catalog;

import java.util.ArrayList;
import java.util.List;
import org.homeostat.catalog.BoardFile.Pictures;
import org.homeostat.catalog.BoardFile.Sizes;
import org.homeostat.catalog.Plan.Group;
import org.homeostat.physics.ConvolutionalHopfield;
import org.homeostat.physics.ConvolutionalHopfield.Convolution;
import org.homeostat.physics.ConvolutionalHopfield.Shape;
import org.homeostat.physics.HopfieldNetwork;
import org.homeostat.physics.HopfieldReadout;
import org.homeostat.physics.VectorField;
import org.jspecify.annotations.Nullable;

/**
 * Hopfield networks and their kin. Where the board names its kinds {@code weight} and {@code bias}, parameters are named by
 * layer ({@code w1.1}, {@code b1.1}, ...; {@code v2.1} for weights on the way back), so that each layer may have a rate of
 * its own.
 */
final class HopfieldPlan {

    private HopfieldPlan() {}

    static Plan of(BoardFile file, Sizes sizes) {
        int[] layers = sizes.layers();
        return switch (file.wiring().system()) {
            case HOPFIELD -> {
                HopfieldNetwork network = new HopfieldNetwork(layers);
                yield file.channels().parameters() == null
                        ? Plan.usual(file, sizes, network, List.of())
                        : shown(file, sizes, new Plan(network, dense(layers), List.of(), new int[0], List.of()));
            }
            case HOPFIELD_READOUT ->
                new Plan(new HopfieldReadout(layers), dense(layers), List.of(), new int[0], List.of());
            case VECTOR_FIELD -> {
                List<Group> groups = dense(layers);
                for (int layer = 2; layer < layers.length; layer++) {
                    groups.add(new Group("weight", "v" + layer + ".", layers[layer - 1] * layers[layer]));
                }
                yield new Plan(new VectorField(layers), groups, List.of(), new int[0], List.of());
            }
            case HOPFIELD_CONVOLUTIONAL -> convolutional(sizes, file.wiring().pictures());
            default ->
                throw new IllegalArgumentException("system " + file.wiring().system() + " is no Hopfield network");
        };
    }

    private static Plan shown(BoardFile file, Sizes sizes, Plan plan) {
        BoardFile.Kind hidden = file.channels().hidden();
        return hidden == null
                ? plan
                : new Plan(
                        plan.physics(),
                        plan.parameters(),
                        List.of(new Group("hidden", hidden.name(), sizes.hiddenUnits())),
                        java.util.stream.IntStream.range(0, sizes.hiddenUnits()).toArray(),
                        plan.laws());
    }

    private static List<Group> dense(int[] layers) {
        List<Group> groups = new ArrayList<>();
        for (int layer = 1; layer < layers.length; layer++) {
            groups.add(new Group("weight", "w" + layer + ".", layers[layer - 1] * layers[layer]));
            groups.add(new Group("bias", "b" + layer + ".", layers[layer]));
        }
        return groups;
    }

    private static Plan convolutional(Sizes sizes, @Nullable Pictures pictures) {
        if (pictures == null) {
            throw new IllegalArgumentException("wiring.pictures is missing");
        }
        int side = (int) Math.round(Math.sqrt((double) sizes.inputs() / pictures.colours()));
        if (side * side * pictures.colours() != sizes.inputs()) {
            throw new IllegalArgumentException(sizes.inputs() + " inputs are no square picture of " + pictures.colours()
                    + " colours; choose inputs such as 784, which is 28 x 28");
        }
        ConvolutionalHopfield network = new ConvolutionalHopfield(
                new Shape(side, side, pictures.colours()),
                sizes.hidden().stream()
                        .map(maps -> new Convolution(maps, pictures.kernel(), pictures.patch()))
                        .toList(),
                pictures.pooling(),
                sizes.outputs());
        List<Group> groups = new ArrayList<>();
        int[][] parts = network.parts();
        for (int layer = 0; layer < parts.length; layer++) {
            groups.add(new Group("weight", "w" + (layer + 1) + ".", parts[layer][0]));
            groups.add(new Group("bias", "b" + (layer + 1) + ".", parts[layer][1]));
        }
        return new Plan(network, groups, List.of(), new int[0], List.of());
    }
}
