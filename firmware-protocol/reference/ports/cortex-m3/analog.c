/* ports/cortex-m3/analog.c : a stand-in for the analog part, for a processor without converters: each node is the average of
 * what its potentiometers join, nothing more. It is no model of resistor-array-v1; it makes replies depend on what was imposed.
 * SPDX-License-Identifier: Apache-2.0 */
#include "homeostat.h"

enum { INPUTS = 4, HIDDEN = 12, OUTPUTS = 3, EACH_HIDDEN = 10, FIRST_OUTPUT = HIDDEN * EACH_HIDDEN, POTENTIOMETERS = 156 };

static uint16_t input[INPUTS], nudge[OUTPUTS];
static uint8_t potentiometer[POTENTIOMETERS];
static bool known;

void hs_board_impose(uint8_t role, uint16_t index, uint16_t code) {
    if (!known) {
        known = true;
        for (int k = 0; k < POTENTIOMETERS; k++) {
            potentiometer[k] = 128;
        }
    }
    if (role == HS_INPUT) {
        input[index] = code;
    } else if (role == HS_NUDGE) {
        nudge[index] = code;
    } else if (role == HS_PARAMETER) {
        potentiometer[index] = (uint8_t)code;
    }
}

void hs_board_apply(void) {}

/* Conductance falls with the code. */
static int32_t weight(int k) {
    return 16384 / (potentiometer[k] + 1);
}

/* Around 0, in millivolts; inputs come as x and -x, two millivolts a code. */
static int32_t hidden(int j) {
    int32_t sum = 0, all = 0;
    for (int i = 0; i < INPUTS; i++) {
        int32_t plus = weight(j * EACH_HIDDEN + 2 * i), minus = weight(j * EACH_HIDDEN + 2 * i + 1);
        sum += (plus - minus) * (input[i] - 2048) * 2;
        all += plus + minus;
    }
    int32_t plus = weight(j * EACH_HIDDEN + 8), minus = weight(j * EACH_HIDDEN + 9);
    sum += (plus - minus) * 2000;
    return sum / (all + plus + minus);
}

static int32_t output(int k) {
    int32_t sum = 0, all = 0;
    for (int j = 0; j < HIDDEN; j++) {
        int32_t g = weight(FIRST_OUTPUT + k * HIDDEN + j);
        sum += g * hidden(j);
        all += g;
    }
    return sum / all + (nudge[k] - 2048) / 4;
}

uint16_t hs_board_read(uint8_t role, uint16_t index) {
    int32_t code = 2048 + (role == HS_OUTPUT ? output(index) : hidden(index));
    return (uint16_t)(code < 0 ? 0 : code > 4095 ? 4095 : code);
}
