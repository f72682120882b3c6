/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a finished connection leaves behind tells a new one from its echo. */
#include "net/tomb.h"
#include "net/watch.h"
#include "support/support.h"

#define FIRST UINT32_C(1000) /* first data byte of the connection that is over */
#define NEW   UINT32_C(9000) /* and of one whose SYN was seen since */

static struct cas_arrival arrival(unsigned side, uint8_t flags, uint32_t seq, uint32_t ack)
{
    return (struct cas_arrival){ .side = side,
                                 .tcp = { .flags = flags, .seq = seq, .ack = ack } };
}

static struct cas_arrival data(unsigned side, uint32_t seq)
{
    struct cas_arrival segment = arrival(side, CAS_TCP_ACK, seq, 1);
    segment.tcp.wire_len = 5;
    return segment;
}

/* Of a connection that the client, this side of the key, began. */
static struct cas_table_entry tomb_of(unsigned starter, bool has_start)
{
    struct cas_table_entry entry = { .list = CAS_TABLE_TOMBS };
    struct cas_connection connection = { .starter = (uint8_t)starter, .has_start = has_start };
    connection.stream[starter].base = (UINT64_C(1) << 32) + FIRST;
    connection.stream[starter].has_base = true;
    cas_tomb_make(&entry, &connection);
    return entry;
}

START_TEST(an_answer_to_another_number_is_a_new_connection)
{
    unsigned client = (unsigned)_i;
    unsigned server = 1 - client;
    struct cas_table_entry entry = tomb_of(client, true);
    const struct cas_arrival echo = arrival(server, CAS_TCP_SYN | CAS_TCP_ACK, 5, FIRST);
    const struct cas_arrival other = arrival(server, CAS_TCP_SYN | CAS_TCP_ACK, 5, FIRST + 1);
    const struct cas_arrival own = arrival(client, CAS_TCP_SYN | CAS_TCP_ACK, 5, FIRST + 1);
    const struct cas_arrival syn = arrival(client, CAS_TCP_SYN, NEW - 1, 0);
    const struct cas_arrival late = data(client, FIRST);
    ck_assert(!cas_tomb_is_reused(&entry, &echo));
    ck_assert(cas_tomb_is_reused(&entry, &other));
    ck_assert(!cas_tomb_is_reused(&entry, &own)); /* a SYN/ACK of the client's own */
    ck_assert(!cas_tomb_is_reused(&entry, &syn)); /* may be made up: nobody answered */
    ck_assert(!cas_tomb_is_reused(&entry, &late));
}
END_TEST

START_TEST(an_answer_behind_what_was_seen_from_its_middle_on_is_a_new_connection)
{
    struct cas_table_entry entry = tomb_of(0, false);
    const struct cas_arrival syn = arrival(0, CAS_TCP_SYN, NEW - 1, 0);
    const struct cas_arrival bytes = data(1, 5);
    ck_assert(!cas_tomb_is_reused(&entry, &syn));
    ck_assert(!cas_tomb_is_reused(&entry, &bytes));
    for (unsigned server = 0; server < 2; server++) {
        const struct cas_arrival answer =
            arrival(server, CAS_TCP_SYN | CAS_TCP_ACK, 5, FIRST + 1);
        ck_assert(cas_tomb_is_reused(&entry, &answer));
    }
}
END_TEST

START_TEST(what_follows_a_remembered_syn_is_a_new_connection)
{
    unsigned client = (unsigned)_i;
    unsigned server = 1 - client;
    struct cas_table_entry entry = tomb_of(client, true);
    const struct cas_arrival syn = arrival(client, CAS_TCP_SYN, NEW - 1, 0);
    cas_tomb_note_syn(&entry, &syn);
    const struct cas_arrival first = data(client, NEW);
    const struct cas_arrival later = data(client, NEW + 1);
    const struct cas_arrival others = data(server, NEW);
    const struct cas_arrival empty = arrival(client, CAS_TCP_ACK, NEW, 1);
    const struct cas_arrival answer = arrival(server, CAS_TCP_SYN | CAS_TCP_ACK, 5, NEW);
    const struct cas_arrival own = arrival(client, CAS_TCP_SYN | CAS_TCP_ACK, 5, NEW);
    const struct cas_arrival echo = arrival(server, CAS_TCP_SYN | CAS_TCP_ACK, 5, FIRST);
    ck_assert(cas_tomb_is_reused(&entry, &first));
    ck_assert(!cas_tomb_is_reused(&entry, &later));
    ck_assert(!cas_tomb_is_reused(&entry, &others));
    ck_assert(!cas_tomb_is_reused(&entry, &empty));
    ck_assert(cas_tomb_is_reused(&entry, &answer));
    ck_assert(!cas_tomb_is_reused(&entry, &own));
    ck_assert(!cas_tomb_is_reused(&entry, &echo));
}
END_TEST

