/* drivers/mcp3208.h : eight inputs, 12 bits. SPDX-License-Identifier: Apache-2.0 */
#ifndef MCP3208_H
#define MCP3208_H

#include <stdint.h>

/* One conversion of channel 0..7 against ground, 0..4095. The input is sampled at the eleventh of its 24 clocks. */
uint16_t mcp3208_read(uint8_t chip, uint8_t channel);

#endif
