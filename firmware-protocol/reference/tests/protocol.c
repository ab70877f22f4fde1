/* What SPEC.md asks of a board beyond the golden conversations, on the card of resistor-array-v1, in virtual time. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../core/homeostat.c"
#include "bench.h"
#include "card_resistor_array_v1.h"

static const uint32_t US = 0x77777777;
static const double OUTPUT_ZERO = -2.048, OUTPUT_STEP = 1e-3, NUDGE_ZERO = -204.8e-6, NUDGE_STEP = 1e-7, BETA_UNIT = 1e-3;

static uint8_t said[2048];
static size_t got;
static uint32_t number;

static uint16_t script[64];
static unsigned scripted;

/* Outputs follow the script where there is one; everything else reads 1000 + index. */
static uint16_t by_script(uint8_t role, uint16_t index) {
    if (role == HS_OUTPUT && scripted) {
        static unsigned at;
        at = index == 0 && board.read == 1 ? 0 : at;
        return script[at++ % scripted];
    }
    return (uint16_t)(1000 + index);
}

static void power_on(void) {
    memset(&board, 0, sizeof board);
    board.reading = by_script;
    scripted = 0;
    bench_now = 0;
    number = 0x80000000;
    bench_power_on(&card_resistor_array_v1, 7);
}

static void send(const message *m) {
    bench_send(m->bytes, m->count);
}

static void hear(void) {
    got = bench_await(said, sizeof said, 1000000);
}

static void query(message m) {
    got = ask(&m, said, sizeof said);
}

static void armed_board(void) {
    power_on();
    query(say_hello(US, number++));
    query(say_arm(US, number++, 1, 500));
    CHECK(said[0] == 0x83 && said[HEAD] == 1);
}

static bool refused(uint8_t code) {
    return got > HEAD + 4 && said[0] == 0xFF && said[HEAD] == code;
}

static message batch_of(unsigned stimuli) {
    message m = say(4, US, executed + 1);
    put8(&m, stimuli);
    return m;
}

static void stimulus(message *m, unsigned how, unsigned reads, unsigned blocks) {
    put8(m, how);
    put16(m, reads);
    put8(m, blocks);
}

static void inputs_at(message *m, unsigned a, unsigned b, unsigned c, unsigned d) {
    put8(m, HS_INPUT);
    put16(m, a);
    put16(m, b);
    put16(m, c);
    put16(m, d);
}

static void difference_to(message *m, double beta, double a, double b, double c) {
    put_real(m, beta);
    put8(m, 0);
    put_real(m, a);
    put_real(m, b);
    put_real(m, c);
}

/* ---- */

static void beginning(void) {
    power_on();
    message m = say_hello(US, 5);
    m.bytes[HEAD + 4] = 2;
    put16(&m, 0); /* what version 2 may add */
    query(m);
    CHECK(refused(VERSION) && session == 0);
    m = say_hello(US, 5);
    m.bytes[HEAD] = 'X';
    query(m);
    CHECK(refused(MALFORMED));
    m = say_hello(0, 5);
    query(m);
    CHECK(refused(MALFORMED) && session == 0);
    m = say(5, US, 6);
    query(m);
    CHECK(refused(SESSION));
    m = say_hello(US, 5);
    query(m);
    CHECK(got == HEAD + 49 && said[0] == 0x81 && get32(said + HEAD + 2) == HS_LARGEST && said[HEAD + 6] == HS_WINDOW);
    CHECK(get32(said + HEAD + 11) == card_resistor_array_v1.card_length);
    CHECK(memcmp(said + HEAD + 15, card_resistor_array_v1.digest, 8) == 0);
}

static void card_in_parts(void) {
    armed_board();
    static uint8_t whole[8192];
    uint32_t at = 0;
    for (;;) {
        message m = say(2, US, number++);
        put32(&m, at);
        put16(&m, at % 3 ? 60000 : 100);
        query(m);
        CHECK(said[0] == 0x82 && got <= HS_LARGEST && get32(said + HEAD) == at);
        if (got == HEAD + 4) {
            break;
        }
        memcpy(whole + at, said + HEAD + 4, got - HEAD - 4);
        at += (uint32_t)got - HEAD - 4;
    }
    CHECK(at == card_resistor_array_v1.card_length);
    CHECK(memcmp(whole, card_resistor_array_v1.card, at) == 0);
    message m = say(2, US, number++);
    put32(&m, 0xFFFFFFFF);
    put16(&m, 10);
    query(m);
    CHECK(said[0] == 0x82 && got == HEAD + 4);
}

