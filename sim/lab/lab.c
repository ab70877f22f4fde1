/* sim/lab/lab.c : the emulated bench of resistor-array-v1. One process: an ATmega328P (simavr) that runs the file one would flash, the
 * chips and the circuit around it, a serial line with faults to order, a pseudo terminal for the host, and a socket on which tests
 * read the truth. README.md says what it shows and what it cannot.
 *
 * Copyright the Homeostat authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "chips.h"

#include <simavr/avr_eeprom.h>
#include <simavr/avr_ioport.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* Addresses and interrupt numbers of the ATmega328P, as in its data sheet. */
enum {
    DDRB = 0x24, PORTB = 0x25, DDRD = 0x2a, PORTD = 0x2b, SPCR = 0x4c, SPSR = 0x4d, SPDR = 0x4e, MCUSR = 0x54,
    UCSRA = 0xc0, UCSRB = 0xc1, UBRRL = 0xc4, UBRRH = 0xc5, UDR = 0xc6
};
enum { RXC = 1 << 7, TXC = 1 << 6, UDRE = 1 << 5, DOR = 1 << 3, U2X = 1 << 1 };            /* in UCSRA */
enum { RXCIE = 1 << 7, TXCIE = 1 << 6, UDRIE = 1 << 5, RXEN = 1 << 4, TXEN = 1 << 3 }; /* in UCSRB */
enum { INT_SPI = 17, INT_RX = 18, INT_UDRE = 19, INT_TX = 20, INTERRUPTS = 26 };
enum { RAM_BEGIN = 0x100, RAM_END = 0x8ff, PAINT = 0xa5 };

enum { TICK = CHIPS_HZ / 20000 }; /* 50 us between two looks at the world outside */
enum { BEHIND = 50 };             /* ms after which lost time is given up */
enum { CLIENTS = 8, QUEUE = 1 << 16 };

static avr_t *avr;
static elf_firmware_t firmware;
static chips bench;
static avr_int_vector_t *vector[INTERRUPTS];
static bool paced = true, hung, reset_wanted, power_wanted;
static volatile sig_atomic_t stopping;
static const char *link_path, *truth_path;

static void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "lab: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    va_end(arguments);
    if (link_path) {
        unlink(link_path);
    }
    if (truth_path) {
        unlink(truth_path);
    }
    exit(1);
}

