/*
 * The firmware as a process: on a pipe and on a pseudo terminal, on the clock and free-running. Usage: process PROGRAM FOLDER
 * What takes time is reported, not judged.
 */

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "card_resistor_array_v1.h"

static const uint32_t US = 0x22222222;
static int to_child, from_child;
static pid_t child;
static uint8_t said[2048];
static size_t got;

static void begin(const char *program, const char *const words[]) {
    int down[2], up[2];
    if (pipe(down) || pipe(up)) {
        exit(2);
    }
    child = fork();
    if (child == 0) {
        const char *all[8] = {program};
        for (int i = 0; i < 6 && words[i]; i++) {
            all[i + 1] = words[i];
        }
        dup2(down[0], 0);
        dup2(up[1], 1);
        close(down[0]);
        close(down[1]);
        close(up[0]);
        close(up[1]);
        execv(program, (char *const *)all);
        _exit(127);
    }
    close(down[0]);
    close(up[1]);
    to_child = down[1];
    from_child = up[0];
}

static void query(message m) {
    static uint8_t bytes[8192];
    size_t length = bench_frame(m.bytes, m.count, bytes), count = 0;
    CHECK(write(to_child, bytes, length) == (ssize_t)length);
    got = 0;
    for (;;) {
        struct pollfd wait = {from_child, POLLIN, 0};
        if (poll(&wait, 1, 5000) != 1 || read(from_child, bytes + count, 1) != 1) {
            return;
        }
        if (bytes[count] != 0) {
            count++;
        } else if (count) {
            long whole = bench_unstuff(bytes, count, said);
            CHECK(whole >= 13 && bench_crc(said, (size_t)whole - 4) == get32(said + whole - 4));
            got = whole < 13 ? 0 : (size_t)whole - 4;
            return;
        }
    }
}

static message whole_step(uint32_t number) {
    message m = say(4, US, number);
    put8(&m, 3);
    put8(&m, 0);
    put16(&m, 1);
    put8(&m, 1);
    put8(&m, HS_INPUT);
    for (unsigned i = 0; i < 4; i++) {
        put16(&m, 1500 + 300 * i);
    }
    for (int s = 0; s < 2; s++) {
        put8(&m, 3 << 1);
        put16(&m, 1);
        put8(&m, 0);
        put_real(&m, s ? -0.25 : 0.25);
        put8(&m, 0);
        for (int k = 0; k < 3; k++) {
            put_real(&m, 0.3);
        }
    }
    return m;
}

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void arm_it(uint32_t arming) {
    query(say_hello(US, 0x80000000));
    CHECK(got == 58 && said[0] == 0x81);
    query(say_arm(US, 0x80000001, arming, 500));
    CHECK(said[0] == 0x83 && said[9] == 1);
}

static void end(void) {
    int status = 0;
    close(to_child);
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    close(from_child);
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The readings of some steps; they must show the nudges at work. */
static void steps(int count, uint8_t *readings, const char *what) {
    static double took[2000];
    for (int i = 0; i < count; i++) {
        double from = seconds();
        query(whole_step((uint32_t)i + 1));
        took[i] = seconds() - from;
        CHECK(got == 19 + 3 * 35 && said[0] == 0x84 && said[17] == 3);
        for (int k = 0; k < 3; k++) {
            int out = get16(said + 24 + 2 * k), pulled = get16(said + 59 + 2 * k), pushed = get16(said + 94 + 2 * k);
            int sign = out < 2348 ? 1 : -1; /* the target is code 2348 */
            CHECK(sign * (pulled - out) > 20 && sign * (out - pushed) > 20);
        }
        for (int s = 0; s < 3; s++) {
            memcpy(readings + 90 * i + 30 * s, said + 24 + 35 * s, 30);
        }
    }
    qsort(took, (size_t)count, sizeof took[0], by_size);
    printf("process, %s: a step of 3 exchanges takes %.0f us (median), %.0f us (best)\n", what, 1e6 * took[count / 2], 1e6 * took[0]);
}

int main(int count, char **words) {
    if (count != 3) {
        fprintf(stderr, "usage: process PROGRAM FOLDER\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    static uint8_t first[90 * 100], again[90 * 100], other[90 * 100];

    begin(words[1], (const char *const[]){"--free", "--seed", "5", NULL});
    arm_it(1);
    steps(100, first, "pipe, free-running");
    end();
    begin(words[1], (const char *const[]){"--free", "--seed", "5", NULL});
    arm_it(1);
    steps(100, again, "pipe, free-running");
    end();
    CHECK(memcmp(first, again, sizeof first) == 0);
    begin(words[1], (const char *const[]){"--seed", "6", NULL});
    arm_it(1);
    steps(100, other, "pipe, on the clock");
    CHECK(memcmp(first, other, sizeof first) != 0);
    struct timespec rest = {0, 600000000};
    nanosleep(&rest, NULL);
    query(say(5, US, 0x80000010));
    CHECK(said[0] == 0x85 && said[9] == 0 && said[10] == 1); /* latched by silence */
    end();

    static char path[1000], line[1100];
    snprintf(path, sizeof path, "%s/pty-%ld", words[2], (long)getpid());
    begin(words[1], (const char *const[]){"--pty", path, "--seed", "5", NULL});
    size_t length = 0;
    while (length < sizeof line - 1 && read(from_child, line + length, 1) == 1 && line[length] != '\n') {
        length++;
    }
    CHECK(strncmp(line, "READY ", 6) == 0 && strncmp(line + 6, path, strlen(path)) == 0);
    int keep_down = to_child, keep_up = from_child;
    for (uint32_t plug = 1; plug <= 3; plug++) { /* closing the line is no reason to end */
        to_child = from_child = open(path, O_RDWR | O_NOCTTY);
        CHECK(to_child >= 0);
        struct termios raw;
        CHECK(tcgetattr(to_child, &raw) == 0 && !(raw.c_lflag & (ICANON | ECHO)));
        query(say(5, US, 0x80000020 + plug));
        CHECK(said[0] == (plug == 1 ? 0xFF : 0x85));
        arm_it(plug);
        if (plug == 1) {
            steps(100, other, "pseudo terminal, on the clock");
        }
        close(to_child);
        nanosleep(&rest, NULL);
    }
    kill(child, SIGTERM);
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(access(path, F_OK) != 0);
    close(keep_down);
    close(keep_up);
    return bench_end("process");
}
