package org.homeostat.app;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.homeostat.catalog.Catalog;
import org.homeostat.device.Device;
import org.homeostat.run.BadInput;
import org.homeostat.shadow.Divergence;
import org.homeostat.shadow.Divergence.Difference;
import org.homeostat.shadow.Divergence.OfChannel;
import org.homeostat.shadow.Regression;
import org.homeostat.shadow.Shadowed;
import org.jspecify.annotations.Nullable;

/** A twin in the shadow of the device that is taught, and what people are told of it. */
final class Shadow implements UnaryOperator<Device>, Shadowed.Watcher {

    private final String uri;
    private final Catalog catalog;
    private final Shared shared;
    private @Nullable Divergence divergence;
    private long nextSaid = 1;
    private String lost = "";

    /** @param uri of the twin */
    Shadow(String uri, Catalog catalog, Shared shared) {
        this.uri = uri;
        this.catalog = catalog;
        this.shared = shared;
    }

    @Override
    public Device apply(Device held) {
        Device twin = catalog.open(uri).device();
        try {
            Shadowed shadowed = new Shadowed(held, twin, Regression.usual(held), this);
            divergence = shadowed.divergence();
            return shadowed;
        } catch (IllegalArgumentException unlike) {
            twin.close();
            throw new BadInput("--shadow: " + unlike.getMessage(), unlike);
        }
    }

    /** Says the first, the tenth, the hundredth, so that a board that is another does not fill the screen. */
    @Override
    public void diverged(Difference difference) {
        long differing = Objects.requireNonNull(divergence).differing();
        if (differing == nextSaid) {
            nextSaid *= 10;
            shared.say("Board and shadow differ in exchange " + difference.exchange() + " (the "
                    + (differing == 1 ? "first" : differing + "th") + " that does): " + difference.words());
        }
    }

    @Override
    public void lost(String why) {
        lost = why;
        shared.complain(why);
    }

    /** How far they lay apart. */
    String line() {
        Divergence known = Objects.requireNonNull(divergence);
        String furthest = furthest(known)
                .map(one -> String.format(
                        Locale.ROOT,
                        "; furthest %s: %.3g %s rms, %.3g at most, in exchange %d",
                        one.channel().name(),
                        one.rms(),
                        one.channel().unit(),
                        one.worst(),
                        one.worstAt()))
                .orElse("");
        return "  shadow " + uri + ": " + known.differing() + " of " + known.exchanges()
                + " exchanges differ by more than is allowed" + furthest + (lost.isEmpty() ? "" : "; " + lost);
    }

    Map<String, Object> json() {
        Divergence known = Objects.requireNonNull(divergence);
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("device", uri);
        object.put("exchanges", known.exchanges());
        object.put("differing", known.differing());
        object.put("channels", Regress.channels(known));
        object.put("lost", lost);
        return object;
    }

    /** The channel that is furthest away, in parts of its range. */
    private static Optional<OfChannel> furthest(Divergence divergence) {
        return divergence.channels().stream()
                .filter(one -> one.worst() > 0)
                .max(Comparator.comparingDouble(
                        one -> one.rms() / (one.channel().max() - one.channel().min())));
    }
}
