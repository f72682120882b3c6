/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/trust_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes/reader.h"
#include "x509/bundle.h"
#include "x509/dn.h"

/* A name is part of a certificate of at most CAS_BUNDLE_SIZE_MAX; its text grows by escapes. */
#define TEXT_MAX (16u << 20)

struct cas_trust_store *cas_trust_store_create(void)
{
    return calloc(1, sizeof(struct cas_trust_store));
}

void cas_trust_store_destroy(struct cas_trust_store *store)
{
    if (store == NULL) {
        return;
    }
    for (size_t i = 0; i < store->entries_len; i++) {
        free((void *)(uintptr_t)store->entries[i].der.data);
    }
    for (size_t i = 0; i < store->names_len; i++) {
        free((void *)(uintptr_t)store->names[i].canonical.data);
        free(store->names[i].dn);
    }
    free(store->entries);
    free(store->names);
    free(store->by_der);
    free(store->by_canonical);
    free(store->ends_s);
    free(store);
}

size_t cas_trust_store_entries(const struct cas_trust_store *store)
{
    return store->entries_len;
}

size_t cas_trust_store_names(const struct cas_trust_store *store)
{
    return store->names_len;
}

size_t cas_trust_store_authorities(const struct cas_trust_store *store)
{
    size_t authorities = 0;
    for (size_t i = 0; i < store->names_len; i++) {
        authorities += store->names[i].has_ca;
    }
    return authorities;
}

/* A heap copy; NULL data when memory could not be had. */
static struct cas_view heap_copy(struct cas_view bytes)
{
    uint8_t *data = malloc(bytes.len > 0 ? bytes.len : 1);
    if (data == NULL) {
        return (struct cas_view){ 0 };
    }
    if (bytes.len > 0) {
        memcpy(data, bytes.data, bytes.len);
    }
    return cas_view_of(data, bytes.len);
}

/* Room for one more item; false when memory could not be had. */
static bool grow(void **items, size_t *size, size_t len, size_t item_size)
{
    if (len < *size) {
        return true;
    }
    size_t wanted = *size == 0 ? 64 : *size * 2;
    void *grown = realloc(*items, wanted * item_size);
    if (grown == NULL) {
        return false;
    }
    *items = grown;
    *size = wanted;
    return true;
}

/*
 * Adding: what is known while files are read. The sorted look-ups are made once at the end;
 * until then duplicates are found in a list sorted by insertion, which a store's few hundred
 * entries do not feel.
 */
struct adding {
    struct cas_trust_store *store;
    cas_trust_store_complaint *complain;
    void *user;
    size_t found; /* certificates in these files, those known already among them */
    bool is_out_of_memory;
};

static bool is_known(const struct cas_trust_store *store, const uint8_t *sha256)
{
    for (size_t i = 0; i < store->entries_len; i++) {
        if (memcmp(store->entries[i].sha256, sha256, CAS_SHA256_BYTES) == 0) {
            return true;
        }
    }
    return false;
}

/* A version 1 root has no basic constraints: what signs itself is taken for a CA then. */
static bool counts_as_ca(const struct cas_cert *cert)
{
    if (cert->has_basic_constraints) {
        return cert->is_ca;
    }
    return cas_view_equal(cert->subject, cert->issuer);
}

bool cas_trust_store_begins_with_authority(const struct cas_trust_store *store)
{
    return store->entries_len > 0 && counts_as_ca(&store->entries[0].cert);
}

static void note_entry(struct cas_store_name *name, const struct cas_cert *cert)
{
    if (!counts_as_ca(cert)) {
        return;
    }
    if (!name->has_ca || cert->not_after_s > name->not_after_s) {
        name->not_after_s = cert->not_after_s;
    }
    name->has_ca = true;
}

static size_t find_name(const struct cas_trust_store *store, struct cas_view canonical)
{
    for (size_t i = 0; i < store->names_len; i++) {
        if (cas_view_equal(store->names[i].canonical, canonical)) {
            return i;
        }
    }
    return CAS_NOT_FOUND;
}

