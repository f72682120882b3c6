/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/sealed_talk.h"

#include <check.h>

#include "bytes/reader.h"
#include "support/tls_records.h"

#define HASH_LEN 32 /* of the suite: what Finished holds */

static unsigned end_of(enum tls_key key)
{
    bool is_client = key == TLS_KEY_CLIENT_HANDSHAKE || key == TLS_KEY_CLIENT_TRAFFIC;
    return is_client ? TLS_CLIENT : TLS_SERVER;
}

void sealed_talk_init(struct sealed_talk *talk, enum tls_key wrong)
{
    talk->keylog = tls_sealer_wrong_keylog(wrong);
    tls_recorder_init(&talk->recorder, false);
    tls_recorder_use_keys(&talk->recorder, talk->keylog);
    for (size_t i = 0; i < TLS_KEYS; i++) {
        talk->sealer[i] = tls_sealer_init((enum tls_key)i);
    }
}

void sealed_talk_finish(struct sealed_talk *talk)
{
    tls_recorder_finish(&talk->recorder);
    cas_keylog_destroy(talk->keylog);
}

static void say_in_the_clear(struct sealed_talk *talk, unsigned end, struct cas_view message)
{
    struct cas_buf record = tls_buf();
    tls_record(&record, 22, 0x0303, message);
    tls_recorder_bytes(&talk->recorder, end, cas_buf_view(&record));
    cas_buf_finish(&record);
}

void sealed_talk_hellos(struct sealed_talk *talk, unsigned extension)
{
    static const uint8_t random[32] = { 0xb2 };
    struct cas_buf hello = tls_buf();

    tls_client_hello13_with(&hello, "host.example", extension);
    say_in_the_clear(talk, TLS_CLIENT, cas_buf_view(&hello));
    cas_buf_clear(&hello);
    tls_server_hello13(&hello, cas_view_of(random, sizeof(random)));
    say_in_the_clear(talk, TLS_SERVER, cas_buf_view(&hello));
    cas_buf_finish(&hello);
}

void sealed_talk_begin(struct sealed_talk *talk, unsigned extension)
{
    sealed_talk_init(talk, TLS_KEYS);
    sealed_talk_hellos(talk, extension);
}

void sealed_talk_send(struct sealed_talk *talk, enum tls_key key, struct cas_view bytes)
{
    tls_recorder_bytes(&talk->recorder, end_of(key), bytes);
}

void sealed_talk_say(struct sealed_talk *talk, enum tls_key key, unsigned type,
                     struct cas_view content)
{
    struct cas_buf record = tls_buf();
    tls_seal(&record, &talk->sealer[key], type, content, 0);
    sealed_talk_send(talk, key, cas_buf_view(&record));
    cas_buf_finish(&record);
}

void sealed_talk_message(struct sealed_talk *talk, enum tls_key key, unsigned type, size_t len)
{
    struct cas_buf message = tls_buf();
    tls_message(&message, type, len);
    sealed_talk_say(talk, key, 22, cas_buf_view(&message));
    cas_buf_finish(&message);
}

void sealed_talk_request(struct sealed_talk *talk, enum tls_key key)
{
    struct cas_buf message = tls_buf();
    tls_cert_request13(&message, 2, 40);
    sealed_talk_say(talk, key, 22, cas_buf_view(&message));
    cas_buf_finish(&message);
}

static void say_certificate(struct sealed_talk *talk, enum tls_key key, size_t len)
{
    struct cas_buf message = tls_buf();
    tls_certificate13(&message, len);
    sealed_talk_say(talk, key, 22, cas_buf_view(&message));
    cas_buf_finish(&message);
}

void sealed_talk_server_flight(struct sealed_talk *talk, size_t requests)
{
    sealed_talk_message(talk, TLS_KEY_SERVER_HANDSHAKE, 8, 2);
    if (requests > 0) {
        sealed_talk_request(talk, TLS_KEY_SERVER_HANDSHAKE);
    }
    say_certificate(talk, TLS_KEY_SERVER_HANDSHAKE, 500);
    sealed_talk_message(talk, TLS_KEY_SERVER_HANDSHAKE, 15, 100);
    sealed_talk_message(talk, TLS_KEY_SERVER_HANDSHAKE, 20, HASH_LEN);
}

void sealed_talk_client_flight(struct sealed_talk *talk, size_t certificates)
{
    if (certificates > 0) {
        say_certificate(talk, TLS_KEY_CLIENT_HANDSHAKE, 0);
    }
    sealed_talk_message(talk, TLS_KEY_CLIENT_HANDSHAKE, 20, HASH_LEN);
}

const struct cas_conversation_facts *sealed_talk_close(struct sealed_talk *talk)
{
    tls_recorder_close(&talk->recorder, CAS_REASON_CLOSED);
    return tls_recorder_facts(&talk->recorder);
}
