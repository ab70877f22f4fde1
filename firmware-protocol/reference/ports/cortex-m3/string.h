/* ports/cortex-m3/string.h : what the core needs of it; this port has no C library. SPDX-License-Identifier: Apache-2.0 */
#ifndef STRING_H
#define STRING_H

#include <stddef.h>

void *memcpy(void *into, const void *from, size_t count);
void *memmove(void *into, const void *from, size_t count);
void *memset(void *into, int byte, size_t count);
int memcmp(const void *a, const void *b, size_t count);

#endif
