package org.homeostat.app;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Help.Ansi;

/** Whether somebody is looking, and through how wide a window. */
enum Terminal {
    OUT(1),
    ERR(2);

    private static final int USUAL_WIDTH = 80;
    private static final int NARROWEST = 40;
    private static final int WIDEST = 110;
    private static final Pattern SIZE = Pattern.compile("(\\d+) (\\d+)\\s*");

    private final int descriptor;

    Terminal(int descriptor) {
        this.descriptor = descriptor;
    }

    /** True if this stream ends at a terminal that can move its cursor. */
    boolean present() {
        if ("dumb".equals(System.getenv("TERM"))) {
            return false;
        }
        try {
            Path end = Files.readSymbolicLink(Path.of("/proc/self/fd", String.valueOf(descriptor)));
            return end.startsWith("/dev/pts") || end.toString().startsWith("/dev/tty");
        } catch (IOException | UnsupportedOperationException elsewhere) {
            // Not Linux: Java itself knows of the input and the output only.
            return System.console() != null && System.console().isTerminal();
        }
    }

    /** Text with picocli's markup, coloured if somebody sees it and does not mind ({@code NO_COLOR}). */
    String styled(String markup) {
        boolean minds = System.getenv("NO_COLOR") != null && System.getenv("CLICOLOR_FORCE") == null;
        return (present() && !minds ? Ansi.ON : Ansi.OFF).string(markup);
    }

    /** How many columns the window has. */
    static int width() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(new File("/dev/tty"))
                    .redirectErrorStream(true)
                    .start();
            if (stty.waitFor(1, TimeUnit.SECONDS)) {
                Matcher size =
                        SIZE.matcher(new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
                if (size.matches() && Integer.parseInt(size.group(2)) > 0) {
                    return Math.clamp(Integer.parseInt(size.group(2)), NARROWEST, WIDEST);
                }
            }
        } catch (IOException e) {
            return USUAL_WIDTH;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return USUAL_WIDTH;
    }
}
