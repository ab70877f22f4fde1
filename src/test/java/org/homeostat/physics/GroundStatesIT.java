package org.homeostat.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.homeostat.physics.SpinGlass.Graph;
import org.junit.jupiter.api.Test;

/** How good anneals are: instances of 10 to 100 spins whose ground states are known. */
final class GroundStatesIT {

    private static final Path FOLDER = Path.of("..", "shared", "data", "ising", "small");
    private static final int SWEEPS = 200;
    private static final int READS = 200;

    private static SpinGlass read(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        String[] head = lines.getFirst().strip().split("\\s+", -1);
        int edges = Integer.parseInt(head[1]);
        int[] from = new int[edges];
        int[] to = new int[edges];
        double[] weight = new double[edges];
        for (int k = 0; k < edges; k++) {
            String[] cells = lines.get(k + 1).strip().split("\\s+", -1);
            from[k] = Integer.parseInt(cells[0]) - 1;
            to[k] = Integer.parseInt(cells[1]) - 1;
            weight[k] = Double.parseDouble(cells[2]);
        }
        int spins = Integer.parseInt(head[0]);
        return new SpinGlass(new Graph(spins, from, to), weight, new double[spins]);
    }

    @Test
    void theBestReadIsTheKnownGroundState() throws IOException {
        assumeThat(FOLDER.resolve("ground_energies.csv")).exists();
        SplittableRandom random = new SplittableRandom(1);
        int instances = 0;
        int found = 0;
        int reads = 0;
        int hits = 0;
        for (String line : Files.readAllLines(FOLDER.resolve("ground_energies.csv"))) {
            if (line.startsWith("file,")) {
                continue;
            }
            String[] cells = line.split(",", -1);
            int spins = Integer.parseInt(cells[2]);
            double known = Double.parseDouble(cells[5]);
            SpinGlass glass = read(FOLDER.resolve(cells[0]));
            double least = Double.POSITIVE_INFINITY;
            double[] s = new double[spins];
            for (int read = 0; read < READS; read++) {
                SpinGlass.shuffle(s, random);
                glass.anneal(s, glass.forward(SWEEPS), random);
                double energy = glass.energy(s);
                assertThat(energy)
                        .as("no state can lie below the ground state of %s", cells[0])
                        .isGreaterThanOrEqualTo(known);
                least = Math.min(least, energy);
                reads++;
                hits += energy == known ? 1 : 0;
            }
            instances++;
            found += least == known ? 1 : 0;
        }
        System.out.printf(
                "ground states: %d of %d found by the best of %d reads of %d sweeps; %.0f %% of single reads%n",
                found, instances, READS, SWEEPS, 100.0 * hits / reads);
        assertThat(instances).isEqualTo(80);
        assertThat(found).isEqualTo(instances);
    }
}
