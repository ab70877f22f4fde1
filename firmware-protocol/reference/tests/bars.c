/*
 * What must never happen, tried many times. Usage: bars WHAT COUNT [SEED]
 *   receiver   mutated frames: none is taken for another
 *   resync     after any damage the next frame behind an intact 00 is answered
 *   noise      random bytes: nothing happens, and the board still answers
 *   setpoints  hostile set-points: no violation of range, armed limits or slew at the DAC code
 *   deaths     the host dies at a random instant: safe in time, latched, and nothing moves before a fresh ARM
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../core/homeostat.c"
#include "bench.h"
#include "card_resistor_array_v1.h"

static dice luck;
enum { SAFE = 2048, CHANNELS = 7 };
static const uint32_t US = 0x51515151;

static uint32_t below(uint32_t limit) {
    return dice_below(&luck, limit);
}

static uint8_t any_byte(void) {
    return (uint8_t)dice_draw(&luck);
}

static void power_on(void) {
    static uint32_t boots;
    memset(&board, 0, sizeof board);
    for (int i = 0; i < 156; i++) {
        board.code[HS_PARAMETER][i] = 128;
    }
    bench_power_on(&card_resistor_array_v1, ++boots);
}

/* ---- receiver ---- */

typedef struct {
    uint8_t payload[300], frame[320];
    size_t length, framed;
} sample;

static void draw_sample(sample *s) {
    s->length = below(8) ? 9 + below(60) : 9 + below(250);
    for (size_t i = 0; i < s->length; i++) {
        s->payload[i] = below(4) ? any_byte() : 0;
    }
    /*
     * As on the line, the first byte is a type and not 0. It matters: a frame that is spliced in, payload and check, leaves the
     * register as four zero bytes at the beginning do, so a payload that begins with these could be mistaken, and was, once in
     * ten million.
     */
    s->payload[0] = (uint8_t)(1 + below(6) + 0x80 * below(2));
    uint8_t sealed[304];
    memcpy(sealed, s->payload, s->length);
    (void)put_u32(sealed + s->length, ~crc32c_over(0xFFFFFFFF, sealed, (uint16_t)s->length));
    s->framed = bench_stuff(sealed, s->length + 4, s->frame);
    s->frame[s->framed++] = 0;
}

static size_t mutated(int family, const sample *a, const sample *b, uint8_t *into) {
    size_t length = a->framed;
    memcpy(into, a->frame, length);
    size_t at = below((uint32_t)length), run;
    switch (family) {
        case 0: /* 1 to 3 bits flipped */
        case 1: /* 4 to 15 */
            for (uint32_t flips = family == 0 ? 1 + below(3) : 4 + below(12); flips; flips--) {
                into[below((uint32_t)length)] ^= (uint8_t)(1u << below(8));
            }
            return length;
        case 2: /* a byte lost */
            memmove(into + at, into + at + 1, length - at - 1);
            return length - 1;
        case 3: /* a byte inserted */
            memmove(into + at + 1, into + at, length - at);
            into[at] = any_byte();
            return length + 1;
        case 4: /* a run lost */
            run = 2 + below(30);
            run = run > length - at ? length - at : run;
            memmove(into + at, into + at + run, length - at - run);
            return length - run;
        case 5: /* a burst of noise */
            for (run = 2 + below(40); run && at < length; run--) {
                into[at++] = any_byte();
            }
            return length;
        case 6: { /* the head of one on the tail of another */
            size_t from = below((uint32_t)b->framed);
            memcpy(into + at, b->frame + from, b->framed - from);
            return at + b->framed - from;
        }
        default: /* noise alone */
            for (size_t i = 0; i + 1 < length; i++) {
                into[i] = any_byte();
            }
            return length;
    }
}

