/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part of a talk that is encrypted, with keys. What the records hold, and when their keys
 * change, is the version's affair: talk_unseal13.c.
 */
#include "tls/talk.h"

/* Nothing encrypted can be opened any more: the lengths remain. */
void cas_talk_give_up_unsealing(struct cas_talk *talk)
{
    talk->facts.is_read_on = false;
    if (talk->unsealer == NULL) {
        return;
    }
    cas_unsealer_destroy(talk->unsealer);
    talk->unsealer = NULL;
    if (talk->facts.is_decrypted) {
        cas_talk_cut(talk, CAS_REASON_GAP);
    }
    if (talk->is_flight_over) {
        cas_talk_end(talk);
    }
}

static void remark_and_give_up(struct cas_talk *talk, enum cas_talk_anomaly anomaly)
{
    talk->facts.has_wrong_key |= anomaly == CAS_ANOMALY_WRONG_KEY;
    talk->handler->anomaly(talk->handler->ctx, talk, anomaly);
    cas_talk_give_up_unsealing(talk);
}

static void open_all(struct cas_talk *talk)
{
    struct cas_unsealed_record record = { 0 };

    while (!talk->is_over && talk->unsealer != NULL) {
        switch (cas_unsealer_next(talk->unsealer, &record)) {
        case CAS_UNSEALED_NONE:
            return;
        case CAS_UNSEALED_RECORD:
            talk->facts.is_decrypted = true;
            talk->is_unsealing = true;
            talk->sealed->take(talk, &record);
            break;
        case CAS_UNSEALED_WRONG_KEY:
            remark_and_give_up(talk, CAS_ANOMALY_WRONG_KEY);
            return;
        case CAS_UNSEALED_DAMAGED:
            remark_and_give_up(talk, CAS_ANOMALY_DAMAGED_RECORD);
            return;
        case CAS_UNSEALED_REFUSED:
            cas_talk_give_up_unsealing(talk);
            return;
        }
    }
}

void cas_talk_push_sealed(struct cas_talk *talk, const struct cas_record_part *part)
{
    cas_unsealer_push(talk->unsealer, part);
    if (part->at + part->bytes.len == part->record.len) {
        if (talk->is_unlocked && !cas_unsealer_has_opener(talk->unsealer) &&
            !talk->sealed->set_keys(talk)) {
            cas_talk_give_up_unsealing(talk);
            return;
        }
        open_all(talk);
    }
}

void cas_talk_unlock(struct cas_talk *talk, const struct cas_unlocking *unlocking)
{
    talk->is_unlocked = true;
    talk->unlocking = *unlocking;
    talk->sealed = &cas_sealed_tls13;
    if (talk->unsealer == NULL) {
        return;
    }
    if (unlocking->secrets == NULL || !talk->sealed->set_keys(talk)) {
        cas_talk_give_up_unsealing(talk);
        return;
    }
    open_all(talk);
}
