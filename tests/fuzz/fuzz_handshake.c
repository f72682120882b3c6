/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target: cas_handshake_next and cas_handshake_miss. First byte: length of the pieces; second
 * and third: where a hole of how many bytes is. What is told does not depend on the pieces, and
 * a message without a reason has all its bytes.
 */
#include <stdlib.h>

#include "bytes/buf.h"
#include "tls/handshake.h"

#define OUT_MAX (1u << 24)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
    struct cas_record_layer records;
    struct cas_handshake handshake;
    struct cas_buf out;
    bool is_over;
};

static void write_down(struct run *run, const struct cas_handshake_message *message)
{
    bool is_kept = message->type <= 2 || message->type == 11 || message->type == 13;

    if (message->body.len > message->sight.declared_len ||
        (is_kept && message->type != 0 && message->sight.reasons == 0 &&
         message->body.len != message->sight.declared_len)) {
        abort();
    }
    cas_buf_append_format(&run->out, "[%u %u %u %x %llu %llu]", message->type,
                          message->sight.declared_len, message->sight.records,
                          message->sight.reasons, (unsigned long long)message->from,
                          (unsigned long long)message->to);
    cas_buf_append(&run->out, message->body);
}

static void push(struct run *run, struct cas_view bytes)
{
    struct cas_reader r = cas_reader_init(bytes);
    struct cas_record_part part = { 0 };
    struct cas_handshake_message message = { 0 };
    enum cas_record_step step = CAS_RECORD_SHORT;

    while (!run->is_over &&
           (step = cas_record_next(&run->records, &r, &part)) == CAS_RECORD_PART) {
        struct cas_reader body = cas_reader_init(part.bytes);
        while (cas_handshake_next(&run->handshake, &part, &body, &message)) {
            write_down(run, &message);
        }
    }
    run->is_over |= step == CAS_RECORD_BAD;
}

static void miss(struct run *run, uint64_t len)
{
    struct cas_record_part part = { 0 };
    struct cas_handshake_message message = { 0 };
    enum cas_record_step step = CAS_RECORD_SHORT;

    while (!run->is_over &&
           (step = cas_record_next_missing(&run->records, &len, &part)) == CAS_RECORD_PART) {
        if (cas_handshake_miss(&run->handshake, &part, CAS_REASON_GAP, &message)) {
            write_down(run, &message);
        }
    }
    run->is_over |= step == CAS_RECORD_BAD;
}

static struct cas_buf read_all(struct cas_view bytes, size_t hole_at, size_t hole_len,
                               size_t piece_len)
{
    struct run run = { .out = cas_buf_init(OUT_MAX, NULL) };
    struct cas_handshake_message message = { 0 };
    struct cas_view before = cas_view_part(bytes, 0, hole_at);
    struct cas_view behind = cas_view_part(bytes, hole_at + hole_len, bytes.len);

    run.records = cas_record_layer_init(0);
    run.handshake = cas_handshake_init(NULL);
    for (size_t at = 0; at < before.len; at += piece_len) {
        push(&run, cas_view_part(before, at, piece_len));
    }
    miss(&run, hole_len);
    for (size_t at = 0; at < behind.len; at += piece_len) {
        push(&run, cas_view_part(behind, at, piece_len));
    }
    if (cas_handshake_cut(&run.handshake, CAS_REASON_CLOSED, &message)) {
        write_down(&run, &message);
    }
    cas_handshake_finish(&run.handshake);
    return run.out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3) {
        return 0;
    }
    struct cas_view bytes = cas_view_part(cas_view_of(data, size), 3, size);
    struct cas_buf whole = read_all(bytes, data[1], data[2], size);
    struct cas_buf pieces = read_all(bytes, data[1], data[2], data[0] + 1u);

    if (!cas_view_equal(cas_buf_view(&whole), cas_buf_view(&pieces))) {
        abort();
    }
    cas_buf_finish(&pieces);
    cas_buf_finish(&whole);
    return 0;
}
