/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <casniff/evidence.h>

#include "bytes/buf.h"
#include "bytes/reader.h"

/*
 * The format (draft-ietf-opsawg-pcap), here little-endian:
 *   u32 magic, u16 major, u16 minor, u32 reserved, u32 reserved, u32 snaplen, u32 link type
 *   and for each packet: u32 seconds, u32 microseconds, u32 captured, u32 on the wire, bytes
 */
#define MAGIC      0xa1b2c3d4u
#define MAJOR      2
#define MINOR      4
#define SNAPLEN    262144u /* libpcap's own cap: nothing longer can have been captured */
#define HEADER_LEN 24
#define RECORD_LEN 16

#define MICROSECONDS 1000000u

/* DLT_RAW's numbers on Linux and on OpenBSD, and the one that files have for it. */
#define RAW_LINUX    12
#define RAW_OPENBSD  14
#define RAW_LINKTYPE 101

/* Records are handed to the output when there are so many bytes of them. */
#define BATCH     ((size_t)65536)
#define BATCH_MAX (BATCH + HEADER_LEN + RECORD_LEN + SNAPLEN)

struct cas_evidence_writer {
    struct cas_evidence_output output;
    struct cas_buf batch; /* whole records */
    uint64_t batch_frames;
    bool has_header; /* in the file */
    int link_type;   /* of the file, once it is chosen */
    bool has_link_type;
    struct cas_evidence_counts counts;
};

static void put_u16(struct cas_buf *out, uint16_t value)
{
    const uint8_t bytes[] = { (uint8_t)value, (uint8_t)(value >> 8) };
    cas_buf_append(out, (struct cas_view){ .data = bytes, .len = sizeof(bytes) });
}

static void put_u32(struct cas_buf *out, uint32_t value)
{
    put_u16(out, (uint16_t)value);
    put_u16(out, (uint16_t)(value >> 16));
}

static uint32_t file_link_type(int link_type)
{
    bool is_raw = link_type == RAW_LINUX || link_type == RAW_OPENBSD;
    return is_raw ? RAW_LINKTYPE : (uint32_t)link_type;
}

struct cas_evidence_writer *cas_evidence_writer_create(const struct cas_evidence_output *output)
{
    struct cas_evidence_writer *writer = calloc(1, sizeof(*writer));
    if (writer == NULL) {
        return NULL;
    }
    writer->output = *output;
    writer->batch = cas_buf_init(BATCH_MAX, NULL);
    return writer;
}

static void put_header(struct cas_evidence_writer *writer)
{
    struct cas_buf *out = &writer->batch;
    put_u32(out, MAGIC);
    put_u16(out, MAJOR);
    put_u16(out, MINOR);
    put_u32(out, 0);
    put_u32(out, 0);
    put_u32(out, SNAPLEN);
    put_u32(out, file_link_type(writer->link_type));
}

static void begin_batch(struct cas_evidence_writer *writer)
{
    cas_buf_clear(&writer->batch);
    writer->batch_frames = 0;
}

/* 0 or an errno: then the batch is lost, and the file as it was. */
static int end_batch(struct cas_evidence_writer *writer)
{
    int failed = ENOMEM;
    if (cas_buf_ok(&writer->batch)) {
        struct cas_view bytes = cas_buf_view(&writer->batch);
        failed = bytes.len > 0 ? writer->output.write(writer->output.user, bytes) : 0;
    }
    if (failed != 0) {
        writer->counts.frames_failed += writer->batch_frames;
        return failed;
    }
    writer->counts.frames += writer->batch_frames;
    writer->counts.bytes += writer->batch.len;
    writer->has_header = writer->has_header || writer->batch.len > 0;
    return 0;
}

static void choose_link_type(struct cas_evidence_writer *writer, int link_type)
{
    if (!writer->has_link_type) {
        writer->has_link_type = true;
        writer->link_type = link_type;
    }
}

