package org.homeostat.contracts;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.homeostat.catalog.Catalog;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.run.RunStore;

/** Devices opened by their URI, as anybody opens them. */
final class Opened {

    private Opened() {}

    static Catalog.Opened bare(String uri, Path runs) {
        return new Catalog(new RunStore(runs)).open(uri);
    }

    /** Writes parameters and leaves the inputs at their safe levels. */
    static Device started(Device device, double[] parameters) {
        Levels start = device.descriptor().safe().levels().and(Levels.of(Role.PARAMETER, parameters));
        device.present(Stimulus.of(start), Deadline.NEVER);
        return device;
    }

    /** Parameters each of which is one of two levels, drawn from a seed. */
    static double[] mixed(Descriptor card, double low, double high, int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] parameters = new double[card.count(Role.PARAMETER)];
        Arrays.setAll(parameters, k -> random.nextInt(3) > 0 ? low : high);
        return parameters;
    }
}
