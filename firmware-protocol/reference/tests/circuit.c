/* The circuit against Kirchhoff's laws, and against ngspice where it is installed. Usage: circuit [NGSPICE] */
#include "circuit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

static dice luck = {4242};

static void shuffle(circuit *c) {
    for (int k = 0; k < CIRCUIT_POTENTIOMETERS; k++) {
        circuit_potentiometer(c, k, (int)(8 + dice_below(&luck, 248)));
    }
    for (int i = 0; i < CIRCUIT_INPUTS; i++) {
        circuit_input_code(c, i, (int)dice_below(&luck, 4096));
    }
    for (int k = 0; k < CIRCUIT_OUTPUTS; k++) {
        circuit_nudge_code(c, k, (int)dice_below(&luck, 4096));
    }
}

static void laws(void) {
    int clamped = 0;
    double worst = 0;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        circuit *c = circuit_new(seed, seed % 4 ? &circuit_usual : &circuit_ideal);
        for (int trial = 0; trial < 100; trial++) {
            shuffle(c);
            worst = fmax(worst, circuit_imbalance(c));
            for (int n = 0; n < CIRCUIT_HIDDEN; n++) {
                clamped += circuit_rest(c, n) == 0;
                CHECK(n % 2 == 0 ? circuit_rest(c, n) >= -1e-12 : circuit_rest(c, n) <= 1e-12);
            }
        }
        circuit_free(c);
    }
    printf("circuit: 20000 operating points, %.1f diodes conduct on average, worst imbalance %.1e\n", clamped / 20000.0, worst);
    CHECK(worst < 1e-12);
    CHECK(clamped > 20000 && clamped < 20000 * 11);
}

static void specimens(void) {
    circuit *a = circuit_new(7, &circuit_usual), *b = circuit_new(7, &circuit_usual), *other = circuit_new(8, &circuit_usual);
    double far = 0, ratio_low = 9, ratio_high = 0;
    for (int k = 0; k < CIRCUIT_POTENTIOMETERS; k++) {
        CHECK(circuit_conductance(a, k) == circuit_conductance(b, k));
        far = fmax(far, fabs(circuit_conductance(a, k) / circuit_conductance(other, k) - 1));
        double ratio = circuit_conductance(a, k) * (60 + 100e3 / 2);
        ratio_low = fmin(ratio_low, ratio);
        ratio_high = fmax(ratio_high, ratio);
    }
    CHECK(far > 0.2 && ratio_low > 1 / 1.31 && ratio_low < 1 / 1.2 && ratio_high < 1 / 0.69 && ratio_high > 1 / 0.8);
    for (int n = 0; n < CIRCUIT_NODES; n++) {
        CHECK(circuit_convert(a, n) == circuit_convert(b, n));
    }
    /* Read noise of 0.5 mV, which is half a code, and an average that lies within gain, offset and bend. */
    int node = CIRCUIT_HIDDEN + 1;
    shuffle(a);
    circuit_advance(a, 1);
    double sum = 0, squares = 0;
    for (int i = 0; i < 20000; i++) {
        double volts = -2.048 + 1e-3 * circuit_convert(a, node);
        sum += volts;
        squares += volts * volts;
    }
    double mean = sum / 20000, rms = sqrt(squares / 20000 - mean * mean);
    CHECK(fabs(mean - circuit_node(a, node)) < 10e-3);
    CHECK(rms > 0.45e-3 && rms < 0.75e-3);
    circuit_free(a);
    circuit_free(b);
    circuit_free(other);
}

static void relaxing(void) {
    circuit *c = circuit_new(3, &circuit_usual);
    double before[CIRCUIT_NODES];
    for (int n = 0; n < CIRCUIT_NODES; n++) {
        before[n] = circuit_node(c, n);
    }
    shuffle(c);
    circuit_advance(c, 20e-6);
    circuit_advance(c, 30e-6);
    for (int n = 0; n < CIRCUIT_NODES; n++) {
        double way = circuit_rest(c, n) - before[n];
        CHECK(fabs(circuit_rest(c, n) - circuit_node(c, n)) <= 1.001e-4 * fabs(way) + 1e-12);
        CHECK(fabs(circuit_rest(c, n) - circuit_node(c, n)) >= 0.999e-4 * fabs(way) - 1e-12);
    }
    circuit_free(c);
    /* what no circuit has is left alone */
    c = circuit_new(3, &circuit_ideal);
    double rest = circuit_rest(c, 0);
    circuit_potentiometer(c, 156, 8);
    circuit_potentiometer(c, -1, 8);
    circuit_potentiometer(c, 3, 256);
    circuit_input_code(c, 4, 1);
    circuit_nudge_code(c, 3, 1);
    CHECK(circuit_rest(c, 0) == rest && circuit_convert(c, 15) == 0);
    circuit_free(c);
}

