package org.homeostat.circuit;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A circuit: its nodes by name and its elements. Node 0 is ground; every other node is reached by an element.
 *
 * @param nodes names of the nodes, {@code nodes.get(0)} that of ground
 * @param elements what lies between them, in the order of the netlist
 */
public record Circuit(List<String> nodes, List<Element> elements) {

    public Circuit {
        nodes = List.copyOf(nodes);
        elements = List.copyOf(elements);
        Set<String> names = new HashSet<>();
        for (Element element : elements) {
            if (!names.add(element.name())) {
                throw new IllegalArgumentException("two elements are called " + element.name());
            }
        }
    }

    /** The independent sources, voltage and current, in the order of the elements: what changes from one input to the next. */
    public List<Element> sources() {
        return elements.stream()
                .filter(element -> element instanceof Element.Voltage || element instanceof Element.Current)
                .toList();
    }

    /** The resistors in the order of the elements: what learning changes. */
    public List<Element.Resistor> resistors() {
        return elements.stream()
                .filter(Element.Resistor.class::isInstance)
                .map(Element.Resistor.class::cast)
                .toList();
    }
}
