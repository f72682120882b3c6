/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/backlog.h"

#include "bytes/buf.h"
#include "bytes/reader.h"

/*
 * What waits is one entry a record:
 *   u8 type, u16 version, u16 length   the header, as it was
 *   u64 offset                         of the header in the stream
 *   u16 kept[]                         its body; of application data maybe but the end of it
 */
#define ENTRY_HEADER_LEN (CAS_RECORD_HEADER_LEN + sizeof(uint64_t))

/* A buffer that is longer is given back once nothing is in it. */
#define IDLE_MAX 1024

struct entry {
    struct cas_view header;
    uint64_t offset;
    uint8_t type;
    uint16_t len; /* of the body */
    struct cas_view kept;
};

struct cas_backlog {
    struct cas_budget *budget;
    struct cas_protection12 *protection; /* NULL before the keys are known */
    struct cas_buf waiting;              /* whole entries */
    struct cas_buf begun;                /* what is kept of the record that has begun */
    struct cas_buf content;
    size_t taken;       /* of waiting: entries that are done with */
    uint32_t checkable; /* so much more application data is kept as a whole */
    uint32_t kept_from; /* where in its body begins what is kept of the record that has begun */
    uint8_t opened;     /* records of these keys: 0, or some */
    bool is_begun;
    bool has_hole;       /* somewhere in it */
    bool is_end_missing; /* of it */
    bool is_lost;
};

struct cas_backlog *cas_backlog_create(struct cas_budget *budget)
{
    struct cas_backlog *backlog = cas_budget_alloc(budget, sizeof(*backlog));
    if (backlog != NULL) {
        backlog->budget = budget;
        backlog->waiting = cas_buf_init(CAS_BACKLOG_EARLY_MAX, budget);
        backlog->begun = cas_buf_init(CAS_RECORD_CIPHERTEXT_MAX, budget);
        backlog->content = cas_buf_init(CAS_RECORD_CIPHERTEXT_MAX, budget);
    }
    return backlog;
}

static void wipe(struct cas_buf *buf)
{
    if (buf->data != NULL) {
        explicit_bzero(buf->data, buf->size);
    }
}

static void empty(struct cas_buf *buf)
{
    if (buf->size > IDLE_MAX) {
        cas_buf_finish(buf);
    } else {
        cas_buf_clear(buf);
    }
}

void cas_backlog_destroy(struct cas_backlog *backlog)
{
    if (backlog != NULL) {
        wipe(&backlog->content);
        cas_buf_finish(&backlog->content);
        cas_buf_finish(&backlog->begun);
        cas_buf_finish(&backlog->waiting);
        cas_protection12_destroy(backlog->protection);
        cas_budget_free(backlog->budget, backlog, sizeof(*backlog));
    }
}

void cas_backlog_lose(struct cas_backlog *backlog)
{
    backlog->is_lost = true;
    backlog->is_begun = false;
    cas_buf_finish(&backlog->begun);
}

bool cas_backlog_is_lost(const struct cas_backlog *backlog)
{
    return backlog->is_lost;
}

/* Where in its body begins the end of a record of application data. */
static uint32_t end_from(const struct cas_record *record)
{
    return record->len > CAS_PROTECTION12_TAIL_MAX ? record->len - CAS_PROTECTION12_TAIL_MAX
                                                   : 0;
}

/* How much of it is to be kept. */
static void begin(struct cas_backlog *backlog, const struct cas_record *record)
{
    backlog->is_begun = true;
    backlog->has_hole = false;
    backlog->is_end_missing = false;
    backlog->kept_from = 0;
    if (record->type != CAS_RECORD_APPLICATION_DATA) {
        backlog->checkable = CAS_BACKLOG_CHECKED_MAX;
    } else if (record->len <= backlog->checkable) {
        backlog->checkable -= record->len;
    } else {
        backlog->checkable = 0;
        backlog->kept_from = end_from(record);
    }
}

static void append_number(struct cas_buf *buf, uint64_t number, unsigned bytes)
{
    for (unsigned i = bytes; i > 0; i--) {
        cas_buf_append_u8(buf, (uint8_t)(number >> (8 * (i - 1))));
    }
}

/* The record is whole: it waits. */
static void keep(struct cas_backlog *backlog, const struct cas_record *record)
{
    struct cas_buf *waiting = &backlog->waiting;
    struct cas_view kept = cas_buf_view(&backlog->begun);

    if (backlog->is_end_missing) {
        kept.len = 0;
    } else if (backlog->has_hole && kept.len > CAS_PROTECTION12_TAIL_MAX) {
        kept = cas_view_part(kept, kept.len - CAS_PROTECTION12_TAIL_MAX,
                             CAS_PROTECTION12_TAIL_MAX);
    }
    append_number(waiting, record->type, 1);
    append_number(waiting, record->version, 2);
    append_number(waiting, record->len, 2);
    append_number(waiting, record->offset, sizeof(uint64_t));
    append_number(waiting, kept.len, 2);
    cas_buf_append(waiting, kept);
    backlog->is_begun = false;
    empty(&backlog->begun);
    if (!cas_buf_ok(waiting)) {
        cas_backlog_lose(backlog);
    }
}

/* Of application data no more than its end matters, and that only where records are chained. */
static void note_missing(struct cas_backlog *backlog, const struct cas_record_part *part)
{
    if (part->record.type != CAS_RECORD_APPLICATION_DATA) {
        cas_backlog_lose(backlog);
    } else {
        backlog->has_hole = true;
        backlog->is_end_missing |= part->at + part->missing_len > end_from(&part->record);
    }
}

