package org.homeostat.app;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.homeostat.catalog.Catalog;
import org.homeostat.fleet.Agent;
import org.homeostat.fleet.Hosted;
import org.homeostat.fleet.Service;
import org.homeostat.link.Broker;
import org.homeostat.run.BadInput;
import org.jspecify.annotations.Nullable;

/**
 * A device of this machine that an agent offers at a broker, until Ctrl-C.
 *
 * @param uri the device
 * @param entrance the broker
 * @param name the board's name there
 * @param state where the number of the last lease is kept; null for the usual place
 */
record Offering(
        String uri,
        Entrance entrance,
        String name,
        @Nullable Path state) {

    private static final Duration LOOK = Duration.ofMillis(50);

    /** Offers it, and says so once it is done. */
    int serve(Shared shared) {
        Broker broker = entrance.broker();
        Catalog catalog = shared.catalog();
        if (uri.startsWith("mqtt:") || uri.startsWith("mqtts:") || uri.startsWith("replay:")) {
            throw new BadInput("device '" + uri + "' is not beside this machine; an agent offers what is: serial:PATH, "
                    + "process:COMMAND, or a twin");
        }
        try {
            Broker.requireName(name, "--name");
        } catch (IllegalArgumentException e) {
            throw new BadInput(String.valueOf(e.getMessage()), e);
        }
        if (Catalog.linked(uri)) {
            return serve(shared, broker, new Agent.Offer(name, uri, catalog.link(uri), Main.version()));
        }
        try (Hosted hosted = new Hosted(uri, catalog.open(uri).worn())) {
            return serve(shared, broker, new Agent.Offer(name, uri, hosted, Main.version()));
        }
    }

    private int serve(Shared shared, Broker broker, Agent.Offer offer) {
        try (Interrupt interrupt = new Interrupt(Main.DONE);
                Service service = Service.of(System.getenv());
                Agent agent = Agent.start(broker, offer, folder(System.getenv()), sentence -> {
                    shared.say(sentence);
                    service.status(sentence);
                })) {
            // Board and broker may come later, and go: that is no reason to be started anew.
            service.ready("looking for " + uri + " and " + broker);
            service.watch(agent::healthy);
            boolean told = false;
            while (!interrupt.requested()) {
                if (told) {
                    Thread.sleep(LOOK);
                } else if (agent.offered(LOOK)) {
                    told = true;
                    Map<String, Object> object = new LinkedHashMap<>();
                    object.put("device", uri);
                    object.put("broker", broker.toString());
                    object.put("name", name);
                    object.put("offered", broker + "/" + name);
                    shared.print(object, List.of("READY " + broker + "/" + name));
                }
            }
            service.stopping("leaving the board at its safe levels");
            return Main.DONE;
        } catch (IOException e) {
            throw new BadInput(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Main.INTERRUPTED;
        }
    }

    /** As named, else where the service manager says, else the user's own folder of states. */
    private Path folder(Map<String, String> environment) {
        if (state != null) {
            return state;
        }
        String managed = environment.get("STATE_DIRECTORY");
        if (managed != null && !managed.isEmpty()) {
            return Path.of(managed.split(":", 2)[0]);
        }
        String own = environment.get("XDG_STATE_HOME");
        Path states = own == null || own.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".local", "state")
                : Path.of(own);
        return states.resolve("homeostat");
    }
}
