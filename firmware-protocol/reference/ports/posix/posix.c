/*
 * The firmware as a process, wired to a simulated resistor-array-v1. It speaks on standard input and output, or on a pseudo
 * terminal. It shows protocol and firmware at work; nothing that it says was measured on hardware.
 */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "card_resistor_array_v1.h"
#include "circuit.h"
#include "homeostat.h"

enum { RING = 4096 }; /* a power of 2 */

typedef struct {
    uint8_t bytes[RING];
    unsigned in, out;
} ring;

static ring received, unsent;
static int from_host = STDIN_FILENO, to_host = STDOUT_FILENO;
static bool gone; /* the pipe was closed */
static volatile sig_atomic_t ended;

static circuit *board;
static bool free_running;
static struct timespec power_on;
static uint64_t stopped_at; /* real time when a free-running board last had nothing to execute */
static uint64_t leapt;      /* microseconds by which its clock is ahead of that */
static uint64_t waited;     /* for the board, by leaps or in truth */
static uint64_t lived;      /* up to when the circuit has been advanced */
static double byte_micros;  /* how long the line takes for a byte; 0 for as fast as it goes */
static double arrived;      /* real time when the last byte received has come over the line, */
static double departed;     /* and when the last byte to be sent will have gone */
static FILE *trace;         /* what a test may read: see traced_set() */
static uint64_t due;        /* when, in real time, hs_poll() is to be called */
static uint64_t overslept;  /* the most by which it was called later than that since the last frame came */

/* ---- time ---- */

static uint64_t real_micros(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)((t.tv_sec - power_on.tv_sec) * 1000000 + (t.tv_nsec - power_on.tv_nsec) / 1000);
}

/* Free-running, the clock stands while a batch is executed, but for what the board waits. */
static uint64_t board_micros(void) {
    return free_running ? stopped_at + leapt : real_micros();
}

uint32_t hs_port_micros(void) {
    return (uint32_t)board_micros();
}

/* Free-running, the circuit lives only while the board waits for it, so that a seed gives the same readings every time. */
static void live(void) {
    uint64_t until = free_running ? waited : real_micros();
    circuit_advance(board, (double)(until - lived) * 1e-6);
    lived = until;
}

/* ---- the trace ---- */

/*
 * A line "MICROS frame" when bytes came that end a frame, and "MICROS set ROLE INDEX CODE OVERSLEPT" for each set-point of an
 * input or a nudge. OVERSLEPT tells a process that the system let run too late from firmware that is slow.
 */
static void traced_frame(const uint8_t *bytes, size_t count) {
    if (trace && memchr(bytes, 0, count)) {
        due = real_micros();
        overslept = 0;
        fprintf(trace, "%llu frame\n", (unsigned long long)(board_micros()));
        fflush(trace);
    }
}

static void traced_set(uint8_t role, uint16_t index, uint16_t code) {
    if (trace && role != HS_PARAMETER) {
        fprintf(trace, "%llu set %u %u %u %llu\n", (unsigned long long)(board_micros()), role, index, code,
                (unsigned long long)overslept);
        fflush(trace);
    }
}

/* ---- the board: the three functions ---- */

void hs_board_impose(uint8_t role, uint16_t index, uint16_t code) {
    live();
    traced_set(role, index, code);
    switch (role) {
        case HS_INPUT:
            circuit_input_code(board, index, code);
            break;
        case HS_NUDGE:
            circuit_nudge_code(board, index, code);
            break;
        case HS_PARAMETER:
            circuit_potentiometer(board, index, code);
            break;
        default:
            break;
    }
}

void hs_board_apply(void) {}

uint16_t hs_board_read(uint8_t role, uint16_t index) {
    if (free_running) {
        leapt += 10; /* about what a conversion takes */
        waited += 10;
    }
    live();
    return (uint16_t)circuit_convert(board, role == HS_OUTPUT ? CIRCUIT_HIDDEN + index : index);
}

/* ---- the line ---- */

static double precise_micros(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e6 * (double)(t.tv_sec - power_on.tv_sec) + 1e-3 * (double)(t.tv_nsec - power_on.tv_nsec);
}

/* Of so many bytes, those that have passed the line when the last of them passes at a moment. */
static unsigned through(unsigned bytes, double last) {
    double left = byte_micros > 0 ? (last - precise_micros()) / byte_micros : 0;
    return left <= 0 ? bytes : left >= (double)bytes ? 0 : bytes - (unsigned)left - 1;
}

static void queue(double *last, unsigned bytes) {
    double now = precise_micros();
    *last = (*last > now ? *last : now) + bytes * byte_micros;
}

uint16_t hs_port_receive(const uint8_t **bytes) {
    unsigned at = received.out % RING, count = through(received.in - received.out, arrived);
    *bytes = received.bytes + at;
    return (uint16_t)(count < RING - at ? count : RING - at);
}

void hs_port_taken(uint16_t count) {
    received.out += count;
}

uint16_t hs_port_send(const uint8_t *bytes, uint16_t count) {
    uint16_t taken = 0;
    while (taken < count && unsent.in - unsent.out < RING) {
        unsent.bytes[unsent.in++ % RING] = bytes[taken++];
    }
    queue(&departed, taken);
    return taken;
}

static void take(void) {
    while (received.in - received.out < RING) {
        unsigned at = received.in % RING, room = RING - (received.in - received.out);
        unsigned run = RING - at < room ? RING - at : room;
        ssize_t count = read(from_host, received.bytes + at, run);
        if (count > 0) {
            traced_frame(received.bytes + at, (size_t)count);
            received.in += (unsigned)count;
            queue(&arrived, (unsigned)count);
        }
        if (count == 0) {
            gone = true;
        }
        if (count < (ssize_t)run) {
            return;
        }
    }
}

