/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/unsealer.h"

#include <string.h>

#include "bytes/reader.h"

struct cas_unsealer {
    struct cas_budget *budget;
    struct cas_protection *protection; /* NULL before the keys are known */
    struct cas_buf waiting;            /* records with their headers, the last perhaps begun */
    struct cas_buf content;
    uint64_t offset; /* of the first byte that waits, in the stream */
    bool is_tolerant;
};

struct cas_unsealer *cas_unsealer_create(struct cas_budget *budget)
{
    struct cas_unsealer *unsealer = cas_budget_alloc(budget, sizeof(*unsealer));
    if (unsealer != NULL) {
        unsealer->budget = budget;
        unsealer->waiting = cas_buf_init(CAS_UNSEALER_WAITING_MAX, budget);
        unsealer->content = cas_buf_init(CAS_RECORD_CIPHERTEXT_MAX, budget);
    }
    return unsealer;
}

static void wipe(struct cas_buf *buf)
{
    if (buf->data != NULL) {
        explicit_bzero(buf->data, buf->size);
    }
}

void cas_unsealer_destroy(struct cas_unsealer *unsealer)
{
    if (unsealer == NULL) {
        return;
    }
    wipe(&unsealer->content);
    cas_buf_finish(&unsealer->content);
    cas_buf_finish(&unsealer->waiting);
    cas_protection_destroy(unsealer->protection);
    cas_budget_free(unsealer->budget, unsealer, sizeof(*unsealer));
}

/* The header as it was on the wire: it is authenticated with the body. */
static void push_header(struct cas_unsealer *unsealer, const struct cas_record *record)
{
    const uint8_t header[CAS_RECORD_HEADER_LEN] = {
        record->type,
        (uint8_t)(record->version >> 8),
        (uint8_t)record->version,
        (uint8_t)(record->len >> 8),
        (uint8_t)record->len,
    };
    cas_buf_append(&unsealer->waiting, cas_view_of(header, sizeof(header)));
}

void cas_unsealer_push(struct cas_unsealer *unsealer, const struct cas_record_part *part)
{
    if (unsealer->waiting.len == 0) {
        unsealer->offset = part->record.offset;
    }
    if (part->at == 0) {
        push_header(unsealer, &part->record);
    }
    cas_buf_append(&unsealer->waiting, part->bytes);
}

bool cas_unsealer_set_keys(struct cas_unsealer *unsealer, uint16_t cipher,
                           const struct cas_secret *secret, bool tolerant)
{
    cas_protection_destroy(unsealer->protection);
    unsealer->protection = cas_protection_create(cipher, secret, unsealer->budget);
    unsealer->is_tolerant = tolerant;
    return unsealer->protection != NULL;
}

bool cas_unsealer_has_keys(const struct cas_unsealer *unsealer)
{
    return unsealer->protection != NULL;
}

void cas_unsealer_update_keys(struct cas_unsealer *unsealer)
{
    cas_protection_update(unsealer->protection);
}

/* The first record that waits, when it is whole. */
static bool peek(const struct cas_unsealer *unsealer, struct cas_view *out_header,
                 struct cas_view *out_body)
{
    struct cas_reader r = cas_reader_init(cas_buf_view(&unsealer->waiting));
    *out_header = cas_reader_bytes(&r, CAS_RECORD_HEADER_LEN);
    struct cas_reader header = cas_reader_init(*out_header);
    cas_reader_skip(&header, CAS_RECORD_HEADER_LEN - sizeof(uint16_t));
    *out_body = cas_reader_bytes(&r, cas_reader_u16(&header));
    return cas_reader_ok(&r);
}

enum cas_unsealed cas_unsealer_next(struct cas_unsealer *unsealer,
                                    struct cas_unsealed_record *out_record)
{
    struct cas_view header = { 0 };
    struct cas_view body = { 0 };

    if (!cas_buf_ok(&unsealer->waiting)) {
        return CAS_UNSEALED_FAILED;
    }
    while (unsealer->protection != NULL && peek(unsealer, &header, &body)) {
        enum cas_opening opening = cas_protection_open(unsealer->protection, header, body,
                                                       &unsealer->content, &out_record->type);
        out_record->offset = unsealer->offset;
        out_record->content = cas_buf_view(&unsealer->content);
        unsealer->offset += header.len + body.len;
        cas_buf_drop_front(&unsealer->waiting, header.len + body.len);
        if (opening == CAS_OPENING_GOOD) {
            unsealer->is_tolerant = false;
            return CAS_UNSEALED_RECORD;
        }
        if (opening == CAS_OPENING_NO_MEMORY || !unsealer->is_tolerant) {
            return CAS_UNSEALED_FAILED;
        }
    }
    return CAS_UNSEALED_NONE;
}
