/* sim/lab/chips.c : 26 AD5206, 4 MCP4922 and 2 MCP3208, decoded from the pins of ports B and D.
 * SPDX-License-Identifier: Apache-2.0 */
#include "chips.h"

#include <string.h>

enum { LDAC = 1 << 0, NONE = 1 << 7 };
enum { FIRST_DAC_CHIP = 26, FIRST_ADC_CHIP = 30 };

const char *const chips_flag_name[FLAGS] = {"fast", "short",  "long",  "mode",    "nobody",    "two",
                                            "cut",  "early",  "droop", "command", "collision", "slave"};

/* A wiper that moves shortly after another counts as moved together with it: the circuit need not be solved for each. */
static const uint64_t together = CHIPS_HZ / 50000;

static const uint64_t adc_pause = CHIPS_HZ / 2000000;         /* tCSH, 500 ns */
static const uint64_t adc_period = CHIPS_HZ / 100000;         /* 100,000 conversions a second at 5 V */
static const uint64_t adc_droop = CHIPS_HZ / 1000000 * 1200;  /* 1.2 ms */

static bool is_adc(int chip) { return chip >= FIRST_ADC_CHIP; }
static bool is_dac(int chip) { return chip >= FIRST_DAC_CHIP && chip < FIRST_ADC_CHIP; }

void chips_flagged(chips *c, chips_flag flag) { c->flags[flag]++; }

void chips_advance(chips *c, uint64_t tick) {
    if (tick > c->advanced) {
        circuit_advance(c->board, (double)(tick - c->advanced) / CHIPS_HZ);
        c->advanced = tick;
    }
}

static void drive(chips *c, int dac) {
    if (dac < 4) {
        circuit_input_code(c->board, dac, c->output[dac]);
    } else {
        circuit_nudge_code(c->board, dac - 4, c->output[dac]);
    }
}

/* /LDAC is low: what was latched goes out. */
static void transfer(chips *c, uint64_t tick) {
    for (int dac = 0; dac < DACS; dac++) {
        if (!c->latched[dac]) {
            continue;
        }
        c->latched[dac] = false;
        if (c->output[dac] == c->latch[dac]) {
            continue;
        }
        chips_advance(c, tick);
        c->output[dac] = c->latch[dac];
        c->moved[dac] = tick;
        c->change[c->changes++ % CHANGES_KEPT] = (chips_change){tick, (uint8_t)dac, c->output[dac]};
        drive(c, dac);
    }
}

static void potentiometer(chips *c, int chip, uint64_t tick) {
    if (c->bits < 11) {
        chips_flagged(c, FLAG_SHORT);
        return;
    }
    if (c->bits > 16) {
        chips_flagged(c, FLAG_LONG);
    }
    int channel = (int)(c->shift >> 8) & 7;
    if (channel > 5) {
        chips_flagged(c, FLAG_COMMAND);
        return;
    }
    int k = 6 * chip + channel;
    c->potentiometer_writes++;
    if (tick - c->advanced > together) {
        chips_advance(c, tick);
    }
    c->potentiometer[k] = (uint8_t)c->shift;
    circuit_potentiometer(c->board, k, c->potentiometer[k]);
}

static void converter(chips *c, int chip) {
    if (c->bits < 16) {
        chips_flagged(c, FLAG_SHORT);
        return;
    }
    if (c->bits > 16) {
        chips_flagged(c, FLAG_LONG);
    }
    unsigned word = (unsigned)c->sent[0] << 8 | c->sent[1];
    int dac = 2 * (chip - FIRST_DAC_CHIP) + (int)(word >> 15);
    if (dac >= DACS || (word & 0x3000) != 0x3000) { /* gain 1, switched on */
        chips_flagged(c, FLAG_COMMAND);
        return;
    }
    c->dac_writes++;
    c->latch[dac] = word & 0xfff;
    c->latched[dac] = true;
}

static void deselect(chips *c, uint64_t tick) {
    int chip = c->selected;
    if (tick < c->busy_until) {
        chips_flagged(c, FLAG_CUT);
    }
    c->frames++;
    if (is_adc(chip)) {
        if (c->bits < 24) {
            chips_flagged(c, FLAG_SHORT);
        } else if (c->bits > 24) {
            chips_flagged(c, FLAG_LONG);
        }
    } else if (is_dac(chip)) {
        converter(c, chip);
    } else {
        potentiometer(c, chip, tick);
    }
    c->released[chip] = tick;
    c->selected = -1;
}

