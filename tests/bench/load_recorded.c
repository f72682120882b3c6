/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include <pcap/dlt.h>

#include "load.h"
#include "support/tls_walk.h"

#define ETHERNET_HEADER 14
#define RECORD          16384
#define RECORD_HEADER   5
#define APPLICATION     23

/* Bytes of a request and of its answer on a connection that stays open. */
#define A_LITTLE 200

void load_templates_add(struct load_templates *templates, struct load_template template)
{
    templates->template =
        wire_grow(templates->template, (templates->len + 1) * sizeof(template));
    templates->template[templates->len++] = template;
}

void load_templates_finish(struct load_templates *templates)
{
    for (size_t i = 0; i < templates->len; i++) {
        wire_row_finish(&templates->template[i].row);
        free(templates->template[i].mark);
    }
    free(templates->template);
    *templates = (struct load_templates){ 0 };
}

void load_template_add(struct load_template *template, struct wire_packet packet,
                       struct load_mark mark)
{
    template->mark = wire_grow(template->mark, (template->row.len + 1) * sizeof(mark));
    template->mark[template->row.len] = mark;
    wire_row_add(&template->row, packet);
}

/* --- what goes on behind the handshake --- */

/* The last packet of one side: what follows is made from it. NULL when there is none. */
static const struct wire_packet *last_of(const struct load_template *t, bool is_reply)
{
    for (size_t i = t->row.len; i-- > 0;) {
        if (t->mark[i].is_reply == is_reply && (t->row.packet[i].flags & WIRE_SYN) == 0) {
            return &t->row.packet[i];
        }
    }
    return NULL;
}

/* One packet more of one side, at its next sequence number, acknowledging all that came. */
static void append(struct load_template *t, bool is_reply, uint8_t flags, const uint8_t *data,
                   size_t len)
{
    const struct wire_packet *own = last_of(t, is_reply);
    const struct wire_packet *other = last_of(t, !is_reply);
    struct wire_packet p = wire_with(own, own->seq + wire_seq_len(own), flags, data, len);
    p.ack = other->seq + wire_seq_len(other);
    wire_seal(&p);
    load_template_add(t, p, (struct load_mark){ .is_reply = is_reply });
}

static void append_end(struct load_template *t)
{
    append(t, true, WIRE_ACK | WIRE_FIN, NULL, 0);
    append(t, false, WIRE_ACK | WIRE_FIN, NULL, 0);
    append(t, true, WIRE_ACK, NULL, 0);
}

/* Records of application data, each of record_len bytes without its header. */
static uint8_t *application_data(struct dice *dice, size_t record_len, size_t records)
{
    const uint8_t header[RECORD_HEADER] = { APPLICATION, 3, 3, (uint8_t)(record_len >> 8),
                                            (uint8_t)record_len };
    size_t each = sizeof(header) + record_len;
    uint8_t *data = wire_alloc(records * each);
    for (size_t i = 0; i < records * each; i++) {
        size_t at = i % each;
        data[i] = at < sizeof(header) ? header[at] : (uint8_t)dice_roll(dice, 256);
    }
    return data;
}

/* From the server, in records of 16 KiB, acknowledged every other segment. */
static void append_bulk(struct load_template *t, uint64_t bulk, struct dice *dice)
{
    size_t records = (size_t)(bulk / RECORD + 1);
    size_t len = records * (RECORD_HEADER + RECORD);
    uint8_t *data = application_data(dice, RECORD, records);
    for (size_t at = 0, k = 0; at < len; at += LOAD_SEGMENT, k++) {
        size_t piece = len - at < LOAD_SEGMENT ? len - at : LOAD_SEGMENT;
        append(t, true, WIRE_ACK, data + at, piece);
        if (k % 2 == 1) {
            append(t, false, WIRE_ACK, NULL, 0);
        }
    }
    free(data);
}

/* After a pause: a request and its answer. */
static void append_a_little(struct load_template *t, struct dice *dice)
{
    uint8_t *data = application_data(dice, A_LITTLE, 1);
    t->pause = t->row.len;
    append(t, false, WIRE_ACK | WIRE_PSH, data, RECORD_HEADER + A_LITTLE);
    append(t, true, WIRE_ACK | WIRE_PSH, data, RECORD_HEADER + A_LITTLE);
    free(data);
}

/* --- what was recorded --- */