static void receiver(unsigned long count) {
    static sample a, b;
    static uint8_t bytes[1024];
    unsigned long wrong_ones = 0, right_ones = 0;
    power_on();
    for (unsigned long trial = 0; trial < count; trial++) {
        if (trial % 8 == 0) {
            b = a;
            draw_sample(&a);
            if (trial == 0) {
                b = a;
            }
        }
        size_t length = mutated((int)(trial % 8), &a, &b, bytes);
        bytes[length++] = 0;
        for (size_t i = 0; i < length; i++) {
            if (take_byte(0, bytes[i])) {
                const uint8_t *got = box[0].bytes;
                size_t size = box[0].length;
                bool right = (size == a.length && memcmp(got, a.payload, size) == 0)
                        || (size == b.length && memcmp(got, b.payload, size) == 0);
                right_ones += right;
                wrong_ones += !right;
            }
        }
    }
    printf("receiver: %lu mutated frames, %lu undamaged after all, %lu wrong ones accepted\n", count, right_ones, wrong_ones);
    CHECK(wrong_ones == 0);
    CHECK(right_ones < count / 4);
    CHECK(dropped > count / 2);
}

/* ---- resync ---- */

static void begin_session(void) {
    uint8_t reply[256];
    message m = say_hello(US, 0x80000000);
    CHECK(ask(&m, reply, sizeof reply) == HEAD + 49 && reply[0] == 0x81);
}

static void resync(unsigned long count) {
    static sample a, b;
    static uint8_t bytes[1024];
    unsigned long missed = 0;
    uint32_t number = 0x80000001;
    power_on();
    begin_session();
    draw_sample(&b);
    for (unsigned long trial = 0; trial < count; trial++) {
        uint32_t pieces = 1 + below(3);
        for (; pieces; pieces--) {
            draw_sample(&a);
            size_t length = mutated((int)below(8), &a, &b, bytes);
            length = below(2) ? length : below((uint32_t)length + 1); /* cut off */
            bench_bytes(bytes, length);
        }
        if (below(50) == 0) { /* longer than any frame */
            memset(bytes, 0x11, sizeof bytes);
            bench_bytes(bytes, sizeof bytes);
        }
        bench_bytes((const uint8_t *)"", 1);
        message m = say(5, US, ++number);
        uint8_t reply[1024];
        bench_send(m.bytes, m.count);
        bench_settle();
        bool answered = false;
        for (size_t got; (got = bench_reply(reply, sizeof reply));) {
            answered |= got == HEAD + STATE && reply[0] == 0x85 && get32(reply + 5) == number;
        }
        missed += !answered;
    }
    printf("resync: %lu trials, %lu missed\n", count, missed);
    CHECK(missed == 0);
}

/* ---- noise ---- */

static void noise(unsigned long count) {
    static uint8_t bytes[4096];
    power_on();
    begin_session();
    unsigned long imposed = board.imposed;
    for (unsigned long done = 0; done < count; done += sizeof bytes) {
        uint32_t zeros = below(64);
        for (size_t i = 0; i < sizeof bytes; i++) {
            bytes[i] = zeros && below(64) < zeros ? 0 : any_byte();
        }
        bench_bytes(bytes, sizeof bytes);
        bench_settle();
    }
    CHECK(board.imposed == imposed);
    bench_bytes((const uint8_t *)"", 1);
    message m = say(5, US, 0x80000002);
    uint8_t reply[256];
    size_t got = ask(&m, reply, sizeof reply);
    CHECK(got == HEAD + STATE && reply[0] == 0x85);
    printf("noise: %lu bytes, %lu frames dropped\n", count, (unsigned long)get32(reply + HEAD + 22));
}

/* ---- what the DACs are told ---- */

static struct {
    uint16_t lowest[CHANNELS], highest[CHANNELS], slew[CHANNELS];
    uint32_t period[2], changed_at[CHANNELS];
    bool changed[CHANNELS];
    unsigned long moves, violations;
    uint32_t jumped_under; /* the arming number under which something jumped to its safe level; 0: nothing did */
    uint32_t safe_at;      /* when a channel last came to its safe level */
} model;

