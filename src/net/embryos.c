/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/embryos.h"

#include <assert.h>

_Static_assert(sizeof(struct cas_embryo) <= 32, "65,536 of them are 2 MiB");

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

struct cas_embryo *cas_embryos_find(const struct cas_embryos *embryos, uint64_t hash)
{
    struct cas_embryo *set = set_of(embryos, hash);
    for (size_t i = 0; i < SET_LEN; i++) {
        if (set[i].hash == hash) {
            return &set[i];
        }
    }
    return NULL;
}

struct cas_embryo *cas_embryos_add(struct cas_embryos *embryos, uint64_t hash)
{
    struct cas_embryo *set = set_of(embryos, hash);
    struct cas_embryo *oldest = &set[0];
    for (size_t i = 1; i < SET_LEN; i++) {
        if (embryos->clock - set[i].age > embryos->clock - oldest->age) {
            oldest = &set[i];
        }
    }
    *oldest = (struct cas_embryo){ .hash = hash, .age = embryos->clock++ };
    return oldest;
}
