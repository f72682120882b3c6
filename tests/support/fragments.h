/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames cut into IP fragments by hand, as RFC 791, 3.2 and RFC 8200, 4.5 have it. */
#ifndef CAS_TEST_FRAGMENTS_H
#define CAS_TEST_FRAGMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/types.h>

#include "support/frames.h"

/* A part of what is behind the IP header (of 20 or 40 bytes) of a frame in Ethernet. */
struct fragment_spec {
    uint32_t id;
    size_t at; /* in bytes */
    size_t len;
    bool is_last;
};

/* The frame of one fragment; freed with exact_free(). */
struct cas_view fragment_of(struct cas_view frame, const struct fragment_spec *spec);

/* Adds one fragment of a frame. */
void frames_add_fragment(struct frames *frames, struct cas_view frame,
                         const struct fragment_spec *spec);

/* Puts fragments of size bytes, a multiple of 8, in the place of frame i: how many. */
size_t frames_fragment(struct frames *frames, size_t i, uint32_t id, size_t size);

/* The length of what is behind the IP header. */
size_t fragmentable_len(struct cas_view frame);

#endif
