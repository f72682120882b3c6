/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A saved capture taken apart into its TCP connections, and the plain view of what each of
 * them carried: the oracle for the property tests, the template for the load generator. It
 * trusts its input, which is a capture of honest traffic.
 */
#ifndef CAS_TEST_RECORDING_H
#define CAS_TEST_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "support/wire.h"

/* A row of packets that grows; it owns them. */
struct wire_row {
    struct wire_packet *packet;
    size_t len;
    size_t room;
};

void wire_row_add(struct wire_row *row, struct wire_packet packet);
void wire_row_finish(struct wire_row *row);

/* Ends are numbered: end 0 opened the connection. */
struct recorded_connection {
    uint8_t family;
    uint8_t address[2][16];
    uint16_t port[2];
    uint32_t start[2]; /* sequence number of the first byte of each direction */
    bool has_start[2];
    struct wire_row row;
};

struct recording {
    int link_type;
    struct wire_row row;   /* all packets as they came */
    size_t *connection_of; /* for each packet; SIZE_MAX when it is of none */
    struct recorded_connection *connection;
    size_t connections;
};

/* NULL, and a line on stderr, when libpcap cannot read it. */
struct recording *recording_load(const char *path);
void recording_destroy(struct recording *recording);

/* Which end sent this packet of the connection. */
unsigned recorded_sender(const struct recorded_connection *connection,
                         const struct wire_packet *packet);

/* One direction's bytes in order, the first copy of each, holes as zeros. */
struct recorded_stream {
    uint8_t *data;
    bool *is_there;
    bool *is_doubtful; /* a later copy of it differs */
    size_t len;
};

struct recorded_stream recorded_stream_of(const struct recorded_connection *connection,
                                          const struct wire_row *row, unsigned end);
void recorded_stream_finish(struct recorded_stream *stream);

/* A minimal writer of classic pcap files. */
FILE *wire_file_create(const char *path, int link_type);
void wire_file_add(FILE *file, const struct wire_packet *packet);

#endif
