/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Encrypted records of one direction: kept until the keys are known, then opened one by one.
 * Knows no messages, and not of which version the keys are: what a record holds is the owner's
 * affair, who also says when the next keys begin. Application data is wiped as soon as it is
 * known to be that.
 */
#ifndef CAS_TLS_UNSEALER_H
#define CAS_TLS_UNSEALER_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/budget.h"
#include "bytes/buf.h"
#include "tls/opener.h"
#include "tls/record.h"

/*
 * So much waits for keys. While the other side's hello is missing it may never come: what is
 * kept for it is no more than a few ordinary flights. Once both hellos are known, two of the
 * longest.
 */
#define CAS_UNSEALER_EARLY_MAX   32768
#define CAS_UNSEALER_WAITING_MAX 262144
/* And once both are, but the keys may never come. */
#define CAS_UNSEALER_AWAITED_MAX 65536

/*
 * So much early data of a client is passed over (RFC 8446, 4.2.10): servers allow a few
 * kilobytes, and each of its records is tried in vain.
 */
#define CAS_UNSEALER_SKIPPED_MAX         131072
#define CAS_UNSEALER_SKIPPED_RECORDS_MAX 64

struct cas_unsealer;

enum cas_unsealed {
    CAS_UNSEALED_NONE, /* no whole record waits, or its keys are not known */
    CAS_UNSEALED_RECORD,
    CAS_UNSEALED_WRONG_KEY, /* the first record of these keys is not of them */
    CAS_UNSEALED_DAMAGED,   /* others before it were: it was altered, or one is missing */
    CAS_UNSEALED_REFUSED    /* no memory, or more waits or was passed over than may */
};

struct cas_unsealed_record {
    uint8_t type;            /* of the content */
    uint64_t offset;         /* of its header in the stream */
    uint16_t len;            /* of its body, encrypted */
    struct cas_view content; /* valid until the next call; none of application data */
};

/* How the records of new keys begin. */
enum cas_unsealer_start {
    CAS_UNSEALER_AT_ONCE,
    /* Those that do not open are passed over up to the first that does: early data. */
    CAS_UNSEALER_AFTER_EARLY_DATA
};

/* NULL without memory. */
struct cas_unsealer *cas_unsealer_create(struct cas_budget *budget);
/* Wipes what was opened; unsealer may be NULL. */
void cas_unsealer_destroy(struct cas_unsealer *unsealer);

/* A piece of an encrypted record; the first one begins it. */
void cas_unsealer_push(struct cas_unsealer *unsealer, const struct cas_record_part *part);

/* The keys are only a matter of time: CAS_UNSEALER_WAITING_MAX may wait for them. */
void cas_unsealer_expect_keys(struct cas_unsealer *unsealer);

/* The keys of the next record; they are the unsealer's now. */
void cas_unsealer_set_opener(struct cas_unsealer *unsealer, struct cas_opener opener,
                             enum cas_unsealer_start start);
/*
 * The next records' keys may come or not: what exceeds most bytes, or comes when half of the
 * memory is used, is not kept, and nothing behind it either.
 */
void cas_unsealer_await_keys(struct cas_unsealer *unsealer, size_t most);
/* Not all that came was kept: what is left can be opened, nothing behind it. */
bool cas_unsealer_is_cut(const struct cas_unsealer *unsealer);

bool cas_unsealer_has_opener(const struct cas_unsealer *unsealer);

/* The next record is of the next keys of the same opener. */
void cas_unsealer_update(struct cas_unsealer *unsealer);

/* Nothing waits, not even a part of a record. */
bool cas_unsealer_is_empty(const struct cas_unsealer *unsealer);

enum cas_unsealed cas_unsealer_next(struct cas_unsealer *unsealer,
                                    struct cas_unsealed_record *out_record);

#endif