static void violated(const char *what, uint8_t role, uint16_t index, uint16_t code) {
    if (model.violations++ < 10) {
        fprintf(stderr, "violation: %s, role %u, channel %u, code %u, at %lu us\n", what, role, index, code,
                (unsigned long)bench_now);
    }
}

static void model_built(void) {
    for (int i = 0; i < CHANNELS; i++) {
        model.lowest[i] = 0;
        model.highest[i] = 4095;
        model.slew[i] = 0xFFFF;
    }
    model.period[0] = model.period[1] = 0;
}

static void watch(uint8_t role, uint16_t index, uint16_t code) {
    if (role == HS_PARAMETER) {
        if (code < 8 || code > 255 || index >= 156) {
            violated("range", role, index, code);
        }
        return;
    }
    if ((role != HS_INPUT || index >= 4) && (role != HS_NUDGE || index >= 3)) {
        violated("no such channel", role, index, code);
        return;
    }
    int i = role == HS_INPUT ? index : 4 + index;
    uint16_t before = board.code[role][index];
    if (code > 4095) {
        violated("range", role, index, code);
    }
    if (code < model.lowest[i] || code > model.highest[i]) {
        violated("limit", role, index, code);
    }
    if (code == before) {
        return;
    }
    model.moves++;
    bool slow = abs((int)code - (int)before) <= model.slew[i]
            && (!model.changed[i] || bench_now - model.changed_at[i] >= model.period[role == HS_NUDGE]);
    if (!slow && code == SAFE) {
        model.jumped_under = arming;
    } else if (!slow) {
        violated("slew", role, index, code);
    }
    if (code == SAFE) {
        model.safe_at = bench_now;
    }
    model.changed_at[i] = bench_now;
    model.changed[i] = true;
}

/* Jumping to a safe level is right only if the board latched, or was armed anew. */
static void judge_jumps(void) {
    if (model.jumped_under && armed && arming == model.jumped_under) {
        violated("slew, towards the safe level", 0, 0, SAFE);
    }
    model.jumped_under = 0;
}

static void put_limits(message *m, bool right) {
    static uint16_t values[2][1 + 3 * 4];
    unsigned blocks = below(4); /* bit 0: INPUT, bit 1: NUDGE */
    put8(m, (blocks & 1) + (blocks >> 1));
    for (unsigned kind = 0; kind < 2; kind++) {
        if (!(blocks >> kind & 1)) {
            continue;
        }
        put8(m, kind ? HS_NUDGE : HS_INPUT);
        values[kind][0] = (uint16_t)(below(3) ? 0 : below(2) ? below(300) : below(65536));
        put16(m, values[kind][0]);
        for (unsigned i = 0; i < (kind ? 3u : 4u); i++) {
            uint16_t *v = &values[kind][1 + 3 * i];
            v[0] = (uint16_t)below(SAFE + 1);
            v[1] = (uint16_t)(SAFE + below(SAFE));
            v[2] = (uint16_t)(100 + below(4000));
            if (!right) {
                v[below(3)] = (uint16_t)(below(2) ? below(65536) : 0);
            }
            put16(m, v[0]);
            put16(m, v[1]);
            put16(m, v[2]);
        }
    }
    if (!right) {
        return; /* the model is told only what the board must accept */
    }
    model_built();
    for (unsigned kind = 0; kind < 2; kind++) {
        if (blocks >> kind & 1) {
            model.period[kind] = values[kind][0];
            for (unsigned i = 0; i < (kind ? 3u : 4u); i++) {
                unsigned c = kind ? 4 + i : i;
                model.lowest[c] = values[kind][1 + 3 * i];
                model.highest[c] = values[kind][2 + 3 * i];
                model.slew[c] = values[kind][3 + 3 * i];
            }
        }
    }
}

static unsigned long tried;

