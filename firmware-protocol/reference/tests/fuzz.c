/*
 * A libFuzzer target. The input is a script: the bytes of the line, cut by commands that let time pass, and payloads that get a
 * right frame so that the fuzzer reaches what is behind the check.
 */
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "card_resistor_array_v1.h"

static const uint32_t US = 0x01020304;

static void watch(uint8_t role, uint16_t index, uint16_t code) {
    bool fine = (role == HS_INPUT && index < 4 && code < 4096) || (role == HS_NUDGE && index < 3 && code < 4096)
            || (role == HS_PARAMETER && index < 156 && code >= 8 && code < 256);
    if (!fine) {
        abort();
    }
}

static uint16_t reading(uint8_t role, uint16_t index) {
    return (uint16_t)((board.read * 31u + role + index) % 4096);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static uint8_t said[2048];
    memset(&board, 0, sizeof board);
    board.watch = watch;
    board.reading = reading;
    bench_now = 0xFFF00000;
    bench_power_on(&card_resistor_array_v1, 1);
    message m = say_hello(US, 1);
    bench_send(m.bytes, m.count);
    m = say_arm(US, 2, 1, 500);
    bench_send(m.bytes, m.count);
    bench_run(10);
    uint32_t number = 1;
    while (size) {
        uint8_t command = *data++;
        size--;
        size_t count = size < (size_t)(command >> 2) * 4 ? size : (size_t)(command >> 2) * 4;
        switch (command & 3) {
            case 0:
                bench_bytes(data, count);
                break;
            case 1: /* a payload of its own */
                bench_send(data, count);
                break;
            case 2: /* the next batch */
                m = say(4, US, number);
                memcpy(m.bytes + m.count, data, count);
                m.count += count;
                bench_send(m.bytes, m.count);
                bench_run(200);
                for (size_t got; (got = bench_reply(said, sizeof said));) {
                    number += said[0] == 0x84 && get32(said + 5) == number;
                }
                break;
            default: /* time */
                bench_run((uint32_t)(command >> 2) * (command >> 2) * (command >> 2));
                count = 0;
                break;
        }
        data += count;
        size -= count;
        bench_settle();
        while (bench_reply(said, sizeof said)) {
        }
    }
    return 0;
}
