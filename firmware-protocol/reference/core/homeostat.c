#include "homeostat.h"

#include <string.h>

#include "crc32c.h"

/* A processor with few registers is faster when its busiest loops are not mixed into one large function. */
#if defined(__GNUC__)
#define APART __attribute__((noinline))
#else
#define APART
#endif

enum { HELLO = 1, CARD, ARM, BATCH, BEAT, STOP, REPLY = 0x80, ERROR = 0xFF };
enum { MALFORMED = 1, VERSION, SESSION, ORDER, LATCHED, UNFIT, LIMIT, ARMING, LARGE, BUSY, FAULT,
    UNREAD /* UNFIT on the wire, with a sentence of its own */ };
enum { NOT_ARMED, SILENT, STOPPED, NEW_SESSION, FAULTY };
enum { SETTLED, CLIPPED, UNSETTLED };
enum { NO_NUDGE, FORCE_NUDGE, COUPLING_NUDGE, DIFFERENCE_NUDGE, CLAMP_NUDGE, RAMP_NUDGE };
enum { HOMEOSTASIS = 1, COMPLIANCE = 2, WRITABLE = 4 };
enum { NOBODY = 0xFF };
#define NO_CHANNEL 0xFFFFu

enum { HEAD = 9, CHECK = 4, STATE = 26, RESULT_HEAD = HEAD + 10 };
enum { HOW_FREE = 1, HOW_DWELL = 8, HOW_AFRESH = 0x20, HOW_UNUSED = 0xC0 };
enum { BLOCK_ROLE = 7, BLOCK_UNUSED = 0x38, BLOCK_LANES = 0x40, BLOCK_SOME = 0x80 };
enum { VERSION_MAJOR = 1, VERSION_MINOR = 1 };

#if HS_LARGEST < 96 || HS_LARGEST > 32000
#error "HS_LARGEST: 96 .. 32000"
#endif
#if HS_WINDOW < 1 || HS_WINDOW > 8
#error "HS_WINDOW: 1 .. 8"
#endif
#if HS_DRIVEN < 1 || HS_DRIVEN > 255 || HS_OUTPUTS < 1 || HS_OUTPUTS > 255
#error "HS_DRIVEN and HS_OUTPUTS: 1 .. 255"
#endif
#if HS_TAKEN_PER_POLL < 1 || HS_TAKEN_PER_POLL > 255
#error "HS_TAKEN_PER_POLL: 1 .. 255"
#endif

static const char sentence[UNREAD + 1][40] HS_FLASH = {
    "",
    "the body makes no sense",
    "this board speaks version 1",
    "not the current session",
    "not the next batch",
    "at safe levels; arm it",
    "does not fit the card",
    "outside the limits it was armed with",
    "not a fresh arming number",
    "the reply would be too large",
    "busy; send it again later",
    "a part of the board does not work",
    "outputs not read without a nudge yet",
};

/* What is asked of a group all the time; the rest stays in flash. */
typedef struct {
    uint16_t count, lowest, highest, safe;
    uint8_t width;
    bool read;
} span;

typedef struct {
    uint16_t now, target;
    uint16_t lowest, highest, slew;
} driven;

static const hs_card *card;
static span spans[HS_ROLES];
static uint16_t abilities, nudges;
static uint32_t settle_micros;
static uint16_t readings, reading_bytes; /* of one stimulus that is read once */

/* The state of section 3. */
static bool armed;
static uint8_t reason;
static uint32_t boot, arming, dropped;
static uint32_t executed; /* the last batch that was begun */
static uint32_t now, wraps;
static uint32_t session; /* 0: none */
static uint32_t last_life, silence_micros;
static uint32_t blind_since; /* bytes that were left lying while two batches were in hand have come since */
static bool blind;
static bool faulted;

/* INPUT channels first, then NUDGE. */
static driven channel[HS_DRIVEN];
static uint8_t inputs, drivens;
static uint16_t period[2];
static uint32_t moved_at[2];

/* A payload, its check, what COBS adds within, and the 00 at the end. */
#define ROOM (HS_LARGEST + CHECK + (HS_LARGEST + CHECK) / 254 + 1)

/* Frames come into one of two buffers; a reply other than a RESULT is made where its request stood. */
enum { EMPTY, FILLING, WHOLE, RUNNING, SENDING };
static struct {
    uint8_t use;
    uint16_t length; /* of the payload; of the frame once SENDING */
    uint8_t code;    /* what COBS puts in front; bytes follows at once */
    uint8_t bytes[ROOM];
} box[2];

static struct {
    uint16_t length; /* of the frame; 0: nothing kept */
    bool wanted;     /* to be sent */
    uint8_t code;
    uint8_t bytes[ROOM];
} kept[HS_WINDOW];

/* The frame that is coming in. */
static struct {
    uint32_t crc;
    uint16_t count;
    uint8_t left; /* bytes until the next length byte */
    bool begun, zero, broken;
    bool drained; /* the port had no more */
} in;

/* The frame that is going out. */
static struct {
    const uint8_t *next;
    uint16_t left; /* bytes not yet gone */
    uint8_t from;  /* box, or 2 + index in kept; NOBODY when all is quiet */
    bool spoken;   /* ever since power-on */
} out;

/* The batch that is being executed. */
static struct {
    enum { IDLE, BEGIN, IMPOSE, MOVE, SETTLE, READ } step;
    uint8_t box, kept;
    uint8_t stimuli, done;
    const uint8_t *at;
    uint32_t began;
    uint8_t how, blocks;
    uint16_t reads;
    uint32_t dwell, settle_from;
    uint32_t settle_left; /* or until the next move */
    bool dirty; /* something was imposed but not applied */
    /* the block that is being imposed */
    const uint8_t *some;
    uint8_t role;
    uint16_t index;
    bool open;
    /* the response that is being written */
    uint16_t response, end, checked;
    uint32_t crc;
    uint8_t verdict, clipped_role;
    uint16_t clipped_index;
    /* the average that is being taken */
    uint16_t taken, first;
    uint32_t sum;
    uint64_t squares; /* of the distances to the first reading */
} run;