static size_t add_name(struct cas_trust_store *store, struct cas_view der,
                       struct cas_view canonical)
{
    if (!grow((void **)&store->names, &store->names_size, store->names_len,
              sizeof(store->names[0]))) {
        return CAS_NOT_FOUND;
    }
    struct cas_buf text = cas_buf_init(TEXT_MAX, NULL);
    cas_dn_format(der, &text);
    struct cas_store_name name = {
        .der = der,
        .canonical = heap_copy(canonical),
        .dn = cas_buf_take_string(&text),
    };
    if (name.canonical.data == NULL || name.dn == NULL) {
        free((void *)(uintptr_t)name.canonical.data);
        free(name.dn);
        return CAS_NOT_FOUND;
    }
    store->names[store->names_len] = name;
    return store->names_len++;
}

/* The index of this subject's name, added when it is new; CAS_NOT_FOUND without memory. */
static size_t intern_name(struct cas_trust_store *store, struct cas_view der)
{
    struct cas_buf canonical = cas_buf_init(TEXT_MAX, NULL);
    if (!cas_dn_canonical(der, &canonical)) {
        cas_buf_append(&canonical, der);
    }
    size_t name = CAS_NOT_FOUND;
    if (cas_buf_ok(&canonical)) {
        name = find_name(store, cas_buf_view(&canonical));
        if (name == CAS_NOT_FOUND) {
            name = add_name(store, der, cas_buf_view(&canonical));
        }
    }
    cas_buf_finish(&canonical);
    return name;
}

static bool add_entry(struct cas_trust_store *store, struct cas_view der,
                      const uint8_t sha256[CAS_SHA256_BYTES])
{
    if (!grow((void **)&store->entries, &store->entries_size, store->entries_len,
              sizeof(store->entries[0]))) {
        return false;
    }
    struct cas_store_entry *entry = &store->entries[store->entries_len];
    *entry = (struct cas_store_entry){ .der = heap_copy(der) };
    if (entry->der.data == NULL || !cas_cert_split(entry->der, &entry->cert)) {
        free((void *)(uintptr_t)entry->der.data);
        return false;
    }
    memcpy(entry->sha256, sha256, CAS_SHA256_BYTES);
    entry->name = intern_name(store, entry->cert.subject);
    if (entry->name == CAS_NOT_FOUND) {
        free((void *)(uintptr_t)entry->der.data);
        return false;
    }
    note_entry(&store->names[entry->name], &entry->cert);
    store->entries_len++;
    return true;
}

static void take_certificate(void *user, const struct cas_bundle_origin *origin,
                             struct cas_view der)
{
    struct adding *adding = user;
    (void)origin;
    adding->found++;
    uint8_t sha256[CAS_SHA256_BYTES];
    cas_sha256(der, sha256);
    if (!is_known(adding->store, sha256) && !add_entry(adding->store, der, sha256)) {
        adding->is_out_of_memory = true;
    }
}

static void take_bad(void *user, const struct cas_bundle_origin *origin, const char *why)
{
    const struct adding *adding = user;
    char where[512];
    if (adding->complain == NULL) {
        return;
    }
    if (origin->line > 0) {
        (void)snprintf(where, sizeof(where), "%s, line %u", origin->path, origin->line);
    } else if (origin->entry > 0) {
        (void)snprintf(where, sizeof(where), "%s, entry %u", origin->path, origin->entry);
    } else {
        (void)snprintf(where, sizeof(where), "%s", origin->path);
    }
    adding->complain(adding->user, where, why);
}

/*
 * Sorting needs the store that the indexes point into: qsort() has no argument for it, so that
 * keys travel with their indexes.
 */
struct keyed {
    struct cas_view key;
    size_t index;
};

static int compare_keyed(const void *a, const void *b)
{
    const struct keyed *left = a;
    const struct keyed *right = b;
    int order = cas_view_compare(left->key, right->key);
    if (order != 0) {
        return order;
    }
    return (left->index > right->index) - (left->index < right->index);
}

