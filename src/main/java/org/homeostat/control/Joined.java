package org.homeostat.control;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.homeostat.device.Ability;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Quality;
import org.homeostat.device.Response;
import org.homeostat.device.Restorable;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.jspecify.annotations.Nullable;

/**
 * Several boards of one kind as one device: its lanes are theirs, one behind the other, and all are given the same
 * parameters. Whatever averages over lanes so averages over boards: a learner takes one step from the mean of what they
 * show, and nothing in it knows of them.
 *
 * <p>All boards are asked at once, each in a thread of its own, and all are waited for. What lanes share and is read back is
 * the mean over the boards; the device's time is the longest of theirs, its quality the worst, with the name of the board.
 *
 * <p>Where some boards fail, the exchange has failed with the name of the first of them; the others have made it. Closing
 * closes every one of them, whatever happens to the others.
 */
public final class Joined implements Device {

    /**
     * One of the boards.
     *
     * @param name what the user calls it, such as {@code serial:/dev/ttyACM0}
     * @param device as opened, undressed
     */
    public record Member(String name, Device device) {}

    private final List<Member> members;
    private final Descriptor card;
    private final ExecutorService others = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("joined board ", 1).factory());
    private boolean closed;

    private Joined(List<Member> members) {
        this.members = List.copyOf(members);
        Descriptor one = members.getFirst().device.descriptor();
        card = new Descriptor(
                one.board(),
                one.firmware(),
                one.lanes() * members.size(),
                one.channels(),
                one.abilities(),
                one.nudges(),
                one.betaUnit(),
                one.settleSeconds(),
                one.forceLaws());
    }

    /**
     * Joins boards; what comes out is {@link Restorable} if all of them are.
     *
     * @param members two or more
     * @throws IllegalArgumentException if they cannot be joined, see {@link #apartBecause}, or are dressed
     */
    public static Device of(List<Member> members) {
        for (Member member : members) {
            if (!member.device.bare().equals(member.device)) {
                // A wrapper can be restored whatever it holds, and would pass a board off as a twin.
                throw new IllegalArgumentException(
                        member.name + ": only bare devices are joined; put the wrappers around what they come to");
            }
        }
        String reason = members.size() < 2 ? "one board alone is not joined" : apartBecause(members);
        if (reason != null) {
            throw new IllegalArgumentException(reason);
        }
        Joined joined = new Joined(members);
        return members.stream().allMatch(member -> member.device instanceof Restorable) ? new Kept(joined) : joined;
    }

    /** Why these boards cannot share one set of parameters, in words that follow "because"; null if they can. */
    public static @Nullable String apartBecause(List<Member> members) {
        Member first = members.getFirst();
        Descriptor one = first.device.descriptor();
        for (Member member : members) {
            Descriptor other = member.device.descriptor();
            if (!other.equals(one)) {
                return member.name + " is a " + other.board() + " with card " + other.digest() + ", and " + first.name
                        + " a " + one.board() + " with card " + one.digest();
            }
        }
        boolean given =
                one.can(Ability.WRITABLE_PARAMETERS) && !one.can(Ability.COMPLIANCE) && !one.can(Ability.HOMEOSTASIS);
        return given
                ? null
                : "the parameters of a " + one.board()
                        + " move by themselves or cannot be written, so that boards cannot share them";
    }

    @Override
    public Descriptor descriptor() {
        return card;
    }

    @Override
    public Response present(Stimulus stimulus, Deadline deadline) {
        return presentAll(List.of(stimulus), deadline).getFirst();
    }

    /** Presents stimuli in order; what is a batch here is a batch for each board. */
    @Override
    public List<Response> presentAll(List<Stimulus> stimuli, Deadline deadline) {
        if (closed) {
            throw new DeviceException(Fault.DISCONNECTED, "boards " + card.board() + " are closed; open them again");
        }
        stimuli.forEach(card::accepted);
        deadline.require(card.board());
        List<CompletableFuture<List<Response>>> answers = each(member -> {
            List<Stimulus> own =
                    stimuli.stream().map(stimulus -> part(stimulus, member)).toList();
            return own.size() == 1
                    ? List.of(member.device.present(own.getFirst(), deadline))
                    : member.device.presentAll(own, deadline);
        });
        requireAnswered(answers);
        List<Response> responses = new ArrayList<>(stimuli.size());
        for (int i = 0; i < stimuli.size(); i++) {
            int number = i;
            responses.add(together(answers.stream()
                    .map(answer -> answer.resultNow().get(number))
                    .toList()));
        }
        return responses;
    }

    /** Does the same with every board at once and waits for all, even if this thread is interrupted. */
    private <T> List<CompletableFuture<T>> each(Function<Member, T> deed) {
        List<CompletableFuture<T>> done = new ArrayList<>(members.size());
        for (Member member : members.subList(1, members.size())) {
            done.add(CompletableFuture.supplyAsync(() -> deed.apply(member), others));
        }
        Executor here = Runnable::run;
        done.addFirst(CompletableFuture.supplyAsync(() -> deed.apply(members.getFirst()), here));
        done.forEach(one -> one.exceptionally(failure -> null).join());
        return done;
    }

    /** The part of a stimulus that concerns one board. */
    private Stimulus part(Stimulus stimulus, Member member) {
        Nudge nudge = switch (stimulus.nudge()) {
            case Nudge.None none -> none;
            case Nudge.Force force -> new Nudge.Force(part(force.levels(), member));
            case Nudge.Coupling coupling -> new Nudge.Coupling(coupling.beta(), part(coupling.target(), member));
            case Nudge.Clamp clamp -> new Nudge.Clamp(part(clamp.at(), member));
            case Nudge.Ramp ramp -> new Nudge.Ramp(ramp.from(), ramp.to(), ramp.seconds(), part(ramp.target(), member));
            case Nudge.Difference difference ->
                new Nudge.Difference(difference.beta(), part(difference.target(), member));
        };
        return stimulus.with(part(stimulus.levels(), member)).nudged(nudge);
    }

    private Levels part(Levels levels, Member member) {
        int lanes = member.device.descriptor().lanes();
        int from = members.indexOf(member) * lanes;
        Levels part = levels;
        for (Role role : levels.roles()) {
            // A single row stands for all lanes, and so for all boards.
            if (levels.rows(role) > 1) {
                double[][] rows = new double[lanes][];
                for (int lane = 0; lane < lanes; lane++) {
                    rows[lane] = levels.row(role, from + lane);
                }
                part = part.and(Levels.of(role, rows));
            }
        }
        return part;
    }

    private void requireAnswered(List<? extends CompletableFuture<?>> answers) {
        List<RuntimeException> failures = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            if (answers.get(i).isCompletedExceptionally()) {
                Throwable failure = answers.get(i).exceptionNow();
                if (failure instanceof Error error) {
                    throw error;
                }
                failures.add(named(members.get(i), (RuntimeException) failure));
            }
        }
        if (failures.isEmpty()) {
            return;
        }
        boolean refused = failures.stream().allMatch(IllegalArgumentException.class::isInstance);
        if (refused && failures.size() == members.size()) {
            throw failures.getFirst();
        }
        // A board that latched knows that it is safe: of one that is lost nobody does.
        RuntimeException gravest = failures.stream()
                .filter(failure -> !(failure instanceof DeviceException broken && broken.fault() == Fault.LATCHED))
                .findFirst()
                .orElseGet(failures::getFirst);
        RuntimeException thrown = gravest instanceof IllegalArgumentException
                ? new DeviceException(Fault.REFUSED, gravest.getMessage() + "; other boards took the same", gravest)
                : gravest;
        failures.remove(gravest);
        failures.forEach(thrown::addSuppressed);
        throw thrown;
    }

    /** A failure whose message names the board, also where boards call themselves by their kind. */
    private static RuntimeException named(Member member, RuntimeException failure) {
        String said = String.valueOf(failure.getMessage());
        return switch (failure) {
            case RuntimeException named when said.contains(member.name) -> named;
            case DeviceException broken -> new DeviceException(broken.fault(), member.name + ": " + said, broken);
            case IllegalArgumentException refused -> new IllegalArgumentException(member.name + ": " + said, refused);
            default -> failure;
        };
    }

    /** One answer of all boards to one stimulus. */
    private Response together(List<Response> responses) {
        double seconds = 0;
        Quality quality = Quality.SETTLED;
        for (int i = 0; i < responses.size(); i++) {
            Response response = responses.get(i);
            seconds = Math.max(seconds, response.deviceSeconds());
            quality = quality.worst(named(members.get(i), response.quality()));
        }
        return new Response(
                joined(responses.stream().map(Response::levels).toList(), Joined::mean),
                joined(responses.stream().map(Response::errors).toList(), Joined::errorOfMean),
                responses.getFirst().reads(),
                seconds,
                quality);
    }

    private static Quality named(Member member, Quality quality) {
        return quality.remark().isEmpty()
                ? quality
                : new Quality(quality.verdict(), quality.channel(), member.name + ": " + quality.remark());
    }

    /**
     * The rows of all boards, one behind the other.
     *
     * @param shared what becomes of the values that boards read of one channel that lanes share
     */
    private Levels joined(List<Levels> parts, ToDoubleFunction<double[]> shared) {
        Levels joined = Levels.NONE;
        for (Role role : parts.getFirst().roles()) {
            if (parts.stream().allMatch(part -> part.has(role))) {
                joined = joined.and(role.shared() ? shared(parts, role, shared) : rows(parts, role));
            }
        }
        return joined;
    }

    private Levels rows(List<Levels> parts, Role role) {
        List<double[]> rows = new ArrayList<>(card.lanes());
        int lanes = card.lanes() / parts.size();
        for (Levels part : parts) {
            for (int lane = 0; lane < lanes; lane++) {
                rows.add(part.row(role, lane));
            }
        }
        return Levels.of(role, rows.toArray(new double[0][]));
    }

    private static Levels shared(List<Levels> parts, Role role, ToDoubleFunction<double[]> combined) {
        double[] row = new double[parts.getFirst().size(role)];
        for (int k = 0; k < row.length; k++) {
            int index = k;
            row[k] = combined.applyAsDouble(
                    parts.stream().mapToDouble(part -> part.at(role, 0, index)).toArray());
        }
        return Levels.of(role, row);
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    private static double errorOfMean(double[] errors) {
        double squares = 0;
        for (double error : errors) {
            squares += error * error;
        }
        return Math.sqrt(squares) / errors.length;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            requireAnswered(each(member -> {
                member.device.close();
                return member;
            }));
        } finally {
            others.shutdown();
        }
    }

    /** Boards that can all be put back, which are twins, so that they can be put back together. */
    private static final class Kept implements Device, Restorable {

        private final Joined joined;

        Kept(Joined joined) {
            this.joined = joined;
        }

        @Override
        public Descriptor descriptor() {
            return joined.descriptor();
        }

        @Override
        public Response present(Stimulus stimulus, Deadline deadline) {
            return joined.present(stimulus, deadline);
        }

        @Override
        public List<Response> presentAll(List<Stimulus> stimuli, Deadline deadline) {
            return joined.presentAll(stimuli, deadline);
        }

        @Override
        public void save(DataOutput out) throws IOException {
            for (Member member : joined.members) {
                Restorable.save(member.device, out);
            }
        }

        @Override
        public void restore(DataInput in) throws IOException {
            for (Member member : joined.members) {
                Restorable.restore(member.device, in);
            }
        }

        @Override
        public void close() {
            joined.close();
        }
    }
}