/* What each output read last without a nudge, as a level. */
static float free_level[HS_OUTPUTS];
static bool free_known[HS_OUTPUTS];
static float output_zero, output_step, pull_codes, nudge_zero; /* see difference() */

/* ---- numbers on the wire ---- */

static uint16_t u16_at(const uint8_t *p) {
    return (uint16_t)(p[0] | (uint16_t)p[1] << 8);
}

static uint32_t u32_at(const uint8_t *p) {
    return (uint32_t)u16_at(p) | (uint32_t)u16_at(p + 2) << 16;
}

static uint16_t code_at(const uint8_t *p, uint8_t width) {
    return width == 1 ? p[0] : u16_at(p);
}

static uint8_t *put_u16(uint8_t *p, uint16_t value) {
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
    return p + 2;
}

static uint8_t *put_u32(uint8_t *p, uint32_t value) {
    return put_u16(put_u16(p, (uint16_t)value), (uint16_t)(value >> 16));
}

static bool f64_finite(const uint8_t *p) {
    return (u16_at(p + 6) & 0x7FF0) != 0x7FF0;
}

/* A finite f64 as a float, by its bits, since a double may have 32 of them here. Beyond 1e15 it is 1e15: what is large enough
 * to be beyond every range must not grow infinite when it is multiplied. */
