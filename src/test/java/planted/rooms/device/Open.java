package planted.rooms.device;

/** Not final, and with a getter. */
public class Open {
    public double getLevel() {
        return 0;
    }

    public boolean getaway() {
        return true;
    }
}
