/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Encrypted records of one direction of TLS 1.3: kept until the keys are known, then opened one
 * by one. Knows no messages: what a record holds is the owner's affair, who also says when the
 * next keys begin.
 */
#ifndef CAS_TLS_UNSEALER_H
#define CAS_TLS_UNSEALER_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/budget.h"
#include "bytes/buf.h"
#include "tls/protection.h"
#include "tls/record.h"

/* So much waits for its keys: two full flights. A record is opened once it is whole. */
#define CAS_UNSEALER_WAITING_MAX 262144

struct cas_unsealer;

enum cas_unsealed {
    CAS_UNSEALED_NONE, /* no whole record waits, or its keys are not known */
    CAS_UNSEALED_RECORD,
    CAS_UNSEALED_FAILED /* it is not of these keys, or too much waits */
};

struct cas_unsealed_record {
    uint8_t type;            /* of the content */
    uint64_t offset;         /* of its header in the stream */
    struct cas_view content; /* valid until the next call */
};

/* NULL without memory. */
struct cas_unsealer *cas_unsealer_create(struct cas_budget *budget);
/* Wipes what was opened. */
void cas_unsealer_destroy(struct cas_unsealer *unsealer);

/* A piece of an encrypted record; the first one begins it. */
void cas_unsealer_push(struct cas_unsealer *unsealer, const struct cas_record_part *part);

/*
 * The keys of the next record. False when the suite or the secret will not do. tolerant:
 * records that do not open are passed over up to the first that does (early data that was
 * refused).
 */
bool cas_unsealer_set_keys(struct cas_unsealer *unsealer, uint16_t cipher,
                           const struct cas_secret *secret, bool tolerant);
bool cas_unsealer_has_keys(const struct cas_unsealer *unsealer);
void cas_unsealer_update_keys(struct cas_unsealer *unsealer);

enum cas_unsealed cas_unsealer_next(struct cas_unsealer *unsealer,
                                    struct cas_unsealed_record *out_record);

#endif
