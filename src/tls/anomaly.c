/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/anomaly.h"

static const struct cas_anomaly_text texts[CAS_ANOMALIES] = {
    [CAS_ANOMALY_BAD_RECORD] = { "malformed_record", "no TLS record where one must begin" },
    [CAS_ANOMALY_RECORD_TOO_LONG] = { "record_too_long",
                                      "a record is longer than 16384 bytes" },
    [CAS_ANOMALY_EMPTY_RECORD] = { "empty_record", "a record without content" },
    [CAS_ANOMALY_INTERLEAVED] = { "interleaved_record",
                                  "another record between the parts of a handshake message" },
    [CAS_ANOMALY_BAD_CHANGE_CIPHER_SPEC] = { "malformed_change_cipher_spec",
                                             "a ChangeCipherSpec that is not one byte 1" },
    [CAS_ANOMALY_BAD_MESSAGE] = { "malformed_message",
                                  "a handshake message contradicts itself" },
    [CAS_ANOMALY_WRONG_SIDE] = { "unexpected_message",
                                 "a handshake message that this side must not send now" },
    [CAS_ANOMALY_OVERLAP] = { "overlap", "bytes of the handshake were sent again and differ" },
    [CAS_ANOMALY_URGENT] = { "urgent", "urgent data inside the handshake" },
    [CAS_ANOMALY_SEQUENCE] = { "sequence",
                               "data came with sequence numbers that have nothing to do with "
                               "those of the connection: some of it is forged, or another's" },
    [CAS_ANOMALY_WRONG_KEY] = { "wrong_key",
                                "the key log's secret does not open a record of this "
                                "connection" },
    [CAS_ANOMALY_SEALED_TYPE] = { "unexpected_message",
                                  "an encrypted record of a type that does not belong there" },
    [CAS_ANOMALY_DAMAGED_RECORD] = { "damaged_record",
                                     "an encrypted record does not open, though others before "
                                     "it did: it was altered, or one is missing" },
};

struct cas_anomaly_text cas_anomaly_text(enum cas_talk_anomaly anomaly)
{
    return texts[anomaly];
}

/* A message where it must not be is told of once, in the clear or not. */
uint32_t cas_anomaly_bit(enum cas_talk_anomaly anomaly)
{
    return UINT32_C(1) << (anomaly == CAS_ANOMALY_SEALED_TYPE ? CAS_ANOMALY_WRONG_SIDE
                                                              : anomaly);
}

bool cas_anomaly_is_doubt(enum cas_talk_anomaly anomaly)
{
    return anomaly == CAS_ANOMALY_OVERLAP || anomaly == CAS_ANOMALY_URGENT ||
           anomaly == CAS_ANOMALY_SEQUENCE || anomaly == CAS_ANOMALY_WRONG_KEY ||
           anomaly == CAS_ANOMALY_DAMAGED_RECORD;
}
