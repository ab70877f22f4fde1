package org.homeostat.pi;

import com.pi4j.context.Context;
import com.pi4j.io.gpio.digital.DigitalOutput;
import com.pi4j.io.gpio.digital.DigitalState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Quality;
import org.homeostat.device.Quality.Verdict;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.homeostat.pi.Rig.Seat;
import org.jspecify.annotations.Nullable;

/**
 * A board made of converter chips on the buses of the Raspberry Pi that this runs on.
 *
 * <p>What is imposed reaches the chips first and the circuit with one edge of /LDAC; nudge switches are closed only while their
 * nudge pulls. The enable pin is high only while the device is open and healthy. It goes low first when the device is closed,
 * when a chip or a bus fails, and, half a second later at most, when the program is told to end; after a fault the device has to be
 * opened again. Nothing lowers it when the process is killed outright or the kernel stops: the board needs a pull-down, and a
 * watchdog of its own where that is not enough.
 *
 * <p>Parameters stay as they are on opening and on closing: what a board has learned it keeps.
 *
 * <p>Thread rule: one caller at a time, whom {@link #close}, from any thread, interrupts.
 */
public final class PiDevice implements Device {

    /** How long the run may take to leave its device in order when the program is told to end, as with a board's own watchdog. */
    private static final Duration GRACE = Duration.ofMillis(500);

    /** So often somebody who waits looks whether the device was closed. */
    private static final double LOOK_SECONDS = 0.05;

    private static final List<Role> DRIVEN = List.of(Role.INPUT, Role.NUDGE);
    private static final List<Role> READ = List.of(Role.OUTPUT, Role.MONITOR);

    /** A channel of the card on one of a chip's own. */
    private record Seated<C extends Chip>(Channel channel, Rig.Placed placed, C chip, int on) {}

    /** What differs between a Raspberry Pi and a test. */
    record Surroundings(Computer computer, IntFunction<Context> contexts, Clock clock, Duration grace) {
        static final Surroundings HERE = new Surroundings(Computer.THIS, Contexts.HERE, Clock.SYSTEM, GRACE);
    }

    private final String name;
    private final Descriptor card;
    private final Rig rig;
    private final Clock clock;
    private final Duration grace;
    private final Header header;
    private final List<Chip> chips = new ArrayList<>();
    private final Map<Role, List<Seated<Chip.Driving>>> drives = new EnumMap<>(Role.class);
    private final Map<Role, List<Seated<Chip.Reading>>> gauges = new EnumMap<>(Role.class);
    private final List<Seated<Chip.Resisting>> resistors = new ArrayList<>();
    private final List<DigitalOutput> switches = new ArrayList<>();
    private final DigitalOutput enable;
    private final DigitalOutput load;
    private final ReentrantLock busy = new ReentrantLock();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread hook = new Thread(this::ending, "enable pin");
    private final long openedNanos;

    /** What each DAC channel was told last, in codes. */
    private final Map<Role, int[]> told = new EnumMap<>(Role.class);

    /** The outputs last read without a nudge; null while there are none. */
    private double @Nullable [] free;

    private volatile boolean leaving;
    private volatile @Nullable String fault;

    private PiDevice(String name, Descriptor card, Rig rig, Surroundings around) {
        this.name = name;
        this.card = card;
        this.rig = rig;
        clock = around.clock();
        grace = around.grace();
        Map<Role, List<Seat>> seats = rig.seats(card);
        Header.require(name, around.computer(), rig);
        header = new Header(name, around.contexts());
        try {
            enable = header.output(rig.enable(), false);
            load = header.output(rig.load(), true);
            rig.nudgeSwitches().forEach(pin -> switches.add(header.output(pin, false)));
            header.decoder(Objects.requireNonNullElse(rig.decoder(), List.of()));
            for (Rig.Placed placed : rig.chips()) {
                chips.add(chip(placed));
            }
            seat(seats);
            awake();
        } catch (RuntimeException e) {
            header.close();
            throw e;
        }
        openedNanos = clock.nanos();
    }

