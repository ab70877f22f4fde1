package org.homeostat.pi;

import com.pi4j.Pi4J;
import com.pi4j.context.Context;
import com.pi4j.exception.Pi4JException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Role;
import org.homeostat.physics.Physics;
import org.jspecify.annotations.Nullable;

/**
 * A Raspberry Pi with a board of chips on its header, behind providers of Pi4J's that are ours: whatever is asked of the board goes
 * through Pi4J's own types. One specimen of the chips and of the circuit, drawn from a seed; time is virtual. This is emulation.
 */
public final class ScriptedPi implements AutoCloseable {

    /** What the operating system adds to a transfer, roughly. */
    private static final long OVERHEAD_NANOS = 15_000;

    private static final int I2C_HERTZ = 400_000;

    /** A channel of the card on one of a chip's own. */
    record Site(Role role, int index) {}

    private final Descriptor card;
    private final Rig rig;
    private final Specimen specimen;
    private final VirtualClock clock = new VirtualClock();
    private long advanced = clock.nanos();
    private final Map<Flag, Long> flags = new EnumMap<>(Flag.class);
    private final Map<Integer, Boolean> pins = new HashMap<>();
    private final Map<Integer, Context> contexts = new HashMap<>();

    /** The chips by the first channel that they carry. */
    private final Map<String, Model> models = new LinkedHashMap<>();

    /** Which chip answers where; some may have been moved. */
    private final Map<String, Model> places = new HashMap<>();

    private final Set<Integer> held = new HashSet<>();
    private int miso = -1;
    private int seized = -1;
    private @Nullable String broken;
    private long frames;

    /** What happened, in order, once somebody cares. */
    private @Nullable List<String> log;

    String model = "Raspberry Pi 4 Model B Rev 1.5";
    final Set<String> missing = new HashSet<>();
    final Set<String> forbidden = new HashSet<>();

    /**
     * @param physics what the wiring makes
     * @param seed which specimen
     */
    public ScriptedPi(Descriptor card, Rig rig, Physics physics, long seed) {
        this.card = card;
        this.rig = rig;
        SplittableRandom draw = new SplittableRandom(seed);
        specimen = new Specimen(card, physics, draw.nextLong());
        for (Rig.Placed placed : rig.chips()) {
            List<Site> sites = placed.channels().stream().map(this::site).toList();
            Model chip = Model.of(placed, this, sites, draw.split());
            models.put(placed.channels().getFirst(), chip);
            places.put(place(placed), chip);
        }
    }

    private Site site(String channel) {
        for (Role role : Role.values()) {
            for (int i = 0; i < card.count(role); i++) {
                if (card.channels(role).get(i).name().equals(channel)) {
                    return new Site(role, i);
                }
            }
        }
        throw new IllegalArgumentException(channel);
    }

    private static String place(Rig.Placed placed) {
        return placed.address() != null
                ? "i2c " + placed.bus() + " " + placed.number()
                : "spi " + placed.bus() + " " + placed.selected() + " " + placed.decoded();
    }

    /** Opens the board as {@code pi:NAME} does on a Raspberry Pi. */
    public Device open() {
        return open(rig);
    }

    Device open(Rig other) {
        return PiDevice.open("pi:" + card.board(), card, other, surroundings(Duration.ofSeconds(10)));
    }

    PiDevice.Surroundings surroundings(Duration grace) {
        Computer computer = new Computer() {
            @Override
            public String model() {
                return model;
            }

            @Override
            public boolean has(String file) {
                return !missing.contains(file);
            }

            @Override
            public boolean lets(String file) {
                return !forbidden.contains(file);
            }
        };
        return new PiDevice.Surroundings(computer, this::context, clock, grace);
    }

    private Context context(int bus) {
        return contexts.computeIfAbsent(
                bus,
                number -> Pi4J.newContextBuilder()
                        .noAutoDetect()
                        .add(
                                new ScriptedSpi.Provider(this),
                                new ScriptedI2c.Provider(this),
                                new ScriptedPin.Provider(this))
                        .build());
    }

    Context context() {
        return context(0);
    }

    VirtualClock clock() {
        return clock;
    }

    Specimen specimen() {
        return specimen;
    }

    /** How often each limit of a data sheet was broken; those that never were are not listed. */
    public Map<Flag, Long> flags() {
        return flags;
    }

    /** How many frames and messages the chips took. */
    public long frames() {
        return frames;
    }

    void flag(Flag flag, boolean raised) {
        if (raised) {
            flags.merge(flag, 1L, Long::sum);
        }
    }

    /** The chip whose first channel this is. */
    Model chip(String channel) {
        return Objects.requireNonNull(models.get(channel));
    }

    // What goes wrong

    /** Takes a chip out. */
    void remove(String channel) {
        places.values().remove(chip(channel));
    }

