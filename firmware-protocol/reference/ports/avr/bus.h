/* ports/avr/bus.h : the SPI bus and the chip selects of resistor-array-v1 on an ATmega328P.
 * PD2..PD6 hold the chip's address, PD7 low lets the decoders select it, PB0 is /LDAC of all DACs. SPDX-License-Identifier: Apache-2.0 */
#ifndef BUS_H
#define BUS_H

#include <avr/io.h>

enum { BUS_NOBODY = 1 << PD7, BUS_ADDRESS = 31 << PD2 };

static inline void bus_begin(void) {
    PORTD |= BUS_NOBODY;
    DDRD |= BUS_NOBODY | BUS_ADDRESS;
    PORTB |= 1 << PB0 | 1 << PB2;
    DDRB |= 1 << PB0 | 1 << PB2 | 1 << PB3 | 1 << PB5; /* PB2 stays an output: as a low input it would end master mode */
    SPCR = 1 << SPE | 1 << MSTR;
}

/* The address changes while nobody is selected, so that the decoders never point at two chips. */
static inline void bus_select(uint8_t chip, bus_speed speed) {
    PORTD = (uint8_t)(BUS_NOBODY | chip << PD2 | (PORTD & 3));
    if (speed == BUS_FAST) {
        SPCR = 1 << SPE | 1 << MSTR;
        SPSR = 1 << SPI2X; /* a half */
    } else {
        SPCR = 1 << SPE | 1 << MSTR | 1 << SPR0;
        SPSR = 1 << SPI2X; /* an eighth */
    }
    PORTD &= (uint8_t)~BUS_NOBODY;
}

static inline void bus_release(void) {
    PORTD |= BUS_NOBODY;
}

static inline uint8_t bus_exchange(uint8_t byte) {
    SPDR = byte;
    while (!(SPSR & 1 << SPIF)) {
    }
    return SPDR;
}

/* A pulse of 125 ns; the DAC asks for 100. */
static inline void bus_load(void) {
    PORTB &= (uint8_t)~(1 << PB0);
    PORTB |= 1 << PB0;
}

#endif
