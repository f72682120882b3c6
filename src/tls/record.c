/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/record.h"

#include <string.h>

#include "tls/conversation.h"

/* The header of an SSLv2 record without padding (RFC 5246, E.2). */
#define SSL2_HEADER_LEN 2

/* Of SSL 3.0 and of every TLS. */
#define MAJOR 3

struct cas_record_layer cas_record_layer_init(uint64_t offset)
{
    return (struct cas_record_layer){ .offset = offset };
}

void cas_record_layer_resume(struct cas_record_layer *layer, uint64_t offset)
{
    uint64_t number = layer->record.number;

    *layer = cas_record_layer_init(offset);
    layer->record.number = number;
}

/* The header, which is kept in the layer while there is only a part of it: empty then. */
static struct cas_view take_header(struct cas_record_layer *layer, struct cas_reader *bytes)
{
    size_t needed = layer->is_ssl2_first ? SSL2_HEADER_LEN : CAS_RECORD_HEADER_LEN;
    size_t wanted = needed - layer->header_len;
    size_t left = cas_reader_left(bytes);
    struct cas_view taken = cas_reader_bytes(bytes, wanted < left ? wanted : left);

    layer->offset += taken.len;
    if (taken.len == needed) {
        return taken;
    }
    if (taken.len > 0) {
        memcpy(layer->header + layer->header_len, taken.data, taken.len);
        layer->header_len = (uint8_t)(layer->header_len + taken.len);
    }
    return cas_view_of(layer->header, layer->header_len == needed ? needed : 0);
}

/*
 * A handshake record above the limit is followed all the same: some servers send a long
 * CertificateRequest in one record, and that is worth telling.
 */
static uint32_t longest(const struct cas_record_layer *layer, uint8_t type)
{
    if (layer->is_encrypted || type == CAS_RECORD_APPLICATION_DATA) {
        return CAS_RECORD_CIPHERTEXT_MAX;
    }
    return type == CAS_RECORD_HANDSHAKE ? UINT16_MAX : CAS_RECORD_PLAINTEXT_MAX;
}

static bool is_type(uint8_t type)
{
    return type >= CAS_RECORD_CHANGE_CIPHER_SPEC && type <= CAS_RECORD_HEARTBEAT;
}

static bool is_possible(const struct cas_record_layer *layer)
{
    const struct cas_record *record = &layer->record;

    return is_type(record->type) && record->version >> 8 == MAJOR &&
           record->len <= longest(layer, record->type) &&
           layer->empty_in_row <= CAS_RECORD_EMPTY_MAX;
}

/*
 * RFC 5246, 6.2.1:  u8 type, u16 version, u16 length
 * RFC 5246, E.2:    u16 length with the highest bit set
 */
static bool read_header(struct cas_record_layer *layer, struct cas_view header)
{
    struct cas_record *record = &layer->record;
    struct cas_reader r = cas_reader_init(header);

    record->number++;
    record->offset = layer->offset - header.len;
    record->body_offset = layer->offset;
    layer->header_len = 0;
    if (layer->is_ssl2_first) {
        layer->is_ssl2_first = false;
        record->type = CAS_RECORD_HANDSHAKE;
        record->version = CAS_TLS_VERSION_SSL2;
        record->len = cas_reader_u16(&r) & 0x7fff;
        return true;
    }
    record->type = cas_reader_u8(&r);
    record->version = cas_reader_u16(&r);
    record->len = cas_reader_u16(&r);
    layer->empty_in_row = record->len > 0 ? 0 : (uint8_t)(layer->empty_in_row + 1);
    return is_possible(layer);
}

static void give_part(struct cas_record_layer *layer, uint32_t len,
                      struct cas_record_part *out_part)
{
    *out_part = (struct cas_record_part){ .record = layer->record,
                                          .at = layer->record.len - layer->left };
    layer->left -= len;
    layer->offset += len;
    layer->is_in_body = layer->left > 0;
}

enum cas_record_step cas_record_next(struct cas_record_layer *layer, struct cas_reader *bytes,
                                     struct cas_record_part *out_part)
{
    if (!layer->is_in_body) {
        struct cas_view header = take_header(layer, bytes);
        if (header.len == 0) {
            return CAS_RECORD_SHORT;
        }
        if (!read_header(layer, header)) {
            return CAS_RECORD_BAD;
        }
        layer->is_in_body = true;
        layer->left = layer->record.len;
    }
    size_t left = cas_reader_left(bytes);
    if (left == 0 && layer->left > 0) {
        return CAS_RECORD_SHORT;
    }
    uint32_t len = left < layer->left ? (uint32_t)left : layer->left;
    give_part(layer, len, out_part);
    out_part->bytes = cas_reader_bytes(bytes, len);
    return CAS_RECORD_PART;
}

enum cas_record_step cas_record_next_missing(struct cas_record_layer *layer, uint64_t *len,
                                             struct cas_record_part *out_part)
{
    if (*len == 0) {
        return CAS_RECORD_SHORT;
    }
    if (!layer->is_in_body) {
        return CAS_RECORD_BAD;
    }
    uint32_t missing = *len < layer->left ? (uint32_t)*len : layer->left;
    give_part(layer, missing, out_part);
    out_part->missing_len = missing;
    *len -= missing;
    return CAS_RECORD_PART;
}

bool cas_record_layer_ends_in_none(const struct cas_record_layer *layer)
{
    struct cas_reader r = cas_reader_init(cas_view_of(layer->header, layer->header_len));
    uint8_t type = cas_reader_u8(&r);
    bool has_type = cas_reader_ok(&r);
    uint8_t major = cas_reader_u8(&r);

    return !layer->is_ssl2_first &&
           ((has_type && !is_type(type)) || (cas_reader_ok(&r) && major != MAJOR));
}
