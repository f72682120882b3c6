/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/heap.h"

#ifdef __GLIBC__
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

#if defined(__GLIBC__) && defined(MADV_HUGEPAGE)

/* What is beside the budget: stores, the libraries, and what is lost between the pieces. */
#define BESIDE ((uint64_t)32 * 1024 * 1024)

/* What is beyond comes in small pages, as ever: an int counts here, and address space. */
#define ROOM_MAX ((uint64_t)1024 * 1024 * 1024)

/* What glibc takes from the kernel at once otherwise, and gives back of it. */
#define TAKEN_AT_ONCE 131072

/* More than can be left of what it has taken already. */
#define MORE_THAN_LEFT ((size_t)512 * 1024)

/* Once the room is used up, pieces of this size are mapped each for itself. To be said, for
 * glibc raises the limit with each of them that is freed. */
#define APART_FROM 1048576

/* The heap's end is moved once, by all the room, which is not in use yet; that is advised. */
void cas_cli_heap_begin(uint64_t budget_bytes)
{
    uint64_t room = budget_bytes < ROOM_MAX - BESIDE ? budget_bytes + BESIDE : ROOM_MAX;
    char *begin = sbrk(0);
    if (mallopt(M_TRIM_THRESHOLD, (int)ROOM_MAX) == 0 ||
        mallopt(M_MMAP_THRESHOLD, APART_FROM) == 0 || mallopt(M_TOP_PAD, (int)room) == 0) {
        return;
    }
    void *volatile more = malloc(MORE_THAN_LEFT); /* or the compiler leaves both out */
    free(more);
    (void)mallopt(M_TOP_PAD, TAKEN_AT_ONCE);
    char *end = sbrk(0);
    if (end > begin) {
        (void)madvise(begin, (size_t)(end - begin), MADV_HUGEPAGE);
    }
}

#else

void cas_cli_heap_begin(uint64_t budget_bytes)
{
    (void)budget_bytes;
}

#endif