    /**
     * Opens a board: looks whether every chip is there, puts its inputs at their safe levels, lets go of its nudges, and
     * enables it.
     *
     * @param name what the user calls it, such as {@code pi:resistor-array-pi-spi}
     * @throws IllegalArgumentException if the rig does not fit the card, before anything is touched
     * @throws DeviceException if it cannot be reached, with the remedy
     */
    public static PiDevice open(String name, Descriptor card, Rig rig) {
        return open(name, card, rig, Surroundings.HERE);
    }

    static PiDevice open(String name, Descriptor card, Rig rig, Surroundings around) {
        PiDevice device = new PiDevice(name, card, rig, around);
        try {
            Runtime.getRuntime().addShutdownHook(device.hook);
            device.enable.state(DigitalState.HIGH);
            return device;
        } catch (RuntimeException e) {
            device.close();
            throw device.broken(Fault.DISCONNECTED, "it cannot be enabled (" + e.getMessage() + ")", e);
        }
    }

    private Chip chip(Rig.Placed placed) {
        int used = placed.channels().size();
        return switch (placed.chip()) {
            case MCP3208 -> new Mcp3208(header.spi(placed), used);
            case MCP4922 -> new Mcp4922(header.spi(placed));
            case AD5206 -> new Ad5206(header.spi(placed));
            case MCP4261 -> new Mcp4261(header.spi(placed), used);
            case ADS1115 -> new Ads1115(header.i2c(placed), clock, gains(placed));
            case MCP4728 -> new Mcp4728(header.i2c(placed));
            case AD5272 -> new Ad5272(header.i2c(placed));
        };
    }

    /** The range of each input of an ADS1115, which is that of the channel on it. */
    private int[] gains(Rig.Placed placed) {
        Map<String, Double> lowest = card.allChannels().stream().collect(Collectors.toMap(Channel::name, Channel::min));
        return placed.channels().stream()
                .mapToInt(channel -> Ads1115.gain(Objects.requireNonNull(lowest.get(channel))))
                .toArray();
    }

    private void seat(Map<Role, List<Seat>> seats) {
        for (Role role : DRIVEN) {
            drives.put(role, seated(seats, role, Chip.Driving.class));
            int[] nothing = new int[card.count(role)];
            Arrays.fill(nothing, -1);
            told.put(role, nothing);
        }
        for (Role role : READ) {
            gauges.put(role, seated(seats, role, Chip.Reading.class));
        }
        resistors.addAll(seated(seats, Role.PARAMETER, Chip.Resisting.class));
    }

    private <C extends Chip> List<Seated<C>> seated(Map<Role, List<Seat>> seats, Role role, Class<C> kind) {
        List<Seated<C>> list = new ArrayList<>();
        List<Seat> ofRole = seats.getOrDefault(role, List.of());
        for (int i = 0; i < ofRole.size(); i++) {
            Seat seat = ofRole.get(i);
            list.add(new Seated<>(
                    card.channels(role).get(i),
                    rig.chips().get(seat.chip()),
                    kind.cast(chips.get(seat.chip())),
                    seat.channel()));
        }
        return list;
    }

    /** Looks at every chip, then puts inputs and nudges where they are safe. */
    private void awake() {
        for (int i = 0; i < chips.size(); i++) {
            check(rig.chips().get(i), chips.get(i));
        }
        rest();
    }

    private void check(Rig.Placed placed, Chip chip) {
        try {
            chip.check();
        } catch (WiringException e) {
            throw broken(Fault.DISCONNECTED, placed.described() + " " + e.getMessage(), e);
        } catch (SilentException e) {
            throw broken(
                    Fault.DISCONNECTED, placed.described() + " " + silence(placed, header.answering(placed.bus())), e);
        }
    }

