package org.homeostat.dashboard;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Something that a page is told; what there is to tell is listed with the package.
 *
 * @param name the kind of event
 * @param json one JSON object, in one line
 */
record Event(String name, String json) {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    static Event of(String name, Map<String, ? extends @Nullable Object> data) {
        return new Event(name, text(data));
    }

    /** Values as JSON in one line. */
    static String text(Map<String, ? extends @Nullable Object> data) {
        return JSON.writeValueAsString(data);
    }

    /** A number as JSON knows it: null for one that is none. */
    static @Nullable Double number(double value) {
        return Double.isFinite(value) ? value : null;
    }

    /** As it goes over the line: server-sent events, WHATWG HTML, section 9.2. */
    String framed() {
        return "event: " + name + "\ndata: " + json + "\n\n";
    }
}
