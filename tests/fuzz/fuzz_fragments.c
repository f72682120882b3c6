/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target: cas_fragments. Each six bytes are a fragment: of which of four packets, where, how
 * long, last or not, as it should be or with other bytes, and how much later. A plain list of
 * the pieces of each packet, compared one by one, says what must come of it.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bytes/reader.h"
#include "net/fragments.h"

#define PACKETS    4
#define PIECES_MAX 64
#define LEN_MAX    2048

/* As net/fragments.c and RFC 8200, 4.5 have it; what is finished, since it was last told of. */
#define JOINED_US    100000
#define DISCARDED_US 30000000
#define REACH_MAX    65535

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct piece {
    size_t at;
    size_t len;
    bool is_last;
    bool lies;
};

struct model {
    enum {
        UNKNOWN,
        WAITING,
        JOINED,
        DISCARDED
    } state;
    uint64_t since_us;
    struct piece piece[PIECES_MAX];
    size_t pieces;
};

struct world {
    struct cas_fragments *fragments;
    struct model model[PACKETS];
    uint64_t now_us;
    bool has_lost; /* at least one was told */
    unsigned disputes;
    unsigned expected_disputes;
};

static void need(bool condition)
{
    if (!condition) {
        abort();
    }
}

static uint8_t letter(size_t packet, size_t at, bool lies)
{
    return (uint8_t)(packet * 50 + at * 7 + (at >> 8) + (lies ? 1 : 0));
}

static bool hear_lost(void *ctx, const struct cas_link_packet *link,
                      const struct cas_ip_packet *packet, const struct cas_kept *frames,
                      const struct cas_frame *disputing)
{
    struct world *world = ctx;
    (void)link;
    (void)frames;
    world->disputes += disputing != NULL ? 1 : 0;
    need(packet->payload.len > 0 && packet->payload.len <= packet->wire_len);
    world->has_lost = true;
    return true;
}

/* --- what must come of it --- */

static bool is_contradiction(const struct model *model, const struct piece *p)
{
    if (p->len == 0 || p->at + p->len > REACH_MAX || (!p->is_last && p->len % 8 != 0)) {
        return true;
    }
    for (size_t i = 0; i < model->pieces; i++) {
        const struct piece *q = &model->piece[i];
        size_t p_end = p->at + p->len;
        size_t q_end = q->at + q->len;
        if ((q->is_last && (p->is_last ? p_end != q_end : p_end >= q_end)) ||
            (p->is_last && q_end > p_end) || (p->at < q_end && q->at < p_end)) {
            return true;
        }
    }
    return false;
}

static bool is_copy(const struct model *model, const struct piece *p)
{
    for (size_t i = 0; i < model->pieces; i++) {
        const struct piece *q = &model->piece[i];
        if (p->at == q->at && p->len == q->len && p->is_last == q->is_last &&
            p->lies == q->lies) {
            return p->len > 0;
        }
    }
    return false;
}

static size_t whole_len(const struct model *model)
{
    size_t have = 0;
    size_t total = 0;
    for (size_t i = 0; i < model->pieces; i++) {
        have += model->piece[i].len;
        total = model->piece[i].is_last ? model->piece[i].at + model->piece[i].len : total;
    }
    return have == total ? total : 0;
}

/* The byte of a packet that was put together. */
static uint8_t joined_letter(const struct model *model, size_t packet, size_t at)
{
    for (size_t i = 0; i < model->pieces; i++) {
        const struct piece *q = &model->piece[i];
        if (at >= q->at && at < q->at + q->len) {
            return letter(packet, at, q->lies && at == q->at);
        }
    }
    abort();
}

/* It says nothing else of a packet that was put together. */
static bool agrees(const struct model *model, size_t packet, const struct piece *p)
{
    size_t end = p->at + p->len;
    if (end > whole_len(model) || p->is_last != (end == whole_len(model))) {
        return false;
    }
    for (size_t at = p->at; at < end; at++) {
        if (letter(packet, at, p->lies && at == p->at) != joined_letter(model, packet, at)) {
            return false;
        }
    }
    return true;
}

/* The length of the packet that this piece completes; 0: none. */
static size_t expect(struct world *world, size_t packet, const struct piece *p)
{
    struct model *model = &world->model[packet];
    uint64_t age = world->now_us - model->since_us;
    if ((model->state == JOINED && age >= JOINED_US) ||
        (model->state == DISCARDED && age >= DISCARDED_US)) {
        model->state = UNKNOWN;
    }
    if (model->state == UNKNOWN) {
        *model = (struct model){ .state = WAITING, .since_us = world->now_us };
    }
    if (model->state == JOINED) {
        model->since_us = world->now_us;
        if (!agrees(model, packet, p)) {
            model->state = DISCARDED;
            world->expected_disputes++;
        }
        return 0;
    }
    if (model->state != WAITING || is_copy(model, p)) {
        return 0;
    }
    if (is_contradiction(model, p)) {
        model->state = DISCARDED;
        model->since_us = world->now_us;
        return 0;
    }
    model->piece[model->pieces++] = *p;
    size_t len = whole_len(model);
    if (len > 0) {
        model->state = JOINED;
        model->since_us = world->now_us;
    }
    return len;
}

