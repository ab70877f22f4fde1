package org.homeostat.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Quality.Verdict;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The second kind of hardware behind the same seam: oscillators instead of resistors, with converters, mismatch, noise and
 * frequencies that differ.
 */
class OscillatorRigTwinTest implements DeviceContract {

    @TempDir
    Path runs;

    private Device bare() {
        return Opened.bare("twin:oscillator-rig-v1", runs).device();
    }

    @Override
    public Device open() {
        Device device = bare();
        return Opened.started(device, parameters(device.descriptor(), 0));
    }

    /** Before anything was written the oscillators are not coupled: they slip, and where each is then is nobody's to say. */
    @Override
    public Optional<Device> unread() {
        return Optional.empty();
    }

    /** Strong biases along the reference, so that there is one rest, and couplings that tell inputs apart. */
    @Override
    public double[] parameters(Descriptor card, int which) {
        int free = card.count(Role.MONITOR);
        int couplings = card.count(Role.PARAMETER) - 2 * free;
        double[] parameters = new double[couplings + 2 * free];
        for (int k = 0; k < couplings; k++) {
            parameters[k] = 0.5 * Math.sin(1 + 1.3 * k + 2.1 * which);
        }
        for (int i = 0; i < free; i++) {
            parameters[couplings + i] = 1.9;
            parameters[couplings + free + i] = 0.3 * Math.sin(2 + i + which);
        }
        return parameters;
    }

    @Override
    public double tolerance(Role role) {
        return switch (role) {
            // Six times the noise of 2e-3, and codes of phases and inputs that are one off.
            case OUTPUT, MONITOR -> 15e-3;
            case FORCE -> 30e-3;
            default -> 0.01;
        };
    }

    @Override
    public boolean reproducible() {
        return true;
    }

    @Override
    public double gentleForce() {
        return 0.2;
    }

    @Override
    public double gentleBeta() {
        return 0.2;
    }

    @Override
    public double gentleDistance() {
        return 0.5;
    }

    /** Nothing drives a sine or a phase out of the range in which it is read. */
    @Override
    public List<Stimulus> clipping(Descriptor card) {
        return List.of();
    }

    @Override
    public Stimulus typical(Descriptor card, int which) {
        double[] row = new double[card.count(Role.INPUT)];
        for (int i = 0; i < row.length; i++) {
            row[i] = 1.2 * Math.sin(1 + 2.3 * i + 1.7 * which);
        }
        return Stimulus.of(Levels.of(Role.INPUT, row)).when(plasticity());
    }

    /** Uncoupled, each runs at a frequency of its own: that is reported, with a sentence, and no phase is passed off as an answer. */
    @Test
    void oscillatorsThatSlipAreReported() {
        try (Device device = bare()) {
            Response response = device.present(typical(device.descriptor(), 1), Deadline.NEVER);
            assertThat(response.quality().verdict()).isEqualTo(Verdict.UNLOCKED);
            assertThat(response.quality().locked()).isFalse();
            assertThat(response.quality().remark()).contains("slips against the reference");
        }
    }

    /** The verdict is of this exchange, not of one before. */
    @Test
    void couplingThemLocksThemAndLettingThemGoUnlocksThem() {
        try (Device device = open()) {
            Descriptor card = device.descriptor();
            assertThat(device.present(typical(card, 1), Deadline.NEVER)
                            .quality()
                            .locked())
                    .isTrue();
            double[] nothing = new double[card.count(Role.PARAMETER)];
            Stimulus released = typical(card, 1);
            Levels levels = released.levels().and(Levels.of(Role.PARAMETER, nothing));
            assertThat(device.present(released.with(levels), Deadline.NEVER)
                            .quality()
                            .verdict())
                    .isEqualTo(Verdict.UNLOCKED);
            Levels coupled = Levels.of(Role.PARAMETER, parameters(card, 0));
            assertThat(device.present(released.with(released.levels().and(coupled)), Deadline.NEVER)
                            .quality()
                            .locked())
                    .isTrue();
        }
    }
}
