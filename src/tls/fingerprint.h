/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fingerprints of hellos: JA3 and JA3S (MD5 of the fields in their order), JA4 (FoxIO:
 * sorted, so that shuffled extensions do not count). Knows no more of a hello than its fields.
 */
#ifndef CAS_TLS_FINGERPRINT_H
#define CAS_TLS_FINGERPRINT_H

#include <stdbool.h>

#include "bytes/budget.h"
#include "tls/hello.h"
#include "tls/server_hello.h"

#define CAS_JA3_SIZE 33
#define CAS_JA4_SIZE 40

/* Only of whole hellos that are not SSLv2-compatible. False, and nothing written, when there is
 * no memory. */
bool cas_ja3(const struct cas_client_hello *hello, struct cas_budget *budget,
             char out_text[CAS_JA3_SIZE]);
bool cas_ja3s(const struct cas_server_hello *hello, struct cas_budget *budget,
              char out_text[CAS_JA3_SIZE]);
bool cas_ja4(const struct cas_client_hello *hello, struct cas_budget *budget,
             char out_text[CAS_JA4_SIZE]);

#endif
