/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/inference_later.h"

#include <stddef.h>
#include <string.h>

#include "analysis/record_measure.h"
#include "tls/names.h"

/*
 * The lengths (RFC 5246, 7.4), each with a header of 4 bytes:
 *
 *   Finished            12                          7.4.9, the same in all of these versions
 *   HelloRequest        0                           7.4.1.1
 *   ServerHelloDone     0                           7.4.5
 *   ServerHello         38 at least                 7.4.1.3
 *   Certificate, empty  3                           7.4.6: a client that has none sends it
 *   Certificate         3 + 3 + certificate at least
 *   ClientKeyExchange   1 + point (RFC 8422, 5.7), 2 + modulus (7.4.7.1), 2 + public value
 *   CertificateVerify   2 + 2 + signature           7.4.8; without the first 2 before TLS 1.2
 *   CertificateRequest  1 + types, 2 + algorithms, 2 + names: 7.4.4
 *
 * A client's flight, behind its hello and before ChangeCipherSpec, is
 *
 *   ClientKeyExchange                                          it was not asked
 *   Certificate (7), ClientKeyExchange                         it was, and has none
 *   Certificate, ClientKeyExchange, CertificateVerify          it was, and sent one
 *   nothing                                                    a session is resumed
 *
 * in records of their own or together.
 */
#define FINISHED_LEN   16u
#define EMPTY_LEN      7u
#define HEADER_LEN     4u
#define DONE_LEN       4u
#define HELLO_MIN      42u
#define REQUEST_MIN    12u
#define ALGORITHMS_MIN 4u /* of these; before TLS 1.2 there are none */
#define RECORD_FULL    16384u
/* The smallest X.509 certificate is longer than 150 bytes; with a key exchange of the shortest
 * kind, and a signature of 64. */
#define CERTIFICATE_MIN (HEADER_LEN + 3 + 3 + 150)
#define ANSWER_MIN      280u

/* Nothing that a client or server sends there in one piece, but an empty Certificate or a
 * message without a body, is as short. */
#define TINY_MAX 30u

struct reading {
    const struct cas_later_side *client;
    const struct cas_later_side *server;
    struct cas_record_measure measure;
};

static struct cas_span content_of(const struct reading *reading,
                                  const struct cas_later_side *side, uint8_t record)
{
    return cas_record_measure_content(reading->measure, side->len[record]);
}

static struct cas_span content_of_all(const struct reading *reading,
                                      const struct cas_later_side *side, uint8_t from,
                                      uint8_t to)
{
    struct cas_span sum = { 0 };

    for (uint8_t i = from; i < to; i++) {
        struct cas_span one = content_of(reading, side, i);
        sum.least += one.least;
        sum.most += one.most;
    }
    return sum;
}

static bool may_be(struct cas_span span, uint32_t content)
{
    return span.least <= content && content <= span.most;
}

/* --- what is believed --- */

/* One handshake, of which every record was seen, and Finished has the length that it must have:
 * nothing was compressed, and blocks are padded to the next one. */
static bool is_readable(const struct reading *reading, const struct cas_later_side *side)
{
    return !side->is_broken && !side->is_mixed && cas_later_is_complete(side) &&
           side->records <= CAS_LATER_RECORDS_MAX && side->before_change > 0 &&
           cas_record_measure_is_least(reading->measure, side->len[side->before_change],
                                       FINISHED_LEN);
}

/* Suites whose key exchange has the lengths below: not those with pre-shared keys, for one. */
static bool has_known_exchange(uint16_t cipher)
{
    static const char *const known[] = { "TLS_RSA_WITH_", "TLS_DHE_RSA_", "TLS_DHE_DSS_",
                                         "TLS_ECDHE_RSA_", "TLS_ECDHE_ECDSA_" };
    const char *name = cas_tls_cipher_name(cipher);

    for (size_t i = 0; name != NULL && i < sizeof(known) / sizeof(known[0]); i++) {
        const char *rest = name + strlen(known[i]);
        if (strncmp(name, known[i], strlen(known[i])) == 0 && strstr(name, "PSK") == NULL) {
            return rest[0] != '\0';
        }
    }
    return false;
}

/* A HelloRequest, or as many as there are. */
static uint8_t first_of_flight(const struct reading *reading)
{
    const struct cas_later_side *server = reading->server;
    uint8_t at = 0;

    while (at < server->before_change && content_of(reading, server, at).most < HELLO_MIN - 1) {
        at++;
    }
    return at;
}

/* --- the client --- */

/*
 * A ClientKeyExchange of this length: points of the curves in use, compressed or not, and
 * moduli of 512 to 16,384 bits; a public value of Diffie-Hellman may lack a zero byte or two.
 */
static bool may_be_exchange(struct cas_span span, uint32_t more)
{
    static const uint16_t points[] = { 32, 33, 41, 43, 49,  56,  57,  61,
                                       65, 67, 73, 97, 105, 129, 133, 145 };
    static const uint16_t moduli[] = { 64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048 };

    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        if (may_be(span, HEADER_LEN + 1 + points[i] + more)) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof(moduli) / sizeof(moduli[0]); i++) {
        struct cas_span wider = { .least = span.least, .most = span.most + 2 };
        if (may_be(wider, HEADER_LEN + 2 + moduli[i] + more)) {
            return true;
        }
    }
    return false;
}