/* mood 0: all within the limits; 1: one in eight outside; 2: anything */
static unsigned hostile_code(unsigned mood, int channel_index) {
    tried++;
    uint16_t low = model.lowest[channel_index], high = model.highest[channel_index];
    if (mood == 0 || (mood == 1 && below(8))) {
        return low + below((uint32_t)(high - low) + 1u);
    }
    switch (below(4)) {
        case 0:
            return (unsigned)(low - 1) & 0xFFFF;
        case 1:
            return high + 1u;
        case 2:
            return 4096 + below(61440);
        default:
            return below(65536);
    }
}

static double hostile_real(unsigned mood) {
    static const double odd[] = {NAN, -NAN, INFINITY, -INFINITY, 1e308, -1e308, 1e-308, 5e-324, 0.0, -0.0, 1e15, -1e15, 3.4e38};
    return mood && below(2) ? odd[below(sizeof odd / sizeof odd[0])] : ((int)below(2000001) - 1000000) * (below(2) ? 1e-6 : 1.0);
}

static void put_hostile_stimulus(message *m, unsigned mood) {
    static const uint8_t kinds[] = {0, 1, 3, 3, 2};
    unsigned kind = kinds[below(mood ? 5 : 4)], dwell = below(4) == 0;
    put8(m, kind << 1 | dwell << 3 | (mood == 2 && below(20) == 0 ? below(256) : 0));
    put16(m, mood == 2 && below(20) == 0 ? 0 : 1 + (below(10) == 0));
    if (dwell) {
        put32(m, below(mood && below(50) == 0 ? 0xFFFFFFFF : 200));
    }
    unsigned blocks = below(4); /* bit 0: INPUT, bit 1: PARAMETER */
    put8(m, (blocks & 1) + (blocks >> 1) + (mood == 2 && below(50) == 0));
    if (blocks & 1) {
        if (below(2)) {
            put8(m, HS_INPUT | 0x40 * below(2));
            for (int i = 0; i < 4; i++) {
                put16(m, hostile_code(mood, i));
            }
        } else {
            unsigned some = below(mood == 2 ? 256 : 16);
            put8(m, HS_INPUT | 0x80);
            put8(m, some);
            for (int i = 0; i < 4; i++) {
                if (some >> i & 1) {
                    put16(m, hostile_code(mood, i));
                }
            }
        }
    }
    if (blocks & 2) {
        put8(m, HS_PARAMETER | 0x80);
        for (int i = 0; i < 20; i++) {
            put8(m, i == 3 ? 0x12 : i == 19 ? 0x08 : 0);
        }
        for (int i = 0; i < 3; i++) {
            put8(m, mood && below(8) == 0 ? below(256) : 8 + below(248));
        }
    }
    if (kind == 1) {
        put8(m, mood == 2 && below(10) == 0 ? below(256) : below(2));
        for (int i = 4; i < CHANNELS; i++) {
            put16(m, hostile_code(mood, i));
        }
    } else if (kind) {
        put_real(m, hostile_real(mood));
        put8(m, below(2));
        for (int i = 0; i < 3; i++) {
            tried++;
            put_real(m, hostile_real(mood));
        }
    }
}

static uint16_t moving_reading(uint8_t role, uint16_t index) {
    return (uint16_t)(role == HS_OUTPUT ? (board.read * 37u + index * 911u) % 4096 : 2000);
}

