/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The teller's side of a relay: a reader's messages, parsed and told. */
#include <string.h>

#include <casniff/relay.h>

#include "analysis/relay_shapes.h"
#include "analysis/telling.h"
#include "net/kept.h"

#define MICROSECONDS 1000000u

/* Of one handshake at a time: more than a reader keeps of a connection. */
#define PACKETS_SHARE 4

/* Connections behind whose packets more are awaited. Another one in its place costs a
 * connection its last two. */
#define SAVED_PLACES 512

struct cas_relayed {
    struct cas_run *run;
    struct cas_known_cert *cert[CAS_RELAY_CERT_PLACES]; /* held, as the lists; or NULL */
    struct cas_list_report *list[CAS_RELAY_LIST_PLACES];
    bool is_new_list[CAS_RELAY_LIST_PLACES]; /* something came to this place */
    bool is_new_cert[CAS_RELAY_CERT_PLACES];
    uint64_t counted[CAS_COUNTERS];
    uint64_t saved[SAVED_PLACES]; /* whose packets are evidence, by what their ends come to */
};

struct cas_relayed *cas_relayed_open(struct cas_sniffer *teller)
{
    struct cas_run *run = cas_run_of(teller);
    struct cas_relayed *relayed = cas_budget_alloc(&run->budget, sizeof(*relayed));
    if (relayed != NULL) {
        relayed->run = run;
    }
    return relayed;
}

void cas_relayed_close(struct cas_relayed *relayed)
{
    if (relayed == NULL) {
        return;
    }
    struct cas_run *run = relayed->run;
    for (size_t i = 0; i < CAS_RELAY_CERT_PLACES; i++) {
        cas_cert_cache_release(&run->certs, relayed->cert[i]);
    }
    for (size_t i = 0; i < CAS_RELAY_LIST_PLACES; i++) {
        cas_list_report_release(&run->reporter, relayed->list[i]);
    }
    run->relayed.peak_now -= relayed->counted[CAS_COUNT_MEMORY_PEAK_BYTES];
    cas_budget_free(&run->budget, relayed, sizeof(*relayed));
}

/* --- certificates and lists --- */

/* Where a thing is, and is it new there? A place that never had anything has nothing. */
static bool take_place(struct cas_reader *r, bool *has_come, size_t places, size_t *out_place)
{
    *out_place = cas_reader_u8(r);
    if (*out_place == CAS_RELAY_NO_PLACE) {
        return true;
    }
    if (*out_place >= places) {
        cas_reader_fail(r);
        return false;
    }
    uint8_t is_new = cas_reader_u8(r);
    if (is_new > 1 || (is_new == 0 && !has_come[*out_place])) {
        cas_reader_fail(r);
        return false;
    }
    has_come[*out_place] |= is_new == 1;
    return is_new == 1;
}

/* Held for the caller; NULL without memory, and where the reader fails. */
static struct cas_known_cert *take_cert(struct cas_relayed *relayed, struct cas_reader *r)
{
    struct cas_cert_cache *certs = &relayed->run->certs;
    size_t place = 0;
    bool is_new = take_place(r, relayed->is_new_cert, CAS_RELAY_CERT_PLACES, &place);
    struct cas_view der =
        is_new ? cas_reader_bytes(r, cas_reader_u32(r)) : (struct cas_view){ 0 };
    if (!cas_reader_ok(r)) {
        return NULL;
    }
    if (place == CAS_RELAY_NO_PLACE) {
        return cas_cert_cache_get(certs, der);
    }
    if (is_new) {
        /* Without memory the place is empty: its last one must not be taken for the new one. */
        cas_cert_cache_release(certs, relayed->cert[place]);
        relayed->cert[place] = cas_cert_cache_get(certs, der);
    }
    struct cas_known_cert *cert = relayed->cert[place];
    if (cert != NULL) {
        cas_cert_cache_hold(certs, cert);
    }
    return cert;
}

