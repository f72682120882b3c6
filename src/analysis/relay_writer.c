/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/relay_writer.h"

#include <stdlib.h>

#include <casniff/evidence.h>

#include "analysis/finding.h"
#include "net/kept.h"

struct cas_relay_writer {
    struct cas_relay to;
    struct cas_budget *budget;
    struct cas_buf message; /* no part of the budget: it is empty between two packets */
    uint64_t cert[CAS_RELAY_CERT_PLACES]; /* the numbers of those that have crossed last */
    uint64_t list[CAS_RELAY_LIST_PLACES];
};

struct cas_relay_writer *cas_relay_writer_create(const struct cas_relay *to,
                                                 struct cas_budget *budget)
{
    struct cas_relay_writer *writer = cas_budget_alloc(budget, sizeof(*writer));
    if (writer != NULL) {
        writer->to = *to;
        writer->budget = budget;
        writer->message = cas_buf_init(CAS_RELAY_MESSAGE_MAX, NULL);
    }
    return writer;
}

void cas_relay_writer_destroy(struct cas_relay_writer *writer)
{
    if (writer != NULL) {
        cas_buf_finish(&writer->message);
        cas_budget_free(writer->budget, writer, sizeof(*writer));
    }
}

static struct cas_buf *begin(struct cas_relay_writer *writer, enum cas_relay_kind kind)
{
    cas_buf_clear(&writer->message);
    cas_buf_append_u8(&writer->message, (uint8_t)kind);
    return &writer->message;
}

static void send(struct cas_relay_writer *writer)
{
    if (cas_buf_ok(&writer->message)) {
        writer->to.message(writer->to.user, cas_buf_view(&writer->message));
    } else {
        writer->budget->refused++;
    }
}

static void put_u32(struct cas_buf *out, uint32_t value)
{
    for (unsigned shift = 32; shift > 0; shift -= 8) {
        cas_buf_append_u8(out, (uint8_t)(value >> (shift - 8)));
    }
}

static void put_u64(struct cas_buf *out, uint64_t value)
{
    put_u32(out, (uint32_t)(value >> 32));
    put_u32(out, (uint32_t)value);
}

/* --- what crosses once --- */

struct places {
    uint64_t *number;
    size_t len;
};

/* Is it to cross now? It has a place unless it is too large for one. */
static bool put_place(struct cas_buf *out, const struct places *places, uint64_t number,
                      bool has_place)
{
    size_t place = (size_t)(number % places->len);
    if (!has_place) {
        cas_buf_append_u8(out, CAS_RELAY_NO_PLACE);
        return true;
    }
    bool is_new = places->number[place] != number;
    places->number[place] = number;
    cas_buf_append_u8(out, (uint8_t)place);
    cas_buf_append_u8(out, is_new);
    return is_new;
}

static void put_list(struct cas_relay_writer *writer, const struct cas_list_report *report)
{
    struct cas_buf *out = &writer->message;
    const struct places places = { writer->list, CAS_RELAY_LIST_PLACES };
    if (report == NULL) {
        cas_buf_append_u8(out, CAS_RELAY_LIST_NONE);
    } else if (put_place(out, &places, report->info.id,
                         report->item.key.len <= CAS_RELAY_LIST_MAX)) {
        const struct cas_relay_request request = { report->request, report->server_subject };
        cas_shape_write(&cas_relay_request_shape, &request, out);
    }
}

static void put_certs(struct cas_relay_writer *writer, const struct cas_known_certs *certs)
{
    struct cas_buf *out = &writer->message;
    const struct places places = { writer->cert, CAS_RELAY_CERT_PLACES };
    cas_buf_append_u8(out, (uint8_t)certs->len);
    for (size_t i = 0; i < certs->len; i++) {
        const struct cas_known_cert *cert = certs->cert[i];
        if (put_place(out, &places, cert->number, cert->der.len <= CAS_RELAY_CERT_MAX)) {
            put_u32(out, (uint32_t)cert->der.len);
            cas_buf_append(out, cert->der);
        }
    }
}

