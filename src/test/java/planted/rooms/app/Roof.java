package planted.rooms.app;

import planted.rooms.twin.Secret;

/** May do what others may not. */
public final class Roof {
    public double shows(Secret secret) throws InterruptedException {
        System.out.println("hello");
        Thread.sleep(1);
        return secret.theta();
    }
}