static void take_certs(struct cas_relayed *relayed, struct cas_reader *r,
                       struct cas_known_certs *certs)
{
    struct cas_cert_cache *cache = &relayed->run->certs;
    uint32_t len = cas_reader_u8(r);
    if (len > CAS_KNOWN_CERTS_MAX) {
        cas_reader_fail(r);
        return;
    }
    cas_known_certs_reserve(certs, cache, len);
    for (uint32_t i = 0; i < len && cas_reader_ok(r); i++) {
        cas_known_certs_add(certs, cache, take_cert(relayed, r));
    }
}

static struct cas_list_report *take_request(struct cas_relayed *relayed, struct cas_reader *r,
                                            int64_t now_s)
{
    struct cas_run *run = relayed->run;
    struct cas_relay_request request = { 0 };
    cas_shape_read(&cas_relay_request_shape, r, &run->scratch, &request);
    return cas_reader_ok(r) ? cas_list_report_get(&run->reporter, &request.request,
                                                  request.server_subject, now_s)
                            : NULL;
}

/* A connection that has a list is not told without it. */
static struct cas_list_report *need_list(struct cas_relayed *relayed,
                                         const struct cas_reader *r,
                                         struct cas_list_report *report)
{
    relayed->run->scratch.failed |= report == NULL && cas_reader_ok(r);
    return report;
}

/* Held, or NULL; likewise. */
static struct cas_list_report *take_list(struct cas_relayed *relayed, struct cas_reader *r,
                                         int64_t now_s)
{
    size_t place = 0;
    struct cas_reader ahead = *r;
    if (cas_reader_u8(&ahead) == CAS_RELAY_LIST_NONE) {
        *r = ahead;
        return NULL;
    }
    bool is_new = take_place(r, relayed->is_new_list, CAS_RELAY_LIST_PLACES, &place);
    if (!cas_reader_ok(r)) {
        return NULL;
    }
    if (place == CAS_RELAY_NO_PLACE) {
        return need_list(relayed, r, take_request(relayed, r, now_s));
    }
    if (is_new) {
        cas_list_report_release(&relayed->run->reporter, relayed->list[place]);
        relayed->list[place] = take_request(relayed, r, now_s);
    }
    struct cas_list_report *report = need_list(relayed, r, relayed->list[place]);
    if (report != NULL) {
        cas_list_report_hold(&relayed->run->reporter, report);
    }
    return report;
}

/* --- a handshake --- */

struct taken {
    struct cas_handshake_event event;
    struct cas_handshake_parts parts;
};

static const struct cas_cert_info *const *infos_of(struct cas_arena *arena,
                                                   const struct cas_known_certs *certs)
{
    const struct cas_cert_info **infos = cas_arena_array(arena, certs->len, sizeof(*infos));
    for (size_t i = 0; infos != NULL && i < certs->len; i++) {
        infos[i] = certs->cert[i]->info;
    }
    return infos;
}

/* What is remembered of a limit is its name, which must live on. */
static void settle_limit(struct cas_relayed *relayed, struct cas_reader *r,
                         struct cas_handshake_event *event)
{
    const struct cas_request_size *told = event->client_auth.request_size;
    if (told == NULL || told->limit_name == NULL) {
        return;
    }
    struct cas_request_size *size = cas_arena_alloc(&relayed->run->scratch, sizeof(*size));
    if (size == NULL) {
        return;
    }
    *size = *told;
    size->limit_name = cas_run_limit_name(relayed->run, told->limit_name);
    if (size->limit_name == NULL) {
        cas_reader_fail(r);
    }
    event->client_auth.request_size = size;
}

/* Whose names the teller knows best. */
static void settle_head(const struct cas_run *run, struct cas_event_head *head)
{
    head->sensor_name = run->config.sensor_name;
    head->pcap_filename = run->config.pcap_filename;
}

