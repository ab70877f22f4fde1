package org.homeostat.run;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Quality;
import org.homeostat.device.Response;
import org.homeostat.device.Restorable;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;

/** A device that answers with its inputs, keeps the parameters written to it, and remembers what it was asked. */
final class Slate implements Device, Restorable {

    private final Descriptor card;
    private double[] parameters;
    private int asked;
    final List<Stimulus> stimuli = new ArrayList<>();
    Quality quality = Quality.SETTLED;
    boolean closed;

    Slate(Descriptor card) {
        this.card = card;
        parameters = new double[card.count(Role.PARAMETER)];
    }

    @Override
    public Descriptor descriptor() {
        return card;
    }

    @Override
    public Response present(Stimulus stimulus, Deadline deadline) {
        card.accepted(stimulus);
        stimuli.add(stimulus);
        asked++;
        Levels levels = stimulus.levels();
        if (levels.has(Role.PARAMETER)) {
            parameters = levels.row(Role.PARAMETER);
        }
        double[][] outputs = new double[card.lanes()][card.count(Role.OUTPUT)];
        for (int lane = 0; lane < outputs.length; lane++) {
            for (int k = 0; k < outputs[lane].length && k < card.count(Role.INPUT); k++) {
                outputs[lane][k] = levels.has(Role.INPUT) ? levels.at(Role.INPUT, lane, k) : Double.NaN;
            }
        }
        return new Response(
                Levels.of(Role.OUTPUT, outputs).and(Levels.of(Role.PARAMETER, parameters)),
                Levels.NONE,
                1,
                asked,
                quality);
    }

    /** The first input of every lane, exchange by exchange. */
    List<double[]> inputs() {
        List<double[]> list = new ArrayList<>();
        for (Stimulus stimulus : stimuli) {
            double[] row = new double[card.lanes()];
            for (int lane = 0; lane < row.length; lane++) {
                row[lane] = stimulus.levels().at(Role.INPUT, lane, 0);
            }
            list.add(row);
        }
        return list;
    }

    double[] parameters() {
        return parameters.clone();
    }

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeInt(asked);
        for (double parameter : parameters) {
            out.writeDouble(parameter);
        }
    }

    @Override
    public void restore(DataInput in) throws IOException {
        asked = in.readInt();
        for (int k = 0; k < parameters.length; k++) {
            parameters[k] = in.readDouble();
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
