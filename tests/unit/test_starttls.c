/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLS that begins behind plaintext (RFC 3207, for one), from the frames to the event, however
 * segments and records cut the hellos.
 */
#include <string.h>

#include <casniff/sniffer.h>

#include "support/frames.h"
#include "support/support.h"
#include "support/tls_records.h"

#define SEGMENT_MAX 1460
/* More than the plaintext, and the bytes by which a hello is known. */
#define SPLITS 80

static const char *const plaintext[] = { "STARTTLS\r\n", "220 go ahead\r\n" };

struct told {
    unsigned handshakes;
    bool has_sni;
    bool has_cipher;
    enum cas_requested requested;
    enum cas_answer answer;
    enum cas_seen seen;
};

static void on_handshake(void *user, const struct cas_handshake_event *event)
{
    struct told *told = user;
    told->handshakes++;
    told->has_sni = event->tls.sni != NULL && strcmp(event->tls.sni, "mail.example") == 0;
    told->has_cipher = event->tls.cipher != NULL;
    told->requested = event->client_auth.requested;
    told->answer = event->client_auth.answer;
    told->seen = event->ca_list != NULL ? event->ca_list->seen : CAS_SEEN_INCOMPLETE;
}

static void append_messages(struct cas_buf *out, struct cas_buf *messages, size_t record_len)
{
    tls_records(out, 22, 0x0303, cas_buf_view(messages), record_len);
    cas_buf_clear(messages);
}

static void append_end(struct cas_buf *out)
{
    tls_change_cipher_spec(out);
    tls_opaque(out, 22, 40);
    tls_opaque(out, 23, 60);
}

/* What each side says in this protocol up to its first data. */
static struct cas_buf begin_of(unsigned end, size_t record_len)
{
    struct cas_buf bytes = tls_buf();
    struct cas_buf messages = tls_buf();
    tls_text(&bytes, plaintext[end]);
    if (end == 0) {
        tls_client_hello(&messages, "mail.example");
    } else {
        tls_server_hello(&messages, 0x0303);
        tls_certificate(&messages, 1, 200);
        tls_cert_request(&messages, 3, 40);
        tls_message(&messages, 14, 0);
    }
    append_messages(&bytes, &messages, record_len);
    cas_buf_finish(&messages);
    return bytes;
}

static void say(struct talk *talk, unsigned from, struct cas_view bytes)
{
    if (bytes.len > 0) {
        talk_send(talk, from, bytes, SEGMENT_MAX);
    }
}

/* This end's bytes in three segments. */
static void say_split(struct talk *talk, unsigned from, struct cas_view bytes, size_t first,
                      size_t second)
{
    say(talk, from, cas_view_part(bytes, 0, first));
    say(talk, from, cas_view_part(bytes, first, second));
    say(talk, from, cas_view_part(bytes, first + second, bytes.len));
}

static void say_answers(struct talk *talk)
{
    struct cas_buf client = tls_buf();
    struct cas_buf server = tls_buf();
    struct cas_buf messages = tls_buf();
    tls_certificate(&messages, 0, 0);
    tls_message(&messages, 16, 66);
    append_messages(&client, &messages, 16384);
    append_end(&client);
    append_end(&server);
    talk_send(talk, 0, cas_buf_view(&client), SEGMENT_MAX);
    talk_send(talk, 1, cas_buf_view(&server), SEGMENT_MAX);
    cas_buf_finish(&messages);
    cas_buf_finish(&client);
    cas_buf_finish(&server);
}

static struct told listen_to(struct frames *frames)
{
    struct told told = { 0 };
    struct cas_sniffer_config config = cas_sniffer_defaults();
    config.sink = (struct cas_sink){ .user = &told, .handshake = on_handshake };
    struct cas_sniffer *sniffer = cas_sniffer_create(&config);
    ck_assert_ptr_nonnull(sniffer);
    for (size_t i = 0; i < frames->len; i++) {
        cas_sniffer_push(sniffer, &frames->frame[i]);
    }
    cas_sniffer_finish(sniffer);
    cas_sniffer_destroy(sniffer);
    frames_free(frames);
    return told;
}

/* Both ends' first bytes, in records of this length and segments of these. */
static struct told run(size_t record_len, size_t first, size_t second)
{
    struct frames frames = { 0 };
    struct talk talk = talk_init(&frames);
    talk_handshake(&talk);
    for (unsigned end = 0; end < 2; end++) {
        struct cas_buf bytes = begin_of(end, record_len);
        say_split(&talk, end, cas_buf_view(&bytes), first, second);
        cas_buf_finish(&bytes);
    }
    say_answers(&talk);
    talk_close(&talk);
    return listen_to(&frames);
}

static void expect_all(const struct told *told, size_t a, size_t b)
{
    ck_assert_msg(told->handshakes == 1 && told->has_sni && told->has_cipher, "%zu %zu", a, b);
    ck_assert_msg(told->requested == CAS_REQUESTED_YES && told->seen == CAS_SEEN_COMPLETE,
                  "%zu %zu", a, b);
    ck_assert_msg(told->answer == CAS_ANSWER_EMPTY, "%zu %zu", a, b);
}

START_TEST(a_hello_in_any_segments_is_found)
{
    for (size_t first = 1; first < SPLITS; first++) {
        for (size_t second = 0; second < SPLITS; second += first % 7 + 1) {
            struct told told = run(16384, first, second);
            expect_all(&told, first, second);
        }
    }
}
END_TEST

/* Plaintext in a segment of its own, ten bytes of the hello, and the rest. */
START_TEST(a_hello_whose_first_segment_has_ten_bytes_is_found)
{
    for (unsigned end = 0; end < 2; end++) {
        struct told told = run(16384, strlen(plaintext[end]), 10);
        expect_all(&told, strlen(plaintext[end]), 10);
    }
}
END_TEST

/* RFC 5246, 6.2.1: a message may be in any number of records. */
START_TEST(a_hello_in_any_records_is_found)
{
    for (size_t record_len = 1; record_len < SPLITS; record_len++) {
        for (size_t first = 1; first < SPLITS; first += record_len % 5 + 1) {
            struct told told = run(record_len, first, 1);
            expect_all(&told, record_len, first);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("starttls");
    TCase *tcase = tcase_create("starttls");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_hello_in_any_segments_is_found);
    tcase_add_test(tcase, a_hello_whose_first_segment_has_ten_bytes_is_found);
    tcase_add_test(tcase, a_hello_in_any_records_is_found);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