static void setpoints(unsigned long count) {
    unsigned long results = 0, refused = 0, by_code[16] = {0};
    uint32_t number = 0x80000000, next_arming = 0;
    static uint8_t reply[1024];
    bench_now = 1;
    power_on();
    model_built();
    board.watch = watch;
    board.reading = moving_reading;
    begin_session();
    while (tried < count) {
        message m = say(3, US, ++number);
        bool right = below(4) != 0;
        put32(&m, ++next_arming);
        put16(&m, 2000);
        put_limits(&m, right);
        if (right) {
            size_t got = ask(&m, reply, sizeof reply);
            CHECK(got == HEAD + STATE && reply[0] == 0x83 && reply[HEAD] == 1);
        } else {
            bool was = armed;
            message stop = say(6, US, ++number);
            (void)ask(&stop, reply, sizeof reply);
            CHECK(!was || !armed);
            model_built();
            (void)ask(&m, reply, sizeof reply); /* may be right by chance, and then nothing may be imposed that the model does not know */
            if (armed) {
                stop = say(6, US, ++number);
                (void)ask(&stop, reply, sizeof reply);
            }
        }
        judge_jumps();
        for (unsigned batches = 30; batches; batches--) {
            unsigned mood = below(3), stimuli = 1 + below(3);
            message b = say(4, US, executed + 1);
            put8(&b, stimuli);
            while (stimuli--) {
                put_hostile_stimulus(&b, mood);
            }
            if (mood == 2 && below(20) == 0) {
                b.count -= below(5);
            }
            bench_send(b.bytes, b.count);
            for (;;) { /* beats keep it alive while it moves slowly */
                size_t got = bench_await(reply, sizeof reply, 1900000);
                if (got) {
                    results += reply[0] == 0x84;
                    refused += reply[0] == 0xFF;
                    by_code[reply[0] == 0xFF ? reply[HEAD] & 15 : 0]++;
                    break;
                }
                message stop = say(below(2) ? 5 : 6, US, ++number);
                (void)ask(&stop, reply, sizeof reply);
            }
            bench_settle();
            while (bench_reply(reply, sizeof reply)) {
            }
            judge_jumps();
        }
    }
    printf("setpoints: %lu hostile set-points, %lu batches executed, %lu refused (malformed %lu, latched %lu, unfit %lu, limit %lu), "
           "%lu moves, %lu violations\n",
            tried, results, refused, by_code[1], by_code[5], by_code[6], by_code[7], model.moves, model.violations);
    CHECK(model.violations == 0);
    CHECK(results > tried / 200 && by_code[1] && by_code[6] && by_code[7] && model.moves > tried / 20);
}

/* ---- deaths ---- */

static bool all_safe(void) {
    for (int i = 0; i < 4; i++) {
        if (board.code[HS_INPUT][i] != SAFE) {
            return false;
        }
    }
    for (int i = 0; i < 3; i++) {
        if (board.code[HS_NUDGE][i] != SAFE) {
            return false;
        }
    }
    return true;
}

