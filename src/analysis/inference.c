/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/inference.h"

#include <stddef.h>

/*
 * The lengths (RFC 8446). A record of content c has a body of c + 1 (its type) + the tag, and
 * padding, which a sender may add as it likes (5.4). Three ways of padding are known: none; the
 * 16 bytes that Java adds to every record; and blocks, which OpenSSL can be told to fill
 * (-record_padding, of any size B, since 3.4 one for the handshake and one for data). The rows
 * are of the first two. Where filled blocks give the same lengths with another meaning, the
 * rules below want a second witness:
 *
 *   c + 1 of Finished is 37 or 53, both prime: a shorter message has its length only with B =
 *   37 or 53, and then an empty Certificate and the Finished behind it are equally long: the
 *   second record tells them apart (is_alone). As Java pads them they are 53 and 69: the same.
 *   c + 1 of an alert as Java pads it is 19, which an empty Certificate has with B = 19, but
 *   then Finished follows; behind an alert nothing does (is_alone).
 *   Finished behind an empty Certificate has 45 or 61: Finished alone has that with B = 9, 15,
 *   45 or 61. Only the server's flight decides (needs_witness).
 *   A record that is long enough for a certificate may be anything in one block. When a
 *   signature's length and Finished follow, in no round blocks, that is enough; alone it is
 * not.
 *
 *   Finished               4 + hash            4.4.4: the hash of the cipher suite, 32 or 48
 *   Certificate, empty     4 + 1 + 3 = 8       4.4.2: no context, no entries
 *   Certificate            4 + 1 + 3 + at least one entry of 3 + certificate + 2
 *   CertificateVerify      4 + 2 + 2 + signature
 *   CertificateRequest     4 + 1 + 2 + extensions, signature_algorithms (4 + 2 + 2) at least
 *   EncryptedExtensions    4 + 2 + extensions
 *   alert                  2
 */
#define HEADER_LEN               4
#define EMPTY_LEN                8
#define ALERT_LEN                2
#define VERIFY_LEN(sig)          (HEADER_LEN + 2 + 2 + (sig))
#define REQUEST_MIN              (HEADER_LEN + 1 + 2 + 4 + 2 + 2)
#define ENCRYPTED_EXTENSIONS_MIN (HEADER_LEN + 2)
/* The smallest X.509 certificate with an Ed25519 or P-256 key is longer than 150 bytes. */
#define CERTIFICATE_MIN (HEADER_LEN + 1 + 3 + 3 + 150 + 2)
#define VERIFY_MIN      VERIFY_LEN(64)

/* What a record's content is, in one row. */
enum content {
    CONTENT_END, /* no further record matters */
    CONTENT_ALERT,
    CONTENT_EMPTY,
    CONTENT_FINISHED,
    CONTENT_EMPTY_AND_FINISHED,
    CONTENT_CERTIFICATE, /* one run or more, up to what follows */
    CONTENT_VERIFY,
    CONTENT_ALL_THREE /* Certificate, CertificateVerify and Finished in one run */
};

#define ROW_MAX 4

struct row {
    enum content content[ROW_MAX];
    enum cas_requested requested;
    enum cas_answer answer;
    bool broke_off;
};

/*
 * The client's first encrypted records, when no early data comes before them. It answers a
 * CertificateRequest with a Certificate in every case (4.4.2), and sends Finished last (4.4.4).
 * Up to Finished all is told; what follows is application data.
 */
static const struct row rows[] = {
    /* Nothing was asked: Finished is all that is left to send. */
    { { CONTENT_FINISHED }, CAS_REQUESTED_NO, CAS_ANSWER_NONE, false },
    /* 8 bytes that are no Finished and no alert: an empty Certificate, Finished behind it. */
    { { CONTENT_EMPTY, CONTENT_FINISHED }, CAS_REQUESTED_YES, CAS_ANSWER_EMPTY, false },
    /* The same in one record (NSS, BoringSSL): 8 + 4 + hash; only with the server's witness. */
    { { CONTENT_EMPTY_AND_FINISHED }, CAS_REQUESTED_YES, CAS_ANSWER_EMPTY, false },
    /* Each message a record, Finished and the length of a signature show it. */
    { { CONTENT_CERTIFICATE, CONTENT_VERIFY, CONTENT_FINISHED },
      CAS_REQUESTED_YES,
      CAS_ANSWER_CERTIFICATE,
      false },
    /*
     * The whole flight in one record: longer than anything else that a client sends first. A
     * padded Finished may be as long, so that it counts only where the server's flight shows
     * the request; and so may a padded empty Certificate, behind which an equally long Finished
     * would come.
     */
    { { CONTENT_ALL_THREE }, CAS_REQUESTED_YES, CAS_ANSWER_CERTIFICATE, false },
    /* It gave up before its Finished. Whether it was asked, only the server's flight tells. */
    { { CONTENT_ALERT }, CAS_REQUESTED_HIDDEN, CAS_ANSWER_NONE, true },
};

