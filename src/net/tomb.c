/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/tomb.h"

#include "net/watch.h"

/* Which sides' FINs are still to be told as evidence. */
static uint8_t awaited(const struct cas_connection *connection)
{
    const struct cas_stream *stream = connection->stream;
    bool is_reset = cas_stream_is_reset(&stream[0]) || cas_stream_is_reset(&stream[1]);
    if (!connection->kept.is_evidence || is_reset) {
        return 0;
    }
    return (uint8_t)((stream[0].fin == 0 ? CAS_TOMB_AWAITS : 0) |
                     (stream[1].fin == 0 ? CAS_TOMB_AWAITS << 1 : 0));
}

void cas_tomb_make(struct cas_table_entry *entry, const struct cas_connection *connection)
{
    const struct cas_stream *stream = &connection->stream[connection->starter];
    struct cas_tomb tomb = { 0 };
    entry->flags = connection->starter == 1 ? CAS_TOMB_SIDE : 0;
    if (connection->has_start && stream->has_base) {
        entry->flags |= CAS_TOMB_HAS_SEQ;
        tomb.first_seq = (uint32_t)stream->base;
    }
    if (connection->new_sides != 0) {
        /* With both, a SYN/ACK came, so that the server's first data is enough. */
        unsigned side = connection->new_sides == 1u << connection->starter
                            ? connection->starter
                            : 1u - connection->starter;
        entry->flags |= CAS_TOMB_HAS_NEW;
        entry->flags |= side == 1 ? CAS_TOMB_NEW_SIDE : 0;
        tomb.new_seq = connection->new_seq[side];
    }
    entry->flags |= awaited(connection);
    entry->flags |= (uint8_t)(connection->good_sums * CAS_TOMB_GOOD_SUM);
    entry->is.tomb = tomb;
}

struct cas_tomb *cas_tomb_of(struct cas_table_entry *entry)
{
    return entry->list == CAS_TABLE_TOMBS ? &entry->is.tomb : &entry->is.watch->tomb;
}

bool cas_tomb_is_reused(struct cas_table_entry *entry, const struct cas_arrival *arrival)
{
    const struct cas_tcp_segment *tcp = &arrival->tcp;
    const struct cas_tomb *tomb = cas_tomb_of(entry);
    unsigned starter = (entry->flags & CAS_TOMB_SIDE) != 0 ? 1 : 0;
    unsigned new_side = (entry->flags & CAS_TOMB_NEW_SIDE) != 0 ? 1 : 0;
    bool has_new = (entry->flags & CAS_TOMB_HAS_NEW) != 0;
    if ((tcp->flags & CAS_TCP_SYN) == 0) {
        return has_new && tcp->wire_len > 0 && arrival->side == new_side &&
               tcp->seq == tomb->new_seq;
    }
    if ((tcp->flags & CAS_TCP_ACK) == 0) {
        return false;
    }
    if (has_new && arrival->side != new_side && tcp->ack == tomb->new_seq) {
        return true;
    }
    if ((entry->flags & CAS_TOMB_HAS_SEQ) == 0) {
        return true; /* of what was captured from the middle on, no SYN/ACK is to come */
    }
    return arrival->side != starter && tcp->ack != tomb->first_seq;
}

void cas_tomb_note_syn(struct cas_table_entry *entry, const struct cas_arrival *arrival)
{
    cas_tomb_of(entry)->new_seq = arrival->tcp.seq + 1;
    entry->flags |= CAS_TOMB_HAS_NEW;
    entry->flags &= (uint8_t)~CAS_TOMB_NEW_SIDE;
    entry->flags |= arrival->side == 1 ? CAS_TOMB_NEW_SIDE : 0;
}

bool cas_tomb_awaits(struct cas_table_entry *entry, const struct cas_arrival *arrival)
{
    unsigned awaits = entry->flags & (CAS_TOMB_AWAITS | CAS_TOMB_AWAITS << 1);
    if ((arrival->tcp.flags & CAS_TCP_FIN) != 0) {
        awaits &= (unsigned)CAS_TOMB_AWAITS << arrival->side;
    } else if ((arrival->tcp.flags & CAS_TCP_RST) == 0) {
        awaits = 0;
    }
    entry->flags &= (uint8_t)~awaits;
    return awaits != 0;
}
