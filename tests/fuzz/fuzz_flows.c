/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target: cas_flows on a sequence of segments, made here from a few bytes each, so that numbers
 * meet often. Both sides say what a fixed text says at that position, unless a step asks for a
 * lie; by one numbering, or now and then by another. Then:
 *   - where the handshake came first (the first byte chooses), what is delivered is the text
 *     as long as nobody lied, and the port is not used again
 *   - nothing is in doubt without a lie, another numbering or a port that is used again, but
 *     where what was said cannot be compared, or where the beginning is not known
 *   - bytes and holes of a direction follow each other without a gap, but where the listener
 *     went back, which it may do in the beginning alone; and end with close()
 *   - every frame has one outcome, and all memory is given back
 */
#include <stdlib.h>
#include <string.h>

#include "bytes/reader.h"
#include "net/flows.h"

#define SEGMENT_MAX 700
#define FLOWS_MAX   8
#define PLAIN       300 /* so many bytes of a direction are of no use */

/* Fewer frames do not fill the ranges that a stream keeps. */
#define RANGES_MAX 32

/* Kinds of step: the SYN of side 0, the SYN/ACK of side 1. */
#define STEP_SYN    2
#define STEP_ANSWER 11

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct ear {
    bool is_used;
    uint64_t next[2];
};

struct world {
    struct cas_flows *flows;
    struct cas_frame frame;
    struct ear ear[FLOWS_MAX];
    size_t ears;
    const struct cas_budget *budget;
    bool has_lied;
    bool has_renumbered;
    bool has_other_syn[2]; /* of a side, by another numbering */
    bool has_ended;        /* or it was said so */
    bool is_uncertain;     /* other numbers came of which no SYN told, or another attempt */
    bool has_cut;          /* a frame, as a snaplen does */
    bool has_handshake;    /* in front of all */
};

static void need(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void *hear_open(void *ctx, const struct cas_flow *flow)
{
    struct world *world = ctx;
    if (world->ears == FLOWS_MAX) {
        return NULL;
    }
    struct ear *ear = &world->ear[world->ears++];
    *ear = (struct ear){ .is_used = true };
    need(!world->has_handshake || world->ears > 1 || !flow->is_midstream);
    return ear;
}

/* What stands at an offset of every stream. */
static uint8_t letter(uint64_t offset)
{
    return (uint8_t)(offset * 7 + (offset >> 8));
}

static enum cas_want hear_bytes(void *ctx, void *user, const struct cas_frame *frame,
                                unsigned end, uint64_t offset, struct cas_view bytes)
{
    const struct world *world = ctx;
    struct ear *ear = user;
    (void)frame;
    need(ear->is_used && end < 2 && bytes.len > 0 && offset == ear->next[end]);
    bool is_true = world->has_handshake && !world->has_lied && !world->is_uncertain &&
                   ear == &world->ear[0];
    for (size_t i = 0; is_true && i < bytes.len; i++) {
        need(bytes.data[i] == letter(offset + i));
    }
    ear->next[end] += bytes.len;
    if (offset > 60000) {
        return CAS_WANT_NOTHING;
    }
    return ear->next[end] <= PLAIN ? CAS_WANT_REST : CAS_WANT_BYTES;
}

static bool hear_again(void *ctx, void *user, unsigned end, uint64_t offset,
                       struct cas_view bytes, uint64_t before)
{
    struct ear *ear = user;
    (void)ctx;
    need(ear->is_used && end < 2 && bytes.len > 0 && offset <= ear->next[end] &&
         offset < before);
    if (offset >= PLAIN || bytes.len % 3 != 0) {
        return false;
    }
    ear->next[end] = offset;
    return true;
}

static enum cas_want hear_hole(void *ctx, void *user, const struct cas_frame *frame,
                               unsigned end, uint64_t offset, uint64_t len,
                               enum cas_reason reason)
{
    struct ear *ear = user;
    (void)ctx;
    (void)frame;
    (void)reason;
    need(ear->is_used && end < 2 && len > 0 && offset == ear->next[end]);
    ear->next[end] += len;
    return CAS_WANT_BYTES;
}

/* Something may have been forgotten, or not been captured, with which it could be compared. */
static bool is_past_comparing(const struct world *world)
{
    return world->has_cut || world->budget->peak > world->budget->limit / 2 ||
           world->frame.number > RANGES_MAX;
}

static void hear_doubt(void *ctx, void *user, const struct cas_frame *frame, unsigned end,
                       uint64_t offset, uint64_t len, enum cas_reason reason)
{
    const struct world *world = ctx;
    const struct ear *ear = user;
    (void)frame;
    need(ear->is_used && end < 2 && len > 0);
    bool is_told_again = offset < PLAIN;
    need(world->has_lied || world->has_renumbered || reason == CAS_REASON_URGENT ||
         (reason == CAS_REASON_SEQUENCE && (world->ears > 1 || !world->has_handshake)) ||
         (reason == CAS_REASON_OVERLAP && (is_past_comparing(world) || is_told_again)));
}

static void hear_close(void *ctx, void *user, const struct cas_frame *frame,
                       enum cas_close close, enum cas_reason reason)
{
    struct ear *ear = user;
    (void)ctx;
    (void)frame;
    (void)close;
    (void)reason;
    need(ear->is_used);
    ear->is_used = false;
}

static unsigned hear_worth(void *ctx, void *user)
{
    (void)ctx;
    (void)user;
    return 1;
}

static void put_u32(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 24);
    at[1] = (uint8_t)(value >> 16);
    at[2] = (uint8_t)(value >> 8);
    at[3] = (uint8_t)value;
}

