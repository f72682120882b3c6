/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/unsealer.h"

#include <string.h>

#include "bytes/reader.h"

struct cas_unsealer {
    struct cas_budget *budget;
    struct cas_opener opener;
    struct cas_buf waiting; /* records with their headers, the last perhaps begun */
    size_t taken;           /* so much at the front of waiting has been opened */
    struct cas_buf content;
    uint64_t offset;  /* of the first byte that waits, in the stream */
    uint64_t opened;  /* records of the present keys */
    uint32_t skipped; /* bytes of early data passed over, */
    uint32_t skips;   /* and records of it */
    bool is_after_early_data;
    size_t await_max; /* 0: what waits is what is needed */
    bool is_cut;      /* not all of it was kept */
};

struct cas_unsealer *cas_unsealer_create(struct cas_budget *budget)
{
    struct cas_unsealer *unsealer = cas_budget_alloc(budget, sizeof(*unsealer));
    if (unsealer != NULL) {
        unsealer->budget = budget;
        unsealer->waiting = cas_buf_init(CAS_UNSEALER_EARLY_MAX, budget);
        unsealer->content = cas_buf_init(CAS_RECORD_CIPHERTEXT_MAX, budget);
    }
    return unsealer;
}

/* Before it grows, too: the memory that it leaves then holds nothing. */
static void wipe(struct cas_buf *buf)
{
    if (buf->data != NULL) {
        explicit_bzero(buf->data, buf->size);
    }
    cas_buf_clear(buf);
}

static void drop_opener(struct cas_unsealer *unsealer)
{
    if (unsealer->opener.kind != NULL) {
        unsealer->opener.kind->destroy(unsealer->opener.protection);
    }
    unsealer->opener = (struct cas_opener){ 0 };
}

