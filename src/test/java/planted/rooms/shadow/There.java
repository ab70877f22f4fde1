package planted.rooms.shadow;

import planted.rooms.guard.Here;

/** The other half. */
public final class There {
    public Here other() {
        return new Here();
    }
}
