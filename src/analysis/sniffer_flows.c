/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/sniffer_flows.h"

#include <string.h>

#include "analysis/following.h"
#include "analysis/observation.h"
#include "analysis/telling.h"

static void *open_flow(void *ctx, const struct cas_flow *flow)
{
    return cas_observation_create(ctx, flow);
}

static enum cas_want take_bytes(void *ctx, void *user, const struct cas_frame *frame,
                                unsigned end, uint64_t offset, struct cas_view bytes)
{
    (void)ctx;
    return cas_observation_bytes(user, frame, end, offset, bytes);
}

static enum cas_want take_hole(void *ctx, void *user, const struct cas_frame *frame,
                               unsigned end, uint64_t offset, uint64_t len,
                               enum cas_reason reason)
{
    (void)ctx;
    return cas_observation_hole(user, frame, end, offset, len, reason);
}

static void take_doubt(void *ctx, void *user, const struct cas_frame *frame, unsigned end,
                       uint64_t offset, uint64_t len, enum cas_reason reason)
{
    (void)ctx;
    cas_observation_doubt(user, frame, end, offset, len, reason);
}

static bool take_again(void *ctx, void *user, unsigned end, uint64_t offset,
                       struct cas_view bytes, uint64_t before)
{
    (void)ctx;
    return cas_observation_again(user, end, offset, bytes, before);
}

static void close_flow(void *ctx, void *user, const struct cas_frame *frame,
                       enum cas_close close, enum cas_reason reason)
{
    (void)ctx;
    cas_observation_close(user, frame, close, reason);
    cas_observation_destroy(user);
}

static void fetch(void *ctx, const void *user, unsigned step)
{
    (void)ctx;
    cas_observation_fetch(user, step);
}

static unsigned worth_of(void *ctx, void *user)
{
    (void)ctx;
    return cas_observation_worth(user);
}

static void tell_late(void *ctx, const struct cas_endpoint end[2],
                      const struct cas_frame *frame)
{
    const struct cas_relay_late_frame late = { { end[0], end[1] }, *frame };
    cas_tell_late_frame(ctx, &late);
}

static bool is_over(void *ctx, void *user, enum cas_close ending)
{
    (void)ctx;
    return cas_observation_is_over(user, ending);
}

static void tell_early(void *ctx, void *user, enum cas_close ending)
{
    (void)ctx;
    cas_observation_tell(user, ending);
}

static bool begin_watch(void *ctx, void *user, void *state, struct cas_watch_start *start)
{
    (void)ctx;
    return cas_observation_watch(user, state, start);
}

static enum cas_watching look(void *ctx, void *state, struct cas_glimpse *glimpse)
{
    return cas_following_look(ctx, state, glimpse);
}

static void end_watch(void *ctx, void *state, const struct cas_flow *flow,
                      const struct cas_frame *frame)
{
    cas_following_end(ctx, state, flow, frame);
}

struct cas_flows *cas_sniffer_flows_create(struct cas_run *run)
{
    static const enum cas_flows_checksums checksums[] = {
        [CAS_CHECKSUMS_AUTO] = CAS_FLOWS_CHECK_AUTO,
        [CAS_CHECKSUMS_CHECK] = CAS_FLOWS_CHECK_ALWAYS,
        [CAS_CHECKSUMS_TRUST] = CAS_FLOWS_CHECK_NEVER,
    };
    static const enum cas_flows_clock clocks[] = {
        [CAS_CLOCK_PACKETS] = CAS_FLOWS_CLOCK_PACKETS,
        [CAS_CLOCK_CALLER] = CAS_FLOWS_CLOCK_CALLER,
    };
    struct cas_flows_config config = {
        .handler = {
            .ctx = run,
            .open = open_flow,
            .bytes = take_bytes,
            .hole = take_hole,
            .doubt = take_doubt,
            .again = take_again,
            .close = close_flow,
            .worth = worth_of,
            .fetch = fetch,
            .late = tell_late,
            .is_over = is_over,
            .tell = tell_early,
            .watch_size = sizeof(struct cas_following),
            .watch = begin_watch,
            .look = look,
            .unwatch = end_watch,
        },
        .budget = &run->budget,
        .counters = &run->counters,
        .checksums = checksums[run->config.checksums],
        .clock = clocks[run->config.clock],
        .max_flows = run->config.max_flows,
        .keeps_frames = run->config.evidence.packets != NULL,
    };
    memcpy(config.hash_key, run->config.hash_key, sizeof(config.hash_key));
    return cas_flows_create(&config);
}