static void sizes_of_frames(void) {
    armed_board();
    message m = say(9, US, number++);
    while (m.count < HS_LARGEST) {
        put8(&m, 0xAB);
    }
    query(m);
    CHECK(refused(MALFORMED));
    put8(&m, 0);
    query(m);
    CHECK(got == 0);
    query(say(5, US, number++));
    CHECK(said[0] == 0x85 && get32(said + HEAD + 22) == 1);
}

static void never_twice(void) {
    armed_board();
    message one = batch_of(1);
    stimulus(&one, 0, 2, 1);
    inputs_at(&one, 100, 200, 300, 400);
    send(&one);
    bench_run(10);
    send(&one); /* while it is being executed */
    bench_settle();
    CHECK(hs_executing());
    query(say(5, US, number++));
    CHECK(said[0] == 0x85 && get32(said + HEAD + 10) == 0); /* not executed to its end */
    hear();
    CHECK(said[0] == 0x84 && got == RESULT_HEAD + 5 + 15 * 8);
    CHECK(board.read == 30);
    uint8_t kept_one[200];
    memcpy(kept_one, said, got);
    unsigned long imposed = board.imposed;
    message two = batch_of(1);
    stimulus(&two, 0, 1, 0);
    query(two);
    CHECK(said[0] == 0x84 && get32(said + 5) == 2 && board.read == 45);
    query(one);
    CHECK(memcmp(said, kept_one, got) == 0 && get32(said + 5) == 1);
    query(two);
    CHECK(get32(said + 5) == 2 && said[0] == 0x84);
    message stop = say(6, US, number++);
    query(stop);
    query(one); /* also when latched */
    CHECK(memcmp(said, kept_one, got) == 0);
    CHECK(board.read == 45 && board.imposed == imposed + 7);
    query(say_arm(US, number++, 2, 500));
    message three = batch_of(1);
    CHECK(three.bytes[5] == 3);
    stimulus(&three, 0, 1, 0);
    query(three);
    CHECK(said[0] == 0x84);
    query(one);
    CHECK(refused(ORDER));
    three.bytes[5] = 5;
    query(three);
    CHECK(refused(ORDER) && board.read == 60);
    three.bytes[5] = 0;
    query(three);
    CHECK(refused(ORDER));
    memset(three.bytes + 5, 0xFF, 4);
    query(three);
    CHECK(refused(ORDER) && board.read == 60);
}

static void averages(void) {
    armed_board();
    static const uint16_t codes[] = {1, 2, 2000, 2001, 2001, 4094, 7, 7, 8};
    /* A channel is read `reads` times in a row. */
    memcpy(script, codes, sizeof codes);
    scripted = 9;
    board.read = 0;
    message m = batch_of(1);
    stimulus(&m, 0, 3, 0);
    query(m);
    CHECK(said[0] == 0x84 && got == RESULT_HEAD + 5 + 15 * 8);
    const uint8_t *p = said + RESULT_HEAD;
    CHECK(p[4] == SETTLED);
    for (int k = 0; k < 3; k++) {
        long sum = codes[3 * k] + codes[3 * k + 1] + codes[3 * k + 2], mean = (2 * sum + 3) / 6;
        long squares = 0;
        for (int i = 0; i < 3; i++) {
            squares += (codes[3 * k + i] - mean) * (codes[3 * k + i] - mean);
        }
        CHECK(get32(p + 5 + 8 * k) == (uint32_t)sum);
        CHECK(get32(p + 9 + 8 * k) == (uint32_t)squares);
    }
    CHECK(get32(p + 5 + 24) == 3000 && get32(p + 9 + 24) == 0);

    script[0] = 0; /* clipped, and squares beyond u32 */
    script[1] = 4095;
    scripted = 2;
    board.read = 0;
    m = batch_of(1);
    stimulus(&m, 0, 65535, 0);
    send(&m);
    do { /* a million conversions take no virtual time here */
        hear();
    } while (got == 0);
    p = said + RESULT_HEAD;
    CHECK(p[4] == CLIPPED && p[5] == HS_OUTPUT && get16(p + 6) == 0);
    CHECK(get32(p + 8) == 32767u * 4095u && get32(p + 12) == 0xFFFFFFFF);

    script[0] = 5; /* half is rounded up */
    script[1] = 6;
    board.read = 0;
    m = batch_of(1);
    stimulus(&m, 0, 2, 0);
    query(m);
    CHECK(get32(said + RESULT_HEAD + 5) == 11 && get32(said + RESULT_HEAD + 9) == 1);
}

