/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "analysis/inventory_parts.h"
#include "bytes/reader.h"

#define BUCKETS 4096

/* Its share of the budget. */
#define INVENTORY_SHARE 4

/*
 * A list that comes back was told before. Where two take turns, behind a balancer, it is not
 * told each time: these many at once, then one each seven minutes.
 */
#define RETURNS_BURST    8
#define RETURNS_EVERY_US UINT64_C(450000000)

bool cas_inventory_init(struct cas_inventory *inventory, struct cas_list_reporter *reporter,
                        struct cas_counters *counters,
                        const uint8_t hash_key[CAS_KEYHASH_KEY_LEN])
{
    struct cas_budget *budget = reporter->budget;
    *inventory = (struct cas_inventory){
        .buckets = cas_budget_alloc(budget, BUCKETS * sizeof(struct cas_inventory_host *)),
        .places = cas_budget_alloc(budget, BUCKETS * sizeof(struct cas_inventory_place *)),
        .limit = budget->limit / INVENTORY_SHARE,
        .keyhash = cas_keyhash_init(hash_key),
        .budget = budget,
        .counters = counters,
        .reporter = reporter,
    };
    return inventory->buckets != NULL && inventory->places != NULL;
}

void cas_inventory_finish(struct cas_inventory *inventory)
{
    while (inventory->oldest != NULL) {
        cas_inventory_remove(inventory, inventory->oldest);
    }
    cas_budget_free(inventory->budget, inventory->buckets,
                    BUCKETS * sizeof(struct cas_inventory_host *));
    cas_budget_free(inventory->budget, inventory->places,
                    BUCKETS * sizeof(struct cas_inventory_place *));
    *inventory = (struct cas_inventory){ 0 };
}

static uint64_t hash_of_place(const struct cas_inventory *inventory,
                              const struct cas_endpoint *endpoint)
{
    return cas_keyhash_of(&inventory->keyhash,
                          cas_view_of(endpoint->address, sizeof(endpoint->address))) ^
           endpoint->port;
}

static uint64_t hash_of(const struct cas_inventory *inventory,
                        const struct cas_endpoint *endpoint, const char *sni)
{
    uint64_t hash = hash_of_place(inventory, endpoint);
    if (sni != NULL) {
        hash ^= cas_keyhash_of(&inventory->keyhash, cas_view_of(sni, strlen(sni)));
    }
    return hash;
}

