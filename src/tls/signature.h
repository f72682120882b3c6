/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the beginning of TLS looks like: is this the first byte of a record that nothing else
 * would look like? Knows bytes from one place on; where to look is the finder's affair.
 */
#ifndef CAS_TLS_SIGNATURE_H
#define CAS_TLS_SIGNATURE_H

#include <casniff/types.h>

/* No signature needs more bytes. */
#define CAS_SIGNATURE_MAX 44

enum cas_match {
    CAS_MATCH_NO,
    CAS_MATCH_MAYBE, /* so far as the bytes go */
    CAS_MATCH_YES
};

/* A record that begins with a ClientHello or ServerHello; the fixed part of that may be in more
 * records than one. */
enum cas_match cas_signature_hello(struct cas_view bytes);

/*
 * The same at the very start of a stream, where less proof is needed: the first record may be
 * as short as one byte of body.
 */
enum cas_match cas_signature_first_hello(struct cas_view bytes);

/*
 * At the very start of a stream, too: a record whose first message is another one. No peer
 * would take that, and it may be there to hide what follows it.
 */
enum cas_match cas_signature_first_handshake(struct cas_view bytes);

/* An SSLv2-compatible ClientHello. */
enum cas_match cas_signature_ssl2_hello(struct cas_view bytes);

/* A record with one alert in the clear. */
enum cas_match cas_signature_alert(struct cas_view bytes);

/* A record that begins with another handshake message, whose length agrees with it. */
enum cas_match cas_signature_handshake(struct cas_view bytes);

/*
 * Any handshake record: the first message in it, should there be as much, is no longer than a
 * handshake's are. Where it begins something, too little to be sure.
 */
enum cas_match cas_signature_any_handshake(struct cas_view bytes);

/* ChangeCipherSpec with another record behind it. */
enum cas_match cas_signature_change_cipher_spec(struct cas_view bytes);

#endif
