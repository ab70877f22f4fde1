/* ports/cortex-m3/main.c : the core on a Cortex-M3 (LM3S6965, as QEMU emulates it), bare metal: start-up, UART 0 with both
 * interrupts, SysTick as clock, the watchdog. It has no converters; analog.c stands in for a board.
 * SPDX-License-Identifier: Apache-2.0 */
#include "card_resistor_array_v1.h"
#include "homeostat.h"

#include <string.h>

#define REGISTER(address) (*(volatile uint32_t *)(address))

/* Stellaris LM3S6965 data sheet, and ARMv7-M for the core's own. */
#define RCGC0 REGISTER(0x400FE100u)
#define RCGC1 REGISTER(0x400FE104u)
#define UART_DATA REGISTER(0x4000C000u)
#define UART_FLAGS REGISTER(0x4000C018u)
#define UART_IBRD REGISTER(0x4000C024u)
#define UART_FBRD REGISTER(0x4000C028u)
#define UART_LINE REGISTER(0x4000C02Cu)
#define UART_CONTROL REGISTER(0x4000C030u)
#define UART_MASK REGISTER(0x4000C038u)
#define UART_CLEAR REGISTER(0x4000C044u)
#define WATCHDOG_LOAD REGISTER(0x40000000u)
#define WATCHDOG_CONTROL REGISTER(0x40000008u)
#define WATCHDOG_CLEAR REGISTER(0x4000000Cu)
#define SYSTICK_CONTROL REGISTER(0xE000E010u)
#define SYSTICK_RELOAD REGISTER(0xE000E014u)
#define SYSTICK_VALUE REGISTER(0xE000E018u)
#define INTERRUPT_CONTROL REGISTER(0xE000ED04u)
#define INTERRUPT_ENABLE REGISTER(0xE000E100u)

enum { CLOCK = 12000000, TICK_MICROS = 1000, BAUD = 1000000 };
/* 60 ms would do on a chip; in QEMU time also passes while the machine around it is busy. */
enum { WATCHDOG_MICROS = 1000000 };
enum { SENDER_FULL = 1 << 5, RECEIVER_EMPTY = 1 << 4 };
enum { RECEIVED = 1 << 4, SENT = 1 << 5, TIMED_OUT = 1 << 6 };
enum { UART_INTERRUPT = 5 };
enum { SYSTICK_PENDING = 1 << 26 };

enum { RING = 1024 };
static volatile uint16_t received_in, received_out, sent_in, sent_out;
static uint8_t received[RING], sent[RING];
static volatile uint32_t ticks;

static void lock(void) { __asm__ volatile("cpsid i" ::: "memory"); }
static void unlock(void) { __asm__ volatile("cpsie i" ::: "memory"); }

static void fill_sender(void) {
    while (sent_in != sent_out && !(UART_FLAGS & SENDER_FULL)) {
        UART_DATA = sent[sent_out % RING];
        sent_out++;
    }
}

/* The interrupt is cleared before the FIFO is emptied: a byte that comes in between raises it again. */
static void uart(void) {
    UART_CLEAR = RECEIVED | SENT | TIMED_OUT;
    while (!(UART_FLAGS & RECEIVER_EMPTY)) {
        uint8_t byte = (uint8_t)UART_DATA;
        if ((uint16_t)(received_in - received_out) < RING) {
            received[received_in % RING] = byte;
            received_in++;
        }
    }
    fill_sender();
}

static void tick(void) { ticks++; }

uint16_t hs_port_receive(const uint8_t **bytes) {
    uint16_t at = received_out % RING, count = (uint16_t)(received_in - received_out);
    *bytes = received + at;
    return count < RING - at ? count : (uint16_t)(RING - at);
}

void hs_port_taken(uint16_t count) {
    received_out = (uint16_t)(received_out + count);
}

uint16_t hs_port_send(const uint8_t *bytes, uint16_t count) {
    uint16_t taken = 0;
    while (taken < count && (uint16_t)(sent_in - sent_out) < RING) {
        sent[sent_in % RING] = bytes[taken++];
        sent_in++;
    }
    lock();
    fill_sender();
    unlock();
    return taken;
}

