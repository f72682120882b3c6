/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/attempt.h"

#include "net/stream.h"

#define ENDED (3u * CAS_EMBRYO_FIN | 3u * CAS_EMBRYO_RST)

/* Somebody said that the first data byte of a side has this number as well. */
static void note_other(struct cas_embryo *embryo, unsigned side, uint32_t seq)
{
    if (cas_embryo_has(embryo, CAS_EMBRYO_OTHER, side) &&
        (embryo->flags & CAS_EMBRYO_LEFT) == 0 && embryo->other_seq[side] != seq &&
        embryo->other_seq[side] != embryo->first_seq[side]) {
        cas_embryo_set(embryo, CAS_EMBRYO_MORE, side);
    }
    embryo->other_seq[side] = seq;
    cas_embryo_set(embryo, CAS_EMBRYO_OTHER, side);
    embryo->flags &= ~(unsigned)(CAS_EMBRYO_LEFT | CAS_EMBRYO_LATER);
}

/* The first data byte of a side has this number. What was said before may have been the truth:
 * it is remembered as the other one. */
static void note_first(struct cas_embryo *embryo, unsigned side, uint32_t seq)
{
    uint32_t before = embryo->first_seq[side];
    embryo->first_seq[side] = seq;
    if (cas_embryo_has(embryo, CAS_EMBRYO_KNOWS, side) && before != seq) {
        note_other(embryo, side, before);
    }
    cas_embryo_set(embryo, CAS_EMBRYO_KNOWS, side);
}

/* The number that a SYN/ACK acknowledges is that of the first byte, or behind the SYN's data.
 */
static bool is_syn_of(const struct cas_embryo *embryo, unsigned side, uint32_t acked,
                      uint32_t first_seq)
{
    uint32_t len = cas_embryo_has(embryo, CAS_EMBRYO_DATA, side) ? CAS_STREAM_SYN_DATA_MAX : 0;
    return acked - first_seq <= len;
}

static bool are_near(uint32_t a, uint32_t b)
{
    return a - b <= CAS_STREAM_REACH || b - a <= CAS_STREAM_REACH;
}

/* Both numbers of the attempt that this SYN/ACK belongs to. */
static void numbers_of(const struct cas_arrival *arrival, uint32_t out_seq[2])
{
    out_seq[arrival->side] = arrival->tcp.seq + 1;
    out_seq[1 - arrival->side] = arrival->tcp.ack;
}

/* It goes on, as far as anybody knows; or ended so lately, and had numbers so like these, that
 * who ended it may be who begins again. */
static bool is_busy(const struct cas_embryo *embryo, const uint32_t seq[2], uint64_t now_us)
{
    bool is_like =
        are_near(embryo->first_seq[0], seq[0]) || are_near(embryo->first_seq[1], seq[1]);
    return now_us - embryo->first_us < CAS_CONNECTION_BUSY_US &&
           ((embryo->flags & ENDED) == 0 || is_like);
}

/* Neither is believed; data decides. */
static void note_rival(struct cas_embryo *embryo, const uint32_t seq[2])
{
    embryo->flags &= ~ENDED;
    embryo->flags |= CAS_EMBRYO_SUSPECT;
    for (unsigned side = 0; side < 2; side++) {
        if (embryo->first_seq[side] != seq[side]) {
            note_other(embryo, side, seq[side]);
        }
    }
}

/* What was begun is given up. As long as neither side has ended it, its numbers are remembered,
 * but for such as would be taken for those of the new one. */
static void begin_anew(struct cas_embryo *embryo, const uint32_t seq[2], unsigned client,
                       uint64_t now_us)
{
    const struct cas_embryo old = *embryo;
    embryo->flags &= ~(ENDED | 3u * CAS_EMBRYO_OTHER | 3u * CAS_EMBRYO_MORE | CAS_EMBRYO_LATER |
                       CAS_EMBRYO_STARTER);
    embryo->flags |= client == 1 ? CAS_EMBRYO_STARTER : 0;
    for (unsigned side = 0; side < 2; side++) {
        embryo->first_seq[side] = seq[side];
        if ((old.flags & ENDED) == 0 && cas_embryo_has(&old, CAS_EMBRYO_KNOWS, side) &&
            !are_near(old.first_seq[side], seq[side])) {
            note_other(embryo, side, old.first_seq[side]);
        }
        cas_embryo_set(embryo, CAS_EMBRYO_KNOWS, side);
    }
    embryo->flags |= CAS_EMBRYO_LEFT;
    embryo->first_us = now_us;
}

/* A second SYN was answered: the port is used again; or both are forged, and what was begun
 * goes on. */
