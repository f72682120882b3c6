/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target: a sniffer whose key log grows while the packets come.
 *
 *   u8  0x01: little memory; 0x02: the frames are raw IP, else Ethernet
 *   parts, each u16 and so many bytes as its low 15 bits say: a frame, or, with the high bit,
 *   the next bytes of the key log, which may be cut anywhere
 *
 * The key log's bytes one by one tell the same; and with all of it before the first frame no
 * list is missing that was whole when it came late.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/dlt.h>

#include <casniff/sniffer.h>

#include "bytes/buf.h"
#include "bytes/reader.h"
#include "fuzz/reported.h"
#include "tls/keylog_lines.h"

#define FRAME_US  1000
#define TOLD_MAX  (1u << 20)
#define LISTS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum order {
    AS_GIVEN,
    BYTE_BY_BYTE,
    KEYS_FIRST
};

struct run {
    struct cas_buf told;
    uint8_t whole[LISTS_MAX][CAS_SHA256_LEN];
    size_t whole_len;
    struct cas_sniffer *sniffer;
    struct cas_keylog_lines lines;
    struct cas_frame frame;
};

static void hear(struct run *run, char kind, const struct cas_event_head *head,
                 const struct cas_ca_list_info *list)
{
    cas_buf_append_format(&run->told, "%c %llu %llu %llu %d\n", kind,
                          (unsigned long long)head->seq, (unsigned long long)head->flow_id,
                          (unsigned long long)head->timestamp_us,
                          list != NULL ? (int)list->seen : -1);
    if (list == NULL || list->seen != CAS_SEEN_COMPLETE) {
        return;
    }
    cas_buf_append(&run->told, cas_view_of(list->sha256, CAS_SHA256_LEN));
    if (run->whole_len < LISTS_MAX) {
        memcpy(run->whole[run->whole_len++], list->sha256, CAS_SHA256_LEN);
    }
}

static void hear_handshake(void *user, const struct cas_handshake_event *event)
{
    hear(user, 'h', &event->head, event->ca_list);
}

static void hear_list(void *user, const struct cas_ca_list_event *event)
{
    hear(user, 'l', &event->head, event->ca_list);
}

static void push_keys(struct run *run, struct cas_view text, enum order order)
{
    size_t piece = order == BYTE_BY_BYTE ? 1 : SIZE_MAX;
    for (size_t at = 0; at < text.len; at += cas_view_part(text, at, piece).len) {
        cas_keylog_lines_push(&run->lines, cas_view_part(text, at, piece));
    }
}

static void push_frame(struct run *run, struct cas_view bytes)
{
    run->frame.bytes = bytes;
    run->frame.wire_len = (uint32_t)bytes.len;
    run->frame.number++;
    run->frame.timestamp_us += FRAME_US;
    cas_sniffer_push(run->sniffer, &run->frame);
}

enum part {
    PART_KEYS = 1,
    PART_FRAME = 2
};

/* The parts of these kinds, in their order. */
static void push_parts(struct run *run, struct cas_view parts, unsigned kinds, enum order order)
{
    struct cas_reader r = cas_reader_init(parts);
    while (cas_reader_left(&r) > 0) {
        uint16_t head = cas_reader_u16(&r);
        size_t len = head & 0x7fffu;
        size_t left = cas_reader_left(&r);
        struct cas_view bytes = cas_reader_bytes(&r, len < left ? len : left);
        enum part part = (head & 0x8000) != 0 ? PART_KEYS : PART_FRAME;
        if ((kinds & part) == 0) {
            continue;
        }
        if (part == PART_KEYS) {
            push_keys(run, bytes, order);
        } else {
            push_frame(run, bytes);
        }
    }
}

static void run_once(struct run *run, uint8_t flags, struct cas_view parts, enum order order)
{
    struct cas_keylog *keylog = cas_keylog_create();
    struct cas_sniffer_config config = cas_sniffer_defaults();
    require(keylog != NULL, "a key log can be created");
    *run = (struct run){
        .told = cas_buf_init(TOLD_MAX, NULL),
        .frame = { .link_type = (flags & 2) != 0 ? DLT_RAW : DLT_EN10MB,
                   .timestamp_us = 1700000000000000 },
    };
    config.sink =
        (struct cas_sink){ .user = run, .handshake = hear_handshake, .ca_list = hear_list };
    config.keylog = keylog;
    config.keylog_grows = true;
    config.memory_bytes = (flags & 1) != 0 ? 1u << 20 : 1u << 24;
    config.max_flows = 64;
    config.hash_key[0] = 1;
    run->sniffer = cas_sniffer_create(&config);
    require(run->sniffer != NULL, "a sniffer fits the budget");
    run->lines = cas_keylog_lines_init(keylog, "keys");
    if (order == KEYS_FIRST) {
        push_parts(run, parts, PART_KEYS, order);
        push_parts(run, parts, PART_FRAME, order);
    } else {
        push_parts(run, parts, PART_KEYS | PART_FRAME, order);
    }
    cas_keylog_lines_end(&run->lines);
    cas_sniffer_finish(run->sniffer);
    check_counters(cas_sniffer_counters(run->sniffer), config.memory_bytes);
    cas_sniffer_destroy(run->sniffer);
    cas_keylog_lines_finish(&run->lines);
    cas_keylog_destroy(keylog);
}

static bool is_among(const struct run *run, const uint8_t sha256[CAS_SHA256_LEN])
{
    for (size_t i = 0; i < run->whole_len; i++) {
        if (memcmp(run->whole[i], sha256, CAS_SHA256_LEN) == 0) {
            return true;
        }
    }
    return false;
}

/* When memory is short, what is dropped depends on the order. */
static void compare(const struct run *late, const struct run *early)
{
    for (size_t i = 0; i < late->whole_len && early->whole_len < LISTS_MAX; i++) {
        require(is_among(early, late->whole[i]), "a list is there when its keys come early");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct run late;
    static struct run pieces;
    static struct run early;
    if (size == 0) {
        return 0;
    }
    struct cas_view parts = cas_view_part(cas_view_of(data, size), 1, size);
    run_once(&late, data[0], parts, AS_GIVEN);
    run_once(&pieces, data[0], parts, BYTE_BY_BYTE);
    run_once(&early, data[0], parts, KEYS_FIRST);
    require(cas_view_equal(cas_buf_view(&late.told), cas_buf_view(&pieces.told)),
            "the pieces of the key log do not matter");
    if ((data[0] & 1) == 0) {
        compare(&late, &early);
    }
    cas_buf_finish(&late.told);
    cas_buf_finish(&pieces.told);
    cas_buf_finish(&early.told);
    return 0;
}
