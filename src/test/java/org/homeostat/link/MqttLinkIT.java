package org.homeostat.link;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.homeostat.fixtures.Mosquitto;
import org.homeostat.fixtures.OwnBroker;
import org.junit.jupiter.api.io.TempDir;

/** Links over mosquitto. */
class MqttLinkIT implements MqttLinkContract {

    @TempDir
    Path folder;

    private final AtomicInteger brokers = new AtomicInteger();

    @Override
    public OwnBroker broker() throws Exception {
        return Mosquitto.open(folder.resolve("broker-" + brokers.incrementAndGet()));
    }
}
