/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include <casniff/capture.h>

#include "bytes/reader.h"
#include "net/capture_handle.h"
#include "net/compressed.h"

/* 9999-12-31: the last time that RFC 3339 can write. */
#define LAST_SECOND INT64_C(253402300799)

void cas_capture_name_link_type(struct cas_capture *capture)
{
    int type = pcap_datalink(capture->pcap);
    capture->link_number = type;
    const char *name = pcap_datalink_val_to_name(type);
    const char *description = pcap_datalink_val_to_description(type);
    if (name == NULL) {
        snprintf(capture->link_type, sizeof(capture->link_type), "DLT %d", type);
    } else if (description == NULL) {
        snprintf(capture->link_type, sizeof(capture->link_type), "%s", name);
    } else {
        snprintf(capture->link_type, sizeof(capture->link_type), "%s (%s)", name, description);
    }
}

/* Takes the stream. */
static enum cas_err open_pcap(FILE *stream, const char *path, pcap_t **out_pcap,
                              struct cas_error *out_error)
{
    char why[PCAP_ERRBUF_SIZE] = "";
    pcap_t *pcap =
        pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_MICRO, why);
    if (pcap == NULL) {
        fclose(stream);
        return cas_error_set(out_error, CAS_ERR_FORMAT,
                             "%s is not a capture (%s); give a pcap or pcapng file, as tcpdump "
                             "-w or Wireshark write it",
                             path, why);
    }
    *out_pcap = pcap;
    return CAS_OK;
}

enum cas_err cas_capture_open_file(const char *path, const char *filter,
                                   struct cas_capture **out_capture,
                                   struct cas_error *out_error)
{
    const struct cas_capture_tap nobody = { 0 };
    return cas_capture_open_tapped(path, filter, &nobody, out_capture, out_error);
}

enum cas_err cas_capture_open_tapped(const char *path, const char *filter,
                                     const struct cas_capture_tap *tap,
                                     struct cas_capture **out_capture,
                                     struct cas_error *out_error)
{
    FILE *stream = NULL;
    struct cas_capture *capture = calloc(1, sizeof(*capture));
    if (capture == NULL) {
        return cas_error_set(out_error, CAS_ERR_NOMEM, "out of memory");
    }
    enum cas_err err = cas_compressed_open(path, tap, &stream, &capture->compressed, out_error);
    if (err == CAS_OK) {
        err = open_pcap(stream, path, &capture->pcap, out_error);
    }
    if (err == CAS_OK && filter != NULL && filter[0] != '\0') {
        err = cas_capture_set_filter(capture->pcap, filter, out_error);
    }
    if (err != CAS_OK) {
        cas_capture_close(capture);
        return err;
    }
    cas_capture_name_link_type(capture);
    *out_capture = capture;
    return CAS_OK;
}

/*
 * Microseconds since 1970. The file format's seconds are unsigned 32 bits, but libpcap reads
 * them as signed: after 2038 they seem to be before 1970. Nonsense becomes the nearest time
 * that can be written.
 */
static uint64_t time_of(const struct pcap_pkthdr *header)
{
    int64_t seconds = header->ts.tv_sec;
    int64_t micros = header->ts.tv_usec;
    if (seconds < 0 && seconds >= INT32_MIN) {
        seconds += INT64_C(1) << 32;
    }
    if (seconds < 0 || micros < 0) {
        return 0;
    }
    if (seconds > LAST_SECOND) {
        seconds = LAST_SECOND;
    }
    if (micros > 999999) {
        micros = 999999;
    }
    return (uint64_t)seconds * 1000000 + (uint64_t)micros;
}

static enum cas_capture_next damaged(const struct cas_capture *capture, const char *why,
                                     struct cas_error *out_error)
{
    const char *packing = cas_compressed_damage(capture->compressed);
    cas_error_set(out_error, CAS_ERR_FORMAT, "the capture is damaged after packet %llu: %s",
                  (unsigned long long)capture->frames, packing != NULL ? packing : why);
    return CAS_CAPTURE_DAMAGED;
}

void cas_capture_take(struct cas_capture *capture, const struct pcap_pkthdr *header,
                      const uint8_t *data, struct cas_frame *out_frame)
{
    capture->frames++;
    *out_frame = (struct cas_frame){
        .number = capture->frames,
        .timestamp_us = time_of(header),
        .link_type = capture->link_number,
        .wire_len = header->len > header->caplen ? header->len : header->caplen,
        .bytes = cas_view_of(data, header->caplen),
    };
}

static enum cas_capture_next next_of_file(struct cas_capture *capture,
                                          struct cas_frame *out_frame,
                                          struct cas_error *out_error)
{
    struct pcap_pkthdr *header = NULL;
    const u_char *data = NULL;
    int result = pcap_next_ex(capture->pcap, &header, &data);
    if (result == PCAP_ERROR_BREAK && cas_compressed_damage(capture->compressed) == NULL) {
        return CAS_CAPTURE_END;
    }
    if (result != 1) {
        return damaged(capture, pcap_geterr(capture->pcap), out_error);
    }
    cas_capture_take(capture, header, data, out_frame);
    return CAS_CAPTURE_FRAME;
}

enum cas_capture_next cas_capture_next(struct cas_capture *capture, struct cas_frame *out_frame,
                                       struct cas_error *out_error)
{
    return capture->is_live ? cas_capture_next_live(capture, out_frame, out_error)
                            : next_of_file(capture, out_frame, out_error);
}

int cas_capture_link_number(const struct cas_capture *capture)
{
    return pcap_datalink(capture->pcap);
}

const char *cas_capture_link_type(const struct cas_capture *capture)
{
    return capture->link_type;
}

void cas_capture_progress(const struct cas_capture *capture, uint64_t *out_read,
                          uint64_t *out_size)
{
    *out_read = 0;
    *out_size = 0;
    if (!capture->is_live) {
        cas_compressed_progress(capture->compressed, out_read, out_size);
    }
}

const char *cas_capture_library(void)
{
    return pcap_lib_version();
}

void cas_capture_close(struct cas_capture *capture)
{
    if (capture != NULL) {
        if (capture->pcap != NULL) {
            pcap_close(capture->pcap);
        }
        cas_compressed_close(capture->compressed);
        free(capture);
    }
}
