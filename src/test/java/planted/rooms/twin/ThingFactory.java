package planted.rooms.twin;

/** Named after a pattern. */
public interface ThingFactory {}
