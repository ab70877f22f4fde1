/* SPDX-License-Identifier: Apache-2.0 */
#include "mcp3208.h"

#include "spi.h"

enum { START_SINGLE = 0x06 };

/* Five zeros, start, single-ended and the channel; then the sample is taken, and a null bit and twelve bits come back. */
uint16_t mcp3208_read(uint8_t chip, uint8_t channel) {
    bus_select(chip, BUS_SLOW);
    bus_exchange(START_SINGLE | channel >> 2);
    uint8_t high = bus_exchange((uint8_t)(channel << 6));
    uint8_t low = bus_exchange(0);
    bus_release();
    return (uint16_t)(high & 0x0f) << 8 | low;
}
