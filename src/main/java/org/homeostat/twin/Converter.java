package org.homeostat.twin;

import org.homeostat.device.Channel;
import org.homeostat.device.Scale;
import org.homeostat.twin.Specimen.Errors;

/** One specimen's converter on one channel: what a DAC really puts out, what an ADC really reports. */
final class Converter {

    private final Channel channel;
    private final double step;
    private final Errors errors;

    /** A channel without a converter has none of its errors. */
    Converter(Channel channel, Errors errors) {
        this.channel = channel;
        this.errors = errors;
        step = channel.scale() instanceof Scale.Linear linear ? linear.step() : 0;
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

    /** A value with this specimen's errors, before it is rounded to a code. */
    double distorted(double value) {
        if (step == 0) {
            return value;
        }
        // Integral nonlinearity is a slow bend over the whole range; one and a half periods of a sine stand for it.
        double across = (value - channel.min()) / (channel.max() - channel.min());
        return value * errors.gain() + errors.offset() + errors.inl() * Math.sin(3 * Math.PI * across + errors.bow());
    }
}
