#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned long checks, failures;

void bench_check(bool holds, const char *what, const char *file, int line) {
    checks++;
    if (!holds && failures++ < 20) {
        fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
    }
}

int bench_end(const char *name) {
    printf("%s: %lu checks, %lu failed\n", name, checks, failures);
    return failures ? 1 : 0;
}

/* ---- framing, bit by bit and byte by byte ---- */

uint32_t bench_crc(const uint8_t *bytes, size_t count) {
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 0; i < count; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc & 1 ? crc >> 1 ^ 0x82F63B78u : crc >> 1;
        }
    }
    return ~crc;
}

size_t bench_stuff(const uint8_t *bytes, size_t count, uint8_t *into) {
    size_t length_at = 0, out = 1;
    uint8_t length = 1;
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] == 0) {
            into[length_at] = length;
            length_at = out++;
            length = 1;
        } else {
            into[out++] = bytes[i];
            length++;
            if (length == 0xFF) {
                into[length_at] = length;
                length = 1;
                if (i + 1 == count) {
                    return out;
                }
                length_at = out++;
            }
        }
    }
    into[length_at] = length;
    return out;
}

long bench_unstuff(const uint8_t *bytes, size_t count, uint8_t *into) {
    size_t in = 0;
    long out = 0;
    while (in < count) {
        uint8_t length = bytes[in++];
        if (length == 0 || in + length - 1u > count) {
            return -1;
        }
        for (uint8_t i = 1; i < length; i++) {
            into[out++] = bytes[in++];
        }
        if (length != 0xFF && in < count) {
            into[out++] = 0;
        }
    }
    return out;
}

size_t bench_frame(const uint8_t *payload, size_t count, uint8_t *into) {
    static uint8_t whole[4096];
    memcpy(whole, payload, count);
    uint32_t crc = bench_crc(payload, count);
    for (int i = 0; i < 4; i++) {
        whole[count + (size_t)i] = (uint8_t)(crc >> 8 * i);
    }
    size_t length = bench_stuff(whole, count + 4, into);
    into[length] = 0;
    return length + 1;
}

uint32_t dice_draw(dice *d) {
    d->state ^= d->state >> 12;
    d->state ^= d->state << 25;
    d->state ^= d->state >> 27;
    return (uint32_t)(d->state * 2685821657736338717u >> 32);
}

uint32_t dice_below(dice *d, uint32_t limit) {
    return (uint32_t)((uint64_t)dice_draw(d) * limit >> 32);
}

/* ---- the port ---- */

enum { LINE = 1 << 16 };

uint32_t bench_now, bench_poll_micros;
size_t bench_room = LINE;
static uint8_t to_board[LINE], to_host[LINE];
static size_t board_in, board_out, host_in, host_out;

uint32_t hs_port_micros(void) {
    return bench_now;
}

uint16_t hs_port_receive(const uint8_t **bytes) {
    size_t at = board_out % LINE, count = board_in - board_out, row = count < LINE - at ? count : LINE - at;
    *bytes = to_board + at;
    return (uint16_t)(row < 1000 ? row : 1000);
}

void hs_port_taken(uint16_t count) {
    board_out += count;
}

uint16_t hs_port_send(const uint8_t *bytes, uint16_t count) {
    uint16_t taken = 0;
    while (taken < count && host_in - host_out < bench_room) {
        to_host[host_in++ % LINE] = bytes[taken++];
    }
    return taken;
}

void bench_bytes(const uint8_t *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (board_in - board_out == LINE) {
            fprintf(stderr, "bench: the line to the board is full\n");
            abort();
        }
        to_board[board_in++ % LINE] = bytes[i];
    }
}

void bench_send(const uint8_t *payload, size_t count) {
    static uint8_t frame[8192];
    bench_bytes(frame, bench_frame(payload, count, frame));
}

void bench_run(uint32_t micros) {
    uint32_t until = bench_now + micros;
    for (unsigned long standing = 0; standing < 1000000; standing++) {
        uint32_t idle = hs_poll(), rest = until - bench_now;
        if (bench_poll_micros && rest) {
            bench_now += bench_poll_micros < rest ? bench_poll_micros : rest;
            standing = 0;
            continue;
        }
        if (idle == 0) {
            continue;
        }
        if (rest == 0) {
            return;
        }
        bench_now += idle < rest ? idle : rest;
        standing = 0;
    }
    fprintf(stderr, "bench: the core spins without end\n");
    abort();
}

