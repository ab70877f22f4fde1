package org.homeostat.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.homeostat.wire.Message.Alive;
import org.homeostat.wire.Message.Arm;
import org.homeostat.wire.Message.Armed;
import org.homeostat.wire.Message.Batch;
import org.homeostat.wire.Message.Beat;
import org.homeostat.wire.Message.CardPart;
import org.homeostat.wire.Message.Hello;
import org.homeostat.wire.Message.ReadCard;
import org.homeostat.wire.Message.Refusal;
import org.homeostat.wire.Message.Result;
import org.homeostat.wire.Message.Stop;
import org.homeostat.wire.Message.Stopped;
import org.homeostat.wire.Message.Welcome;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** {@code messages.yaml} says what the text says, what the records are, and what the firmware's constants are. */
class MessagesTest {

    private static final JsonNode YAML =
            new YAMLMapper().readTree(Golden.text(Golden.PROTOCOL.resolve("messages.yaml")));
    private static final String SPEC = plain(Golden.text(Golden.PROTOCOL.resolve("SPEC.md")));
    private static final Path CORE = Golden.PROTOCOL.resolve("reference/core");

    private static final Map<String, Class<? extends Message>> MESSAGES = new LinkedHashMap<>();

    static {
        MESSAGES.put("HELLO", Hello.class);
        MESSAGES.put("WELCOME", Welcome.class);
        MESSAGES.put("CARD", ReadCard.class);
        MESSAGES.put("PART", CardPart.class);
        MESSAGES.put("ARM", Arm.class);
        MESSAGES.put("ARMED", Armed.class);
        MESSAGES.put("BATCH", Batch.class);
        MESSAGES.put("RESULT", Result.class);
        MESSAGES.put("BEAT", Beat.class);
        MESSAGES.put("ALIVE", Alive.class);
        MESSAGES.put("STOP", Stop.class);
        MESSAGES.put("STOPPED", Stopped.class);
        MESSAGES.put("ERROR", Refusal.class);
    }

    private static final Map<String, Class<?>> STRUCTURES = Map.of(
            "header", Header.class,
            "state", State.class,
            "limits", Arm.Limits.class,
            "stimulus", WireStimulus.class,
            "block", WireStimulus.Block.class,
            "nudge", WireStimulus.WireNudge.class,
            "response", WireResponse.class,
            "readings", WireResponse.Readings.class);

    /** Components that are bits of a number on the wire, or follow from what came before. */
    private static final Map<String, List<String>> BESIDES = Map.of(
            "stimulus", List.of("boolean free", "boolean afresh"),
            "block", List.of("WireRole role", "boolean perLane"),
            "nudge", List.of("NudgeKind kind"),
            "readings", List.of("WireRole role"));

    private static final Map<String, Class<? extends Enum<?>>> NAMES = Map.of(
            "roles", WireRole.class,
            "nudges", NudgeKind.class,
            "reasons", Reason.class,
            "verdicts", Verdict.class,
            "errors", ErrorCode.class);

    private static String plain(String text) {
        return text.replaceAll("\\s+", " ");
    }

    private static String section(int number) {
        int from = SPEC.indexOf(" ## " + number + ". ");
        int to = SPEC.indexOf(" ## " + (number + 1) + ". ");
        return SPEC.substring(from, to);
    }

    private static Map<String, Integer> numbers(String list) {
        Map<String, Integer> numbers = new LinkedHashMap<>();
        YAML.get(list)
                .properties()
                .forEach(each -> numbers.put(
                        each.getKey(), Integer.decode(each.getValue().asString())));
        return numbers;
    }

    /** Everything that has fields, by its name. */
    private static Map<String, JsonNode> all() {
        Map<String, JsonNode> all = new LinkedHashMap<>();
        YAML.get("structures").properties().forEach(each -> all.put(each.getKey(), each.getValue()));
        YAML.get("messages").forEach(each -> all.put(each.get("name").asString(), each));
        for (String part : List.of("card", "group", "run", "law", "probe")) {
            all.put(part, YAML.get(part));
        }
        return all;
    }

