package org.homeostat.pi;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Role;
import org.jspecify.annotations.Nullable;

/**
 * How a board hangs on the header of a Raspberry Pi: which channel sits on which chip, and what the pins are for. Pins are
 * GPIO numbers (BCM), not places on the connector.
 *
 * @param buses the buses that the chips are on
 * @param decoder the pins that carry the address of the SPI chip that is meant, lowest bit first, where more chips hang on a
 *     chip select than one; null where none do
 * @param load /LDAC of all DACs: their outputs change together while it is low
 * @param enable high while somebody is in charge; low, the board drives nothing
 * @param nudgeSwitches one pin for each nudge: high connects the output to its nudge, low to nothing that pulls
 * @param chips the chips
 */
public record Rig(
        List<Line> buses,
        @Nullable List<Integer> decoder,
        int load,
        int enable,
        List<Integer> nudgeSwitches,
        List<Placed> chips) {

    private static final int MOST_PINS = 28;

    /** Addresses below and above have other meanings on an I2C bus. */
    static final int LEAST_ADDRESS = 0x08;

    static final int MOST_ADDRESS = 0x77;

    /** The kinds of bus. */
    public enum Bus {
        SPI,
        I2C
    }

    /**
     * A bus.
     *
     * @param number as in {@code /dev/spidev0.0} or {@code /dev/i2c-1}
     * @param pins what it occupies, chip selects included
     */
    public record Line(Bus kind, int number, List<Integer> pins) {
        public Line {
            pins = List.copyOf(pins);
        }

        @Override
        public String toString() {
            return kind + " bus " + number;
        }
    }

    /**
     * A chip and its place.
     *
     * @param chip what it is
     * @param bus the number of its bus
     * @param select the chip select on an SPI bus, null for 0
     * @param decoded its address on the decoder, null where it has its chip select for itself
     * @param address its address on an I2C bus, as data sheets write it: {@code 0x48}
     * @param channels the board's channels that its own carry, from its first; fewer where some are not connected
     */
    public record Placed(
            Part chip,
            int bus,
            @Nullable Integer select,
            @Nullable Integer decoded,
            @Nullable String address,
            List<String> channels) {
        public Placed {
            channels = List.copyOf(channels);
            if (channels.isEmpty() || channels.size() > chip.channels()) {
                throw new IllegalArgumentException("channels: an " + chip + " carries 1 to " + chip.channels()
                        + " channels here, not " + channels.size());
            }
            boolean spi = chip.bus() == Bus.SPI;
            if (spi && address != null) {
                throw new IllegalArgumentException(
                        "address: an " + chip + " is on an SPI bus; expected select or decoded");
            }
            if (!spi && (select != null || decoded != null)) {
                throw new IllegalArgumentException((select != null ? "select" : "decoded") + ": an " + chip
                        + " is on an I2C bus; expected address");
            }
            if (!spi && address == null) {
                throw new IllegalArgumentException("an " + chip + " needs its address");
            }
            if (address != null) {
                int number = number(address);
                if (number < LEAST_ADDRESS || number > MOST_ADDRESS) {
                    throw new IllegalArgumentException(String.format(
                            Locale.ROOT,
                            "address: expected 0x%02x to 0x%02x, not %s",
                            LEAST_ADDRESS,
                            MOST_ADDRESS,
                            address));
                }
            }
            if (select != null && !(select >= 0 && select <= 2)) {
                throw new IllegalArgumentException("select: expected 0, 1 or 2, not " + select);
            }
        }

        private static int number(String address) {
            try {
                return Integer.decode(address);
            } catch (NumberFormatException e) {
                return -1;
            }
        }

        /** The address; -1 on an SPI bus. */
        int number() {
            return address == null ? -1 : number(address);
        }

        /** The chip select. */
        int selected() {
            return select == null ? 0 : select;
        }

        /** What and where it is, for people. */
        String described() {
            String where;
            if (address != null) {
                where = String.format(Locale.ROOT, "address 0x%02x on I2C bus %d", number(), bus);
            } else {
                where = "chip select " + selected() + " of SPI bus " + bus
                        + (decoded == null ? "" : ", decoder address " + decoded);
            }
            return "the " + chip + " of " + String.join(", ", channels) + " (" + where + ")";
        }
    }

    /** Where a channel sits: which of the chips, and which of that chip's own channels. */
    record Seat(int chip, int channel) {}

    public Rig {
        buses = List.copyOf(buses);
        decoder = decoder == null ? null : List.copyOf(decoder);
        nudgeSwitches = List.copyOf(nudgeSwitches);
        chips = List.copyOf(chips);
        requireApart(buses, decoder, load, enable, nudgeSwitches);
        requireReached(buses, decoder, chips);
    }

    /** No pin has two duties. */
    private static void requireApart(
            List<Line> buses, @Nullable List<Integer> decoder, int load, int enable, List<Integer> nudgeSwitches) {
        Map<Integer, String> duties = new HashMap<>();
        Set<String> lines = new HashSet<>();
        for (Line line : buses) {
            if (!lines.add(line.toString())) {
                throw new IllegalArgumentException("buses: " + line + " is listed twice");
            }
            line.pins().forEach(pin -> occupy(duties, pin, "buses", line.toString()));
        }
        for (int i = 0; decoder != null && i < decoder.size(); i++) {
            occupy(duties, decoder.get(i), "decoder", "bit " + i + " of the decoder address");
        }
        occupy(duties, load, "load", "load");
        occupy(duties, enable, "enable", "enable");
        for (int i = 0; i < nudgeSwitches.size(); i++) {
            occupy(duties, nudgeSwitches.get(i), "nudgeSwitches", "switch " + (i + 1) + " of the nudges");
        }
    }

    private static void occupy(Map<Integer, String> duties, int pin, String key, String duty) {
        if (pin < 0 || pin >= MOST_PINS) {
            throw new IllegalArgumentException(
                    key + ": the header has GPIO 0 to " + (MOST_PINS - 1) + ", and no GPIO " + pin);
        }
        String other = duties.putIfAbsent(pin, duty);
        if (other != null) {
            throw new IllegalArgumentException(key + ": GPIO " + pin + " cannot be both " + other + " and " + duty
                    + "; give one of them another pin");
        }
    }

    /** Every chip is on a bus that is there, and is spoken to alone. */
    private static void requireReached(List<Line> buses, @Nullable List<Integer> decoder, List<Placed> chips) {
        int addresses = decoder == null ? 0 : 1 << decoder.size();
        Map<String, Placed> places = new HashMap<>();
        Map<String, Placed> selects = new HashMap<>();
        Set<String> channels = new HashSet<>();
        for (Placed chip : chips) {
            if (buses.stream().noneMatch(line -> line.kind() == chip.chip().bus() && line.number() == chip.bus())) {
                throw new IllegalArgumentException("chips: " + chip.described() + " is on "
                        + chip.chip().bus() + " bus " + chip.bus() + ", which is not among the buses");
            }
            Integer decoded = chip.decoded();
            if (decoded != null && !(decoded >= 0 && decoded < addresses)) {
                throw new IllegalArgumentException("chips: " + chip.described() + ": a decoder of "
                        + (decoder == null ? 0 : decoder.size()) + " lines has no address " + decoded);
            }
            String bus = chip.chip().bus() + " " + chip.bus() + " ";
            String place = bus + (chip.address() != null ? chip.number() : chip.selected() + " " + decoded);
            Placed same = places.put(place, chip);
            if (same != null) {
                throw new IllegalArgumentException("chips: " + chip.described() + " answers at the same place as "
                        + same.described() + "; give one of them another");
            }
            // Behind a decoder or alone: what has a chip select for itself would answer together with those behind it.
            Placed first = selects.putIfAbsent(bus + chip.selected(), chip);
            if (first != null && chip.address() == null && (first.decoded() == null || decoded == null)) {
                throw new IllegalArgumentException("chips: " + chip.described() + " shares its chip select with "
                        + first.described() + "; give one of them another, or both a decoder address");
            }
            for (String channel : chip.channels()) {
                if (!channels.add(channel)) {
                    throw new IllegalArgumentException("chips: channel " + channel + " sits on two chips");
                }
            }
        }
    }

    /**
     * Where each channel of a card sits, in the order of the card.
     *
     * @throws IllegalArgumentException if a channel sits nowhere, or on a chip that is not for it
     */
    Map<Role, List<Seat>> seats(Descriptor card) {
        if (card.lanes() != 1) {
            throw new IllegalArgumentException("a board has one lane, not " + card.lanes());
        }
        Map<String, Seat> byName = new TreeMap<>();
        for (int i = 0; i < chips.size(); i++) {
            for (int k = 0; k < chips.get(i).channels().size(); k++) {
                byName.put(chips.get(i).channels().get(k), new Seat(i, k));
            }
        }
        Map<Role, List<Seat>> seats = new HashMap<>();
        for (Role role : Role.values()) {
            List<Seat> list = new ArrayList<>();
            for (Channel channel : card.channels(role)) {
                Seat seat = byName.remove(channel.name());
                if (seat == null) {
                    throw new IllegalArgumentException("chips: channel " + channel.name() + " of board " + card.board()
                            + " sits on no chip; list it under the one that carries it");
                }
                requireFit(channel, chips.get(seat.chip));
                list.add(seat);
            }
            seats.put(role, list);
        }
        if (!byName.isEmpty()) {
            throw new IllegalArgumentException("chips: board " + card.board() + " has no channel "
                    + byName.keySet().iterator().next());
        }
        if (nudgeSwitches.size() != card.count(Role.NUDGE)) {
            throw new IllegalArgumentException("nudgeSwitches: expected one pin for each of the "
                    + card.count(Role.NUDGE) + " nudges, not " + nudgeSwitches.size());
        }
        return seats;
    }

    private static void requireFit(Channel channel, Placed chip) {
        Part part = chip.chip();
        Part.Task task = switch (channel.role()) {
            case INPUT, NUDGE -> Part.Task.DRIVE;
            case OUTPUT, MONITOR -> Part.Task.READ;
            case PARAMETER -> Part.Task.RESIST;
            case KNOB, SOFTNESS, FORCE ->
                throw new IllegalArgumentException("chips: no chip is known here for channel " + channel.name()
                        + ", which is a " + channel.role());
        };
        if (part.task() != task) {
            throw new IllegalArgumentException("chips: channel " + channel.name() + ", which is an " + channel.role()
                    + ", sits on an " + part + "; an " + part + " is there to " + part.task());
        }
        if (channel.scale().codes() != part.codes()) {
            throw new IllegalArgumentException("chips: channel " + channel.name() + " has "
                    + channel.scale().codes() + " codes, but its " + part + " has " + part.codes()
                    + "; give it the bits, or the potentiometer, of that chip");
        }
        if (part == Part.ADS1115) {
            Ads1115.requireRange(channel);
        }
    }
}
