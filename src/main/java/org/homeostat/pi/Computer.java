package org.homeostat.pi;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the computer that this runs on has to offer. */
interface Computer {

    /** What the computer calls itself; empty if it does not say. */
    String model();

    /** True if there is such a file. */
    boolean has(String file);

    /** True if this user may read and write it. */
    boolean lets(String file);

    /** This one. */
    Computer THIS = new Computer() {
        @Override
        public String model() {
            try {
                byte[] text = Files.readAllBytes(Path.of("/proc/device-tree/model"));
                return new String(text, StandardCharsets.UTF_8)
                        .replace("\0", "")
                        .strip();
            } catch (IOException noDeviceTree) {
                return "";
            }
        }

        @Override
        public boolean has(String file) {
            return Files.exists(Path.of(file));
        }

        @Override
        public boolean lets(String file) {
            return Files.isReadable(Path.of(file)) && Files.isWritable(Path.of(file));
        }
    };
}
