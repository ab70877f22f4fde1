package org.homeostat.export;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableDataset;
import io.jhdf.api.WritableGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.homeostat.device.Channel;
import org.homeostat.device.Role;
import org.homeostat.run.BadInput;
import org.homeostat.run.Observer.Epoch;

/**
 * A run as one HDF5 file: groups {@code epochs}, {@code parameters} and {@code exchanges}, in each a data set a column, of as
 * many rows as there are; levels are two-dimensional, a column a channel, whose names and unit are their attributes. The
 * record of the run is the attribute {@code record} of the file, as JSON. The library lays out a whole file in memory.
 */
final class Hdf5 {

    /** What the columns may take of the memory; the library copies each once more. */
    private static final double PART_OF_MEMORY = 0.4;

    private Hdf5() {}

    static void write(Source source, Path file) throws IOException {
        require(source);
        try (WritableHdfFile out = HdfFile.write(file)) {
            out.putAttribute("run", source.record().run());
            out.putAttribute("created", source.record().created());
            out.putAttribute("record", source.json());
            if (source.has(Part.EPOCHS)) {
                epochs(source.epochs(), out.putGroup("epochs"));
            }
            if (source.has(Part.PARAMETERS)) {
                parameters(source.journal(), out.putGroup("parameters"));
            }
            if (source.has(Part.EXCHANGES)) {
                exchanges(source.journal(), out.putGroup("exchanges"));
            }
        }
    }

    private static void require(Source source) {
        if (source.recording() == null) {
            return;
        }
        Recording recording = source.recording();
        double exchanges = source.has(Part.EXCHANGES)
                ? recording.rows()
                        * 8.0
                        * (Asked.COLUMNS.size()
                                + recording.blocks().stream()
                                        .mapToInt(block -> block.channels().size())
                                        .sum())
                : 0;
        double parameters = source.has(Part.PARAMETERS)
                ? recording.moves() * 8.0 * recording.card().count(Role.PARAMETER)
                : 0;
        long room = Runtime.getRuntime().maxMemory();
        if (exchanges + parameters > PART_OF_MEMORY * room || Math.max(exchanges, parameters) >= Integer.MAX_VALUE) {
            throw new BadInput("this run is too large for an HDF5 file, which is laid out in memory (about "
                    + Math.round((exchanges + parameters) / 1e6) + " MB, and there are " + room / 1_000_000
                    + " MB in all); export it with --format jsonl or csv, or less of it with --only");
        }
    }

    private static void epochs(List<Epoch> epochs, WritableGroup group) {
        if (epochs.isEmpty()) {
            return;
        }
        group.putDataset("epoch", epochs.stream().mapToInt(Epoch::number).toArray());
        group.putDataset("loss", epochs.stream().mapToDouble(Epoch::loss).toArray());
        group.putDataset(
                "accuracy", epochs.stream().mapToDouble(Epoch::accuracy).toArray());
        group.putDataset("rejected", epochs.stream().mapToInt(Epoch::rejected).toArray());
    }

    private static void parameters(Recording recording, WritableGroup group) throws IOException {
        int rows = Math.toIntExact(recording.moves());
        if (rows == 0) {
            return;
        }
        long[] exchanges = new long[rows];
        double[] seconds = new double[rows];
        double[][] levels = new double[rows][];
        Moves moves = new Moves(recording.card());
        int[] row = {0};
        recording.each(exchange -> {
            double[] positions = moves.after(exchange);
            if (positions != null) {
                exchanges[row[0]] = exchange.number();
                seconds[row[0]] = exchange.response().deviceSeconds();
                levels[row[0]++] = positions;
            }
        });
        group.putDataset("exchange", exchanges);
        group.putDataset("seconds", seconds);
        List<Channel> channels = recording.card().channels(Role.PARAMETER);
        named(
                group.putDataset("levels", levels),
                channels.stream().map(Channel::name).toList(),
                channels);
    }

    private static void exchanges(Recording recording, WritableGroup group) throws IOException {
        int rows = Math.toIntExact(recording.rows());
        if (rows == 0) {
            return;
        }
        long[] numbers = new long[rows];
        int[] lanes = new int[rows];
        double[] seconds = new double[rows];
        double[] betas = new double[rows];
        int[] reads = new int[rows];
        String[] plasticities = new String[rows];
        String[] starts = new String[rows];
        String[] nudges = new String[rows];
        String[] verdicts = new String[rows];
        String[] remarks = new String[rows];
        List<Block> blocks = recording.blocks();
        double[][][] levels = new double[blocks.size()][rows][];
        int[] next = {0};
        recording.each(exchange -> {
            Asked asked = Asked.of(exchange);
            for (int lane = 0; lane < recording.card().lanes(); lane++) {
                int row = next[0]++;
                numbers[row] = asked.exchange();
                lanes[row] = lane;
                seconds[row] = asked.seconds();
                plasticities[row] = asked.plasticity();
                starts[row] = asked.start();
                nudges[row] = asked.nudge();
                betas[row] = asked.beta();
                reads[row] = asked.reads();
                verdicts[row] = asked.verdict();
                remarks[row] = asked.remark();
                for (int k = 0; k < levels.length; k++) {
                    levels[k][row] = blocks.get(k).row(exchange, lane);
                }
            }
        });
        group.putDataset("exchange", numbers);
        group.putDataset("lane", lanes);
        group.putDataset("seconds", seconds);
        group.putDataset("plasticity", plasticities);
        group.putDataset("start", starts);
        group.putDataset("nudge", nudges);
        group.putDataset("beta", betas);
        group.putDataset("reads", reads);
        group.putDataset("verdict", verdicts);
        group.putDataset("remark", remarks);
        for (int k = 0; k < levels.length; k++) {
            Block block = blocks.get(k);
            named(group.putDataset(block.name(), levels[k]), block.columns(), block.channels());
        }
    }

    private static void named(WritableDataset levels, List<String> names, List<Channel> channels) {
        levels.putAttribute("columns", names.toArray(new String[0]));
        levels.putAttribute("unit", channels.getFirst().unit());
    }
}
