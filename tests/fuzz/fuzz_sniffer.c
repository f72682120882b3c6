/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target: the whole library, frames in and a report out.
 *
 *   u8  link type (of the table below), in the low 4 bits; 0x10: checksums are checked;
 *       0x20: packets are kept, and what is told of a finding is written; 0x40: as live, on the
 *       caller's clock; 0x80: a trust store comes first, u16 length and so many bytes of a file
 *       behind the next byte: lists are compared with it, and its first certificate is the
 *       client's
 *   u8  form of the report in the low 2 bits, 3 is text as live; time between frames: 1 ms <<
 * high 4 bits frames, each u16 length and so many bytes
 *
 * The budget is so small that connections are evicted. Whatever comes in: every frame is
 * counted in exactly one outcome, memory stays below the budget, the report is lines of safe
 * text, and the evidence is a pcap file of packets that came in.
 */
/* memfd_create() */
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <pcap/dlt.h>

#include <casniff/casniff.h>

#include "bytes/reader.h"
#include "fuzz/reported.h"
#include "net/ip.h"
#include "net/link.h"

#define BUDGET    (1u << 20)
#define FLOWS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int link_types[] = { DLT_EN10MB,    DLT_RAW,  DLT_LINUX_SLL, DLT_LINUX_SLL2,
                                  DLT_NULL,      DLT_LOOP, DLT_PPP,       DLT_PPP_SERIAL,
                                  DLT_PPP_ETHER, DLT_IPV4, DLT_IPV6 };

/* The file so far. */
struct saved {
    struct cas_evidence_writer *writer;
    uint64_t bytes;
    uint64_t frames;
};

static int put(void *user, struct cas_view bytes)
{
    struct saved *saved = user;
    saved->bytes += bytes.len;
    return 0;
}

/* Those of a packet stand where the last of them came, or where they were given up. */
static bool is_fragment(const struct cas_frame *frame)
{
    struct cas_link_packet link;
    struct cas_ip_packet ip;
    return cas_link_parse(frame, &link) == CAS_LINK_OK &&
           cas_ip_parse(&link, &ip) == CAS_IP_FRAGMENT;
}

static void save(void *user, const struct cas_evidence *evidence)
{
    struct saved *saved = user;
    struct cas_evidence_cursor cursor = { 0 };
    struct cas_frame frame = { 0 };
    uint64_t last = 0;
    while (cas_evidence_next(evidence, &cursor, &frame)) {
        require(frame.number > last || (frame.number < last && is_fragment(&frame)),
                "packets in the order of the capture");
        last = frame.number > last ? frame.number : last;
        saved->frames++;
    }
    require(cursor.given == evidence->frames_len, "as many packets as it says");
    require(cas_evidence_write(saved->writer, evidence) == 0, "evidence can be written");
}

static void check_saved(struct saved *saved, const struct cas_counters *counters)
{
    const struct cas_evidence_counts counts = cas_evidence_writer_counts(saved->writer);
    require(counts.frames == saved->frames, "all packets are written");
    require(counts.bytes == saved->bytes, "all bytes are counted");
    require(counters->value[CAS_COUNT_EVIDENCE_FRAMES] == saved->frames,
            "all packets are counted");
    cas_evidence_writer_destroy(saved->writer);
}

static void push_all(struct cas_sniffer *sniffer, struct cas_reader *input, int link_type,
                     uint64_t step_us, bool is_live)
{
    struct cas_frame frame = { .link_type = link_type, .timestamp_us = 1700000000000000 };
    struct cas_tick now = { .monotonic_us = 1 };
    while (cas_reader_left(input) > 0) {
        frame.bytes = cas_reader_vec16(input);
        frame.wire_len = (uint32_t)frame.bytes.len;
        frame.number++;
        frame.timestamp_us += step_us;
        cas_sniffer_push(sniffer, &frame);
        now.monotonic_us += 10 * step_us;
        now.wall_us = frame.timestamp_us;
        if (is_live) {
            (void)cas_sniffer_tick(sniffer, &now);
        }
    }
    cas_sniffer_finish(sniffer);
}

/* Of what may be no store at all: then it is empty. */
static struct cas_trust_store *take_store(struct cas_view bytes)
{
    char path[64];
    struct cas_trust_store *store = cas_trust_store_create();
    int fd = memfd_create("store", MFD_CLOEXEC);
    require(store != NULL && fd >= 0, "a store and a file can be created");
    require(write(fd, bytes.data, bytes.len) == (ssize_t)bytes.len, "a file can be written");
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    enum cas_err err = cas_trust_store_add(store, path, NULL, NULL, NULL);
    require((err == CAS_OK) == (cas_trust_store_entries(store) > 0), "a store has entries");
    close(fd);
    return store;
}

static struct cas_sniffer_config config_of(uint8_t link, const struct cas_trust_store *store,
                                           struct saved *saved)
{
    struct cas_sniffer_config config = cas_sniffer_defaults();
    config.checksums = (link & 0x10) != 0 ? CAS_CHECKSUMS_CHECK : CAS_CHECKSUMS_TRUST;
    config.clock = (link & 0x40) != 0 ? CAS_CLOCK_CALLER : CAS_CLOCK_PACKETS;
    config.memory_bytes = BUDGET;
    config.max_flows = FLOWS_MAX;
    config.hash_key[0] = 1; /* the same each time */
    if ((link & 0x20) != 0) {
        config.evidence = (struct cas_evidence_sink){ .user = saved, .packets = save };
    }
    if (store != NULL && cas_trust_store_entries(store) > 0) {
        config.store = store;
        config.client_cert = store;
    }
    return config;
}

static void sniff(struct cas_reader *input, FILE *stream)
{
    uint8_t link = cas_reader_u8(input);
    uint8_t form = cas_reader_u8(input);
    const struct cas_report_options options = {
        .form = (enum cas_report_form)((form & 3) % 3),
        .is_live = (form & 3) == 3,
        .names = CAS_NAMES_DEFAULT,
        .verbose = true,
    };
    const struct cas_writer writer = cas_writer_to_stream(stream);
    struct cas_report *report = cas_report_create(&writer, &options);
    struct saved saved = { 0 };
    const struct cas_evidence_output output = { .user = &saved, .write = put };
    saved.writer = cas_evidence_writer_create(&output);
    require(report != NULL && saved.writer != NULL, "a report and a writer can be created");
    struct cas_trust_store *store =
        (link & 0x80) != 0 ? take_store(cas_reader_vec16(input)) : NULL;
    struct cas_sniffer_config config = config_of(link, store, &saved);
    config.sink = cas_report_sink(report);
    struct cas_sniffer *sniffer = cas_sniffer_create(&config);
    require(sniffer != NULL, "a sniffer fits the budget");
    size_t types = sizeof(link_types) / sizeof(link_types[0]);
    push_all(sniffer, input, link_types[(link & 0xf) % types], 1000ull << (form >> 4),
             config.clock == CAS_CLOCK_CALLER);
    check_counters(cas_sniffer_counters(sniffer), BUDGET);
    check_saved(&saved, cas_sniffer_counters(sniffer));
    cas_sniffer_destroy(sniffer);
    require(cas_report_is_good(report), "the report could be written");
    cas_report_destroy(report);
    cas_trust_store_destroy(store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cas_reader input = cas_reader_init(cas_view_of(data, size));
    char *text = NULL;
    size_t len = 0;
    FILE *stream = open_memstream(&text, &len);
    if (stream == NULL) {
        return 0;
    }
    sniff(&input, stream);
    fclose(stream);
    check_text(cas_view_of(text, len));
    free(text);
    return 0;
}
