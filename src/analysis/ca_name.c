/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/ca_name.h"

#include <string.h>

#include "bytes/reader.h"
#include "x509/dn.h"
#include "x509/dn_walk.h"

/* Names that nobody holds go when all together take more than this share of the budget. */
#define NAMES_SHARE 64

/* A scratch buffer that a long name made longer than this is given back. */
#define SCRATCH_MAX 4096

/* One allocation: what is known, the DER, the text and its end. */
static struct cas_ca_name *make_name(struct cas_budget *budget, struct cas_view der,
                                     struct cas_view text)
{
    size_t size = sizeof(struct cas_ca_name) + der.len + text.len + 1;
    struct cas_ca_name *name = cas_budget_alloc(budget, size);
    if (name == NULL) {
        return NULL;
    }
    uint8_t *bytes = (uint8_t *)(name + 1);
    char *dn = (char *)bytes + der.len;
    if (der.len > 0) {
        memcpy(bytes, der.data, der.len);
    }
    if (text.len > 0) {
        memcpy(dn, text.data, text.len);
    }
    name->item.key = cas_view_of(bytes, der.len);
    name->item.size = size;
    name->budget = budget;
    name->dn = dn;
    return name;
}

static void destroy_name(struct cas_intern_item *item)
{
    struct cas_ca_name *name = (struct cas_ca_name *)item;
    cas_budget_free(name->budget, name, name->item.size);
}

bool cas_ca_names_init(struct cas_ca_names *names, struct cas_budget *budget,
                       const uint8_t hash_key[CAS_KEYHASH_KEY_LEN])
{
    *names = (struct cas_ca_names){
        .budget = budget,
        .keyhash = cas_keyhash_init(hash_key),
        .text = cas_buf_init(SIZE_MAX / 2, budget),
        .canonical = cas_buf_init(SIZE_MAX / 2, budget),
    };
    return cas_intern_init(&names->names, budget->limit / NAMES_SHARE, budget, hash_key,
                           destroy_name);
}

void cas_ca_names_finish(struct cas_ca_names *names)
{
    cas_intern_finish(&names->names);
    cas_buf_finish(&names->text);
    cas_buf_finish(&names->canonical);
}

/* 0 is none. */
static uint64_t hash_of(const struct cas_ca_names *names, struct cas_view bytes)
{
    return cas_keyhash_not_zero(cas_keyhash_of(&names->keyhash, bytes));
}

/* 0 without memory. */
static uint64_t canonical_hash(struct cas_ca_names *names, const struct cas_dn_list *list)
{
    cas_buf_clear(&names->canonical);
    cas_dn_list_canonical(list, &names->canonical);
    return cas_buf_ok(&names->canonical) ? hash_of(names, cas_buf_view(&names->canonical)) : 0;
}

uint64_t cas_ca_names_canonical_hash(struct cas_ca_names *names, struct cas_view der)
{
    CAS_DN_LIST list;
    return cas_dn_split(der, &list) ? canonical_hash(names, &list) : 0;
}

uint64_t cas_ca_names_hash(struct cas_ca_names *names, struct cas_view der)
{
    CAS_DN_LIST list;
    return cas_dn_split(der, &list) ? canonical_hash(names, &list) : hash_of(names, der);
}

static struct cas_ca_name *know_bad(struct cas_ca_names *names, struct cas_view der)
{
    cas_dn_format(der, &names->text);
    return cas_buf_ok(&names->text) ? make_name(names->budget, der, cas_buf_view(&names->text))
                                    : NULL;
}

/* Without memory a good name may look like a bad one, and is not to be kept. */
static struct cas_ca_name *know_good(struct cas_ca_names *names, struct cas_view der,
                                     const struct cas_dn_list *list)
{
    cas_dn_list_format(list, &names->text);
    uint64_t hash = canonical_hash(names, list);
    if (!cas_buf_ok(&names->text) || hash == 0) {
        return NULL;
    }
    struct cas_ca_name *name = make_name(names->budget, der, cas_buf_view(&names->text));
    if (name != NULL) {
        name->is_valid = true;
        name->is_nt_authority = cas_dn_list_contains(list, "NT AUTHORITY");
        name->canonical_hash = hash;
    }
    return name;
}

/* Taken apart once for all that is asked of it: a list has hundreds. */
static struct cas_ca_name *know(struct cas_ca_names *names, struct cas_view der)
{
    CAS_DN_LIST list;
    return cas_dn_split(der, &list) ? know_good(names, der, &list) : know_bad(names, der);
}

static void clear(struct cas_buf *scratch)
{
    if (scratch->size > SCRATCH_MAX) {
        cas_buf_finish(scratch);
    }
    cas_buf_clear(scratch);
}

struct cas_ca_name *cas_ca_names_get(struct cas_ca_names *names, struct cas_view der)
{
    struct cas_intern_item *known = cas_intern_find(&names->names, der);
    if (known != NULL) {
        return (struct cas_ca_name *)known;
    }
    struct cas_ca_name *name = know(names, der);
    clear(&names->text);
    clear(&names->canonical);
    if (name != NULL) {
        cas_intern_add(&names->names, &name->item);
    }
    return name;
}

void cas_ca_names_release(struct cas_ca_names *names, struct cas_ca_name *name)
{
    cas_intern_release(&names->names, name != NULL ? &name->item : NULL);
}
