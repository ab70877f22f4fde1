package org.homeostat.catalog;

import java.nio.file.Path;
import org.homeostat.device.Descriptor;
import org.homeostat.physics.Physics;
import org.homeostat.pi.Rig;
import org.homeostat.pi.ScriptedPi;
import org.homeostat.run.RunStore;

/** Boards on a Raspberry Pi as their files say, carried by scripted chips. */
public record PiBoards(Descriptor card, Rig rig, Physics physics, Catalog.Known known) {

    /** A board by the name in its URI. */
    public static PiBoards of(String name) {
        Catalog catalog = new Catalog(new RunStore(Path.of("runs")));
        Pis pis = Pis.of(DeviceUri.of("pi:" + name), catalog);
        BoardFile file = catalog.board(name);
        return new PiBoards(pis.card(), pis.rig(), new Board(file, file.sizes()).physics(), pis.known());
    }

    /** A catalogue that opens any {@code pi:} on a bench. */
    public static Catalog catalog(RunStore runs, ScriptedPi bench) {
        return new Catalog(runs, (name, card, rig) -> bench.open());
    }

    /** One specimen. */
    public ScriptedPi specimen(long seed) {
        return new ScriptedPi(card, rig, physics, seed);
    }
}
