/* A host and a board of paper in virtual time, for tests of the core. */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>

#include "homeostat.h"

#define CHECK(what) bench_check((what), #what, __FILE__, __LINE__)
void bench_check(bool holds, const char *what, const char *file, int line);
int bench_end(const char *name); /* exit code; prints how many checks were made */

/* The host's own framing, written apart from the core's. */
uint32_t bench_crc(const uint8_t *bytes, size_t count);
size_t bench_stuff(const uint8_t *bytes, size_t count, uint8_t *into); /* COBS without the final 00 */
long bench_unstuff(const uint8_t *bytes, size_t count, uint8_t *into); /* -1 if broken */
size_t bench_frame(const uint8_t *payload, size_t count, uint8_t *into);

/* xorshift64*, seeded by power of tests themselves */
typedef struct {
    uint64_t state;
} dice;
uint32_t dice_draw(dice *);
uint32_t dice_below(dice *, uint32_t limit);

/* The line. */
extern uint32_t bench_now;
extern uint32_t bench_poll_micros; /* how long a poll takes; 0 by default */
void bench_power_on(const hs_card *card, uint32_t boot);
void bench_bytes(const uint8_t *bytes, size_t count); /* to the board */
void bench_send(const uint8_t *payload, size_t count);
void bench_run(uint32_t micros); /* polls and lets time pass; fails if the core spins without end */
void bench_settle(void);         /* polls at a standing clock until it has nothing to do */
size_t bench_reply(uint8_t *into, size_t most); /* the next payload that the board sent, 0 if none */
size_t bench_raw(uint8_t *byte); /* the next byte as it is, 0 if none */
size_t bench_await(uint8_t *into, size_t most, uint32_t micros);
extern size_t bench_room;        /* bytes that the line takes before the host reads; plenty by default */

/* The board. */
typedef struct {
    uint16_t code[HS_ROLES][160];
    unsigned long imposed, applied, read;
    uint16_t (*reading)(uint8_t role, uint16_t index);
    void (*watch)(uint8_t role, uint16_t index, uint16_t code); /* each hs_board_impose(), before it is noted */
} paper;
extern paper board;

/* Messages. */
typedef struct {
    uint8_t bytes[2048];
    size_t count;
} message;
void put8(message *, unsigned value);
void put16(message *, unsigned value);
void put32(message *, uint32_t value);
void put_real(message *, double value);
message say(uint8_t type, uint32_t session, uint32_t number);
size_t ask(const message *, uint8_t *reply, size_t most); /* sends, and waits up to a second of virtual time */
uint16_t get16(const uint8_t *);
uint32_t get32(const uint8_t *);
message say_hello(uint32_t session, uint32_t number);
message say_arm(uint32_t session, uint32_t number, uint32_t arming, unsigned silence);

#endif