static uint64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* SplitMix64: every fault is drawn from the seed. */
static uint64_t drawn(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* ---- Time ------------------------------------------------------------------------------------------------------------------ */

static uint64_t power_on, resets, watchdog_resets, power_cycles, rebases, slept;
static uint64_t wall_base, cycle_base;
static uint64_t last_byte; /* the cycle at which a byte moved last */

static uint64_t micros(uint64_t cycle) { return cycle / (CHIPS_HZ / 1000000); }

/* ---- The line: what goes wrong between two UARTs ----------------------------------------------------------------------------- */

enum { FLIP, DROP, DUPLICATE, STALL, KINDS };
static const char *const kind_name[KINDS] = {"flip", "drop", "duplicate", "stall"};

typedef struct {
    uint64_t random;
    double probability[KINDS];
    uint64_t next[KINDS]; /* so many of the coming bytes, for certain */
    uint64_t happened[KINDS];
    uint64_t stall_cycles;
    bool held;
    uint64_t stalled_until;
    uint64_t bytes, lost;
    uint8_t queue[QUEUE];
    size_t head, tail;
} line;

static line to_board, to_host;

static size_t waiting(const line *l) { return l->head - l->tail; }

static void put(line *l, uint8_t byte) {
    if (waiting(l) == QUEUE) {
        l->lost++;
        return;
    }
    l->queue[l->head++ % QUEUE] = byte;
}

static bool strikes(line *l, int kind) {
    bool now = l->probability[kind] > 0 && (double)(drawn(&l->random) >> 11) * 0x1p-53 < l->probability[kind];
    if (l->next[kind]) {
        l->next[kind]--;
        now = true;
    }
    l->happened[kind] += now;
    return now;
}

/* How often this byte arrives, and as what. */
static int damaged(line *l, uint8_t *byte) {
    if (strikes(l, STALL)) {
        l->stalled_until = avr->cycle + l->stall_cycles;
    }
    if (strikes(l, DROP)) {
        return 0;
    }
    if (strikes(l, FLIP)) {
        *byte ^= (uint8_t)(1 << (drawn(&l->random) >> 61));
    }
    return strikes(l, DUPLICATE) ? 2 : 1;
}

/* ---- UART -------------------------------------------------------------------------------------------------------------------- */

/*
 * simavr's UART counts eleven bits a byte, hands a byte out when it is written, and queues 64 received ones. This one takes ten bits
 * each way, hands a byte out when its stop bit is through, and holds two received bytes behind the one that is coming in, so that firmware that
 * is too slow overruns as in silicon.
 */
static struct {
    uint64_t byte_cycles;
    uint8_t received[3];
    int count;
    bool receiving;
    uint8_t incoming;
    int copies;
    bool sending, holding;
    uint8_t shifting, held;
    uint64_t overruns;
} uart;

static bool enabled(uint8_t bits) { return (avr->data[UCSRB] & bits) == bits; }

static avr_cycle_count_t byte_in(avr_t *a, avr_cycle_count_t when, void *unused);

/*
 * --play: a host that answers at once. The first two frames (HELLO and ARM) go one by one, the others two in flight; a reply is
 * counted, not read.
 */
static FILE *played;
static uint64_t replies, batches, playing_since, reply_bytes;

static void start_byte_in(uint64_t from);

static void play_frame(void) {
    for (int c; (c = getc(played)) != EOF;) {
        put(&to_board, (uint8_t)c);
        if (c == 0) {
            break;
        }
    }
    start_byte_in(avr->cycle);
}

static void heard(uint8_t byte) {
    if (byte) {
        reply_bytes++;
        return;
    }
    if (reply_bytes == 0) { /* the zero before the first frame */
        return;
    }
    reply_bytes = 0;
    replies++;
    if (replies > 2) {
        batches++;
    }
    if (replies == 2) {
        playing_since = avr->cycle;
        play_frame();
    }
    play_frame();
}

static void start_byte_in(uint64_t from) {
    if (uart.receiving || to_board.held || !uart.byte_cycles || !enabled(RXEN)) {
        return;
    }
    while (!uart.copies) {
        if (!waiting(&to_board)) {
            return;
        }
        uart.incoming = to_board.queue[to_board.tail++ % QUEUE];
        to_board.bytes++;
        uart.copies = damaged(&to_board, &uart.incoming);
    }
    uint64_t begin = from < to_board.stalled_until ? to_board.stalled_until : from;
    uart.receiving = true;
    avr_cycle_timer_register(avr, begin + uart.byte_cycles - avr->cycle, byte_in, NULL);
}

static avr_cycle_count_t byte_in(avr_t *a, avr_cycle_count_t when, void *unused) {
    (void)unused;
    uart.receiving = false;
    uart.copies--;
    last_byte = a->cycle;
    if (enabled(RXEN)) {
        if (uart.count == 3) {
            uart.overruns++;
            a->data[UCSRA] |= DOR;
            uart.count--;
        }
        uart.received[uart.count++] = uart.incoming;
        avr_raise_interrupt(a, vector[INT_RX]);
    }
    start_byte_in(when);
    return 0;
}

static uint8_t udr_read(avr_t *a, avr_io_addr_t address, void *unused) {
    (void)address;
    (void)unused;
    uint8_t byte = uart.received[0];
    a->data[UCSRA] &= (uint8_t)~DOR;
    if (uart.count) {
        uart.count--;
        uart.received[0] = uart.received[1];
        uart.received[1] = uart.received[2];
    }
    if (uart.count) {
        avr_raise_interrupt(a, vector[INT_RX]);
    } else {
        a->data[UCSRA] &= (uint8_t)~RXC;
        avr_clear_interrupt(a, vector[INT_RX]);
    }
    return byte;
}

static avr_cycle_count_t byte_out(avr_t *a, avr_cycle_count_t when, void *unused) {
    (void)unused;
    (void)when;
    uint8_t byte = uart.shifting;
    last_byte = a->cycle;
    to_host.bytes++;
    if (played) {
        heard(byte);
    }
    for (int copies = damaged(&to_host, &byte); copies; copies--) {
        put(&to_host, byte);
    }
    if (!uart.holding) {
        uart.sending = false;
        avr_raise_interrupt(a, vector[INT_TX]);
        return 0;
    }
    uart.shifting = uart.held;
    uart.holding = false;
    avr_raise_interrupt(a, vector[INT_UDRE]);
    return when + uart.byte_cycles;
}

static void udr_write(avr_t *a, avr_io_addr_t address, uint8_t byte, void *unused) {
    (void)address;
    (void)unused;
    if (!enabled(TXEN) || !uart.byte_cycles) {
        return;
    }
    if (uart.sending) {
        uart.held = byte;
        uart.holding = true;
        a->data[UCSRA] &= (uint8_t)~UDRE;
        avr_clear_interrupt(a, vector[INT_UDRE]);
        return;
    }
    uart.shifting = byte;
    uart.sending = true;
    avr_cycle_timer_register(a, uart.byte_cycles, byte_out, NULL);
    avr_raise_interrupt(a, vector[INT_UDRE]);
}

static void ucsra_write(avr_t *a, avr_io_addr_t address, uint8_t value, void *unused) {
    (void)unused;
    uint8_t kept = a->data[address] & (RXC | UDRE | DOR | (value & TXC ? 0 : TXC));
    a->data[address] = kept | (value & 3);
}

static void ucsrb_write(avr_t *a, avr_io_addr_t address, uint8_t value, void *unused) {
    (void)unused;
    uint8_t before = a->data[address];
    a->data[address] = value;
    uint8_t risen = value & (uint8_t)~before;
    if (risen & UDRIE && a->data[UCSRA] & UDRE) {
        avr_raise_interrupt(a, vector[INT_UDRE]);
    }
    if (risen & RXCIE && uart.count) {
        avr_raise_interrupt(a, vector[INT_RX]);
    }
    if (risen & RXEN) {
        start_byte_in(a->cycle);
    }
}

static void ubrr_write(avr_t *a, avr_io_addr_t address, uint8_t value, void *unused) {
    (void)unused;
    a->data[address] = value;
    uint64_t divider = 1u + (a->data[UBRRL] | (a->data[UBRRH] & 15u) << 8);
    uart.byte_cycles = 10 * divider * (a->data[UCSRA] & U2X ? 8 : 16);
}

/* ---- SPI --------------------------------------------------------------------------------------------------------------------- */

/* simavr takes 100 us for every byte; this one as long as the divider says. */
static struct {
    bool busy;
    uint8_t coming, received;
} spi;

static avr_cycle_count_t spi_through(avr_t *a, avr_cycle_count_t when, void *unused) {
    (void)unused;
    (void)when;
    spi.busy = false;
    spi.received = spi.coming;
    avr_raise_interrupt(a, vector[INT_SPI]);
    return 0;
}

static void spdr_write(avr_t *a, avr_io_addr_t address, uint8_t byte, void *unused) {
    (void)address;
    (void)unused;
    uint8_t control = a->data[SPCR];
    if ((control & 0x50) != 0x50) {
        return;
    }
    if (spi.busy) {
        chips_flagged(&bench, FLAG_COLLISION);
        return;
    }
    if (!(a->data[DDRB] & 1 << 2)) {
        chips_flagged(&bench, FLAG_SLAVE);
    }
    static const unsigned dividers[] = {4, 16, 64, 128};
    unsigned divider = dividers[control & 3] >> (a->data[SPSR] & 1);
    if ((control & 3) == 3 && a->data[SPSR] & 1) {
        divider = 64;
    }
    a->data[SPSR] &= 0x7f;
    avr_clear_interrupt(a, vector[INT_SPI]);
    spi.busy = true;
    spi.coming = chips_exchange(&bench, a->cycle, byte, divider, !(control & 0x2c));
    avr_cycle_timer_register(a, 8 * divider, spi_through, NULL);
}

static uint8_t spdr_read(avr_t *a, avr_io_addr_t address, void *unused) {
    (void)address;
    (void)unused;
    a->data[SPSR] &= 0x7f;
    avr_clear_interrupt(a, vector[INT_SPI]);
    return spi.received;
}

static void spsr_write(avr_t *a, avr_io_addr_t address, uint8_t value, void *unused) {
    (void)unused;
    a->data[address] = (a->data[address] & 0xc0) | (value & 1);
}

/* Pins that are not driven stand where their pull-ups put them: nobody selected, /LDAC high, the LED off. */
static void pins(avr_irq_t *irq, uint32_t value, void *unused) {
    (void)irq;
    (void)value;
    (void)unused;
    const uint8_t *d = avr->data;
    chips_pins(&bench, avr->cycle, (uint8_t)((d[PORTB] & d[DDRB]) | (~d[DDRB] & 0x01)),
               (uint8_t)((d[PORTD] & d[DDRD]) | (~d[DDRD] & 0x80)));
}

/* ---- Pseudo terminal --------------------------------------------------------------------------------------------------------- */

static int terminal = -1, other_end = -1;

static void plug(void) {
    terminal = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (terminal < 0 || grantpt(terminal) || unlockpt(terminal)) {
        fail("no pseudo terminal: %s.", strerror(errno));
    }
    char name[64];
    if (ptsname_r(terminal, name, sizeof name)) {
        fail("the pseudo terminal has no name: %s.", strerror(errno));
    }
    other_end = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC); /* kept open, so that the line outlives its hosts */
    struct termios raw;
    tcgetattr(other_end, &raw);
    cfmakeraw(&raw);
    tcsetattr(other_end, TCSANOW, &raw);
    char aside[4096];
    snprintf(aside, sizeof aside, "%s.new", link_path);
    unlink(aside);
    if (symlink(name, aside) || rename(aside, link_path)) {
        fail("%s cannot be made a link to %s: %s.", link_path, name, strerror(errno));
    }
}

