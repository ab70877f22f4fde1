package org.homeostat.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.homeostat.engine.Kernels;

/**
 * What figures were measured on.
 *
 * @param processor its model, as the system tells
 * @param cores how many this program may use
 * @param system name and architecture
 * @param java vendor and version of the virtual machine
 * @param kernels which inner loops run here
 */
record Machine(String processor, int cores, String system, String java, String kernels) {

    /** This one. */
    static Machine here() {
        return new Machine(
                model(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                System.getProperty("java.vm.vendor") + " " + System.getProperty("java.vm.version"),
                Kernels.best().word());
    }

    private static String model() {
        Path told = Path.of("/proc/cpuinfo");
        try {
            if (Files.exists(told)) {
                for (String line : Files.readAllLines(told)) {
                    if (line.toLowerCase(Locale.ROOT).startsWith("model name")) {
                        return line.substring(line.indexOf(':') + 1).strip();
                    }
                }
            }
        } catch (IOException e) {
            return "unknown";
        }
        return "unknown";
    }

    Map<String, Object> json() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("processor", processor);
        object.put("cores", cores);
        object.put("system", system);
        object.put("java", java);
        object.put("kernels", kernels);
        return object;
    }

    String line() {
        return processor + ", " + cores + (cores == 1 ? " core, " : " cores, ") + system + ", " + java + ", kernels "
                + kernels;
    }
}