static enum cas_answer read_sum(struct cas_span sum)
{
    bool may_be_none = may_be_exchange(sum, 0);
    bool may_be_empty = may_be_exchange(sum, EMPTY_LEN);

    if (sum.least >= ANSWER_MIN && !may_be_none && !may_be_empty) {
        return CAS_ANSWER_CERTIFICATE;
    }
    if (sum.most >= ANSWER_MIN || may_be_none == may_be_empty) {
        return CAS_ANSWER_HIDDEN;
    }
    return may_be_none ? CAS_ANSWER_NONE : CAS_ANSWER_EMPTY;
}

/* The answer that is left as the only reading; HIDDEN when there are more, or none. */
static enum cas_answer read_client(const struct reading *reading)
{
    const struct cas_later_side *client = reading->client;
    uint8_t records = client->before_change;

    if (records == 1) {
        return CAS_ANSWER_NONE; /* resumed */
    }
    struct cas_span first = content_of(reading, client, 1);
    struct cas_span sum = content_of_all(reading, client, 1, records);
    if (records == 2) {
        return read_sum(sum);
    }
    if (may_be(first, EMPTY_LEN) && first.most <= TINY_MAX) {
        return records == 3 ? CAS_ANSWER_EMPTY : CAS_ANSWER_HIDDEN;
    }
    return first.least > TINY_MAX && read_sum(sum) == CAS_ANSWER_CERTIFICATE
               ? CAS_ANSWER_CERTIFICATE
               : CAS_ANSWER_HIDDEN;
}

/* --- the request --- */

/* ServerHelloDone in a record of its own; 0 when there is none. Behind it may be a ticket. */
static uint8_t find_done(const struct reading *reading, uint8_t from)
{
    const struct cas_later_side *server = reading->server;

    for (uint8_t at = server->before_change; at > from; at--) {
        struct cas_span content = content_of(reading, server, (uint8_t)(at - 1));
        if (may_be(content, DONE_LEN) && content.most <= TINY_MAX) {
            return (uint8_t)(at - 1);
        }
    }
    return 0;
}

/* What comes before the request, each in its record: ServerHello, Certificate, and
 * ServerKeyExchange but for RSA. */
static uint8_t before_request(uint16_t cipher)
{
    const char *name = cas_tls_cipher_name(cipher);
    return name != NULL && strncmp(name, "TLS_RSA_", strlen("TLS_RSA_")) == 0 ? 2 : 3;
}

/*
 * Exactly where each message has its record: it is the one before ServerHelloDone, and the full
 * ones before that. Else it is at most what the flight leaves.
 */
static void measure_request(struct cas_inference *inference, const struct reading *reading,
                            uint16_t cipher)
{
    const struct cas_later_side *server = reading->server;
    uint8_t first = first_of_flight(reading);
    uint8_t done = find_done(reading, first);
    uint8_t least_begin = (uint8_t)(first + before_request(cipher));
    struct cas_span request = content_of_all(reading, server, first, server->before_change);
    uint32_t others = HELLO_MIN + CERTIFICATE_MIN + DONE_LEN;

    if (done > least_begin) {
        uint8_t begin = (uint8_t)(done - 1);
        while (begin > least_begin &&
               may_be(content_of(reading, server, (uint8_t)(begin - 1)), RECORD_FULL)) {
            begin--;
        }
        request = content_of_all(reading, server, begin, done);
    } else {
        request.least = 0;
        request.most = request.most > others ? request.most - others : 0;
    }
    if (request.most >= REQUEST_MIN) {
        inference->request_least = request.least > REQUEST_MIN ? request.least : REQUEST_MIN;
        inference->request_most = request.most;
    }
}

struct cas_inference cas_infer_later(const struct cas_later_case *of)
{
    struct cas_inference inference = {
        .requested = CAS_REQUESTED_HIDDEN,
        .answer = CAS_ANSWER_HIDDEN,
    };
    struct reading reading = { 0 };

    if (of->later == NULL || of->limits_records || !has_known_exchange(of->cipher) ||
        !cas_record_measure_find(of->version, of->cipher, &reading.measure)) {
        return inference;
    }
    reading.client = &of->later->side[of->client_end];
    reading.server = &of->later->side[1 - of->client_end];
    if (!is_readable(&reading, reading.client) || !is_readable(&reading, reading.server)) {
        return inference;
    }
    inference.answer = read_client(&reading);
    if (inference.answer == CAS_ANSWER_NONE) {
        inference.requested = CAS_REQUESTED_NO;
    } else if (inference.answer != CAS_ANSWER_HIDDEN) {
        inference.requested = CAS_REQUESTED_YES;
        measure_request(&inference, &reading, of->cipher);
        inference.around_list =
            of->version == CAS_TLS_VERSION_TLS12 ? REQUEST_MIN : REQUEST_MIN - ALGORITHMS_MIN;
    }
    return inference;
}
