/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/flight.h"

#include <stddef.h>

/*
 * Records that can be a Finished alone: header 4, a hash of 32 or 48, type 1, tag 16; with a
 * tag of 8 (CCM_8); with the 16 bytes of padding that Java adds.
 */
static const uint16_t finished_lens[] = {
    4 + 32 + 17, 4 + 48 + 17, 4 + 32 + 9, 4 + 32 + 33, 4 + 48 + 33,
};

/*
 * Records filled to the brim (RFC 8446, 5.2): 2^14 bytes, type and tag; Java counts the type
 * and its padding within the 2^14; CCM_8.
 */
static const uint16_t full_lens[] = { 16384 + 17, 16384 + 16, 16384 + 9 };

/* An alert: 2 bytes. */
static const uint16_t alert_lens[] = { 2 + 17, 2 + 9, 2 + 33 };

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* No EncryptedExtensions alone is so long: the server puts its whole flight into one record. */
#define WHOLE_FLIGHT_MIN 512

/* A client's Certificate, CertificateVerify, Finished, and some splitting. */
#define CLIENT_RUNS_MAX 6

static bool is_among(const uint16_t *lens, size_t count, uint16_t len)
{
    for (size_t i = 0; i < count; i++) {
        if (lens[i] == len) {
            return true;
        }
    }
    return false;
}

static bool is_one_of(const uint16_t *lens, size_t count, const struct cas_flight_run *run)
{
    return run->records == 1 && is_among(lens, count, run->last);
}

static bool is_finished(const struct cas_flight_run *run)
{
    return is_one_of(finished_lens, ARRAY_LEN(finished_lens), run);
}

static bool is_alert(const struct cas_flight_run *run)
{
    return is_one_of(alert_lens, ARRAY_LEN(alert_lens), run);
}

/*
 * Up to its Finished. When that, or an alert, comes first, one more run is wanted: it shows
 * whether nothing but that was sent, or whether all records are padded to one length.
 */
static bool tells_more_of_client(const struct cas_flight *flight)
{
    const struct cas_flight_run *run = flight->run;

    if (flight->len == 1) {
        return true;
    }
    return !is_finished(&run[0]) && !is_alert(&run[0]) && !is_finished(&run[flight->len - 1]) &&
           flight->len < CLIENT_RUNS_MAX;
}

/*
 * Behind its Finished, which is never among its first two messages when a certificate is sent,
 * one more run is wanted; and one more when that looks like an alert, to see that it was the
 * last.
 */
static bool tells_more_of_server(const struct cas_flight *flight)
{
    const struct cas_flight_run *run = flight->run;
    uint8_t finished = 2;

    if (run[0].bytes >= WHOLE_FLIGHT_MIN && flight->len >= 2) {
        return false;
    }
    while (finished < flight->len && !is_finished(&run[finished])) {
        finished++;
    }
    if (flight->len == finished + 2) {
        return is_alert(&run[finished + 1]);
    }
    return flight->len < finished + 2;
}

bool cas_flight_add(struct cas_flight *flight, enum cas_flight_side side, uint16_t record_len)
{
    if (!flight->is_open && flight->len == CAS_FLIGHT_RUNS_MAX) {
        return false;
    }
    if (!flight->is_open) {
        flight->run[flight->len++] = (struct cas_flight_run){ 0 };
    }
    struct cas_flight_run *run = &flight->run[flight->len - 1];
    run->bytes += record_len;
    run->records++;
    run->last = record_len;
    flight->is_open = is_among(full_lens, ARRAY_LEN(full_lens), record_len);
    if (run->records == CAS_FLIGHT_RECORDS_MAX) {
        flight->is_capped = true;
        return false;
    }
    if (flight->is_open) {
        return true;
    }
    return flight->len < CAS_FLIGHT_RUNS_MAX &&
           (side == CAS_FLIGHT_CLIENT ? tells_more_of_client(flight)
                                      : tells_more_of_server(flight));
}

bool cas_flight_is_whole(const struct cas_flight *flight, uint8_t run)
{
    return run + 1 < flight->len || (run + 1 == flight->len && !flight->is_open);
}
