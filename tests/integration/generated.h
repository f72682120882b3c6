/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recordings that nobody recorded: handshakes made by hand around a request of any size up to
 * the largest there can be, 131,333 bytes. What is in the request is known from the making.
 */
#ifndef CAS_TEST_GENERATED_H
#define CAS_TEST_GENERATED_H

#include <stddef.h>

#include "support/recording.h"

struct generated {
    struct recording *recording;
    size_t names;
    size_t list_bytes;
    size_t message_bytes;
    char sha256[65]; /* of the list, in hexadecimal */
};

/* The first ones are the extremes, all that follow are random. */
struct generated generated_make(size_t number);

#endif