void bench_settle(void) {
    bench_run(0);
}

size_t bench_reply(uint8_t *into, size_t most) {
    for (;;) {
        size_t end = host_out;
        while (end != host_in && to_host[end % LINE] != 0) {
            end++;
        }
        if (end == host_in) {
            return 0;
        }
        static uint8_t stuffed[LINE], payload[LINE];
        size_t count = 0;
        while (host_out != end) {
            stuffed[count++] = to_host[host_out++ % LINE];
        }
        host_out++;
        if (count == 0) {
            continue;
        }
        long length = bench_unstuff(stuffed, count, payload);
        bool whole = length >= 13;
        if (whole) {
            uint32_t crc = bench_crc(payload, (size_t)length - 4);
            whole = crc == get32(payload + length - 4);
        }
        bench_check(whole, "every frame of the board is whole", __FILE__, __LINE__);
        if (whole && (size_t)length - 4 <= most) {
            memcpy(into, payload, (size_t)length - 4);
            return (size_t)length - 4;
        }
    }
}

size_t bench_raw(uint8_t *byte) {
    if (host_out == host_in) {
        return 0;
    }
    *byte = to_host[host_out++ % LINE];
    return 1;
}

size_t bench_await(uint8_t *into, size_t most, uint32_t micros) {
    uint32_t until = bench_now + micros;
    for (unsigned long standing = 0; standing < 1000000; standing++) {
        uint32_t idle = hs_poll();
        size_t count = bench_reply(into, most);
        if (count || bench_now == until) {
            return count;
        }
        uint32_t rest = until - bench_now;
        if (bench_poll_micros) {
            bench_now += bench_poll_micros < rest ? bench_poll_micros : rest;
            standing = 0;
        } else if (idle) {
            bench_now += idle < rest ? idle : rest;
            standing = 0;
        }
    }
    fprintf(stderr, "bench: the core spins without end\n");
    abort();
}

/* ---- the board ---- */

paper board;

void hs_board_impose(uint8_t role, uint16_t index, uint16_t code) {
    if (role >= HS_ROLES || index >= 160) {
        fprintf(stderr, "bench: imposed on channel %u of role %u\n", index, role);
        abort();
    }
    if (board.watch) {
        board.watch(role, index, code);
    }
    board.code[role][index] = code;
    board.imposed++;
}

void hs_board_apply(void) {
    board.applied++;
}

uint16_t hs_board_read(uint8_t role, uint16_t index) {
    board.read++;
    return board.reading ? board.reading(role, index) : 1000;
}

void bench_power_on(const hs_card *card, uint32_t boot) {
    board_in = board_out = host_in = host_out = 0;
    bench_room = LINE;
    hs_begin(card, boot);
}

/* ---- messages ---- */

void put8(message *m, unsigned value) {
    m->bytes[m->count++] = (uint8_t)value;
}

void put16(message *m, unsigned value) {
    put8(m, value & 0xFF);
    put8(m, value >> 8 & 0xFF);
}

void put32(message *m, uint32_t value) {
    put16(m, value & 0xFFFF);
    put16(m, value >> 16);
}

void put_real(message *m, double value) {
    uint64_t bits;
    memcpy(&bits, &value, 8);
    put32(m, (uint32_t)bits);
    put32(m, (uint32_t)(bits >> 32));
}

message say(uint8_t type, uint32_t session, uint32_t number) {
    message m;
    m.count = 0;
    put8(&m, type);
    put32(&m, session);
    put32(&m, number);
    return m;
}

size_t ask(const message *m, uint8_t *reply, size_t most) {
    bench_send(m->bytes, m->count);
    return bench_await(reply, most, 1000000);
}

uint16_t get16(const uint8_t *p) {
    return (uint16_t)(p[0] | p[1] << 8);
}

uint32_t get32(const uint8_t *p) {
    return (uint32_t)get16(p) | (uint32_t)get16(p + 2) << 16;
}

message say_hello(uint32_t session, uint32_t number) {
    message m = say(1, session, number);
    for (const char *p = "HMST"; *p; p++) {
        put8(&m, (unsigned char)*p);
    }
    put8(&m, 1);
    put8(&m, 0);
    return m;
}

message say_arm(uint32_t session, uint32_t number, uint32_t arming, unsigned silence) {
    message m = say(3, session, number);
    put32(&m, arming);
    put16(&m, silence);
    put8(&m, 0);
    return m;
}