/* The wiring written down a second time, as a netlist, from the board's description. */
static void netlist(circuit *c, FILE *to) {
    fprintf(to, "resistor-array-v1\n");
    for (int i = 0; i < 4; i++) {
        fprintf(to, "Vp%d p%d 0 %.17g\nVm%d m%d 0 %.17g\n", i, i, circuit_input_volts(c, i), i, i, -circuit_input_volts(c, i));
    }
    fprintf(to, "Vu up 0 2\nVd down 0 -2\n");
    for (int h = 0; h < 12; h++) {
        for (int j = 0; j < 10; j++) {
            char from[20];
            if (j < 8) {
                snprintf(from, sizeof from, "%c%d", j % 2 ? 'm' : 'p', j / 2);
            } else {
                snprintf(from, sizeof from, "%s", j == 8 ? "up" : "down");
            }
            fprintf(to, "R%d %s h%d %.17g\n", 10 * h + j, from, h, 1 / circuit_conductance(c, 10 * h + j));
        }
        /* a diode as good as none can be: a microohm against the wrong side of 0 V, and open on the right one */
        fprintf(to, h % 2 ? "B%d h%d 0 I=V(h%d)>0?1e6*V(h%d):0\n" : "B%d h%d 0 I=V(h%d)<0?1e6*V(h%d):0\n", h, h, h, h);
    }
    for (int o = 0; o < 3; o++) {
        for (int h = 0; h < 12; h++) {
            fprintf(to, "R%d h%d o%d %.17g\n", 120 + 12 * o + h, h, o, 1 / circuit_conductance(c, 120 + 12 * o + h));
        }
        fprintf(to, "Rn%d n%d o%d 10k\nVn%d n%d 0 %.17g\n", o, o, o, o, o, 10e3 * circuit_nudge_amperes(c, o));
    }
    fprintf(to, ".options reltol=1e-9 abstol=1e-15 vntol=1e-12 itl1=1000 gmin=1e-15 numdgt=12\n.control\nset numdgt=12\nop\n");
    for (int h = 0; h < 12; h++) {
        fprintf(to, "print v(h%d)\n", h);
    }
    for (int o = 0; o < 3; o++) {
        fprintf(to, "print v(o%d)\n", o);
    }
    fprintf(to, "quit\n.endc\n.end\n");
}

static void against_ngspice(const char *ngspice) {
    double worst = 0;
    int points = 0;
    char deck[] = "/tmp/homeostat-deck-XXXXXX";
    int file = mkstemp(deck);
    CHECK(file >= 0);
    close(file);
    for (uint64_t seed = 1; seed <= 20; seed++) {
        circuit *c = circuit_new(seed, &circuit_usual);
        shuffle(c);
        FILE *to = fopen(deck, "w");
        netlist(c, to);
        fclose(to);
        char command[600];
        snprintf(command, sizeof command, "%s -b %s 2>/dev/null", ngspice, deck);
        FILE *from = popen(command, "r");
        char line[300];
        bool seen[CIRCUIT_NODES] = {false};
        while (fgets(line, sizeof line, from)) {
            char kind;
            int n;
            double volts;
            if (sscanf(line, " v(%c%d) = %lf", &kind, &n, &volts) == 3) {
                int node = kind == 'h' ? n : CIRCUIT_HIDDEN + n;
                if (node >= 0 && node < CIRCUIT_NODES) {
                    seen[node] = true;
                    worst = fmax(worst, fabs(volts - circuit_rest(c, node)));
                    points++;
                }
            }
        }
        int status = pclose(from);
        CHECK(WIFEXITED(status));
        for (int n = 0; n < CIRCUIT_NODES; n++) {
            CHECK(seen[n]);
        }
        circuit_free(c);
    }
    (void)unlink(deck);
    printf("circuit: %d node voltages of 20 specimens against ngspice, worst difference %.1e V\n", points, worst);
    CHECK(points == 20 * CIRCUIT_NODES && worst < 1e-6);
}

int main(int count, char **words) {
    laws();
    specimens();
    relaxing();
    if (count > 1 && *words[1]) {
        against_ngspice(words[1]);
    } else {
        printf("circuit: not compared with ngspice, which is not installed\n");
    }
    return bench_end("circuit");
}
