/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A source of frames: saved captures in any form that libpcap reads, and live interfaces of
 * this machine. Knows nothing of what is inside a frame, reads no clock and never blocks on an
 * interface: who captures live polls cas_capture_fd() beside all else that he waits for.
 *
 *     struct cas_live_options options = cas_live_defaults();
 *     options.iface = "eth0";
 *     cas_capture_open_live(&options, &capture, &error);
 *     for (;;) {
 *         poll(cas_capture_fd(capture), and once a second at least);
 *         while (cas_capture_next(capture, &frame, &error) == CAS_CAPTURE_FRAME) {
 *             cas_sniffer_push(sniffer, &frame);
 *         }
 *     }
 */
#ifndef CASNIFF_CAPTURE_H
#define CASNIFF_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/error.h>
#include <casniff/types.h>

/* Bytes for the name of an interface and its end: IFNAMSIZ. */
#define CAS_INTERFACE_NAME_MAX 16

struct cas_capture;

enum cas_capture_next {
    CAS_CAPTURE_FRAME,   /* out_frame is filled */
    CAS_CAPTURE_END,     /* nothing more: the file has ended, or all is read after a stop */
    CAS_CAPTURE_DAMAGED, /* the input broke off; what came before is good */
    CAS_CAPTURE_NONE,    /* live: nothing to read now */
    CAS_CAPTURE_GONE     /* live: the interface is gone, and this handle of no use any more */
};

/*
 * Opens a saved capture: pcap, pcapng, with micro- or nanoseconds, compressed with gzip or zstd
 * where the build has them; "-" is standard input. filter is a BPF expression, NULL or "" for
 * everything.
 *
 * CAS_ERR_IO when the file cannot be read, CAS_ERR_FORMAT when it is not a capture,
 * CAS_ERR_USAGE when the filter does not compile, CAS_ERR_NOMEM.
 */
CAS_API CAS_MUST_CHECK enum cas_err cas_capture_open_file(const char *path, const char *filter,
                                                          struct cas_capture **out_capture,
                                                          struct cas_error *out_error);

/* Who sees a capture's bytes, unpacked, a little before its packets are read from them. */
struct cas_capture_tap {
    void *user;
    void (*bytes)(void *user, struct cas_view bytes); /* NULL: nobody */
};

/* The same, with somebody who looks on: for what libpcap passes over. */
CAS_API CAS_MUST_CHECK enum cas_err
cas_capture_open_tapped(const char *path, const char *filter, const struct cas_capture_tap *tap,
                        struct cas_capture **out_capture, struct cas_error *out_error);

enum cas_capture_direction {
    CAS_CAPTURE_BOTH,
    CAS_CAPTURE_IN,
    CAS_CAPTURE_OUT
};

/* Captures of one interface that share its frames: both directions of a connection come to the
 * same one, unless they are IPv6 in fragments. Begins as { 0 }; kept alive by the caller. */
struct cas_capture_group {
    uint16_t number; /* the kernel's */
    bool has_begun;  /* one has joined it */
};

struct cas_live_options {
    const char *iface;  /* of this machine, or "any": all of them */
    const char *filter; /* NULL or "": TCP, fragments, and either of them inside of tags */
    uint32_t snaplen;   /* bytes captured of a frame; 0: all of them */
    uint32_t buffer_bytes;
    bool is_promiscuous; /* where the interface can: `any` cannot, and that is no error */
    enum cas_capture_direction direction; /* on the loopback every frame is both */
    const char *link_type; /* a name as cas_capture_link_types() tells; or NULL */
    struct cas_capture_group
        *group; /* it joins, while it is opened; NULL: all frames are its */
};

/* No iface yet; whole frames, 8 MiB of buffer, promiscuous, both directions. */
CAS_API struct cas_live_options cas_live_defaults(void);

/*
 * Opens an interface. Frames are there for cas_capture_next() at most 0.2 s after they came.
 * Takes 0.1 s when traffic comes in the moment between opening and filtering.
 *
 * CAS_ERR_RIGHTS without the capability to capture; CAS_ERR_GONE when there is no such
 * interface, but could be; CAS_ERR_USAGE when none can have that name, the filter does not
 * compile, or the link type does not exist or is not decoded; CAS_ERR_IO when the interface is
 * down, or the system refuses; CAS_ERR_NOMEM.
 */
CAS_API CAS_MUST_CHECK enum cas_err
cas_capture_open_live(const struct cas_live_options *options, struct cas_capture **out_capture,
                      struct cas_error *out_error);