static void unplug(void) {
    if (terminal >= 0) {
        unlink(link_path);
        close(terminal);
        close(other_end);
        terminal = other_end = -1;
        to_host.tail = to_host.head;
        to_board.tail = to_board.head;
    }
}

static void flush_to_host(void) {
    if (to_host.held || avr->cycle < to_host.stalled_until) {
        return;
    }
    while (waiting(&to_host)) {
        size_t at = to_host.tail % QUEUE, count = waiting(&to_host);
        if (count > QUEUE - at) {
            count = QUEUE - at;
        }
        if (terminal < 0) {
            to_host.lost += count;
            to_host.tail += count;
            continue;
        }
        ssize_t written = write(terminal, to_host.queue + at, count);
        if (written <= 0) {
            return;
        }
        to_host.tail += (size_t)written;
    }
}

static void fetch_from_host(void) {
    uint8_t bytes[1024];
    while (terminal >= 0 && waiting(&to_board) < QUEUE - sizeof bytes) {
        ssize_t count = read(terminal, bytes, sizeof bytes);
        if (count <= 0) {
            break;
        }
        for (ssize_t i = 0; i < count; i++) {
            put(&to_board, bytes[i]);
        }
        last_byte = avr->cycle;
    }
    start_byte_in(avr->cycle);
}