static void too_large(void) {
    armed_board();
    unsigned fit = (HS_LARGEST - RESULT_HEAD) / (8 + 15 * 8);
    for (unsigned extra = 0; extra < 2; extra++) {
        message m = batch_of(fit + extra);
        for (unsigned s = 0; s < fit + extra; s++) {
            stimulus(&m, 0, 2, 0);
        }
        query(m);
        CHECK(extra ? refused(LARGE) : said[0] == 0x84 && said[RESULT_HEAD - 2] == fit);
    }
    query(batch_of(0));
    CHECK(said[0] == 0x84 && got == RESULT_HEAD && said[RESULT_HEAD - 2] == 0);
}

static void unfit_ones(void) {
    armed_board();
    unsigned long imposed = board.imposed;
    message m = batch_of(1);
    stimulus(&m, HOW_FREE, 1, 0);
    query(m);
    CHECK(refused(UNFIT) && said[HEAD + 1] == 0);
    m = batch_of(2);
    stimulus(&m, 0, 1, 1);
    inputs_at(&m, 1, 2, 3, 4);
    stimulus(&m, 0, 1, 1);
    put8(&m, HS_KNOB);
    query(m);
    CHECK(refused(UNFIT) && said[HEAD + 1] == 1 && said[HEAD + 2] == HS_KNOB);
    m = batch_of(1);
    stimulus(&m, 0, 1, 1);
    put8(&m, HS_PARAMETER);
    for (int k = 0; k < 156; k++) {
        put8(&m, k == 77 ? 7 : 8);
    }
    query(m);
    CHECK(refused(UNFIT) && said[HEAD + 2] == HS_PARAMETER && get16(said + HEAD + 3) == 77);
    m = batch_of(1);
    stimulus(&m, COUPLING_NUDGE << 1, 1, 0);
    difference_to(&m, 1, 0, 0, 0);
    query(m);
    CHECK(refused(UNFIT));
    m = batch_of(2); /* the reading without a nudge comes too late */
    stimulus(&m, DIFFERENCE_NUDGE << 1, 1, 0);
    difference_to(&m, 1, 0, 0, 0);
    stimulus(&m, 0, 1, 0);
    query(m);
    CHECK(refused(UNFIT) && said[HEAD + 1] == 0);
    static const double odd[] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 6; i++) {
        m = batch_of(2);
        stimulus(&m, 0, 1, 0);
        stimulus(&m, DIFFERENCE_NUDGE << 1, 1, 0);
        difference_to(&m, i < 3 ? odd[i] : 1, 0, i < 3 ? 0 : odd[i - 3], 0);
        query(m);
        CHECK(refused(UNFIT) && said[HEAD + 1] == 1);
    }
    CHECK(board.imposed == imposed && board.read == 0 && executed == 0);
}

