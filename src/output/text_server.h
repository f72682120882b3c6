/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The block of one server: verdict first, then its list, then its clients. */
#ifndef CAS_OUTPUT_TEXT_SERVER_H
#define CAS_OUTPUT_TEXT_SERVER_H

#include <casniff/events.h>

#include "output/text_layout.h"

/* Which blocks are read first. */
enum cas_text_urgency {
    CAS_TEXT_BROKEN, /* cut, or clients failed */
    CAS_TEXT_ODD,    /* something to look at */
    CAS_TEXT_CALM,
    CAS_TEXT_URGENCIES
};

enum cas_text_urgency cas_text_urgency(const struct cas_server_event *event);

void cas_text_server(const struct cas_text *text, const struct cas_server_event *event);

/* "10.0.0.2:443  www.example.at  TLS 1.2    ": how a block begins. */
void cas_text_who(const struct cas_text *text, const struct cas_endpoint *server,
                  const char *sni, const char *version);

enum cas_text_colour cas_text_severity_colour(enum cas_severity severity);

/* One line for one connection: --verbose. */
void cas_text_handshake(const struct cas_text *text, const struct cas_handshake_event *event);

#endif