/* ---- Truth: one line asks, one line answers ---------------------------------------------------------------------------------- */

static int door = -1;
static struct {
    int fd;
    char text[256];
    size_t length;
} client[CLIENTS];

static char answer[1 << 21];
static size_t answered;

static void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    answered += (size_t)vsnprintf(answer + answered, sizeof answer - answered, format, arguments);
    va_end(arguments);
}

/* Where the variables end and the stack may come down to. */
static unsigned variables_end(void) {
    for (unsigned i = 0; i < firmware.symbolcount; i++) {
        if (!strcmp(firmware.symbol[i]->symbol, "_end")) {
            return firmware.symbol[i]->addr & 0xffff;
        }
    }
    return RAM_END + 1;
}

static unsigned stack_left(void) {
    unsigned at = variables_end(), untouched = 0;
    while (at + untouched <= RAM_END && avr->data[at + untouched] == PAINT) {
        untouched++;
    }
    return untouched;
}

static bool fault(line *l, char **word) {
    if (!word[2]) {
        return false;
    }
    for (int kind = 0; kind < KINDS; kind++) {
        if (!strcmp(word[2], kind_name[kind]) && word[3]) {
            char *end;
            double value = strtod(word[3], &end);
            if (*end || !(value >= 0)) {
                return false;
            }
            if (!strcmp(word[0], "next")) {
                l->next[kind] = (uint64_t)value;
            } else if (value <= 1) {
                l->probability[kind] = value;
            } else {
                return false;
            }
            if (kind == STALL && word[4]) {
                l->stall_cycles = (uint64_t)(strtod(word[4], NULL) * 16);
            }
            return true;
        }
    }
    if (!strcmp(word[2], "hold") && word[3]) {
        l->held = !strcmp(word[3], "on");
        return true;
    }
    return false;
}