/* Every prefix of a batch with everything in it, and every byte of it changed: an answer each time, nothing imposed by an ERROR. */
static void every_prefix(void) {
    armed_board();
    message whole = batch_of(3);
    stimulus(&whole, 0, 1, 2);
    inputs_at(&whole, 2000, 2001, 2002, 2003);
    put8(&whole, HS_PARAMETER | BLOCK_SOME);
    for (int i = 0; i < 20; i++) {
        put8(&whole, i == 19 ? 0x0F : 0);
    }
    put32(&whole, 0x40302010);
    put8(&whole, HOW_DWELL | FORCE_NUDGE << 1);
    put16(&whole, 2);
    put32(&whole, 10);
    put8(&whole, 0);
    put8(&whole, 1);
    put16(&whole, 2000);
    put16(&whole, 2100);
    put16(&whole, 2200);
    stimulus(&whole, DIFFERENCE_NUDGE << 1, 1, 0);
    difference_to(&whole, 0.5, 1, -1, 0.25);
    for (size_t length = HEAD; length < whole.count; length++) {
        unsigned long imposed = board.imposed;
        message cut = whole;
        cut.count = length;
        query(cut);
        CHECK(refused(MALFORMED));
        CHECK(board.imposed == imposed);
    }
    for (size_t at = HEAD; at < whole.count; at++) {
        for (unsigned to = 0; to < 256; to++) {
            message m = batch_of(0);
            memcpy(m.bytes + HEAD, whole.bytes + HEAD, whole.count - HEAD);
            m.count = whole.count;
            m.bytes[at] = (uint8_t)to;
            unsigned long imposed = board.imposed;
            send(&m);
            for (int patience = 0; patience < 20; patience++) { /* a dwell may have become long */
                got = bench_await(said, sizeof said, 400000);
                if (got) {
                    break;
                }
                message beat = say(patience < 3 ? 5 : 6, US, number++);
                send(&beat);
                got = bench_await(said, sizeof said, 1000);
                if (got && said[0] == 0x84) {
                    break;
                }
            }
            CHECK(got && (said[0] == 0x84 || said[0] == 0xFF || said[0] == 0x86));
            CHECK(said[0] != 0xFF || board.imposed == imposed);
            bench_settle();
            while (bench_reply(said, sizeof said)) {
            }
            if (!armed) {
                query(say_arm(US, number++, arming + 1, 500));
                CHECK(said[0] == 0x83);
            }
        }
    }
    message m = batch_of(0);
    memcpy(m.bytes + HEAD, whole.bytes + HEAD, whole.count - HEAD);
    m.count = whole.count;
    query(m);
    CHECK(said[0] == 0x84 && board.code[HS_PARAMETER][152] == 0x10 && board.code[HS_PARAMETER][155] == 0x40);
}

static void stopped_inside(void) {
    for (int how = 0; how < 4; how++) { /* STOP, silence, a fault, a new session */
        armed_board();
        message m = batch_of(2);
        stimulus(&m, 0, 1, 1);
        inputs_at(&m, 10, 20, 30, 40);
        put8(&m, HOW_DWELL | FORCE_NUDGE << 1);
        put16(&m, 1);
        put32(&m, 3000000);
        put8(&m, 1);
        inputs_at(&m, 4000, 4000, 4000, 4000);
        put8(&m, 0);
        put16(&m, 1);
        put16(&m, 2);
        put16(&m, 3);
        send(&m);
        bench_run(100000);
        CHECK(board.code[HS_INPUT][2] == 4000 && board.code[HS_NUDGE][2] == 3);
        message waiting = batch_of(1);
        CHECK(waiting.bytes[5] == 2);
        stimulus(&waiting, 0, 1, 0);
        if (how == 0) {
            query(say(6, US, number++));
            while (said[0] == 0x84) {
                hear();
            }
            CHECK(said[0] == 0x86 && said[HEAD] == 0 && said[HEAD + 1] == STOPPED && get32(said + HEAD + 10) == 1);
            query(m);
        } else if (how == 1) {
            send(&waiting);
            bench_run(600000);
            bench_settle();
            got = bench_reply(said, sizeof said);
        } else if (how == 2) {
            hs_fault();
            bench_settle();
            got = bench_reply(said, sizeof said);
        } else {
            query(say_hello(US + 1, number++));
            CHECK(said[0] == 0x81 && said[HEAD + 23] == 0 && said[HEAD + 24] == NEW_SESSION);
            got = bench_await(said, sizeof said, 4000000);
            CHECK(got == 0 && executed == 0);
        }
        for (int i = 0; i < 4; i++) {
            CHECK(board.code[HS_INPUT][i] == 2048 && board.code[HS_NUDGE][i % 3] == 2048);
        }
        CHECK(!armed && !hs_executing());
        if (how < 3) {
            CHECK(said[0] == 0x84 && said[RESULT_HEAD - 2] == 1 && said[RESULT_HEAD - 1] == 1 + reason);
            CHECK(got == RESULT_HEAD + 5 + 30);
            CHECK(reason == (how == 0 ? STOPPED : how == 1 ? SILENT : FAULTY));
        }
        if (how == 1) {
            hear();
            CHECK(refused(LATCHED) && get32(said + 5) == 2);
        }
    }
}