static void select_chip(chips *c, uint64_t tick, int chip) {
    if (tick < c->busy_until) {
        chips_flagged(c, FLAG_CUT);
    }
    if (is_adc(chip) && tick - c->released[chip] < adc_pause) {
        chips_flagged(c, FLAG_EARLY);
    }
    c->selected = chip;
    c->bits = 0;
    c->shift = 0;
    memset(c->sent, 0, sizeof c->sent);
}

void chips_pins(chips *c, uint64_t tick, uint8_t portb, uint8_t portd) {
    int chip = portd & NONE ? -1 : portd >> 2 & 31;
    if (chip != c->selected) {
        if (chip >= 0 && c->selected >= 0) {
            chips_flagged(c, FLAG_TWO);
        }
        if (c->selected >= 0) {
            deselect(c, tick);
        }
        if (chip >= 0) {
            select_chip(c, tick, chip);
        }
    }
    c->portb = portb;
    c->portd = portd;
    if (!(portb & LDAC)) {
        transfer(c, tick);
    }
}

/* Three bytes: 00000 1 1 d2, then d1 d0 and the sample, then a null bit and twelve bits from the highest. */
static uint8_t adc(chips *c, uint64_t tick, unsigned divider) {
    int chip = c->selected;
    switch (c->bits) {
    case 0:
        return 0xff;
    case 8:
        if ((c->sent[0] & 0xfe) != 0x06) {
            chips_flagged(c, FLAG_COMMAND);
        }
        int channel = (c->sent[0] & 1) << 2 | c->sent[1] >> 6;
        int node = 8 * (chip - FIRST_ADC_CHIP) + channel;
        uint64_t instant = tick + 5 * divider / 2;
        if (node >= NODES) {
            chips_flagged(c, FLAG_COMMAND);
            c->sample = 0;
        } else {
            if (c->converted[chip] && instant - c->converted[chip] < adc_period) {
                chips_flagged(c, FLAG_EARLY);
            }
            chips_advance(c, instant);
            c->sample = (uint16_t)circuit_convert(c->board, node);
        }
        c->conversions++;
        c->sampled = c->converted[chip] = instant;
        return (uint8_t)(0xe0 | c->sample >> 8);
    case 16:
        if (tick - c->sampled > adc_droop) {
            chips_flagged(c, FLAG_DROOP);
        }
        return (uint8_t)c->sample;
    default:
        return 0;
    }
}

uint8_t chips_exchange(chips *c, uint64_t tick, uint8_t byte, unsigned divider, bool mode0) {
    static const unsigned dac_least = 1, pot_least = 1, adc_least = CHIPS_HZ / 2000000;
    if (!mode0) {
        chips_flagged(c, FLAG_MODE);
    }
    c->busy_until = tick + 8 * divider;
    int chip = c->selected;
    if (chip < 0) {
        chips_flagged(c, FLAG_NOBODY);
        return 0xff;
    }
    if (divider < (is_adc(chip) ? adc_least : is_dac(chip) ? dac_least : pot_least)) {
        chips_flagged(c, FLAG_FAST);
    }
    unsigned index = c->bits / 8;
    if (index < sizeof c->sent) {
        c->sent[index] = byte;
    }
    uint8_t answer = is_adc(chip) ? adc(c, tick, divider) : 0xff;
    c->shift = c->shift << 8 | byte;
    c->bits += 8;
    return answer;
}

void chips_power(chips *c, circuit *board, uint64_t tick) {
    c->board = board;
    c->advanced = tick;
    c->selected = -1;
    c->busy_until = 0;
    memset(c->latched, 0, sizeof c->latched);
    c->portb = LDAC;
    c->portd = NONE;
    for (int k = 0; k < POTENTIOMETERS; k++) {
        c->potentiometer[k] = 128;
        circuit_potentiometer(board, k, 128);
    }
    for (int dac = 0; dac < DACS; dac++) {
        c->output[dac] = c->latch[dac] = 2048;
        c->moved[dac] = tick;
        drive(c, dac);
    }
}
