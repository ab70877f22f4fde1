package org.homeostat.run;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongFunction;
import org.homeostat.device.Ability;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Quality;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.learn.Cost;
import org.homeostat.learn.Example;
import org.homeostat.learn.Learner;
import org.homeostat.learn.Step;

/** A learner that notes what it is taught, and moves the first parameter by a thousandth a step. */
final class Pupil implements Learner {

    private final Cost cost = new Cost.SquaredError();
    private long steps;
    private int epochs;

    /** The first input of every lane, step by step. */
    final List<double[]> taught = new ArrayList<>();

    LongFunction<Quality> quality = step -> Quality.SETTLED;
    boolean forgetful;

    @Override
    public String name() {
        return "pupil";
    }

    @Override
    public Set<Ability> needs() {
        return EnumSet.noneOf(Ability.class);
    }

    @Override
    public Cost cost() {
        return cost;
    }

    @Override
    public Step step(Device device, Example example, Deadline deadline) {
        double[] row = new double[example.lanes()];
        for (int lane = 0; lane < row.length; lane++) {
            row[lane] = example.inputs().at(Role.INPUT, lane, 0);
        }
        taught.add(row);
        steps++;
        Response free = device.present(Stimulus.of(example.inputs()), deadline);
        double[] parameters = free.parameters();
        parameters[0] += 1e-3;
        device.present(Stimulus.of(example.inputs().and(Levels.of(Role.PARAMETER, parameters))), deadline);
        double[][] outputs = new double[example.lanes()][];
        double total = 0;
        for (int lane = 0; lane < outputs.length; lane++) {
            outputs[lane] = free.outputs(lane);
            total += cost.of(outputs[lane], example.targets()[lane]);
        }
        return new Step(total / outputs.length, outputs, parameters, quality.apply(steps), 2, steps % 3 != 0);
    }

    @Override
    public double[] rates(Descriptor card) {
        return new double[card.count(Role.PARAMETER)];
    }

    @Override
    public void epochEnded() {
        epochs++;
    }

    int epochs() {
        return epochs;
    }

    @Override
    public void save(DataOutput out) throws IOException {
        if (forgetful) {
            throw new IOException("no room for what it learned");
        }
        out.writeLong(steps);
        out.writeInt(epochs);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        steps = in.readLong();
        epochs = in.readInt();
    }
}
