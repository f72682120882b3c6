/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target: cas_follower, record headers behind the handshake. First byte: bit 0 little memory,
 * bit 1 what is shown must be believed first. Then steps, each u8: bit 0 is the end, bits 1
 * and 2 say what it shows:
 *   0  a record: u8 its type above 19, u16 its length, of a body that looks like headers
 *   1  u8 length, and so many bytes
 *   2  nothing: u8, so many times 16 bytes are missing
 *   3  as 0, but only the first bytes of the segment were captured
 *
 * In pieces of seven bytes it comes to the same, until a header is lost: then another is
 * searched in what a segment shows. Memory is given back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes/buf.h"
#include "bytes/reader.h"
#include "tls/follower.h"

#define START     0xffffff00u /* so that numbers wrap */
#define BODY_MAX  600
#define PIECE_LEN 7

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum show {
    SHOW_RECORD,
    SHOW_BYTES,
    SHOW_HOLE,
    SHOW_CUT
};

struct run {
    struct cas_budget budget;
    struct cas_counters counters;
    struct cas_tls_context context;
    struct cas_follower follower;
    uint32_t at[2]; /* of the next byte that an end sends */
    uint32_t next[2];
    bool is_last[2];
    bool doubts;
    size_t piece_len;
};

static void require(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "broken: %s\n", what);
        abort();
    }
}

static bool push(struct run *run, struct cas_glimpse *glimpse)
{
    struct cas_follower before = run->follower;
    bool is_done = cas_follower_push(&run->follower, &run->context, glimpse);
    require(is_done || (!glimpse->is_believed &&
                        memcmp(&before.side, &run->follower.side, sizeof(before.side)) == 0),
            "what is not believed changes nothing");
    return is_done;
}

/* So many bytes, of which these were captured. */
static void show(struct run *run, unsigned end, struct cas_view captured, size_t wire_len)
{
    struct cas_glimpse glimpse = {
        .end = end,
        .seq = run->at[end],
        .bytes = captured,
        .wire_len = (uint32_t)wire_len,
        .is_believed = !run->doubts,
        .next = run->next[end],
    };
    run->at[end] += (uint32_t)wire_len;
    if (run->is_last[end] || (int32_t)(run->at[end] - run->next[end]) <= 0) {
        return; /* it need not be shown */
    }
    if (!push(run, &glimpse)) {
        glimpse.is_believed = true;
        require(push(run, &glimpse), "what is believed is taken");
    }
    run->next[end] = glimpse.next;
    run->is_last[end] = glimpse.is_last;
}

static void show_pieces(struct run *run, unsigned end, struct cas_view bytes)
{
    for (size_t at = 0; at < bytes.len; at += run->piece_len) {
        struct cas_view piece = cas_view_part(bytes, at, run->piece_len);
        uint8_t *copy = malloc(piece.len);
        require(copy != NULL, "memory");
        memcpy(copy, piece.data, piece.len);
        show(run, end, cas_view_of(copy, piece.len), piece.len);
        free(copy);
    }
}

static size_t take_record(struct cas_reader *r, uint8_t *bytes)
{
    static const uint8_t body[] = { 22, 3, 3, 0, 9, 23, 3 };
    uint8_t type = (uint8_t)(20 + cas_reader_u8(r) % 5);
    uint16_t len = cas_reader_u16(r) % BODY_MAX;
    const uint8_t header[] = { type, 3, 3, (uint8_t)(len >> 8), (uint8_t)len };
    memcpy(bytes, header, sizeof(header));
    for (size_t i = 0; i < len; i++) {
        bytes[sizeof(header) + i] = body[i % sizeof(body)];
    }
    return sizeof(header) + len;
}

static void step(struct run *run, struct cas_reader *r)
{
    uint8_t record[5 + BODY_MAX];
    uint8_t kind = cas_reader_u8(r);
    unsigned end = kind & 1;
    size_t left = 0;
    size_t len = 0;
    switch ((enum show)(kind >> 1 & 3)) {
    case SHOW_RECORD:
        show_pieces(run, end, cas_view_of(record, take_record(r, record)));
        break;
    case SHOW_BYTES:
        len = cas_reader_u8(r);
        left = cas_reader_left(r);
        show_pieces(run, end, cas_reader_bytes(r, len < left ? len : left));
        break;
    case SHOW_HOLE:
        run->at[end] += cas_reader_u8(r) * 16u;
        break;
    case SHOW_CUT:
        len = take_record(r, record);
        show(run, end, cas_view_of(record, kind >> 3), len);
        break;
    }
}

static void run_all(struct run *run, struct cas_view input, size_t piece_len)
{
    struct cas_reader r = cas_reader_init(input);
    uint8_t flags = cas_reader_u8(&r);
    *run = (struct run){
        .budget = { .limit = (flags & 1) != 0 ? 10 : 1u << 20 },
        .at = { START, START },
        .next = { START, START },
        .doubts = (flags & 2) != 0,
        .piece_len = piece_len,
    };
    run->context =
        (struct cas_tls_context){ .budget = &run->budget, .counters = &run->counters };
    cas_follower_begin(&run->follower, 0, 3);
    cas_follower_begin(&run->follower, 1, 3);
    while (cas_reader_left(&r) > 0) {
        step(run, &r);
    }
}

/* It is counted when it is found again, or given up. */
static bool has_lost(const struct run *run)
{
    return run->counters.value[CAS_COUNT_SYNC_LOST] > 0 ||
           run->follower.side[0].state == CAS_FOLLOWED_LOST ||
           run->follower.side[1].state == CAS_FOLLOWED_LOST;
}

static void compare(const struct run *whole, const struct run *pieces)
{
    const struct cas_follower *a = &whole->follower;
    const struct cas_follower *b = &pieces->follower;
    require(has_lost(whole) == has_lost(pieces), "both lose a header or none");
    if (has_lost(whole)) {
        return;
    }
    require(whole->next[0] == pieces->next[0] && whole->next[1] == pieces->next[1],
            "the same is awaited");
    for (unsigned end = 0; end < 2; end++) {
        require(a->side[end].state == b->side[end].state, "both follow it or not");
        require(a->side[end].has_handshake == b->side[end].has_handshake &&
                    a->side[end].has_change == b->side[end].has_change,
                "the same came");
    }
    require((a->later == NULL) == (b->later == NULL) &&
                (a->later == NULL || memcmp(a->later, b->later, sizeof(*a->later)) == 0),
            "the same is known of what came");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct run whole;
    struct run pieces;
    run_all(&whole, cas_view_of(data, size), SIZE_MAX);
    run_all(&pieces, cas_view_of(data, size), PIECE_LEN);
    compare(&whole, &pieces);
    cas_follower_finish(&whole.follower, &whole.context);
    cas_follower_finish(&pieces.follower, &pieces.context);
    require(whole.budget.used == 0 && pieces.budget.used == 0, "memory is given back");
    return 0;
}
