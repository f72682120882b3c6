/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What make_load writes is made from templates: whole connections, as Ethernet frames, that are
 * cloned between other addresses and ports. Recorded handshakes are such (load_recorded.c), and
 * what passes beside them in life (load_others.c).
 */
#ifndef CAS_BENCH_LOAD_H
#define CAS_BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/dice.h"
#include "support/recording.h"

/* Bytes of a segment, as an Ethernet carries them. */
#define LOAD_SEGMENT 1448

/* One packet of a template. */
struct load_mark {
    bool is_reply;        /* end 1 sent it */
    bool carries_request; /* a part of a CertificateRequest in the clear, or all of it */
};

struct load_template {
    struct wire_row row;
    struct load_mark *mark; /* for each packet */
    size_t pause;           /* the connection is open and idle before this packet */
    uint16_t server_port;
    uint8_t family;
    bool is_tls;
    size_t requests; /* CertificateRequests in the clear */
};

struct load_templates {
    struct load_template *template;
    size_t len;
};

void load_templates_add(struct load_templates *templates, struct load_template template);
void load_templates_finish(struct load_templates *templates);

/* Takes the packet. */
void load_template_add(struct load_template *template, struct wire_packet packet,
                       struct load_mark mark);

struct load_recorded_options {
    uint64_t bytes_max; /* longer recorded connections are left out */
    uint64_t bulk;      /* of application data from the server, 0: the recorded end */
    bool stays_open;    /* a pause behind the handshake, then a little data and the end */
};

/* The whole TLS connections of a saved capture; exits when it cannot be read. */
void load_recorded(struct load_templates *templates, const char *path,
                   const struct load_recorded_options *options, struct dice *dice);

/*
 * What is no TLS: HTTP, DNS and QUIC over UDP, SSH, a binary protocol, and a connection whose
 * beginning was not captured.
 */
void load_others(struct load_templates *templates, struct dice *dice);

#endif
