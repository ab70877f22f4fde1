package org.homeostat.run;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A condition on a run, such as {@code test.accuracy>=0.9}, {@code learner=spsa} or {@code device~hopfield}. Numbers are
 * compared as numbers, all else as text without regard to case; {@code ~} means contains. What does not apply to a run is
 * unlike everything.
 */
public final class RunFilter {

    private static final Pattern WORDS =
            Pattern.compile("\\s*([A-Za-z][A-Za-z0-9_.]*)\\s*(!=|<=|>=|=|<|>|~)\\s*(.*?)\\s*");

    private final String key;
    private final String operator;
    private final String wanted;

    private RunFilter(String key, String operator, String wanted) {
        this.key = key;
        this.operator = operator;
        this.wanted = wanted;
    }

    /**
     * Reads a condition.
     *
     * @param option whose value it is, for the message
     * @param runs those that it is for: it must be of something that is known of one of them
     * @throws BadInput if it is none
     */
    public static RunFilter of(String option, String text, Collection<Facts> runs) {
        Matcher words = WORDS.matcher(text);
        if (!words.matches() || words.group(3).isEmpty()) {
            throw new BadInput(option + ": '" + text
                    + "': expected KEY=VALUE, with one of = != < <= > >= ~ between them, such as test.accuracy>=0.9");
        }
        return new RunFilter(key(option, words.group(1), runs), words.group(2), words.group(3));
    }

    /**
     * The whole key that is meant by it or by its last part, such as {@code beta} for {@code teaching.beta}.
     *
     * @throws BadInput if there is none, or more than one
     */
    public static String key(String option, String word, Collection<Facts> runs) {
        TreeSet<String> known = new TreeSet<>();
        for (Facts run : runs) {
            known.addAll(run.values().keySet());
        }
        if (known.contains(word) || known.isEmpty()) {
            return word;
        }
        List<String> fitting =
                known.stream().filter(key -> key.endsWith("." + word)).toList();
        if (fitting.size() == 1) {
            return fitting.getFirst();
        }
        if (!fitting.isEmpty()) {
            throw new BadInput(
                    option + ": '" + word + "' may mean " + String.join(" or ", fitting) + "; give more of it");
        }
        throw new BadInput(
                option + ": no run here has a '" + word + "'; 'runs show RUN --json' names what a run has, such as"
                        + " status, learner, seed, beta, test.accuracy");
    }

    /** True if it holds for a run. */
    public boolean holds(Facts run) {
        Object value = run.value(key);
        if (value == null) {
            return operator.equals("!=");
        }
        String text = value.toString().toLowerCase(Locale.ROOT);
        String other = wanted.toLowerCase(Locale.ROOT);
        if (operator.equals("~")) {
            return text.contains(other);
        }
        int order;
        try {
            double number = Double.parseDouble(wanted);
            order = value instanceof Number own ? Double.compare(own.doubleValue(), number) : text.compareTo(other);
        } catch (NumberFormatException e) {
            order = text.compareTo(other);
        }
        return switch (operator) {
            case "=" -> order == 0;
            case "!=" -> order != 0;
            case "<" -> order < 0;
            case "<=" -> order <= 0;
            case ">" -> order > 0;
            default -> order >= 0;
        };
    }

    /** Runs in the order of a value: numbers, then texts, then runs that have none. */
    public static Comparator<Facts> by(String key, boolean down) {
        Comparator<Facts> up =
                Comparator.comparingDouble((Facts run) -> run.number(key)).thenComparing(run -> run.text(key));
        Comparator<Facts> order = down ? up.reversed() : up;
        return Comparator.comparing((Facts run) -> run.value(key) == null)
                .thenComparing(run -> !(run.value(key) instanceof Number))
                .thenComparing(order);
    }
}
