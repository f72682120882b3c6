/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/finder.h"

#include <assert.h>
#include <string.h>

#include "tls/handshake.h"
#include "tls/record.h"

/* So much of a first record must be seen when nothing more comes: its header and a type. */
#define CUT_HELLO_MIN 6

/* Of SSL 3.0 and of every TLS. */
#define MAJOR_VERSION 3

/* Where it is in a record, and in an SSLv2-compatible hello. */
#define VERSION_AT      1
#define SSL2_VERSION_AT 3

/*
 * The first four bits of that: the highest one is set, and the others are not in less than 4
 * KiB, of which OpenSSL takes no more. So few places that are cut may be one.
 */
#define SSL2_FIRST 0x8

/* No place. */
#define NOWHERE SIZE_MAX

struct match {
    enum cas_match match;
    enum cas_found_kind kind;
};

struct cas_finder cas_finder_init(enum cas_finder_mode mode, uint64_t offset)
{
    return (struct cas_finder){ .mode = mode, .start = offset, .next = offset };
}

/* YES before MAYBE before NO. */
static struct match better(struct match a, enum cas_match match, enum cas_found_kind kind)
{
    return match > a.match ? (struct match){ match, kind } : a;
}

static struct match match_first(struct cas_view bytes)
{
    struct match best = { cas_signature_first_hello(bytes), CAS_FOUND_HELLO };
    best = better(best, cas_signature_first_handshake(bytes), CAS_FOUND_HANDSHAKE);
    best = better(best, cas_signature_ssl2_hello(bytes), CAS_FOUND_SSL2_HELLO);
    return better(best, cas_signature_alert(bytes), CAS_FOUND_ALERT);
}

static void note_alert(struct cas_passed *passed, struct cas_view bytes)
{
    struct cas_reader r = cas_reader_init(bytes);

    if (passed->has_alert) {
        return;
    }
    passed->has_alert = true;
    cas_reader_skip(&r, CAS_RECORD_HEADER_LEN);
    passed->alert_level = cas_reader_u8(&r);
    passed->alert_description = cas_reader_u8(&r);
}

/* What is no beginning, but may be told once there is one. MAYBE: that is not known yet. */
static enum cas_match pass_over(struct cas_finder *finder, struct cas_view bytes)
{
    enum cas_match alert = cas_signature_alert(bytes);
    enum cas_match handshake = cas_signature_any_handshake(bytes);

    if (alert == CAS_MATCH_YES) {
        note_alert(&finder->passed, bytes);
    }
    finder->passed.has_handshake |= handshake == CAS_MATCH_YES;
    return alert == CAS_MATCH_MAYBE || handshake == CAS_MATCH_MAYBE ? CAS_MATCH_MAYBE
                                                                    : CAS_MATCH_NO;
}

static struct match match_behind_plaintext(struct cas_finder *finder, struct cas_view bytes)
{
    struct match best = { cas_signature_hello(bytes), CAS_FOUND_HELLO };
    best = better(best, cas_signature_ssl2_hello(bytes), CAS_FOUND_SSL2_HELLO);
    if (best.match != CAS_MATCH_NO) {
        return best;
    }
    return better(best, pass_over(finder, bytes), CAS_FOUND_HANDSHAKE);
}

static struct match match_middle(struct cas_view bytes)
{
    struct match best = { cas_signature_hello(bytes), CAS_FOUND_HELLO };
    best = better(best, cas_signature_handshake(bytes), CAS_FOUND_HANDSHAKE);
    best = better(best, cas_signature_change_cipher_spec(bytes), CAS_FOUND_CHANGE_CIPHER_SPEC);
    return better(best, cas_signature_alert(bytes), CAS_FOUND_ALERT);
}

/* is_first: the very first byte of a connection. */
static struct match match_here(struct cas_finder *finder, struct cas_view bytes, bool is_first)
{
    if (finder->mode == CAS_FINDER_MIDDLE) {
        return match_middle(bytes);
    }
    struct match first = { CAS_MATCH_NO, CAS_FOUND_HELLO };
    if (is_first) {
        first = match_first(bytes);
    }
    return first.match != CAS_MATCH_NO ? first : match_behind_plaintext(finder, bytes);
}

