package org.homeostat.app;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.homeostat.learn.Step;
import org.homeostat.run.Observer;
import org.jspecify.annotations.Nullable;

/** Shows a run's progress on standard error: a bar on a terminal, a line now and then elsewhere. */
final class Progress implements Observer, AutoCloseable {

    private static final int REFRESH_MILLIS = 100;
    private static final long LINE_EVERY_NANOS = 5_000_000_000L;

    private final @Nullable ProgressBar bar;
    private final PrintWriter err;
    private final String who;
    private final int epochs;
    private String words = "";
    private long lastLine = System.nanoTime();

    /**
     * @param who the device, where several are taught at once: then each has lines of its own; else empty
     */
    Progress(String who, int epochs, int rows, PrintWriter err) {
        this.who = who;
        this.epochs = epochs;
        this.err = err;
        bar = who.isEmpty() && Terminal.ERR.present()
                ? new ProgressBarBuilder()
                        .setTaskName("training")
                        .setInitialMax((long) epochs * rows)
                        .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                        .setUpdateIntervalMillis(REFRESH_MILLIS)
                        .setConsumer(
                                new ConsoleProgressBarConsumer(new PrintStream(System.err, true), Terminal.width() - 1))
                        .build()
                : null;
    }

    @Override
    public void stepped(int epoch, int done, int rows, Step step) {
        if (bar != null) {
            bar.stepTo((long) (epoch - 1) * rows + done);
        }
    }

    @Override
    public void epochEnded(Epoch epoch) {
        words = String.format(Locale.ROOT, "epoch %d/%d  loss %.4f", epoch.number(), epochs, epoch.loss());
        if (!Double.isNaN(epoch.accuracy())) {
            words += String.format(Locale.ROOT, "  accuracy %.1f %%", 100 * epoch.accuracy());
        }
        if (bar != null) {
            bar.setExtraMessage(words);
        } else if (System.nanoTime() - lastLine > LINE_EVERY_NANOS || epoch.number() == epochs) {
            err.println(Words.about(who, words));
            err.flush();
            lastLine = System.nanoTime();
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