static void deaths(unsigned long count) {
    static uint8_t reply[1024], frame[2048];
    unsigned long late = 0, early = 0, moved = 0, unlatched = 0, in_batch = 0, driven_then = 0, violations = 0;
    uint32_t worst = 0;
    for (unsigned long trial = 0; trial < count; trial++) {
        bench_now = dice_draw(&luck) | 1; /* the clock wraps in some of them */
        bench_poll_micros = below(2) ? 0 : 20 + below(400);
        violations += model.violations;
        memset(&model, 0, sizeof model);
        model_built();
        power_on();
        board.watch = watch;
        board.reading = moving_reading;
        begin_session();
        uint32_t limit = 100 + below(1901), number = 0x80000000;
        message m = say(3, US, ++number);
        put32(&m, 1 + below(1000));
        put16(&m, limit);
        put_limits(&m, true);
        CHECK(ask(&m, reply, sizeof reply) == HEAD + STATE && reply[0] == 0x83);
        message arming_again = m;
        uint32_t last = bench_now, alive = below(300000), began = bench_now;
        message b = m;
        do { /* batches as a host would send them, some with a dwell that outlasts the host */
            b = say(4, US, executed + 1);
            put8(&b, 2);
            for (int s = 0; s < 2; s++) {
                put8(&b, s ? 2 : below(2) << 3);
                put16(&b, 1 + below(3));
                if (b.bytes[b.count - 3] & 8) {
                    put32(&b, below(500000));
                }
                put8(&b, 1);
                put8(&b, HS_INPUT);
                for (int i = 0; i < 4; i++) {
                    put16(&b, hostile_code(0, i));
                }
                if (s) {
                    put8(&b, 0);
                    for (int i = 4; i < CHANNELS; i++) {
                        put16(&b, hostile_code(0, i));
                    }
                }
            }
            bench_send(b.bytes, b.count);
            bench_settle();
            last = bench_now;
            bench_run(below(limit * 900));
            while (hs_executing() && bench_now - began < alive) {
                message beat = say(5, US, ++number);
                bench_send(beat.bytes, beat.count);
                bench_settle();
                last = bench_now;
                bench_run(below(limit * 500));
            }
        } while (bench_now - began < alive && armed && !hs_executing());
        if (!armed) {
            early++;
            continue;
        }
        model.safe_at = 0;
        in_batch += hs_executing();
        driven_then += !all_safe();
        if (below(2)) { /* it dies in the middle of a frame */
            message half = say(5, US, ++number);
            bench_bytes(frame, below((uint32_t)bench_frame(half.bytes, half.count, frame)));
        }
        if (bench_now - last < limit * 1000 - 500) {
            bench_run(limit * 1000 - 500 - (bench_now - last));
        }
        early += !armed && bench_now - last < limit * 1000;
        bench_run(last + limit * 1000 + 20000 - bench_now);
        late += !all_safe();
        unlatched += armed || reason != SILENT;
        uint32_t took = model.safe_at - last - limit * 1000;
        if (model.safe_at != 0 && took < 0x80000000 && took > worst) {
            worst = took;
        }
        /* What was still on its way turns up: the same ARM, batches, signs of life. Nothing may move. */
        unsigned long imposed = board.imposed;
        uint32_t next = executed + 1;
        while (bench_reply(reply, sizeof reply)) {
        }
        bench_bytes((const uint8_t *)"", 1);
        for (int i = 0; i < 6; i++) {
            message old = i == 1 ? arming_again : i == 3 ? b : say(5, US, ++number);
            if (i == 4) {
                old = b;
                old.bytes[5] = (uint8_t)next;
                old.bytes[6] = (uint8_t)(next >> 8);
            }
            bench_send(old.bytes, old.count);
            bench_run(below(400000));
        }
        moved += board.imposed != imposed;
        unlatched += armed;
        while (bench_reply(reply, sizeof reply)) {
        }
        m = say_arm(US, ++number, 2000, 2000);
        size_t got = ask(&m, reply, sizeof reply);
        CHECK(got == HEAD + STATE && reply[0] == 0x83 && reply[HEAD] == 1 && reply[HEAD + 1] == SILENT);
    }
    bench_poll_micros = 0;
    printf("deaths: %lu, %lu in the middle of a batch, %lu with outputs away from safe levels; worst %lu us after the limit; %lu late, "
           "%lu early, %lu not latched, %lu moved before a fresh ARM, %lu violations\n",
            count, in_batch, driven_then, (unsigned long)worst, late, early, unlatched, moved, violations + model.violations);
    CHECK(late == 0 && early == 0 && unlatched == 0 && moved == 0 && violations + model.violations == 0);
    CHECK(in_batch > count / 10 && driven_then > count / 2);
}

int main(int words, char **word) {
    static const struct {
        const char *name;
        void (*bar)(unsigned long);
    } bars[] = {{"receiver", receiver}, {"resync", resync}, {"noise", noise}, {"setpoints", setpoints}, {"deaths", deaths}};
    unsigned long count = words > 2 ? strtoul(word[2], NULL, 10) : 0;
    luck.state = words > 3 ? strtoull(word[3], NULL, 10) : 20260817;
    for (size_t i = 0; i < sizeof bars / sizeof bars[0] && count > 0 && luck.state; i++) {
        if (strcmp(word[1], bars[i].name) == 0) {
            bars[i].bar(count);
            return bench_end(bars[i].name);
        }
    }
    fprintf(stderr, "usage: bars receiver|resync|noise|setpoints|deaths COUNT [SEED]\n");
    return 2;
}
