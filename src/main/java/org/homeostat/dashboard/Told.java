package org.homeostat.dashboard;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What one page has been told so far, so that it is told only what is new. Used by the thread of that page alone. */
final class Told {

    private final Map<String, String> latest = new HashMap<>();

    /** How often the columns had been merged, and how many were full. */
    int merges = -1;

    int whole;
    long count = -1;

    /** How many epochs it knows. */
    int epochs;

    /** Adds an event unless it says what the last of its kind said. */
    void add(List<Event> news, Event event) {
        if (!Objects.equals(latest.put(event.name(), event.json()), event.json())) {
            news.add(event);
        }
    }
}
