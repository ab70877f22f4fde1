package org.homeostat.catalog;

import java.util.List;
import org.homeostat.catalog.Catalog.Known;
import org.homeostat.catalog.Catalog.Opened;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.pi.Rig;
import org.homeostat.run.BadInput;

/** A board on the buses of the Raspberry Pi that this runs on, by its URI: {@code pi:NAME} or {@code pi:PATH.yaml}. */
final class Pis {

    /** How a board is opened: on a Raspberry Pi, or on what stands in for one in a test. */
    interface Opener {
        Device open(String name, Descriptor card, Rig rig);
    }

    private final DeviceUri uri;
    private final BoardFile file;

    private Pis(DeviceUri uri, BoardFile file) {
        this.uri = uri;
        this.file = file;
    }

    static Pis of(DeviceUri uri, Catalog catalog) {
        uri.only(List.of());
        return new Pis(uri, catalog.board(uri.name()));
    }

    Known known() {
        return Known.of(file);
    }

    Descriptor card() {
        return new Board(file, file.sizes()).card(1, 0);
    }

    /**
     * How it hangs on the header.
     *
     * @throws BadInput if its file does not say
     */
    Rig rig() {
        Rig rig = file.bus();
        if (rig == null) {
            throw new BadInput(
                    "device '" + uri + "': the file of board " + file.board()
                            + " does not say on which pins and buses its chips are; expected the key bus, see devices/README.md");
        }
        return rig;
    }

    /** Opens the board. */
    Opened open(Opener opener) {
        try {
            return new Opened(opener.open(uri.toString(), card(), rig()), known());
        } catch (IllegalArgumentException unfit) {
            throw new BadInput(
                    "device '" + uri + "': the file of board " + file.board() + ", bus." + unfit.getMessage(), unfit);
        }
    }
}
