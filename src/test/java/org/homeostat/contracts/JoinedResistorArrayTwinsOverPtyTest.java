package org.homeostat.contracts;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.homeostat.control.Joined;
import org.homeostat.control.Joined.Member;
import org.homeostat.device.Device;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Two specimens of two lanes each as boards at the far ends of pseudo terminals, and as one device. */
class JoinedResistorArrayTwinsOverPtyTest implements ResistorArrayContract {

    @TempDir
    Path runs;

    private final Far far = new Far();

    @AfterEach
    void hangUp() throws Exception {
        far.close();
    }

    private Device bare() {
        List<Member> members = new ArrayList<>();
        for (String twin : List.of("twin:resistor-array-v1?lanes=2&seed=1", "twin:resistor-array-v1?lanes=2&seed=2")) {
            members.add(new Member(twin, far.over(Opened.bare(twin, runs).device())));
        }
        return Joined.of(members);
    }

    @Override
    public Device open() {
        return opened(bare());
    }

    @Override
    public Optional<Device> unread() {
        return Optional.of(bare());
    }

    @Override
    public boolean reproducible() {
        return true;
    }
}
