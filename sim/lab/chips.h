/* sim/lab/chips.h : the chips around the microcontroller of resistor-array-v1, as seen from their pins.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CHIPS_H
#define CHIPS_H

#include "circuit.h"
#include <stdbool.h>
#include <stdint.h>

#define CHIPS_HZ 16000000 /* all times are in ticks of the processor's clock */

enum { POTENTIOMETERS = 156, DACS = 7, NODES = 15, CHIPS = 32 };

/* What a data sheet forbids, counted. */
typedef enum {
    FLAG_FAST,      /* clock above the chip's limit at 5 V */
    FLAG_SHORT,     /* fewer bits than a frame */
    FLAG_LONG,      /* more bits than a frame */
    FLAG_MODE,      /* not SPI mode 0, or least significant bit first */
    FLAG_NOBODY,    /* clocked while no chip was selected */
    FLAG_TWO,       /* the address moved while a chip was selected: two chips saw part of one frame */
    FLAG_CUT,       /* selection changed in the middle of a byte */
    FLAG_EARLY,     /* an ADC selected before its pause was over, or more than 100,000 conversions a second */
    FLAG_DROOP,     /* an ADC clocked so slowly that the held sample leaked away */
    FLAG_COMMAND,   /* a frame that means nothing to the chip, or switches it off */
    FLAG_COLLISION, /* SPDR written before the byte before was through */
    FLAG_SLAVE,     /* PB2 an input while SPI is master */
    FLAGS
} chips_flag;

extern const char *const chips_flag_name[FLAGS];

typedef struct {
    uint64_t tick;
    uint8_t dac; /* 0..3 x1..x4, 4..6 n1..n3 */
    uint16_t code;
} chips_change;

enum { CHANGES_KEPT = 1 << 16 };

typedef struct {
    circuit *board;
    uint64_t advanced; /* the circuit's own time */

    uint8_t portb, portd;
    int selected; /* -1 none */
    uint64_t busy_until;
    unsigned bits;
    uint32_t shift; /* the last 32 bits that came in */
    uint8_t sent[4];
    uint16_t sample;
    uint64_t sampled;

    uint8_t potentiometer[POTENTIOMETERS];
    uint16_t latch[DACS], output[DACS];
    bool latched[DACS];
    uint64_t moved[DACS];
    uint64_t released[CHIPS], converted[CHIPS];

    uint64_t flags[FLAGS];
    uint64_t frames, conversions, potentiometer_writes, dac_writes, changes;
    chips_change change[CHANGES_KEPT]; /* change n stands at n mod CHANGES_KEPT */
} chips;

/* As after power-on: wipers at mid-scale, DACs off, which their output stages turn into 0. Counters and changes are kept. */
void chips_power(chips *, circuit *, uint64_t tick);

/* The levels of ports B and D; undriven pins are given as their pull-ups make them. */
void chips_pins(chips *, uint64_t tick, uint8_t portb, uint8_t portd);

/* One byte both ways, beginning now, one bit each `divider` ticks. */
uint8_t chips_exchange(chips *, uint64_t tick, uint8_t byte, unsigned divider, bool mode0);

void chips_flagged(chips *, chips_flag);

/* Brings the circuit to this time. */
void chips_advance(chips *, uint64_t tick);

#endif
