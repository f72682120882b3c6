/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One sniffer in several processes: readers look at packets, each in a process of its own, and
 * a teller, to whom they hand over what they saw, has the inventory, raises alerts, numbers the
 * events and tells its sink. What a reader says is parsed as if an enemy had said it.
 *
 *     in a reader:  config.relay = (struct cas_relay){ .user = pipe, .message = send };
 *                   a sniffer as any other; its sinks hear nothing
 *     the teller:   relayed = cas_relayed_open(sniffer);
 *                   while (receive(pipe, &message)) cas_relayed_take(relayed, message);
 *                   cas_relayed_close(relayed);
 *                   cas_sniffer_finish(sniffer);
 *
 * All of them have the same store, limits and thresholds.
 */
#ifndef CASNIFF_RELAY_H
#define CASNIFF_RELAY_H

#include <casniff/api.h>
#include <casniff/error.h>
#include <casniff/types.h>

/* No message is longer. */
#define CAS_RELAY_MESSAGE_MAX ((size_t)4 * 1024 * 1024)

/* Where a reader's messages go, each to be taken whole and in this order. */
struct cas_relay {
    void *user;
    void (*message)(void *user, struct cas_view message); /* NULL: it tells by itself */
};

struct cas_sniffer;
struct cas_relayed;

/* One reader, from its first message on. NULL without memory. */
CAS_API CAS_MUST_CHECK struct cas_relayed *cas_relayed_open(struct cas_sniffer *teller);

/*
 * Tells what the message says. CAS_ERR_FORMAT when it is none: then nothing was told, and what
 * its reader says further is not to be taken. CAS_ERR_NOMEM: it could not be told.
 */
CAS_API CAS_MUST_CHECK enum cas_err cas_relayed_take(struct cas_relayed *relayed,
                                                     struct cas_view message);

/* Before the teller is destroyed; may be NULL. */
CAS_API void cas_relayed_close(struct cas_relayed *relayed);

#endif