static void take_event(struct cas_relayed *relayed, struct cas_reader *r,
                       struct cas_handshake_event *event)
{
    cas_shape_read(&cas_relay_handshake_shape, r, &relayed->run->scratch, event);
    settle_head(relayed->run, &event->head);
    settle_limit(relayed, r, event);
}

static int64_t now_s(const struct taken *taken)
{
    return (int64_t)(taken->event.head.timestamp_us / MICROSECONDS);
}

static void take_shown(struct cas_relayed *relayed, struct cas_reader *r, struct taken *taken)
{
    struct cas_arena *arena = &relayed->run->scratch;
    struct cas_handshake_parts *parts = &taken->parts;
    struct cas_tls_info *tls = &taken->event.tls;
    take_event(relayed, r, &taken->event);
    parts->report = take_list(relayed, r, now_s(taken));
    take_certs(relayed, r, &parts->server_certs);
    take_certs(relayed, r, &parts->client_certs);
    taken->event.ca_list = parts->report != NULL ? &parts->report->info : NULL;
    tls->server_certs = infos_of(arena, &parts->server_certs);
    tls->server_certs_len = tls->server_certs != NULL ? parts->server_certs.len : 0;
    tls->server_certs_left_out += parts->server_certs.left_out;
    tls->server_certs_incomplete |= parts->server_certs.is_incomplete;
    tls->client_certs = infos_of(arena, &parts->client_certs);
    tls->client_certs_len = tls->client_certs != NULL ? parts->client_certs.len : 0;
    tls->client_certs_left_out += parts->client_certs.left_out;
    tls->client_certs_incomplete |= parts->client_certs.is_incomplete;
}

static void release(struct cas_run *run, struct taken *taken)
{
    struct cas_handshake_parts *parts = &taken->parts;
    cas_list_report_release(&run->reporter, parts->report);
    cas_known_certs_finish(&parts->server_certs, &run->certs);
    cas_known_certs_finish(&parts->client_certs, &run->certs);
}

/* Everything was there, nothing is left, and memory sufficed. */
static enum cas_err judge(const struct cas_relayed *relayed, const struct cas_reader *r)
{
    if (!cas_arena_ok(&relayed->run->scratch)) {
        return CAS_ERR_NOMEM;
    }
    return cas_reader_done(r) ? CAS_OK : CAS_ERR_FORMAT;
}

static void take_packets(struct cas_reader *r, struct cas_kept *kept,
                         struct cas_kept_pool *pool)
{
    uint64_t missing = (uint64_t)cas_reader_u32(r) << 32;
    missing |= cas_reader_u32(r);
    uint32_t len = cas_reader_u32(r);
    struct cas_arena none = cas_arena_init(pool->budget); /* a frame needs none */
    for (uint32_t i = 0; i < len && cas_reader_ok(r); i++) {
        struct cas_frame frame = { 0 };
        cas_shape_read(&cas_relay_frame_shape, r, &none, &frame);
        if (cas_reader_ok(r)) {
            cas_kept_add(kept, pool, &frame);
        }
    }
    kept->missing += missing;
}

/* A number for the two ends, whichever comes first. */
static uint64_t number_of(const struct cas_run *run, const struct cas_endpoint *a,
                          const struct cas_endpoint *b)
{
    struct cas_keyhash hash = cas_keyhash_init(run->config.hash_key);
    uint64_t sum = 0;
    for (const struct cas_endpoint *end = a; end != NULL; end = end == a ? b : NULL) {
        uint8_t bytes[sizeof(end->address) + 3];
        memcpy(bytes, end->address, sizeof(end->address));
        bytes[sizeof(bytes) - 3] = end->family;
        bytes[sizeof(bytes) - 2] = (uint8_t)(end->port >> 8);
        bytes[sizeof(bytes) - 1] = (uint8_t)end->port;
        sum += cas_keyhash_of(&hash, cas_view_of(bytes, sizeof(bytes)));
    }
    return sum;
}