static void put_shown(struct cas_relay_writer *writer, const struct cas_shown *shown)
{
    cas_shape_write(&cas_relay_handshake_shape, shown->event, &writer->message);
    put_list(writer, shown->parts->report);
    put_certs(writer, &shown->parts->server_certs);
    put_certs(writer, &shown->parts->client_certs);
}

/* A place whose bytes did not cross after all must not be believed in. */
static void send_shown(struct cas_relay_writer *writer)
{
    if (!cas_buf_ok(&writer->message)) {
        for (size_t i = 0; i < CAS_RELAY_CERT_PLACES; i++) {
            writer->cert[i] = 0;
        }
        for (size_t i = 0; i < CAS_RELAY_LIST_PLACES; i++) {
            writer->list[i] = 0;
        }
    }
    send(writer);
}

/* --- the messages --- */

void cas_relay_write_anomaly(struct cas_relay_writer *writer,
                             const struct cas_relay_anomaly *anomaly)
{
    cas_shape_write(&cas_relay_anomaly_shape, anomaly, begin(writer, CAS_RELAY_ANOMALY));
    send(writer);
}

/* Whether a finding is saved the teller decides; all that may be crosses. */
static void put_packets(struct cas_buf *out, const struct cas_shown *shown)
{
    struct cas_kept *kept = shown->flow->kept;
    bool is_finding = kept != NULL && cas_finding_is_in(shown->event, shown->anomalies);
    cas_buf_append_u8(out, is_finding);
    if (!is_finding) {
        return;
    }
    const struct cas_evidence all = { .frames_len = kept->len, .kept = kept };
    struct cas_evidence_cursor cursor = { 0 };
    struct cas_frame frame;
    put_u64(out, kept->missing);
    put_u32(out, (uint32_t)kept->len);
    while (cas_evidence_next(&all, &cursor, &frame)) {
        cas_shape_write(&cas_relay_frame_shape, &frame, out);
    }
    kept->is_evidence = true;
}

void cas_relay_write_handshake(struct cas_relay_writer *writer, const struct cas_shown *shown)
{
    struct cas_buf *out = begin(writer, CAS_RELAY_HANDSHAKE);
    put_shown(writer, shown);
    put_u32(out, (uint32_t)shown->anomalies);
    put_packets(out, shown);
    send_shown(writer);
}

void cas_relay_write_late_list(struct cas_relay_writer *writer, const struct cas_shown *shown)
{
    (void)begin(writer, CAS_RELAY_LATE_LIST);
    put_shown(writer, shown);
    send_shown(writer);
}

void cas_relay_write_doubt(struct cas_relay_writer *writer, const struct cas_shown *shown,
                           const struct cas_list_report *told)
{
    (void)begin(writer, CAS_RELAY_DOUBT);
    put_shown(writer, shown);
    put_list(writer, told);
    send_shown(writer);
}

void cas_relay_write_renegotiation(struct cas_relay_writer *writer,
                                   const struct cas_handshake_event *event,
                                   const struct cas_relay_before *before)
{
    struct cas_buf *out = begin(writer, CAS_RELAY_RENEGOTIATION);
    cas_shape_write(&cas_relay_handshake_shape, event, out);
    cas_shape_write(&cas_relay_before_shape, before, out);
    send(writer);
}

void cas_relay_write_late_frame(struct cas_relay_writer *writer,
                                const struct cas_relay_late_frame *late)
{
    cas_shape_write(&cas_relay_late_frame_shape, late, begin(writer, CAS_RELAY_LATE_FRAME));
    send(writer);
}

void cas_relay_write_counters(struct cas_relay_writer *writer,
                              const struct cas_counters *counters, uint64_t last_us,
                              uint64_t last_frame)
{
    struct cas_buf *out = begin(writer, CAS_RELAY_COUNTERS);
    put_u32(out, CAS_COUNTERS);
    for (size_t i = 0; i < CAS_COUNTERS; i++) {
        put_u64(out, counters->value[i]);
    }
    put_u64(out, last_us);
    put_u64(out, last_frame);
    send(writer);
}
