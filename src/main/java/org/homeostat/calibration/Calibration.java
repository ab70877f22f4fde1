package org.homeostat.calibration;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Role;
import org.jspecify.annotations.Nullable;

/**
 * What was found out about one specimen of a board, channel by channel. Its file has the same keys.
 *
 * @param calibration the specimen's name
 * @param board the kind of board
 * @param card the digest of its card
 * @param device how it was reached
 * @param date when, ISO 8601 in UTC
 * @param conditions what the user said of them; may be empty
 * @param confidence how often the intervals hold the truth
 * @param reads how many readings were averaged into each level that was compared with a reference
 * @param exchanges how many exchanges it took
 * @param channels what was found, by the channel's name
 */
public record Calibration(
        String calibration,
        String board,
        String card,
        String device,
        String date,
        String conditions,
        double confidence,
        int reads,
        long exchanges,
        Map<String, Entry> channels) {

    /**
     * What was found out about one channel; null is what was not.
     *
     * <p>Of a channel that is read, {@code reading = offset + gain level + bend(level)}; of one that is imposed, {@code level =
     * offset + gain asked + bend(asked)}. Of a potentiometer the law holds for resistances, not for conductances: its offset is
     * in ohms, and it has no bend.
     *
     * @param role the channel's role
     * @param unit the unit of its levels
     * @param reference what knew the true level
     * @param gain a pure number
     * @param offset in the channel's unit
     * @param inl the largest distance from the straight line, in steps of the converter; in the unit where it has none
     * @param from the lowest level compared
     * @param to the highest level compared
     * @param points how many levels were compared
     * @param noise of one reading, rms, in the unit
     * @param settle how long it takes until a step has decayed to a ten-thousandth, in seconds
     * @param resolution the smallest distance between two readings, in the unit
     * @param bend distances from the straight line that are to be corrected too: pairs of a level and a distance, levels
     *     ascending
     */
    public record Entry(
            Role role,
            String unit,
            @Nullable String reference,
            @Nullable Estimate gain,
            @Nullable Estimate offset,
            @Nullable Double inl,
            @Nullable Double from,
            @Nullable Double to,
            @Nullable Integer points,
            @Nullable Estimate noise,
            @Nullable Estimate settle,
            @Nullable Double resolution,
            @Nullable List<List<Double>> bend) {

        public Entry {
            if ((gain == null) != (offset == null)) {
                throw new IllegalArgumentException(
                        (gain == null ? "gain" : "offset") + ": expected gain and offset together, or neither");
            }
            if (gain != null && !(gain.value() > 0)) {
                throw new IllegalArgumentException("gain: expected a number above 0, not " + gain.value());
            }
            if (bend != null) {
                List<List<Double>> copy = new ArrayList<>();
                for (List<Double> pair : bend) {
                    if (pair.size() != 2) {
                        throw new IllegalArgumentException("bend: expected pairs of a level and a distance");
                    }
                    if (!copy.isEmpty() && !(pair.getFirst() > copy.getLast().getFirst())) {
                        throw new IllegalArgumentException("bend: expected levels that ascend, not "
                                + copy.getLast().getFirst() + " and then " + pair.getFirst());
                    }
                    copy.add(List.copyOf(pair));
                }
                bend = List.copyOf(copy);
            }
        }

        /** Nothing known yet. */
        static Entry of(Channel channel) {
            return new Entry(
                    channel.role(), channel.unit(), null, null, null, null, null, null, null, null, null, null, null);
        }

        /** The same without the table of its bend. */
        public Entry straight() {
            return new Entry(
                    role, unit, reference, gain, offset, inl, from, to, points, noise, settle, resolution, null);
        }

        /** The same, with the name of what knew the true level. */
        public Entry by(@Nullable String name) {
            return new Entry(role, unit, name, gain, offset, inl, from, to, points, noise, settle, resolution, bend);
        }

        /** The same with what another found by reading alone. */
        public Entry reading(Entry other) {
            return reading(other.noise, other.settle, other.resolution);
        }

        /** The same with what was found by reading alone. */
        Entry reading(@Nullable Estimate ownNoise, @Nullable Estimate ownSettle, @Nullable Double ownResolution) {
            return new Entry(
                    role,
                    unit,
                    reference,
                    gain,
                    offset,
                    inl,
                    from,
                    to,
                    points,
                    ownNoise,
                    ownSettle,
                    ownResolution,
                    bend);
        }
    }

    public Calibration {
        if (!(confidence > 0 && confidence < 1)) {
            throw new IllegalArgumentException("confidence: expected a number between 0 and 1, not " + confidence);
        }
        channels = new LinkedHashMap<>(channels);
    }

    /**
     * Refuses a card that it is not about.
     *
     * @throws IllegalArgumentException with a sentence that says what does not fit
     */
    public void require(Descriptor descriptor) {
        if (!board.equals(descriptor.board()) || !card.equals(descriptor.digest())) {
            throw new IllegalArgumentException("calibration " + calibration + " is of a board " + board + " with card "
                    + card + ", and this is a " + descriptor.board() + " with card " + descriptor.digest()
                    + "; calibrate this one, or give the file that belongs to it");
        }
        Map<String, Channel> known = new LinkedHashMap<>();
        descriptor.allChannels().forEach(channel -> known.put(channel.name(), channel));
        channels.forEach((name, entry) -> {
            Channel channel = known.get(name);
            if (channel == null
                    || channel.role() != entry.role
                    || !channel.unit().equals(entry.unit)) {
                throw new IllegalArgumentException("calibration " + calibration + ": board " + board
                        + " has no channel " + name + " of role " + entry.role + " in " + entry.unit
                        + "; calibrate it anew");
            }
        });
    }
}
