/* SPDX-License-Identifier: Apache-2.0 */
#include "mcp4922.h"

#include "spi.h"

enum { B = 0x80, GAIN_1 = 0x20, ON = 0x10 };

void mcp4922_set(uint8_t chip, uint8_t channel, uint16_t code) {
    bus_select(chip, BUS_FAST);
    bus_exchange((channel ? B : 0) | GAIN_1 | ON | (uint8_t)(code >> 8));
    bus_exchange((uint8_t)code);
    bus_release();
}
