package org.homeostat.contracts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.homeostat.board.BoardDevice;
import org.homeostat.device.Device;
import org.homeostat.fixtures.Mosquitto;
import org.homeostat.fleet.Agent;
import org.homeostat.fleet.Hosted;
import org.homeostat.link.MqttLink;

/** Twins behind agents behind a mosquitto, until all are closed. Skips the test where there is no mosquitto. */
final class FarBroker implements AutoCloseable {

    /** A broker's restart must not latch a board. */
    private static final BoardDevice.Settings SETTINGS =
            new BoardDevice.Settings(Duration.ofSeconds(2), BoardDevice.Settings.USUAL.greeting());

    private final Path folder;
    private final Mosquitto broker;
    private final List<AutoCloseable> open = new ArrayList<>();
    private int count;

    FarBroker(Path folder) {
        this.folder = folder;
        try {
            broker = Mosquitto.open(folder.resolve("broker"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Offers a twin and opens it as a board at the broker, armed. */
    Device over(Device twin) {
        String name = "twin-" + ++count;
        Hosted hosted = new Hosted("twin:" + name, twin);
        open.add(hosted);
        try {
            Agent agent = Agent.start(
                    broker.broker(),
                    new Agent.Offer(name, "twin:" + name, hosted, "test"),
                    folder.resolve("state"),
                    sentence -> {});
            open.add(agent);
            if (!agent.offered(Duration.ofSeconds(20))) {
                throw new AssertionError("the agent did not reach " + broker.broker());
            }
            BoardDevice board = BoardDevice.open(
                    broker.broker() + "/" + name, MqttLink.opener(broker.broker(), name, "the contract"), SETTINGS);
            open.add(board);
            board.arm();
            return board;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        broker.close();
    }
}
