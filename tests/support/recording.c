/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/recording.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>
#ifdef CAS_HAVE_ZLIB
#include <zlib.h>
#endif

/* More in one direction is taken for a broken sequence number. */
#define STREAM_MAX (64u << 20)

static void put(FILE *file, const void *bytes, size_t len)
{
    if (fwrite(bytes, 1, len, file) != len) {
        perror("cannot write the capture");
        exit(EXIT_FAILURE);
    }
}

void wire_row_add(struct wire_row *row, struct wire_packet packet)
{
    if (row->len == row->room) {
        row->room = row->room > 0 ? 2 * row->room : 64;
        row->packet = wire_grow(row->packet, row->room * sizeof(*row->packet));
    }
    row->packet[row->len++] = packet;
}

void wire_row_finish(struct wire_row *row)
{
    for (size_t i = 0; i < row->len; i++) {
        wire_free(&row->packet[i]);
    }
    free(row->packet);
    *row = (struct wire_row){ 0 };
}

static bool is_sent_by(const struct recorded_connection *c, const struct wire_packet *p,
                       unsigned end)
{
    size_t len = p->family == 4 ? 4 : 16;
    return c->family == p->family && c->port[end] == wire_port(p, 0) &&
           c->port[1 - end] == wire_port(p, 1) &&
           memcmp(c->address[end], wire_address(p, 0), len) == 0 &&
           memcmp(c->address[1 - end], wire_address(p, 1), len) == 0;
}

unsigned recorded_sender(const struct recorded_connection *connection,
                         const struct wire_packet *packet)
{
    return is_sent_by(connection, packet, 0) ? 0 : 1;
}

static bool opens(const struct wire_packet *p)
{
    return (p->flags & (WIRE_SYN | WIRE_ACK)) == WIRE_SYN;
}

/* The latest connection between these ends, unless the packet opens another one. */
static struct recorded_connection *find(const struct recording *recording,
                                        const struct wire_packet *p)
{
    for (size_t i = recording->connections; i-- > 0;) {
        struct recorded_connection *c = &recording->connection[i];
        if (is_sent_by(c, p, 0) || is_sent_by(c, p, 1)) {
            unsigned end = recorded_sender(c, p);
            bool is_again = c->has_start[end] && c->start[end] == p->seq + 1;
            return opens(p) && !is_again ? NULL : c;
        }
    }
    return NULL;
}

static struct recorded_connection *add(struct recording *recording, const struct wire_packet *p)
{
    size_t room = (recording->connections + 1) * sizeof(*recording->connection);
    recording->connection = wire_grow(recording->connection, room);
    struct recorded_connection *c = &recording->connection[recording->connections++];
    *c = (struct recorded_connection){ .family = p->family };
    /* Without a SYN, who answers with SYN and ACK did not open it. */
    unsigned sender = (p->flags & WIRE_SYN) != 0 && !opens(p) ? 1 : 0;
    for (unsigned which = 0; which < 2; which++) {
        memcpy(c->address[which ^ sender], wire_address(p, which), p->family == 4 ? 4 : 16);
        c->port[which ^ sender] = wire_port(p, which);
    }
    return c;
}

static void assign(struct recording *recording, size_t index)
{
    const struct wire_packet *p = &recording->row.packet[index];
    recording->connection_of[index] = SIZE_MAX;
    if (!p->is_tcp) {
        return;
    }
    struct recorded_connection *c = find(recording, p);
    if (c == NULL) {
        c = add(recording, p);
    }
    unsigned end = recorded_sender(c, p);
    if (!c->has_start[end]) {
        c->has_start[end] = true;
        c->start[end] = p->seq + ((p->flags & WIRE_SYN) != 0 ? 1 : 0);
    }
    wire_row_add(&c->row, wire_copy(p));
    recording->connection_of[index] = (size_t)(c - recording->connection);
}

static void read_all(struct recording *recording, pcap_t *pcap)
{
    struct pcap_pkthdr *header = NULL;
    const u_char *bytes = NULL;
    recording->link_type = pcap_datalink(pcap);
    while (pcap_next_ex(pcap, &header, &bytes) == 1) {
        struct wire_packet p =
            wire_packet_of(bytes, header->caplen, header->len, recording->link_type);
        p.time_us = (uint64_t)header->ts.tv_sec * 1000000 + (uint64_t)header->ts.tv_usec;
        wire_row_add(&recording->row, p);
    }
}

#ifdef CAS_HAVE_ZLIB
/* The file without its compression, if it has one. */
static FILE *open_plain(const char *path)
{
    char block[65536];
    int len = 0;
    gzFile packed = gzopen(path, "rb");
    FILE *plain = packed != NULL ? tmpfile() : NULL;
    while (plain != NULL && (len = gzread(packed, block, sizeof(block))) > 0) {
        put(plain, block, (size_t)len);
    }
    if (packed != NULL) {
        gzclose(packed);
    }
    if (plain != NULL) {
        rewind(plain);
    }
    return plain;
}
#else
static FILE *open_plain(const char *path)
{
    return fopen(path, "rb");
}
#endif