/* The reader hands over all that may be evidence; only here it shows what is. */
static void note_saved(struct cas_relayed *relayed, const struct cas_event_head *head,
                       bool is_saved)
{
    uint64_t number = number_of(relayed->run, &head->src, &head->dest);
    uint64_t *place = &relayed->saved[number % SAVED_PLACES];
    if (is_saved) {
        *place = number;
    } else if (*place == number) {
        *place = 0; /* the ports are used again */
    }
}

/* Without a ration all are. */
static bool was_saved(const struct cas_relayed *relayed,
                      const struct cas_relay_late_frame *late)
{
    uint64_t number = number_of(relayed->run, &late->end[0], &late->end[1]);
    return relayed->run->config.evidence_per_hour == 0 ||
           relayed->saved[number % SAVED_PLACES] == number;
}

static enum cas_err take_handshake(struct cas_relayed *relayed, struct cas_reader *r)
{
    struct cas_run *run = relayed->run;
    struct cas_kept_pool pool = {
        .budget = &run->budget,
        .counters = &run->counters,
        .limit = run->budget.limit / PACKETS_SHARE,
    };
    struct cas_kept kept = { 0 };
    struct cas_flow flow = { 0 };
    struct taken taken = { 0 };
    take_shown(relayed, r, &taken);
    size_t anomalies = cas_reader_u32(r);
    if (cas_reader_u8(r) != 0) {
        flow.kept = &kept;
        take_packets(r, &kept, &pool);
    }
    flow.id = taken.event.head.flow_id;
    const struct cas_shown shown = {
        .event = &taken.event,
        .parts = &taken.parts,
        .anomalies = anomalies,
        .flow = &flow,
    };
    enum cas_err err = judge(relayed, r);
    if (err == CAS_OK) {
        cas_tell_handshake(run, &shown);
        note_saved(relayed, &taken.event.head, kept.is_evidence);
    }
    cas_kept_finish(&kept, &pool);
    release(run, &taken);
    return err;
}

static enum cas_err take_late_list(struct cas_relayed *relayed, struct cas_reader *r)
{
    struct taken taken = { 0 };
    take_shown(relayed, r, &taken);
    const struct cas_shown shown = { .event = &taken.event, .parts = &taken.parts };
    enum cas_err err = judge(relayed, r);
    if (err == CAS_OK) {
        cas_tell_late_list(relayed->run, &shown);
    }
    release(relayed->run, &taken);
    return err;
}

static enum cas_err take_doubt(struct cas_relayed *relayed, struct cas_reader *r)
{
    struct taken taken = { 0 };
    take_shown(relayed, r, &taken);
    struct cas_list_report *told = take_list(relayed, r, now_s(&taken));
    const struct cas_shown shown = { .event = &taken.event, .parts = &taken.parts };
    enum cas_err err = judge(relayed, r);
    if (err == CAS_OK && told != NULL && taken.parts.report != NULL) {
        cas_tell_doubt(relayed->run, &shown, told);
    }
    cas_list_report_release(&relayed->run->reporter, told);
    release(relayed->run, &taken);
    return err;
}

/* --- the other messages --- */

static enum cas_err take_renegotiation(struct cas_relayed *relayed, struct cas_reader *r)
{
    struct cas_handshake_event event = { 0 };
    struct cas_relay_before before = { 0 };
    take_event(relayed, r, &event);
    cas_shape_read(&cas_relay_before_shape, r, &relayed->run->scratch, &before);
    enum cas_err err = judge(relayed, r);
    if (err == CAS_OK) {
        cas_tell_renegotiation(relayed->run, &event, &before);
    }
    return err;
}

