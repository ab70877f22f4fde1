package org.homeostat.physics;

class HopfieldWithOneHiddenLayerTest implements HopfieldContract {

    @Override
    public HopfieldNetwork network() {
        return new HopfieldNetwork(3, 5, 2);
    }
}
