/* Each flag of the chip models is raised by what it names, and by nothing that the data sheets allow. Exit code 1 on failure.
 * SPDX-License-Identifier: Apache-2.0 */
#include "../chips.h"

#include <stdio.h>
#include <string.h>

static chips bench;
static uint64_t now;
static int failures, checks;

enum { UP = 0x80, LDAC_HIGH = 1 };

static void start(void) {
    static circuit *board;
    if (!board) {
        board = circuit_new(1, &circuit_ideal);
    }
    memset(&bench, 0, sizeof bench);
    now = 1000;
    chips_power(&bench, board, now);
}

static void port(int d) {
    now += 2;
    chips_pins(&bench, now, bench.portb, (uint8_t)d);
}

static void up(int chip) { port(UP | chip << 2); }

static void down(int chip) {
    up(chip);
    now += 8;
    port(chip << 2);
}

static int byte(int value, unsigned divider) {
    now += 2;
    int answer = chips_exchange(&bench, now, (uint8_t)value, divider, true);
    now += 8 * divider;
    return answer;
}

static void load(void) {
    chips_pins(&bench, ++now, 0, bench.portd);
    chips_pins(&bench, ++now, LDAC_HIGH, bench.portd);
}

static int convert(int chip, int channel, unsigned divider) {
    down(chip);
    byte(6 | channel >> 2, divider);
    int high = byte(channel << 6 & 0xff, divider) & 15;
    int low = byte(0, divider);
    up(chip);
    return high << 8 | low;
}

static void expect(int holds, const char *what) {
    checks++;
    if (!holds) {
        failures++;
        printf("not so: %s\n", what);
    }
}

static void only(int flag, const char *what) {
    for (int f = 0; f < FLAGS; f++) {
        checks++;
        if ((bench.flags[f] != 0) != (f == flag)) {
            failures++;
            printf("%s: flag %s is %llu\n", what, chips_flag_name[f], (unsigned long long)bench.flags[f]);
        }
    }
    start();
}

int main(void) {
    start();
    for (int k = 0; k < POTENTIOMETERS; k++) {
        down(k / 6);
        byte(k % 6, 2);
        byte(k + 50, 2);
        up(k / 6);
        expect(bench.potentiometer[k] == k + 50, "a wiper stands where it was put");
    }
    for (int dac = 0; dac < DACS; dac++) {
        down(26 + dac / 2);
        byte((dac & 1) << 7 | 0x30 | 0xa, 2);
        byte(dac, 2);
        up(26 + dac / 2);
    }
    expect(bench.changes == 0 && bench.output[0] == 2048, "nothing goes out before /LDAC");
    load();
    for (int dac = 0; dac < DACS; dac++) {
        expect(bench.output[dac] == (0xa00 | dac) && bench.moved[dac] == bench.moved[0], "all go out together");
    }
    expect(bench.changes == DACS, "every change is noted");
    load();
    expect(bench.changes == DACS, "nothing goes out twice");
    now += CHIPS_HZ / 100;
    for (int node = 0; node < NODES; node++) {
        int code = convert(30 + node / 8, node % 8, 8);
        double volts = circuit_node(bench.board, node);
        int near = (int)((volts + 2.048) * 1000 + 0.5);
        expect(code >= near - 1 && code <= near + 1, "a conversion is the node's voltage");
    }
    only(-1, "what the data sheets allow");

    convert(30, 0, 4);
    only(FLAG_FAST, "an ADC at 4 MHz");
    down(0);
    byte(1, 2);
    up(0);
    only(FLAG_SHORT, "eight bits for a potentiometer");
    down(26);
    byte(0x30, 2);
    up(26);
    only(FLAG_SHORT, "eight bits for a DAC");
    down(0);
    byte(0, 2), byte(0, 2), byte(0, 2);
    up(0);
    only(FLAG_LONG, "24 bits for a potentiometer");
    down(0);
    chips_exchange(&bench, now, 0, 2, false);
    now += 16;
    byte(0, 2);
    up(0);
    only(FLAG_MODE, "SPI mode 1");
    byte(0, 2);
    only(FLAG_NOBODY, "a byte for nobody");
    down(0);
    byte(0, 2), byte(0, 2);
    port(1 << 2);
    byte(0, 2), byte(0, 2);
    up(1);
    only(FLAG_TWO, "from one chip to another without letting go");
    down(0);
    byte(0, 2);
    now += 2;
    chips_exchange(&bench, now, 0, 2, true);
    up(0);
    only(FLAG_CUT, "let go within a byte");
    convert(30, 0, 8);
    bench.released[30] = now += 4;
    chips_pins(&bench, now += 4, bench.portb, 30 << 2);
    byte(6, 8), now += 100, byte(0, 8), byte(0, 8);
    up(30);
    only(FLAG_EARLY, "an ADC without its pause");
    down(30);
    byte(6, 8), byte(0, 8);
    now += CHIPS_HZ / 500;
    byte(0, 8);
    up(30);
    only(FLAG_DROOP, "a sample held for 2 ms");
    down(0);
    byte(6, 2), byte(0, 2);
    up(0);
    only(FLAG_COMMAND, "a seventh potentiometer");
    down(26);
    byte(0x20, 2), byte(0, 2);
    up(26);
    only(FLAG_COMMAND, "a DAC switched off");
    convert(31, 7, 8);
    only(FLAG_COMMAND, "an input that is not connected");

    printf("chips: %d checks, %d failed\n", checks, failures);
    return failures != 0;
}