void cas_unsealer_destroy(struct cas_unsealer *unsealer)
{
    if (unsealer == NULL) {
        return;
    }
    wipe(&unsealer->content);
    cas_buf_finish(&unsealer->content);
    cas_buf_finish(&unsealer->waiting);
    drop_opener(unsealer);
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

/* What waits for keys that may not come must not push out what is of use. */
static bool is_too_much(const struct cas_unsealer *unsealer, size_t len)
{
    const struct cas_budget *budget = unsealer->budget;
    return unsealer->await_max > 0 &&
           (unsealer->waiting.len + CAS_RECORD_HEADER_LEN + len > unsealer->await_max ||
            budget->used > budget->limit / 2);
}

void cas_unsealer_push(struct cas_unsealer *unsealer, const struct cas_record_part *part)
{
    unsealer->is_cut = unsealer->is_cut || is_too_much(unsealer, part->bytes.len);
    if (unsealer->is_cut) {
        return;
    }
    if (cas_unsealer_is_empty(unsealer)) {
        unsealer->offset = part->record.offset;
    }
    if (part->at == 0) {
        push_header(unsealer, &part->record);
    }
    cas_buf_append(&unsealer->waiting, part->bytes);
}

void cas_unsealer_expect_keys(struct cas_unsealer *unsealer)
{
    unsealer->waiting.cap = CAS_UNSEALER_WAITING_MAX;
}

void cas_unsealer_await_keys(struct cas_unsealer *unsealer, size_t most)
{
    drop_opener(unsealer);
    unsealer->waiting.cap = CAS_UNSEALER_WAITING_MAX;
    unsealer->await_max = most;
}

bool cas_unsealer_is_cut(const struct cas_unsealer *unsealer)
{
    return unsealer->is_cut;
}

void cas_unsealer_set_opener(struct cas_unsealer *unsealer, struct cas_opener opener,
                             enum cas_unsealer_start start)
{
    drop_opener(unsealer);
    unsealer->opener = opener;
    unsealer->await_max = 0;
    unsealer->opened = 0;
    unsealer->is_after_early_data = start == CAS_UNSEALER_AFTER_EARLY_DATA;
    unsealer->skipped = 0;
    unsealer->skips = 0;
}

bool cas_unsealer_has_opener(const struct cas_unsealer *unsealer)
{
    return unsealer->opener.kind != NULL;
}

void cas_unsealer_update(struct cas_unsealer *unsealer)
{
    if (unsealer->opener.kind != NULL) { /* no keys any more: they are awaited */
        unsealer->opener.kind->update(unsealer->opener.protection);
    }
}

bool cas_unsealer_is_empty(const struct cas_unsealer *unsealer)
{
    return unsealer->taken == unsealer->waiting.len;
}

/* The first record that waits, when it is whole. */
static bool peek(const struct cas_unsealer *unsealer, struct cas_view *out_header,
                 struct cas_view *out_body)
{
    struct cas_reader r = cas_reader_init(cas_buf_view(&unsealer->waiting));
    cas_reader_skip(&r, unsealer->taken);
    *out_header = cas_reader_bytes(&r, CAS_RECORD_HEADER_LEN);
    struct cas_reader header = cas_reader_init(*out_header);
    cas_reader_skip(&header, CAS_RECORD_HEADER_LEN - sizeof(uint16_t));
    *out_body = cas_reader_bytes(&r, cas_reader_u16(&header));
    return cas_reader_ok(&r);
}

/* That record is done with. Its memory is used again once nothing waits behind it. */
static void take(struct cas_unsealer *unsealer, size_t len)
{
    unsealer->offset += len;
    unsealer->taken += len;
    if (cas_unsealer_is_empty(unsealer)) {
        cas_buf_clear(&unsealer->waiting);
        unsealer->taken = 0;
    }
}

static enum cas_unsealed give(struct cas_unsealer *unsealer,
                              struct cas_unsealed_record *out_record)
{
    unsealer->is_after_early_data = false;
    unsealer->opened++;
    if (out_record->type == CAS_RECORD_APPLICATION_DATA) {
        wipe(&unsealer->content);
    }
    out_record->content = cas_buf_view(&unsealer->content);
    return CAS_UNSEALED_RECORD;
}

/* It does not open. CAS_UNSEALED_NONE: that may be, and the next one is tried. */
static enum cas_unsealed refuse(struct cas_unsealer *unsealer, size_t len)
{
    if (!unsealer->is_after_early_data) {
        return unsealer->opened > 0 ? CAS_UNSEALED_DAMAGED : CAS_UNSEALED_WRONG_KEY;
    }
    unsealer->skipped += (uint32_t)len;
    unsealer->skips++;
    bool is_too_much = unsealer->skipped > CAS_UNSEALER_SKIPPED_MAX ||
                       unsealer->skips > CAS_UNSEALER_SKIPPED_RECORDS_MAX;
    return is_too_much ? CAS_UNSEALED_REFUSED : CAS_UNSEALED_NONE;
}

enum cas_unsealed cas_unsealer_next(struct cas_unsealer *unsealer,
                                    struct cas_unsealed_record *out_record)
{
    const struct cas_opener *opener = &unsealer->opener;
    enum cas_unsealed result = CAS_UNSEALED_NONE;
    struct cas_view header = { 0 };
    struct cas_view body = { 0 };

    if (!cas_buf_ok(&unsealer->waiting)) {
        return CAS_UNSEALED_REFUSED;
    }
    while (result == CAS_UNSEALED_NONE && opener->kind != NULL &&
           peek(unsealer, &header, &body)) {
        wipe(&unsealer->content);
        enum cas_opening opening = opener->kind->open(opener->protection, header, body,
                                                      &unsealer->content, &out_record->type);
        out_record->offset = unsealer->offset;
        out_record->len = (uint16_t)body.len;
        switch (opening) {
        case CAS_OPENING_GOOD:
            result = give(unsealer, out_record);
            break;
        case CAS_OPENING_BAD:
            result = refuse(unsealer, header.len + body.len);
            break;
        case CAS_OPENING_NO_MEMORY:
            result = CAS_UNSEALED_REFUSED;
            break;
        }
        take(unsealer, header.len + body.len);
    }
    return result;
}
