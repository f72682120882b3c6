/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/verdict.h"

/* Of a handshake message. */
#define HEADER_LEN 4
/* The u16 in front of a name. */
#define PREFIX_LEN 2

uint32_t cas_limit_counted(const struct cas_limit *limit, const struct cas_verdict_facts *facts)
{
    switch (limit->counts) {
    case CAS_COUNTS_LIST:
        return facts->bytes;
    case CAS_COUNTS_DER:
        return facts->bytes - PREFIX_LEN * (uint32_t)facts->count;
    case CAS_COUNTS_BODY:
        return facts->message_bytes - HEADER_LEN;
    case CAS_COUNTS_MESSAGE:
        return facts->message_bytes;
    }
    return 0;
}

static int64_t slack_of(const struct cas_limit *limit, const struct cas_verdict_facts *facts)
{
    return (int64_t)limit->bytes - (int64_t)cas_limit_counted(limit, facts);
}

/* The list stays below the limit, and a name of this size would have passed it. A window and
 * not an equality: where exactly a stack cuts, and what it counts, differs and is hardly
 * documented. */
static bool explains(const struct cas_limit *limit, const struct cas_verdict_facts *facts,
                     uint32_t name_bytes)
{
    int64_t slack = slack_of(limit, facts);
    return limit->effect == CAS_EFFECT_TRUNCATES && slack >= 0 && slack < (int64_t)name_bytes;
}

/* The limit that explains a cut before a name of this size: the user's choice first, then the
 * built-in table. NULL when none does. */
static const struct cas_limit *find_explaining(const struct cas_verdict_facts *facts,
                                               const struct cas_verdict_rules *rules,
                                               uint32_t name_bytes)
{
    for (size_t i = 0; i < rules->limits_len; i++) {
        if (explains(&rules->limits[i], facts, name_bytes)) {
            return &rules->limits[i];
        }
    }
    size_t table_len = 0;
    const struct cas_limit *table = cas_limits(&table_len);
    for (size_t i = 0; i < table_len; i++) {
        if (explains(&table[i], facts, name_bytes)) {
            return &table[i];
        }
    }
    return NULL;
}

static enum cas_truncation judge_with_store(const struct cas_verdict_facts *facts,
                                            const struct cas_limit *explaining)
{
    if (facts->missing == 0) {
        return CAS_TRUNCATION_NONE;
    }
    /* Mostly other names than the store's: it may be the wrong store. */
    bool is_its_store = facts->extra <= facts->advertised;
    if (facts->count > 0 && explaining != NULL) {
        return is_its_store ? CAS_TRUNCATION_CONFIRMED : CAS_TRUNCATION_SUSPECTED;
    }
    return facts->is_ordered_prefix ? CAS_TRUNCATION_SUSPECTED : CAS_TRUNCATION_SUBSET;
}

static enum cas_truncation judge_alone(const struct cas_verdict_facts *facts,
                                       const struct cas_limit *explaining)
{
    return facts->count > 0 && explaining != NULL ? CAS_TRUNCATION_SUSPECTED
                                                  : CAS_TRUNCATION_NO_SIGN;
}

static uint32_t percent_of(const struct cas_limit *limit, const struct cas_verdict_facts *facts)
{
    return (uint32_t)((uint64_t)cas_limit_counted(limit, facts) * 100 / limit->bytes);
}

/* The chosen limit that is used up most. */
static const struct cas_limit *find_nearest(const struct cas_verdict_facts *facts,
                                            const struct cas_verdict_rules *rules)
{
    const struct cas_limit *nearest = &rules->limits[0];
    for (size_t i = 1; i < rules->limits_len; i++) {
        if (percent_of(&rules->limits[i], facts) > percent_of(nearest, facts)) {
            nearest = &rules->limits[i];
        }
    }
    return nearest;
}

static void measure(struct cas_verdict *verdict, const struct cas_verdict_facts *facts,
                    const struct cas_verdict_rules *rules)
{
    verdict->counted = cas_limit_counted(&verdict->limit, facts);
    verdict->percent = percent_of(&verdict->limit, facts);
    verdict->slack = slack_of(&verdict->limit, facts);
    if (verdict->slack > 0 && facts->count > 0) {
        verdict->room_for = (uint32_t)((uint64_t)verdict->slack * facts->count / facts->bytes);
    }
    if (verdict->slack < 0) {
        verdict->headroom = CAS_HEADROOM_OVER;
    } else if (verdict->percent >= rules->crit_percent) {
        verdict->headroom = CAS_HEADROOM_CRIT;
    } else if (verdict->percent >= rules->warn_percent) {
        verdict->headroom = CAS_HEADROOM_WARN;
    }
}

bool cas_verdict_store_speaks(const struct cas_verdict_facts *facts)
{
    return facts->has_store && (facts->advertised > 0 || facts->count == 0);
}

struct cas_verdict cas_verdict_of(const struct cas_verdict_facts *facts,
                                  const struct cas_verdict_rules *rules)
{
    struct cas_verdict verdict = { .truncation = CAS_TRUNCATION_UNKNOWN };
    const struct cas_limit *explaining = NULL;
    if (facts->seen == CAS_SEEN_COMPLETE) {
        bool speaks = cas_verdict_store_speaks(facts);
        explaining = find_explaining(facts, rules,
                                     speaks ? facts->longest_missing : facts->longest_name);
        verdict.truncation =
            speaks ? judge_with_store(facts, explaining) : judge_alone(facts, explaining);
    }
    verdict.is_explained =
        explaining != NULL && (verdict.truncation == CAS_TRUNCATION_CONFIRMED ||
                               verdict.truncation == CAS_TRUNCATION_SUSPECTED);
    verdict.limit = verdict.is_explained ? *explaining : *find_nearest(facts, rules);
    measure(&verdict, facts, rules);
    return verdict;
}
