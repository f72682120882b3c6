/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/json_kept.h"

#include <stdlib.h>
#include <string.h>

#include "bytes/reader.h"

/* The servers of a site; with texts of at most TEXT_MAX bytes 2 MiB. */
#define KEPT     256
#define TEXT_MAX ((size_t)8 * 1024)

struct slot {
    struct cas_json_name name;
    struct cas_buf text; /* empty: nothing is kept here */
};

struct cas_json_kept {
    struct slot slot[KEPT];
};

struct cas_json_kept *cas_json_kept_create(void)
{
    struct cas_json_kept *kept = calloc(1, sizeof(*kept));
    for (size_t i = 0; kept != NULL && i < KEPT; i++) {
        kept->slot[i].text = cas_buf_init(TEXT_MAX, NULL);
    }
    return kept;
}

void cas_json_kept_destroy(struct cas_json_kept *kept)
{
    for (size_t i = 0; kept != NULL && i < KEPT; i++) {
        cas_buf_finish(&kept->slot[i].text);
    }
    free(kept);
}

static size_t slot_of(const struct cas_json_name *name)
{
    return (name->digest[0] + name->number) % KEPT;
}

static bool is_same(const struct cas_json_name *a, const struct cas_json_name *b)
{
    return a->number == b->number && memcmp(a->digest, b->digest, sizeof(a->digest)) == 0;
}

bool cas_json_kept_put(const struct cas_json_kept *kept, struct cas_json *json, const char *key,
                       const struct cas_json_name *name)
{
    const struct slot *slot = &kept->slot[slot_of(name)];
    if (slot->text.len == 0 || !is_same(&slot->name, name)) {
        return false;
    }
    cas_json_raw(json, key, cas_buf_view(&slot->text));
    return true;
}

void cas_json_kept_take(struct cas_json_kept *kept, const struct cas_json_name *name,
                        const struct cas_json *json, size_t begin)
{
    struct slot *slot = &kept->slot[slot_of(name)];
    slot->name = *name;
    cas_buf_clear(&slot->text);
    cas_buf_append(&slot->text, cas_view_part(cas_buf_view(json->out), begin, SIZE_MAX));
    if (!cas_buf_ok(&slot->text) || !cas_buf_ok(json->out)) {
        cas_buf_clear(&slot->text);
    }
}
