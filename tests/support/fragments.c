/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/fragments.h"

#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#define ETHERNET      1
#define ETHERNET_LEN  14
#define VLAN_LEN      4
#define FRAME_MAX     ((size_t)1 << 17)
#define NEXT_FRAGMENT 44

static unsigned u16_at(struct cas_view bytes, size_t at)
{
    return (unsigned)bytes.data[at] << 8 | bytes.data[at + 1];
}

/* Where the IP header begins. */
static size_t ip_of(struct cas_view frame)
{
    size_t type = ETHERNET_LEN - 2;
    while (u16_at(frame, type) == 0x8100) {
        type += VLAN_LEN;
    }
    return type + 2;
}

static bool is_v4(struct cas_view frame)
{
    return frame.data[ip_of(frame)] >> 4 == 4;
}

static size_t header_len(struct cas_view frame)
{
    return is_v4(frame) ? 20 : 40;
}

size_t fragmentable_len(struct cas_view frame)
{
    return frame.len - ip_of(frame) - header_len(frame);
}

/* Total length, identification, flags with offset, and a checksum that fits (RFC 791, 3.1). */
static void put_v4(struct cas_buf *out, struct cas_view header,
                   const struct fragment_spec *spec)
{
    size_t start = out->len;
    ck_assert_uint_eq(header.len, 20);
    cas_buf_append(out, cas_view_part(header, 0, 2));
    append_u16(out, (uint16_t)(20 + spec->len));
    append_u16(out, (uint16_t)spec->id);
    append_u16(out, (uint16_t)(spec->at / 8 | (spec->is_last ? 0 : 0x2000)));
    cas_buf_append(out, cas_view_part(header, 8, 2));
    append_u16(out, 0);
    cas_buf_append(out, cas_view_part(header, 12, 8));
    uint32_t sum = 0;
    for (size_t i = 0; i < 20; i += 2) {
        sum += u16_at(cas_buf_view(out), start + i);
    }
    sum = (sum & 0xffff) + (sum >> 16);
    sum = ~((sum & 0xffff) + (sum >> 16));
    out->data[start + 10] = (uint8_t)(sum >> 8);
    out->data[start + 11] = (uint8_t)sum;
}

/* The header, and the fragment header behind it (RFC 8200, 4.5). */
static void put_v6(struct cas_buf *out, struct cas_view header,
                   const struct fragment_spec *spec)
{
    cas_buf_append(out, cas_view_part(header, 0, 4));
    append_u16(out, (uint16_t)(8 + spec->len));
    cas_buf_append_u8(out, NEXT_FRAGMENT);
    cas_buf_append(out, cas_view_part(header, 7, 33));
    cas_buf_append(out, cas_view_part(header, 6, 1));
    cas_buf_append_u8(out, 0);
    append_u16(out, (uint16_t)(spec->at | (spec->is_last ? 0 : 1)));
    append_u32(out, spec->id);
}

struct cas_view fragment_of(struct cas_view frame, const struct fragment_spec *spec)
{
    struct cas_buf out = cas_buf_init(FRAME_MAX, NULL);
    size_t ip = ip_of(frame);
    struct cas_view header = cas_view_part(frame, ip, header_len(frame));
    cas_buf_append(&out, cas_view_part(frame, 0, ip));
    if (is_v4(frame)) {
        put_v4(&out, header, spec);
    } else {
        put_v6(&out, header, spec);
    }
    cas_buf_append(&out, cas_view_part(frame, ip + header.len + spec->at, spec->len));
    ck_assert(cas_buf_ok(&out));
    struct cas_view copy = exact_copy(cas_buf_view(&out));
    cas_buf_finish(&out);
    return copy;
}

void frames_add_fragment(struct frames *frames, struct cas_view frame,
                         const struct fragment_spec *spec)
{
    struct cas_view bytes = fragment_of(frame, spec);
    frames_add(frames, ETHERNET, bytes);
    exact_free(bytes);
}

size_t frames_fragment(struct frames *frames, size_t i, uint32_t id, size_t size)
{
    struct cas_frame whole = frames->frame[i];
    size_t len = fragmentable_len(whole.bytes);
    ck_assert_uint_gt(len, 0);
    size_t behind = frames->len - i - 1;
    size_t made = 0;
    for (size_t at = 0; at < len; at += size, made++) {
        bool is_last = len - at <= size;
        struct fragment_spec spec = { id, at, is_last ? len - at : size, is_last };
        frames_add_fragment(frames, whole.bytes, &spec);
    }
    struct cas_frame *fragments = calloc(made + 1, sizeof(*fragments));
    ck_assert_ptr_nonnull(fragments);
    memcpy(fragments, &frames->frame[frames->len - made], made * sizeof(*fragments));
    memmove(&frames->frame[i + made], &frames->frame[i + 1], behind * sizeof(*fragments));
    memcpy(&frames->frame[i], fragments, made * sizeof(*fragments));
    free(fragments);
    exact_free(whole.bytes);
    frames->len--;
    frames_renumber(frames);
    return made;
}
