/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first encrypted records of one direction of TLS 1.3, of which only the lengths are
 * visible: a few numbers, whatever comes. Knows no keys, and not what the lengths mean.
 *
 * A message that is longer than a record fills records to the brim and ends in a shorter one:
 * those are one run. A run of one record is the normal case.
 */
#ifndef CAS_TLS_FLIGHT_H
#define CAS_TLS_FLIGHT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A server sends EncryptedExtensions, CertificateRequest, Certificate, CertificateVerify and
 * Finished; two more tell whether an alert was all that followed.
 */
#define CAS_FLIGHT_RUNS_MAX 8
/* More records than a certificate message of ordinary size needs. */
#define CAS_FLIGHT_RECORDS_MAX 32

struct cas_flight_run {
    uint32_t bytes; /* of its records' bodies */
    uint16_t records;
    uint16_t last; /* the body of its last record */
};

struct cas_flight {
    struct cas_flight_run run[CAS_FLIGHT_RUNS_MAX];
    uint8_t len;
    bool is_open;   /* the last run's last record was full: it goes on */
    bool is_capped; /* that run is longer than is followed */
};

enum cas_flight_side {
    CAS_FLIGHT_CLIENT,
    CAS_FLIGHT_SERVER
};

/* An encrypted record has begun. False when no more of them tell anything. */
bool cas_flight_add(struct cas_flight *flight, enum cas_flight_side side, uint16_t record_len);

/* A run that is whole: it ended in a record that is not full. */
bool cas_flight_is_whole(const struct cas_flight *flight, uint8_t run);

#endif