START_TEST(a_syn_that_the_connection_saw_is_remembered_beyond_it)
{
    struct cas_table_entry entry = { .list = CAS_TABLE_TOMBS };
    struct cas_connection connection = { .new_sides = (uint8_t)(1u << _i) };
    connection.new_seq[_i] = NEW;
    cas_tomb_make(&entry, &connection);
    const struct cas_arrival first = data((unsigned)_i, NEW);
    const struct cas_arrival others = data(1 - (unsigned)_i, NEW);
    ck_assert(cas_tomb_is_reused(&entry, &first));
    ck_assert(!cas_tomb_is_reused(&entry, &others));
}
END_TEST

START_TEST(fins_of_evidence_are_awaited_once)
{
    struct cas_table_entry entry = { .list = CAS_TABLE_TOMBS };
    struct cas_connection connection = { .kept = { .is_evidence = true } };
    const struct cas_arrival fins[] = { arrival(0, CAS_TCP_FIN | CAS_TCP_ACK, 1, 1),
                                        arrival(1, CAS_TCP_FIN | CAS_TCP_ACK, 1, 1) };
    const struct cas_arrival bytes = data(0, 1);
    const struct cas_arrival reset = arrival(0, CAS_TCP_RST, 1, 1);
    cas_tomb_make(&entry, &connection);
    ck_assert(!cas_tomb_awaits(&entry, &bytes));
    ck_assert(cas_tomb_awaits(&entry, &fins[0]));
    ck_assert(!cas_tomb_awaits(&entry, &fins[0]));
    ck_assert(cas_tomb_awaits(&entry, &fins[1]));
    ck_assert(!cas_tomb_awaits(&entry, &fins[1]));
    cas_tomb_make(&entry, &connection);
    ck_assert(cas_tomb_awaits(&entry, &reset)); /* ends both sides */
    ck_assert(!cas_tomb_awaits(&entry, &fins[1]));
    /* What has come already is not waited for. */
    connection.stream[0].fin = 77;
    cas_tomb_make(&entry, &connection);
    ck_assert(!cas_tomb_awaits(&entry, &fins[0]));
    ck_assert(cas_tomb_awaits(&entry, &fins[1]));
    connection.stream[1].fin = 77;
    cas_tomb_make(&entry, &connection);
    ck_assert(!cas_tomb_awaits(&entry, &reset));
}
END_TEST

START_TEST(after_a_reset_and_without_evidence_nothing_is_awaited)
{
    struct cas_table_entry entry = { .list = CAS_TABLE_TOMBS };
    struct cas_connection connection = { .kept = { .is_evidence = true } };
    const struct cas_arrival fin = arrival(0, CAS_TCP_FIN | CAS_TCP_ACK, 1, 1);
    connection.stream[_i].has_base = true;
    connection.stream[_i].next = 500;
    connection.stream[_i].rst = 500;
    cas_tomb_make(&entry, &connection);
    ck_assert(!cas_tomb_awaits(&entry, &fin));
    connection = (struct cas_connection){ .good_sums = 3 };
    cas_tomb_make(&entry, &connection);
    ck_assert(!cas_tomb_awaits(&entry, &fin));
    ck_assert_uint_eq(entry.flags, CAS_TOMB_GOOD_SUM | CAS_TOMB_GOOD_SUM << 1);
}
END_TEST

START_TEST(beside_a_watch_it_is_the_same)
{
    struct cas_watch watch = { .tomb = { .first_seq = FIRST } };
    struct cas_table_entry entry = { .list = CAS_TABLE_WATCHED,
                                     .flags = CAS_TOMB_HAS_SEQ,
                                     .is.watch = &watch };
    const struct cas_arrival other = arrival(1, CAS_TCP_SYN | CAS_TCP_ACK, 5, FIRST + 1);
    const struct cas_arrival syn = arrival(0, CAS_TCP_SYN, NEW - 1, 0);
    ck_assert(cas_tomb_is_reused(&entry, &other));
    cas_tomb_note_syn(&entry, &syn);
    ck_assert_uint_eq(watch.tomb.new_seq, NEW);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tomb");
    TCase *tcase = tcase_create("tomb");
    tcase_add_loop_test(tcase, an_answer_to_another_number_is_a_new_connection, 0, 2);
    tcase_add_test(tcase,
                   an_answer_behind_what_was_seen_from_its_middle_on_is_a_new_connection);
    tcase_add_loop_test(tcase, what_follows_a_remembered_syn_is_a_new_connection, 0, 2);
    tcase_add_loop_test(tcase, a_syn_that_the_connection_saw_is_remembered_beyond_it, 0, 2);
    tcase_add_test(tcase, fins_of_evidence_are_awaited_once);
    tcase_add_loop_test(tcase, after_a_reset_and_without_evidence_nothing_is_awaited, 0, 2);
    tcase_add_test(tcase, beside_a_watch_it_is_the_same);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
