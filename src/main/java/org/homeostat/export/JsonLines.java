package org.homeostat.export;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.homeostat.device.Channel;
import org.homeostat.device.Role;
import org.homeostat.run.Observer.Epoch;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** A run as JSON Lines: one object of kind {@code run}, then {@code epoch}, {@code parameters} and {@code exchange}. */
final class JsonLines {

    private JsonLines() {}

    static void write(Source source, Path file) throws IOException {
        try (Lines out = new Lines(file)) {
            JsonGenerator json = out.generator();
            json.writeStartObject();
            json.writeStringProperty("kind", "run");
            json.writeName("record");
            json.writeRawValue(source.json());
            json.writeEndObject();
            out.end();
            for (Epoch epoch : source.epochs()) {
                json.writeStartObject();
                json.writeStringProperty("kind", "epoch");
                json.writeNumberProperty("epoch", epoch.number());
                out.number("loss", epoch.loss());
                out.number("accuracy", epoch.accuracy());
                json.writeNumberProperty("rejected", epoch.rejected());
                json.writeEndObject();
                out.end();
            }
            if (source.has(Part.EXCHANGES) || source.has(Part.PARAMETERS)) {
                journal(source, out);
            }
        }
    }

    private static void journal(Source source, Lines out) throws IOException {
        Recording recording = source.journal();
        List<String> parameters = recording.card().channels(Role.PARAMETER).stream()
                .map(Channel::name)
                .toList();
        Moves moves = new Moves(recording.card());
        JsonGenerator json = out.generator();
        recording.each(exchange -> {
            Asked asked = Asked.of(exchange);
            for (int lane = 0;
                    source.has(Part.EXCHANGES) && lane < recording.card().lanes();
                    lane++) {
                json.writeStartObject();
                json.writeStringProperty("kind", "exchange");
                json.writeNumberProperty("exchange", asked.exchange());
                json.writeNumberProperty("lane", lane);
                out.number("seconds", asked.seconds());
                json.writeStringProperty("plasticity", asked.plasticity());
                json.writeStringProperty("start", asked.start());
                json.writeStringProperty("nudge", asked.nudge());
                out.number("beta", asked.beta());
                json.writeNumberProperty("reads", asked.reads());
                json.writeStringProperty("verdict", asked.verdict());
                json.writeStringProperty("remark", asked.remark());
                for (Block block : recording.blocks()) {
                    if (block.told(exchange)) {
                        levels(block.columns(), block.row(exchange, lane), out);
                    }
                }
                json.writeEndObject();
                out.end();
            }
            double[] positions = moves.after(exchange);
            if (positions != null && source.has(Part.PARAMETERS)) {
                json.writeStartObject();
                json.writeStringProperty("kind", "parameters");
                json.writeNumberProperty("exchange", asked.exchange());
                out.number("seconds", asked.seconds());
                levels(parameters, positions, out);
                json.writeEndObject();
                out.end();
            }
        });
    }

    private static void levels(List<String> names, double[] row, Lines out) {
        for (int k = 0; k < row.length; k++) {
            out.number(names.get(k), row[k]);
        }
    }

    /** A file of lines, each of them JSON. */
    static final class Lines implements AutoCloseable {

        private final BufferedWriter writer;
        private final JsonGenerator generator;

        Lines(Path file) throws IOException {
            writer = Files.newBufferedWriter(file);
            generator = JsonFactory.builder()
                    // The end of the line is separator enough.
                    .rootValueSeparator("")
                    .build()
                    .createGenerator(ObjectWriteContext.empty(), writer);
        }

        JsonGenerator generator() {
            return generator;
        }

        /** A number; null where there is none, for JSON has no NaN. */
        void number(String name, double value) {
            generator.writeName(name);
            number(value);
        }

        void number(double value) {
            if (Double.isFinite(value)) {
                generator.writeNumber(value);
            } else {
                generator.writeNull();
            }
        }

        /** Ends a line. */
        void end() throws IOException {
            generator.flush();
            writer.write('\n');
        }

        @Override
        public void close() throws IOException {
            try (writer) {
                generator.close();
            }
        }
    }
}
