#include "circuit.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum { N = CIRCUIT_NODES };

static const double END_TO_END_OHMS = 100.0e3, WIPER_OHMS = 60, NUDGE_OHMS = 10.0e3, SUPPLY_VOLTS = 2.0;
static const double PI = 3.14159265358979323846;

const circuit_spread circuit_usual = {0.3, 0.2, 0.001, 1, 1, 0.001, 1, 1, 0.5e-3, 50.0e-6 / 9.210340371976184};
const circuit_spread circuit_ideal = {0};

/* A nominal scale with one specimen's errors. */
typedef struct {
    double min, step;
    double gain, offset, inl, bow;
} converter;

struct circuit {
    double wiper[CIRCUIT_POTENTIOMETERS], end_to_end[CIRCUIT_POTENTIOMETERS], siemens[CIRCUIT_POTENTIOMETERS];
    converter input[CIRCUIT_INPUTS], nudge[CIRCUIT_OUTPUTS], reading[N];
    double volts[CIRCUIT_INPUTS], amperes[CIRCUIT_OUTPUTS];
    double noise_volts, time_constant;
    uint64_t random;
    double spare;
    bool has_spare;
    double matrix[N][N], drive[N]; /* conductances and currents into the nodes, as if no diode were there */
    double rest[N], now[N];
    bool clamped[CIRCUIT_HIDDEN];
    bool stale_matrix, stale_rest;
};

