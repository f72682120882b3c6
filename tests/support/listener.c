/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/listener.h"

#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#define HEARD_MAX ((size_t)1 << 22)

static const char *const reasons[CAS_REASONS] = {
    [CAS_REASON_GAP] = "gap",
    [CAS_REASON_SNAPLEN] = "snaplen",
    [CAS_REASON_MEMORY] = "memory",
    [CAS_REASON_TABLE_FULL] = "table_full",
    [CAS_REASON_OUT_OF_ORDER] = "out_of_order",
    [CAS_REASON_OVERLAP] = "overlap",
    [CAS_REASON_URGENT] = "urgent",
    [CAS_REASON_CHECKSUM] = "checksum",
    [CAS_REASON_SEQUENCE] = "sequence",
    [CAS_REASON_FRAGMENT] = "fragment",
};

static void *hear_open(void *ctx, const struct cas_flow *flow)
{
    struct listener *listener = ctx;
    listener->opened++;
    if (listener->options.is_forgetful) {
        struct heard *heard = &listener->flow[0];
        heard->flow = *flow;
        return heard;
    }
    ck_assert_uint_lt(listener->flows_len, LISTENER_FLOWS_MAX);
    struct heard *heard = &listener->flow[listener->flows_len++];
    heard->flow = *flow;
    for (size_t end = 0; end < 2; end++) {
        heard->bytes[end] = cas_buf_init(HEARD_MAX, NULL);
        heard->holes[end] = cas_buf_init(HEARD_MAX, NULL);
        heard->doubts[end] = cas_buf_init(HEARD_MAX, NULL);
    }
    ck_assert_uint_ne(flow->id, 0);
    ck_assert_uint_lt(flow->id, UINT64_C(1) << 53);
    return heard;
}

static enum cas_want wants(const struct listener *listener, const struct heard *heard,
                           unsigned end)
{
    size_t enough = listener->options.wants;
    return enough > 0 && heard->bytes[end].len >= enough ? CAS_WANT_NOTHING : CAS_WANT_BYTES;
}

static enum cas_want hear_bytes(void *ctx, void *user, const struct cas_frame *frame,
                                unsigned end, uint64_t offset, struct cas_view bytes)
{
    struct listener *listener = ctx;
    struct heard *heard = user;
    (void)frame;
    ck_assert_uint_gt(bytes.len, 0);
    if (listener->options.is_forgetful) {
        return CAS_WANT_BYTES;
    }
    ck_assert(!heard->is_closed);
    ck_assert_uint_eq(offset, heard->bytes[end].len);
    cas_buf_append(&heard->bytes[end], bytes);
    return wants(listener, heard, end);
}

static enum cas_want hear_hole(void *ctx, void *user, const struct cas_frame *frame,
                               unsigned end, uint64_t offset, uint64_t len,
                               enum cas_reason reason)
{
    struct listener *listener = ctx;
    struct heard *heard = user;
    (void)frame;
    ck_assert_uint_gt(len, 0);
    if (listener->options.is_forgetful) {
        return CAS_WANT_BYTES;
    }
    ck_assert(!heard->is_closed);
    ck_assert_uint_eq(offset, heard->bytes[end].len);
    for (uint64_t i = 0; i < len; i++) {
        cas_buf_append_u8(&heard->bytes[end], 0);
    }
    cas_buf_append_format(&heard->holes[end], "%llu+%llu %s; ", (unsigned long long)offset,
                          (unsigned long long)len, reasons[reason]);
    return wants(listener, heard, end);
}

static void hear_doubt(void *ctx, void *user, const struct cas_frame *frame, unsigned end,
                       uint64_t offset, uint64_t len, enum cas_reason reason)
{
    struct listener *listener = ctx;
    struct heard *heard = user;
    (void)frame;
    if (!listener->options.is_forgetful) {
        ck_assert(!heard->is_closed);
        cas_buf_append_format(&heard->doubts[end], "%llu+%llu %s; ", (unsigned long long)offset,
                              (unsigned long long)len, reasons[reason]);
    }
}

static void hear_close(void *ctx, void *user, const struct cas_frame *frame,
                       enum cas_close close, enum cas_reason reason)
{
    struct listener *listener = ctx;
    struct heard *heard = user;
    if (!listener->options.is_forgetful) {
        ck_assert(!heard->is_closed);
        heard->is_closed = true;
        heard->close = close;
        heard->reason = reason;
        heard->closed_at = frame != NULL ? frame->number : 0;
    }
}

static unsigned hear_worth(void *ctx, void *user)
{
    const struct listener *listener = ctx;
    const struct heard *heard = user;
    return listener->options.worth != NULL ? listener->options.worth(&heard->flow) : 0;
}

