package org.homeostat.link;

import org.homeostat.fixtures.OwnBroker;
import org.homeostat.fixtures.PocketBroker;

/** Links over the small broker that tests have where none is installed. */
class MqttLinkTest implements MqttLinkContract {

    @Override
    public OwnBroker broker() throws Exception {
        return new PocketBroker();
    }
}