static void check_bytes(const struct model *model, size_t packet, struct cas_view bytes)
{
    for (size_t i = 0; i < model->pieces; i++) {
        const struct piece *p = &model->piece[i];
        for (size_t at = p->at; at < p->at + p->len; at++) {
            need(bytes.data[at] == letter(packet, at, p->lies && at == p->at));
        }
    }
}

/* --- what comes of it --- */

static void push(struct world *world, size_t packet, const struct piece *p)
{
    static const uint8_t ends[2][16] = { { 0x20, 1 }, { 0x20, 2 } };
    uint8_t *bytes = malloc(p->len > 0 ? p->len : 1);
    need(bytes != NULL);
    for (size_t i = 0; i < p->len; i++) {
        bytes[i] = letter(packet, p->at + i, p->lies && i == 0);
    }
    struct cas_ip_packet fragment = {
        .source = cas_view_of(ends[0], sizeof(ends[0])),
        .destination = cas_view_of(ends[1], sizeof(ends[1])),
        .protocol = 6,
        .payload = cas_view_of(bytes, p->len),
        .wire_len = p->len,
        .part = { .id = (uint32_t)packet, .at = (uint32_t)p->at, .is_last = p->is_last },
    };
    struct cas_link_packet link = { 0 };
    struct cas_frame frame = { .number = 1, .bytes = fragment.payload };
    struct cas_joined joined;
    size_t len = expect(world, packet, p);
    bool is_whole =
        cas_fragments_push(world->fragments, &link, &fragment, &frame, world->now_us, &joined);
    need(is_whole == (len > 0));
    need(world->disputes == world->expected_disputes);
    if (is_whole) {
        need(joined.packet.payload.len == len && joined.packet.wire_len == len);
        check_bytes(&world->model[packet], packet, joined.packet.payload);
        cas_fragments_let_go(world->fragments);
    }
    free(bytes);
}

/* As long as a packet waits for the oldest second, and no longer. */
static void expire(struct world *world)
{
    uint64_t before_us = world->now_us > 1000000 ? world->now_us - 1000000 : 0;
    cas_fragments_expire(world->fragments, before_us);
    need(cas_fragments_since(world->fragments) >= before_us);
    for (size_t i = 0; i < PACKETS; i++) {
        struct model *model = &world->model[i];
        if (model->state == WAITING && model->since_us < before_us) {
            model->state = UNKNOWN;
        }
    }
}

static void step(struct world *world, struct cas_reader *r)
{
    static const uint64_t later_us[] = { 0, 1000, 60000, 40000000 };
    uint8_t how = cas_reader_u8(r);
    size_t packet = how & 3;
    world->now_us += later_us[how >> 2 & 3];
    struct piece piece = {
        .at = (size_t)(cas_reader_u16(r) & 0x1fff) * 8,
        .len = cas_reader_u16(r) % LEN_MAX,
        .is_last = (how & 16) != 0,
        .lies = (how & 32) != 0,
    };
    uint8_t kind = cas_reader_u8(r);
    piece.at = kind % 4 != 0 ? piece.at % 512 : piece.at; /* so that they meet */
    piece.len = kind % 8 < 6 && !piece.is_last ? piece.len / 8 * 8 : piece.len;
    if ((how & 64) != 0) {
        expire(world);
    } else if (world->model[packet].pieces < PIECES_MAX) {
        push(world, packet, &piece);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cas_reader r = cas_reader_init(cas_view_of(data, size));
    struct cas_budget budget = { .limit = (size_t)64 << 20 };
    struct cas_counters counters = { 0 };
    struct cas_kept_pool pool = { .budget = &budget,
                                  .counters = &counters,
                                  .limit = (size_t)8 << 20 };
    struct world world = { .now_us = 1 };
    struct cas_fragments_config config = {
        .budget = &budget,
        .counters = &counters,
        .pool = size % 2 == 0 ? &pool : NULL,
        .ctx = &world,
        .lost = hear_lost,
    };
    world.fragments = cas_fragments_create(&config);
    need(world.fragments != NULL);
    while (cas_reader_left(&r) >= 6) {
        step(&world, &r);
    }
    cas_fragments_finish(world.fragments);
    need(cas_fragments_since(world.fragments) == UINT64_MAX);
    need(!world.has_lost || counters.value[CAS_COUNT_FRAGMENTS_OVERLAPPING] +
                                    counters.value[CAS_COUNT_FRAGMENTS_MALFORMED] +
                                    counters.value[CAS_COUNT_FRAGMENTS_UNFINISHED] >
                                0);
    need(counters.value[CAS_COUNT_FRAGMENTS_NO_ROOM] == 0);
    cas_fragments_destroy(world.fragments);
    need(budget.used == 0);
    return 0;
}
