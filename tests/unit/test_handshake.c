/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "support/support.h"
#include "support/tls_records.h"
#include "tls/handshake.h"

/* A machine of both layers, and what it tells: type/declared/body/records/reasons. */
struct machine {
    struct cas_budget budget;
    struct cas_record_layer records;
    struct cas_handshake handshake;
    struct cas_buf text;
};

static void machine_init(struct machine *machine)
{
    *machine = (struct machine){ .budget = { .limit = 1u << 20 }, .text = tls_buf() };
    machine->records = cas_record_layer_init(0);
    machine->handshake = cas_handshake_init(&machine->budget);
}

static void machine_finish(struct machine *machine)
{
    cas_handshake_finish(&machine->handshake);
    ck_assert_uint_eq(machine->budget.used, 0);
    cas_buf_finish(&machine->text);
}

static void write_down(struct machine *machine, const struct cas_handshake_message *message)
{
    cas_buf_append_format(&machine->text, "%u/%u/%zu/%u/%x ", message->type,
                          message->sight.declared_len, message->body.len,
                          message->sight.records, message->sight.reasons);
}

static void push(struct machine *machine, struct cas_view bytes)
{
    struct cas_reader r = cas_reader_init(bytes);
    struct cas_record_part part = { 0 };

    while (cas_record_next(&machine->records, &r, &part) == CAS_RECORD_PART) {
        struct cas_reader body = cas_reader_init(part.bytes);
        struct cas_handshake_message message = { 0 };
        while (cas_handshake_next(&machine->handshake, &part, &body, &message)) {
            write_down(machine, &message);
        }
    }
}

static void miss(struct machine *machine, uint64_t len)
{
    struct cas_record_part part = { 0 };

    while (cas_record_next_missing(&machine->records, &len, &part) == CAS_RECORD_PART) {
        struct cas_handshake_message message = { 0 };
        if (cas_handshake_miss(&machine->handshake, &part, CAS_REASON_GAP, &message)) {
            write_down(machine, &message);
        }
    }
}

static void cut(struct machine *machine)
{
    struct cas_handshake_message message = { 0 };
    if (cas_handshake_cut(&machine->handshake, CAS_REASON_CLOSED, &message)) {
        write_down(machine, &message);
    }
}

/* Certificate of 20 bytes of body, ServerHelloDone, CertificateRequest of 27. */
static struct cas_buf messages(void)
{
    struct cas_buf out = tls_buf();
    tls_certificate(&out, 1, 14); /* 3 + 3 + 14 */
    tls_message(&out, 14, 0);     /* empty */
    tls_cert_request(&out, 2, 6); /* 3 + 6 + 2 + 2 * 8 */
    return out;
}

START_TEST(messages_are_the_same_in_every_split)
{
    struct cas_buf bytes = messages();
    for (size_t record_len = 1; record_len <= bytes.len; record_len++) {
        struct cas_buf stream = tls_buf();
        tls_records(&stream, 22, 0x0303, cas_buf_view(&bytes), record_len);
        struct machine whole;
        machine_init(&whole);
        push(&whole, cas_buf_view(&stream));
        for (size_t piece = 1; piece < stream.len; piece++) {
            struct machine machine;
            machine_init(&machine);
            for (size_t at = 0; at < stream.len; at += piece) {
                struct cas_view copy =
                    exact_copy(cas_view_part(cas_buf_view(&stream), at, piece));
                push(&machine, copy);
                exact_free(copy);
            }
            ck_assert(cas_view_equal(cas_buf_view(&machine.text), cas_buf_view(&whole.text)));
            machine_finish(&machine);
        }
        if (record_len == bytes.len) {
            ck_assert_buf_eq(&whole.text, "11/20/20/1/0 14/0/0/1/0 13/27/27/1/0 ");
        }
        if (record_len == 1) {
            ck_assert_buf_eq(&whole.text, "11/20/20/24/0 14/0/0/4/0 13/27/27/31/0 ");
        }
        machine_finish(&whole);
        cas_buf_finish(&stream);
    }
    cas_buf_finish(&bytes);
}
END_TEST

START_TEST(a_message_in_one_piece_is_not_copied)
{
    struct cas_buf bytes = messages();
    struct cas_buf stream = tls_buf();
    struct machine machine;
    tls_records(&stream, 22, 0x0303, cas_buf_view(&bytes), 16384);
    machine_init(&machine);
    push(&machine, cas_buf_view(&stream));
    ck_assert_uint_eq(machine.budget.peak, 0);
    machine_finish(&machine);
    cas_buf_finish(&stream);
    cas_buf_finish(&bytes);
}
END_TEST

START_TEST(every_prefix_tells_the_message_that_is_cut)
{
    struct cas_buf bytes = messages();
    struct cas_buf stream = tls_buf();
    tls_records(&stream, 22, 0x0303, cas_buf_view(&bytes), 16384);
    for (size_t len = 0; len <= stream.len; len++) {
        struct machine machine;
        machine_init(&machine);
        struct cas_view prefix = exact_copy(cas_view_part(cas_buf_view(&stream), 0, len));
        push(&machine, prefix);
        exact_free(prefix);
        cut(&machine);
        size_t body = len < 9 ? 0 : len < 29 ? len - 9 : 20;
        char expected[32] = "";
        if (len >= 9) {
            snprintf(expected, sizeof(expected), "11/20/%zu/1/%x ", body,
                     body < 20 ? CAS_REASON_BIT(CAS_REASON_CLOSED) : 0);
        }
        struct cas_view told = cas_view_part(cas_buf_view(&machine.text), 0, strlen(expected));
        ck_assert(cas_view_equal(told, text_view(expected)));
        machine_finish(&machine);
    }
    cas_buf_finish(&stream);
    cas_buf_finish(&bytes);
}
END_TEST

