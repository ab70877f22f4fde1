/*
 * One specimen of resistor-array-v1 as a circuit: 4 inputs, 12 hidden nodes with a diode each, 3 outputs, 156 potentiometers.
 * Wired as devices/resistor-array-v1/README.md says, with the imperfections of sim/twins/resistor-array-v1/twin.yaml drawn from
 * a seed. Knows nothing of firmware or protocol. One thread per circuit.
 */
#ifndef CIRCUIT_H
#define CIRCUIT_H

#include <stdint.h>

enum {
    CIRCUIT_INPUTS = 4,
    CIRCUIT_HIDDEN = 12,
    CIRCUIT_OUTPUTS = 3,
    CIRCUIT_NODES = CIRCUIT_HIDDEN + CIRCUIT_OUTPUTS, /* hidden nodes first, then outputs */
    CIRCUIT_POTENTIOMETERS = 156
};

typedef struct circuit circuit;

/* How far specimens stray: half-widths of uniform spreads, or standard deviations of normal ones (converter gain and offset, noise). */
typedef struct {
    double element_tolerance; /* end-to-end resistance of each potentiometer, relative, uniform */
    double wiper_spread;      /* wiper resistance, relative, uniform */
    double dac_gain, dac_offset_codes, dac_inl_codes; /* inl uniform */
    double adc_gain, adc_offset_codes, adc_inl_codes;
    double read_noise_volts;
    double settle_time_constant; /* s; 0: at rest at once */
} circuit_spread;

extern const circuit_spread circuit_usual; /* as the twin; 50 us settle to a ten-thousandth */
extern const circuit_spread circuit_ideal; /* exactly as drawn, without noise */

/* A specimen, power just on: potentiometers at code 128, DACs at code 2048, at rest. NULL when there is no memory. */
circuit *circuit_new(uint64_t seed, const circuit_spread *spread);
void circuit_free(circuit *);

void circuit_potentiometer(circuit *, int k, int code); /* 0..155, code 0..255 */
void circuit_input_code(circuit *, int i, int code);    /* 0..3, code 0..4095 */
void circuit_nudge_code(circuit *, int k, int code);    /* 0..2, code 0..4095 */
void circuit_advance(circuit *, double seconds);        /* the nodes relax towards the operating point */
int circuit_convert(circuit *, int node);               /* one 12-bit conversion, with noise */

/* For tests, which may know the truth. */
double circuit_node(const circuit *, int node);                 /* volts now */
double circuit_rest(circuit *, int node);                       /* volts at the operating point */
double circuit_conductance(const circuit *, int k);             /* siemens, as this specimen is */
double circuit_input_volts(const circuit *, int i);             /* what the DAC really puts out */
double circuit_nudge_amperes(const circuit *, int k);
double circuit_imbalance(circuit *); /* largest violation of Kirchhoff's current law at rest over the largest current of a node */

#endif
