package org.homeostat.twin;

import java.util.random.RandomGenerator;
import org.homeostat.device.Channel;
import org.homeostat.device.Scale;

/** One specimen's converter on one channel: what a DAC really puts out, what an ADC really reports. */
final class Converter {

    private final Channel channel;
    private final double step;
    private final double gain;
    private final double offset;
    private final double inl;
    private final double bow;

    /** Draws a specimen. A channel without a converter has none of its errors. */
    Converter(Channel channel, Imperfections spread, RandomGenerator draw) {
        this.channel = channel;
        step = channel.scale() instanceof Scale.Linear linear ? linear.step() : 0;
        double gainDrawn = draw.nextGaussian();
        double offsetDrawn = draw.nextGaussian();
        double inlDrawn = 2 * draw.nextDouble() - 1;
        bow = 2 * Math.PI * draw.nextDouble();
        boolean real = step > 0;
        gain = real ? 1 + spread.converterGain() * gainDrawn : 1;
        offset = spread.converterOffsetCodes() * step * offsetDrawn;
        inl = spread.converterInlCodes() * step * inlDrawn;
    }

    /** The level that really appears when {@code level} is imposed: the nearest code, with this specimen's errors. */
    double putOut(double level) {
        return distorted(channel.scale().quantised(level));
    }

    /** The level reported for a true value with some noise on it: one conversion. */
    double convert(double value, double noise) {
        return Math.clamp(channel.scale().quantised(distorted(value) + noise), channel.min(), channel.max());
    }

    /** True if a level sits at an end of the converter's range. */
    boolean atEnd(double level) {
        return level <= channel.min() || level >= channel.max() - 0.5 * step;
    }

    private double distorted(double value) {
        if (step == 0) {
            return value;
        }
        // Integral nonlinearity is a slow bend over the whole range; one and a half periods of a sine stand for it.
        double across = (value - channel.min()) / (channel.max() - channel.min());
        return value * gain + offset + inl * Math.sin(3 * Math.PI * across + bow);
    }
}
