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
            if (cas_unsealer_is_cut(talk->unsealer) &&
                cas_unsealer_has_opener(talk->unsealer)) {
                cas_talk_give_up_unsealing(talk);
            }
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

static bool set_keys(struct cas_talk *talk)
{
    return talk->unlocking.secrets != NULL && talk->sealed->set_keys(talk);
}

bool cas_talk_awaits_keys(const struct cas_talk *talk)
{
    return !talk->is_over && talk->unsealer != NULL && talk->is_unlocked &&
           talk->unlocking.may_come && !cas_unsealer_has_opener(talk->unsealer);
}

/* A flight that is over tells no more, unless somebody is asked later. */
bool cas_talk_await_keys(struct cas_talk *talk)
{
    if (!talk->unlocking.may_come) {
        return false;
    }
    bool is_enough = talk->is_flight_over && !talk->unlocking.may_be_asked_later;
    cas_unsealer_await_keys(talk->unsealer,
                            is_enough ? CAS_UNSEALER_EARLY_MAX : CAS_UNSEALER_AWAITED_MAX);
    return true;
}

static void go_without_keys(struct cas_talk *talk)
{
    if (talk->is_traffic) {
        talk->facts.is_read_on = false;
        cas_talk_end(talk);
    } else {
        cas_talk_give_up_unsealing(talk);
    }
}

void cas_talk_push_sealed(struct cas_talk *talk, const struct cas_record_part *part)
{
    cas_unsealer_push(talk->unsealer, part);
    if (part->at + part->bytes.len == part->record.len) {
        bool has_keys =
            !talk->is_unlocked || cas_unsealer_has_opener(talk->unsealer) || set_keys(talk);
        if (!has_keys && !cas_talk_await_keys(talk)) {
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
    if (talk->unsealer == NULL || cas_unsealer_has_opener(talk->unsealer)) {
        return;
    }
    if (!set_keys(talk) && !cas_talk_await_keys(talk)) {
        go_without_keys(talk);
        return;
    }
    open_all(talk);
}