/* What a record adds to its content, and the length of Finished: of one suite and padding. */
struct measure {
    uint32_t overhead; /* type, padding, tag */
    uint32_t tag;
    uint32_t finished;
};

#define PADDINGS 2
static const uint32_t paddings[PADDINGS] = { 0, 16 };

/* RFC 8446, B.4; RFC 8998. Others are not known: false. */
static bool find_measure(uint16_t cipher, uint32_t padding, struct measure *out_measure)
{
    static const struct {
        uint16_t cipher;
        uint16_t hash;
        uint16_t tag;
    } suites[] = {
        { 0x1301, 32, 16 }, { 0x1302, 48, 16 }, { 0x1303, 32, 16 }, { 0x1304, 32, 16 },
        { 0x1305, 32, 8 },  { 0x00c6, 32, 16 }, { 0x00c7, 32, 16 },
    };

    for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
        if (suites[i].cipher == cipher) {
            *out_measure = (struct measure){
                .overhead = 1u + suites[i].tag + padding,
                .tag = suites[i].tag,
                .finished = HEADER_LEN + (uint32_t)suites[i].hash,
            };
            return true;
        }
    }
    return false;
}

/* The content of a run; 0 when it is not whole, or its records are shorter than that. */
static uint32_t content_of(const struct cas_flight *flight, uint8_t run, struct measure measure)
{
    if (run >= flight->len || !cas_flight_is_whole(flight, run)) {
        return 0;
    }
    uint32_t overhead = flight->run[run].records * measure.overhead;
    uint32_t bytes = flight->run[run].bytes;
    return bytes > overhead && flight->run[run].last > measure.overhead ? bytes - overhead : 0;
}

/*
 * Signatures (4.2.3): ECDSA in DER, whose two numbers may each lack a byte or two; EdDSA; RSA
 * of 1024 to 8192 bits; ML-DSA of three sizes.
 */
static bool is_verify(uint32_t content)
{
    static const struct {
        uint16_t least;
        uint16_t most;
        uint16_t step;
    } signatures[] = {
        { 64, 72, 1 },     { 96, 104, 1 },    { 114, 114, 1 },   { 128, 139, 1 },
        { 144, 1024, 16 }, { 2420, 2420, 1 }, { 3309, 3309, 1 }, { 4627, 4627, 1 },
    };

    for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
        uint32_t least = VERIFY_LEN(signatures[i].least);
        if (content >= least && content <= VERIFY_LEN((uint32_t)signatures[i].most) &&
            (content - least) % signatures[i].step == 0) {
            return true;
        }
    }
    return false;
}

/* Content and type fill blocks of 16: it may be padding that makes it so long. */
static bool may_be_block(const struct cas_flight *flight, uint8_t run)
{
    return (flight->run[run].last - 16) % 16 == 0 || (flight->run[run].last - 8) % 16 == 0;
}

/* Nothing came behind the first record that makes another message of it. */
static bool is_alone(const struct cas_flight *flight, enum content content)
{
    bool is_followed = flight->len > 1;
    if (content == CONTENT_ALERT) {
        return !is_followed;
    }
    return !is_followed || flight->run[1].last != flight->run[0].last;
}

static bool is_certificate_and_verify(const struct cas_flight *flight, uint8_t *at,
                                      struct measure measure)
{
    uint32_t certificate = 0;

    while (*at + 1 < flight->len && content_of(flight, *at + 1, measure) != measure.finished) {
        certificate += content_of(flight, *at, measure);
        ++*at;
    }
    return certificate >= CERTIFICATE_MIN;
}

/* Is this what lies at run *at? Moves *at behind it. */
static bool matches(enum content content, const struct cas_flight *flight, uint8_t *at,
                    struct measure measure)
{
    uint32_t len = content_of(flight, *at, measure);

    switch (content) {
    case CONTENT_END:
        return true;
    case CONTENT_CERTIFICATE:
        return len > 0 && is_certificate_and_verify(flight, at, measure);
    case CONTENT_ALERT:
        ++*at;
        return len == ALERT_LEN;
    case CONTENT_EMPTY:
        ++*at;
        return len == EMPTY_LEN;
    case CONTENT_FINISHED:
        ++*at;
        return len == measure.finished;
    case CONTENT_EMPTY_AND_FINISHED:
        ++*at;
        return len == EMPTY_LEN + measure.finished;
    case CONTENT_VERIFY:
        ++*at;
        return is_verify(len);
    case CONTENT_ALL_THREE:
        return len >= CERTIFICATE_MIN + VERIFY_MIN + measure.finished &&
               is_alone(flight, content) && !may_be_block(flight, (*at)++);
    }
    return false;
}