/* The indexes of keyed, sorted by key; NULL without memory. Frees keyed. */
static size_t *sort_indexes(struct keyed *keyed, size_t len)
{
    size_t *sorted = malloc((len > 0 ? len : 1) * sizeof(*sorted));
    if (keyed != NULL && sorted != NULL) {
        qsort(keyed, len, sizeof(*keyed), compare_keyed);
        for (size_t i = 0; i < len; i++) {
            sorted[i] = keyed[i].index;
        }
    } else {
        free(sorted);
        sorted = NULL;
    }
    free(keyed);
    return sorted;
}

static int compare_times(const void *a, const void *b)
{
    const int64_t *left = a;
    const int64_t *right = b;
    return (*left > *right) - (*left < *right);
}

/* False without memory. */
static bool sort_ends(struct cas_trust_store *store)
{
    free(store->ends_s);
    store->ends_len = 0;
    store->ends_s = calloc(store->names_len + 1, sizeof(*store->ends_s));
    if (store->ends_s == NULL) {
        return false;
    }
    for (size_t i = 0; i < store->names_len; i++) {
        if (store->names[i].has_ca) {
            store->ends_s[store->ends_len++] = store->names[i].not_after_s;
        }
    }
    qsort(store->ends_s, store->ends_len, sizeof(*store->ends_s), compare_times);
    return true;
}

static bool sort_store(struct cas_trust_store *store)
{
    struct keyed *entries = calloc(store->entries_len + 1, sizeof(*entries));
    for (size_t i = 0; entries != NULL && i < store->entries_len; i++) {
        entries[i] = (struct keyed){ .key = store->entries[i].cert.subject, .index = i };
    }
    struct keyed *names = calloc(store->names_len + 1, sizeof(*names));
    for (size_t i = 0; names != NULL && i < store->names_len; i++) {
        names[i] = (struct keyed){ .key = store->names[i].canonical, .index = i };
    }
    free(store->by_der);
    free(store->by_canonical);
    store->by_der = sort_indexes(entries, store->entries_len);
    store->by_canonical = sort_indexes(names, store->names_len);
    return sort_ends(store) && store->by_der != NULL && store->by_canonical != NULL;
}

enum cas_err cas_trust_store_add(struct cas_trust_store *store, const char *path,
                                 cas_trust_store_complaint *complain, void *user,
                                 struct cas_error *out_error)
{
    struct adding adding = { .store = store, .complain = complain, .user = user };
    const struct cas_bundle_handler handler = {
        .user = &adding,
        .certificate = take_certificate,
        .bad = take_bad,
    };
    enum cas_err err = cas_bundle_read_path(path, &handler, out_error);
    if (!sort_store(store) || adding.is_out_of_memory) {
        return cas_error_set(out_error, CAS_ERR_NOMEM, "%s: not enough memory for its contents",
                             path);
    }
    if (err == CAS_OK && adding.found == 0) {
        return cas_error_set(out_error, CAS_ERR_FORMAT, "%s: not one usable certificate in it",
                             path);
    }
    return err;
}

size_t cas_trust_store_find_der(const struct cas_trust_store *store, struct cas_view name)
{
    size_t low = 0;
    size_t high = store->entries_len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct cas_store_entry *entry = &store->entries[store->by_der[middle]];
        int order = cas_view_compare(entry->cert.subject, name);
        if (order == 0) {
            return entry->name;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return CAS_NOT_FOUND;
}

size_t cas_trust_store_find_canonical(const struct cas_trust_store *store,
                                      struct cas_view canonical)
{
    size_t low = 0;
    size_t high = store->names_len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        size_t name = store->by_canonical[middle];
        int order = cas_view_compare(store->names[name].canonical, canonical);
        if (order == 0) {
            return name;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return CAS_NOT_FOUND;
}

const char *cas_store_name_note(const struct cas_store_name *name, int64_t now_s)
{
    if (!name->has_ca) {
        return "not a CA";
    }
    return name->not_after_s < now_s ? "expired" : NULL;
}

size_t cas_trust_store_expired(const struct cas_trust_store *store, int64_t now_s)
{
    size_t low = 0;
    size_t high = store->ends_len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (store->ends_s[middle] < now_s) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}