static bool obey(char **word, int words) {
    const char *verb = word[0];
    if (!strcmp(verb, "nodes") || !strcmp(verb, "rest")) {
        chips_advance(&bench, avr->cycle);
        for (int node = 0; node < NODES; node++) {
            say(" %.9g", *verb == 'n' ? circuit_node(bench.board, node) : circuit_rest(bench.board, node));
        }
    } else if (!strcmp(verb, "pots")) {
        for (int k = 0; k < POTENTIOMETERS; k++) {
            say(" %d", bench.potentiometer[k]);
        }
    } else if (!strcmp(verb, "dacs")) {
        for (int dac = 0; dac < DACS; dac++) {
            say(" %d@%" PRIu64, bench.output[dac], micros(bench.moved[dac]));
        }
    } else if (!strcmp(verb, "log")) {
        uint64_t from = words > 1 ? strtoull(word[1], NULL, 10) : 0;
        uint64_t oldest = bench.changes > CHANGES_KEPT ? bench.changes - CHANGES_KEPT : 0;
        from = from < oldest ? oldest : from > bench.changes ? bench.changes : from;
        say(" %" PRIu64 " %" PRIu64, from, bench.changes);
        for (uint64_t n = from; n < bench.changes; n++) {
            const chips_change *change = &bench.change[n % CHANGES_KEPT];
            say(" %" PRIu64 ":%d:%d", micros(change->tick), change->dac, change->code);
        }
    } else if (!strcmp(verb, "flags")) {
        for (int flag = 0; flag < FLAGS; flag++) {
            say(" %s=%" PRIu64, chips_flag_name[flag], bench.flags[flag]);
        }
    } else if (!strcmp(verb, "counters")) {
        say(" micros=%" PRIu64 " wall=%" PRIu64 " cycles=%" PRIu64 " asleep=%" PRIu64 " rebases=%" PRIu64, micros(avr->cycle),
            nanoseconds() / 1000, avr->cycle, slept, rebases);
        say(" in=%" PRIu64 " out=%" PRIu64 " overruns=%" PRIu64 " lostIn=%" PRIu64 " lostOut=%" PRIu64, to_board.bytes,
            to_host.bytes, uart.overruns, to_board.lost, to_host.lost);
        say(" byteCycles=%" PRIu64 " frames=%" PRIu64 " conversions=%" PRIu64 " potWrites=%" PRIu64 " dacWrites=%" PRIu64
            " changes=%" PRIu64,
            uart.byte_cycles, bench.frames, bench.conversions, bench.potentiometer_writes, bench.dac_writes, bench.changes);
        say(" resets=%" PRIu64 " watchdog=%" PRIu64 " power=%" PRIu64 " hung=%d led=%d stackLeft=%u", resets, watchdog_resets,
            power_cycles, hung, avr->data[DDRB] & avr->data[PORTB] & 2 ? 1 : 0, stack_left());
        for (int kind = 0; kind < KINDS; kind++) {
            say(" %sIn=%" PRIu64 " %sOut=%" PRIu64, kind_name[kind], to_board.happened[kind], kind_name[kind],
                to_host.happened[kind]);
        }
    } else if (!strcmp(verb, "fault") || !strcmp(verb, "next")) {
        if (words < 4 || (strcmp(word[1], "in") && strcmp(word[1], "out"))) {
            return false;
        }
        return fault(word[1][0] == 'i' ? &to_board : &to_host, word);
    } else if (!strcmp(verb, "clear")) {
        line *lines[] = {&to_board, &to_host};
        for (int i = 0; i < 2; i++) {
            memset(lines[i]->probability, 0, sizeof lines[i]->probability);
            memset(lines[i]->next, 0, sizeof lines[i]->next);
            lines[i]->held = false;
            lines[i]->stalled_until = 0;
        }
    } else if (!strcmp(verb, "paint")) {
        /* Only what lies well below the stack as it is now. */
        unsigned stack = avr->data[0x5d] | avr->data[0x5e] << 8;
        unsigned from = variables_end();
        if (from + 8 < stack) {
            memset(avr->data + from, PAINT, stack - 8 - from);
        }
    } else if (!strcmp(verb, "pc")) {
        say(" %04x", avr->pc);
    } else if (!strcmp(verb, "reset")) {
        reset_wanted = true;
    } else if (!strcmp(verb, "power")) {
        power_wanted = true;
    } else if (!strcmp(verb, "hang")) {
        hung = true;
    } else if (!strcmp(verb, "unplug")) {
        unplug();
    } else if (!strcmp(verb, "plug")) {
        if (terminal < 0) {
            plug();
        }
    } else if (!strcmp(verb, "quit")) {
        stopping = 1;
    } else {
        return false;
    }
    return true;
}

