package org.homeostat.twin;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;

/**
 * One specimen of a board: how far each of its parts strays from the drawing.
 *
 * @param errors the errors of each converter, one a channel, for the roles INPUT, NUDGE, OUTPUT and MONITOR
 * @param elements a factor on each element's value: on the end-to-end resistance of a potentiometer, on the level of others
 * @param wipers a factor on each potentiometer's wiper resistance
 * @param drifts the relative change of each element in an hour
 * @param readNoise noise of each single reading of an output or a monitor, in the channel's unit, rms
 * @param readbackNoise noise of each single reading of a parameter's position, in the parameter's unit, rms
 * @param noiseSeed draws the noise
 */
public record Specimen(
        Map<Role, List<Errors>> errors,
        double[] elements,
        double[] wipers,
        double[] drifts,
        double readNoise,
        double readbackNoise,
        long noiseSeed) {

    /** The roles whose channels have converters with errors. */
    public static final List<Role> CONVERTED = List.of(Role.INPUT, Role.NUDGE, Role.OUTPUT, Role.MONITOR);

    /**
     * What is wrong with one converter: it makes {@code value gain + offset + inl sin(3 pi across + bow)} of a value, where
     * {@code across} goes from 0 to 1 over the channel's range.
     *
     * @param gain what it multiplies by
     * @param offset what it adds, in the channel's unit
     * @param inl its bend at the worst, in the channel's unit
     * @param bow where the bend begins, in radians
     */
    public record Errors(double gain, double offset, double inl, double bow) {
        /** A converter exactly as drawn. */
        public static final Errors NONE = new Errors(1, 0, 0, 0);
    }

    public Specimen {
        Map<Role, List<Errors>> all = new EnumMap<>(Role.class);
        for (Role role : CONVERTED) {
            all.put(role, List.copyOf(errors.getOrDefault(role, List.of())));
        }
        errors = all;
        for (double factor : elements) {
            if (!(factor > 0) || Double.isInfinite(factor)) {
                throw new IllegalArgumentException("elements: expected factors above 0, not " + factor);
            }
        }
        for (double factor : wipers) {
            if (!(factor > 0) || Double.isInfinite(factor)) {
                throw new IllegalArgumentException("wipers: expected factors above 0, not " + factor);
            }
        }
        if (!(readNoise >= 0) || !(readbackNoise >= 0) || Double.isInfinite(readNoise + readbackNoise)) {
            throw new IllegalArgumentException("readNoise: expected 0 or more, not " + readNoise);
        }
    }

    /** Draws a specimen. The same card, spread and seed draw the same one. */
    public static Specimen drawn(Descriptor card, Imperfections spread, long seed) {
        SplittableRandom draw = new SplittableRandom(seed);
        Map<Role, List<Errors>> errors = new EnumMap<>(Role.class);
        for (Role role : CONVERTED) {
            SplittableRandom own = draw.split();
            List<Errors> list = new ArrayList<>();
            card.channels(role).forEach(channel -> list.add(drawn(channel, spread, own)));
            errors.put(role, list);
        }
        int count = card.count(Role.PARAMETER);
        double[] elements = new double[count];
        double[] wipers = new double[count];
        double[] drifts = new double[count];
        Arrays.fill(elements, 1);
        Arrays.fill(wipers, 1);
        if (!card.can(Ability.PLASTICITY) && !card.can(Ability.COMPLIANCE)) {
            SplittableRandom own = draw.split();
            for (int k = 0; k < count; k++) {
                elements[k] = 1 + spread.elementTolerance() * (2 * own.nextDouble() - 1);
                wipers[k] = 1 + spread.wiperSpread() * (2 * own.nextDouble() - 1);
                drifts[k] = spread.driftPerHour() * own.nextGaussian();
            }
        }
        for (Channel channel : card.channels(Role.PARAMETER)) {
            // Positions are read without errors. They have their turn all the same, so that the noise stays what it
            // was.
            var unused = drawn(channel, spread, draw);
        }
        return new Specimen(
                errors, elements, wipers, drifts, spread.readNoise(), spread.readbackNoise(), draw.nextLong());
    }

    private static Errors drawn(Channel channel, Imperfections spread, SplittableRandom draw) {
        double gain = draw.nextGaussian();
        double offset = draw.nextGaussian();
        double inl = 2 * draw.nextDouble() - 1;
        double bow = 2 * Math.PI * draw.nextDouble();
        // A channel without a converter has none of its errors.
        return channel.scale() instanceof Scale.Linear linear
                ? new Errors(
                        1 + spread.converterGain() * gain,
                        spread.converterOffsetCodes() * linear.step() * offset,
                        spread.converterInlCodes() * linear.step() * inl,
                        bow)
                : new Errors(1, 0, 0, bow);
    }

    /** The errors of a channel's converter. */
    public Errors errors(Role role, int index) {
        return errors.getOrDefault(role, List.of()).get(index);
    }

    /** The same with other errors of one channel's converter. */
    public Specimen with(Role role, int index, Errors other) {
        Map<Role, List<Errors>> changed = new EnumMap<>(errors);
        List<Errors> list = new ArrayList<>(errors.getOrDefault(role, List.of()));
        list.set(index, other);
        changed.put(role, list);
        return new Specimen(changed, elements, wipers, drifts, readNoise, readbackNoise, noiseSeed);
    }

    /** The same with other elements and wipers. */
    public Specimen with(double[] otherElements, double[] otherWipers) {
        return new Specimen(errors, otherElements, otherWipers, drifts, readNoise, readbackNoise, noiseSeed);
    }

    /** The same read with another noise. */
    public Specimen reading(double noise) {
        return new Specimen(errors, elements, wipers, drifts, noise, readbackNoise, noiseSeed);
    }
}
