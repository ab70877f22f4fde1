/* What a board and a port need to know of the protocol core. Portable C99, no allocation, one thread. */
#ifndef HOMEOSTAT_H
#define HOMEOSTAT_H

#include <stdbool.h>
#include <stdint.h>

/* Each port has its own homeostat_config.h; whatever it leaves out is set here. */
#include "homeostat_config.h"

#ifndef HS_LARGEST /* bytes of the largest payload taken or sent; the core keeps 2 + HS_WINDOW buffers of it */
#define HS_LARGEST 640
#endif
#ifndef HS_WINDOW /* replies to batches that are kept */
#define HS_WINDOW 2
#endif
#ifndef HS_DRIVEN /* INPUT and NUDGE channels together, at most 255 */
#define HS_DRIVEN 16
#endif
#ifndef HS_OUTPUTS /* OUTPUT channels, for the difference nudge */
#define HS_OUTPUTS 16
#endif
#ifndef HS_LEAST_SILENCE /* ms */
#define HS_LEAST_SILENCE 100
#endif
#ifndef HS_MOST_SILENCE
#define HS_MOST_SILENCE 2000
#endif
#ifndef HS_TAKEN_PER_POLL /* bytes received in one hs_poll() */
#define HS_TAKEN_PER_POLL 128
#endif
#ifndef HS_IMPOSED_PER_POLL /* hs_board_impose() of parameters and knobs in one hs_poll() */
#define HS_IMPOSED_PER_POLL 16
#endif
#ifndef HS_READ_PER_POLL /* hs_board_read() in one hs_poll() */
#define HS_READ_PER_POLL 4
#endif
#ifndef HS_FLASH /* where constants live; an AVR port says PROGMEM, memcpy_P and pgm_read_dword */
#define HS_FLASH
#define HS_FLASH_COPY(into, from, bytes) memcpy((into), (from), (bytes))
#define HS_FLASH_U32(address) (*(const uint32_t *)(address))
#endif

enum { HS_INPUT, HS_OUTPUT, HS_NUDGE, HS_KNOB, HS_SOFTNESS, HS_PARAMETER, HS_FORCE, HS_MONITOR, HS_ROLES };

/* One role of the board's card; generated together with the card's bytes, lives in HS_FLASH. */
typedef struct {
    uint8_t role;             /* section 2 of SPEC.md */
    uint8_t width;            /* bytes of a code on the wire: 1 or 2 */
    uint16_t count;           /* channels */
    uint16_t lowest, highest; /* codes that may be imposed; for read roles the ends of the converter */
    uint16_t safe;            /* code at which it is left when nobody is in charge; for PARAMETER the power-on code */
    float zero, step;         /* level = zero + step * code, for linear scales; used by the difference nudge */
} hs_group;

typedef struct {
    const uint8_t *card; /* in HS_FLASH */
    uint32_t card_length;
    uint8_t digest[8];
    uint8_t groups; /* by ascending role */
    const hs_group *group; /* in HS_FLASH */
    uint16_t nudges, abilities;
    float beta_unit;
    uint32_t settle_micros;
} hs_card; /* in HS_FLASH */

/* The three functions that a board adds. Called from hs_begin() and hs_poll() only. */
void hs_board_impose(uint8_t role, uint16_t index, uint16_t code); /* one DAC or potentiometer; may be buffered */
void hs_board_apply(void);                                         /* what was imposed takes effect; returns when it has */
uint16_t hs_board_read(uint8_t role, uint16_t index);              /* one conversion */

/* What a port adds. */
uint32_t hs_port_micros(void);                               /* since power-on, wraps */
uint16_t hs_port_receive(const uint8_t **bytes);             /* bytes that came and stand in a row; 0 if none */
void hs_port_taken(uint16_t count);                          /* so many of them are not needed any more */
uint16_t hs_port_send(const uint8_t *bytes, uint16_t count); /* takes what it can without waiting, says how many */

/*
 * Once, before anything else; puts the outputs at safe levels. boot differs from one power-on to the next. The card is in
 * HS_FLASH.
 */
void hs_begin(const hs_card *card, uint32_t boot);

/*
 * Call for ever. Never waits; does a bounded amount of work. Returns how many microseconds it has nothing to do unless a
 * byte comes or can be sent: 0 means call again at once. A port that has nothing else to do may ignore it. Bytes are
 * fetched all the time except while two batches are in hand, so that a small ring (128 bytes) is enough for the port.
 */
uint32_t hs_poll(void);

bool hs_armed(void);

/* True while a batch is executed: what hs_poll() then returns is a wait for the board, over which a simulated clock may leap. */
bool hs_executing(void);

/* A part of the board does not work: latches at safe levels, reason 4. From within a board function or between polls. */
void hs_fault(void);

#endif
