/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "support/support.h"
#include "tls/key_waits.h"

#define MANY 5000

static struct cas_key_waits waits;
static struct cas_key_wait wait[MANY];

static const uint8_t *random_of(unsigned number)
{
    static uint8_t random[CAS_RANDOM_LEN];
    random[0] = (uint8_t)(number >> 8);
    random[CAS_RANDOM_LEN - 1] = (uint8_t)number;
    return random;
}

static void begin(void)
{
    const uint8_t key[CAS_KEYHASH_KEY_LEN] = { 1 };
    cas_key_waits_init(&waits, key);
    memset(wait, 0, sizeof(wait));
    cas_key_waits_set_now(&waits, 1000);
}

static void add(unsigned i, unsigned number)
{
    cas_key_waits_add(&waits, &wait[i], &wait[i], random_of(number));
}

START_TEST(each_is_found_by_its_random)
{
    for (unsigned i = 0; i < MANY; i++) {
        add(i, i);
    }
    for (unsigned i = 0; i < MANY; i += 2) {
        cas_key_waits_remove(&waits, &wait[i]);
        cas_key_waits_remove(&waits, &wait[i]);
    }
    for (unsigned i = 0; i < MANY; i++) {
        struct cas_key_wait *expected = i % 2 == 1 ? &wait[i] : NULL;
        ck_assert_ptr_eq(cas_key_waits_find(&waits, random_of(i)), expected);
    }
}
END_TEST

START_TEST(several_wait_for_the_same)
{
    add(0, 7);
    add(1, 8);
    add(2, 7);
    unsigned seen = 0;
    for (struct cas_key_wait *one = cas_key_waits_find(&waits, random_of(7)); one != NULL;
         one = cas_key_waits_next(one)) {
        seen |= 1u << (one - wait);
    }
    ck_assert_uint_eq(seen, 1u << 0 | 1u << 2);
}
END_TEST

START_TEST(those_that_have_waited_long_enough_are_due_in_their_order)
{
    add(0, 0);
    cas_key_waits_set_now(&waits, 2000);
    add(1, 1);
    add(2, 2);
    cas_key_waits_remove(&waits, &wait[1]);
    cas_key_waits_set_now(&waits, 1000 + CAS_KEY_WAIT_US - 1);
    ck_assert_ptr_null(cas_key_waits_due(&waits));
    cas_key_waits_set_now(&waits, 1000 + CAS_KEY_WAIT_US);
    ck_assert_ptr_eq(cas_key_waits_due(&waits), &wait[0]);
    cas_key_waits_set_now(&waits, 500); /* a clock that goes back */
    ck_assert_ptr_eq(cas_key_waits_due(&waits), &wait[0]);
    cas_key_waits_remove(&waits, &wait[0]);
    ck_assert_ptr_null(cas_key_waits_due(&waits));
    cas_key_waits_set_now(&waits, 2000 + CAS_KEY_WAIT_US);
    ck_assert_ptr_eq(cas_key_waits_due(&waits), &wait[2]);
    cas_key_waits_remove(&waits, &wait[2]);
    ck_assert_ptr_null(cas_key_waits_due(&waits));
}
END_TEST

START_TEST(before_the_first_word_about_the_time_nobody_has_waited)
{
    const uint8_t key[CAS_KEYHASH_KEY_LEN] = { 1 };
    cas_key_waits_init(&waits, key);
    add(0, 0);
    cas_key_waits_set_now(&waits, UINT64_C(1) << 50);
    ck_assert_ptr_null(cas_key_waits_due(&waits));
    cas_key_waits_set_now(&waits, (UINT64_C(1) << 50) + CAS_KEY_WAIT_US);
    ck_assert_ptr_eq(cas_key_waits_due(&waits), &wait[0]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("key_waits");
    TCase *tcase = tcase_create("key_waits");
    tcase_add_checked_fixture(tcase, begin, NULL);
    tcase_add_test(tcase, each_is_found_by_its_random);
    tcase_add_test(tcase, several_wait_for_the_same);
    tcase_add_test(tcase, those_that_have_waited_long_enough_are_due_in_their_order);
    tcase_add_test(tcase, before_the_first_word_about_the_time_nobody_has_waited);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
