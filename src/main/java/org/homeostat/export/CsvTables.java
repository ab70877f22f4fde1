package org.homeostat.export;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.homeostat.device.Channel;
import org.homeostat.device.Role;
import org.homeostat.run.Observer.Epoch;

/** Tables as CSV: comma, decimal point, one line of names, in every locale. */
final class CsvTables {

    private static final CSVFormat FORMAT =
            CSVFormat.RFC4180.builder().setRecordSeparator("\n").get();

    private CsvTables() {}

    /** The file of a part, where there are several: {@code run.csv} becomes {@code run-epochs.csv}. */
    static Path named(Path output, Part part) {
        String name = String.valueOf(output.getFileName());
        int dot = name.lastIndexOf('.');
        String stem = dot > 0 ? name.substring(0, dot) : name;
        String end = dot > 0 ? name.substring(dot) : ".csv";
        return output.resolveSibling(stem + "-" + part.name().toLowerCase(Locale.ROOT) + end);
    }

    static void write(Source source, Part part, Path file) throws IOException {
        try (BufferedWriter writer = Files.newBufferedWriter(file);
                CSVPrinter out = new CSVPrinter(writer, FORMAT)) {
            switch (part) {
                case EPOCHS -> epochs(source, out);
                case PARAMETERS -> parameters(source.journal(), out);
                case EXCHANGES -> exchanges(source.journal(), out);
            }
        }
    }

    private static void epochs(Source source, CSVPrinter out) throws IOException {
        out.printRecord("epoch", "loss", "accuracy", "rejected");
        for (Epoch epoch : source.epochs()) {
            out.printRecord(epoch.number(), cell(epoch.loss()), cell(epoch.accuracy()), epoch.rejected());
        }
    }

    private static void parameters(Recording recording, CSVPrinter out) throws IOException {
        out.print("exchange");
        out.print("seconds");
        for (Channel channel : recording.card().channels(Role.PARAMETER)) {
            out.print(channel.name());
        }
        out.println();
        Moves moves = new Moves(recording.card());
        recording.each(exchange -> {
            double[] positions = moves.after(exchange);
            if (positions != null) {
                out.print(exchange.number());
                out.print(cell(exchange.response().deviceSeconds()));
                print(positions, out);
                out.println();
            }
        });
    }

    private static void exchanges(Recording recording, CSVPrinter out) throws IOException {
        List<String> names = new ArrayList<>(Asked.COLUMNS);
        recording.blocks().forEach(block -> names.addAll(block.columns()));
        out.printRecord(names);
        recording.each(exchange -> {
            Asked asked = Asked.of(exchange);
            for (int lane = 0; lane < recording.card().lanes(); lane++) {
                out.print(asked.exchange());
                out.print(lane);
                out.print(cell(asked.seconds()));
                out.print(asked.plasticity());
                out.print(asked.start());
                out.print(asked.nudge());
                out.print(cell(asked.beta()));
                out.print(asked.reads());
                out.print(asked.verdict());
                out.print(asked.remark());
                for (Block block : recording.blocks()) {
                    print(block.row(exchange, lane), out);
                }
                out.println();
            }
        });
    }

    private static void print(double[] row, CSVPrinter out) throws IOException {
        for (double value : row) {
            out.print(cell(value));
        }
    }

    /** All digits, so that what is read back is the same number; empty where there is none. */
    private static String cell(double value) {
        return Double.isNaN(value) ? "" : Double.toString(value);
    }
}
