package org.homeostat.link;

import java.text.MessageFormat;
import java.util.Locale;
import java.util.ResourceBundle;
import org.eclipse.paho.mqttv5.client.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * What Paho has to say, which is all said again by whoever uses the connection: to the log, for those who search for a fault, and
 * never to the terminal. Public because Paho makes it by its name.
 */
public final class PahoLog implements Logger {

    private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(PahoLog.class);

    private @Nullable ResourceBundle catalog;

    /** Has Paho's clients that are made from now on report here. */
    static void install() {
        org.eclipse.paho.mqttv5.client.logging.LoggerFactory.setLogger(PahoLog.class.getName());
    }

    private void note(
            int level,
            String type,
            String method,
            String message,
            Object @Nullable [] inserts,
            @Nullable Throwable why) {
        if (isLoggable(level)) {
            LOG.debug("{}.{}: {}", type, method, formatMessage(message, inserts), why);
        }
    }

    @Override
    public void initialise(ResourceBundle messages, String id, @Nullable String resource) {
        catalog = messages;
    }

    @Override
    public void setResourceName(String name) {
        // The thread's name says it.
    }

    @Override
    public boolean isLoggable(int level) {
        return level <= WARNING && LOG.isDebugEnabled();
    }

    @Override
    public void severe(String type, String method, String message) {
        note(SEVERE, type, method, message, null, null);
    }

    @Override
    public void severe(String type, String method, String message, Object @Nullable [] inserts) {
        note(SEVERE, type, method, message, inserts, null);
    }

    @Override
    public void severe(
            String type, String method, String message, Object @Nullable [] inserts, @Nullable Throwable why) {
        note(SEVERE, type, method, message, inserts, why);
    }

    @Override
    public void warning(String type, String method, String message) {
        note(WARNING, type, method, message, null, null);
    }

    @Override
    public void warning(String type, String method, String message, Object @Nullable [] inserts) {
        note(WARNING, type, method, message, inserts, null);
    }

    @Override
    public void warning(
            String type, String method, String message, Object @Nullable [] inserts, @Nullable Throwable why) {
        note(WARNING, type, method, message, inserts, why);
    }

    @Override
    public void info(String type, String method, String message) {}

    @Override
    public void info(String type, String method, String message, Object @Nullable [] inserts) {}

    @Override
    public void info(
            String type, String method, String message, Object @Nullable [] inserts, @Nullable Throwable why) {}

    @Override
    public void config(String type, String method, String message) {}

    @Override
    public void config(String type, String method, String message, Object @Nullable [] inserts) {}

    @Override
    public void config(
            String type, String method, String message, Object @Nullable [] inserts, @Nullable Throwable why) {}

    @Override
    public void fine(String type, String method, String message) {}

    @Override
    public void fine(String type, String method, String message, Object @Nullable [] inserts) {}

    @Override
    public void fine(
            String type, String method, String message, Object @Nullable [] inserts, @Nullable Throwable why) {}

    @Override
    public void finer(String type, String method, String message) {}

    @Override
    public void finer(String type, String method, String message, Object @Nullable [] inserts) {}

    @Override
    public void finer(
            String type, String method, String message, Object @Nullable [] inserts, @Nullable Throwable why) {}

    @Override
    public void finest(String type, String method, String message) {}

    @Override
    public void finest(String type, String method, String message, Object @Nullable [] inserts) {}

    @Override
    public void finest(
            String type, String method, String message, Object @Nullable [] inserts, @Nullable Throwable why) {}

    @Override
    public void log(
            int level,
            String type,
            String method,
            String message,
            Object @Nullable [] inserts,
            @Nullable Throwable why) {
        note(level, type, method, message, inserts, why);
    }

    @Override
    public void trace(
            int level,
            String type,
            String method,
            String message,
            Object @Nullable [] inserts,
            @Nullable Throwable why) {
        note(level, type, method, message, inserts, why);
    }

    @Override
    public String formatMessage(String message, Object @Nullable [] inserts) {
        String text = catalog != null && catalog.containsKey(message) ? catalog.getString(message) : message;
        return inserts == null ? text : new MessageFormat(text, Locale.ROOT).format(inserts);
    }

    @Override
    public void dumpTrace() {}
}
