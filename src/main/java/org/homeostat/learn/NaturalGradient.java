package org.homeostat.learn;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Set;
import org.homeostat.device.Ability;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Quality;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;

/**
 * Natural gradient descent for a digital layered network, its linear system solved by a thermodynamic device or on the host
 * (arXiv 2405.13817). The outputs are the device's own; their slopes are a model's, which the learner reckons at the same
 * parameters. A batch is as large as the device has lanes.
 */
public final class NaturalGradient implements Learner, AutoCloseable {

    /**
     * How to learn.
     *
     * @param name what it is called
     * @param damping lambda, added to the diagonal of the curvature
     * @param optimising how a move is made of the direction; with {@link Optimiser.Kind#SIGN} it is the paper's TNGD-Adam
     * @param settling how the network is read
     */
    public record Settings(String name, double damping, Optimiser.Settings optimising, Settling settling) {}

    private final Settings settings;
    private final Cost cost;
    private final Preconditioner preconditioner;
    private final Parameters parameters;

    public NaturalGradient(Settings settings, Cost cost, Preconditioner preconditioner) {
        if (!(settings.damping > 0)) {
            throw new IllegalArgumentException("damping: expected a number above 0, not " + settings.damping);
        }
        this.settings = settings;
        this.cost = cost;
        this.preconditioner = preconditioner;
        parameters = new Parameters(settings.optimising);
    }

    @Override
    public String name() {
        return settings.name;
    }

    @Override
    public Set<Ability> needs() {
        return EnumSet.of(Ability.WRITABLE_PARAMETERS);
    }

    @Override
    public Cost cost() {
        return cost;
    }

    @Override
    public void require(Descriptor card) {
        Learner.super.require(card);
        var unused = LayeredModel.of(card);
        var unusedCurvature =
                Curvature.of(cost, new double[card.count(Role.OUTPUT)], new double[card.count(Role.OUTPUT)]);
    }

    @Override
    public Step step(Device device, Example example, Deadline deadline) {
        Descriptor card = device.descriptor();
        LayeredModel model = LayeredModel.of(card);
        Response free = parameters.ask(device, example, settings.settling, deadline);

        int lanes = example.lanes();
        double[][] outputs = example.outputs(free);
        double[][] jacobian = new double[lanes * card.count(Role.OUTPUT)][];
        double[][][] blocks = new double[lanes][][];
        double[] gradient = new double[parameters.count()];
        double loss = 0;
        int row = 0;
        for (int lane = 0; lane < lanes; lane++) {
            double[] target = example.targets()[lane];
            loss += cost.of(outputs[lane], target) / lanes;
            double[] slopes = cost.gradient(outputs[lane], target);
            blocks[lane] = preconditioner.curved() ? Curvature.of(cost, outputs[lane], target) : new double[0][];
            double[][] shown = model.shown(parameters.theta(), example.inputs().row(Role.INPUT, lane));
            for (double[] slope : model.jacobian(parameters.theta(), shown)) {
                double factor = slopes[row % slopes.length] / lanes;
                for (int n = 0; n < gradient.length; n++) {
                    gradient[n] += factor * slope[n];
                }
                jacobian[row++] = slope;
            }
        }
        Preconditioner.Direction direction =
                preconditioner.direction(new Curvature(jacobian, blocks, settings.damping), gradient, deadline);
        Quality quality = free.quality().worst(direction.quality());
        if (!quality.held() || !quality.locked()) {
            return new Step(loss, outputs, parameters.theta().clone(), quality, 1 + direction.exchanges(), false);
        }
        parameters.move(direction.values(), card.channels(Role.PARAMETER));
        return new Step(loss, outputs, parameters.theta().clone(), quality, 1 + direction.exchanges(), true);
    }

    @Override
    public void moved() {
        parameters.forget();
    }

    @Override
    public double[] rates(Descriptor card) {
        return parameters.ratesOfCost(card);
    }

    @Override
    public void epochEnded() {
        parameters.epochEnded();
    }

    @Override
    public void save(DataOutput out) throws IOException {
        parameters.save(out);
        preconditioner.save(out);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        parameters.restore(in);
        preconditioner.restore(in);
    }

    /** Lets the solver go. */
    @Override
    public void close() {
        preconditioner.close();
    }
}
