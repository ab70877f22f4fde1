package org.homeostat.link;

import org.homeostat.fixtures.EchoPeer;

/** A pipe within the program; at its other end a thread echoes. */
class PipeLinkTest implements LinkContract {

    @Override
    public Rig rig() {
        PipeLink.Ends pipe = PipeLink.pair("a pipe");
        EchoPeer peer = new EchoPeer(pipe.far());
        return new Rig() {
            @Override
            public Link link() {
                return pipe.near();
            }

            @Override
            public void unplug() {
                peer.close();
            }

            @Override
            public void mute() {
                peer.mute();
            }

            @Override
            public void close() {
                peer.close();
                pipe.near().close();
            }
        };
    }
}
