/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/far.h"

/* Numbers of one conversation, some segments apart. */
static bool is_close(uint32_t number, uint32_t last)
{
    return number - last <= CAS_STREAM_SYN_DATA_MAX || last - number <= CAS_STREAM_SYN_DATA_MAX;
}

/* One that goes on where the last one ended, or answers it. */
static bool is_corroborated(const struct cas_far *far, const struct cas_far_segment *segment)
{
    const struct cas_far_segment *last = &far->last;
    if (!far->is_any || !segment->has_ack || !last->has_ack) {
        return false;
    }
    if (segment->side == last->side) {
        return segment->ack == last->ack && segment->seq != last->seq &&
               is_close(segment->seq, last->seq);
    }
    return is_close(segment->seq, last->ack) && is_close(segment->ack, last->seq);
}

/* False when something came already of what the SYNs told of; or when they told of two numbers,
 * of which a single segment must not push one out. */
static bool begin_elsewhere(struct cas_stream stream[2], const struct cas_far_segment *segment,
                            bool is_ack_near, bool is_proven)
{
    struct cas_stream *own = &stream[segment->side];
    struct cas_stream *other = &stream[1 - segment->side];
    if ((own->has_other || other->has_other) && !is_proven) {
        return false;
    }
    if (!cas_stream_is_untouched(own) || (!is_ack_near && !cas_stream_is_untouched(other))) {
        return false;
    }
    cas_stream_move(own, segment->seq);
    if (!is_ack_near && segment->has_ack) {
        cas_stream_move(other, segment->ack);
    }
    return true;
}

struct cas_far_verdict cas_far_judge(struct cas_far *far, struct cas_stream stream[2],
                                     const struct cas_far_segment *segment)
{
    bool is_ack_near =
        segment->has_ack && cas_stream_is_near(&stream[1 - segment->side], segment->ack);
    bool is_proven = is_corroborated(far, segment);
    bool is_moved = begin_elsewhere(stream, segment, is_ack_near, is_proven);
    struct cas_far_verdict verdict = {
        .is_moved = is_moved,
        .is_side_wrong = is_ack_near,
        .are_both_wrong = is_proven || (is_moved && !is_ack_near),
    };
    *far = (struct cas_far){ .is_any = true, .last = *segment };
    return verdict;
}