/* The packet on Ethernet, whatever it was recorded on. */
static struct wire_packet to_ethernet(const struct wire_packet *p)
{
    size_t ip_len = p->end - p->ip;
    uint8_t *frame = wire_alloc(ETHERNET_HEADER + ip_len);
    memset(frame, 2, 12); /* locally administered addresses */
    wire_put16(frame + 12, p->family == 4 ? 0x0800 : 0x86dd);
    memcpy(frame + ETHERNET_HEADER, p->frame + p->ip, ip_len);
    struct wire_packet moved = wire_packet_of(frame, ETHERNET_HEADER + ip_len,
                                              (uint32_t)(ETHERNET_HEADER + ip_len), DLT_EN10MB);
    free(frame);
    return moved;
}

/* Where a direction began, and the requests in it. */
struct direction {
    uint32_t start;
    struct tls_walk walk;
};

static bool is_of_request(const struct direction *direction, const struct wire_packet *p)
{
    size_t from = p->seq - direction->start;
    size_t to = from + wire_payload_len(p);
    for (size_t i = 0; i < direction->walk.requests; i++) {
        const struct tls_span *span = &direction->walk.request[i];
        if (from < span->to && to > span->from) {
            return true;
        }
    }
    return false;
}

/* A recorded packet, in segments as an Ethernet carries them. */
static void append_recorded(struct load_template *t, const struct wire_packet *p, bool is_reply,
                            const struct direction *direction)
{
    size_t len = wire_payload_len(p);
    struct wire_packet whole = to_ethernet(p);
    for (size_t at = 0; at == 0 || at < len; at += LOAD_SEGMENT) {
        bool is_last = at + LOAD_SEGMENT >= len;
        uint8_t flags = is_last ? p->flags : (uint8_t)(p->flags & ~(WIRE_FIN | WIRE_PSH));
        struct wire_packet part =
            wire_with(&whole, p->seq + (uint32_t)at, flags, whole.frame + whole.payload + at,
                      is_last ? len - at : LOAD_SEGMENT);
        load_template_add(
            t, part,
            (struct load_mark){ .is_reply = is_reply,
                                .carries_request = is_of_request(direction, &part) });
    }
    wire_free(&whole);
}

static bool has_both_starts(const struct recorded_connection *c)
{
    return c->row.len > 3 && (c->row.packet[0].flags & (WIRE_SYN | WIRE_ACK)) == WIRE_SYN &&
           c->has_start[0] && c->has_start[1];
}

/* What stands in the clear in both directions; false when it is not a template. */
static bool examine(const struct recorded_connection *c,
                    const struct load_recorded_options *options, struct direction direction[2])
{
    uint64_t bytes = 0;
    bool is_tls = has_both_starts(c);
    bool is_encrypted = true;
    for (unsigned end = 0; end < 2; end++) {
        struct recorded_stream stream = recorded_stream_of(c, &c->row, end);
        direction[end] = (struct direction){ c->start[end], tls_walk(&stream) };
        is_tls = is_tls && direction[end].walk.is_tls;
        is_encrypted = is_encrypted && direction[end].walk.is_encrypted;
        bytes += stream.len;
        recorded_stream_finish(&stream);
    }
    bool goes_on = options->bulk > 0 || options->stays_open;
    return is_tls && bytes <= options->bytes_max && (!goes_on || is_encrypted);
}

static void take_connection(struct load_templates *templates,
                            const struct recorded_connection *c,
                            const struct load_recorded_options *options, struct dice *dice)
{
    struct direction direction[2];
    bool goes_on = options->bulk > 0 || options->stays_open;
    if (!examine(c, options, direction)) {
        return;
    }
    struct load_template t = {
        .server_port = c->port[1],
        .family = c->family,
        .is_tls = true,
        .requests = direction[0].walk.requests + direction[1].walk.requests,
    };
    for (size_t i = 0; i < c->row.len; i++) {
        const struct wire_packet *p = &c->row.packet[i];
        if (goes_on && (p->flags & (WIRE_FIN | WIRE_RST)) != 0) {
            break;
        }
        unsigned sender = recorded_sender(c, p);
        append_recorded(&t, p, sender == 1, &direction[sender]);
    }
    t.pause = t.row.len;
    if (options->bulk > 0) {
        append_bulk(&t, options->bulk, dice);
    }
    if (options->stays_open) {
        append_a_little(&t, dice);
    }
    if (goes_on) {
        append_end(&t);
    }
    load_templates_add(templates, t);
}

void load_recorded(struct load_templates *templates, const char *path,
                   const struct load_recorded_options *options, struct dice *dice)
{
    struct recording *recording = recording_load(path);
    if (recording == NULL) {
        exit(EXIT_FAILURE);
    }
    for (size_t i = 0; i < recording->connections; i++) {
        take_connection(templates, &recording->connection[i], options, dice);
    }
    recording_destroy(recording);
}