    private static String silence(Rig.Placed placed, List<Integer> answering) {
        if (answering.isEmpty()) {
            return "does not answer, and nobody else does on that bus; look at the supply, and at SDA, SCL and their pull-ups";
        }
        if (answering.contains(placed.number())) {
            return "answers at its address, but refuses what it is told; look whether it is that chip, and at the pull-ups "
                    + "of SDA and SCL";
        }
        return "does not answer at its address, but somebody does at "
                + answering.stream()
                        .map(address -> String.format(Locale.ROOT, "0x%02x", address))
                        .collect(Collectors.joining(", "))
                + "; look at its supply, and at its address pins";
    }

    private DeviceException broken(Fault kind, String what, @Nullable Throwable cause) {
        String message = "device '" + name + "', board " + card.board() + ": " + what;
        return cause == null ? new DeviceException(kind, message) : new DeviceException(kind, message, cause);
    }

    @Override
    public Descriptor descriptor() {
        return card;
    }

    // Exchanges

    @Override
    public Response present(Stimulus stimulus, Deadline deadline) {
        return presentAll(List.of(stimulus), deadline).getFirst();
    }

    @Override
    public List<Response> presentAll(List<Stimulus> stimuli, Deadline deadline) {
        requireOpen();
        boolean read = free != null;
        double seconds = 0;
        for (Stimulus stimulus : stimuli) {
            card.accepted(stimulus);
            card.requireRead(stimulus.nudge(), read);
            read |= stimulus.nudge() instanceof Nudge.None;
            seconds += seconds(stimulus);
        }
        deadline.require(card.board());
        if (seconds > 1e-9 * nanos(deadline.remaining())) {
            throw broken(
                    Fault.TIMEOUT, "the exchange takes " + seconds + " s, longer than there is time; allow more", null);
        }
        List<Response> responses = new ArrayList<>(stimuli.size());
        busy.lock();
        try {
            for (Stimulus stimulus : stimuli) {
                responses.add(exchanged(stimulus, deadline));
            }
        } finally {
            busy.unlock();
        }
        return responses;
    }

    private static double nanos(Duration duration) {
        return duration.getSeconds() * 1e9 + duration.getNano();
    }

    /** How long an exchange takes at the least. */
    private double seconds(Stimulus stimulus) {
        double reading = 0;
        for (Role role : READ) {
            reading += gauges(role).stream()
                    .mapToDouble(gauge -> gauge.chip().seconds())
                    .sum();
        }
        return dwell(stimulus) + stimulus.settling().reads() * reading;
    }

    private double dwell(Stimulus stimulus) {
        return stimulus.settling() instanceof Settling.Dwell fixed ? fixed.dwellSeconds() : card.settleSeconds();
    }

    private Response exchanged(Stimulus stimulus, Deadline deadline) {
        requireOpen();
        try {
            impose(stimulus);
            settle(dwell(stimulus));
            Response response = read(stimulus, deadline);
            if (stimulus.nudge() instanceof Nudge.None) {
                free = response.outputs(0);
            }
            return response;
        } catch (DeviceException | IllegalArgumentException told) {
            throw told;
        } catch (RuntimeException e) {
            throw failed("a pin could not be moved (" + e.getMessage() + ")", e);
        }
    }

    /** What is said to a chip. */
    private interface Question {
        int answer();
    }

    private int ask(Seated<?> seated, Question question) {
        try {
            return question.answer();
        } catch (WiringException | SilentException e) {
            throw failed(seated.placed().described() + " " + e.getMessage(), e);
        }
    }

    private void tell(Seated<?> seated, Runnable command) {
        var unused = ask(seated, () -> {
            command.run();
            return 0;
        });
    }

    /** The enable pin goes first. */
    private DeviceException failed(String what, RuntimeException cause) {
        fault = what;
        disable();
        return broken(
                Fault.DISCONNECTED,
                what + "; the board was disabled: look at its wiring and supply, then open it again",
                cause);
    }

    private void requireOpen() {
        if (leaving) {
            throw broken(Fault.DISCONNECTED, "it is closed; open it again", null);
        }
        if (fault != null) {
            throw broken(Fault.DISCONNECTED, "it was disabled when " + fault + "; open it again", null);
        }
    }

    private List<Seated<Chip.Reading>> gauges(Role role) {
        return Objects.requireNonNull(gauges.get(role));
    }

