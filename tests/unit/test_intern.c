/* SPDX-License-Identifier: GPL-2.0-or-later */
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

int main(void)
{
    Suite *suite = suite_create("intern");
    TCase *tcase = tcase_create("intern");
    tcase_add_test(tcase, the_same_bytes_are_the_same_thing);
    tcase_add_test(tcase, the_longest_unheld_goes_first_and_the_held_stay);
    tcase_add_test(tcase, what_is_found_again_is_no_longer_the_oldest);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
