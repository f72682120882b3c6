/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes/intern.h"
#include "support/support.h"

struct thing {
    struct cas_intern_item item;
    char key[8];
};

static unsigned destroyed;

static void destroy_thing(struct cas_intern_item *item)
{
    destroyed++;
    free(item);
}

static struct thing *add_thing(struct cas_intern *intern, const char *key, size_t size)
{
    struct thing *thing = calloc(1, sizeof(*thing));
    ck_assert_ptr_nonnull(thing);
    memcpy(thing->key, key, strlen(key));
    thing->item.key = cas_view_of(thing->key, strlen(key));
    thing->item.size = size;
    cas_intern_add(intern, &thing->item);
    return thing;
}

static struct cas_intern intern_of(struct cas_budget *budget, size_t limit)
{
    static const uint8_t key[CAS_KEYHASH_KEY_LEN] = { 1 };
    struct cas_intern intern;
    destroyed = 0;
    ck_assert(cas_intern_init(&intern, limit, budget, key, destroy_thing));
    return intern;
}

START_TEST(the_same_bytes_are_the_same_thing)
{
    struct cas_budget budget = { .limit = 1u << 20 };
    struct cas_intern intern = intern_of(&budget, 100);
    struct thing *thing = add_thing(&intern, "a", 10);
    ck_assert_ptr_eq(cas_intern_find(&intern, text_view("a")), &thing->item);
    ck_assert_ptr_null(cas_intern_find(&intern, text_view("b")));
    cas_intern_finish(&intern);
    ck_assert_uint_eq(destroyed, 1);
    ck_assert_uint_eq(budget.used, 0);
}
END_TEST

START_TEST(the_longest_unheld_goes_first_and_the_held_stay)
{
    struct cas_budget budget = { .limit = 1u << 20 };
    struct cas_intern intern = intern_of(&budget, 30);
    struct thing *a = add_thing(&intern, "a", 10);
    struct thing *b = add_thing(&intern, "b", 10);
    struct thing *c = add_thing(&intern, "c", 10);
    cas_intern_release(&intern, &b->item);
    cas_intern_release(&intern, &c->item);
    add_thing(&intern, "d", 10);
    ck_assert_uint_eq(destroyed, 1);
    ck_assert_ptr_null(cas_intern_find(&intern, text_view("b")));
    ck_assert_ptr_eq(cas_intern_find(&intern, text_view("a")), &a->item);
    ck_assert_ptr_eq(cas_intern_find(&intern, text_view("c")), &c->item);
    add_thing(&intern, "e", 1000); /* all are held: none can go */
    ck_assert_uint_eq(destroyed, 1);
    cas_intern_finish(&intern);
    ck_assert_uint_eq(destroyed, 5);
}
END_TEST

START_TEST(what_is_found_again_is_no_longer_the_oldest)
{
    struct cas_budget budget = { .limit = 1u << 20 };
    struct cas_intern intern = intern_of(&budget, 20);
    struct thing *a = add_thing(&intern, "a", 10);
    struct thing *b = add_thing(&intern, "b", 10);
    cas_intern_release(&intern, &a->item);
    cas_intern_release(&intern, &b->item);
    cas_intern_release(&intern, cas_intern_find(&intern, text_view("a")));
    cas_intern_release(&intern, NULL);
    add_thing(&intern, "c", 10);
    ck_assert_ptr_null(cas_intern_find(&intern, text_view("b")));
    ck_assert_ptr_eq(cas_intern_find(&intern, text_view("a")), &a->item);
    cas_intern_finish(&intern);
}
END_TEST

/* The place of what was found last does not outlive it. */
START_TEST(what_was_found_last_and_is_gone_is_not_found_again)
{
    struct cas_budget budget = { .limit = 1u << 20 };
    struct cas_intern intern = intern_of(&budget, 20);
    struct thing *a = add_thing(&intern, "a", 10);
    for (unsigned i = 0; i < 2; i++) {
        cas_intern_release(&intern, &a->item);
        ck_assert_ptr_eq(cas_intern_find(&intern, text_view("a")), &a->item);
    }
    cas_intern_release(&intern, &a->item);
    add_thing(&intern, "b", 20);
    ck_assert_uint_eq(destroyed, 1);
    ck_assert_ptr_null(cas_intern_find(&intern, text_view("a")));
    cas_intern_finish(&intern);
}
END_TEST

/* Far more than there are buckets at first; some go before the others. */
START_TEST(many_things_are_all_found)
{
    enum {
        THINGS = 20000
    };
    struct cas_budget budget = { .limit = 1u << 20 };
    struct cas_intern intern = intern_of(&budget, THINGS);
    size_t begun = intern.buckets_len;
    for (int i = 0; i < THINGS; i++) {
        char key[8];
        (void)snprintf(key, sizeof(key), "%d", i);
        struct thing *thing = add_thing(&intern, key, 1);
        cas_intern_release(&intern, i % 2 == 0 ? &thing->item : NULL);
    }
    ck_assert_uint_ge(intern.buckets_len, THINGS);
    ck_assert_uint_gt(intern.buckets_len, begun);
    intern.limit = THINGS / 2; /* for those that are held */
    struct cas_intern_item *odd = cas_intern_find(&intern, text_view("1"));
    cas_intern_release(&intern, odd);
    cas_intern_release(&intern, odd); /* now nobody holds it: there is no room for it */
    ck_assert_uint_eq(intern.len, THINGS / 2);
    for (int i = 2; i < THINGS; i++) {
        char key[8];
        (void)snprintf(key, sizeof(key), "%d", i);
        const struct cas_intern_item *item = cas_intern_find(&intern, text_view(key));
        ck_assert_int_eq(item != NULL, i % 2 == 1);
    }
    cas_intern_finish(&intern);
    ck_assert_uint_eq(destroyed, THINGS);
    ck_assert_uint_eq(budget.used, 0);
}
END_TEST

/* Then chains are longer, and nothing else. */
START_TEST(more_buckets_may_be_refused)
{
    struct cas_budget budget = { .limit = 1u << 20 };
    struct cas_intern intern = intern_of(&budget, 1u << 20);
    size_t begun = intern.buckets_len;
    budget.limit = budget.used;
    for (int i = 0; i < 10000; i++) {
        char key[8];
        (void)snprintf(key, sizeof(key), "%d", i);
        (void)add_thing(&intern, key, 1);
    }
    ck_assert_uint_eq(intern.buckets_len, begun);
    ck_assert_ptr_nonnull(cas_intern_find(&intern, text_view("9999")));
    cas_intern_finish(&intern);
    ck_assert_uint_eq(budget.used, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("intern");
    TCase *tcase = tcase_create("intern");
    tcase_add_test(tcase, the_same_bytes_are_the_same_thing);
    tcase_add_test(tcase, the_longest_unheld_goes_first_and_the_held_stay);
    tcase_add_test(tcase, what_is_found_again_is_no_longer_the_oldest);
    tcase_add_test(tcase, what_was_found_last_and_is_gone_is_not_found_again);
    tcase_add_test(tcase, many_things_are_all_found);
    tcase_add_test(tcase, more_buckets_may_be_refused);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
