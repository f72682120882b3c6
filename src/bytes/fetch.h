/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that will be needed soon is asked for before it is: it comes from the memory into the
 * cache while something else is done. Nothing depends on it.
 *
 * A processor may drop a hint when it does not know where the page lies, and of memory that
 * was not used for long it does not. So the first byte is read, for which it must find the
 * page; hints are enough for the lines behind it.
 */
#ifndef CAS_BYTES_FETCH_H
#define CAS_BYTES_FETCH_H

#include <stddef.h>

#define CAS_FETCH_LINE 64

#if defined(__GNUC__)
#define CAS_FETCH_HINT(memory) __builtin_prefetch(memory)
#else
#define CAS_FETCH_HINT(memory) ((void)(memory))
#endif

/* len bytes at memory, which must be readable, or NULL. */
static inline void cas_fetch(const void *memory, size_t len)
{
    const char *byte = memory;
    if (memory == NULL || len == 0) {
        return;
    }
    (void)*(const volatile char *)byte;
    for (size_t at = CAS_FETCH_LINE; at < len; at += CAS_FETCH_LINE) {
        CAS_FETCH_HINT(&byte[at]);
    }
    CAS_FETCH_HINT(&byte[len - 1]);
}

#endif