struct recording *recording_load(const char *path)
{
    char error[PCAP_ERRBUF_SIZE] = "";
    FILE *file = open_plain(path);
    pcap_t *pcap = file != NULL ? pcap_fopen_offline(file, error) : NULL;
    if (pcap == NULL) {
        fprintf(stderr, "%s: %s\n", path, file != NULL ? error : strerror(errno));
        return NULL;
    }
    struct recording *recording = wire_alloc(sizeof(*recording));
    *recording = (struct recording){ 0 };
    read_all(recording, pcap);
    pcap_close(pcap);
    recording->connection_of = wire_alloc(recording->row.len * sizeof(size_t));
    for (size_t i = 0; i < recording->row.len; i++) {
        assign(recording, i);
    }
    return recording;
}

void recording_destroy(struct recording *recording)
{
    if (recording == NULL) {
        return;
    }
    for (size_t i = 0; i < recording->connections; i++) {
        wire_row_finish(&recording->connection[i].row);
    }
    wire_row_finish(&recording->row);
    free(recording->connection);
    free(recording->connection_of);
    free(recording);
}

_Static_assert(sizeof(bool) == 1, "its bytes are searched and set");

static void stream_resize(struct recorded_stream *stream, size_t len)
{
    size_t more = len - stream->len;
    stream->data = wire_grow(stream->data, len);
    stream->is_there = wire_grow(stream->is_there, len * sizeof(bool));
    stream->is_doubtful = wire_grow(stream->is_doubtful, len * sizeof(bool));
    memset(stream->data + stream->len, 0, more);
    memset(stream->is_there + stream->len, 0, more * sizeof(bool));
    memset(stream->is_doubtful + stream->len, 0, more * sizeof(bool));
    stream->len = len;
}

static void stream_keep(struct recorded_stream *stream, size_t at, const uint8_t *bytes,
                        size_t len)
{
    if (memchr(stream->is_there + at, true, len * sizeof(bool)) == NULL) {
        memcpy(stream->data + at, bytes, len);
        memset(stream->is_there + at, true, len * sizeof(bool));
        return;
    }
    for (size_t i = at; i < at + len; i++) {
        uint8_t byte = bytes[i - at];
        bool differs = stream->is_there[i] && stream->data[i] != byte;
        stream->is_doubtful[i] = stream->is_doubtful[i] || differs;
        stream->data[i] = stream->is_there[i] ? stream->data[i] : byte;
        stream->is_there[i] = true;
    }
}

struct recorded_stream recorded_stream_of(const struct recorded_connection *connection,
                                          const struct wire_row *row, unsigned end)
{
    struct recorded_stream stream = { 0 };
    for (size_t i = 0; i < row->len; i++) {
        const struct wire_packet *p = &row->packet[i];
        if (!p->is_tcp || recorded_sender(connection, p) != end) {
            continue;
        }
        size_t len = wire_payload_len(p);
        uint32_t at = p->seq + ((p->flags & WIRE_SYN) != 0 ? 1 : 0) - connection->start[end];
        if (at > STREAM_MAX || len == 0) {
            continue; /* a keep-alive's byte before the start, say */
        }
        if (at + len > stream.len) {
            stream_resize(&stream, at + len);
        }
        stream_keep(&stream, at, p->frame + p->payload, len);
    }
    return stream;
}

void recorded_stream_finish(struct recorded_stream *stream)
{
    free(stream->data);
    free(stream->is_there);
    free(stream->is_doubtful);
    *stream = (struct recorded_stream){ 0 };
}

FILE *wire_file_create(const char *path, int link_type)
{
    /* In this machine's byte order; the magic number tells which. DLT_RAW is written as 101. */
    const struct {
        uint32_t magic;
        uint16_t version[2];
        uint32_t zone[2];
        uint32_t snaplen;
        uint32_t network;
    } header = {
        .magic = 0xa1b2c3d4,
        .version = { 2, 4 },
        .snaplen = 262144,
        .network = link_type == DLT_RAW ? 101 : (uint32_t)link_type,
    };
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    put(file, &header, sizeof(header));
    return file;
}

void wire_file_add(FILE *file, const struct wire_packet *packet)
{
    uint32_t header[4] = {
        (uint32_t)(packet->time_us / 1000000),
        (uint32_t)(packet->time_us % 1000000),
        (uint32_t)packet->frame_len,
        packet->wire_len,
    };
    put(file, header, sizeof(header));
    put(file, packet->frame, packet->frame_len);
}
