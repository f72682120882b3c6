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

/* The shortest name that anybody has, one attribute of one letter, with its length field. */
#define NAME_LEN_MIN 16

static struct cas_verdict_facts facts_of(uint32_t message_bytes, uint32_t around)
{
    uint32_t list = message_bytes > around ? message_bytes - around : 0;
    return (struct cas_verdict_facts){
        .seen = CAS_SEEN_INCOMPLETE,
        .bytes = list,
        .count = around == AROUND_LIST_MAX ? list / NAME_LEN_MIN : 0,
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

static struct cas_verdict judge(const struct cas_verdict_facts *facts,
                                const struct cas_limit *limit,
                                const struct cas_verdict_rules *rules)
{
    struct cas_verdict_rules only = *rules;
    only.limits = limit;
    only.limits_len = 1;
    return cas_verdict_of(facts, &only);
}

/*
 * How near a limit it is, from the least and from the most that it can be: of the limits the
 * one that is near in any case, else the one that may be. That it is over is only said when the
 * least is.
 */
static void tell_headroom(struct cas_request_size *size, uint32_t around_list,
                          const struct cas_verdict_rules *rules)
{
    const struct cas_verdict_facts least_facts = facts_of(size->least, AROUND_LIST_MAX);
    const struct cas_verdict_facts most_facts =
        facts_of(size->most, around_list > 0 ? around_list : AROUND_LIST_MIN);
    struct cas_verdict least = cas_verdict_of(&least_facts, rules);
    struct cas_verdict most = cas_verdict_of(&most_facts, rules);

    if (least.headroom != CAS_HEADROOM_OK) {
        most = judge(&most_facts, &least.limit, rules);
    } else {
        least = judge(&least_facts, &most.limit, rules);
    }
    size->limit_name = most.limit.name;
    size->limit_bytes = most.limit.bytes;
    size->limit_counted = least.counted;
    size->limit_percent_least = least.percent;
    size->limit_percent = most.percent;
    size->headroom_least = least.headroom;
    size->headroom = most.headroom;
    if (size->headroom == CAS_HEADROOM_OVER && least.headroom != CAS_HEADROOM_OVER) {
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
