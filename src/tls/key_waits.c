/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/key_waits.h"

#include <string.h>

#include "bytes/reader.h"

void cas_key_waits_init(struct cas_key_waits *waits, const uint8_t key[CAS_KEYHASH_KEY_LEN])
{
    *waits = (struct cas_key_waits){ .keyhash = cas_keyhash_init(key) };
}

static size_t bucket_of(const struct cas_key_waits *waits,
                        const uint8_t client_random[CAS_RANDOM_LEN])
{
    return cas_keyhash_of(&waits->keyhash, cas_view_of(client_random, CAS_RANDOM_LEN)) %
           CAS_KEY_WAITS_BUCKETS;
}

/* Those that began before the first word about the time begin with it. */
void cas_key_waits_set_now(struct cas_key_waits *waits, uint64_t now_us)
{
    for (struct cas_key_wait *wait = waits->oldest; waits->now_us == 0 && wait != NULL;
         wait = wait->newer) {
        wait->since_us = now_us;
    }
    waits->now_us = now_us > waits->now_us ? now_us : waits->now_us;
}

void cas_key_waits_add(struct cas_key_waits *waits, struct cas_key_wait *wait, void *owner,
                       const uint8_t client_random[CAS_RANDOM_LEN])
{
    struct cas_key_wait **bucket = &waits->bucket[bucket_of(waits, client_random)];
    *wait = (struct cas_key_wait){
        .owner = owner,
        .older = waits->newest,
        .next = *bucket,
        .since_us = waits->now_us,
    };
    memcpy(wait->client_random, client_random, CAS_RANDOM_LEN);
    *bucket = wait;
    if (waits->newest != NULL) {
        waits->newest->newer = wait;
    } else {
        waits->oldest = wait;
    }
    waits->newest = wait;
}

void cas_key_waits_remove(struct cas_key_waits *waits, struct cas_key_wait *wait)
{
    if (wait->owner == NULL) {
        return;
    }
    struct cas_key_wait **at = &waits->bucket[bucket_of(waits, wait->client_random)];
    while (*at != wait) {
        at = &(*at)->next;
    }
    *at = wait->next;
    if (wait->older != NULL) {
        wait->older->newer = wait->newer;
    } else {
        waits->oldest = wait->newer;
    }
    if (wait->newer != NULL) {
        wait->newer->older = wait->older;
    } else {
        waits->newest = wait->older;
    }
    *wait = (struct cas_key_wait){ 0 };
}

static struct cas_key_wait *first_of(struct cas_key_wait *wait,
                                     const uint8_t client_random[CAS_RANDOM_LEN])
{
    while (wait != NULL && memcmp(wait->client_random, client_random, CAS_RANDOM_LEN) != 0) {
        wait = wait->next;
    }
    return wait;
}

struct cas_key_wait *cas_key_waits_find(const struct cas_key_waits *waits,
                                        const uint8_t client_random[CAS_RANDOM_LEN])
{
    return first_of(waits->bucket[bucket_of(waits, client_random)], client_random);
}

struct cas_key_wait *cas_key_waits_next(const struct cas_key_wait *wait)
{
    return first_of(wait->next, wait->client_random);
}

struct cas_key_wait *cas_key_waits_due(const struct cas_key_waits *waits)
{
    struct cas_key_wait *oldest = waits->oldest;
    bool is_due = oldest != NULL && waits->now_us - oldest->since_us >= CAS_KEY_WAIT_US;
    return is_due ? oldest : NULL;
}
