/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opens the records of one direction of TLS 1.0, 1.1 and 1.2 (RFC 2246, RFC 4346, RFC 5246,
 * each in section 6) with a master secret. Every record is authenticated. Knows no messages.
 *
 * SSL 3.0 is refused: its keys and its MAC are made in ways of their own.
 */
#ifndef CAS_TLS_PROTECTION12_H
#define CAS_TLS_PROTECTION12_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/budget.h"
#include "bytes/buf.h"
#include "bytes/cipher.h"
#include "bytes/hmac.h"
#include "tls/keylog.h"
#include "tls/protection.h"

enum cas_protection12_sender {
    CAS_SENT_BY_CLIENT,
    CAS_SENT_BY_SERVER
};

/*
 * What both hellos and the key log say. The master secret is the finished one: whether it was
 * made the extended way (RFC 7627) or not changes nothing from there on.
 */
struct cas_key_material {
    uint16_t version; /* negotiated */
    uint16_t cipher;
    bool is_encrypt_then_mac; /* RFC 7366; means nothing but in CBC mode */
    uint8_t client_random[CAS_RANDOM_LEN];
    uint8_t server_random[CAS_RANDOM_LEN];
    struct cas_secret master;
};

struct cas_protection12;

/* Could records of such a handshake be opened, given the secret? */
bool cas_protection12_is_known(uint16_t version, uint16_t cipher);

/* NULL when that is not so, the secret has not its length, or memory is refused. */
struct cas_protection12 *cas_protection12_create(const struct cas_key_material *material,
                                                 enum cas_protection12_sender sender,
                                                 struct cas_budget *budget);
/* Wipes the keys; protection may be NULL. */
void cas_protection12_destroy(struct cas_protection12 *protection);

/*
 * The next record: its 5-byte header and its body. The content comes to lie in out_content,
 * which is cleared. After a record that is not good no other one can be opened.
 */
enum cas_opening cas_protection12_open(struct cas_protection12 *protection,
                                       struct cas_view header, struct cas_view body,
                                       struct cas_buf *out_content);

/*
 * How many bytes of a record's end cas_protection12_pass() must know: those from which the next
 * record goes on.
 */
#define CAS_PROTECTION12_TAIL_MAX (CAS_CIPHER_BLOCK_MAX + CAS_HMAC_LEN_MAX)
uint8_t cas_protection12_tail_len(const struct cas_protection12 *protection);

/*
 * The next record is not opened: its body has len bytes and ends with tail. False when that can
 * not be a record of these keys: then no other one can be opened.
 */
bool cas_protection12_pass(struct cas_protection12 *protection, size_t len,
                           struct cas_view tail);

/*
 * The same of a record that is there from end to end: is it one of these keys, and of the type
 * that its header says? Others can be opened behind it even where it is not: somebody altered a
 * few bytes of it on its way. What it holds is wiped; scratch is where it was opened.
 */
enum cas_opening cas_protection12_check(struct cas_protection12 *protection,
                                        struct cas_view header, struct cas_view body,
                                        struct cas_buf *scratch);

#endif