static enum cas_err take_anomaly(struct cas_relayed *relayed, struct cas_reader *r)
{
    struct cas_relay_anomaly anomaly = { 0 };
    cas_shape_read(&cas_relay_anomaly_shape, r, &relayed->run->scratch, &anomaly);
    settle_head(relayed->run, &anomaly.head);
    enum cas_err err = judge(relayed, r);
    if (err != CAS_OK) {
        return err;
    }
    if (!cas_relay_anomaly_settle(&anomaly)) {
        return CAS_ERR_FORMAT;
    }
    cas_tell_anomaly(relayed->run, &anomaly.head, anomaly.code, anomaly.text);
    return CAS_OK;
}

static enum cas_err take_late_frame(struct cas_relayed *relayed, struct cas_reader *r)
{
    struct cas_relay_late_frame late = { 0 };
    cas_shape_read(&cas_relay_late_frame_shape, r, &relayed->run->scratch, &late);
    enum cas_err err = judge(relayed, r);
    if (err == CAS_OK && was_saved(relayed, &late)) {
        cas_tell_late_frame(relayed->run, &late);
    }
    return err;
}

/* What all readers have alike; of anything else each has its own. */
static bool is_common(enum cas_counter counter)
{
    return counter == CAS_COUNT_KEYLOG_CONNECTIONS || counter == CAS_COUNT_KEYLOG_DROPPED ||
           counter == CAS_COUNT_KEYLOG_BAD_LINES;
}

static void count(struct cas_run *run, enum cas_counter counter, uint64_t value,
                  uint64_t before)
{
    uint64_t *ours = &run->counters.value[counter];
    if (counter == CAS_COUNT_MEMORY_PEAK_BYTES) {
        run->relayed.peak_now += value - before;
    } else if (counter == CAS_COUNT_MEMORY_REFUSED) {
        run->relayed.refused += value - before;
    } else if (is_common(counter)) {
        *ours = value > *ours ? value : *ours;
    } else {
        *ours += value - before;
    }
}

static enum cas_err take_counters(struct cas_relayed *relayed, struct cas_reader *r)
{
    struct cas_run *run = relayed->run;
    uint64_t value[CAS_COUNTERS];
    bool is_known = cas_reader_u32(r) == CAS_COUNTERS;
    for (size_t i = 0; i < CAS_COUNTERS; i++) {
        value[i] = cas_reader_u64(r);
    }
    uint64_t last_us = cas_reader_u64(r);
    uint64_t last_frame = cas_reader_u64(r);
    if (!is_known || !cas_reader_done(r)) {
        return CAS_ERR_FORMAT;
    }
    for (size_t i = 0; i < CAS_COUNTERS; i++) {
        count(run, (enum cas_counter)i, value[i], relayed->counted[i]);
        relayed->counted[i] = value[i];
    }
    if (run->relayed.peak_now > run->relayed.peak) {
        run->relayed.peak = run->relayed.peak_now;
    }
    run->last_us = last_us > run->last_us ? last_us : run->last_us;
    run->last_frame = last_frame;
    return CAS_OK;
}

static enum cas_err take(struct cas_relayed *relayed, struct cas_reader *r)
{
    switch (cas_reader_u8(r)) {
    case CAS_RELAY_ANOMALY:
        return take_anomaly(relayed, r);
    case CAS_RELAY_HANDSHAKE:
        return take_handshake(relayed, r);
    case CAS_RELAY_LATE_LIST:
        return take_late_list(relayed, r);
    case CAS_RELAY_DOUBT:
        return take_doubt(relayed, r);
    case CAS_RELAY_RENEGOTIATION:
        return take_renegotiation(relayed, r);
    case CAS_RELAY_LATE_FRAME:
        return take_late_frame(relayed, r);
    case CAS_RELAY_COUNTERS:
        return take_counters(relayed, r);
    default:
        return CAS_ERR_FORMAT;
    }
}

enum cas_err cas_relayed_take(struct cas_relayed *relayed, struct cas_view message)
{
    struct cas_reader r = cas_reader_init(message);
    enum cas_err err = take(relayed, &r);
    cas_arena_clear(&relayed->run->scratch);
    return err;
}
