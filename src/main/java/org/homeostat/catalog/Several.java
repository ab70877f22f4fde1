package org.homeostat.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.homeostat.catalog.Catalog.Opened;
import org.homeostat.control.Joined;
import org.homeostat.control.Joined.Member;
import org.homeostat.device.Device;
import org.homeostat.run.BadInput;
import org.jspecify.annotations.Nullable;

/** Several devices that are named together. They are opened at once, and all or none of them. */
final class Several {

    private final List<String> names;
    private final Catalog catalog;

    /**
     * @throws BadInput if one of them is a recording, or the same as another
     */
    Several(List<String> names, Catalog catalog) {
        this.names = names;
        this.catalog = catalog;
        List<String> met = new ArrayList<>();
        for (String name : names) {
            if (DeviceUri.of(name).options().containsKey("calibration")) {
                throw new BadInput(
                        "device '" + name + "': several boards as one are given the same levels, and none of "
                                + "them can wear a calibration; leave it out, or name the board alone");
            }
            if (name.startsWith("replay:")) {
                throw new BadInput("device '" + name + "': a recording answers for a whole run; name it alone");
            }
            String same = catalog.sameness(name);
            if (met.contains(same)) {
                throw new BadInput("device '" + name + "' is the same as '" + names.get(met.indexOf(same)) + "': "
                        + (name.startsWith("twin:")
                                ? "two twins of one seed are one specimen; give one of them another, such as ?seed=2"
                                : "a board is there only once; leave one of them out"));
            }
            met.add(same);
        }
    }

    /** Why they cannot be taught as one; null if they can. They are closed again. */
    @Nullable
    String apartBecause() {
        List<Opened> opened = each();
        try {
            return apartBecause(opened);
        } finally {
            close(opened);
        }
    }

    /** Opens them as one. */
    Opened open() {
        List<Opened> opened = each();
        String reason = apartBecause(opened);
        if (reason != null) {
            close(opened);
            throw new BadInput("devices " + String.join(",", names) + " cannot be one: " + reason
                    + "; name one of them, or train them apart with --apart");
        }
        return new Opened(Joined.of(members(opened)), opened.getFirst().known());
    }

    private @Nullable String apartBecause(List<Opened> opened) {
        String reason = Joined.apartBecause(members(opened));
        if (reason != null) {
            return reason;
        }
        for (int i = 1; i < opened.size(); i++) {
            if (!Objects.equals(opened.get(i).known(), opened.getFirst().known())) {
                return "what is known of " + names.get(i) + " is not what is known of " + names.getFirst()
                        + " (their board.yaml differ)";
            }
        }
        return null;
    }

    private List<Member> members(List<Opened> opened) {
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < opened.size(); i++) {
            members.add(new Member(names.get(i), opened.get(i).device()));
        }
        return members;
    }

    /** Opens every one of them: a board that restarts when its port is opened takes seconds. */
    private List<Opened> each() {
        List<Future<Opened>> opening = new ArrayList<>();
        try (ExecutorService threads =
                Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().factory())) {
            names.forEach(name -> opening.add(threads.submit(() -> catalog.open(name))));
        }
        List<Opened> opened = new ArrayList<>();
        RuntimeException failure = null;
        for (Future<Opened> one : opening) {
            try {
                opened.add(one.get());
            } catch (ExecutionException e) {
                if (e.getCause() instanceof Error error) {
                    throw error;
                }
                RuntimeException cause = (RuntimeException) e.getCause();
                if (failure == null) {
                    failure = cause;
                } else {
                    failure.addSuppressed(cause);
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException("all have ended", e);
            }
        }
        if (failure != null) {
            close(opened);
            throw failure;
        }
        return opened;
    }

    private static void close(List<Opened> opened) {
        for (Opened one : opened) {
            try (Device device = one.device()) {
                // Nothing but that.
            }
        }
    }
}