/* splitmix64 */
static uint64_t draw(circuit *c) {
    uint64_t z = c->random += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static double uniform(circuit *c) { /* -1 .. 1 */
    return (double)(draw(c) >> 11) * (2.0 / 9007199254740992.0) - 1;
}

static double normal(circuit *c) {
    if (c->has_spare) {
        c->has_spare = false;
        return c->spare;
    }
    double x, y, r;
    do {
        x = uniform(c);
        y = uniform(c);
        r = x * x + y * y;
    } while (r >= 1 || r == 0);
    double scale = sqrt(-2 * log(r) / r);
    c->spare = y * scale;
    c->has_spare = true;
    return x * scale;
}

static converter specimen(circuit *c, double min, double max, double gain, double offset_codes, double inl_codes) {
    converter made;
    made.min = min;
    made.step = (max - min) / 4095;
    made.gain = 1 + gain * normal(c);
    made.offset = offset_codes * made.step * normal(c);
    made.inl = inl_codes * made.step * uniform(c);
    made.bow = PI * (uniform(c) + 1);
    return made;
}

/* Integral nonlinearity is a slow bend over the whole range; one and a half periods of a sine stand for it. */
static double distorted(const converter *by, double level) {
    double across = (level - by->min) / (4095 * by->step);
    return level * by->gain + by->offset + by->inl * sin(3 * PI * across + by->bow);
}

static double put_out(const converter *by, int code) {
    int within = code < 0 ? 0 : code > 4095 ? 4095 : code;
    return distorted(by, by->min + by->step * within);
}

circuit *circuit_new(uint64_t seed, const circuit_spread *spread) {
    circuit *c = calloc(1, sizeof *c);
    if (!c) {
        return NULL;
    }
    c->random = seed;
    c->noise_volts = spread->read_noise_volts;
    c->time_constant = spread->settle_time_constant;
    for (int i = 0; i < CIRCUIT_INPUTS; i++) {
        c->input[i] = specimen(c, -4.096, 4.094, spread->dac_gain, spread->dac_offset_codes, spread->dac_inl_codes);
        circuit_input_code(c, i, 2048);
    }
    for (int k = 0; k < CIRCUIT_OUTPUTS; k++) {
        c->nudge[k] = specimen(c, -204.8e-6, 204.7e-6, spread->dac_gain, spread->dac_offset_codes, spread->dac_inl_codes);
        circuit_nudge_code(c, k, 2048);
    }
    for (int n = 0; n < N; n++) {
        c->reading[n] = specimen(c, -2.048, 2.047, spread->adc_gain, spread->adc_offset_codes, spread->adc_inl_codes);
    }
    for (int k = 0; k < CIRCUIT_POTENTIOMETERS; k++) {
        c->end_to_end[k] = END_TO_END_OHMS * (1 + spread->element_tolerance * uniform(c));
        c->wiper[k] = WIPER_OHMS * (1 + spread->wiper_spread * uniform(c));
        circuit_potentiometer(c, k, 128);
    }
    for (int n = 0; n < N; n++) {
        c->now[n] = circuit_rest(c, n);
    }
    return c;
}

void circuit_free(circuit *c) {
    free(c);
}

void circuit_potentiometer(circuit *c, int k, int code) {
    if (k < 0 || k >= CIRCUIT_POTENTIOMETERS || code < 0 || code > 255) {
        return;
    }
    c->siemens[k] = 1 / (c->wiper[k] + c->end_to_end[k] * code / 256);
    c->stale_matrix = c->stale_rest = true;
}

void circuit_input_code(circuit *c, int i, int code) {
    if (i >= 0 && i < CIRCUIT_INPUTS) {
        c->volts[i] = put_out(&c->input[i], code);
        c->stale_matrix = c->stale_rest = true; /* the matrix stays, but the currents are gathered with it */
    }
}

void circuit_nudge_code(circuit *c, int k, int code) {
    if (k >= 0 && k < CIRCUIT_OUTPUTS) {
        c->amperes[k] = put_out(&c->nudge[k], code);
        c->stale_rest = true;
    }
}

/* Potentiometers in their order: each hidden node to x and -x of every input and to both supplies, then hidden to outputs. */
static void gather(circuit *c) {
    int k = 0;
    for (int row = 0; row < N; row++) {
        c->drive[row] = 0;
        for (int column = 0; column < N; column++) {
            c->matrix[row][column] = 0;
        }
    }
    for (int h = 0; h < CIRCUIT_HIDDEN; h++) {
        for (int i = 0; i < CIRCUIT_INPUTS; i++) {
            double plus = c->siemens[k++], minus = c->siemens[k++];
            c->matrix[h][h] += plus + minus;
            c->drive[h] += (plus - minus) * c->volts[i];
        }
        double up = c->siemens[k++], down = c->siemens[k++];
        c->matrix[h][h] += up + down;
        c->drive[h] += (up - down) * SUPPLY_VOLTS;
    }
    for (int o = CIRCUIT_HIDDEN; o < N; o++) {
        for (int h = 0; h < CIRCUIT_HIDDEN; h++) {
            double g = c->siemens[k++];
            c->matrix[o][o] += g;
            c->matrix[h][h] += g;
            c->matrix[o][h] -= g;
            c->matrix[h][o] -= g;
        }
        c->matrix[o][o] += 1 / NUDGE_OHMS;
    }
    c->stale_matrix = false;
}

static double driven(const circuit *c, int n) {
    return c->drive[n] + (n < CIRCUIT_HIDDEN ? 0 : c->amperes[n - CIRCUIT_HIDDEN]);
}

/* Voltages with the clamped nodes at 0 V, by Cholesky's factors of what is left. */
static void solve(circuit *c) {
    int index[N], size = 0;
    double l[N][N], y[N];
    for (int n = 0; n < N; n++) {
        c->rest[n] = 0;
        if (n >= CIRCUIT_HIDDEN || !c->clamped[n]) {
            index[size++] = n;
        }
    }
    for (int i = 0; i < size; i++) {
        for (int j = 0; j <= i; j++) {
            double sum = c->matrix[index[i]][index[j]];
            for (int m = 0; m < j; m++) {
                sum -= l[i][m] * l[j][m];
            }
            l[i][j] = i == j ? sqrt(sum) : sum / l[j][j];
        }
        double sum = driven(c, index[i]);
        for (int m = 0; m < i; m++) {
            sum -= l[i][m] * y[m];
        }
        y[i] = sum / l[i][i];
    }
    for (int i = size - 1; i >= 0; i--) {
        double sum = y[i];
        for (int m = i + 1; m < size; m++) {
            sum -= l[m][i] * c->rest[index[m]];
        }
        c->rest[index[i]] = sum / l[i][i];
    }
}

/* Current that the resistors drive into a node at rest; what is not 0 there flows through the diode. */
static double surplus(const circuit *c, int n) {
    double sum = driven(c, n);
    for (int m = 0; m < N; m++) {
        sum -= c->matrix[n][m] * c->rest[m];
    }
    return sum;
}

/* True if the diode of hidden node h is in the wrong state: blocking against its voltage, or conducting against its current. */
static bool wrong(const circuit *c, int h) {
    double side = h % 2 == 0 ? 1 : -1; /* even nodes are kept at 0 V or above, odd ones at 0 V or below */
    return c->clamped[h] ? side * surplus(c, h) > 1e-18 : side * c->rest[h] < -1e-15;
}

/*
 * Flips all diodes that are in the wrong state, from where the last operating point left them; when the number of wrong ones
 * has not shrunk for a while, only the last of them, which must end (Murty 1974; the matrix is positive definite).
 */
static void settle(circuit *c) {
    if (c->stale_matrix) {
        gather(c);
    }
    int fewest = CIRCUIT_HIDDEN + 1, patience = 3;
    for (int round = 0; round < 10000; round++) {
        solve(c);
        int count = 0, last = -1;
        for (int h = 0; h < CIRCUIT_HIDDEN; h++) {
            if (wrong(c, h)) {
                count++;
                last = h;
            }
        }
        if (count == 0) {
            break;
        }
        if (count < fewest) {
            fewest = count;
            patience = 3;
        } else if (patience > 0) {
            patience--;
        }
        if (patience > 0) {
            for (int h = 0; h < CIRCUIT_HIDDEN; h++) {
                c->clamped[h] ^= wrong(c, h);
            }
        } else {
            c->clamped[last] = !c->clamped[last];
        }
    }
    c->stale_rest = false;
}

double circuit_rest(circuit *c, int node) {
    if (c->stale_rest) {
        settle(c);
    }
    return c->rest[node];
}

void circuit_advance(circuit *c, double seconds) {
    if (!(seconds > 0)) {
        return;
    }
    double left = c->time_constant > 0 ? exp(-seconds / c->time_constant) : 0;
    for (int n = 0; n < N; n++) {
        double rest = circuit_rest(c, n);
        c->now[n] = rest + left * (c->now[n] - rest);
    }
}

int circuit_convert(circuit *c, int node) {
    if (node < 0 || node >= N) {
        return 0;
    }
    const converter *by = &c->reading[node];
    double volts = c->time_constant > 0 ? c->now[node] : circuit_rest(c, node);
    double seen = distorted(by, volts) + (c->noise_volts > 0 ? c->noise_volts * normal(c) : 0);
    double code = rint((seen - by->min) / by->step);
    return code < 0 ? 0 : code > 4095 ? 4095 : (int)code;
}

double circuit_node(const circuit *c, int node) {
    return c->now[node];
}

double circuit_conductance(const circuit *c, int k) {
    return c->siemens[k];
}

double circuit_input_volts(const circuit *c, int i) {
    return c->volts[i];
}

double circuit_nudge_amperes(const circuit *c, int k) {
    return c->amperes[k];
}

double circuit_imbalance(circuit *c) {
    double worst = 0, scale = 0;
    (void)circuit_rest(c, 0);
    for (int n = 0; n < N; n++) {
        double left = surplus(c, n), through = fabs(driven(c, n));
        for (int m = 0; m < N; m++) {
            through = fmax(through, fabs(c->matrix[n][m] * c->rest[m]));
        }
        scale = fmax(scale, through);
        if (n < CIRCUIT_HIDDEN) {
            double side = n % 2 == 0 ? 1 : -1;
            worst = fmax(worst, -side * c->rest[n] * c->matrix[n][n]); /* on the wrong side of 0 V */
            if (c->clamped[n]) {
                worst = fmax(worst, side * left); /* the diode may only push the node to its side */
                left = 0;
            }
        }
        worst = fmax(worst, fabs(left));
    }
    return worst / scale;
}
