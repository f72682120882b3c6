/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/follower.h"

#include "bytes/reader.h"

void cas_follower_begin(struct cas_follower *follower, unsigned end,
                        const struct cas_record_layer *records)
{
    struct cas_followed *side = &follower->side[end];

    *side = (struct cas_followed){ .records = *records, .is_on = !follower->has_handshake };
    side->records.record.number = 0;
}

static void stop(struct cas_follower *follower)
{
    follower->side[0].is_on = false;
    follower->side[1].is_on = false;
}

static void lose(struct cas_follower *follower, struct cas_followed *side)
{
    follower->has_lost = true;
    side->is_on = false;
}

/* An offer that is refused has handshake records of one side only; of a side that is not
 * followed any more nothing is known. */
static bool has_answer(const struct cas_follower *follower)
{
    for (unsigned end = 0; end < 2; end++) {
        const struct cas_followed *side = &follower->side[end];
        if (!side->has_handshake && side->is_on) {
            return false;
        }
    }
    return true;
}

static void take_part(struct cas_follower *follower, struct cas_followed *side,
                      const struct cas_record_part *part)
{
    bool is_new = part->at == 0;

    if (is_new && part->record.type == CAS_RECORD_HANDSHAKE) {
        side->has_handshake = true;
        follower->has_handshake = has_answer(follower);
        if (follower->has_handshake) {
            stop(follower);
        }
    } else if (is_new && part->record.number > CAS_FOLLOWER_RECORDS_MAX) {
        side->is_on = false;
    }
}

static void spend(struct cas_followed *side, uint64_t len)
{
    uint64_t left = CAS_FOLLOWER_BYTES_MAX - side->bytes;

    if (len > left) {
        side->is_on = false;
    } else {
        side->bytes += (uint32_t)len;
    }
}

void cas_follower_push(struct cas_follower *follower, unsigned end, struct cas_view bytes)
{
    struct cas_followed *side = &follower->side[end];
    struct cas_reader r = cas_reader_init(bytes);
    struct cas_record_part part = { 0 };

    while (side->is_on) {
        switch (cas_record_next(&side->records, &r, &part)) {
        case CAS_RECORD_SHORT:
            spend(side, bytes.len);
            return;
        case CAS_RECORD_PART:
            take_part(follower, side, &part);
            break;
        case CAS_RECORD_BAD:
            side->is_on = false;
            return;
        }
    }
}

void cas_follower_miss(struct cas_follower *follower, unsigned end, uint64_t len)
{
    struct cas_followed *side = &follower->side[end];
    struct cas_record_part part = { 0 };
    uint64_t left = len;

    while (side->is_on) {
        switch (cas_record_next_missing(&side->records, &left, &part)) {
        case CAS_RECORD_SHORT:
            spend(side, len);
            return;
        case CAS_RECORD_PART:
            take_part(follower, side, &part);
            break;
        case CAS_RECORD_BAD:
            lose(follower, side);
            return;
        }
    }
}

bool cas_follower_is_on(const struct cas_follower *follower)
{
    return follower->side[0].is_on || follower->side[1].is_on;
}
