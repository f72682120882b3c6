/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files net/capture*.c share: they alone know libpcap, through this header. A capture
 * is either a file or live.
 */
#ifndef CAS_NET_CAPTURE_HANDLE_H
#define CAS_NET_CAPTURE_HANDLE_H

#include <stdbool.h>
#include <stdint.h>

#include <pcap/pcap.h>

#include <casniff/capture.h>

#include "net/compressed.h"

/*
 * The kernel hands over a block of frames when it is full, or this long after it was begun, at
 * most twice that: one wake for many frames, and none of them late.
 */
#define CAS_CAPTURE_BLOCK_MS 50

/* Of a live capture. */
struct cas_capture_live {
    char iface[CAS_INTERFACE_NAME_MAX];
    bool is_any;
    enum cas_capture_direction direction; /* in, on the loopback: it receives what it sends */
    unsigned loopback; /* that interface's number, which `any` needs; 0 when there is none */
    struct cas_capture_group *group; /* that it shares its frames with; NULL: nobody */
    bool is_stopped; /* total stands still; what was received before is still read */
    struct cas_capture_stats total;
    struct pcap_stat last; /* libpcap's counters when they were asked last */
};

struct cas_capture {
    pcap_t *pcap;                      /* owns the stream of a file */
    struct cas_compressed *compressed; /* NULL when live */
    struct cas_capture_live live;
    bool is_live;
    int link_number; /* of link_type */
    uint64_t frames; /* given by cas_capture_next() */
    char link_type[96];
};

/* Compiles the expression and sets it; an empty one lets everything through. CAS_ERR_USAGE when
 * it does not compile, CAS_ERR_NOMEM. */
CAS_MUST_CHECK enum cas_err cas_capture_set_filter(pcap_t *pcap, const char *expression,
                                                   struct cas_error *out_error);

/*
 * The expression that keeps what casniff reads, and as little else as the link type permits:
 * "" when it permits none. A constant string.
 */
const char *cas_capture_default_filter(pcap_t *pcap);

/* The filter of a live capture, NULL or "" the default one. Errors as for
 * cas_capture_set_filter(). */
CAS_MUST_CHECK enum cas_err cas_capture_set_live_filter(struct cas_capture *capture,
                                                        const char *filter,
                                                        struct cas_error *out_error);

/* The filter that was set becomes the kernel's alone, the direction with it, and the statistics
 * begin here. CAS_ERR_NOMEM, CAS_ERR_IO. */
CAS_MUST_CHECK enum cas_err cas_capture_take_over_filter(struct cas_capture *capture,
                                                         struct cas_error *out_error);

/* Joins the capture's group, if it has one. CAS_ERR_IO. */
CAS_MUST_CHECK enum cas_err cas_capture_share(struct cas_capture *capture,
                                              struct cas_error *out_error);

/* An activated handle, bare: no filter, no link type chosen. Errors as for
 * cas_capture_open_live(). */
CAS_MUST_CHECK enum cas_err cas_capture_activate(const struct cas_live_options *options,
                                                 pcap_t **out_pcap,
                                                 struct cas_error *out_error);

/* Says that there is no such interface, and which ones have a name like it. CAS_ERR_GONE. */
enum cas_err cas_capture_no_interface(const char *name, struct cas_error *out_error);

/* One frame of a live capture, as cas_capture_next(). */
enum cas_capture_next cas_capture_next_live(struct cas_capture *capture,
                                            struct cas_frame *out_frame,
                                            struct cas_error *out_error);

/* Once the link type is chosen. */
void cas_capture_name_link_type(struct cas_capture *capture);

/* Fills out_frame, and counts it. */
void cas_capture_take(struct cas_capture *capture, const struct pcap_pkthdr *header,
                      const uint8_t *data, struct cas_frame *out_frame);

#endif