static float f64_at(const uint8_t *p) {
    int16_t exponent = (int16_t)((u16_at(p + 6) >> 4 & 0x7FF) - 1023);
    uint32_t bits;
    if (exponent < -126) {
        bits = 0;
    } else if (exponent >= 50) {
        bits = 0x58635FA9; /* 1e15 */
    } else {
        bits = ((uint32_t)(p[6] & 0xF) << 16 | u16_at(p + 4)) << 3 | p[3] >> 5;
        bits += (uint32_t)((uint16_t)(exponent + 127) << 7) << 16;
        bits += p[3] >> 4 & 1;
    }
    bits |= (uint32_t)(p[7] & 0x80) << 24;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* ---- the card ---- */

static bool is_read(uint8_t role) {
    return spans[role].read;
}

static bool can_be_read(uint8_t role) {
    return spans[role].count != 0
            && (role == HS_OUTPUT || role == HS_FORCE || role == HS_MONITOR
                    || (role == HS_PARAMETER && (abilities & (HOMEOSTASIS | COMPLIANCE))));
}

static uint8_t bytes_of_reading(uint8_t role, uint16_t reads) {
    return reads > 1 ? 8 : spans[role].width;
}

/* ---- safe levels ---- */

static uint8_t role_of(uint8_t i) {
    return i < inputs ? HS_INPUT : HS_NUDGE;
}

static void impose_driven(uint8_t i, uint16_t code) {
    channel[i].now = code;
    hs_board_impose(role_of(i), i < inputs ? i : (uint16_t)(i - inputs), code);
}

static void go_safe(void) {
    bool moved[2] = {false, false};
    for (uint8_t i = 0; i < drivens; i++) {
        channel[i].target = spans[role_of(i)].safe;
        moved[i >= inputs] |= channel[i].now != channel[i].target;
        impose_driven(i, channel[i].target); /* also where it should be there already */
    }
    hs_board_apply();
    for (uint8_t kind = 0; kind < 2; kind++) {
        if (moved[kind]) {
            moved_at[kind] = hs_port_micros();
        }
    }
}

static void built_limits(void) {
    for (uint8_t i = 0; i < drivens; i++) {
        channel[i].lowest = spans[role_of(i)].lowest;
        channel[i].highest = spans[role_of(i)].highest;
        channel[i].slew = 0xFFFF;
    }
    period[0] = period[1] = 0;
}

static void finish_result(bool complete);

static void latch(uint8_t why) {
    go_safe();
    if (armed) {
        armed = false;
        reason = why;
        if (run.step != IDLE && why != NEW_SESSION) {
            finish_result(false);
        }
    }
    if (run.step != IDLE) {
        run.step = IDLE;
        box[run.box].use = EMPTY;
    }
}

void hs_fault(void) {
    faulted = true;
}

bool hs_armed(void) {
    return armed;
}

bool hs_executing(void) {
    return run.step != IDLE;
}

/* ---- sending ---- */

/*
 * COBS where the bytes stand, behind one byte to spare: it is nothing but each zero replaced by the distance to the next, and a
 * byte put in where there was none for too long. Returns the frame's length.
 */
static APART uint16_t stuff(uint8_t *code, uint16_t count) {
    uint8_t *p = code + 1, *end = p + count, *last = code;
    uint8_t run = 1;
    for (; p != end; p++) {
        if (*p == 0) {
            *last = run;
            last = p;
            run = 1;
        } else if (++run == 0xFF && p + 1 != end) {
            *last = run;
            last = ++p;
            memmove(p + 1, p, (size_t)(end - p));
            end++;
            run = 1;
        }
    }
    *last = run;
    *end = 0;
    return (uint16_t)(end + 1 - code);
}

/* Makes a frame of a payload where it stands. */
static uint16_t seal(uint8_t *code, uint16_t length, uint32_t crc) {
    (void)put_u32(code + 1 + length, ~crc);
    return stuff(code, (uint16_t)(length + CHECK));
}

static bool being_sent(uint8_t k) {
    return kept[k].wanted || out.from == 2 + k;
}

static void begin_sending(uint8_t from, const uint8_t *frame, uint16_t length) {
    out.from = from;
    out.next = frame;
    out.left = length;
}

static void pump(void) {
    if (out.from == NOBODY) {
        for (uint8_t k = 0; k < HS_WINDOW; k++) {
            if (kept[k].wanted) {
                kept[k].wanted = false;
                begin_sending((uint8_t)(2 + k), &kept[k].code, kept[k].length);
                break;
            }
        }
        for (uint8_t b = 0; out.from == NOBODY && b < 2; b++) {
            if (box[b].use == SENDING) {
                begin_sending(b, &box[b].code, box[b].length);
            }
        }
        if (out.from == NOBODY) {
            return;
        }
    }
    if (!out.spoken) { /* ends whatever the host collected before we had power */
        static const uint8_t zero = 0;
        out.spoken = hs_port_send(&zero, 1) == 1;
        if (!out.spoken) {
            return;
        }
    }
    uint16_t gone = hs_port_send(out.next, out.left);
    out.next += gone;
    out.left = (uint16_t)(out.left - gone);
    if (out.left == 0) {
        if (out.from < 2) {
            box[out.from].use = EMPTY;
        }
        out.from = NOBODY;
    }
}

/* ---- receiving ---- */

static void fresh_frame(void) {
    in.crc = 0xFFFFFFFF;
    in.count = 0;
    in.left = 0;
    in.begun = in.zero = in.broken = false;
}

static void keep_byte(uint8_t b, uint8_t byte) {
    in.crc = crc32c_step(in.crc, byte);
    if (in.count < HS_LARGEST + CHECK) {
        box[b].bytes[in.count++] = byte;
    } else {
        in.broken = true;
    }
}

/* True when a frame is whole. */
static bool take_byte(uint8_t b, uint8_t byte) {
    if (byte != 0) {
        if (in.left) {
            in.left--;
            keep_byte(b, byte);
        } else {
            if (in.zero) {
                keep_byte(b, 0);
            }
            in.begun = true;
            in.zero = byte != 0xFF;
            in.left = (uint8_t)(byte - 1);
        }
        return false;
    }
    bool begun = in.begun;
    bool whole = !in.broken && in.left == 0 && in.count >= HEAD + CHECK && in.crc == CRC32C_RESIDUE;
    box[b].length = (uint16_t)(in.count - CHECK);
    fresh_frame();
    if (begun && !whole) {
        dropped++;
    }
    return begun && whole;
}

/* The bytes of a piece, as many as came. Most bytes come this way, hence a loop of its own. Returns how many. */
static APART uint8_t keep_some(uint8_t b, const uint8_t *from, uint16_t count) {
    uint8_t most = count < in.left ? (uint8_t)count : in.left;
    if (in.count + most > HS_LARGEST + CHECK) {
        return 0; /* one by one, until it is too long */
    }
    most = crc32c_copy(&in.crc, box[b].bytes + in.count, from, most);
    in.left = (uint8_t)(in.left - most);
    in.count = (uint16_t)(in.count + most);
    return most;
}

/* A frame is whole: a sign of life. */
static void whole(uint8_t b) {
    box[b].use = WHOLE;
    if (session != 0 && u32_at(box[b].bytes + 1) == session) {
        last_life = blind ? blind_since : now;
    }
}

/* The box that the coming frame goes to, NOBODY while two batches are in hand. */
static uint8_t filling(void) {
    for (uint8_t b = 0; b < 2; b++) {
        if (box[b].use == FILLING) {
            return b;
        }
    }
    if (box[0].use == WHOLE || box[1].use == WHOLE) {
        return NOBODY;
    }
    for (uint8_t b = 0; b < 2; b++) {
        if (box[b].use == EMPTY) {
            box[b].use = FILLING;
            return b;
        }
    }
    return NOBODY;
}

static void receive(void) {
    uint8_t b = filling();
    in.drained = false;
    if (b == NOBODY) {
        blind = true;
        return;
    }
    if (!blind) {
        blind_since = now;
    }
    for (uint16_t budget = HS_TAKEN_PER_POLL; budget;) {
        const uint8_t *bytes;
        uint16_t count = hs_port_receive(&bytes), taken = 0;
        if (count == 0) {
            in.drained = true;
            blind = false;
            return;
        }
        if (count > budget) {
            count = budget;
        }
        bool end = false;
        while (taken < count && !end) {
            if (in.left > 1) {
                uint8_t some = keep_some(b, bytes + taken, (uint16_t)(count - taken));
                if (some) {
                    taken = (uint16_t)(taken + some);
                    continue;
                }
            }
            end = take_byte(b, bytes[taken++]);
        }
        hs_port_taken(taken);
        if (end) {
            whole(b);
            return;
        }
        budget = (uint16_t)(budget - taken);
    }
}

/* ---- replies ---- */

static void reply(uint8_t b, uint8_t type, uint16_t length) {
    uint8_t *bytes = box[b].bytes;
    bytes[0] = type;
    box[b].length = seal(&box[b].code, length, crc32c_over(0xFFFFFFFF, bytes, length));
    box[b].use = SENDING;
}

static void refuse(uint8_t b, uint8_t code, uint8_t stimulus, uint8_t role, uint16_t index) {
    uint8_t *p = box[b].bytes + HEAD;
    *p++ = code == UNREAD ? UNFIT : code;
    *p++ = stimulus;
    *p++ = role;
    p = put_u16(p, index);
    uint8_t length = 0;
    HS_FLASH_COPY(p + 2, sentence[code], sizeof sentence[code]);
    while (length < sizeof sentence[code] && p[2 + length]) {
        length++;
    }
    p = put_u16(p, length) + length;
    reply(b, ERROR, (uint16_t)(p - box[b].bytes));
}

static uint8_t *put_state(uint8_t *p) {
    *p++ = armed;
    *p++ = reason;
    p = put_u32(p, boot);
    p = put_u32(p, arming);
    p = put_u32(p, run.step == IDLE ? executed : executed - 1);
    p = put_u32(p, now);
    p = put_u32(p, wraps);
    return put_u32(p, dropped);
}

static void reply_state(uint8_t b) {
    uint8_t type = box[b].bytes[0];
    (void)put_state(box[b].bytes + HEAD);
    reply(b, type | REPLY, HEAD + STATE);
}

static void hello(uint8_t b) {
    uint8_t *p = box[b].bytes + HEAD;
    uint32_t asked = u32_at(box[b].bytes + 1);
    if (box[b].length < HEAD + 6 || asked == 0 || memcmp(p, "HMST", 4) != 0) {
        refuse(b, MALFORMED, NOBODY, NOBODY, NO_CHANNEL);
        return;
    }
    if (p[4] != VERSION_MAJOR) { /* whose HELLO may be longer */
        refuse(b, VERSION, NOBODY, NOBODY, NO_CHANNEL);
        return;
    }
    if (box[b].length != HEAD + 6) {
        refuse(b, MALFORMED, NOBODY, NOBODY, NO_CHANNEL);
        return;
    }
    if (asked != session) {
        latch(NEW_SESSION);
        session = asked;
        executed = 0;
        for (uint8_t k = 0; k < HS_WINDOW; k++) {
            kept[k].length = 0;
            kept[k].wanted = false;
        }
    }
    hs_card whole;
    HS_FLASH_COPY(&whole, card, sizeof whole);
    *p++ = VERSION_MAJOR;
    *p++ = VERSION_MINOR;
    p = put_u32(p, HS_LARGEST);
    *p++ = HS_WINDOW;
    p = put_u16(p, HS_LEAST_SILENCE);
    p = put_u16(p, HS_MOST_SILENCE);
    p = put_u32(p, whole.card_length);
    memcpy(p, whole.digest, 8);
    p = put_state(p + 8);
    reply(b, HELLO | REPLY, (uint16_t)(p - box[b].bytes));
}

static void read_card(uint8_t b) {
    uint8_t *p = box[b].bytes + HEAD;
    if (box[b].length != HEAD + 6) {
        refuse(b, MALFORMED, NOBODY, NOBODY, NO_CHANNEL);
        return;
    }
    hs_card whole;
    HS_FLASH_COPY(&whole, card, sizeof whole);
    uint32_t offset = u32_at(p);
    uint16_t most = u16_at(p + 4);
    if (offset > whole.card_length) {
        most = 0;
    } else if (most > whole.card_length - offset) {
        most = (uint16_t)(whole.card_length - offset);
    }
    if (most > HS_LARGEST - HEAD - 4) {
        most = HS_LARGEST - HEAD - 4;
    }
    if (most) {
        HS_FLASH_COPY(p + 4, whole.card + offset, most);
    }
    reply(b, CARD | REPLY, (uint16_t)(HEAD + 4 + most));
}

/* Walks the limits of an ARM; sets them when told to. Returns 0 or the code of an error. */
static uint8_t limits(const uint8_t *p, const uint8_t *end, bool set, uint8_t *role, uint16_t *index) {
    uint8_t blocks = *p++;
    uint8_t before = NOBODY;
    for (; blocks; blocks--) {
        if (end - p < 3) {
            return MALFORMED;
        }
        *role = p[0];
        *index = NO_CHANNEL;
        uint16_t rest = u16_at(p + 1);
        p += 3;
        if ((*role != HS_INPUT && *role != HS_NUDGE) || (before != NOBODY && *role <= before)) {
            return MALFORMED;
        }
        before = *role;
        const span *s = &spans[*role];
        if (s->count == 0) {
            return UNFIT;
        }
        if ((uint32_t)(end - p) < (uint32_t)s->count * 3 * s->width) {
            return MALFORMED;
        }
        uint8_t first = *role == HS_INPUT ? 0 : inputs;
        if (set) {
            period[*role == HS_NUDGE] = rest;
        }
        for (uint16_t i = 0; i < s->count; i++) {
            uint16_t lowest = code_at(p, s->width), highest = code_at(p + s->width, s->width),
                     slew = code_at(p + 2 * s->width, s->width);
            p += 3 * s->width;
            if (lowest < s->lowest || highest > s->highest || lowest > s->safe || highest < s->safe || slew == 0) {
                *index = i;
                return UNFIT;
            }
            if (set) {
                driven *c = &channel[first + i];
                c->lowest = lowest;
                c->highest = highest;
                c->slew = slew;
            }
        }
    }
    *role = NOBODY;
    *index = NO_CHANNEL;
    return p == end ? 0 : MALFORMED;
}

static void arm(uint8_t b) {
    const uint8_t *p = box[b].bytes + HEAD, *end = box[b].bytes + box[b].length;
    uint8_t role = NOBODY;
    uint16_t index = NO_CHANNEL;
    if (end - p < 7) {
        refuse(b, MALFORMED, NOBODY, NOBODY, NO_CHANNEL);
        return;
    }
    uint32_t number = u32_at(p);
    uint16_t silence = u16_at(p + 4);
    uint8_t error = limits(p + 6, end, false, &role, &index);
    if (error == MALFORMED) {
        refuse(b, MALFORMED, NOBODY, NOBODY, NO_CHANNEL);
    } else if (armed && number == arming) {
        reply_state(b);
    } else if (number <= arming) {
        refuse(b, ARMING, NOBODY, NOBODY, NO_CHANNEL);
    } else if (run.step != IDLE) {
        refuse(b, BUSY, NOBODY, NOBODY, NO_CHANNEL);
    } else if (error || silence < HS_LEAST_SILENCE || silence > HS_MOST_SILENCE) {
        refuse(b, UNFIT, NOBODY, role, index);
    } else {
        go_safe();
        built_limits();
        (void)limits(p + 6, end, true, &role, &index);
        arming = number;
        armed = true;
        silence_micros = (uint32_t)silence * 1000;
        last_life = now;
        reply_state(b);
    }
}

/* ---- a batch, looked at ---- */

/* Where something is wrong. */
typedef struct {
    uint8_t code, stimulus, role;
    uint16_t index;
} trouble;

static bool wrong(trouble *t, uint8_t code, uint8_t role, uint16_t index) {
    t->code = code;
    t->role = role;
    t->index = index;
    return false;
}

static bool fits(trouble *t, uint8_t role, uint16_t i, uint16_t code) {
    const span *s = &spans[role];
    if (code < s->lowest || code > s->highest) {
        return wrong(t, UNFIT, role, i);
    }
    if (role == HS_INPUT || role == HS_NUDGE) {
        const driven *c = &channel[role == HS_INPUT ? i : (uint16_t)(inputs + i)];
        if (code < c->lowest || code > c->highest) {
            return wrong(t, LIMIT, role, i);
        }
    }
    return true;
}

static APART bool values_fit(trouble *t, const uint8_t **at, const uint8_t *end, uint8_t role, const uint8_t *some) {
    const span *s = &spans[role];
    const uint8_t *p = *at;
    if (s->width == 1 && !some && role == HS_PARAMETER) { /* many, and nothing to look up for each */
        uint16_t count = s->count;
        uint8_t lowest = (uint8_t)s->lowest, highest = (uint8_t)s->highest;
        const uint8_t *last = (uint32_t)(end - p) < count ? end : p + count;
        for (; p != last; p++) {
            if (*p < lowest || *p > highest) {
                return wrong(t, UNFIT, role, (uint16_t)(p - *at));
            }
        }
        if (p != *at + count) {
            return wrong(t, MALFORMED, NOBODY, NO_CHANNEL);
        }
        *at = p;
        return true;
    }
    for (uint16_t i = 0; i < s->count; i++) {
        if (some && !(some[i >> 3] >> (i & 7) & 1)) {
            continue;
        }
        if (end - p < s->width) {
            return wrong(t, MALFORMED, NOBODY, NO_CHANNEL);
        }
        if (!fits(t, role, i, code_at(p, s->width))) {
            return false;
        }
        p += s->width;
    }
    *at = p;
    return true;
}

static bool block_fits(trouble *t, const uint8_t **at, const uint8_t *end, uint8_t *before) {
    const uint8_t *p = *at;
    if (end - p < 1) {
        return wrong(t, MALFORMED, NOBODY, NO_CHANNEL);
    }
    uint8_t head = *p++, role = head & BLOCK_ROLE;
    bool one_for_all = role == HS_KNOB || role == HS_SOFTNESS || role == HS_PARAMETER;
    if ((head & BLOCK_UNUSED) || (*before != NOBODY && role <= *before) || (role != HS_INPUT && !one_for_all)
            || (one_for_all && (head & BLOCK_LANES))) {
        return wrong(t, MALFORMED, role, NO_CHANNEL);
    }
    *before = role;
    if (spans[role].count == 0 || (role == HS_PARAMETER && !(abilities & WRITABLE))) {
        return wrong(t, UNFIT, role, NO_CHANNEL);
    }
    const uint8_t *some = NULL;
    if (head & BLOCK_SOME) {
        uint16_t count = spans[role].count, bytes = (uint16_t)((count + 7u) >> 3);
        some = p;
        if (end - p < (int32_t)bytes || ((count & 7) && some[bytes - 1] >> (count & 7))) {
            return wrong(t, MALFORMED, role, NO_CHANNEL);
        }
        p += bytes;
    }
    *at = p;
    return values_fit(t, at, end, role, some);
}

static bool nudge_fits(trouble *t, const uint8_t **at, const uint8_t *end, uint8_t kind, bool read_before) {
    const uint8_t *p = *at;
    if (kind == COUPLING_NUDGE || kind > DIFFERENCE_NUDGE || !(nudges >> (kind - 1) & 1)) {
        return wrong(t, UNFIT, HS_NUDGE, NO_CHANNEL);
    }
    const uint8_t *beta = p;
    if (kind == DIFFERENCE_NUDGE) {
        if (end - p < 9) {
            return wrong(t, MALFORMED, HS_NUDGE, NO_CHANNEL);
        }
        p += 8;
    }
    if (end - p < 1 || *p > 1) { /* one row for all, or one a lane: there is one lane */
        return wrong(t, MALFORMED, HS_NUDGE, NO_CHANNEL);
    }
    p++;
    if (kind == FORCE_NUDGE) {
        *at = p;
        return values_fit(t, at, end, HS_NUDGE, NULL);
    }
    uint8_t outputs = (uint8_t)spans[HS_OUTPUT].count;
    if (end - p < 8 * (int16_t)outputs) {
        return wrong(t, MALFORMED, HS_NUDGE, NO_CHANNEL);
    }
    if (!f64_finite(beta)) {
        return wrong(t, UNFIT, HS_NUDGE, NO_CHANNEL);
    }
    for (uint8_t k = 0; k < outputs; k++, p += 8) {
        if (!f64_finite(p)) {
            return wrong(t, UNFIT, HS_OUTPUT, k);
        }
        if (!read_before && !free_known[k]) {
            return wrong(t, UNREAD, HS_NUDGE, NO_CHANNEL);
        }
    }
    *at = p;
    return true;
}

static bool batch_fits(trouble *t, const uint8_t *p, const uint8_t *end) {
    uint8_t stimuli = *p++;
    uint32_t size = RESULT_HEAD;
    bool read_before = false;
    for (uint8_t s = 0; s < stimuli; s++) {
        t->stimulus = s;
        if (end - p < 4 || (p[0] & HOW_UNUSED) || u16_at(p + 1) == 0) {
            return wrong(t, MALFORMED, NOBODY, NO_CHANNEL);
        }
        uint8_t how = p[0], kind = (uint8_t)((how >> 1 & 3) | (how >> 2 & 4));
        uint16_t reads = u16_at(p + 1);
        p += 3;
        if (kind > RAMP_NUDGE) {
            return wrong(t, MALFORMED, HS_NUDGE, NO_CHANNEL);
        }
        if (how & HOW_AFRESH) { /* nothing here forgets where it stands */
            return wrong(t, UNFIT, NOBODY, NO_CHANNEL);
        }
        if (how & HOW_DWELL) {
            if (end - p < 5) {
                return wrong(t, MALFORMED, NOBODY, NO_CHANNEL);
            }
            p += 4;
        }
        if ((how & HOW_FREE) && !(abilities & (HOMEOSTASIS | COMPLIANCE))) {
            return wrong(t, UNFIT, HS_PARAMETER, NO_CHANNEL);
        }
        uint8_t before = NOBODY;
        for (uint8_t blocks = *p++; blocks; blocks--) {
            if (!block_fits(t, &p, end, &before)) {
                return false;
            }
        }
        if (kind != NO_NUDGE && !nudge_fits(t, &p, end, kind, read_before)) {
            return false;
        }
        read_before |= kind == NO_NUDGE;
        size += 8 + (reads > 1 ? (uint32_t)8 * readings : reading_bytes);
    }
    t->stimulus = NOBODY;
    if (p != end) {
        return wrong(t, MALFORMED, NOBODY, NO_CHANNEL);
    }
    return size <= HS_LARGEST || wrong(t, LARGE, NOBODY, NO_CHANNEL);
}

/* False when it has to wait. */
static bool batch(uint8_t b) {
    uint8_t *bytes = box[b].bytes;
    uint32_t number = u32_at(bytes + 5);
    uint8_t k = (uint8_t)(number % HS_WINDOW);
    if (number != 0 && number <= executed && executed - number < HS_WINDOW) {
        if (kept[k].length && !being_sent(k)) {
            kept[k].wanted = true;
        } /* else it is on its way, or will be when it is executed */
        box[b].use = EMPTY;
        return true;
    }
    trouble t = {0, NOBODY, NOBODY, NO_CHANNEL};
    if (number != executed + 1 || number == 0) {
        t.code = ORDER;
    } else if (!armed) {
        t.code = LATCHED;
    } else if (run.step != IDLE || being_sent(k)) {
        return false;
    } else if (box[b].length < HEAD + 1) {
        t.code = MALFORMED;
    } else if (batch_fits(&t, bytes + HEAD, bytes + box[b].length)) {
        t.code = 0;
    }
    if (t.code) {
        refuse(b, t.code, t.stimulus, t.role, t.index);
        return true;
    }
    executed = number;
    box[b].use = RUNNING;
    run.box = b;
    run.kept = k;
    run.stimuli = bytes[HEAD];
    run.done = 0;
    run.at = bytes + HEAD + 1;
    run.began = hs_port_micros();
    kept[k].length = 0;
    uint8_t *p = kept[k].bytes;
    *p = BATCH | REPLY;
    memcpy(p + 1, bytes + 1, 8);
    p = put_u32(p + HEAD, run.began);
    p = put_u32(p, wraps + (run.began < now));
    *p++ = run.stimuli;
    *p++ = 0;
    run.end = RESULT_HEAD;
    run.checked = 0;
    run.crc = 0xFFFFFFFF;
    run.step = BEGIN;
    return true;
}

/* ---- a batch, executed ---- */

static APART void checked_up_to(uint16_t end) {
    run.crc = crc32c_over(run.crc, kept[run.kept].bytes + run.checked, (uint16_t)(end - run.checked));
    run.checked = end;
}

/* The result as far as it goes is complete, kept, and to be sent. */
static void finish_result(bool complete) {
    uint8_t *bytes = kept[run.kept].bytes;
    if (!complete) {
        run.end = run.response ? run.response : run.end; /* what was only begun does not count */
        bytes[RESULT_HEAD - 2] = run.done;
        bytes[RESULT_HEAD - 1] = (uint8_t)(1 + reason);
        run.checked = 0;
        run.crc = 0xFFFFFFFF;
    }
    checked_up_to(run.end);
    kept[run.kept].length = seal(&kept[run.kept].code, run.end, run.crc);
    kept[run.kept].wanted = true;
}

/* The one way by which a driven channel gets a level: never outside its limits. */
static void aim(uint8_t role, uint16_t i, uint16_t code) {
    driven *c = &channel[role == HS_INPUT ? i : (uint16_t)(inputs + i)];
    c->target = code < c->lowest ? c->lowest : code > c->highest ? c->highest : code;
}

/* code = ((beta betaUnit (target - level)) - zero) / step + 1/2, with all that stays the same worked out before */
static APART void difference(const uint8_t *p) {
    float pull = f64_at(p) * pull_codes, nothing = output_step * 0.001f;
    p += 9;
    for (uint8_t k = 0; k < spans[HS_OUTPUT].count; k++, p += 8) {
        float apart = f64_at(p) - free_level[k];
        /* What is far below a step is rounding: a target where the output stood pulls with nothing, however strong. */
        if (apart < nothing && apart > -nothing) {
            apart = 0;
        }
        float code = pull * apart + nudge_zero;
        aim(HS_NUDGE, k, code <= 0 ? 0 : code < 65535 ? (uint16_t)code : code >= 65535 ? 0xFFFF : spans[HS_NUDGE].safe);
    }
}

static void begin_stimulus(void) {
    const uint8_t *p = run.at;
    run.how = p[0];
    run.reads = u16_at(p + 1);
    p += 3;
    run.dwell = settle_micros;
    if (run.how & HOW_DWELL) {
        run.dwell = u32_at(p);
        p += 4;
    }
    run.blocks = *p++;
    run.at = p;
    run.open = false;
    run.response = 0;
    for (uint8_t i = inputs; i < drivens; i++) {
        channel[i].target = spans[HS_NUDGE].safe;
    }
    run.step = IMPOSE;
}

/* True when all blocks and the nudge are done. */
static APART bool impose_some(void) {
    uint8_t budget = HS_IMPOSED_PER_POLL;
    for (;;) {
        if (!run.open) {
            if (run.blocks == 0) {
                break;
            }
            uint8_t head = *run.at++;
            run.blocks--;
            run.role = head & BLOCK_ROLE;
            run.some = NULL;
            if (head & BLOCK_SOME) {
                run.some = run.at;
                run.at += (spans[run.role].count + 7u) >> 3;
            }
            run.index = 0;
            run.open = true;
        }
        const span *s = &spans[run.role];
        if (s->width == 1 && !run.some && run.role == HS_PARAMETER) {
            uint16_t count = s->count, index = run.index;
            const uint8_t *p = run.at;
            for (; budget && index < count; budget--) {
                hs_board_impose(HS_PARAMETER, index++, *p++);
            }
            run.index = index;
            run.at = p;
            run.dirty = true;
            if (index < count) {
                return false;
            }
        }
        for (; run.index < s->count; run.index++) {
            if (run.some && !(run.some[run.index >> 3] >> (run.index & 7) & 1)) {
                continue;
            }
            uint16_t code = code_at(run.at, s->width);
            if (run.role == HS_INPUT) {
                aim(HS_INPUT, run.index, code);
            } else {
                if (budget == 0) {
                    return false;
                }
                budget--;
                hs_board_impose(run.role, run.index, code);
                run.dirty = true;
            }
            run.at += s->width;
        }
        run.open = false;
    }
    uint8_t kind = run.how >> 1 & 3;
    if (kind == FORCE_NUDGE) {
        const span *s = &spans[HS_NUDGE];
        run.at++;
        for (uint16_t i = 0; i < s->count; i++, run.at += s->width) {
            aim(HS_NUDGE, i, code_at(run.at, s->width));
        }
    } else if (kind == DIFFERENCE_NUDGE) {
        difference(run.at);
        run.at += 9 + 8 * spans[HS_OUTPUT].count;
    }
    return true;
}

/* One move of every channel that may move now; true when all have arrived. */
static APART bool move_some(void) {
    uint32_t at = hs_port_micros();
    bool due[2] = {at - moved_at[0] >= period[0], at - moved_at[1] >= period[1]};
    bool moved[2] = {false, false}, behind[2] = {false, false}, arrived = true;
    for (uint8_t i = 0; i < drivens; i++) {
        driven *c = &channel[i];
        if (c->now == c->target) {
            continue;
        }
        uint8_t kind = i >= inputs;
        if (due[kind]) {
            uint16_t next = c->target;
            if (next > c->now ? next - c->now > c->slew : c->now - next > c->slew) {
                next = (uint16_t)(next > c->now ? c->now + c->slew : c->now - c->slew);
            }
            impose_driven(i, next);
            moved[kind] = run.dirty = true;
        }
        if (c->now != c->target) {
            behind[kind] = true;
            arrived = false;
        }
    }
    if (run.dirty && (moved[0] || moved[1] || arrived)) {
        hs_board_apply();
        run.dirty = false;
        at = hs_port_micros();
    }
    run.settle_left = 0xFFFFFFFF;
    for (uint8_t kind = 0; kind < 2; kind++) {
        if (moved[kind]) {
            moved_at[kind] = at;
        }
        uint32_t passed = at - moved_at[kind], rest = passed < period[kind] ? period[kind] - passed : 0;
        if (behind[kind] && rest < run.settle_left) {
            run.settle_left = rest;
        }
    }
    return arrived;
}

static void begin_response(void) {
    run.verdict = run.dwell < settle_micros ? UNSETTLED : SETTLED;
    run.clipped_role = NOBODY;
    run.clipped_index = NO_CHANNEL;
    run.response = run.end;
    run.end = (uint16_t)(run.end + 5);
    run.role = HS_OUTPUT;
    run.index = 0;
    run.taken = 0;
    run.step = READ;
}

static void remember(uint8_t output, float mean) {
    free_level[output] = output_zero + output_step * mean;
    free_known[output] = true;
}

/* The reading of one channel is complete. */
static void put_reading(void) {
    uint8_t *p = kept[run.kept].bytes + run.end;
    if (run.role == HS_OUTPUT && !(run.how >> 1 & 3)) {
        remember((uint8_t)run.index, (float)run.sum / (float)run.reads);
    }
    run.end = (uint16_t)(run.end + bytes_of_reading(run.role, run.reads));
    uint32_t mean = run.sum / run.reads;
    if (2 * (run.sum - mean * run.reads) >= run.reads) {
        mean++;
    }
    /* sum (x - mean)^2 = sum d^2 - 2 m sum d + n m^2, with d = x - first and m = mean - first */
    int32_t m = (int32_t)mean - (int32_t)run.first;
    int64_t distances = (int64_t)run.sum - (int64_t)run.first * run.reads;
    int64_t squares = (int64_t)run.squares - 2 * m * distances + (int64_t)run.reads * ((int64_t)m * m);
    (void)put_u32(put_u32(p, run.sum), squares > 0xFFFFFFFF ? 0xFFFFFFFF : (uint32_t)squares);
}

static void clipped(uint16_t index) {
    if (run.verdict < CLIPPED) {
        run.verdict = CLIPPED;
        run.clipped_role = run.role;
        run.clipped_index = index;
    }
}

/* Channels of one role that are read a single time, which is what a board does most; returns what is left of the budget. */
static APART uint8_t read_once(const span *s, uint8_t budget) {
    uint8_t *p = kept[run.kept].bytes + run.end;
    uint16_t index = run.index, lowest = s->lowest, highest = s->highest;
    uint8_t role = run.role, most = s->count - index < budget ? (uint8_t)(s->count - index) : budget;
    for (uint8_t left = most; left; left--) {
        uint16_t code = hs_board_read(role, index);
        if (code <= lowest || code >= highest) {
            clipped(index);
        }
        index++;
        *p++ = (uint8_t)code;
        if (s->width == 2) {
            *p++ = (uint8_t)(code >> 8);
        }
    }
    if (role == HS_OUTPUT && !(run.how >> 1 & 3)) {
        const uint8_t *read = kept[run.kept].bytes + run.end;
        for (uint16_t i = run.index; i < index; i++, read += s->width) {
            remember((uint8_t)i, (float)code_at(read, s->width));
        }
    }
    run.index = index;
    run.end = (uint16_t)(p - kept[run.kept].bytes);
    return (uint8_t)(budget - most);
}

/* True when the response is complete. */
static bool read_some(void) {
    for (uint8_t budget = HS_READ_PER_POLL;;) {
        if (run.index == spans[run.role].count) {
            do {
                run.role++;
            } while (run.role < HS_ROLES && !is_read(run.role));
            run.index = 0;
        }
        if (run.role == HS_ROLES) {
            return true;
        }
        if (budget == 0) {
            return false;
        }
        const span *s = &spans[run.role];
        if (run.reads == 1) {
            budget = read_once(s, budget);
            continue;
        }
        uint16_t code = hs_board_read(run.role, run.index);
        if (code <= s->lowest || code >= s->highest) {
            clipped(run.index);
        }
        if (run.taken == 0) {
            run.first = code;
            run.sum = 0;
            run.squares = 0;
        } else {
            uint32_t distance = code > run.first ? (uint32_t)(code - run.first) : (uint32_t)(run.first - code);
            run.squares += distance * distance;
        }
        run.sum += code;
        if (++run.taken == run.reads) {
            put_reading();
            run.taken = 0;
            run.index++;
        }
        budget--;
    }
}

static void end_response(void) {
    uint8_t *p = kept[run.kept].bytes + run.response;
    (void)put_u32(p, hs_port_micros() - run.began);
    p[4] = run.verdict;
    if (run.verdict != SETTLED) {
        memmove(p + 8, p + 5, (size_t)(run.end - run.response - 5));
        p[5] = run.clipped_role;
        (void)put_u16(p + 6, run.clipped_index);
        run.end = (uint16_t)(run.end + 3);
    }
    run.response = 0;
    run.done++;
    run.step = BEGIN;
}

static void execute(void) {
    switch (run.step) {
        case IDLE:
            return;
        case BEGIN:
            if (run.done == run.stimuli) {
                finish_result(true);
                box[run.box].use = EMPTY;
                run.step = IDLE;
                return;
            }
            begin_stimulus();
            /* fall through */
        case IMPOSE:
            if (!impose_some()) {
                return;
            }
            run.step = MOVE;
            /* fall through */
        case MOVE:
            if (move_some()) {
                run.settle_from = hs_port_micros();
                run.settle_left = run.dwell;
                run.step = SETTLE;
            }
            return;
        case SETTLE: {
            uint32_t time = hs_port_micros(), passed = time - run.settle_from;
            if (passed < run.settle_left) {
                run.settle_left -= passed;
                run.settle_from = time;
                if (run.checked != run.end) {
                    checked_up_to(run.end);
                }
                return;
            }
            begin_response();
        }
            /* fall through */
        case READ:
            if (read_some()) {
                end_response();
            }
            return;
    }
}

/* ---- all together ---- */

/* False when it has to wait. */
static bool dispatch(uint8_t b) {
    uint8_t type = box[b].bytes[0];
    bool bare = box[b].length == HEAD;
    if (type == HELLO) {
        hello(b);
    } else if (u32_at(box[b].bytes + 1) == 0) {
        refuse(b, MALFORMED, NOBODY, NOBODY, NO_CHANNEL);
    } else if (u32_at(box[b].bytes + 1) != session) {
        refuse(b, SESSION, NOBODY, NOBODY, NO_CHANNEL);
    } else if (type == BATCH) {
        return batch(b);
    } else if (type == ARM) {
        arm(b);
    } else if (type == CARD) {
        read_card(b);
    } else if (type == BEAT && bare) {
        reply_state(b);
    } else if (type == STOP && bare) {
        latch(STOPPED);
        reply_state(b);
    } else {
        refuse(b, MALFORMED, NOBODY, NOBODY, NO_CHANNEL);
    }
    return true;
}

void hs_begin(const hs_card *its, uint32_t number) {
    hs_card whole;
    card = its;
    HS_FLASH_COPY(&whole, its, sizeof whole);
    abilities = whole.abilities;
    nudges = whole.nudges;
    settle_micros = whole.settle_micros;
    boot = number;
    memset(spans, 0, sizeof spans);
    for (uint8_t g = 0; g < whole.groups; g++) {
        hs_group group;
        HS_FLASH_COPY(&group, &whole.group[g], sizeof group);
        span *s = &spans[group.role & 7];
        s->count = group.count;
        s->lowest = group.lowest;
        s->highest = group.highest;
        s->safe = group.safe;
        s->width = group.width;
        if (group.role == HS_OUTPUT) {
            output_zero = group.zero;
            output_step = group.step;
        } else if (group.role == HS_NUDGE) {
            pull_codes = whole.beta_unit / group.step;
            nudge_zero = 0.5f - group.zero / group.step;
        }
    }
    /* A card that does not fit the buffers is a mistake of the build; nothing is driven or read beyond them. */
    if (spans[HS_INPUT].count > HS_DRIVEN) {
        spans[HS_INPUT].count = 0;
    }
    if (spans[HS_OUTPUT].count > HS_OUTPUTS) {
        spans[HS_OUTPUT].count = 0;
    }
    if (spans[HS_NUDGE].count > HS_DRIVEN - spans[HS_INPUT].count || spans[HS_NUDGE].count != spans[HS_OUTPUT].count) {
        spans[HS_NUDGE].count = 0;
        nudges = 0;
    }
    inputs = (uint8_t)spans[HS_INPUT].count;
    drivens = (uint8_t)(inputs + spans[HS_NUDGE].count);
    readings = reading_bytes = 0;
    for (uint8_t role = 0; role < HS_ROLES; role++) {
        if (can_be_read(role)) {
            spans[role].read = true;
            readings = (uint16_t)(readings + spans[role].count);
            reading_bytes = (uint16_t)(reading_bytes + spans[role].count * spans[role].width);
        }
    }
    armed = faulted = false;
    reason = NOT_ARMED;
    session = arming = executed = dropped = wraps = 0;
    now = hs_port_micros();
    box[0].use = box[1].use = EMPTY;
    memset(kept, 0, sizeof kept);
    memset(&out, 0, sizeof out);
    out.from = NOBODY;
    memset(&run, 0, sizeof run);
    memset(free_known, 0, sizeof free_known);
    memset(&in, 0, sizeof in);
    blind = false;
    fresh_frame();
    built_limits();
    go_safe();
    moved_at[0] = moved_at[1] = now - 0x10000; /* long enough ago for any period */
}

static uint32_t idle_micros(bool waiting) {
    bool can_take = !waiting && (box[0].use == EMPTY || box[0].use == FILLING || box[1].use == EMPTY || box[1].use == FILLING);
    if (can_take && !in.drained) {
        return 0;
    }
    if (out.from == NOBODY) {
        bool speak = box[0].use == SENDING || box[1].use == SENDING;
        for (uint8_t k = 0; k < HS_WINDOW; k++) {
            speak |= kept[k].wanted;
        }
        if (speak || (waiting && run.step == IDLE)) {
            return 0;
        }
    }
    uint32_t idle = armed ? silence_micros - (now - last_life) : 0xFFFFFFFF;
    if (run.step == SETTLE || run.step == MOVE) {
        return idle < run.settle_left ? idle : run.settle_left;
    }
    return run.step == IDLE ? idle : 0;
}

uint32_t hs_poll(void) {
    uint32_t time = hs_port_micros();
    wraps += time < now;
    now = time;
    receive();
    if (faulted) {
        faulted = false;
        latch(FAULTY);
    }
    if (armed && now - last_life >= silence_micros) {
        latch(SILENT);
    }
    static bool waiting; /* a batch behind the one that is being executed */
    if (!waiting || run.step == IDLE) {
        waiting = false;
        for (uint8_t b = 0; b < 2; b++) {
            if (box[b].use == WHOLE) {
                waiting = !dispatch(b);
            }
        }
    }
    execute();
    pump();

    return idle_micros(waiting);
}