static bool is_type(uint8_t byte)
{
    return byte >= CAS_RECORD_CHANGE_CIPHER_SPEC && byte <= CAS_RECORD_HANDSHAKE;
}

/* The byte there has this value, or is not known yet. */
static bool may_be(struct cas_view window, size_t place, uint8_t value)
{
    return place >= window.len || window.data[place] == value;
}

/*
 * What speaks for a place before all of it is looked at: the type and the major version of a
 * record, or of an SSLv2-compatible hello (RFC 5246, E.2) the first bits, the type and the
 * major version. The tests that fail most often come first.
 */
static bool may_begin(struct cas_view window, size_t place)
{
    uint8_t first = window.data[place];

    if (is_type(first)) {
        return may_be(window, place + VERSION_AT, MAJOR_VERSION);
    }
    return may_be(window, place + 2, CAS_HANDSHAKE_CLIENT_HELLO) && first >> 4 == SSL2_FIRST &&
           may_be(window, place + SSL2_VERSION_AT, MAJOR_VERSION);
}

/* The first place within [from, to) that may be a beginning; to when none is. */
static size_t first_of(struct cas_view window, size_t from, size_t to)
{
    while (from < to && !may_begin(window, from)) {
        from++;
    }
    return from;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/*
 * The place for which this byte may be the major version, or NOWHERE. The byte in front of it
 * tells: it is the type of a record, or of an SSLv2-compatible hello.
 */
static size_t place_of(struct cas_view window, size_t version)
{
    uint8_t before = window.data[version - 1];

    if (window.data[version] != MAJOR_VERSION) {
        return NOWHERE;
    }
    if (is_type(before)) {
        return version - VERSION_AT;
    }
    return before == CAS_HANDSHAKE_CLIENT_HELLO && version >= SSL2_VERSION_AT &&
                   window.data[version - SSL2_VERSION_AT] >> 4 == SSL2_FIRST
               ? version - SSL2_VERSION_AT
               : NOWHERE;
}

/*
 * The first place from `at` on, among the first starts bytes of window, where TLS may begin;
 * starts when there is none. Most places are none. The major version is what is searched for,
 * for memchr() does that many bytes at a time. What is found first begins first: between the
 * two places of one version no other can begin.
 */
static size_t next_candidate(struct cas_view window, size_t at, size_t starts)
{
    struct cas_view versions =
        cas_view_part(window, at + 1, starts > at ? starts - at + SSL2_VERSION_AT - 1 : 0);
    struct cas_reader r = cas_reader_init(versions);

    while (cas_reader_left(&r) > 0) {
        (void)cas_reader_until(&r, MAJOR_VERSION);
        size_t place = place_of(window, at + cas_reader_offset(&r));
        if (place >= at && place < starts) {
            return place;
        }
    }
    /* Of the last bytes the version is not known. */
    return first_of(window, larger(at, window.len - smaller(window.len, SSL2_VERSION_AT)),
                    starts);
}

/*
 * The first place among the first starts bytes of window that is TLS or may be; starts when
 * there is none. The window's first byte has this offset in the stream.
 */
static size_t scan(struct cas_finder *finder, struct cas_view window, uint64_t offset,
                   size_t starts, struct match *out_match)
{
    bool is_first = finder->mode == CAS_FINDER_HELLO && offset == 0;
    size_t at = is_first ? 0 : next_candidate(window, 0, starts);
    while (at < starts) {
        struct cas_view here = cas_view_part(window, at, CAS_SIGNATURE_MAX);
        *out_match = match_here(finder, here, is_first);
        if (out_match->match != CAS_MATCH_NO) {
            return at;
        }
        is_first = false;
        at = next_candidate(window, at + 1, starts);
    }
    *out_match = (struct match){ CAS_MATCH_NO, CAS_FOUND_HELLO };
    return starts;
}

static void carry(struct cas_finder *finder, struct cas_view bytes)
{
    assert(bytes.len <= sizeof(finder->carried));
    if (bytes.len > 0) {
        memmove(finder->carried, bytes.data, bytes.len);
    }
    finder->carried_len = (uint8_t)bytes.len;
}

static void found(struct cas_finder *finder, enum cas_found_kind kind, uint64_t offset,
                  struct cas_found *out_found)
{
    *out_found = (struct cas_found){
        .kind = kind,
        .offset = offset,
        .carried = cas_view_of(finder->carried, finder->carried_len),
    };
}

/* Looks at the places that began in an earlier call; MORE when they have all been decided. */
static enum cas_finder_step push_carried(struct cas_finder *finder, struct cas_reader *bytes,
                                         struct cas_found *out_found)
{
    uint8_t window[2 * CAS_SIGNATURE_MAX];
    struct cas_reader ahead = *bytes;
    size_t left = cas_reader_left(&ahead);
    struct cas_view more =
        cas_reader_bytes(&ahead, left < CAS_SIGNATURE_MAX ? left : CAS_SIGNATURE_MAX);
    size_t old_len = finder->carried_len;
    uint64_t offset = finder->next - old_len;
    struct match match = { CAS_MATCH_NO, CAS_FOUND_HELLO };

    memcpy(window, finder->carried, old_len);
    if (more.len > 0) {
        memcpy(window + old_len, more.data, more.len);
    }
    struct cas_view all = cas_view_of(window, old_len + more.len);
    size_t at = scan(finder, all, offset, old_len, &match);
    if (match.match == CAS_MATCH_YES) {
        carry(finder, cas_view_part(all, at, old_len - at));
        found(finder, match.kind, offset + at, out_found);
        return CAS_FINDER_FOUND;
    }
    carry(finder, cas_view_part(all, at, match.match == CAS_MATCH_MAYBE ? all.len : 0));
    if (finder->carried_len > 0) {
        finder->next += left;
        (void)cas_reader_rest(bytes);
    }
    return CAS_FINDER_MORE;
}

static enum cas_finder_step step_when_within_reach(const struct cas_finder *finder)
{
    uint64_t undecided = finder->next - finder->carried_len;
    return undecided - finder->start < CAS_FINDER_REACH ? CAS_FINDER_MORE : CAS_FINDER_NEVER;
}

enum cas_finder_step cas_finder_push(struct cas_finder *finder, struct cas_reader *bytes,
                                     struct cas_found *out_found)
{
    if (finder->carried_len > 0 && push_carried(finder, bytes, out_found) == CAS_FINDER_FOUND) {
        return CAS_FINDER_FOUND;
    }
    if (finder->carried_len > 0 || step_when_within_reach(finder) == CAS_FINDER_NEVER) {
        return step_when_within_reach(finder);
    }
    struct cas_reader ahead = *bytes;
    struct cas_view window = cas_reader_rest(&ahead);
    uint64_t reach = finder->start + CAS_FINDER_REACH - finder->next;
    struct match match = { CAS_MATCH_NO, CAS_FOUND_HELLO };
    size_t at = scan(finder, window, finder->next,
                     window.len < reach ? window.len : (size_t)reach, &match);
    if (match.match == CAS_MATCH_YES) {
        cas_reader_skip(bytes, at);
        found(finder, match.kind, finder->next + at, out_found);
        return CAS_FINDER_FOUND;
    }
    carry(finder, cas_view_part(window, at, match.match == CAS_MATCH_MAYBE ? window.len : 0));
    finder->next += window.len;
    *bytes = ahead;
    return step_when_within_reach(finder);
}

enum cas_finder_step cas_finder_miss(struct cas_finder *finder, uint64_t len,
                                     struct cas_found *out_found)
{
    struct cas_view carried = cas_view_of(finder->carried, finder->carried_len);
    bool is_first = finder->mode == CAS_FINDER_HELLO && finder->next == carried.len;

    if (is_first && carried.len >= CUT_HELLO_MIN &&
        cas_signature_first_hello(carried) == CAS_MATCH_MAYBE) {
        found(finder, CAS_FOUND_HELLO, 0, out_found);
        return CAS_FINDER_FOUND;
    }
    finder->carried_len = 0;
    finder->mode = CAS_FINDER_MIDDLE;
    finder->next += len;
    return step_when_within_reach(finder);
}