uint32_t hs_port_micros(void) {
    lock();
    uint32_t whole = ticks, part = SYSTICK_VALUE;
    if (INTERRUPT_CONTROL & SYSTICK_PENDING) {
        whole++;
        part = SYSTICK_VALUE;
    }
    unlock();
    return whole * TICK_MICROS + (CLOCK / 1000000 * TICK_MICROS - 1 - part) / (CLOCK / 1000000);
}

static void start(void) {
    RCGC1 |= 1 << 0 | 1 << 16; /* UART 0, timer 0 */
    RCGC0 |= 1 << 3;           /* watchdog */
    SYSTICK_RELOAD = CLOCK / 1000000 * TICK_MICROS - 1;
    SYSTICK_VALUE = 0;
    SYSTICK_CONTROL = 7;
    UART_CONTROL = 0;
    UART_IBRD = CLOCK / (16 * BAUD) ? CLOCK / (16 * BAUD) : 1;
    UART_FBRD = 0;
    UART_LINE = 3 << 5; /* 8N1, no FIFO */
    UART_MASK = RECEIVED | SENT | TIMED_OUT;
    UART_CONTROL = 1 << 9 | 1 << 8 | 1 << 0;
    INTERRUPT_ENABLE = 1 << UART_INTERRUPT;
    WATCHDOG_LOAD = CLOCK / 1000000 * WATCHDOG_MICROS / 2; /* the second time-out in a row resets */
    WATCHDOG_CONTROL = 3;

    /*
     * Nothing here outlives power, so the number that tells power-ons apart is the time until a host speaks. It may repeat; a
     * host notices a restart by its session being gone.
     */
    hs_begin(&card_resistor_array_v1, 0);
    while (received_in == received_out) {
        WATCHDOG_CLEAR = 1;
    }
    hs_begin(&card_resistor_array_v1, SYSTICK_VALUE ^ ticks << 16);
    for (;;) {
        WATCHDOG_CLEAR = 1;
        if (hs_poll() > 2 * TICK_MICROS) {
            lock();
            if (received_in == received_out) {
                __asm__ volatile("wfi");
            }
            unlock();
        }
    }
}

/* ---- start-up ---------------------------------------------------------------------------------------------------------------- */

extern uint32_t data_image[], data_begin[], data_end[], bss_begin[], bss_end[], stack_top[];

void reset(void) {
    const uint32_t *from = data_image;
    for (uint32_t *into = data_begin; into != data_end;) {
        *into++ = *from++;
    }
    for (uint32_t *into = bss_begin; into != bss_end;) {
        *into++ = 0;
    }
    start();
}

static void stuck(void) {
    for (;;) { /* the watchdog ends it */
    }
}

__attribute__((section(".vectors"), used)) static void (*const vectors[16 + UART_INTERRUPT + 1])(void) = {
    (void (*)(void))stack_top, reset, stuck, stuck, stuck, stuck, stuck, [15] = tick, [16 + UART_INTERRUPT] = uart,
};

void *memcpy(void *into, const void *from, size_t count) {
    for (size_t i = 0; i < count; i++) {
        ((uint8_t *)into)[i] = ((const uint8_t *)from)[i];
    }
    return into;
}

void *memmove(void *into, const void *from, size_t count) {
    if (into <= from) {
        return memcpy(into, from, count);
    }
    while (count--) {
        ((uint8_t *)into)[count] = ((const uint8_t *)from)[count];
    }
    return into;
}

void *memset(void *into, int byte, size_t count) {
    for (size_t i = 0; i < count; i++) {
        ((uint8_t *)into)[i] = (uint8_t)byte;
    }
    return into;
}

int memcmp(const void *a, const void *b, size_t count) {
    for (size_t i = 0; i < count; i++) {
        int difference = ((const uint8_t *)a)[i] - ((const uint8_t *)b)[i];
        if (difference) {
            return difference;
        }
    }
    return 0;
}
