package org.homeostat;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The house plan (DESIGN.md, "The rooms" and "House style") as rules over the classes below a root package. The root is a
 * parameter, so that the rules can be tried on classes planted to break them.
 */
final class Rooms {

    /** Which other rooms a room may use. A room that is not listed does not exist. */
    private static final Map<String, Set<String>> DOORS = doorsOf(
            "device:",
            "engine:",
            "circuit: engine",
            "physics:",
            "link:",
            "wire:",
            "twin: device physics engine circuit",
            "board: device link wire",
            "pi: device",
            "control: device",
            "learn: device",
            "algebra: device",
            "guard: device",
            "calibration: device",
            "journal: device",
            "shadow: device journal",
            "run: device learn journal",
            "export: device journal run",
            "catalog: device physics engine circuit link wire twin board pi control learn guard calibration journal shadow run",
            // The plan says run and catalog; what these hand out are devices, so the seam comes with them. The agent
            // carries
            // frames from a link to another, and answers as a board where there is none.
            "fleet: device link wire board journal run catalog",
            "dashboard: device learn run",
            // For the builds of others, so nothing of the product uses it.
            "junit: device journal shadow run catalog",
            "app: device physics engine circuit link wire twin board pi control learn algebra guard calibration journal shadow run export catalog "
                    + "fleet dashboard");

    private final String root;

    Rooms(String root) {
        this.root = root;
    }

    private static Map<String, Set<String>> doorsOf(String... lines) {
        Map<String, Set<String>> doors = new LinkedHashMap<>();
        for (String line : lines) {
            String[] halves = line.split(": ?", 2);
            doors.put(halves[0], halves[1].isEmpty() ? Set.of() : Set.of(halves[1].split(" ")));
        }
        return doors;
    }

    private String room(String name) {
        return root + "." + name + "..";
    }

    private String[] rooms(Stream<String> names) {
        return names.map(this::room).toArray(String[]::new);
    }

    /** The doors open one way only, and every class lives in a room of the plan. */
    ArchRule doors() {
        List<ArchRule> rules = new ArrayList<>();
        DOORS.forEach((room, allowed) -> rules.add(noClasses()
                .that()
                .resideInAPackage(room(room))
                .should()
                .dependOnClassesThat(
                        inRoot().and(not(resideInAnyPackage(rooms(Stream.concat(Stream.of(room), allowed.stream()))))))
                .as("room " + room + " uses " + (allowed.isEmpty() ? "no other room" : "only " + allowed))
                .allowEmptyShould(true)));
        rules.add(classes()
                .that(inRoot())
                .should()
                .resideInAnyPackage(rooms(DOORS.keySet().stream()))
                .as("every class lives in a room of the plan"));
        return CompositeArchRule.of(rules);
    }

    private DescribedPredicate<JavaClass> inRoot() {
        return resideInAPackage(root + "..");
    }

    /** No two rooms use each other, not even by a detour. */
    ArchRule noCycles() {
        return slices().matching(root + ".(*)..").should().beFreeOfCycles();
    }

    /** Only the command line talks to the standard streams. */
    ArchRule quiet() {
        return noClasses()
                .that()
                .resideOutsideOfPackage(room("app"))
                .should(GeneralCodingRules.ACCESS_STANDARD_STREAMS)
                .as("only room app uses System.out and System.err");
    }

    /** Waiting is for those who face the world. */
    ArchRule awake() {
        DescribedPredicate<JavaMethodCall> sleep = DescribedPredicate.describe(
                "sleep",
                call -> call.getName().equals("sleep")
                        && Set.of("java.lang.Thread", "java.util.concurrent.TimeUnit")
                                .contains(call.getTargetOwner().getName()));
        return noClasses()
                .that()
                .resideOutsideOfPackages(rooms(Stream.of("board", "link", "app")))
                .should()
                .callMethodWhere(sleep)
                .as("only rooms board, link and app sleep");
    }

    /** The clock on the wall is put right at any time; what is waited for and how long it took goes by one that is not. */
    ArchRule steady() {
        DescribedPredicate<JavaMethodCall> wall = DescribedPredicate.describe(
                "the clock on the wall",
                call -> call.getName().equals("currentTimeMillis")
                        || call.getName().equals("now")
                                && call.getTargetOwner().getPackageName().equals("java.time"));
        return noClasses()
                .that()
                .resideOutsideOfPackages(rooms(Stream.of("run", "fleet", "dashboard", "app")))
                .should()
                .callMethodWhere(wall)
                .as("only rooms run, fleet, dashboard and app look at the clock on the wall, to say when");
    }

    /** YAML is how knowledge is written down, and known to the catalogue alone. */
    ArchRule yamlStaysInCatalog() {
        return noClasses()
                .that()
                .resideOutsideOfPackage(room("catalog"))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("tools.jackson.dataformat.yaml..", "org.snakeyaml..", "org.yaml..");
    }

    /** The Raspberry Pi's pins and buses are reached in one place. */
    ArchRule pi4jStaysInPi() {
        return noClasses()
                .that()
                .resideOutsideOfPackage(room("pi"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.pi4j..")
                .as("no type of Pi4J leaves room pi");
    }

    /** One logging API. */
    ArchRule noJavaUtilLogging() {
        // ArchUnit's own rule of this name sees only fields that are set.
        return noClasses().that(inRoot()).should().dependOnClassesThat().resideInAPackage("java.util.logging..");
    }

    /** Values are records, closed sets are enums or sealed interfaces, and classes are final. */
    ArchRule finalClasses() {
        return classes()
                .that(inRoot())
                .and()
                .areNotInterfaces()
                .and()
                .areNotRecords()
                .and()
                .areNotEnums()
                .and()
                .areNotAnonymousClasses()
                .and()
                .doNotHaveModifier(JavaModifier.SYNTHETIC)
                .should()
                .haveModifier(JavaModifier.FINAL)
                .as("classes are final");
    }

    /** No class is named after a pattern. */
    ArchRule plainNames() {
        return noClasses()
                .that(inRoot())
                .should()
                .haveNameMatching(".*[.$](Abstract[A-Z]\\w*|\\w+(Base|Impl|Manager|Factory|Utils?))")
                .as("no class is named after a pattern: Abstract*, *Base, *Impl, *Manager, *Factory, *Util");
    }

    /** No get prefix at the seam. */
    ArchRule noGetters() {
        return noMethods()
                .that()
                .areDeclaredInClassesThat()
                .resideInAPackage(room("device"))
                .and()
                .areDeclaredInClassesThat()
                .areNotRecords()
                .and()
                .arePublic()
                .should()
                .haveNameMatching("get[A-Z].*")
                .as("the public methods of room device have no get prefix");
    }

    /** All of them. */
    List<ArchRule> all() {
        return Arrays.asList(
                doors(),
                noCycles(),
                quiet(),
                awake(),
                steady(),
                yamlStaysInCatalog(),
                pi4jStaysInPi(),
                noJavaUtilLogging(),
                finalClasses(),
                plainNames(),
                noGetters());
    }
}
