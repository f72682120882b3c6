/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/ca_list.h"

#include <stdlib.h>

#include "bytes/digest.h"
#include "bytes/reader.h"

/* The u16 in front of a name. */
#define PREFIX_LEN 2

/* One more than the greatest value of the list's u16 length field. */
#define LENGTH_MODULUS 65536u

enum walk {
    WALK_WHOLE, /* the names fill the vector exactly */
    WALK_BROKEN /* the last name is longer than what is left */
};

/* Names in the vector, a broken last one left out. */
static size_t count_names(struct cas_view vector, enum walk *out_walk)
{
    struct cas_reader r = cas_reader_init(vector);
    size_t len = 0;
    while (cas_reader_left(&r) > 0) {
        (void)cas_reader_vec16(&r);
        len += cas_reader_ok(&r);
    }
    *out_walk = cas_reader_done(&r) ? WALK_WHOLE : WALK_BROKEN;
    return len;
}

static int compare_placed(const void *a, const void *b)
{
    const struct cas_placed_name *left = a;
    const struct cas_placed_name *right = b;
    int order = cas_view_compare(left->der, right->der);
    if (order != 0) {
        return order;
    }
    return (left->index > right->index) - (left->index < right->index);
}

static void keep_names(struct cas_ca_list *list, size_t len, struct cas_arena *arena)
{
    list->names = cas_arena_array(arena, len, sizeof(list->names[0]));
    list->sorted = cas_arena_array(arena, len, sizeof(list->sorted[0]));
    if (!cas_arena_ok(arena)) {
        list->reasons |= CAS_REASON_BIT(CAS_REASON_MEMORY);
        return;
    }
    struct cas_reader r = cas_reader_init(list->vector);
    for (size_t i = 0; i < len; i++) {
        list->names[i] = cas_reader_vec16(&r);
        list->sorted[i] = (struct cas_placed_name){ .der = list->names[i], .index = i };
        list->bytes += (uint32_t)(PREFIX_LEN + list->names[i].len);
    }
    list->len = len;
    qsort(list->sorted, len, sizeof(list->sorted[0]), compare_placed);
}

/*
 * A sender that does not check writes the length modulo 65,536 (LIMITS: Go, GnuTLS, OpenSSL
 * before 1.1.0). It is that, and not rubbish after the list, when the rest of the message is
 * longer by a multiple and consists of whole names.
 */
static bool is_wrapped(const struct cas_cert_request *request)
{
    if (request->sight.reasons != 0 || request->trailing_len == 0 ||
        request->trailing_len % LENGTH_MODULUS != 0) {
        return false;
    }
    enum walk walk = WALK_BROKEN;
    (void)count_names(request->rest_of_message, &walk);
    return walk == WALK_WHOLE;
}

static enum cas_seen judge(const struct cas_ca_list *list,
                           const struct cas_cert_request *request, enum walk walk)
{
    if ((list->reasons & ~CAS_REASONS_OF_DOUBT) != 0) {
        return CAS_SEEN_INCOMPLETE;
    }
    if (list->reasons != 0) {
        return CAS_SEEN_AMBIGUOUS;
    }
    if (request->is_malformed || request->sight.is_broken || walk == WALK_BROKEN ||
        list->is_wrapped || list->trailing_len > 0) {
        return CAS_SEEN_MALFORMED;
    }
    return CAS_SEEN_COMPLETE;
}

struct cas_ca_list cas_ca_list_split(const struct cas_cert_request *request,
                                     struct cas_arena *arena)
{
    struct cas_ca_list list = {
        .is_wrapped = is_wrapped(request),
        .reasons = request->sight.reasons,
    };
    list.vector = list.is_wrapped ? request->rest_of_message : request->list;
    list.trailing_len = list.is_wrapped ? 0 : request->trailing_len;
    enum walk walk = WALK_BROKEN;
    size_t len = count_names(list.vector, &walk);
    keep_names(&list, len, arena);
    list.seen = judge(&list, request, walk);
    return list;
}

void cas_ca_list_set_digest(const struct cas_ca_list *list, uint8_t out_digest[CAS_SHA256_LEN])
{
    struct cas_sha256_sum sum = cas_sha256_begin();
    for (size_t i = 0; i < list->len; i++) {
        struct cas_view der = list->sorted[i].der;
        if (i == 0 || !cas_view_equal(der, list->sorted[i - 1].der)) {
            cas_sha256_add(&sum, der);
        }
    }
    cas_sha256_end(&sum, out_digest);
}