static const struct {
    const char *what;
    size_t at; /* in the bodies: the Certificate's header is 0 to 3 */
    size_t len;
    const char *expected;
} holes[] = {
    { "inside a body", 10, 4, "11/20/6/1/1 14/0/0/1/0 13/27/27/1/0 " },
    { "to the end of a body", 20, 4, "11/20/16/1/1 14/0/0/1/0 13/27/27/1/0 " },
    { "over a message's header: where messages begin is lost", 20, 5, "11/20/16/1/1 " },
    { "over the first header", 2, 1, "" },
    { "at the end", 50, 9, "11/20/20/1/0 14/0/0/1/0 13/27/18/1/1 " },
};

START_TEST(a_hole_is_named_and_what_is_sure_goes_on)
{
    struct cas_buf bytes = messages();
    struct cas_buf stream = tls_buf();
    struct machine machine;
    tls_records(&stream, 22, 0x0303, cas_buf_view(&bytes), 16384);
    machine_init(&machine);
    push(&machine, cas_view_part(cas_buf_view(&stream), 0, 5 + holes[_i].at));
    miss(&machine, holes[_i].len);
    push(&machine,
         cas_view_part(cas_buf_view(&stream), 5 + holes[_i].at + holes[_i].len, stream.len));
    ck_assert_msg(cas_view_equal(cas_buf_view(&machine.text), text_view(holes[_i].expected)),
                  "%s: %.*s", holes[_i].what, (int)machine.text.len,
                  (const char *)machine.text.data);
    machine_finish(&machine);
    cas_buf_finish(&stream);
    cas_buf_finish(&bytes);
}
END_TEST

START_TEST(a_lost_beginning_is_found_again_at_a_sure_record_and_marked)
{
    struct cas_buf first = tls_buf();
    struct cas_buf second = tls_buf();
    struct cas_buf stream = tls_buf();
    struct machine machine;
    tls_message(&first, 12, 30);
    tls_records(&stream, 22, 0x0303, cas_buf_view(&first), 16384);
    tls_cert_request(&second, 2, 6);
    tls_bytes(&second, cas_buf_view(&first)); /* not alone in its record: not sure */
    tls_records(&stream, 22, 0x0303, cas_buf_view(&second), 16384);
    cas_buf_clear(&second);
    tls_cert_request(&second, 2, 6);
    tls_records(&stream, 22, 0x0303, cas_buf_view(&second), 16384);
    machine_init(&machine);
    push(&machine, cas_view_part(cas_buf_view(&stream), 0, 6));
    miss(&machine, 10);
    push(&machine, cas_view_part(cas_buf_view(&stream), 16, stream.len));
    ck_assert_buf_eq(&machine.text, "13/27/27/1/4000 "); /* CAS_REASON_FRAMING */
    ck_assert_uint_eq(CAS_REASON_BIT(CAS_REASON_FRAMING), 0x4000);
    ck_assert(machine.handshake.may_lack_messages);
    machine_finish(&machine);
    cas_buf_finish(&stream);
    cas_buf_finish(&second);
    cas_buf_finish(&first);
}
END_TEST

START_TEST(a_message_longer_than_is_kept_is_told_without_its_bytes)
{
    struct cas_buf bytes = tls_buf();
    struct cas_buf stream = tls_buf();
    struct machine machine;
    tls_message(&bytes, 13, CAS_CERT_REQUEST_MAX + 1);
    tls_message(&bytes, 14, 0);
    tls_records(&stream, 22, 0x0303, cas_buf_view(&bytes), 16384);
    machine_init(&machine);
    push(&machine, cas_buf_view(&stream));
    ck_assert_buf_eq(&machine.text, "13/131330/0/9/200 14/0/0/1/0 ");
    ck_assert_uint_eq(CAS_REASON_BIT(CAS_REASON_MESSAGE_CAP), 0x200);
    ck_assert_uint_eq(machine.budget.peak, 0);
    machine_finish(&machine);
    cas_buf_finish(&stream);
    cas_buf_finish(&bytes);
}
END_TEST

START_TEST(without_memory_a_message_is_told_with_that_reason)
{
    struct cas_buf bytes = messages();
    struct cas_buf stream = tls_buf();
    struct machine machine;
    tls_records(&stream, 22, 0x0303, cas_buf_view(&bytes), 10);
    machine_init(&machine);
    machine.budget.limit = 0;
    push(&machine, cas_buf_view(&stream));
    ck_assert_buf_eq(&machine.text, "11/20/0/3/40 14/0/0/1/0 13/27/0/4/40 ");
    ck_assert_uint_eq(CAS_REASON_BIT(CAS_REASON_MEMORY), 0x40);
    machine_finish(&machine);
    cas_buf_finish(&stream);
    cas_buf_finish(&bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("handshake");
    TCase *tcase = tcase_create("handshake");
    tcase_add_test(tcase, messages_are_the_same_in_every_split);
    tcase_add_test(tcase, a_message_in_one_piece_is_not_copied);
    tcase_add_test(tcase, every_prefix_tells_the_message_that_is_cut);
    tcase_add_loop_test(tcase, a_hole_is_named_and_what_is_sure_goes_on, 0,
                        (int)(sizeof(holes) / sizeof(holes[0])));
    tcase_add_test(tcase, a_lost_beginning_is_found_again_at_a_sure_record_and_marked);
    tcase_add_test(tcase, a_message_longer_than_is_kept_is_told_without_its_bytes);
    tcase_add_test(tcase, without_memory_a_message_is_told_with_that_reason);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