static bool matches_row(const struct row *row, const struct cas_flight *flight,
                        struct measure measure)
{
    uint8_t at = 0;

    for (size_t i = 0; i < ROW_MAX && row->content[i] != CONTENT_END; i++) {
        if (!matches(row->content[i], flight, &at, measure)) {
            return false;
        }
    }
    bool is_single = row->content[0] == CONTENT_FINISHED || row->content[0] == CONTENT_ALERT;
    return !is_single || is_alone(flight, row->content[0]);
}

/* The same lengths could be those of a padded Finished, unless the server was seen to ask. */
static bool needs_witness(const struct row *row, const struct cas_flight *flight)
{
    switch (row->content[0]) {
    case CONTENT_EMPTY_AND_FINISHED:
    case CONTENT_ALL_THREE:
        return true;
    case CONTENT_CERTIFICATE:
        return may_be_block(flight, 0);
    case CONTENT_END:
    case CONTENT_ALERT:
    case CONTENT_EMPTY:
    case CONTENT_FINISHED:
    case CONTENT_VERIFY:
        break;
    }
    return false;
}

/* The reading of the client's flight, of rows that say the same the first, which shows it by
 * more records; NULL when there is none, or more than one. */
static const struct row *read_client(const struct cas_conversation_facts *facts)
{
    const struct row *found = NULL;
    struct measure measure = { 0 };

    for (size_t i = 0; i < PADDINGS; i++) {
        if (!find_measure(facts->server_hello.cipher, paddings[i], &measure)) {
            return NULL;
        }
        for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
            if (!matches_row(&rows[k], &facts->client.flight, measure)) {
                continue;
            }
            if (found != NULL &&
                (found->requested != rows[k].requested || found->answer != rows[k].answer)) {
                return NULL;
            }
            found = found != NULL && found < &rows[k] ? found : &rows[k];
        }
    }
    return found;
}

/*
 * The server's flight: EncryptedExtensions, CertificateRequest when it asks, Certificate,
 * CertificateVerify, Finished (4.3, 4.4). When a record of the length of Finished follows one
 * of the length of a signature, it sends each message in a record of its own, and what lies
 * before them are three messages or two.
 */
struct server_flight {
    bool is_apart;       /* Finished and CertificateVerify are recognised */
    uint8_t before;      /* runs before CertificateVerify */
    uint8_t finished_at; /* run */
    struct measure measure;
};

static struct server_flight read_server(const struct cas_conversation_facts *facts)
{
    const struct cas_flight *flight = &facts->server.flight;
    struct server_flight read = { 0 };

    for (size_t i = 0; i < PADDINGS && !read.is_apart; i++) {
        struct measure measure = { 0 };
        if (!find_measure(facts->server_hello.cipher, paddings[i], &measure)) {
            break;
        }
        for (uint8_t at = 2; at < flight->len && !read.is_apart; at++) {
            if (content_of(flight, at, measure) == measure.finished) {
                read = (struct server_flight){
                    .is_apart = is_verify(content_of(flight, at - 1, measure)),
                    .before = at - 1,
                    .finished_at = at,
                    .measure = measure,
                };
                break;
            }
        }
    }
    return read;
}

#define MESSAGES_WITH_REQUEST 3 /* before CertificateVerify */

/*
 * Three messages before CertificateVerify: one of them is a CertificateRequest; or a long
 * Certificate that was split into shorter records than usual. But then the first part is never
 * the smaller one, and neither fills a record of the longest kind. Each of the two is at least
 * as long as the message that it is said to be: else others come in more records than one.
 */
static bool server_shows_request(const struct cas_conversation_facts *facts,
                                 const struct server_flight *server)
{
    const struct cas_flight *flight = &facts->server.flight;
    bool is_split = flight->run[1].bytes >= flight->run[2].bytes &&
                    flight->run[1].records == 1 && flight->run[2].records == 1;
    return server->is_apart && server->before == MESSAGES_WITH_REQUEST && !is_split &&
           content_of(flight, 1, server->measure) >= REQUEST_MIN &&
           content_of(flight, 2, server->measure) >= CERTIFICATE_MIN &&
           !facts->client_hello.limits_records;
}