    @Test
    void enumsHaveTheNumbersThatAreListed() {
        NAMES.forEach((list, type) -> {
            Map<String, Integer> ours = new LinkedHashMap<>();
            for (Enum<?> each : type.getEnumConstants()) {
                ours.put(each.name(), number(each));
            }
            assertThat(ours).as(list).isEqualTo(numbers(list));
            assertThat(new ArrayList<>(ours.keySet()))
                    .as(list)
                    .isEqualTo(new ArrayList<>(numbers(list).keySet()));
        });
    }

    private static int number(Enum<?> each) {
        return switch (each) {
            case WireRole role -> role.number();
            case NudgeKind kind -> kind.number();
            case Reason reason -> reason.number();
            case Verdict verdict -> verdict.number();
            case ErrorCode code -> code.number();
            default -> throw new AssertionError(each);
        };
    }

    @Test
    void everyMessageHasARecordWithItsFieldsInTheirOrder() {
        List<String> listed = new ArrayList<>();
        for (JsonNode message : YAML.get("messages")) {
            String name = message.get("name").asString();
            listed.add(name);
            assertThat(components(MESSAGES.get(name))).as(name).isEqualTo(expected(name, message));
        }
        assertThat(listed).containsExactlyElementsOf(MESSAGES.keySet());
        Set<Class<?>> sealed = new HashSet<>(Arrays.asList(Message.Request.class.getPermittedSubclasses()));
        sealed.addAll(Arrays.asList(Message.Reply.class.getPermittedSubclasses()));
        assertThat(sealed).isEqualTo(Set.copyOf(MESSAGES.values()));
    }

    @Test
    void everyStructureHasARecordWithItsFieldsInTheirOrder() {
        assertThat(YAML.get("structures").propertyNames()).containsExactlyInAnyOrderElementsOf(STRUCTURES.keySet());
        STRUCTURES.forEach((name, type) -> assertThat(components(type))
                .as(name)
                .isEqualTo(expected(name, YAML.get("structures").get(name))));
    }

    private static List<String> components(Class<?> record) {
        return Arrays.stream(record.getRecordComponents())
                .map(component -> simple(component) + " " + component.getName())
                .toList();
    }

    private static String simple(RecordComponent component) {
        return component.getGenericType().getTypeName().replaceAll("[a-z.]+\\.([A-Z]\\w*\\$)*", "");
    }

    private static List<String> expected(String name, JsonNode node) {
        List<String> expected = new ArrayList<>(BESIDES.getOrDefault(name, List.of()));
        for (JsonNode field : node.get("fields")) {
            if (!field.has("is") && !field.has("counts") && !field.has("bits")) {
                expected.add(javaType(field) + " " + field.get("name").asString());
            }
        }
        return expected;
    }

    private static String javaType(JsonNode field) {
        String type = field.get("type").asString();
        if (field.has("names") && NAMES.containsKey(field.get("names").asString())) {
            return NAMES.get(field.get("names").asString()).getSimpleName();
        }
        if (type.startsWith("list of ")) {
            return "List<" + STRUCTURES.get(type.substring(8)).getSimpleName() + ">";
        }
        return switch (type) {
            case "u8", "u16" -> "int";
            case "u32", "u64" -> "long";
            case "f64" -> "double";
            case "flag" -> "boolean";
            case "text", "bytes 8" -> "String";
            case "bytes" -> "byte[]";
            case "mask" -> "int[]";
            case "value" -> field.get("each").asString().equals("channel") ? "double[]" : "double[][]";
            default -> STRUCTURES.get(type).getSimpleName();
        };
    }

    @Test
    void typesAreAsListed() {
        Map<String, Integer> types = numbers("types");
        assertThat(types.get("reply")).isEqualTo(Header.REPLY);
        assertThat(types.get("ERROR")).isEqualTo(Header.ERROR);
        Samples samples = new Samples(new SplittableRandom(1));
        Map<Integer, Integer> seen = new HashMap<>();
        for (int i = 0; i < 1000; i++) {
            Message.Request request = samples.request(ExampleBoard.LAYOUT);
            seen.put(request.type(), samples.reply(ExampleBoard.LAYOUT, request).type());
        }
        for (JsonNode message : YAML.get("messages")) {
            String name = message.get("name").asString();
            Integer request =
                    types.get(message.has("answers") ? message.get("answers").asString() : name);
            if (!name.equals("ERROR")) {
                assertThat(seen).as(name).containsKey(request);
                assertThat(seen.get(request)).as(name).isIn(request | Header.REPLY, Header.ERROR);
            }
        }
        assertThat(seen).hasSize(6);
    }

