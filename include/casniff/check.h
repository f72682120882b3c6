/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A monitoring plugin's answer: all servers go in, one line with its exit code comes out.
 *
 *     CASNIFF CRITICAL - 10.0.0.2:443 CA list 37600 B is 229% of 16384 | 'ca_list_bytes'=...
 *
 * CRITICAL is a list that was cut, is over its limit, has a wrong length, or fills its limit up
 * to crit_percent; WARNING one that looks cut, that clients refuse, or that fills its limit up
 * to warn_percent. The worst list is named, the others are counted. A list that its server has
 * replaced since does not count. Where no list was seen whole, or a saved state is old, the
 * answer is UNKNOWN: what was not seen is never OK.
 */
#ifndef CASNIFF_CHECK_H
#define CASNIFF_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/api.h>
#include <casniff/events.h>
#include <casniff/state.h>
#include <casniff/types.h>

/* The text before the bar, in bytes. */
#define CAS_CHECK_TEXT_MAX 80

/* The exit codes of monitoring plugins. */
enum cas_check_status {
    CAS_CHECK_OK = 0,
    CAS_CHECK_WARNING = 1,
    CAS_CHECK_CRITICAL = 2,
    CAS_CHECK_UNKNOWN = 3
};

/* A saved state is of today until then: a run saves it every minute. */
#define CAS_CHECK_AGE_MAX_S 300

struct cas_check;

/* What the check wants to know of one server, or of one of its lists. */
struct cas_check_server {
    struct cas_endpoint endpoint;
    const char *sni; /* NULL: none */
    uint64_t first_us;
    uint64_t last_us;
    uint64_t handshakes;
    uint64_t hidden;   /* handshakes that may hide a request */
    uint64_t inferred; /* handshakes that hide one */

    /* What follows is of the list; or of an encrypted request, inferred from the sizes of
     * records: then only the limit and the clients. */
    bool has_list;
    bool is_inferred;
    enum cas_seen seen;
    enum cas_truncation truncation;
    bool is_wrapped;         /* longer than its length field can say */
    uint64_t count;          /* names */
    uint64_t store_names;    /* 0: no store was given, or it is not known any more */
    uint32_t limit_bytes;    /* 0: none */
    uint32_t limit_counted;  /* what that limit counts */
    uint64_t clients_refuse; /* kinds of clients that refuse a message of this size */
};

/* What came in; NULL where nobody counted, as over a saved state. */
struct cas_check_traffic {
    uint64_t frames;
    uint64_t drops; /* by the kernel or the interface */
};

/* NULL when memory could not be had. */
CAS_API CAS_MUST_CHECK struct cas_check *cas_check_create(uint32_t warn_percent,
                                                          uint32_t crit_percent);

/* server is copied. */
CAS_API void cas_check_add(struct cas_check *check, const struct cas_check_server *server);

/* Adds all servers that a sniffer tells; the other events are passed over. */
CAS_API struct cas_sink cas_check_sink(struct cas_check *check);

/* Adds a server of a saved state: what cas_state_read() calls, with the check as its user. */
CAS_API void cas_check_take_state(void *check, const struct cas_state_server *server);

/* The servers are of a state that was saved then; both since 1970. */
CAS_API void cas_check_set_saved(struct cas_check *check, uint64_t saved_us, uint64_t now_us);

/*
 * The answer; *out_line, without a newline, is valid until cas_check_destroy(). traffic may be
 * NULL. O(n log n) in the servers.
 */
CAS_API enum cas_check_status cas_check_end(struct cas_check *check,
                                            const struct cas_check_traffic *traffic,
                                            const char **out_line);

CAS_API void cas_check_destroy(struct cas_check *check);

#endif
