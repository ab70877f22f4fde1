/* Frames for lab --play: HELLO, ARM, then batches. Usage: steps step|whole|single COUNT
 *   step    free, nudged one way, nudged the other       whole   the same, with all potentiometers       single  one free stimulus
 * SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t session = 0x1234567;

static void out(message m) {
    static uint8_t frame[4096];
    fwrite(frame, 1, bench_frame(m.bytes, m.count, frame), stdout);
}

static void inputs(message *m, int n) {
    put8(m, HS_INPUT);
    put16(m, 3000 + n % 100);
    put16(m, 1000);
    put16(m, 2500);
    put16(m, 2048);
}

static void nudged(message *m, double beta) {
    put8(m, 3 << 1);
    put16(m, 1);
    put8(m, 0);
    put_real(m, beta);
    put8(m, 0);
    put_real(m, 0.3);
    put_real(m, -0.3);
    put_real(m, 0.1);
}

int main(int count, char **arguments) {
    if (count != 3) {
        fprintf(stderr, "steps step|whole|single COUNT\n");
        return 2;
    }
    bool whole = !strcmp(arguments[1], "whole"), single = !strcmp(arguments[1], "single");
    out(say_hello(session, 0x40000001));
    out(say_arm(session, 0x40000002, 1, 2000));
    for (int n = 1; n <= atoi(arguments[2]); n++) {
        message m = say(4, session, (uint32_t)n);
        put8(&m, single ? 1 : 3);
        put8(&m, 0);
        put16(&m, 1);
        put8(&m, whole ? 2 : 1);
        inputs(&m, n);
        if (whole) {
            put8(&m, HS_PARAMETER);
            for (int k = 0; k < 156; k++) {
                put8(&m, 8 + (unsigned)(n + k) % 248);
            }
        }
        if (!single) {
            nudged(&m, 0.5);
            nudged(&m, -0.5);
        }
        out(m);
    }
    return 0;
}
