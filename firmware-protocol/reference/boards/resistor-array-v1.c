/* boards/resistor-array-v1.c : the three functions that make a microcontroller with an SPI bus this board. Which chip has which
 * address is written in devices/resistor-array-v1/README.md. SPDX-License-Identifier: Apache-2.0 */
#include "ad5206.h"
#include "homeostat.h"
#include "mcp3208.h"
#include "mcp4922.h"
#include "spi.h"

enum { INPUTS_AT = 26, NUDGES_AT = 28, HIDDEN_AT = 30, OUTPUTS_AT = 31, FIRST_OUTPUT = 4 };

void hs_board_impose(uint8_t role, uint16_t index, uint16_t code) {
    uint8_t i = (uint8_t)index;
    switch (role) {
    case HS_INPUT:
        mcp4922_set(INPUTS_AT + i / 2, i & 1, code);
        break;
    case HS_NUDGE:
        mcp4922_set(NUDGES_AT + i / 2, i & 1, code);
        break;
    case HS_PARAMETER: {
        uint8_t chip = (uint8_t)(i * 171u >> 10); /* a sixth, for all i below 512 */
        ad5206_set(chip, (uint8_t)(i - 6 * chip), (uint8_t)code);
        break;
    }
    }
}

/* Inputs and nudges move together. The wipers moved as they were written. */
void hs_board_apply(void) {
    bus_load();
}

uint16_t hs_board_read(uint8_t role, uint16_t index) {
    uint8_t i = (uint8_t)index;
    return role == HS_OUTPUT ? mcp3208_read(OUTPUTS_AT, FIRST_OUTPUT + i) : mcp3208_read(HIDDEN_AT + i / 8, i & 7);
}
