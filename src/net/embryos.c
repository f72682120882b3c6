/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/embryos.h"

#include <assert.h>
#include <string.h>

_Static_assert(sizeof(struct cas_embryo) <= 40, "65,536 of them are 2.5 MiB");

/* Embryos that share a place: one SYN in a flood must meet four others to be lost. */
#define SET_LEN 4

bool cas_embryos_init(struct cas_embryos *embryos, struct cas_budget *budget, size_t size)
{
    assert(size >= SET_LEN && (size & (size - 1)) == 0);
    *embryos = (struct cas_embryos){ .size = size };
    embryos->embryo = cas_budget_alloc(budget, size * sizeof(embryos->embryo[0]));
    return embryos->embryo != NULL;
}

void cas_embryos_finish(struct cas_embryos *embryos, struct cas_budget *budget)
{
    cas_budget_free(budget, embryos->embryo, embryos->size * sizeof(embryos->embryo[0]));
    *embryos = (struct cas_embryos){ 0 };
}

static struct cas_embryo *set_of(const struct cas_embryos *embryos, uint64_t hash)
{
    return &embryos->embryo[hash & (embryos->size - 1) & ~(uint64_t)(SET_LEN - 1)];
}

/* The half of the hash that does not choose the set. */
static uint32_t tag_of(uint64_t hash)
{
    return (uint32_t)(hash >> 32);
}

struct cas_embryo *cas_embryos_find(const struct cas_embryos *embryos, uint64_t hash)
{
    struct cas_embryo *set = set_of(embryos, hash);
    for (size_t i = 0; i < SET_LEN; i++) {
        if (set[i].tag == tag_of(hash) && set[i].flags != 0) {
            return &set[i];
        }
    }
    return NULL;
}

struct cas_embryo *cas_embryos_add(struct cas_embryos *embryos, uint64_t hash)
{
    struct cas_embryo *set = set_of(embryos, hash);
    memmove(&set[1], &set[0], (SET_LEN - 1) * sizeof(set[0]));
    set[0] = (struct cas_embryo){ .tag = tag_of(hash) };
    return &set[0];
}
