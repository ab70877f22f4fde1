/* The golden frames and conversations, against the core. Usage: golden FOLDER */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../core/homeostat.c"
#include "bench.h"

/* ---- the files ---- */

enum { MOST = 1200 };

typedef struct {
    char word[16];
    unsigned long number; /* of "wait" and "dropped" */
    uint8_t bytes[MOST];
    bool any[MOST]; /* ".." */
    bool more;      /* "*" */
    size_t count;
    int line;
} entry;

static const char *file_name;

static void misread(int line, const char *what) {
    fprintf(stderr, "%s:%d: %s\n", file_name, line, what);
    exit(2);
}

static int digit(int c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The next entry; peeks a character ahead to see whether the following line continues it. */
static bool read_entry(FILE *file, entry *e, int *line) {
    char text[400];
    memset(e, 0, sizeof *e);
    for (;;) {
        int c = getc(file);
        if (c == EOF) {
            return e->word[0] != 0;
        }
        (void)ungetc(c, file);
        bool continues = c == ' ' || c == '\t';
        if (e->word[0] && !continues && c != '#' && c != '\n') {
            return true;
        }
        if (!fgets(text, sizeof text, file)) {
            return e->word[0] != 0;
        }
        (*line)++;
        text[strcspn(text, "#\r\n")] = 0;
        char *p = text;
        if (!continues) {
            int used = 0;
            if (p[strspn(p, " \t")] == 0 || sscanf(p, "%15s%n", e->word, &used) != 1) {
                continue;
            }
            e->line = *line;
            p += used;
        }
        if (strcmp(e->word, "wait") == 0 || strcmp(e->word, "dropped") == 0) {
            char *end;
            e->number = strtoul(p, &end, 10);
            if (end == p) {
                misread(*line, "expected a number");
            }
            continue;
        }
        while (*p) {
            if (*p == ' ' || *p == '\t') {
                p++;
                continue;
            }
            if (e->count == MOST) {
                misread(*line, "the entry is too long");
            }
            if (*p == '*') {
                e->more = true;
                p++;
                continue;
            }
            if (p[0] == '.' && p[1] == '.') {
                e->any[e->count++] = true;
            } else if (digit(p[0]) >= 0 && digit(p[1]) >= 0) {
                e->bytes[e->count++] = (uint8_t)(digit(p[0]) << 4 | digit(p[1]));
            } else {
                misread(*line, "expected pairs of hexadecimal digits");
            }
            p += 2;
        }
    }
}

static bool same(const entry *e, const uint8_t *bytes, size_t count) {
    if (count < e->count || (count > e->count && !e->more)) {
        return false;
    }
    for (size_t i = 0; i < e->count; i++) {
        if (!e->any[i] && e->bytes[i] != bytes[i]) {
            return false;
        }
    }
    return true;
}

static void expect(bool holds, const entry *e, const char *what) {
    char where[300];
    snprintf(where, sizeof where, "%s", file_name);
    bench_check(holds, what, where, e->line);
}

static FILE *opened(const char *folder, const char *name) {
    static char path[1000];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    file_name = path;
    FILE *file = fopen(path, "r");
    if (!file) {
        fprintf(stderr, "%s: cannot read it\n", path);
        exit(2);
    }
    return file;
}

/* ---- the example board ---- */

static unsigned tally;

static uint16_t example_reading(uint8_t role, uint16_t index) {
    (void)index;
    if (role == HS_MONITOR) {
        return (uint16_t)(++tally % 256);
    }
    const uint16_t *x = board.code[HS_INPUT], *g = board.code[HS_PARAMETER];
    long sum = (long)g[0] * x[0] + (long)g[1] * x[1];
    long y = sum / 256 + g[2] + board.code[HS_NUDGE][0] - 2048;
    return (uint16_t)(y < 0 ? 0 : y > 4095 ? 4095 : y);
}

static const hs_group example_groups[5] = {
    {HS_INPUT, 2, 2, 0, 4095, 2048, -2, 1.0f / 1024},
    {HS_OUTPUT, 2, 1, 0, 4095, 0, 0, 1.0f / 1024},
    {HS_NUDGE, 2, 1, 0, 4095, 2048, -1.0f / 512, 1.0f / 1048576},
    {HS_PARAMETER, 1, 3, 1, 255, 128, 0, 1.0f / 65536},
    {HS_MONITOR, 1, 1, 0, 255, 0, 0, 1},
};
static uint8_t example_card[MOST];
static hs_card example;

static void read_example(const char *folder) {
    FILE *file = opened(folder, "card.txt");
    entry e;
    int line = 0;
    while (read_entry(file, &e, &line)) {
        if (strcmp(e.word, "card") == 0) {
            memcpy(example_card, e.bytes, e.count);
            example.card_length = (uint32_t)e.count;
        } else if (strcmp(e.word, "digest") == 0) {
            memcpy(example.digest, e.bytes, 8);
        } else {
            misread(e.line, "an unknown word");
        }
    }
    fclose(file);
    example.card = example_card;
    example.groups = 5;
    example.group = example_groups;
    example.nudges = 5;
    example.abilities = 4;
    example.beta_unit = 1.0f / 1024;
    example.settle_micros = 1000;
}

static void power_on(void) {
    static uint32_t boots = 41;
    memset(&board, 0, sizeof board);
    for (int k = 0; k < 3; k++) {
        board.code[HS_PARAMETER][k] = 128;
    }
    board.reading = example_reading;
    tally = 0;
    bench_now = 0;
    bench_power_on(&example, ++boots);
}

/* ---- conversations ---- */

static void show(const char *who, const uint8_t *bytes, size_t count) {
    fprintf(stderr, "  %s", who);
    for (size_t i = 0; i < count; i++) {
        fprintf(stderr, " %02X", bytes[i]);
    }
    fprintf(stderr, "\n");
}

static void silent(const entry *e) {
    uint8_t reply[2048];
    size_t count = bench_reply(reply, sizeof reply);
    expect(count == 0, e, "the board sends nothing here");
    if (count) {
        show("but it sent", reply, count);
    }
}

static void conversation(const char *folder, const char *name) {
    FILE *file = opened(folder, name);
    static entry e;
    int line = 0;
    power_on();
    while (read_entry(file, &e, &line)) {
        if (strcmp(e.word, "host") == 0) {
            bench_send(e.bytes, e.count);
        } else if (strcmp(e.word, "board") == 0) {
            uint8_t reply[2048];
            size_t count = bench_await(reply, sizeof reply, 1000000);
            bool right = same(&e, reply, count);
            expect(right, &e, "the board answers like this");
            if (!right) {
                show("it sent", reply, count);
            }
        } else if (strcmp(e.word, "damaged") == 0) {
            bench_settle();
            silent(&e);
            bench_bytes(e.bytes, e.count);
        } else if (strcmp(e.word, "wait") == 0) {
            bench_settle();
            silent(&e);
            bench_run((uint32_t)e.number);
            silent(&e);
        } else if (strcmp(e.word, "restart") == 0) {
            bench_settle();
            silent(&e);
            power_on();
        } else {
            misread(e.line, "an unknown word");
        }
    }
    bench_settle();
    silent(&e);
    fclose(file);
}

/* ---- frames ---- */

static size_t stuffed_by_core(const uint8_t *bytes, size_t count, uint8_t *into) {
    memcpy(into + 1, bytes, count);
    return stuff(into, (uint16_t)count);
}

static void frames_file(const char *folder, const char *name) {
    FILE *file = opened(folder, name);
    static entry e, before, payload;
    static uint8_t bytes[4096];
    int line = 0;
    size_t at = 0;
    uint32_t dropped_before = 0;
    before.word[0] = payload.word[0] = 0;
    while (read_entry(file, &e, &line)) {
        if (strcmp(e.word, "check") == 0) {
            const entry *of = payload.word[0] ? &payload : &before;
            uint32_t crc = ~crc32c_over(0xFFFFFFFF, of->bytes, (uint16_t)of->count);
            expect(crc == get32(e.bytes), &e, "the core's check");
            expect(bench_crc(of->bytes, of->count) == get32(e.bytes), &e, "the bench's check");
        } else if (strcmp(e.word, "stuffed") == 0) {
            size_t length = stuffed_by_core(before.bytes, before.count, bytes);
            expect(length == e.count + 1 && memcmp(bytes, e.bytes, e.count) == 0, &e, "the core stuffs like this");
            length = bench_stuff(before.bytes, before.count, bytes);
            expect(length == e.count && memcmp(bytes, e.bytes, e.count) == 0, &e, "the bench stuffs like this");
            power_on();
            for (size_t i = 0; i < e.count; i++) {
                (void)take_byte(0, e.bytes[i]);
            }
            size_t fits = before.count < HS_LARGEST + CHECK ? before.count : HS_LARGEST + CHECK;
            expect(in.count == fits && in.left == 0 && memcmp(box[0].bytes, before.bytes, fits) == 0, &e,
                    "the core makes this of it");
            expect(bench_unstuff(e.bytes, e.count, bytes) == (long)before.count, &e, "the bench makes this of it");
        } else if (strcmp(e.word, "frame") == 0) {
            memcpy(bytes + 1, payload.bytes, payload.count);
            size_t length = seal(bytes, (uint16_t)payload.count, crc32c_over(0xFFFFFFFF, bytes + 1, (uint16_t)payload.count));
            expect(length == e.count && memcmp(bytes, e.bytes, e.count) == 0, &e, "the core frames it like this");
            power_on();
            bool whole = false;
            for (size_t i = 0; i < e.count; i++) {
                whole = take_byte(0, e.bytes[i]);
            }
            expect(whole && box[0].length == payload.count && memcmp(box[0].bytes, payload.bytes, payload.count) == 0, &e,
                    "the core takes this from it");
        } else if (strcmp(e.word, "damaged") == 0) {
            power_on();
            bool whole = false;
            uint32_t ends = 0; /* damage can make a 00, and so two frames of one */
            for (size_t i = 0; i < e.count; i++) {
                whole |= take_byte(0, e.bytes[i]);
                ends += e.bytes[i] == 0 && i > 0 && e.bytes[i - 1] != 0;
            }
            expect(!whole && dropped == ends, &e, "dropped and counted");
        } else if (strcmp(e.word, "stream") == 0) {
            power_on();
            before = e;
            at = 0;
            dropped_before = dropped;
        } else if (strcmp(e.word, "payload") == 0 && before.word[0] == 's') {
            bool whole = false;
            while (at < before.count && !whole) {
                whole = take_byte(0, before.bytes[at++]);
            }
            expect(whole && same(&e, box[0].bytes, box[0].length), &e, "the next payload in the stream");
        } else if (strcmp(e.word, "dropped") == 0) {
            bool whole = false;
            while (at < before.count) {
                whole |= take_byte(0, before.bytes[at++]);
            }
            expect(!whole && dropped - dropped_before == e.number, &e, "no more payloads, and this many dropped");
        } else if (strcmp(e.word, "payload") == 0) {
            payload = e;
        } else if (strcmp(e.word, "plain") == 0) {
            before = e;
        } else {
            misread(e.line, "an unknown word");
        }
    }
    fclose(file);
}

static int each(const char *folder, const char *below, void (*with)(const char *, const char *)) {
    char path[1000], name[1000];
    snprintf(path, sizeof path, "%s/%s", folder, below);
    DIR *listing = opendir(path);
    if (!listing) {
        fprintf(stderr, "%s: cannot read it\n", path);
        exit(2);
    }
    int count = 0;
    for (struct dirent *d; (d = readdir(listing));) {
        if (strstr(d->d_name, ".txt")) {
            snprintf(name, sizeof name, "%s/%s", below, d->d_name);
            with(folder, name);
            count++;
        }
    }
    closedir(listing);
    return count;
}

int main(int count, char **words) {
    if (count != 2) {
        fprintf(stderr, "usage: golden FOLDER\n");
        return 2;
    }
    read_example(words[1]);
    int frames = each(words[1], "frames", frames_file);
    int conversations = each(words[1], "conversations", conversation);
    CHECK(frames >= 7);
    CHECK(conversations >= 17);
    printf("%d files of frames, %d conversations\n", frames, conversations);
    return bench_end("golden");
}
