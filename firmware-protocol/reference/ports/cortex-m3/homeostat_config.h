/* ports/cortex-m3/homeostat_config.h : the core in 64 KB of RAM. SPDX-License-Identifier: Apache-2.0 */
#ifndef HOMEOSTAT_CONFIG_H
#define HOMEOSTAT_CONFIG_H

#define HS_LARGEST 640
#define HS_WINDOW 4
#define HS_DRIVEN 7
#define HS_OUTPUTS 3

#endif