static void reply(int fd, char *text) {
    char *word[8] = {0};
    int words = 0;
    for (char *next = strtok(text, " \r\t"); next && words < 7; next = strtok(NULL, " \r\t")) {
        word[words++] = next;
    }
    answered = 0;
    if (words) {
        say("ok");
        if (!obey(word, words)) {
            answered = 0;
            say("error not understood: %s; sim/lab/README.md lists what can be asked", word[0]);
        }
    } else {
        say("error nothing asked");
    }
    say("\n");
    for (size_t sent = 0; sent < answered;) {
        ssize_t count = send(fd, answer + sent, answered - sent, MSG_NOSIGNAL);
        if (count <= 0) {
            return;
        }
        sent += (size_t)count;
    }
}

static void open_door(void) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    if (strlen(truth_path) >= sizeof name.sun_path) {
        fail("--truth %s is longer than the %zu characters of a socket's name.", truth_path, sizeof name.sun_path - 1);
    }
    strcpy(name.sun_path, truth_path);
    unlink(truth_path);
    door = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (door < 0 || bind(door, (struct sockaddr *)&name, sizeof name) || listen(door, CLIENTS)) {
        fail("no socket at %s: %s.", truth_path, strerror(errno));
    }
    for (int i = 0; i < CLIENTS; i++) {
        client[i].fd = -1;
    }
}

static void admit(void) {
    int fd = accept4(door, NULL, NULL, SOCK_CLOEXEC);
    for (int i = 0; i < CLIENTS && fd >= 0; i++) {
        if (client[i].fd < 0) {
            client[i].fd = fd;
            client[i].length = 0;
            return;
        }
    }
    if (fd >= 0) {
        close(fd);
    }
}

