/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target: the way of a saved capture, as the command goes it. The unit is the file, in any form
 * that is read: pcap, pcapng, packed with gzip or zstd. Its secrets are taken, its packets
 * sniffed, and a report written, whose form depends on the file's length.
 *
 *   - what breaks off says why, and what is told has the form of fuzz/reported.h
 *   - secrets read beside the packets are those that are read from the file before
 *   - memory stays below the budget, and every frame has one outcome
 */
/* memfd_create() */
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <casniff/casniff.h>

#include "bytes/reader.h"
#include "fuzz/reported.h"

#define BUDGET    (1u << 20)
#define FLOWS_MAX 64

/* A few bytes may unpack to gigabytes: no more is read then. */
#define UNPACKED_MAX ((uint64_t)2 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct tapped {
    struct cas_keylog *keylog;
    struct cas_keylog_blocks *blocks;
    uint64_t bytes;
};

static void tap(void *user, struct cas_view bytes)
{
    struct tapped *tapped = user;
    cas_keylog_blocks_push(tapped->blocks, bytes);
    tapped->bytes += bytes.len;
}

/* All frames; true when the capture ended as it should. */
static bool push_all(struct cas_capture *capture, struct cas_sniffer *sniffer,
                     const struct tapped *tapped)
{
    struct cas_frame frame = { 0 };
    struct cas_error error = { 0 };
    enum cas_capture_next next = CAS_CAPTURE_END;
    uint64_t frames = 0;
    while (tapped->bytes <= UNPACKED_MAX &&
           (next = cas_capture_next(capture, &frame, &error)) == CAS_CAPTURE_FRAME) {
        frames++;
        require(frame.number == frames, "frames count from 1");
        require(frame.bytes.len <= frame.wire_len, "more of a frame than there was");
        cas_sniffer_push(sniffer, &frame);
    }
    require(tapped->bytes > UNPACKED_MAX || next == CAS_CAPTURE_END ||
                next == CAS_CAPTURE_DAMAGED,
            "the end of a file");
    require((next == CAS_CAPTURE_DAMAGED) == (error.text[0] != '\0'), "damage says why");
    cas_sniffer_finish(sniffer);
    return tapped->bytes <= UNPACKED_MAX && next == CAS_CAPTURE_END;
}

static bool sniff(struct cas_capture *capture, const struct cas_report_options *options,
                  struct cas_keylog *keylog, const struct tapped *tapped, FILE *stream)
{
    const struct cas_writer writer = cas_writer_to_stream(stream);
    struct cas_report *report = cas_report_create(&writer, options);
    require(report != NULL, "a report can be created");
    struct cas_sniffer_config config = cas_sniffer_defaults();
    config.sink = cas_report_sink(report);
    config.keylog = keylog;
    config.memory_bytes = BUDGET;
    config.max_flows = FLOWS_MAX;
    config.hash_key[0] = 1; /* the same each time */
    config.pcap_filename = "FILE";
    struct cas_sniffer *sniffer = cas_sniffer_create(&config);
    require(sniffer != NULL, "a sniffer fits the budget");
    bool is_whole = push_all(capture, sniffer, tapped);
    check_counters(cas_sniffer_counters(sniffer), BUDGET);
    cas_sniffer_destroy(sniffer);
    require(cas_report_is_good(report), "the report could be written");
    cas_report_destroy(report);
    return is_whole;
}

static void check_secrets(const struct tapped *tapped, const struct cas_keylog *keylog)
{
    require(cas_keylog_connections(tapped->keylog) == cas_keylog_connections(keylog),
            "the same secrets beside the packets as before them");
}

static void read_capture(const char *path, const struct cas_report_options *options,
                         FILE *stream)
{
    struct cas_keylog *keylog = cas_keylog_create();
    struct tapped tapped = { .keylog = cas_keylog_create() };
    struct cas_capture *capture = NULL;
    struct cas_error error = { 0 };
    require(keylog != NULL && tapped.keylog != NULL, "key logs can be created");
    tapped.blocks = cas_keylog_blocks_create(tapped.keylog, path);
    require(tapped.blocks != NULL, "a reader of blocks can be created");
    const struct cas_capture_tap looking_on = { .user = &tapped, .bytes = tap };
    enum cas_err err = cas_capture_open_tapped(path, "", &looking_on, &capture, &error);
    require((err == CAS_OK) == (error.text[0] == '\0'), "a refusal says why");
    if (err == CAS_OK) {
        enum cas_err taken = cas_keylog_add_capture(keylog, path, NULL);
        require(taken == CAS_OK || taken == CAS_ERR_FORMAT, "the file can be read");
        if (sniff(capture, options, keylog, &tapped, stream)) {
            check_secrets(&tapped, keylog);
        }
    }
    cas_capture_close(capture);
    cas_keylog_blocks_destroy(tapped.blocks);
    cas_keylog_destroy(tapped.keylog);
    cas_keylog_destroy(keylog);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cas_report_options options = {
        .form = (enum cas_report_form)(size % 3),
        .names = CAS_NAMES_DEFAULT,
        .verbose = true,
    };
    char path[64];
    char *text = NULL;
    size_t len = 0;
    FILE *stream = open_memstream(&text, &len);
    int fd = memfd_create("unit", MFD_CLOEXEC);
    require(stream != NULL && fd >= 0 && write(fd, data, size) == (ssize_t)size, "a file");
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    read_capture(path, &options, stream);
    close(fd);
    fclose(stream);
    check_text(cas_view_of(text, len));
    free(text);
    return 0;
}