struct listener *listener_create(const struct listener_options *options)
{
    struct listener *listener = calloc(1, sizeof(*listener));
    ck_assert_ptr_nonnull(listener);
    listener->options = *options;
    listener->budget.limit = options->memory > 0 ? options->memory : (size_t)64 << 20;
    struct cas_flows_config config = {
        .handler = { .ctx = listener,
                     .open = hear_open,
                     .bytes = hear_bytes,
                     .hole = hear_hole,
                     .doubt = hear_doubt,
                     .close = hear_close,
                     .worth = hear_worth },
        .budget = &listener->budget,
        .counters = &listener->counters,
        .checksums = options->checksums,
        .clock = options->clock,
        .keeps_frames = options->keeps_frames,
        .max_flows = options->max_flows > 0 ? options->max_flows : 1024,
        .hash_key = { options->key },
    };
    listener->flows = cas_flows_create(&config);
    ck_assert_ptr_nonnull(listener->flows);
    return listener;
}

void listener_hear(struct listener *listener, const struct frames *frames)
{
    for (size_t i = 0; i < frames->len; i++) {
        cas_flows_push(listener->flows, &frames->frame[i]);
    }
}

uint64_t outcomes(const struct cas_counters *counters)
{
    uint64_t sum = 0;
    for (size_t i = CAS_COUNT_LINK_UNSUPPORTED; i <= CAS_COUNT_TCP_NO_ROOM; i++) {
        sum += counters->value[i];
    }
    return sum;
}

void listener_finish(struct listener *listener)
{
    cas_flows_finish(listener->flows);
    ck_assert_uint_eq(outcomes(&listener->counters),
                      listener->counters.value[CAS_COUNT_FRAMES]);
}

void listener_destroy(struct listener *listener)
{
    cas_flows_destroy(listener->flows);
    ck_assert_uint_eq(listener->budget.used, 0);
    for (size_t i = 0; i < listener->flows_len; i++) {
        for (size_t end = 0; end < 2; end++) {
            cas_buf_finish(&listener->flow[i].bytes[end]);
            cas_buf_finish(&listener->flow[i].holes[end]);
            cas_buf_finish(&listener->flow[i].doubts[end]);
        }
    }
    free(listener);
}

void assert_text(const struct cas_buf *buf, const char *text)
{
    ck_assert(cas_buf_ok(buf));
    ck_assert_msg(cas_view_equal(cas_buf_view(buf), text_view(text)), "\"%.*s\" is not \"%s\"",
                  (int)buf->len, buf->len > 0 ? (const char *)buf->data : "", text);
}

void assert_heard(const struct heard *heard, unsigned end, struct cas_view said)
{
    ck_assert_uint_eq(heard->bytes[end].len, said.len);
    ck_assert(cas_view_equal(cas_buf_view(&heard->bytes[end]), said));
    assert_text(&heard->holes[end], "");
    assert_text(&heard->doubts[end], "");
}

/* --- scenes --- */

struct scene scene_init(struct dice *dice, size_t request_len, size_t answer_len)
{
    return (struct scene){
        .said = { dice_bytes(dice, request_len), dice_bytes(dice, answer_len) },
    };
}

void scene_play(struct scene *scene, size_t mss)
{
    scene->talk = talk_init(&scene->frames);
    talk_handshake(&scene->talk);
    talk_send(&scene->talk, 0, scene->said[0], mss);
    talk_send(&scene->talk, 1, scene->said[1], mss);
    talk_close(&scene->talk);
}

void scene_free(struct scene *scene)
{
    frames_free(&scene->frames);
    exact_free(scene->said[0]);
    exact_free(scene->said[1]);
}

struct listener *hear_all(const struct frames *frames, struct listener_options options)
{
    struct listener *listener = listener_create(&options);
    listener_hear(listener, frames);
    listener_finish(listener);
    return listener;
}

struct listener *hear(const struct frames *frames)
{
    return hear_all(frames, (struct listener_options){ .checksums = CAS_FLOWS_CHECK_ALWAYS });
}

uint64_t count(const struct listener *listener, enum cas_counter counter)
{
    return listener->counters.value[counter];
}

void assert_whole(const struct listener *listener, const struct scene *scene)
{
    ck_assert_uint_eq(listener->flows_len, 1);
    assert_heard(&listener->flow[0], 0, scene->said[0]);
    assert_heard(&listener->flow[0], 1, scene->said[1]);
    ck_assert(listener->flow[0].is_closed);
    ck_assert_int_eq(listener->flow[0].close, CAS_CLOSE_FIN);
    ck_assert(!listener->flow[0].flow.is_midstream);
    ck_assert_uint_eq(listener->flow[0].flow.end[0].port, 50000);
}
