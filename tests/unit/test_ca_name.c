/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "analysis/ca_name.h"
#include "support/der_text.h"
#include "support/support.h"

/* CN=Example CA, thrice: as UTF8String, as PrintableString with other case and blanks (equal by
 * RFC 5280, 7.1), and with one character more. */
#define UTF8      "30{31{30{06:550403 0c'Example CA'}}}"
#define PRINTABLE "30{31{30{06:550403 13'EXAMPLE  ca'}}}"
#define OTHER     "30{31{30{06:550403 0c'Example CA2'}}}"
#define AUTHORITY "30{31{30{06:550403 0c'nt authority'}}}"

static const uint8_t hash_key[CAS_KEYHASH_KEY_LEN] = { 5 };

struct fixture {
    struct cas_budget budget;
    struct cas_ca_names names;
};

static void begin(struct fixture *f)
{
    *f = (struct fixture){ .budget = { .limit = 1u << 20 } };
    ck_assert(cas_ca_names_init(&f->names, &f->budget, hash_key));
}

static void end(struct fixture *f)
{
    cas_ca_names_finish(&f->names);
    ck_assert_uint_eq(f->budget.used, 0);
}

/* Kept past the bytes that it was made from. */
static struct cas_ca_name *get(struct fixture *f, const char *text)
{
    struct cas_view der = der_copy(text);
    struct cas_ca_name *name = cas_ca_names_get(&f->names, der);
    exact_free(der);
    return name;
}

START_TEST(a_name_is_kept_once)
{
    struct fixture f;
    begin(&f);
    struct cas_ca_name *first = get(&f, UTF8);
    ck_assert_ptr_nonnull(first);
    size_t used = f.budget.used;
    ck_assert_ptr_eq(get(&f, UTF8), first);
    ck_assert_uint_eq(f.budget.used, used);
    ck_assert_ptr_ne(get(&f, OTHER), first);
    ck_assert_str_eq(first->dn, "CN=Example CA");
    struct cas_view der = der_copy(UTF8);
    ck_assert(cas_view_equal(first->item.key, der));
    exact_free(der);
    end(&f);
}
END_TEST

START_TEST(names_that_are_equal_have_one_canonical_hash)
{
    struct fixture f;
    begin(&f);
    const struct cas_ca_name *utf8 = get(&f, UTF8);
    const struct cas_ca_name *printable = get(&f, PRINTABLE);
    ck_assert_ptr_ne(utf8, printable);
    ck_assert_uint_ne(utf8->canonical_hash, 0);
    ck_assert_uint_eq(utf8->canonical_hash, printable->canonical_hash);
    ck_assert_uint_ne(utf8->canonical_hash, get(&f, OTHER)->canonical_hash);
    struct cas_view der = der_copy(PRINTABLE);
    ck_assert_uint_eq(cas_ca_names_canonical_hash(&f.names, der), utf8->canonical_hash);
    exact_free(der);
    end(&f);
}
END_TEST

START_TEST(what_is_no_name_is_told_as_its_bytes)
{
    struct fixture f;
    begin(&f);
    const struct cas_ca_name *name = get(&f, "04:beef");
    ck_assert(!name->is_valid);
    ck_assert_uint_eq(name->canonical_hash, 0);
    ck_assert_str_eq(name->dn, "#0402BEEF");
    const struct cas_ca_name *empty = cas_ca_names_get(&f.names, (struct cas_view){ 0 });
    ck_assert(!empty->is_valid);
    ck_assert_uint_eq(empty->item.key.len, 0);
    end(&f);
}
END_TEST

START_TEST(windows_own_names_are_known)
{
    struct fixture f;
    begin(&f);
    ck_assert(get(&f, AUTHORITY)->is_nt_authority);
    ck_assert(!get(&f, UTF8)->is_nt_authority);
    ck_assert(get(&f, UTF8)->is_valid);
    end(&f);
}
END_TEST

/* However little there is, a good name is never kept as a bad one. */
START_TEST(without_memory_there_is_no_name_rather_than_a_wrong_one)
{
    struct fixture f;
    begin(&f);
    size_t begun = f.budget.used;
    bool has_failed = false;
    struct cas_ca_name *name = NULL;
    for (size_t room = 0; name == NULL; room += 8) {
        ck_assert_uint_lt(room, 4096);
        f.budget.limit = begun + room;
        name = get(&f, UTF8);
        has_failed |= name == NULL;
    }
    ck_assert(has_failed);
    ck_assert(name->is_valid);
    ck_assert_uint_ne(name->canonical_hash, 0);
    ck_assert_str_eq(name->dn, "CN=Example CA");
    end(&f);
}
END_TEST

/* What nobody holds goes when there is more of it than its share. */
START_TEST(names_that_nobody_holds_go_in_the_end)
{
    struct fixture f;
    begin(&f);
    struct cas_ca_name *held = get(&f, UTF8);
    for (int i = 0; i < 2000; i++) {
        char text[64];
        (void)snprintf(text, sizeof(text), "30{31{30{06:550403 0c'%d'}}}", i);
        struct cas_ca_name *name = get(&f, text);
        ck_assert_ptr_nonnull(name);
        cas_ca_names_release(&f.names, name);
    }
    ck_assert_uint_lt(f.names.names.used, f.budget.limit / 32);
    ck_assert_ptr_eq(get(&f, UTF8), held);
    end(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ca_name");
    TCase *tcase = tcase_create("ca_name");
    tcase_add_test(tcase, a_name_is_kept_once);
    tcase_add_test(tcase, names_that_are_equal_have_one_canonical_hash);
    tcase_add_test(tcase, what_is_no_name_is_told_as_its_bytes);
    tcase_add_test(tcase, windows_own_names_are_known);
    tcase_add_test(tcase, without_memory_there_is_no_name_rather_than_a_wrong_one);
    tcase_add_test(tcase, names_that_nobody_holds_go_in_the_end);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
