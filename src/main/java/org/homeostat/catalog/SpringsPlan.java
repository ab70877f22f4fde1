package org.homeostat.catalog;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.homeostat.catalog.BoardFile.Sizes;
import org.homeostat.catalog.BoardFile.Springs;
import org.homeostat.catalog.Plan.Group;
import org.homeostat.physics.Drive;
import org.homeostat.physics.Physics;
import org.homeostat.physics.Rest;
import org.homeostat.physics.ShakenSprings;
import org.homeostat.physics.SpringNetwork;

/**
 * A triangular lattice of springs in the plane. Stiffnesses are of kind {@code stiffness}, rest lengths of kind {@code
 * length}.
 *
 * <p>With springs shorter than their spacing the lattice draws itself together when it is let go. It is laid out where that
 * leaves it, so that displacements count from the undriven place.
 */
final class SpringsPlan {

    /** How closely the undriven place is found. */
    private static final double TOLERANCE = 1e-12;

    private static final Pattern COORDINATE = Pattern.compile("([xy])([0-9]{1,6})");

    private SpringsPlan() {}

    static Plan of(BoardFile file, Sizes sizes) {
        Springs wiring = file.wiring().springs();
        if (wiring == null) {
            throw new IllegalArgumentException("wiring.springs is missing");
        }
        FlowPlan.requireSizes(
                file, sizes, wiring.inputs().size(), wiring.outputs().size());
        double[][] places = spaced(wiring);
        SpringNetwork spaced = network(wiring, places);
        double[] theta = new double[spaced.parameters()];
        Arrays.fill(theta, 0, spaced.stiffnesses(), wiring.stiffness());
        Arrays.fill(theta, spaced.stiffnesses(), theta.length, wiring.lengthMetres());
        double[] state = new double[spaced.states()];
        Drive undriven =
                Drive.free(new double[wiring.inputs().size()], wiring.outputs().size());
        Rest rest = spaced.settle(theta, undriven, state, TOLERANCE);
        if (!rest.settled()) {
            throw new IllegalArgumentException("wiring.springs: the lattice does not come to rest: " + rest.remark());
        }
        for (int node = 0; node < places.length; node++) {
            int[] coordinates = spaced.coordinates(node);
            for (int axis = 0; axis < coordinates.length; axis++) {
                places[node][axis] += coordinates[axis] < 0 ? 0 : state[coordinates[axis]];
            }
        }
        SpringNetwork network = network(wiring, places);
        Physics physics = wiring.bath() == null ? network : new ShakenSprings(network, wiring.bath());
        int springs = network.stiffnesses();
        return new Plan(
                physics,
                List.of(
                        new Group("stiffness", file.channels().kind("stiffness").name(), springs),
                        new Group("length", file.channels().kind("length").name(), springs)),
                List.of(),
                new int[0],
                List.of());
    }

    private static double[][] spaced(Springs wiring) {
        if (wiring.rows() < 1 || wiring.columns() < 1) {
            throw new IllegalArgumentException("wiring.springs: a lattice has 1 row and column or more");
        }
        double[][] places = new double[wiring.rows() * wiring.columns()][];
        for (int node = 0; node < places.length; node++) {
            int row = node / wiring.columns();
            int column = node % wiring.columns();
            places[node] = new double[] {
                wiring.spacingMetres() * (column + 0.5 * (row % 2)), wiring.spacingMetres() * row * Math.sqrt(0.75)
            };
        }
        return places;
    }

    private static SpringNetwork network(Springs wiring, double[][] places) {
        SpringNetwork.Builder built = new SpringNetwork.Builder(2);
        for (double[] place : places) {
            var unused = built.node(place);
        }
        wiring.pinned().forEach(built::pin);
        for (String input : wiring.inputs()) {
            Matcher coordinate = coordinate(input);
            built.input(node(coordinate), axis(coordinate));
        }
        // A node that an input moves along one axis is guided along it.
        wiring.inputs().forEach(input -> built.pin(node(coordinate(input))));
        lay(wiring, built);
        for (String output : wiring.outputs()) {
            Matcher coordinate = coordinate(output);
            built.output(node(coordinate), axis(coordinate));
        }
        return built.build();
    }

    /** Row by row, node by node: to the right, then to the two neighbours in the row above, left one first. */
    private static void lay(Springs wiring, SpringNetwork.Builder built) {
        for (int row = 0; row < wiring.rows(); row++) {
            for (int column = 0; column < wiring.columns(); column++) {
                int here = row * wiring.columns() + column;
                int[] columns = {column + 1, column - 1 + row % 2, column + row % 2};
                for (int i = 0; i < columns.length; i++) {
                    int other = i == 0 ? row : row + 1;
                    if (other < wiring.rows() && columns[i] >= 0 && columns[i] < wiring.columns()) {
                        var unused = built.spring(here, other * wiring.columns() + columns[i]);
                    }
                }
            }
        }
    }

    private static Matcher coordinate(String name) {
        Matcher coordinate = COORDINATE.matcher(name);
        if (!coordinate.matches()) {
            throw new IllegalArgumentException(
                    "wiring.springs: expected an axis and a node, such as x7, not '" + name + "'");
        }
        return coordinate;
    }

    private static int axis(Matcher coordinate) {
        return coordinate.group(1).equals("x") ? 0 : 1;
    }

    private static int node(Matcher coordinate) {
        return Integer.parseInt(coordinate.group(2));
    }
}
