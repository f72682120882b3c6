/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/request_size.h"

/*
 * RFC 8446, 4.3.2: what surrounds the list of names in the message. At least header, context,
 * the lengths of extensions and list, and one signature algorithm (older versions are told
 * apart); at most what any known
 * server sends beside it, and half as much again.
 */
#define AROUND_LIST_MIN 25
#define AROUND_LIST_MAX 400

static struct cas_verdict_facts facts_of(uint32_t message_bytes, uint32_t around)
{
    return (struct cas_verdict_facts){
        .seen = CAS_SEEN_INCOMPLETE,
        .bytes = message_bytes > around ? message_bytes - around : 0,
        .message_bytes = message_bytes,
    };
}

static void tell_refusing(struct cas_request_size *size, struct cas_arena *arena)
{
    const struct cas_verdict_facts facts = facts_of(size->least, AROUND_LIST_MAX);
    size_t table_len = 0;
    const struct cas_limit *table = cas_limits(&table_len);
    const char **refusing = cas_arena_array(arena, table_len, sizeof(*refusing));

    for (size_t i = 0; refusing != NULL && i < table_len; i++) {
        if (table[i].side == CAS_LIMIT_CLIENT &&
            cas_limit_counted(&table[i], &facts) > table[i].bytes) {
            refusing[size->clients_refusing_len++] = table[i].name;
        }
    }
    size->clients_refusing = refusing;
}

/*
 * How near a limit the list is, from the most that it can be; that it is over is only said when
 * the least that it can be is.
 */
static void tell_headroom(struct cas_request_size *size, uint32_t around_list,
                          const struct cas_verdict_rules *rules)
{
    const struct cas_verdict_facts most =
        facts_of(size->most, around_list > 0 ? around_list : AROUND_LIST_MIN);
    const struct cas_verdict_facts least = facts_of(size->least, AROUND_LIST_MAX);
    struct cas_verdict verdict = cas_verdict_of(&most, rules);

    size->limit_name = verdict.limit.name;
    size->limit_bytes = verdict.limit.bytes;
    size->limit_percent = verdict.percent;
    size->headroom = verdict.headroom;
    if (size->headroom == CAS_HEADROOM_OVER &&
        cas_limit_counted(&verdict.limit, &least) <= verdict.limit.bytes) {
        size->headroom = CAS_HEADROOM_CRIT;
    }
}

const struct cas_request_size *cas_request_size_tell(const struct cas_inference *inference,
                                                     const struct cas_verdict_rules *rules,
                                                     struct cas_arena *arena)
{
    struct cas_request_size *size = NULL;

    if (inference->request_most == 0) {
        return NULL;
    }
    size = cas_arena_array(arena, 1, sizeof(*size));
    if (size == NULL) {
        return NULL;
    }
    size->least = inference->request_least;
    size->most = inference->request_most;
    tell_refusing(size, arena);
    if (size->least == size->most) {
        tell_headroom(size, inference->around_list, rules);
    }
    return size;
}
