/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that will be needed soon is asked for before it is: it comes from the memory into the
 * cache while something else is done. A hint: nothing depends on it.
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

/* len bytes at memory, which may be NULL. */
static inline void cas_fetch(const void *memory, size_t len)
{
    const char *line = memory;
    for (size_t at = 0; line != NULL && at < len; at += CAS_FETCH_LINE) {
        CAS_FETCH_HINT(&line[at]);
    }
}

#endif
