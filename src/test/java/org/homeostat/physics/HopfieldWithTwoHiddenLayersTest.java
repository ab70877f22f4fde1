package org.homeostat.physics;

class HopfieldWithTwoHiddenLayersTest implements HopfieldContract {

    @Override
    public HopfieldNetwork network() {
        return new HopfieldNetwork(3, 4, 3, 2);
    }
}
