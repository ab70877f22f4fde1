package org.homeostat.link;

import java.util.concurrent.locks.LockSupport;

/** A program that, once it is told to end, still has something to say to its board. See {@link SerialShutdownIT}. */
final class LateGoodbye {

    private LateGoodbye() {}

    public static void main(String[] arguments) throws Exception {
        PtyLink board = PtyLink.open();
        Link link = SerialLink.open(board.path(), SerialLink.BAUD, true);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            // Late enough for everybody else's hooks to have done what they do.
            LockSupport.parkNanos(1_000_000_000);
            try {
                link.write(new byte[] {1, 2, 3}, 0, 3, 3_000_000_000L);
                System.out.println("goodbye " + board.read(new byte[3], 0, 3, 3_000_000_000L));
            } catch (LinkException cut) {
                System.out.println(cut.getMessage());
            }
            link.close();
        }));
        System.out.println("ready");
        Thread.sleep(20_000);
    }
}
