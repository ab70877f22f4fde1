/* drivers/mcp4922.h : two 12-bit DACs. SPDX-License-Identifier: Apache-2.0 */
#ifndef MCP4922_H
#define MCP4922_H

#include <stdint.h>

/* channel 0 (A) or 1 (B), code 0..4095. It goes out at the next low /LDAC, and has settled 4.5 us later. */
void mcp4922_set(uint8_t chip, uint8_t channel, uint16_t code);

#endif