    private List<Seated<Chip.Driving>> drives(Role role) {
        return Objects.requireNonNull(drives.get(role));
    }

    private int[] told(Role role) {
        return Objects.requireNonNull(told.get(role));
    }

    private void impose(Stimulus stimulus) {
        Levels levels = stimulus.levels();
        if (levels.has(Role.PARAMETER)) {
            int[] positions = levels.positions(Role.PARAMETER);
            for (int i = 0; i < levels.size(Role.PARAMETER); i++) {
                Seated<Chip.Resisting> one = resistors.get(positions == null ? i : positions[i]);
                int code = one.channel().scale().code(levels.at(Role.PARAMETER, 0, i));
                tell(one, () -> one.chip().set(one.on(), code));
            }
        }
        int[] inputs = told(Role.INPUT).clone();
        if (levels.has(Role.INPUT)) {
            int[] positions = levels.positions(Role.INPUT);
            for (int i = 0; i < levels.size(Role.INPUT); i++) {
                int index = positions == null ? i : positions[i];
                inputs[index] = drives(Role.INPUT).get(index).channel().scale().code(levels.at(Role.INPUT, 0, i));
            }
        }
        drive(inputs, pull(stimulus.nudge()));
    }

    /** The codes of the nudges. */
    private int[] pull(Nudge nudge) {
        int[] codes = safe(Role.NUDGE);
        Nudge.Force force = switch (nudge) {
            case Nudge.None none -> null;
            case Nudge.Force given -> given;
            case Nudge.Difference difference -> difference.from(new double[][] {Objects.requireNonNull(free)}, card);
            case Nudge.Coupling _, Nudge.Clamp _, Nudge.Ramp _ ->
                throw new IllegalStateException("no card here allows a nudge of this kind");
        };
        for (int k = 0; force != null && k < codes.length; k++) {
            codes[k] = drives(Role.NUDGE)
                    .get(k)
                    .channel()
                    .scale()
                    .code(force.levels().at(Role.NUDGE, 0, k));
        }
        return codes;
    }

    private int[] safe(Role role) {
        return drives(role).stream()
                .mapToInt(drive -> drive.channel().scale().code(drive.channel().safe()))
                .toArray();
    }

    /** Lets go of what no longer pulls, changes all that is driven at once, and connects what pulls. */
    private void drive(int[] inputs, int[] nudges) {
        int[] still = safe(Role.NUDGE);
        for (int k = 0; k < nudges.length; k++) {
            if (nudges[k] == still[k]) {
                move(switches.get(k), false);
            }
        }
        boolean changed = latch(Role.INPUT, inputs);
        changed |= latch(Role.NUDGE, nudges);
        if (changed) {
            load.state(DigitalState.LOW);
            load.state(DigitalState.HIGH);
        }
        for (int k = 0; k < nudges.length; k++) {
            if (nudges[k] != still[k]) {
                move(switches.get(k), true);
            }
        }
    }

    private boolean latch(Role role, int[] codes) {
        int[] before = told(role);
        boolean changed = false;
        for (int i = 0; i < codes.length; i++) {
            if (codes[i] != before[i]) {
                Seated<Chip.Driving> drive = drives(role).get(i);
                int code = codes[i];
                tell(drive, () -> drive.chip().latch(drive.on(), code));
                before[i] = codes[i];
                changed = true;
            }
        }
        return changed;
    }

    private static void move(DigitalOutput pin, boolean high) {
        DigitalState wanted = DigitalState.getState(high);
        if (pin.state() != wanted) {
            pin.state(wanted);
        }
    }

    private void settle(double seconds) {
        double left = seconds;
        while (left > 0) {
            double part = Math.min(left, LOOK_SECONDS);
            clock.pause(part);
            left -= part;
            requireOpen();
        }
    }

