/* drivers/ad5206.h : six 256-step potentiometers. They cannot be read back, and stand at 128 after power-on.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef AD5206_H
#define AD5206_H

#include <stdint.h>

/* channel 0..5. The wiper moves when the chip is released, within about 2 us at 10 kOhm, 20 us at 100 kOhm. */
void ad5206_set(uint8_t chip, uint8_t channel, uint8_t code);

#endif