static void differences(void) {
    armed_board();
    dice d = {99};
    script[0] = 1000;
    script[1] = 2500;
    script[2] = 4000;
    scripted = 3;
    board.read = 0;
    message m = batch_of(1);
    stimulus(&m, 0, 1, 0);
    query(m);
    CHECK(said[0] == 0x84);
    for (int trial = 0; trial < 20000; trial++) {
        double beta = ((int)dice_below(&d, 20001) - 10000) * 1e-4, target[3];
        if (trial % 10 == 0) {
            beta *= pow(10, (int)dice_below(&d, 600) - 300);
        }
        for (int k = 0; k < 3; k++) {
            target[k] = ((int)dice_below(&d, 4001) - 2000) * 1e-3;
            if (trial % 50 == 1) {
                target[k] *= pow(10, (int)dice_below(&d, 600) - 300);
            }
        }
        m = batch_of(1);
        stimulus(&m, DIFFERENCE_NUDGE << 1, 1, 0);
        difference_to(&m, beta, target[0], target[1], target[2]);
        query(m);
        CHECK(said[0] == 0x84);
        for (int k = 0; k < 3; k++) {
            double force = beta * BETA_UNIT * (target[k] - (OUTPUT_ZERO + OUTPUT_STEP * script[k]));
            double exact = (force - NUDGE_ZERO) / NUDGE_STEP;
            exact = exact < 0 ? 0 : exact > 4095 ? 4095 : exact;
            /* rounding, and what 24 bits of fraction make of a distance of up to 4 V */
            CHECK(fabs(board.code[HS_NUDGE][k] - exact) < 0.51 + fabs(beta) * BETA_UNIT * 4 * 1.2e-7 / NUDGE_STEP);
        }
    }
    query(say_arm(US, number++, 2, 500)); /* then with limits: the end of what is left */
    m = say(3, US, number++);
    put32(&m, 3);
    put16(&m, 500);
    put8(&m, 1);
    put8(&m, HS_NUDGE);
    put16(&m, 0);
    for (int k = 0; k < 3; k++) {
        put16(&m, 2000);
        put16(&m, 2100);
        put16(&m, 5000);
    }
    query(m);
    CHECK(said[0] == 0x83);
    for (int sign = -1; sign < 2; sign += 2) {
        m = batch_of(1);
        stimulus(&m, DIFFERENCE_NUDGE << 1, 1, 0);
        difference_to(&m, sign, 2.047, 2.047, 2.047);
        query(m);
        CHECK(said[0] == 0x84 && board.code[HS_NUDGE][0] == (sign < 0 ? 2000 : 2100));
    }
}

static void reals(void) {
    dice d = {5};
    for (int trial = 0; trial < 500000; trial++) {
        uint8_t bytes[8];
        for (int i = 0; i < 8; i++) {
            bytes[i] = (uint8_t)dice_draw(&d);
        }
        if (trial % 2) { /* of ordinary size */
            bytes[7] = (uint8_t)((bytes[7] & 0x80) | 0x3F | (trial & 0x40));
        }
        if (trial % 16 == 1) {
            memset(bytes, 0, 4 + (size_t)(trial / 16 % 3));
        }
        double value;
        memcpy(&value, bytes, 8);
        CHECK(f64_finite(bytes) == (isfinite(value) != 0));
        if (isfinite(value)) {
            float taken = f64_at(bytes);
            if (fabs(value) >= 1125899906842624.0) {
                CHECK(taken == (value < 0 ? -1e15f : 1e15f));
            } else if (fabs(value) < 1e-37) {
                CHECK(fabs((double)taken) <= 1.2e-37);
            } else {
                CHECK(fabs((double)taken - value) <= fabs(value) * 5.97e-8);
            }
        }
    }
}