static bool is_same_sni(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_same_endpoint(const struct cas_endpoint *a, const struct cas_endpoint *b)
{
    return a->family == b->family && a->port == b->port &&
           memcmp(a->address, b->address, sizeof(a->address)) == 0;
}

struct cas_inventory_host *cas_inventory_find(const struct cas_inventory *inventory,
                                              const struct cas_endpoint *endpoint,
                                              const char *sni)
{
    uint64_t hash = hash_of(inventory, endpoint, sni);
    struct cas_inventory_host *at = inventory->buckets[hash % BUCKETS];
    while (at != NULL &&
           (at->hash != hash || !is_same_endpoint(&at->state.endpoint, endpoint) ||
            !is_same_sni(at->state.sni, sni))) {
        at = at->next_in_bucket;
    }
    return at;
}

static void unlink_age(struct cas_inventory *inventory, struct cas_inventory_host *host)
{
    *(host->newer != NULL ? &host->newer->older : &inventory->newest) = host->older;
    *(host->older != NULL ? &host->older->newer : &inventory->oldest) = host->newer;
    host->newer = NULL;
    host->older = NULL;
}

static void link_newest(struct cas_inventory *inventory, struct cas_inventory_host *host)
{
    host->older = inventory->newest;
    *(host->older != NULL ? &host->older->newer : &inventory->oldest) = host;
    inventory->newest = host;
    host->place->newest = host;
}

static void link_oldest(struct cas_inventory *inventory, struct cas_inventory_host *host)
{
    host->newer = inventory->oldest;
    *(host->newer != NULL ? &host->newer->older : &inventory->newest) = host;
    inventory->oldest = host;
    if (host->place->newest == NULL) {
        host->place->newest = host;
    }
}

void cas_inventory_touch(struct cas_inventory *inventory, struct cas_inventory_host *host)
{
    if (inventory->newest != host) {
        unlink_age(inventory, host);
        link_newest(inventory, host);
    }
}

/* It is of its host no more. */
static void destroy_listing(struct cas_inventory *inventory,
                            struct cas_inventory_listing *listing)
{
    *(listing->previous != NULL ? &listing->previous->next : &inventory->first) = listing->next;
    *(listing->next != NULL ? &listing->next->previous : &inventory->last) = listing->previous;
    inventory->used -= listing->charged;
    cas_list_report_release(inventory->reporter, listing->report);
    cas_arena_finish(&listing->arena);
    cas_budget_free(inventory->budget, listing, sizeof(*listing));
}

/* One of its hosts goes, or was not made. */
static void release_place(struct cas_inventory *inventory, struct cas_inventory_place *place)
{
    place->hosts--;
    if (place->hosts > 0) {
        return;
    }
    struct cas_inventory_place **at = &inventory->places[place->hash % BUCKETS];
    while (*at != place) {
        at = &(*at)->next_in_bucket;
    }
    *at = place->next_in_bucket;
    inventory->used -= sizeof(*place);
    cas_budget_free(inventory->budget, place, sizeof(*place));
}

static size_t sni_size(const struct cas_inventory_host *host)
{
    return host->sni != NULL ? strlen(host->sni) + 1 : 0;
}

void cas_inventory_remove(struct cas_inventory *inventory, struct cas_inventory_host *host)
{
    while (host->listings != NULL) {
        struct cas_inventory_listing *listing = host->listings;
        host->listings = listing->next_of_host;
        destroy_listing(inventory, listing);
    }
    struct cas_inventory_host **at = &inventory->buckets[host->hash % BUCKETS];
    while (*at != host) {
        at = &(*at)->next_in_bucket;
    }
    *at = host->next_in_bucket;
    unlink_age(inventory, host);
    inventory->used -= host->charged;
    release_place(inventory, host->place);
    cas_budget_free(inventory->budget, host->sni, sni_size(host));
    cas_budget_free(inventory->budget, host, sizeof(*host));
}

/* Makes room for so many bytes: the servers that were not seen for longest go. False when it
 * would take the one that is seen now. */
static bool make_room(struct cas_inventory *inventory, size_t bytes,
                      const struct cas_inventory_host *keep)
{
    if (bytes > inventory->limit) {
        return false;
    }
    while (inventory->used > inventory->limit - bytes) {
        if (inventory->oldest == NULL || inventory->oldest == keep) {
            return false;
        }
        cas_inventory_remove(inventory, inventory->oldest);
        cas_count(inventory->counters, CAS_COUNT_SERVERS_CAPPED);
    }
    return true;
}

/* What the whole program has no memory for, the inventory may still have to give. */
static void *alloc(struct cas_inventory *inventory, size_t len,
                   const struct cas_inventory_host *keep)
{
    void *memory = cas_budget_alloc(inventory->budget, len);
    if (memory == NULL && inventory->oldest != NULL && inventory->oldest != keep) {
        cas_inventory_remove(inventory, inventory->oldest);
        cas_count(inventory->counters, CAS_COUNT_SERVERS_CAPPED);
        memory = cas_budget_alloc(inventory->budget, len);
    }
    return memory;
}

static bool copy_sni(struct cas_inventory *inventory, struct cas_inventory_host *host,
                     const char *sni)
{
    if (sni == NULL) {
        return true;
    }
    size_t size = strlen(sni) + 1;
    host->sni = alloc(inventory, size, NULL);
    if (host->sni == NULL) {
        return false;
    }
    memcpy(host->sni, sni, size);
    host->state.sni = host->sni;
    return true;
}

/* The place of one more host; NULL without memory. */
static struct cas_inventory_place *hold_place(struct cas_inventory *inventory,
                                              const struct cas_endpoint *endpoint)
{
    uint64_t hash = hash_of_place(inventory, endpoint);
    struct cas_inventory_place *place = inventory->places[hash % BUCKETS];
    while (place != NULL && !is_same_endpoint(&place->endpoint, endpoint)) {
        place = place->next_in_bucket;
    }
    if (place == NULL) {
        place = alloc(inventory, sizeof(*place), NULL);
        if (place == NULL) {
            return NULL;
        }
        place->hash = hash;
        place->endpoint = *endpoint;
        place->memory = cas_alert_memory_init();
        place->next_in_bucket = inventory->places[hash % BUCKETS];
        inventory->places[hash % BUCKETS] = place;
        inventory->used += sizeof(*place);
    }
    place->hosts++;
    return place;
}

static size_t size_of_host(const char *sni)
{
    return sizeof(struct cas_inventory_host) + (sni != NULL ? strlen(sni) + 1 : 0);
}

/* A host that nobody finds yet; NULL without memory. */
static struct cas_inventory_host *create_host(struct cas_inventory *inventory,
                                              const struct cas_endpoint *endpoint,
                                              const char *sni)
{
    struct cas_inventory_host *host = alloc(inventory, sizeof(*host), NULL);
    if (host == NULL) {
        return NULL;
    }
    host->place = hold_place(inventory, endpoint);
    if (host->place == NULL || !copy_sni(inventory, host, sni)) {
        if (host->place != NULL) {
            release_place(inventory, host->place);
        }
        cas_budget_free(inventory->budget, host, sizeof(*host));
        return NULL;
    }
    host->state.endpoint = *endpoint;
    host->returns = cas_bucket_init(RETURNS_EVERY_US, RETURNS_BURST);
    host->charged = size_of_host(sni);
    inventory->used += host->charged;
    return host;
}

static void link_bucket(struct cas_inventory *inventory, struct cas_inventory_host *host)
{
    host->hash = hash_of(inventory, &host->state.endpoint, host->sni);
    host->next_in_bucket = inventory->buckets[host->hash % BUCKETS];
    inventory->buckets[host->hash % BUCKETS] = host;
}

struct cas_inventory_host *cas_inventory_add(struct cas_inventory *inventory,
                                             const struct cas_endpoint *endpoint,
                                             const char *sni)
{
    size_t size = size_of_host(sni) + sizeof(struct cas_inventory_place);
    struct cas_inventory_host *host =
        make_room(inventory, size, NULL) ? create_host(inventory, endpoint, sni) : NULL;
    if (host != NULL) {
        link_bucket(inventory, host);
        link_newest(inventory, host);
    }
    return host;
}

struct cas_inventory_host *cas_inventory_add_oldest(struct cas_inventory *inventory,
                                                    const struct cas_endpoint *endpoint,
                                                    const char *sni)
{
    size_t size = size_of_host(sni) + sizeof(struct cas_inventory_place);
    struct cas_inventory_host *host = inventory->used + size <= inventory->limit
                                          ? create_host(inventory, endpoint, sni)
                                          : NULL;
    if (host != NULL) {
        link_bucket(inventory, host);
        link_oldest(inventory, host);
    }
    return host;
}

/* The list that was not shown for longest, but for the one shown last. */
static struct cas_inventory_listing **find_stalest(struct cas_inventory_host *host)
{
    struct cas_inventory_listing **found = NULL;
    for (struct cas_inventory_listing **at = &host->listings; *at != NULL;
         at = &(*at)->next_of_host) {
        if (*at != host->current && (found == NULL || (*at)->last_us < (*found)->last_us)) {
            found = at;
        }
    }
    return found;
}

static void make_room_of_host(struct cas_inventory *inventory, struct cas_inventory_host *host)
{
    size_t len = 0;
    for (const struct cas_inventory_listing *at = host->listings; at != NULL;
         at = at->next_of_host) {
        len++;
    }
    struct cas_inventory_listing **stalest = find_stalest(host);
    if (len < CAS_LISTS_MAX || stalest == NULL) {
        return;
    }
    struct cas_inventory_listing *listing = *stalest;
    *stalest = listing->next_of_host;
    destroy_listing(inventory, listing);
    cas_count(inventory->counters, CAS_COUNT_SERVERS_CAPPED);
}

struct cas_inventory_listing *cas_inventory_add_listing(struct cas_inventory *inventory,
                                                        struct cas_inventory_host *host,
                                                        struct cas_list_report *report)
{
    make_room_of_host(inventory, host);
    /* What it holds counts as well: else one server's many lists would use up all memory. */
    size_t size =
        sizeof(struct cas_inventory_listing) + (report != NULL ? report->item.size : 0);
    if (!make_room(inventory, size, host)) {
        return NULL;
    }
    struct cas_inventory_listing *listing = alloc(inventory, sizeof(*listing), host);
    if (listing == NULL) {
        return NULL;
    }
    listing->arena = cas_arena_init(inventory->budget);
    if (report != NULL) {
        listing->report = report;
        cas_list_report_hold(inventory->reporter, report);
    }
    listing->host = host;
    listing->next_of_host = host->listings;
    host->listings = listing;
    listing->previous = inventory->last;
    *(listing->previous != NULL ? &listing->previous->next : &inventory->first) = listing;
    inventory->last = listing;
    listing->charged = size;
    inventory->used += size;
    return listing;
}
