/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/known_name.h"

#include <string.h>

#include "bytes/reader.h"

/* The names that nobody holds may keep this share of the budget. */
#define NAMES_SHARE 256

static void destroy_name(struct cas_intern_item *item)
{
    struct cas_known_name *name = (struct cas_known_name *)item;
    cas_budget_free(name->budget, name, name->item.size);
}

bool cas_known_names_init(struct cas_known_names *names, struct cas_budget *budget,
                          const uint8_t hash_key[CAS_KEYHASH_KEY_LEN])
{
    names->budget = budget;
    return cas_intern_init(&names->names, budget->limit / NAMES_SHARE, budget, hash_key,
                           destroy_name);
}

void cas_known_names_finish(struct cas_known_names *names)
{
    cas_intern_finish(&names->names);
}

struct cas_known_name *cas_known_names_get(struct cas_known_names *names, const char *text)
{
    size_t len = strlen(text);
    struct cas_intern_item *known = cas_intern_find(&names->names, cas_view_of(text, len));
    if (known != NULL) {
        return (struct cas_known_name *)known;
    }
    size_t size = sizeof(struct cas_known_name) + len + 1;
    struct cas_known_name *name = cas_budget_alloc(names->budget, size);
    if (name == NULL) {
        return NULL;
    }
    memcpy(name->text, text, len);
    name->budget = names->budget;
    name->item.size = size;
    name->item.key = cas_view_of(name->text, len);
    cas_intern_add(&names->names, &name->item);
    return name;
}

void cas_known_names_release(struct cas_known_names *names, struct cas_known_name *name)
{
    cas_intern_release(&names->names, name != NULL ? &name->item : NULL);
}