    /** Puts a chip elsewhere. */
    void move(String channel, int bus, int address) {
        remove(channel);
        places.put("i2c " + bus + " " + address, chip(channel));
    }

    /** Ties MISO to a level: 0x00 or 0xff. */
    void stick(int level) {
        miso = level;
    }

    void deafen(String channel) {
        chip(channel).deaf = true;
    }

    void refuse(String channel) {
        chip(channel).refusing = true;
    }

    /** Another program takes a pin. */
    void hold(int pin) {
        held.add(pin);
    }

    /** From now on transfers fail as they do when the bus does. */
    void fail(@Nullable String why) {
        broken = why;
    }

    /** A pin cannot be raised any more. */
    void seize(int pin) {
        seized = pin;
    }

    boolean heldByAnother(int pin) {
        return held.contains(pin);
    }

    /** Writes down what happens from now on. */
    List<String> logged() {
        log = new ArrayList<>();
        return log;
    }

    private void note(String what) {
        if (log != null) {
            log.add(what);
        }
    }

    /** What an SPI bus shows when nobody drives it. */
    int floating() {
        return 0xff;
    }

    // What the buses and pins do

    byte[] exchange(int bus, int select, int mode, int hertz, byte[] frame) {
        refuse();
        frames++;
        int decoded = 0;
        List<Integer> lines = rig.decoder() == null ? List.of() : rig.decoder();
        for (int line = 0; line < lines.size(); line++) {
            decoded |= pins.getOrDefault(lines.get(line), false) ? 1 << line : 0;
        }
        Model alone = places.get("spi " + bus + " " + select + " null");
        Model chip = alone != null ? alone : places.get("spi " + bus + " " + select + " " + decoded);
        flag(Flag.MODE, mode != 0);
        long start = clock.nanos();
        byte[] answer;
        if (chip == null) {
            flag(Flag.NOBODY, true);
            answer = Model.silence(frame.length, floating());
        } else {
            answer = chip.frame(frame, start, hertz);
        }
        note("spi " + (chip == null ? "nobody" : decoded));
        clock.advance(Math.round(8e9 * frame.length / hertz) + OVERHEAD_NANOS);
        return miso < 0 ? answer : Model.silence(frame.length, miso);
    }

    private Model acknowledged(int bus, int address) {
        Model chip = places.get("i2c " + bus + " " + address);
        if (chip == null) {
            clock.advance(OVERHEAD_NANOS);
            throw new Pi4JException("Failed to execute action for device " + address + " on bus " + bus);
        }
        return chip;
    }

    void write(int bus, int address, byte[] bytes) {
        refuse();
        Model chip = acknowledged(bus, address);
        if (chip.refusing) {
            throw new Pi4JException("Failed to execute action for device " + address + " on bus " + bus);
        }
        frames++;
        clock.advance(9L * (bytes.length + 1) * 1_000_000_000 / I2C_HERTZ + OVERHEAD_NANOS);
        chip.written(bytes, clock.nanos());
        note("i2c write " + address);
    }

    byte[] read(int bus, int address, int count) {
        refuse();
        Model chip = acknowledged(bus, address);
        frames++;
        byte[] bytes = chip.read(count, clock.nanos());
        clock.advance(9L * (count + 1) * 1_000_000_000 / I2C_HERTZ + OVERHEAD_NANOS);
        return bytes;
    }

    private void refuse() {
        if (broken != null) {
            throw new Pi4JException(broken);
        }
    }

    void pin(int pin, boolean high) {
        if (pin == seized && high) {
            throw new Pi4JException("Operation not permitted");
        }
        Boolean before = pins.put(pin, high);
        if (before != null && before == high) {
            return;
        }
        note("gpio " + pin + (high ? " high" : " low"));
        advance(clock.nanos());
        if (pin == rig.enable()) {
            specimen.enable(high);
        } else if (pin == rig.load() && !high) {
            models.values().forEach(Model::load);
        } else if (rig.nudgeSwitches().contains(pin)) {
            specimen.connect(rig.nudgeSwitches().indexOf(pin), high);
        }
    }

    boolean high(int pin) {
        return pins.getOrDefault(pin, false);
    }

    // What the chips do to the circuit

    void advance(long nanos) {
        if (nanos > advanced) {
            specimen.advance(1e-9 * (nanos - advanced));
            advanced = nanos;
        }
    }

    double volts(Site site, double noiseVolts) {
        return specimen.volts(site.role(), site.index(), noiseVolts);
    }

    void drive(Site site, double volts) {
        advance(clock.nanos());
        if (site.role() == Role.INPUT) {
            specimen.input(site.index(), volts);
        } else {
            specimen.nudge(site.index(), volts);
        }
    }

    void resist(Site site, double ohms) {
        specimen.resistor(site.index(), ohms);
    }

    @Override
    public void close() {
        contexts.values().forEach(Context::shutdown);
        contexts.clear();
    }
}
