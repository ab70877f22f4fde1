package planted.rooms.guard;

import planted.rooms.shadow.There;

/** Half of a cycle. */
public final class Here {
    public There other() {
        return new There();
    }
}
