/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The encrypted records of one direction of TLS 1.2 or older, from its ChangeCipherSpec on:
 * kept until their keys are known and somebody wants them, then opened one by one. Application
 * data is passed over, and nothing but the end of a record of it is kept, from which the next
 * one may go on. Only shortly behind another record it is kept as a whole, so that it can be
 * checked: a record's type is authenticated with it (RFC 5246, 6.2.3.3), and one of a handshake
 * may have been made to look like data. Knows no messages.
 */
#ifndef CAS_TLS_BACKLOG_H
#define CAS_TLS_BACKLOG_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/budget.h"
#include "tls/protection12.h"
#include "tls/record.h"

/* So much waits: for keys that may never come, as much as a talk is followed behind its
 * ChangeCipherSpec; once they are there, for the other side's part, the longest flight. */
#define CAS_BACKLOG_EARLY_MAX   81920
#define CAS_BACKLOG_WAITING_MAX 262144

/* So much application data behind another record can be checked: a handshake has none between
 * its records, or little. */
#define CAS_BACKLOG_CHECKED_MAX 32768

struct cas_backlog;

enum cas_backlog_data {
    CAS_BACKLOG_PASS_DATA, /* application data is passed over as it is */
    CAS_BACKLOG_CHECK_DATA /* and told where it is not known to be that */
};

enum cas_backlog_step {
    CAS_BACKLOG_EMPTY, /* no whole record waits, or there are no keys */
    CAS_BACKLOG_RECORD,
    CAS_BACKLOG_NO_DATA,   /* its type says data, and is not what the sender wrote */
    CAS_BACKLOG_UNCHECKED, /* this may be so: it was not kept, or not all of it came */
    CAS_BACKLOG_WRONG_KEY, /* the first record of these keys is not of them */
    CAS_BACKLOG_DAMAGED,   /* others before it were: it was altered, or one is missing */
    CAS_BACKLOG_LOST       /* bytes are missing, or more waits than may */
};

struct cas_backlog_record {
    uint8_t type;
    uint64_t offset;         /* of its header in the stream */
    struct cas_view content; /* valid until the next call */
};

/* NULL without memory. */
struct cas_backlog *cas_backlog_create(struct cas_budget *budget);
/* Wipes what was opened; backlog may be NULL. */
void cas_backlog_destroy(struct cas_backlog *backlog);

/* A piece of an encrypted record, or a hole in it; the first one begins it. */
void cas_backlog_push(struct cas_backlog *backlog, const struct cas_record_part *part);
/* Where the next record begins is not known: nothing more can be pushed. */
void cas_backlog_lose(struct cas_backlog *backlog);

bool cas_backlog_is_lost(const struct cas_backlog *backlog);

/* Those of the next record; they are the backlog's now. */
void cas_backlog_set_keys(struct cas_backlog *backlog, struct cas_protection12 *protection);
bool cas_backlog_has_keys(const struct cas_backlog *backlog);

/* The next record that is not application data; that is passed over. Behind either step that
 * tells of data it goes on. */
enum cas_backlog_step cas_backlog_next(struct cas_backlog *backlog, enum cas_backlog_data data,
                                       struct cas_backlog_record *out_record);

/* Type of the first whole record that waits; 0 when there is none. */
uint8_t cas_backlog_peek(const struct cas_backlog *backlog);

#endif
