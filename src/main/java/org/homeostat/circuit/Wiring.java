package org.homeostat.circuit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Lays out a circuit element by element; nodes are numbered in the order in which they are first named, ground is 0. */
public final class Wiring {

    private final Map<String, Integer> numbers = new HashMap<>();
    private final List<String> nodes = new ArrayList<>();
    private final List<Element> elements = new ArrayList<>();

    /** Ground alone, called {@code 0}. */
    public Wiring() {
        node("0");
    }

    /** The number of the node of this name, a new one at first sight. */
    public int node(String name) {
        Integer known = numbers.putIfAbsent(name, nodes.size());
        if (known == null) {
            nodes.add(name);
            return nodes.size() - 1;
        }
        return known;
    }

    /** Adds an element between nodes that are there. */
    public Wiring add(Element element) {
        elements.add(element);
        return this;
    }

    /** What was laid out so far. */
    public Circuit circuit() {
        return new Circuit(nodes, elements);
    }
}