int cas_evidence_writer_begin(struct cas_evidence_writer *writer, int link_type)
{
    if (writer->has_header) {
        return 0;
    }
    choose_link_type(writer, link_type);
    begin_batch(writer);
    put_header(writer);
    return end_batch(writer);
}

/* The length of the record there; 0 when it is none, or not whole. */
static uint64_t record_at(const struct cas_evidence_input *input, uint64_t at)
{
    uint8_t bytes[RECORD_LEN];
    if (input->size - at < RECORD_LEN || !input->read(input->user, at, bytes, sizeof(bytes))) {
        return 0;
    }
    struct cas_reader r = cas_reader_init(cas_view_of(bytes, sizeof(bytes)));
    (void)cas_reader_u32le(&r); /* seconds */
    uint32_t microseconds = cas_reader_u32le(&r);
    uint32_t captured = cas_reader_u32le(&r);
    uint32_t wire = cas_reader_u32le(&r);
    bool is_one = microseconds < MICROSECONDS && captured > 0 && captured <= SNAPLEN &&
                  wire >= captured && input->size - at - RECORD_LEN >= captured;
    return is_one ? RECORD_LEN + (uint64_t)captured : 0;
}

uint64_t cas_evidence_writer_resume(struct cas_evidence_writer *writer,
                                    const struct cas_evidence_input *input, int link_type)
{
    uint8_t header[HEADER_LEN];
    uint64_t end = HEADER_LEN;
    begin_batch(writer);
    writer->link_type = link_type;
    put_header(writer);
    if (!cas_buf_ok(&writer->batch) || input->size < HEADER_LEN ||
        !input->read(input->user, 0, header, sizeof(header)) ||
        memcmp(header, cas_buf_view(&writer->batch).data, sizeof(header)) != 0) {
        return 0;
    }
    for (uint64_t len = record_at(input, end); len > 0; len = record_at(input, end)) {
        end += len;
    }
    if (input->size - end > BATCH_MAX) {
        return 0; /* more than one writing can have torn: what follows is not ours to cut */
    }
    writer->has_link_type = true;
    writer->has_header = true;
    return end;
}

void cas_evidence_writer_restart(struct cas_evidence_writer *writer)
{
    writer->has_header = false;
    writer->has_link_type = false;
}

static void put_frame(struct cas_evidence_writer *writer, const struct cas_frame *frame)
{
    struct cas_buf *out = &writer->batch;
    if (!writer->has_header && out->len == 0) {
        put_header(writer);
    }
    put_u32(out, (uint32_t)(frame->timestamp_us / MICROSECONDS));
    put_u32(out, (uint32_t)(frame->timestamp_us % MICROSECONDS));
    put_u32(out, (uint32_t)frame->bytes.len);
    put_u32(out, frame->wire_len);
    cas_buf_append(out, frame->bytes);
    writer->batch_frames++;
}

int cas_evidence_write(struct cas_evidence_writer *writer, const struct cas_evidence *evidence)
{
    struct cas_evidence_cursor cursor = { 0 };
    struct cas_frame frame = { 0 };
    int failed = 0;
    begin_batch(writer);
    while (cas_evidence_next(evidence, &cursor, &frame)) {
        choose_link_type(writer, frame.link_type);
        if (frame.link_type != writer->link_type) {
            writer->counts.frames_other_link++;
            continue;
        }
        if (failed != 0) {
            writer->counts.frames_failed++;
            continue;
        }
        put_frame(writer, &frame);
        if (writer->batch.len >= BATCH) {
            failed = end_batch(writer);
            begin_batch(writer);
        }
    }
    failed = failed != 0 ? failed : end_batch(writer);
    writer->counts.handshakes += failed == 0 && !evidence->is_late;
    return failed;
}

struct cas_evidence_counts cas_evidence_writer_counts(const struct cas_evidence_writer *writer)
{
    return writer->counts;
}

void cas_evidence_writer_destroy(struct cas_evidence_writer *writer)
{
    if (writer != NULL) {
        cas_buf_finish(&writer->batch);
        free(writer);
    }
}
