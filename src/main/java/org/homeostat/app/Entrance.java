package org.homeostat.app;

import java.util.LinkedHashMap;
import java.util.Map;
import org.homeostat.link.Broker;
import org.homeostat.run.BadInput;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a broker is, and as whom it is entered. */
final class Entrance {

    @Option(
            names = "--broker",
            paramLabel = "URL",
            description = "The MQTT broker, such as mqtt://raspberrypi:1883, or mqtts://... for TLS.")
    @Nullable
    String url;

    @Option(names = "--user", paramLabel = "NAME", description = "The user name at the broker.")
    @Nullable
    String user;

    @Option(names = "--password-file", paramLabel = "FILE", description = "A file that holds the password.")
    @Nullable
    String password;

    @Option(names = "--ca", paramLabel = "FILE", description = "Certificates that the broker's is checked by (PEM).")
    @Nullable
    String ca;

    @Option(names = "--cert", paramLabel = "FILE", description = "The own certificate (PEM).")
    @Nullable
    String cert;

    @Option(names = "--key", paramLabel = "FILE", description = "The private key of the own certificate (PEM, PKCS#8).")
    @Nullable
    String key;

    /** The broker; {@code --broker} must have been given. */
    Broker broker() {
        Map<String, String> options = new LinkedHashMap<>();
        put(options, "user", user);
        put(options, "password", password);
        put(options, "ca", ca);
        put(options, "cert", cert);
        put(options, "key", key);
        try {
            return Broker.of(String.valueOf(url), options);
        } catch (IllegalArgumentException unusable) {
            throw new BadInput(String.valueOf(unusable.getMessage()), unusable);
        }
    }

    private static void put(Map<String, String> options, String key, @Nullable String value) {
        if (value != null) {
            options.put(key, value);
        }
    }
}
