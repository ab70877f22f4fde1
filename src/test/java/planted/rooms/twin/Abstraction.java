package planted.rooms.twin;

/** Not named after a pattern. */
public interface Abstraction {}