static void attend(int i) {
    ssize_t count = recv(client[i].fd, client[i].text + client[i].length, sizeof client[i].text - 1 - client[i].length, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (count <= 0 || client[i].length + (size_t)count == sizeof client[i].text - 1) {
        close(client[i].fd);
        client[i].fd = -1;
        return;
    }
    client[i].length += (size_t)count;
    client[i].text[client[i].length] = 0;
    char *end;
    while ((end = strchr(client[i].text, '\n'))) {
        *end = 0;
        reply(client[i].fd, client[i].text);
        client[i].length -= (size_t)(end + 1 - client[i].text);
        memmove(client[i].text, end + 1, client[i].length + 1);
    }
}

/* ---- The world outside, looked at every 50 us --------------------------------------------------------------------------------- */

static bool parent_watched;

/* Waits for the host, for a test or for the time to be up; no longer than this, and for ever if it is negative. */
static void look(int64_t nanos) {
    struct pollfd fds[3 + CLIENTS];
    int who[3 + CLIENTS], count = 0;
    if (terminal >= 0 && waiting(&to_board) < QUEUE / 2) {
        fds[count] = (struct pollfd){terminal, POLLIN, 0};
        who[count++] = -1;
    }
    if (door >= 0) {
        fds[count] = (struct pollfd){door, POLLIN, 0};
        who[count++] = -2;
    }
    if (parent_watched) {
        fds[count] = (struct pollfd){STDIN_FILENO, POLLIN, 0};
        who[count++] = -3;
    }
    for (int i = 0; i < CLIENTS && door >= 0; i++) {
        if (client[i].fd >= 0) {
            fds[count] = (struct pollfd){client[i].fd, POLLIN, 0};
            who[count++] = i;
        }
    }
    struct timespec time = {nanos / 1000000000, nanos % 1000000000};
    if (ppoll(fds, (nfds_t)count, nanos < 0 ? NULL : &time, NULL) <= 0) {
        return;
    }
    for (int i = 0; i < count; i++) {
        if (!fds[i].revents) {
            continue;
        }
        if (who[i] == -1) {
            fetch_from_host();
        } else if (who[i] == -2) {
            admit();
        } else if (who[i] == -3) {
            char ignored[256];
            if (read(STDIN_FILENO, ignored, sizeof ignored) <= 0) {
                stopping = 1; /* whoever started the bench is gone */
            }
        } else {
            attend(who[i]);
        }
    }
}

static void rebase(void) {
    wall_base = nanoseconds();
    cycle_base = avr->cycle;
}

static avr_cycle_count_t tick(avr_t *a, avr_cycle_count_t when, void *unused) {
    (void)unused;
    flush_to_host();
    start_byte_in(a->cycle);
    if (paced) {
        uint64_t due = wall_base + (a->cycle - cycle_base) * 125 / 2;
        uint64_t now = nanoseconds();
        if (now > due + BEHIND * 1000000u) {
            rebases++;
            rebase();
        }
        static uint64_t looked;
        bool once = a->cycle - looked > CHIPS_HZ / 1000;
        while (!stopping && (now < due || once)) {
            look(now < due ? (int64_t)(due - now) : 0);
            looked = a->cycle;
            once = false;
            now = nanoseconds();
        }
        fetch_from_host();
    } else {
        if (played && !waiting(&to_board) && a->cycle - last_byte > CHIPS_HZ / 20) {
            if (replies) {
                double busy = (double)(last_byte - playing_since) / CHIPS_HZ / (double)(batches ? batches : 1);
                printf("%" PRIu64 " batches, %.1f us each\n", batches, busy * 1e6);
                stopping = 1;
            } else {
                play_frame();
            }
        }
        bool idle = !played && a->state == cpu_Sleeping && !waiting(&to_board) && !waiting(&to_host) && a->cycle - last_byte > CHIPS_HZ / 1000;
        look(idle && !hung ? -1 : 0);
    }
    return when + TICK;
}

/* ---- The processor ------------------------------------------------------------------------------------------------------------ */

static void do_not_sleep(avr_t *a, avr_cycle_count_t cycles) {
    (void)a;
    slept += cycles;
}

/* simavr takes an interrupt in no time; silicon needs four cycles for it. */
static void entered(avr_irq_t *irq, uint32_t value, void *unused) {
    (void)irq;
    (void)unused;
    if (value) {
        avr->cycle += 4;
    }
}

static void quiet(avr_t *a, const int level, const char *format, va_list arguments) {
    (void)a;
    if (level <= LOG_ERROR) {
        vfprintf(stderr, format, arguments);
    }
}

static void after_reset(avr_io_t *io) {
    (void)io;
    resets++;
    hung = false;
    memset(&uart, 0, offsetof(__typeof__(uart), overruns));
    memset(&spi, 0, sizeof spi);
    avr_cycle_timer_register(avr, TICK, tick, NULL);
}

static avr_io_t bench_io = {.kind = "bench", .reset = after_reset};

static void on_register(avr_io_addr_t address, avr_io_read_t read, avr_io_write_t write) {
    int slot = AVR_DATA_TO_IO(address);
    avr->io[slot].r.c = read;
    avr->io[slot].w.c = write;
}

static void was_reset(uint8_t cause) {
    avr->data[UCSRA] = UDRE;
    avr->data[UCSRB] = 0;
    avr->data[MCUSR] = cause;
    pins(NULL, 0, NULL);
}

static void reset(uint8_t cause) {
    avr_reset(avr);
    was_reset(cause);
}

static void power_up(uint64_t *random) {
    power_cycles++;
    power_on = avr->cycle;
    for (unsigned at = RAM_BEGIN; at <= RAM_END; at++) {
        avr->data[at] = (uint8_t)drawn(random);
    }
    chips_power(&bench, bench.board, avr->cycle);
    reset(1 << 0);
}

static void stop(int signal) {
    (void)signal;
    stopping = 1;
}

static void usage(void) {
    fprintf(stderr, "lab --fw ELF --link PATH [--truth PATH] [--seed N] [--specimen usual|ideal] [--pace real|free] [--play FRAMES]\n"
                    "Runs the firmware on an emulated ATmega328P wired to a simulated resistor-array-v1, and prints READY and PATH, at\n"
                    "which a host finds its serial port. Ends when it is told to, or when its standard input, if that is a pipe, ends.\n");
    exit(2);
}

int main(int count, char **arguments) {
    const char *path = NULL;
    uint64_t seed = 1;
    const circuit_spread *spread = &circuit_usual;
    for (int i = 1; i < count; i += 2) {
        const char *value = i + 1 < count ? arguments[i + 1] : NULL;
        if (!value) {
            usage();
        } else if (!strcmp(arguments[i], "--fw")) {
            path = value;
        } else if (!strcmp(arguments[i], "--seed")) {
            seed = strtoull(value, NULL, 10);
        } else if (!strcmp(arguments[i], "--link")) {
            link_path = value;
        } else if (!strcmp(arguments[i], "--truth")) {
            truth_path = value;
        } else if (!strcmp(arguments[i], "--play")) {
            played = fopen(value, "rb");
            paced = false;
            if (!played) {
                fail("%s cannot be read.", value);
            }
        } else if (!strcmp(arguments[i], "--specimen") && (!strcmp(value, "usual") || !strcmp(value, "ideal"))) {
            spread = *value == 'u' ? &circuit_usual : &circuit_ideal;
        } else if (!strcmp(arguments[i], "--pace") && (!strcmp(value, "real") || !strcmp(value, "free"))) {
            paced = *value == 'r';
        } else {
            usage();
        }
    }
    if (!path || !link_path) {
        usage();
    }
    prctl(PR_SET_TIMERSLACK, 1000);
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    struct stat input;
    parent_watched = !fstat(STDIN_FILENO, &input) && S_ISFIFO(input.st_mode);

    avr_global_logger_set(quiet);
    if (access(path, R_OK) || elf_read_firmware(path, &firmware)) {
        fail("%s cannot be read as firmware; build it with make -C sim/lab.", path);
    }
    avr = avr_make_mcu_by_name("atmega328p");
    if (!avr) {
        fail("this simavr has no atmega328p.");
    }
    avr_init(avr);
    avr->frequency = CHIPS_HZ;
    avr->run_cycle_limit = 100;
    avr->sleep = do_not_sleep;
    avr_load_firmware(avr, &firmware);
    avr->frequency = CHIPS_HZ;
    for (int i = 0; i < avr->interrupts.vector_count; i++) {
        if (avr->interrupts.vector[i]->vector < INTERRUPTS) {
            vector[avr->interrupts.vector[i]->vector] = avr->interrupts.vector[i];
        }
    }
    avr_register_io(avr, &bench_io);
    on_register(UDR, udr_read, udr_write);
    on_register(UCSRA, NULL, ucsra_write);
    on_register(UCSRB, NULL, ucsrb_write);
    on_register(UBRRL, NULL, ubrr_write);
    on_register(SPDR, spdr_read, spdr_write);
    on_register(SPSR, NULL, spsr_write);
    avr_irq_register_notify(&avr->interrupts.irq[AVR_INT_IRQ_RUNNING], entered, NULL);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ('B'), IOPORT_IRQ_REG_PORT), pins, NULL);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ('D'), IOPORT_IRQ_REG_PORT), pins, NULL);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ('B'), IOPORT_IRQ_DIRECTION_ALL), pins, NULL);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ('D'), IOPORT_IRQ_DIRECTION_ALL), pins, NULL);

    /* The firmware counts its starts in EEPROM; a board that was not started before would always count 1. */
    uint32_t starts = (uint32_t)time(NULL);
    avr_eeprom_desc_t eeprom = {(uint8_t *)&starts, 0, sizeof starts};
    avr_ioctl(avr, AVR_IOCTL_EEPROM_SET, &eeprom);

    uint64_t random = seed;
    to_board.random = seed * 2 + 1;
    to_host.random = seed * 2 + 2;
    to_board.stall_cycles = to_host.stall_cycles = CHIPS_HZ / 100;
    bench.board = circuit_new(seed, spread);
    if (!bench.board) {
        fail("no memory for the circuit.");
    }
    power_up(&random);
    plug();
    if (truth_path) {
        open_door();
    }
    printf("READY %s\n", link_path);
    fflush(stdout);
    rebase();

    avr_run_t run = avr->run;
    while (!stopping) {
        if (power_wanted || reset_wanted) {
            avr->run = run;
            if (power_wanted) {
                power_up(&random);
            } else {
                reset(1 << 1);
            }
            power_wanted = reset_wanted = false;
        }
        if (avr->run != run) { /* simavr's watchdog put its reset there */
            watchdog_resets++;
            avr_run(avr);
            avr->run = run;
            was_reset(1 << 3);
        } else if (hung) {
            avr->cycle += 16;
            avr_cycle_timer_process(avr);
        } else {
            int state = avr_run(avr);
            if (state == cpu_Done || state == cpu_Crashed) {
                fail("the processor %s at %04x.", state == cpu_Done ? "went to sleep with interrupts off" : "crashed", avr->pc);
            }
        }
    }
    unplug();
    if (truth_path) {
        unlink(truth_path);
    }
    return 0;
}