struct step {
    uint8_t kind;    /* flags, side, lie */
    uint16_t offset; /* of its first byte in the stream */
    uint8_t len;
    uint8_t wait;
};

/* A raw IPv4 packet for a step: 40 bytes of headers, then its part of the text. */
static size_t build(struct world *world, const struct step *step, uint8_t *packet)
{
    static const uint8_t flags[8] = { 0x10, 0x10, 0x02, 0x12, 0x11, 0x14, 0x30, 0x10 };
    unsigned side = step->kind >> 3 & 1;
    uint8_t flag = flags[step->kind & 7];
    size_t len = (flag & 0x06) != 0 ? 0 : (size_t)step->len * 2;
    bool is_lie = step->kind >= 0xf0;
    bool is_renumbered = (step->kind & 0x70) == 0x60;
    uint32_t isn = (side == 0 ? 0xfffff000 : 77) + (is_renumbered ? 0x40000000 : 0);
    uint32_t other_isn = side == 0 ? 77 : 0xfffff000;
    memset(packet, 0, 40);
    packet[0] = 0x45;
    packet[2] = (uint8_t)((40 + len) >> 8);
    packet[3] = (uint8_t)(40 + len);
    packet[9] = 6;
    packet[15] = side == 0 ? 1 : 2;
    packet[19] = side == 0 ? 2 : 1;
    packet[20 + side * 2] = 0x12;
    packet[33] = flag;
    packet[32] = 0x50;
    put_u32(&packet[24], (flag & 0x02) != 0 ? isn : isn + 1 + step->offset);
    put_u32(&packet[28], other_isn + 1 + ((flag & 0x02) != 0 ? 0 : step->wait));
    for (size_t i = 0; i < len; i++) {
        packet[40 + i] = (uint8_t)(letter(step->offset + i) + (is_lie ? i % 3 : 0));
    }
    world->has_lied |= is_lie && len > 1;
    world->has_renumbered |= is_renumbered;
    bool is_syn = (flag & 0x02) != 0;
    world->has_other_syn[side] |= is_renumbered && is_syn;
    world->has_ended |= (flag & 0x05) != 0;
    world->is_uncertain |= is_renumbered && !world->has_other_syn[side];
    world->is_uncertain |= is_renumbered && (side == 0 || world->has_ended);
    world->is_uncertain |= world->has_renumbered && (step->kind & 7) == STEP_SYN;
    return 40 + len;
}

static void push(struct world *world, const struct step *step)
{
    struct cas_frame *frame = &world->frame;
    uint8_t packet[40 + SEGMENT_MAX];
    size_t len = build(world, step, packet);
    uint8_t *copy = malloc(len);
    need(copy != NULL);
    memcpy(copy, packet, len);
    frame->link_type = 12; /* raw IP */
    frame->number++;
    frame->timestamp_us += step->wait < 250 ? step->wait : (uint64_t)step->wait * 100000;
    frame->wire_len = (uint32_t)len;
    frame->bytes = cas_view_of(copy, len);
    if (step->kind == 0x77 && len > 60) {
        frame->bytes.len = 60;
        world->has_cut = true;
    }
    cas_flows_push(world->flows, frame);
    free(copy);
}

static void run(struct world *world, struct cas_reader *r)
{
    if (world->has_handshake) {
        push(world, &(struct step){ .kind = STEP_SYN });
        push(world, &(struct step){ .kind = STEP_ANSWER });
    }
    while (cas_reader_left(r) >= 5) {
        struct step step = { .kind = cas_reader_u8(r) };
        step.offset = cas_reader_u16(r);
        step.len = cas_reader_u8(r);
        step.wait = cas_reader_u8(r);
        push(world, &step);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cas_reader r = cas_reader_init(cas_view_of(data, size));
    /* The first byte chooses how much memory there is: from hardly any to plenty. */
    unsigned choice = cas_reader_u8(&r);
    struct cas_budget budget = { .limit = 5000u + choice / 2 * 2000u };
    struct cas_counters counters = { 0 };
    struct world world = { .budget = &budget, .has_handshake = choice % 2 == 1 };
    struct cas_flows_config config = {
        .handler = { .ctx = &world,
                     .open = hear_open,
                     .bytes = hear_bytes,
                     .hole = hear_hole,
                     .doubt = hear_doubt,
                     .again = hear_again,
                     .close = hear_close,
                     .worth = hear_worth },
        .budget = &budget,
        .counters = &counters,
        .checksums = CAS_FLOWS_CHECK_NEVER,
        .max_flows = 8,
    };
    world.flows = cas_flows_create(&config);
    if (world.flows == NULL) {
        return 0;
    }
    run(&world, &r);
    cas_flows_finish(world.flows);
    uint64_t outcomes = 0;
    for (size_t i = CAS_COUNT_LINK_UNSUPPORTED; i <= CAS_COUNT_TCP_NO_ROOM; i++) {
        outcomes += counters.value[i];
    }
    need(outcomes == world.frame.number);
    for (size_t i = 0; i < world.ears; i++) {
        need(!world.ear[i].is_used); /* each open() has had its close() */
    }
    cas_flows_destroy(world.flows);
    need(budget.used == 0);
    return 0;
}
