/* drivers/spi.h : what the drivers need of a port. The port's "bus.h" gives these, inline where speed matters:
 *
 *   void bus_select(uint8_t chip, bus_speed speed);   one chip listens, at no more than that clock, SPI mode 0
 *   void bus_release(void);                           nobody listens; what was sent takes effect
 *   uint8_t bus_exchange(uint8_t byte);               one byte both ways
 *   void bus_load(void);                              pulses /LDAC: every DAC puts out what it was sent last
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SPI_H
#define SPI_H

#include <stdint.h>

typedef enum {
    BUS_FAST, /* at most 20 MHz: AD5206 takes 25, MCP4922 20 */
    BUS_SLOW  /* at most 2 MHz: MCP3208 at 5 V */
} bus_speed;

#include "bus.h"

#endif
