package org.homeostat.app;

import java.util.SplittableRandom;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Levels;
import org.homeostat.device.Role;
import org.homeostat.learn.Example;
import org.homeostat.run.Teaching;

/** A place at which a device is measured: one random question, and random parameters. */
final class Trial {

    private Trial() {}

    /** A random input and target, scaled as the board is taught. */
    static Example example(Descriptor card, Teaching teaching, SplittableRandom draw) {
        double[][] inputs = new double[card.lanes()][];
        double[][] targets = new double[card.lanes()][card.count(Role.OUTPUT)];
        for (int lane = 0; lane < inputs.length; lane++) {
            inputs[lane] = card.channels(Role.INPUT).stream()
                    .mapToDouble(channel ->
                            Math.clamp(teaching.amplitude() * draw.nextGaussian(), channel.min(), channel.max()))
                    .toArray();
            for (int k = 0; k < targets[lane].length; k++) {
                targets[lane][k] = teaching.swing() * (draw.nextDouble() - 0.5);
            }
        }
        Levels imposed = Levels.of(Role.INPUT, inputs);
        return new Example(
                card.count(Role.SOFTNESS) == 0 ? imposed : imposed.and(Levels.of(Role.SOFTNESS, teaching.softness())),
                targets);
    }

    /** Random parameters, away from the ends of their ranges, where a parameter can only go one way. */
    static double[] start(Descriptor card, Teaching teaching, SplittableRandom draw) {
        return card.channels(Role.PARAMETER).stream()
                .mapToDouble(channel -> {
                    Teaching.Range range = teaching.start(channel);
                    double width = range.highest() - range.lowest();
                    return middle(channel, range.lowest() + width * (0.1 + 0.8 * draw.nextDouble()));
                })
                .toArray();
    }

    private static double middle(Channel channel, double level) {
        double margin = 0.01 * (channel.max() - channel.min());
        return Math.clamp(level, channel.min() + margin, channel.max() - margin);
    }
}
