package org.homeostat.pi;

/** A chip that can be reached. */
sealed interface Chip {

    /**
     * Makes it ready, and looks whether it is there and is what it should be. Whatever is moved for that is moved back.
     *
     * @throws WiringException if not, with what it did instead
     */
    void check();

    /** An ADC. */
    sealed interface Reading extends Chip permits Mcp3208, Ads1115 {
        /** One conversion of one of its channels, as a code of the card. */
        int read(int channel);

        /** How long one conversion takes, the bus included, in seconds. */
        double seconds();
    }

    /** A DAC, whose outputs follow when /LDAC goes low. */
    sealed interface Driving extends Chip permits Mcp4922, Mcp4728 {
        void latch(int channel, int code);
    }

    /** Potentiometers. */
    sealed interface Resisting extends Chip permits Ad5206, Mcp4261, Ad5272 {
        void set(int channel, int code);
    }
}