static void begin_again(struct cas_embryo *embryo, const struct cas_arrival *arrival)
{
    uint64_t now_us = arrival->frame->timestamp_us;
    uint32_t seq[2] = { 0, 0 };
    numbers_of(arrival, seq);
    if (is_busy(embryo, seq, now_us)) {
        note_rival(embryo, seq);
    } else {
        begin_anew(embryo, seq, 1 - arrival->side, now_us);
    }
}

/* A SYN that comes when another one has been answered counts when it is, too. */
static void note_attempt(struct cas_embryo *embryo, const struct cas_arrival *arrival)
{
    uint32_t seq = arrival->tcp.seq + 1;
    if (arrival->tcp.wire_len > 0) {
        cas_embryo_set(embryo, CAS_EMBRYO_DATA, arrival->side);
    }
    if (!cas_embryo_has(embryo, CAS_EMBRYO_CONFIRMED, arrival->side)) {
        note_first(embryo, arrival->side, seq);
    } else if (embryo->first_seq[arrival->side] != seq) {
        note_other(embryo, arrival->side, seq);
        embryo->flags |= CAS_EMBRYO_LATER;
    }
}

/* The answer to a SYN; when that was never seen, to one that may not have been sent. */
static void note_answer(struct cas_embryo *embryo, const struct cas_arrival *arrival)
{
    unsigned client = 1 - arrival->side;
    uint32_t ack = arrival->tcp.ack;
    bool is_first = !cas_embryo_has(embryo, CAS_EMBRYO_CONFIRMED, client);
    bool is_known = cas_embryo_has(embryo, CAS_EMBRYO_KNOWS, client) &&
                    is_syn_of(embryo, client, ack, embryo->first_seq[client]);
    bool is_other = cas_embryo_has(embryo, CAS_EMBRYO_OTHER, client) &&
                    is_syn_of(embryo, client, ack, embryo->other_seq[client]);
    if (is_first && !is_known) {
        note_first(embryo, client, ack);
    }
    if (is_other && (embryo->flags & CAS_EMBRYO_LATER) != 0) {
        begin_again(embryo, arrival);
    } else if (is_first || is_known || is_other) {
        note_first(embryo, arrival->side, arrival->tcp.seq + 1);
        cas_embryo_set(embryo, CAS_EMBRYO_CONFIRMED, client);
    } else {
        note_other(embryo, client, ack);
        note_other(embryo, arrival->side, arrival->tcp.seq + 1);
    }
}

void cas_attempt_note_sum(struct cas_embryo *embryo, const struct cas_arrival *arrival)
{
    if (arrival->tcp.sum == CAS_TCP_SUM_BAD) {
        embryo->flags |= CAS_EMBRYO_BELIEVED;
    }
    if (cas_tcp_has_good_sum(&arrival->tcp)) {
        cas_embryo_set(embryo, CAS_EMBRYO_GOOD_SUM, arrival->side);
    }
}

void cas_attempt_note_syn(struct cas_embryo *embryo, const struct cas_arrival *arrival)
{
    unsigned side = arrival->side;
    bool is_answer = (arrival->tcp.flags & CAS_TCP_ACK) != 0;
    const unsigned known = CAS_EMBRYO_KNOWS | CAS_EMBRYO_KNOWS << 1;
    bool is_first = (embryo->flags & known) == 0;
    if (is_first && (is_answer ? 1 - side : side) == 1) {
        embryo->flags |= CAS_EMBRYO_STARTER;
    }
    if (is_answer) {
        note_answer(embryo, arrival);
    } else {
        note_attempt(embryo, arrival);
    }
    if ((arrival->tcp.flags & CAS_TCP_URG) != 0) {
        embryo->flags |= CAS_EMBRYO_SUSPECT; /* a byte that follows is not read in its place */
    }
    cas_attempt_note_sum(embryo, arrival);
}

/* It ends what that side began; anybody can send other numbers. */
static bool is_end_of(const struct cas_embryo *embryo, const struct cas_arrival *arrival)
{
    unsigned side = arrival->side;
    return !cas_embryo_has(embryo, CAS_EMBRYO_KNOWS, side) ||
           arrival->tcp.seq - embryo->first_seq[side] <= CAS_STREAM_REACH;
}

/* With both, the FIN's number is the one to keep: the RST follows it. */
void cas_attempt_note_end(struct cas_embryo *embryo, const struct cas_arrival *arrival)
{
    bool is_rst = (arrival->tcp.flags & CAS_TCP_RST) != 0;
    unsigned flag = is_rst ? CAS_EMBRYO_RST : CAS_EMBRYO_FIN;
    if (!is_end_of(embryo, arrival)) {
        return;
    }
    if (!is_rst || !cas_embryo_has(embryo, CAS_EMBRYO_FIN, arrival->side)) {
        embryo->last_seq[arrival->side] = arrival->tcp.seq;
    }
    cas_embryo_set(embryo, flag, arrival->side);
    cas_attempt_note_sum(embryo, arrival);
}
