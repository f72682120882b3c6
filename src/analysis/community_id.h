/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Community ID v1 (github.com/corelight/community-id-spec): the same text for one connection in
 * Suricata, Zeek and here, so that their logs can be joined.
 */
#ifndef CAS_ANALYSIS_COMMUNITY_ID_H
#define CAS_ANALYSIS_COMMUNITY_ID_H

#include <casniff/events.h>

/* Of a TCP connection between the two, in either order; seed 0. */
void cas_community_id(const struct cas_endpoint *a, const struct cas_endpoint *b,
                      char out_id[CAS_COMMUNITY_ID_MAX]);

#endif