    private Response read(Stimulus stimulus, Deadline deadline) {
        int reads = stimulus.settling().reads();
        boolean early = dwell(stimulus) < card.settleSeconds();
        Quality quality = early
                ? new Quality(Verdict.UNSETTLED, "", "read before the settling time was over; dwell longer")
                : Quality.SETTLED;
        Levels levels = Levels.NONE;
        Levels errors = Levels.NONE;
        for (Role role : READ) {
            List<Seated<Chip.Reading>> list = gauges(role);
            if (list.isEmpty()) {
                continue;
            }
            double[] mean = new double[list.size()];
            double[] error = new double[list.size()];
            for (int i = 0; i < mean.length; i++) {
                Seated<Chip.Reading> gauge = list.get(i);
                Average average = averaged(gauge, reads, deadline);
                mean[i] = average.level(gauge.channel());
                error[i] = average.error(gauge.channel());
                if (average.clipped) {
                    quality = quality.worst(clipped(gauge.channel().name()));
                }
            }
            levels = levels.and(Levels.of(role, mean));
            if (reads > 1) {
                errors = errors.and(Levels.of(role, error));
            }
        }
        return new Response(levels, errors, reads, 1e-9 * (clock.nanos() - openedNanos), quality);
    }

    private static Quality clipped(String channel) {
        return new Quality(
                Verdict.CLIPPED,
                channel,
                "channel " + channel + " reads the end of its range; make the inputs or nudges smaller");
    }

    /** Several conversions of one channel, in codes, about the first of them. */
    private record Average(int first, double mean, double error, boolean clipped) {

        double level(Channel channel) {
            Scale.Linear scale = (Scale.Linear) channel.scale();
            return Math.clamp(scale.level(first) + scale.step() * mean, channel.min(), channel.max());
        }

        double error(Channel channel) {
            return ((Scale.Linear) channel.scale()).step() * error;
        }
    }

    private Average averaged(Seated<Chip.Reading> gauge, int reads, Deadline deadline) {
        int last = gauge.channel().scale().codes() - 1;
        int first = ask(gauge, () -> gauge.chip().read(gauge.on()));
        boolean clipped = first == 0 || first == last;
        double sum = 0;
        double squares = 0;
        for (int i = 1; i < reads; i++) {
            requireOpen();
            if (deadline.passed()) {
                throw broken(Fault.TIMEOUT, "there was no time for " + reads + " readings; allow more", null);
            }
            int code = ask(gauge, () -> gauge.chip().read(gauge.on()));
            clipped |= code == 0 || code == last;
            sum += code - first;
            squares += (double) (code - first) * (code - first);
        }
        double error = reads > 1 ? Math.sqrt(Math.max(0, squares - sum * sum / reads) / (reads - 1) / reads) : 0;
        return new Average(first, sum / reads, error, clipped);
    }

    // The end

    /** No nudge, inputs where they are safe. */
    private void rest() {
        for (DigitalOutput each : switches) {
            each.state(DigitalState.LOW);
        }
        drive(safe(Role.INPUT), safe(Role.NUDGE));
    }

    private void disable() {
        try {
            enable.state(DigitalState.LOW);
        } catch (RuntimeException e) {
            // What is left are the pull-down, and whoever is told of the fault.
            fault = "its enable pin could not be lowered (" + e.getMessage() + ")";
        }
    }

    /** The program ends: whoever is in charge may leave the device in order, but not for long. */
    private void ending() {
        try {
            if (closed.await(grace.toNanos(), TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        fault = "the program was told to end";
        disable();
    }

    /** What the shutdown hook does. */
    Runnable hook() {
        return this::ending;
    }

    /** Disables the board, puts its inputs at their safe levels, lets go of its nudges, and gives pins and buses back. */
    @Override
    public void close() {
        boolean first;
        synchronized (closed) {
            first = !leaving;
            leaving = true;
        }
        if (!first) {
            return;
        }
        disable();
        busy.lock();
        try {
            rest();
        } catch (RuntimeException e) {
            // Disabled it is; a chip that does not answer keeps its level.
            fault = String.valueOf(e.getMessage());
        } finally {
            header.close();
            busy.unlock();
            closed.countDown();
            forgetHook();
        }
    }

    private void forgetHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            // It runs already, and sees that the device is closed.
        }
    }
}