static void give(void) {
    unsigned have;
    while ((have = through(unsent.in - unsent.out, departed)) != 0) {
        unsigned at = unsent.out % RING;
        unsigned run = RING - at < have ? RING - at : have;
        ssize_t count = write(to_host, unsent.bytes + at, run);
        if (count > 0) {
            unsent.out += (unsigned)count;
        } else {
            gone |= count < 0 && errno == EPIPE;
            return;
        }
    }
}

/* Until a byte comes, or can go, or the time is over. */
static void doze(uint32_t micros) {
    fd_set in, out;
    FD_ZERO(&in);
    FD_ZERO(&out);
    if (received.in - received.out < RING) {
        FD_SET(from_host, &in);
    }
    if (unsent.in != unsent.out) {
        FD_SET(to_host, &out);
    }
    struct timespec most = {(time_t)(micros / 1000000), (long)(micros % 1000000) * 1000};
    int highest = from_host > to_host ? from_host : to_host;
    (void)pselect(highest + 1, &in, &out, NULL, micros == 0xFFFFFFFF ? NULL : &most, NULL);
}

static void run(void) {
    unsigned busy = 0;
    due = real_micros();
    while (!ended && !gone) {
        uint64_t now = real_micros();
        if (!hs_executing()) {
            stopped_at = now;
        }
        overslept = now > due + overslept ? now - due : overslept;
        uint32_t idle = hs_poll();
        due = real_micros() + idle;
        give();
        if (byte_micros > 0 && (received.in != received.out || unsent.in != unsent.out)) {
            take(); /* when a byte comes counts */
            continue;
        }
        if (idle == 0) {
            if (received.in == received.out && (!hs_executing() || ++busy % 16 == 0)) {
                take(); /* not each time: a look costs more than a poll */
            }
            continue;
        }
        if (free_running && hs_executing() && idle <= 10000) {
            leapt += idle;
            waited += idle;
            continue;
        }
        if (idle > 200) { /* shorter waits are not worth the sleep, whose end comes late */
            doze(idle);
        }
        if (hs_executing()) {
            uint64_t passed = real_micros() - now;
            stopped_at += passed;
            waited += passed;
        }
        take();
    }
}

/* ---- the process ---- */

static void end(int number) {
    (void)number;
    ended = 1;
}

static void fail(const char *what, const char *which) {
    fprintf(stderr, "homeostat-posix: cannot %s %s: %s\n", what, which, strerror(errno));
    exit(1);
}

static void open_pty(const char *path) {
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) {
        fail("open", "a pseudo terminal");
    }
    const char *name = ptsname(master);
    /* Held open for ever: the line stays when a host closes its end. */
    int slave = name ? open(name, O_RDWR | O_NOCTTY) : -1;
    struct termios raw;
    if (slave < 0 || tcgetattr(slave, &raw) != 0) {
        fail("open", "a pseudo terminal");
    }
    cfmakeraw(&raw);
    (void)tcsetattr(slave, TCSANOW, &raw);
    struct stat there;
    if (lstat(path, &there) == 0 && S_ISLNK(there.st_mode)) {
        (void)unlink(path);
    }
    if (symlink(name, path) != 0) {
        fail("link", path);
    }
    from_host = to_host = master;
}

int main(int count, char **words) {
    const char *pty = NULL, *traced = NULL;
    uint64_t seed = 1;
    for (int i = 1; i < count; i++) {
        char *rest = NULL;
        if (strcmp(words[i], "--free") == 0) {
            free_running = true;
        } else if (strcmp(words[i], "--pty") == 0 && i + 1 < count) {
            pty = words[++i];
        } else if (strcmp(words[i], "--trace") == 0 && i + 1 < count) {
            traced = words[++i];
        } else if (strcmp(words[i], "--baud") == 0 && i + 1 < count) {
            byte_micros = 1e7 / (double)strtoull(words[++i], &rest, 10); /* a start, eight, and a stop bit */
        } else if (strcmp(words[i], "--seed") == 0 && i + 1 < count) {
            seed = strtoull(words[++i], &rest, 10);
        }
        if ((words[i][0] == '-' && strcmp(words[i], "--free") != 0) || (rest && *rest)) {
            fprintf(stderr, "usage: homeostat-posix [--pty PATH] [--seed N] [--free] [--baud N] [--trace FILE]\n");
            return 2;
        }
    }
    struct sigaction ending = {0};
    ending.sa_handler = end;
    sigaction(SIGTERM, &ending, NULL);
    sigaction(SIGINT, &ending, NULL);
    sigaction(SIGHUP, &ending, NULL);
    ending.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ending, NULL);
#ifdef __linux__
    prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);
#endif
    clock_gettime(CLOCK_MONOTONIC, &power_on);
    trace = traced ? fopen(traced, "w") : NULL;
    if (traced && !trace) {
        fail("write", traced);
    }
    board = circuit_new(seed, &circuit_usual);
    if (!board) {
        fail("make", "the circuit");
    }
    if (pty) {
        open_pty(pty);
    }
    (void)fcntl(from_host, F_SETFL, fcntl(from_host, F_GETFL) | O_NONBLOCK);
    (void)fcntl(to_host, F_SETFL, fcntl(to_host, F_GETFL) | O_NONBLOCK);
    struct timespec wall;
    clock_gettime(CLOCK_REALTIME, &wall);
    hs_begin(&card_resistor_array_v1, (uint32_t)wall.tv_sec * 1000003u ^ (uint32_t)wall.tv_nsec ^ (uint32_t)getpid() << 16);
    if (pty) {
        printf("READY %s\n", pty);
        fflush(stdout);
    }
    run();
    if (pty) {
        (void)unlink(pty);
    }
    circuit_free(board);
    return 0;
}
