/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/table.h"

#include <assert.h>
#include <string.h>

#include "bytes/fetch.h"

_Static_assert(sizeof(struct cas_table_key) == 40, "no padding in what is hashed");
_Static_assert(sizeof(struct cas_table_entry) <= 64, "the price of a finished connection");

/* More entries than anybody needs; keeps the arithmetic small. */
#define SIZE_CAP (1u << 24)

/* RFC 4291, 2.5.5.2: what stands in front of an IPv4 address. */
static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

/* An IPv4 address, or the last four bytes of ::ffff:a.b.c.d, as a number: those compare as
 * their bytes do. Written out so that compilers make one load of it. */
static inline uint32_t number_of(const uint8_t bytes[4])
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
           bytes[3];
}

static bool is_mapped(struct cas_view address)
{
    return memcmp(address.data, mapped, sizeof(mapped)) == 0;
}

static void put_mapped(uint8_t out[16], struct cas_view address)
{
    memcpy(out, mapped, sizeof(mapped));
    memcpy(&out[sizeof(mapped)], address.data, 4);
}

/* Which end of the key sent it. */
static unsigned put_v4(struct cas_table_key *key, const struct cas_table_end *from,
                       const struct cas_table_end *to)
{
    uint32_t its = number_of(from->address.data);
    uint32_t other = number_of(to->address.data);
    bool is_higher = its == other ? from->port > to->port : its > other;
    unsigned side = is_higher ? 1 : 0;
    put_mapped(key->address[side], from->address);
    put_mapped(key->address[1 - side], to->address);
    return side;
}

/*
 * Two addresses ::ffff:a.b.c.d of IPv6 packets are written as those of IPv4 are. Their higher
 * end comes first: that keeps such a connection apart from the one of IPv4. (One end that talks
 * to itself, port and all, is the same in both.)
 */
static unsigned put_v6(struct cas_table_key *key, const struct cas_table_end *from,
                       const struct cas_table_end *to)
{
    int order = memcmp(from->address.data, to->address.data, 16);
    if (order == 0) {
        order = from->port - to->port;
    }
    bool is_turned = is_mapped(from->address) && is_mapped(to->address);
    unsigned side = (is_turned ? order < 0 : order > 0) ? 1 : 0;
    memcpy(key->address[side], from->address.data, 16);
    memcpy(key->address[1 - side], to->address.data, 16);
    return side;
}

unsigned cas_table_key_make(struct cas_table_key *key, const struct cas_table_end *from,
                            const struct cas_table_end *to)
{
    assert(from->address.len == to->address.len);
    unsigned side = from->address.len == 4 ? put_v4(key, from, to) : put_v6(key, from, to);
    key->port[side] = from->port;
    key->port[1 - side] = to->port;
    key->vlan[0] = 0;
    key->vlan[1] = 0;
    return side;
}

bool cas_table_key_is_v4(const struct cas_table_key *key)
{
    if (memcmp(key->address[0], mapped, sizeof(mapped)) != 0 ||
        memcmp(key->address[1], mapped, sizeof(mapped)) != 0) {
        return false;
    }
    uint32_t first = number_of(&key->address[0][sizeof(mapped)]);
    uint32_t second = number_of(&key->address[1][sizeof(mapped)]);
    return first < second || (first == second && key->port[0] <= key->port[1]);
}

void cas_table_key_shorten(const struct cas_table_key *key, uint64_t out_words[2])
{
    uint64_t first = number_of(&key->address[0][sizeof(mapped)]);
    out_words[0] = first << 32 | number_of(&key->address[1][sizeof(mapped)]);
    out_words[1] = key->port[0] | (uint64_t)key->port[1] << 16 | (uint64_t)key->vlan[0] << 32 |
                   (uint64_t)key->vlan[1] << 48;
}

static void link_newest(struct cas_table *table, uint32_t index, enum cas_table_list list)
{
    struct cas_table_entry *entry = &table->entry[index];
    entry->list = (uint8_t)list;
    entry->older = table->list[list].newest;
    entry->newer = CAS_TABLE_NONE;
    if (entry->older == CAS_TABLE_NONE) {
        table->list[list].oldest = index;
    } else {
        table->entry[entry->older].newer = index;
    }
    table->list[list].newest = index;
    table->list[list].len++;
}