    @Test
    void whatHasOneSizeHasTheSizeOfItsFields() throws MalformedException {
        assertThat(size(YAML.get("structures").get("header"))).isEqualTo(Header.BYTES);
        assertThat(size(YAML.get("structures").get("state"))).isEqualTo(State.BYTES);
        Codec codec = new Codec(Layout.NONE);
        State state = new State(true, Reason.STOP, 1, 2, 3, 4, 5);
        Map<String, Message> samples = Map.of(
                "HELLO", new Hello(1, 0),
                "WELCOME", new Welcome(1, 0, 2, 3, 4, 5, 6, "0123456789abcdef", state),
                "CARD", new ReadCard(1, 2),
                "ARMED", new Armed(state),
                "BEAT", new Beat(),
                "ALIVE", new Alive(state),
                "STOP", new Stop(),
                "STOPPED", new Stopped(state));
        for (JsonNode message : YAML.get("messages")) {
            Message sample = samples.get(message.get("name").asString());
            if (sample != null) {
                Bytes payload = new Bytes();
                codec.encode(1, 1, sample, payload);
                assertThat(payload.length() - Header.BYTES)
                        .as(message.toString())
                        .isEqualTo(size(message));
            }
        }
    }

    private static int size(JsonNode node) {
        int size = 0;
        for (JsonNode field : node.get("fields")) {
            String type = field.get("type").asString();
            size += switch (type) {
                case "u8", "flag" -> 1;
                case "u16" -> 2;
                case "u32", "bytes 4" -> 4;
                case "u64", "f64", "bytes 8" -> 8;
                case "state" -> State.BYTES;
                default -> throw new AssertionError(type + " has no one size");
            };
        }
        return size;
    }

    @Test
    void theTextSpeaksOfEveryField() {
        all().forEach((name, node) -> {
            for (JsonNode field : node.get("fields")) {
                String where = name + "." + field.get("name").asString();
                assertThat(field.get("spec").asString()).as(where).isNotBlank();
                assertThat(section(node.get("section").intValue()))
                        .as(where)
                        .contains(field.get("spec").asString());
                assertThat(field.get("unit").asString()).as(where).isNotBlank();
                assertThat(field.get("since").asString()).as(where).isIn("1.0", "1.1");
            }
        });
    }

    @Test
    void theTextHasEveryNumber() {
        numbers("types").forEach((name, number) -> {
            if (number < Header.REPLY) {
                assertThat(section(3)).contains("| %02X | %s:".formatted(number, name));
                assertThat(section(3)).containsPattern("%s: [^|]*\\| %02X".formatted(name, number | Header.REPLY));
            }
        });
        assertThat(section(3)).contains("| FF ERROR |");
        numbers("roles")
                .forEach((name, number) -> assertThat(section(2)).contains("| " + name + " | " + number + " |"));
        numbers("errors")
                .forEach((name, number) ->
                        assertThat(section(7)).contains("| " + number + " | " + name.toLowerCase(Locale.ROOT) + " |"));
        numbers("verdicts")
                .forEach((name, number) ->
                        assertThat(section(6)).contains(number + " " + name.toLowerCase(Locale.ROOT)));
        numbers("nudges")
                .forEach((name, number) ->
                        assertThat(section(6)).contains(number + " " + name.toLowerCase(Locale.ROOT)));
        assertThat(section(3))
                .contains(
                        "0 not armed since power-on, 1 the host was silent, 2 STOP, 3 a new session, 4 a fault of the board");
        assertThat(SPEC).contains("# The firmware protocol, version %d.%d ".formatted(Hello.MAJOR, Hello.MINOR));
        assertThat(YAML.get("version").get("major").intValue()).isEqualTo(Hello.MAJOR);
        assertThat(YAML.get("version").get("minor").intValue()).isEqualTo(Hello.MINOR);
        assertThat(Golden.text(Golden.PROTOCOL.resolve("CHANGES.md")))
                .contains("## 1.0\n", "## %d.%d\n".formatted(Hello.MAJOR, Hello.MINOR));
    }