static uint32_t moves_at[100];
static uint16_t moves_to[100];
static int moves;

static void note_moves(uint8_t role, uint16_t index, uint16_t code) {
    if (role == HS_NUDGE && index == 1 && moves < 100) {
        moves_at[moves] = bench_now;
        moves_to[moves++] = code;
    }
}

static void slew(void) {
    power_on();
    query(say_hello(US, number++));
    message m = say(3, US, number++);
    put32(&m, 9);
    put16(&m, 500);
    put8(&m, 1);
    put8(&m, HS_NUDGE);
    put16(&m, 700);
    for (int k = 0; k < 3; k++) {
        put16(&m, 0);
        put16(&m, 4095);
        put16(&m, 100);
    }
    query(m);
    CHECK(said[0] == 0x83);
    bench_run(10000);
    board.watch = note_moves;
    moves = 0;
    m = batch_of(2);
    stimulus(&m, FORCE_NUDGE << 1, 1, 1);
    inputs_at(&m, 0, 4095, 0, 4095);
    put8(&m, 0);
    put16(&m, 2048);
    put16(&m, 2398);
    put16(&m, 2048);
    stimulus(&m, 0, 1, 0);
    query(m);
    CHECK(said[0] == 0x84 && said[RESULT_HEAD - 2] == 2);
    static const uint16_t to[] = {2148, 2248, 2348, 2398, 2298, 2198, 2098, 2048};
    CHECK(moves == 8 && memcmp(moves_to, to, sizeof to) == 0);
    for (int i = 1; i < moves; i++) {
        CHECK(moves_at[i] - moves_at[i - 1] == 700);
    }
    CHECK(get32(said + RESULT_HEAD) == 2100 + 50);
    CHECK(get32(said + RESULT_HEAD + 35) == 7 * 700 + 50);
    board.watch = NULL;
    m = batch_of(1);
    stimulus(&m, FORCE_NUDGE << 1, 1, 0);
    put8(&m, 0);
    put16(&m, 4095);
    put16(&m, 4095);
    put16(&m, 4095);
    send(&m);
    bench_run(3000);
    CHECK(board.code[HS_NUDGE][1] > 2048 && board.code[HS_NUDGE][1] < 4000);
    moves = 0;
    board.watch = note_moves;
    query(say(6, US, number++));
    CHECK(moves == 1 && moves_to[0] == 2048);
}

static void limits_of_arm(void) {
    armed_board();
    message m = batch_of(1);
    stimulus(&m, 0, 1, 1);
    inputs_at(&m, 3000, 3000, 3000, 3000);
    query(m);
    CHECK(said[0] == 0x84 && board.code[HS_INPUT][0] == 3000);
    static const uint16_t wrong_ones[][3] = {{2049, 4095, 1}, {0, 2047, 1}, {0, 4096, 1}, {0, 4095, 0}, {3000, 2000, 5}};
    for (int i = 0; i < 5; i++) {
        m = say(3, US, number++);
        put32(&m, 2);
        put16(&m, 500);
        put8(&m, 1);
        put8(&m, HS_INPUT);
        put16(&m, 0);
        for (int k = 0; k < 4; k++) {
            put16(&m, k == 2 ? wrong_ones[i][0] : 0);
            put16(&m, k == 2 ? wrong_ones[i][1] : 4095);
            put16(&m, k == 2 ? wrong_ones[i][2] : 1);
        }
        query(m);
        CHECK(refused(UNFIT) && said[HEAD + 2] == HS_INPUT && get16(said + HEAD + 3) == 2 && arming == 1 && armed);
    }
    query(say_arm(US, number++, 2, HS_LEAST_SILENCE - 1));
    CHECK(refused(UNFIT));
    query(say_arm(US, number++, 2, HS_MOST_SILENCE + 1));
    CHECK(refused(UNFIT));
    CHECK(board.code[HS_INPUT][0] == 3000);
    query(say_arm(US, number++, 1, 500)); /* the same again changes nothing */
    CHECK(said[0] == 0x83 && board.code[HS_INPUT][0] == 3000);
    query(say_arm(US, number++, 2, 500)); /* a fresh one begins at safe levels */
    CHECK(said[0] == 0x83 && board.code[HS_INPUT][0] == 2048);
    m = batch_of(1);
    put8(&m, HOW_DWELL);
    put16(&m, 1);
    put32(&m, 100000);
    put8(&m, 0);
    send(&m);
    bench_run(1000);
    query(say_arm(US, number++, 3, 500));
    CHECK(refused(BUSY) && arming == 2);
    query(say_arm(US, number++, 2, 500));
    CHECK(said[0] == 0x83);
    hear();
    CHECK(said[0] == 0x84);
}

