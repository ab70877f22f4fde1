/* ports/avr/homeostat_config.h : the core in 2 KB of RAM. SPDX-License-Identifier: Apache-2.0 */
#ifndef HOMEOSTAT_CONFIG_H
#define HOMEOSTAT_CONFIG_H

#include "crc32c_avr.h"

#include <avr/pgmspace.h>

#define HS_LARGEST 280
#define HS_WINDOW 2
#define HS_DRIVEN 7
#define HS_OUTPUTS 3
#define HS_READ_PER_POLL 15   /* a third of a millisecond */
#define HS_IMPOSED_PER_POLL 52
#define HS_FLASH PROGMEM
#define HS_FLASH_COPY(into, from, bytes) memcpy_P((into), (from), (bytes))
#define HS_FLASH_U32(address) pgm_read_dword(address)
#define HS_CRC32C_STEP(crc, byte) crc32c_avr(crc, byte)
#define HS_CRC32C_COPY

#endif
