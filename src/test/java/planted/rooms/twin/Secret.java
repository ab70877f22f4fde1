package planted.rooms.twin;

/** What a learner must not see. */
public final class Secret {
    public double theta() {
        return 1;
    }
}
