package planted.rooms.attic;

/** Lives where there is no room. */
public final class Lodger {}