static void dwells(void) {
    armed_board();
    static const uint32_t dwell[] = {0, 49, 50, 1000};
    for (int i = 0; i < 4; i++) {
        message m = batch_of(1);
        put8(&m, HOW_DWELL);
        put16(&m, 1);
        put32(&m, dwell[i]);
        put8(&m, 0);
        query(m);
        const uint8_t *p = said + RESULT_HEAD;
        CHECK(said[0] == 0x84 && get32(p) == dwell[i] && p[4] == (dwell[i] < 50 ? UNSETTLED : SETTLED));
        CHECK(got == RESULT_HEAD + 35u + (dwell[i] < 50 ? 3 : 0));
        CHECK(dwell[i] >= 50 || (p[5] == 0xFF && get16(p + 6) == 0xFFFF && get16(p + 8) == 1000));
    }
}

static void clock_goes_on(void) {
    armed_board();
    uint32_t high = 0;
    for (int hours = 0; hours < 4; hours++) {
        for (int i = 0; i < 4; i++) {
            bench_run(1200000000);
        }
        message m = say(5, US, number++);
        query(m);
        uint32_t low = get32(said + HEAD + 14);
        CHECK(said[0] == 0x85 && low == bench_now && get32(said + HEAD + 18) >= high);
        high = get32(said + HEAD + 18);
    }
    CHECK(high == 4);
}

static void deaf_host(void) {
    armed_board();
    bench_room = 20; /* it sends and sends, and never reads */
    for (int i = 0; i < 100; i++) {
        message m = i % 3 ? say(5, US, number++) : batch_of(1);
        if (i % 3 == 0) {
            m = batch_of(1);
            stimulus(&m, 0, 1, 1);
            inputs_at(&m, 3000, 1, 3000, 1);
        }
        send(&m);
        bench_run(20000);
    }
    CHECK(!armed && reason == SILENT && board.code[HS_INPUT][0] == 2048);
    bench_room = 1 << 16;
    unsigned replies = 0;
    while (bench_await(said, sizeof said, 1000)) {
        replies++;
    }
    CHECK(replies > 50);
    query(say(5, US, number++));
    CHECK(said[0] == 0x85 && said[HEAD + 1] == SILENT);
}

static void byte_by_byte(void) {
    armed_board();
    message m = batch_of(1);
    stimulus(&m, 0, 1, 0);
    static uint8_t frame[256];
    size_t length = bench_frame(m.bytes, m.count, frame);
    for (size_t i = 0; i < length; i++) {
        CHECK(bench_reply(said, sizeof said) == 0);
        bench_bytes(frame + i, 1);
        bench_run(30);
    }
    hear();
    CHECK(said[0] == 0x84);
    /* and out: a line that takes a byte at a time */
    static uint8_t raw[512], payload[512];
    size_t count = 0;
    bench_room = 1;
    send(&m);
    for (int i = 0; i < 2000; i++) {
        bench_settle();
        count += bench_raw(raw + count);
    }
    CHECK(count > 4 && raw[count - 1] == 0 && bench_unstuff(raw, count - 1, payload) == (long)got + 4);
    CHECK(memcmp(payload, said, got) == 0);
}

int main(void) {
    beginning();
    card_in_parts();
    sizes_of_frames();
    never_twice();
    averages();
    too_large();
    unfit_ones();
    every_prefix();
    stopped_inside();
    differences();
    reals();
    slew();
    limits_of_arm();
    dwells();
    clock_goes_on();
    deaf_host();
    byte_by_byte();
    return bench_end("protocol");
}
