package org.homeostat.calibration;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.apache.commons.math3.stat.regression.SimpleRegression;
import org.homeostat.calibration.Calibration.Entry;
import org.homeostat.calibration.Calibrator.Care;
import org.homeostat.catalog.Catalog;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Role;
import org.homeostat.run.RunStore;
import org.homeostat.twin.Specimen;
import org.homeostat.twin.Specimen.Errors;
import org.homeostat.twin.TwinDevice;

/** Simulated boards whose errors are known here, and nowhere else. */
final class Specimens {

    private Specimens() {}

    /** One with hidden gains, offsets, bends, tolerances, drift and noise. */
    static TwinDevice bent(long seed) {
        return (TwinDevice) new Catalog(new RunStore(Path.of("runs")))
                .open("twin:resistor-array-v1?seed=" + seed)
                .device();
    }

    /** The same without bends. */
    static TwinDevice straight(long seed) {
        TwinDevice twin = bent(seed);
        Specimen specimen = twin.specimen();
        for (Role role : Specimen.CONVERTED) {
            for (int i = 0; i < twin.descriptor().count(role); i++) {
                Errors errors = specimen.errors(role, i);
                specimen = specimen.with(role, i, new Errors(errors.gain(), errors.offset(), 0, 0));
            }
        }
        twin.become(specimen);
        return twin;
    }

    static Care care(int points, int reads) {
        return new Care(points, reads, false, 1, () -> Deadline.NEVER);
    }

    /** What a meter at every wire knows: the truth, with noise of a fiftieth of a step. */
    static Map<String, Reference> metered(TwinDevice twin, long seed) {
        Descriptor card = twin.descriptor();
        SplittableRandom noise = new SplittableRandom(seed);
        Map<String, Reference> references = new LinkedHashMap<>();
        for (Role role : Specimen.CONVERTED) {
            for (Channel channel : card.channels(role)) {
                references.put(
                        channel.name(),
                        (asked, presented) -> twin.onWire(
                                        asked.role(),
                                        card.channels(asked.role()).indexOf(asked))
                                + 0.02 * asked.resolution() * noise.nextGaussian());
            }
        }
        return references;
    }

    /** The best straight line through a converter's true law, over the part of its range that was compared: gain, offset. */
    static double[] truth(TwinDevice twin, Channel channel, Entry entry) {
        Errors errors = twin.specimen()
                .errors(
                        channel.role(),
                        twin.descriptor().channels(channel.role()).indexOf(channel));
        if (errors.inl() == 0) {
            return new double[] {errors.gain(), errors.offset()};
        }
        double from = Objects.requireNonNull(entry.from());
        double to = Objects.requireNonNull(entry.to());
        SimpleRegression line = new SimpleRegression();
        for (int i = 0; i <= 2000; i++) {
            double level = from + (to - from) * i / 2000;
            double across = (level - channel.min()) / (channel.max() - channel.min());
            line.addData(
                    level,
                    errors.gain() * level
                            + errors.offset()
                            + errors.inl() * Math.sin(3 * Math.PI * across + errors.bow()));
        }
        return new double[] {line.getSlope(), line.getIntercept()};
    }
}