static void unlink_entry(struct cas_table *table, uint32_t index)
{
    struct cas_table_entry *entry = &table->entry[index];
    table->list[entry->list].len--;
    if (entry->older == CAS_TABLE_NONE) {
        table->list[entry->list].oldest = entry->newer;
    } else {
        table->entry[entry->older].newer = entry->newer;
    }
    if (entry->newer == CAS_TABLE_NONE) {
        table->list[entry->list].newest = entry->older;
    } else {
        table->entry[entry->newer].older = entry->older;
    }
}

bool cas_table_init(struct cas_table *table, struct cas_budget *budget, size_t max_entries)
{
    uint32_t size = CAS_TABLE_CHAIN_MAX;
    while (size < max_entries && size < SIZE_CAP) {
        size *= 2;
    }
    *table = (struct cas_table){ .size = size };
    table->entry = cas_budget_alloc(budget, size * sizeof(table->entry[0]));
    table->head = cas_budget_alloc(budget, size * sizeof(table->head[0]));
    if (table->entry == NULL || table->head == NULL) {
        cas_table_finish(table, budget);
        return false;
    }
    for (unsigned i = 0; i < CAS_TABLE_LISTS; i++) {
        table->list[i].oldest = CAS_TABLE_NONE;
        table->list[i].newest = CAS_TABLE_NONE;
    }
    for (uint32_t i = 0; i < size; i++) {
        table->head[i] = CAS_TABLE_NONE;
    }
    return true;
}

void cas_table_finish(struct cas_table *table, struct cas_budget *budget)
{
    cas_budget_free(budget, table->entry, table->size * sizeof(table->entry[0]));
    cas_budget_free(budget, table->head, table->size * sizeof(table->head[0]));
    *table = (struct cas_table){ 0 };
}

static uint32_t *head_of(const struct cas_table *table, uint64_t hash)
{
    return &table->head[hash & (table->size - 1)];
}

uint32_t cas_table_find(const struct cas_table *table, const struct cas_table_key *key,
                        uint64_t hash)
{
    uint32_t index = *head_of(table, hash);
    while (index != CAS_TABLE_NONE &&
           memcmp(&table->entry[index].key, key, sizeof(*key)) != 0) {
        index = table->entry[index].chain;
    }
    return index;
}

void cas_table_fetch(const struct cas_table *table, uint64_t hash)
{
    cas_fetch(head_of(table, hash), sizeof(table->head[0]));
}

size_t cas_table_chain(const struct cas_table *table, uint64_t hash,
                       uint32_t out_index[CAS_TABLE_CHAIN_MAX])
{
    size_t len = 0;
    for (uint32_t index = *head_of(table, hash); index != CAS_TABLE_NONE;
         index = table->entry[index].chain) {
        assert(len < CAS_TABLE_CHAIN_MAX);
        out_index[len++] = index;
    }
    return len;
}

/* One that was used before, as long as there are such: memory that is not touched costs
 * nothing.
 */
static uint32_t take_free(struct cas_table *table)
{
    uint32_t index = table->list[CAS_TABLE_FREE].oldest;
    if (index != CAS_TABLE_NONE) {
        unlink_entry(table, index);
        return index;
    }
    assert(table->fresh < table->size);
    return table->fresh++;
}

uint32_t cas_table_add(struct cas_table *table, const struct cas_table_key *key, uint64_t hash,
                       enum cas_table_list list)
{
    uint32_t index = take_free(table);
    struct cas_table_entry *entry = &table->entry[index];
    uint32_t *head = head_of(table, hash);
    link_newest(table, index, list);
    entry->key = *key;
    entry->chain = *head;
    entry->flags = 0;
    *head = index;
    table->used++;
    return index;
}

void cas_table_move(struct cas_table *table, uint32_t index, enum cas_table_list list)
{
    unlink_entry(table, index);
    link_newest(table, index, list);
}

void cas_table_remove(struct cas_table *table, uint32_t index, uint64_t hash)
{
    uint32_t *link = head_of(table, hash);
    while (*link != index) {
        assert(*link != CAS_TABLE_NONE);
        link = &table->entry[*link].chain;
    }
    *link = table->entry[index].chain;
    cas_table_move(table, index, CAS_TABLE_FREE);
    table->used--;
}