    @Test
    void theFirmwareHasTheSameNumbers() {
        assumeTrue(
                Files.isDirectory(CORE),
                "the reference firmware is not in this tree, so its constants are not compared with messages.yaml");
        Map<String, Integer> constants = constants();
        Map<String, List<String>> missing = new LinkedHashMap<>();
        Set<String> wrong = new TreeSet<>();
        compare(constants, "types", missing, wrong, "HS_MESSAGE_%s", "HS_%s", "%s");
        compare(constants, "roles", missing, wrong, "HS_ROLE_%s", "HS_%s");
        compare(constants, "errors", missing, wrong, "HS_ERROR_%s", "%s");
        compare(constants, "nudges", missing, wrong, "HS_NUDGE_%s", "%s_NUDGE");
        compare(constants, "reasons", missing, wrong, "HS_REASON_%s", "REASON_%s");
        compare(constants, "verdicts", missing, wrong, "HS_VERDICT_%s", "%s");
        assertThat(wrong).isEmpty();
        assertThat(missing).isEmpty();
    }

    /** What the core calls otherwise, since its names share one space; and what it never has to say. */
    private static final Map<String, String> CALLED = Map.of(
            "reply", "REPLY",
            "nudges NONE", "NO_NUDGE",
            "reasons NEVER_ARMED", "NOT_ARMED",
            "reasons SILENCE", "SILENT",
            "reasons STOP", "STOPPED",
            "reasons NEW_SESSION", "NEW_SESSION",
            "reasons FAULT", "FAULTY");

    private static final Set<String> UNSAID = Set.of("SATURATED", "UNSTABLE", "SNAPPED", "UNLOCKED");

    private static void compare(
            Map<String, Integer> constants,
            String list,
            Map<String, List<String>> missing,
            Set<String> wrong,
            String... patterns) {
        numbers(list).forEach((name, number) -> {
            String called = CALLED.getOrDefault(list + " " + name, CALLED.getOrDefault(name, name));
            List<String> candidates = new ArrayList<>(List.of(called));
            Stream.of(patterns).map(pattern -> pattern.formatted(name)).forEach(candidates::add);
            if (!called.equals(name) || list.equals("roles") || list.equals("nudges")) {
                candidates.remove(name);
            }
            List<String> there =
                    candidates.stream().filter(constants::containsKey).toList();
            if (there.isEmpty() && !UNSAID.contains(name)) {
                missing.put(list + " " + name, candidates);
            }
            for (String each : there) {
                if (!constants.get(each).equals(number)) {
                    wrong.add(each + " is " + constants.get(each) + ", " + list + " " + name + " is " + number);
                }
            }
        });
    }

    /** The enum constants and defined numbers of the core's sources. */
    private static Map<String, Integer> constants() {
        Map<String, Integer> constants = new HashMap<>();
        try (Stream<Path> files = Files.list(CORE)) {
            for (Path file :
                    files.filter(each -> each.toString().matches(".*\\.[ch]")).toList()) {
                String source =
                        Golden.text(file).replaceAll("(?s)/\\*.*?\\*/", " ").replaceAll("//.*", " ");
                Matcher enums =
                        Pattern.compile("\\benum\\s*\\w*\\s*\\{([^}]*)}").matcher(source);
                while (enums.find()) {
                    int next = 0;
                    for (String each : enums.group(1).split(",")) {
                        String[] sides = each.strip().split("\\s*=\\s*");
                        if (sides.length == 2 && !sides[1].matches("0[xX][0-9A-Fa-f]+|\\d+")) {
                            break;
                        }
                        if (!sides[0].isEmpty()) {
                            next = sides.length == 2 ? Integer.decode(sides[1]) : next;
                            constants.put(sides[0], next++);
                        }
                    }
                }
                Matcher defines = Pattern.compile("(?m)^#define (\\w+) (0[xX][0-9A-Fa-f]{1,4}|\\d{1,5})[uU]?\\s*$")
                        .matcher(source);
                while (defines.find()) {
                    constants.put(defines.group(1), Integer.decode(defines.group(2)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return constants;
    }
}