/*
 * The next frame. Its number counts from 1 in this capture; its bytes are valid until the next
 * call. On CAS_CAPTURE_DAMAGED and CAS_CAPTURE_GONE out_error tells where and why.
 *
 * Live it never blocks. A link that is down is CAS_CAPTURE_NONE until it is up again. Call it
 * once a second also when the descriptor has nothing to read: a removed interface shows so.
 */
CAS_API enum cas_capture_next cas_capture_next(struct cas_capture *capture,
                                               struct cas_frame *out_frame,
                                               struct cas_error *out_error);

/* The descriptor to poll for reading; -1 for a file. */
CAS_API int cas_capture_fd(const struct cas_capture *capture);

enum cas_capture_link {
    CAS_CAPTURE_LINK_UP,
    CAS_CAPTURE_LINK_DOWN, /* taken down, or without a carrier */
    CAS_CAPTURE_LINK_GONE  /* removed, also when another one has its name now */
};

/* How the interface is: two system calls. `any` and files are up. */
CAS_API enum cas_capture_link cas_capture_link(const struct cas_capture *capture);

struct cas_capture_stats {
    uint64_t received;          /* that passed the filter; the dropped ones as well */
    uint64_t dropped_kernel;    /* for want of room in the buffer */
    uint64_t dropped_interface; /* by the interface or its driver */
};

/*
 * Since the opening. The system's counters have 32 bits: ask every few minutes at least. False,
 * and *out_stats as asked last, when the system does not tell any more. A file has none.
 */
CAS_API bool cas_capture_stats(struct cas_capture *capture,
                               struct cas_capture_stats *out_stats);

/*
 * The capture is to end: its statistics stand still. What was received before now still comes
 * from cas_capture_next(), within 0.2 s; when it says CAS_CAPTURE_END, the number of frames
 * that it gave is received - dropped_kernel exactly. CAS_CAPTURE_NONE: more is to come.
 */
CAS_API void cas_capture_stop(struct cas_capture *capture);

/* "EN10MB (Ethernet)". Valid as long as the capture. */
CAS_API const char *cas_capture_link_type(const struct cas_capture *capture);

/* The same as a DLT_ value, as its frames have it. */
CAS_API int cas_capture_link_number(const struct cas_capture *capture);

/* Bytes of the file read so far and in all; both 0 when the input is a pipe or live. */
CAS_API void cas_capture_progress(const struct cas_capture *capture, uint64_t *out_read,
                                  uint64_t *out_size);

/* "libpcap version 1.10.3 ..." as the library in use says it. */
CAS_API const char *cas_capture_library(void);

CAS_API void cas_capture_close(struct cas_capture *capture);

/* An interface as -D lists it; valid during the call. */
struct cas_interface_info {
    const char *name;
    const char *description; /* NULL when it has none */
    bool is_up;
    bool is_running; /* it has a carrier */
    bool is_loopback;
};

/* Tells the interfaces that can be captured from, the likeliest first. CAS_ERR_IO. */
CAS_API CAS_MUST_CHECK enum cas_err
cas_capture_interfaces(void (*tell)(void *user, const struct cas_interface_info *info),
                       void *user, struct cas_error *out_error);

/* Could an interface be called so? CAS_ERR_USAGE when not; whether there is one is not asked.
 */
CAS_API CAS_MUST_CHECK enum cas_err cas_capture_check_name(const char *name,
                                                           struct cas_error *out_error);

/* The one that is taken when none is named: the first that is up and not a loopback. Errors as
 * for cas_capture_interfaces(), and CAS_ERR_GONE when there is none. */
CAS_API CAS_MUST_CHECK enum cas_err
cas_capture_default_interface(char out_name[CAS_INTERFACE_NAME_MAX],
                              struct cas_error *out_error);

/* Does the expression compile for Ethernet? NULL and "" do. CAS_ERR_USAGE, CAS_ERR_NOMEM. */
CAS_API CAS_MUST_CHECK enum cas_err cas_capture_check_filter(const char *filter,
                                                             struct cas_error *out_error);

/* A link type as -L lists it; valid during the call. */
struct cas_link_type_info {
    const char *name;
    const char *description; /* NULL when it has none */
    bool is_decoded;         /* by casniff */
};

/* Tells the link types that an interface has. Errors as for cas_capture_open_live(). */
CAS_API CAS_MUST_CHECK enum cas_err
cas_capture_link_types(const char *iface,
                       void (*tell)(void *user, const struct cas_link_type_info *info),
                       void *user, struct cas_error *out_error);

#endif