void cas_backlog_push(struct cas_backlog *backlog, const struct cas_record_part *part)
{
    const struct cas_record *record = &part->record;

    if (part->at == 0 && !backlog->is_lost) {
        begin(backlog, record);
    }
    if (!backlog->is_begun) {
        return;
    }
    if (part->missing_len > 0) {
        note_missing(backlog, part);
    }
    uint32_t skipped = backlog->kept_from > part->at ? backlog->kept_from - part->at : 0;
    cas_buf_append(&backlog->begun, cas_view_part(part->bytes, skipped, part->bytes.len));
    if (!cas_buf_ok(&backlog->begun)) {
        cas_backlog_lose(backlog);
    }
    bool is_whole = part->at + part->bytes.len + part->missing_len == record->len;
    if (is_whole && backlog->is_begun) {
        keep(backlog, record);
    }
}

void cas_backlog_set_keys(struct cas_backlog *backlog, struct cas_protection12 *protection)
{
    cas_protection12_destroy(backlog->protection);
    backlog->protection = protection;
    backlog->opened = 0;
    backlog->waiting.cap = CAS_BACKLOG_WAITING_MAX;
}

bool cas_backlog_has_keys(const struct cas_backlog *backlog)
{
    return backlog->protection != NULL;
}

static bool next_entry(struct cas_reader *r, struct entry *out_entry)
{
    if (cas_reader_left(r) == 0) {
        return false;
    }
    out_entry->header = cas_reader_bytes(r, CAS_RECORD_HEADER_LEN);
    struct cas_reader header = cas_reader_init(out_entry->header);
    out_entry->type = cas_reader_u8(&header);
    cas_reader_skip(&header, 2);
    out_entry->len = cas_reader_u16(&header);
    out_entry->offset = cas_reader_u64(r);
    out_entry->kept = cas_reader_vec16(r);
    return cas_reader_ok(r);
}

static struct cas_reader entries_of(const struct cas_backlog *backlog)
{
    struct cas_reader r = cas_reader_init(cas_buf_view(&backlog->waiting));
    cas_reader_skip(&r, backlog->taken);
    return r;
}

/* The entry is done with. Its memory is used again once nothing waits behind it. */
static void take(struct cas_backlog *backlog, const struct entry *entry)
{
    backlog->taken += ENTRY_HEADER_LEN + sizeof(uint16_t) + entry->kept.len;
    if (backlog->taken == backlog->waiting.len) {
        empty(&backlog->waiting);
        backlog->taken = 0;
    }
}

static enum cas_backlog_step refusal(const struct cas_backlog *backlog)
{
    return backlog->opened > 0 ? CAS_BACKLOG_DAMAGED : CAS_BACKLOG_WRONG_KEY;
}

static enum cas_backlog_step open_entry(struct cas_backlog *backlog, const struct entry *entry,
                                        struct cas_backlog_record *out_record)
{
    wipe(&backlog->content);
    switch (cas_protection12_open(backlog->protection, entry->header, entry->kept,
                                  &backlog->content)) {
    case CAS_OPENING_GOOD:
        break;
    case CAS_OPENING_BAD:
        return refusal(backlog);
    case CAS_OPENING_NO_MEMORY:
        return CAS_BACKLOG_LOST;
    }
    backlog->opened = 1;
    out_record->type = entry->type;
    out_record->offset = entry->offset;
    out_record->content = cas_buf_view(&backlog->content);
    return CAS_BACKLOG_RECORD;
}

static enum cas_backlog_step pass(struct cas_backlog *backlog, const struct entry *entry)
{
    return cas_protection12_pass(backlog->protection, entry->len, entry->kept)
               ? CAS_BACKLOG_EMPTY
               : CAS_BACKLOG_LOST;
}

/* The same, when it is what it says. */
static enum cas_backlog_step check(struct cas_backlog *backlog, const struct entry *entry)
{
    if (entry->kept.len < entry->len) {
        enum cas_backlog_step step = pass(backlog, entry);
        return step == CAS_BACKLOG_EMPTY ? CAS_BACKLOG_UNCHECKED : step;
    }
    enum cas_opening opening = cas_protection12_check(backlog->protection, entry->header,
                                                      entry->kept, &backlog->content);
    empty(&backlog->content);
    switch (opening) {
    case CAS_OPENING_GOOD:
        return CAS_BACKLOG_EMPTY;
    case CAS_OPENING_BAD:
        return CAS_BACKLOG_NO_DATA;
    case CAS_OPENING_NO_MEMORY:
        break;
    }
    return CAS_BACKLOG_LOST;
}

enum cas_backlog_step cas_backlog_next(struct cas_backlog *backlog, enum cas_backlog_data data,
                                       struct cas_backlog_record *out_record)
{
    struct entry entry = { 0 };

    while (backlog->protection != NULL) {
        struct cas_reader r = entries_of(backlog);
        if (!next_entry(&r, &entry)) {
            return backlog->is_lost ? CAS_BACKLOG_LOST : CAS_BACKLOG_EMPTY;
        }
        enum cas_backlog_step step = CAS_BACKLOG_EMPTY;
        if (entry.type != CAS_RECORD_APPLICATION_DATA) {
            step = open_entry(backlog, &entry, out_record);
        } else {
            step =
                data == CAS_BACKLOG_CHECK_DATA ? check(backlog, &entry) : pass(backlog, &entry);
        }
        take(backlog, &entry);
        if (step != CAS_BACKLOG_EMPTY) {
            return step;
        }
    }
    return CAS_BACKLOG_EMPTY;
}

uint8_t cas_backlog_peek(const struct cas_backlog *backlog)
{
    struct cas_reader r = entries_of(backlog);
    struct entry entry = { 0 };

    return next_entry(&r, &entry) ? entry.type : 0;
}
