/* SPDX-License-Identifier: Apache-2.0 */
#include "ad5206.h"

#include "spi.h"

/* Eleven bits count, three of address and eight of data; what comes before them is shifted through. */
void ad5206_set(uint8_t chip, uint8_t channel, uint8_t code) {
    bus_select(chip, BUS_FAST);
    bus_exchange(channel);
    bus_exchange(code);
    bus_release();
}
