package org.homeostat.journal;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Levels;
import org.homeostat.device.Quality;
import org.homeostat.device.Response;
import org.homeostat.device.Restorable;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.device.Stimulus;

/** The simplest device with a memory: its answer depends on everything that it was ever asked. */
final class StandIn {

    private final Descriptor descriptor = Samples.card();
    private long memory;
    int asked;
    int batches;
    boolean closed;

    /** What it was told again, in exchanges that its answers do not depend on: those that are read but once. */
    final List<Stimulus> reminders = new ArrayList<>();

    /** So many more exchanges of batches and it breaks; below 0 never. */
    int breaksAfter = -1;

    Response answer(Stimulus stimulus) {
        asked++;
        // The text, because the hash codes of enums differ from one JVM to the next.
        memory = 31 * memory + stimulus.toString().hashCode() + 1;
        double output = Scale.Linear.of(12, 0, 5).level((int) Math.floorMod(memory, 4096L));
        return new Response(
                Levels.of(Role.OUTPUT, output),
                Levels.of(Role.OUTPUT, Math.scalb((double) memory, -62)),
                stimulus.settling().reads(),
                memory,
                memory % 3 == 0 ? new Quality(Quality.Verdict.CLIPPED, "y1", "It clipped.") : Quality.SETTLED);
    }

    /** Puts a fault into the memory. */
    void upset() {
        memory++;
    }

    /** As a twin: its memory can be put back. */
    final class Twin implements Device, Restorable {
        @Override
        public Descriptor descriptor() {
            return descriptor;
        }

        @Override
        public Response present(Stimulus stimulus, Deadline deadline) {
            return answer(descriptor.accepted(stimulus));
        }

        @Override
        public void save(DataOutput out) throws IOException {
            out.writeLong(memory);
        }

        @Override
        public void restore(DataInput in) throws IOException {
            memory = in.readLong();
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    /** As a board: it lives on by itself. It takes batches. */
    final class Board implements Device {
        @Override
        public Descriptor descriptor() {
            return descriptor;
        }

        @Override
        public Response present(Stimulus stimulus, Deadline deadline) {
            descriptor.accepted(stimulus);
            if (stimulus.settling().reads() == 1) {
                reminders.add(stimulus);
                return new Response(Levels.of(Role.OUTPUT, 0), Levels.NONE, 1, memory, Quality.SETTLED);
            }
            return answer(stimulus);
        }

        @Override
        public List<Response> presentAll(List<Stimulus> stimuli, Deadline deadline) {
            batches++;
            List<Response> responses = new ArrayList<>();
            for (Stimulus stimulus : stimuli) {
                if (breaksAfter == 0) {
                    throw new DeviceException(Fault.TIMEOUT, "board test-board: no answer; plug it in");
                }
                breaksAfter--;
                responses.add(answer(stimulus));
            }
            return responses;
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