static uint32_t common_divisor(uint32_t a, uint32_t b)
{
    while (b != 0) {
        uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/*
 * All that the server sent up to Finished fills blocks of one size: that size is then the
 * length of its Finished, which was recognised, or divides it. Any of it may be shorter than it
 * looks.
 */
static bool may_be_padded(const struct cas_flight *flight, const struct server_flight *server)
{
    uint32_t common = 0;

    for (uint8_t i = 0; i <= server->finished_at; i++) {
        common = common_divisor(common, flight->run[i].last - server->measure.tag);
    }
    return common > 1;
}

/* The length of a request that was sent: exact where each message has its record. */
static void measure_request(struct cas_inference *inference,
                            const struct cas_conversation_facts *facts,
                            const struct server_flight *server)
{
    const struct cas_flight *flight = &facts->server.flight;
    uint32_t others = ENCRYPTED_EXTENSIONS_MIN + CERTIFICATE_MIN;
    struct measure measure = { 0 };
    uint32_t most = 0;

    if (!find_measure(facts->server_hello.cipher, 0, &measure)) {
        return;
    }
    if (server->is_apart && server->before == MESSAGES_WITH_REQUEST &&
        !facts->client_hello.limits_records) {
        most = content_of(flight, 1, server->measure);
        inference->request_least = may_be_padded(flight, server) ? REQUEST_MIN : most;
    } else if (server->is_apart) {
        for (uint8_t i = 0; i < server->before; i++) {
            most += content_of(flight, i, measure);
        }
        inference->request_least = REQUEST_MIN;
        most = most > others ? most - others : 0;
    }
    inference->request_most = most;
    if (most < REQUEST_MIN) {
        inference->request_least = inference->request_most = 0;
    }
}

/* The client's answer is the last that it said: what the server says then is no reply to data,
 * nor to a close_notify. */
static bool ends_with_answer(const struct cas_conversation_facts *facts)
{
    const struct cas_flight *flight = &facts->client.flight;
    bool has_finished = flight->len == 1;

    for (size_t i = 0; i < PADDINGS && flight->len > 1; i++) {
        struct measure measure = { 0 };
        uint8_t last = (uint8_t)(flight->len - 1);
        has_finished =
            has_finished || (find_measure(facts->server_hello.cipher, paddings[i], &measure) &&
                             content_of(flight, last, measure) == measure.finished);
    }
    return has_finished;
}

/* Behind Finished one record of an alert's length, and nothing more. */
static bool has_last_alert(const struct cas_conversation_facts *facts,
                           const struct server_flight *server)
{
    const struct cas_flight *flight = &facts->server.flight;
    return server->is_apart && flight->len == server->finished_at + 2 &&
           content_of(flight, server->finished_at + 1, server->measure) == ALERT_LEN;
}

/* Both hellos whole, and every header of the flights where it must be, undoubted. */
static bool is_readable(const struct cas_conversation_facts *facts)
{
    const struct cas_direction_facts *client = &facts->client;
    const struct cas_direction_facts *server = &facts->server;
    return facts->client_hello.is_whole && facts->server_hello.is_whole &&
           facts->server_hello.version == CAS_TLS_VERSION_TLS13 && facts->client_end >= 0 &&
           (client->reasons | server->reasons) == 0 && !client->may_lack_messages &&
           !server->may_lack_messages && !client->is_malformed && !server->is_malformed;
}

struct cas_inference cas_infer(const struct cas_conversation_facts *facts)
{
    struct cas_inference inference = {
        .requested = CAS_REQUESTED_HIDDEN,
        .answer = CAS_ANSWER_HIDDEN,
        .may_be_asked_later = facts->client_hello.allows_later_request,
    };
    if (!is_readable(facts) || facts->server_hello.is_psk_accepted) {
        return inference;
    }
    struct server_flight server = read_server(facts);
    /* Early data that the server refuses comes before the client's answer, or in its place. */
    const struct row *client =
        facts->client_hello.offers_early_data ? NULL : read_client(facts);
    bool shows_request = server_shows_request(facts, &server);

    if (client != NULL && client->requested == CAS_REQUESTED_NO && shows_request) {
        return inference; /* they contradict: not a way to pad or to split that is known */
    }
    if (client != NULL && !shows_request && needs_witness(client, &facts->client.flight)) {
        return inference;
    }
    if (client != NULL) {
        inference.requested = client->requested;
        inference.answer = client->answer;
        inference.client_broke_off = client->broke_off;
    }
    if (shows_request) {
        inference.requested = CAS_REQUESTED_YES;
    }
    if (inference.requested == CAS_REQUESTED_YES) {
        measure_request(&inference, facts, &server);
        bool has_answered =
            inference.answer == CAS_ANSWER_EMPTY || inference.answer == CAS_ANSWER_CERTIFICATE;
        inference.server_sent_alert = has_answered && !inference.client_broke_off &&
                                      !facts->server.lost_framing && ends_with_answer(facts) &&
                                      has_last_alert(facts, &server);
    }
    return inference;
}
