/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "support/support.h"
#include "tls/fingerprint_cache.h"

#define LIMIT 4096

static const uint8_t hash_key[CAS_KEYHASH_KEY_LEN] = { 7 };

struct fixture {
    struct cas_budget budget;
    struct cas_fingerprint_cache cache;
};

static void begin(struct fixture *f)
{
    *f = (struct fixture){ .budget = { .limit = 1u << 20 } };
    ck_assert(cas_fingerprint_cache_init(&f->cache, LIMIT, &f->budget, hash_key));
}

static void end(struct fixture *f)
{
    cas_fingerprint_cache_finish(&f->cache);
    ck_assert_uint_eq(f->budget.used, 0);
}

static struct cas_client_hello hello_of(uint16_t version, struct cas_view ciphers,
                                        struct cas_view extensions)
{
    return (struct cas_client_hello){
        .version = version,
        .ciphers = ciphers,
        .cipher_len = 2,
        .extensions = extensions,
        .is_whole = true,
    };
}

static void take(struct fixture *f, const struct cas_client_hello *hello,
                 struct cas_client_fingerprints *out_prints)
{
    *out_prints = (struct cas_client_fingerprints){ 0 };
    ck_assert(cas_fingerprints_of_client(&f->cache, hello, &f->budget, out_prints));
}

/* What cas_ja3() and cas_ja4() say, which have tests of their own. */
static void check_direct(const struct cas_client_hello *hello,
                         const struct cas_client_fingerprints *prints)
{
    struct cas_budget budget = { .limit = 1u << 20 };
    char ja3[CAS_JA3_SIZE] = "";
    char ja4[CAS_JA4_SIZE] = "";
    ck_assert(cas_ja3(hello, &budget, ja3));
    ck_assert(cas_ja4(hello, &budget, ja4));
    ck_assert_str_eq(prints->ja3, ja3);
    ck_assert_str_eq(prints->ja4, ja4);
}

/* The second example of the text that introduced JA3. */
START_TEST(a_known_hello_has_the_published_fingerprint)
{
    struct fixture f;
    struct cas_client_fingerprints prints;
    struct cas_view ciphers =
        hex_copy("0004 0005 000a 0009 0064 0062 0003 0006 0013 0012 0063");
    struct cas_client_hello hello = hello_of(769, ciphers, (struct cas_view){ 0 });
    begin(&f);
    for (int i = 0; i < 3; i++) {
        take(&f, &hello, &prints);
        ck_assert_str_eq(prints.ja3, "de350869b8c85de67a350c8d186f11e6");
    }
    exact_free(ciphers);
    end(&f);
}
END_TEST

/* Each differs from the first in one thing that a fingerprint shows. */
static const char *const different[] = {
    "0000 0005 0003 00 0000 000a 0004 0002 0017 000b 0002 0100 000d 0004 0002 0403"
    "0010 0005 0003 02 6832 002b 0003 02 0304",
    /* without a name */
    "000a 0004 0002 0017 000b 0002 0100 000d 0004 0002 0403 0010 0005 0003 02 6832"
    "002b 0003 02 0304",
    /* another group */
    "0000 0005 0003 00 0000 000a 0004 0002 0018 000b 0002 0100 000d 0004 0002 0403"
    "0010 0005 0003 02 6832 002b 0003 02 0304",
    /* another point format */
    "0000 0005 0003 00 0000 000a 0004 0002 0017 000b 0002 0101 000d 0004 0002 0403"
    "0010 0005 0003 02 6832 002b 0003 02 0304",
    /* another signature algorithm */
    "0000 0005 0003 00 0000 000a 0004 0002 0017 000b 0002 0100 000d 0004 0002 0503"
    "0010 0005 0003 02 6832 002b 0003 02 0304",
    /* the last character of another protocol */
    "0000 0005 0003 00 0000 000a 0004 0002 0017 000b 0002 0100 000d 0004 0002 0403"
    "0010 0005 0003 02 6833 002b 0003 02 0304",
    /* another version */
    "0000 0005 0003 00 0000 000a 0004 0002 0017 000b 0002 0100 000d 0004 0002 0403"
    "0010 0005 0003 02 6832 002b 0003 02 0303",
    /* another order */
    "000a 0004 0002 0017 0000 0005 0003 00 0000 000b 0002 0100 000d 0004 0002 0403"
    "0010 0005 0003 02 6832 002b 0003 02 0304",
    /* a group that was an algorithm */
    "0000 0005 0003 00 0000 000a 0006 0004 0017 0403 000b 0002 0100 000d 0002 0000"
    "0010 0005 0003 02 6832 002b 0003 02 0304",
};

START_TEST(hellos_that_differ_are_told_apart)
{
    struct fixture f;
    struct cas_client_fingerprints prints;
    struct cas_view ciphers = hex_copy("1301 c02f");
    begin(&f);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof(different) / sizeof(different[0]); i++) {
            struct cas_view extensions = hex_copy(different[i]);
            struct cas_client_hello hello = hello_of(0x0303, ciphers, extensions);
            take(&f, &hello, &prints);
            check_direct(&hello, &prints);
            hello.version = 0x0302;
            take(&f, &hello, &prints);
            check_direct(&hello, &prints);
            hello.ciphers = cas_view_part(ciphers, 0, 2);
            take(&f, &hello, &prints);
            check_direct(&hello, &prints);
            exact_free(extensions);
        }
    }
    exact_free(ciphers);
    end(&f);
}
END_TEST

/* Random, session id, the name itself and GREASE are no part of a fingerprint. */
START_TEST(what_no_fingerprint_shows_makes_no_second_entry)
{
    struct fixture f;
    struct cas_client_fingerprints first;
    struct cas_client_fingerprints second;
    struct cas_view ciphers[] = { hex_copy("2a2a 1301"), hex_copy("1301 fafa") };
    struct cas_view extensions[] = { hex_copy("0a0a 0000 0000 0006 0004 00 0001 61"),
                                     hex_copy("0000 0006 0004 00 0001 62 7a7a 0000") };
    begin(&f);
    struct cas_client_hello hello = hello_of(0x0303, ciphers[0], extensions[0]);
    take(&f, &hello, &first);
    size_t used = f.budget.used;
    hello = hello_of(0x0303, ciphers[1], extensions[1]);
    take(&f, &hello, &second);
    check_direct(&hello, &second);
    ck_assert_str_eq(first.ja3, second.ja3);
    ck_assert_uint_eq(f.budget.used, used);
    for (size_t i = 0; i < 2; i++) {
        exact_free(ciphers[i]);
        exact_free(extensions[i]);
    }
    end(&f);
}
END_TEST

/* Thousands of hellos, none like the other: memory stays bounded, and all are right. */
START_TEST(the_oldest_go_and_come_back_right)
{
    struct fixture f;
    struct cas_client_fingerprints prints;
    begin(&f);
    for (unsigned i = 0; i < 2000; i++) {
        const uint8_t bytes[] = { 0x13, 0x01, (uint8_t)(i >> 8 & 7), (uint8_t)i };
        struct cas_client_hello hello =
            hello_of(0x0303, cas_view_of(bytes, sizeof(bytes)), (struct cas_view){ 0 });
        take(&f, &hello, &prints);
        if (i % 100 == 0) {
            check_direct(&hello, &prints);
        }
        ck_assert_uint_le(f.cache.prints.used, LIMIT);
    }
    end(&f);
}
END_TEST

/*
 * The cache looks first where the last 8 bytes and the length of a key point to: two hellos
 * that differ before that only share the place, and take turns in it.
 */
START_TEST(two_hellos_of_one_place_do_not_mix)
{
    struct fixture f;
    struct cas_client_fingerprints prints;
    struct cas_view extensions = hex_copy("000b 000a 09 000102030405060708");
    struct cas_view ciphers[] = { hex_copy("1301"), hex_copy("1302") };
    begin(&f);
    for (size_t i = 0; i < 6; i++) {
        struct cas_client_hello hello = hello_of(0x0303, ciphers[i % 2], extensions);
        take(&f, &hello, &prints);
        check_direct(&hello, &prints);
    }
    exact_free(ciphers[0]);
    exact_free(ciphers[1]);
    exact_free(extensions);
    end(&f);
}
END_TEST

/* By md5sum of "769,47,65281-0" and of "769,47,0-65281". */
START_TEST(servers_are_told_apart_by_the_order_of_their_extensions)
{
    static const char *const hex[] = { "ff01 0001 00 0000 0000", "0000 0000 ff01 0001 00" };
    static const char *const ja3s[] = { "b2cfd6a98647494d47ed4ae63fe82b92",
                                        "90fe409225a52578913ac7d687817ec7" };
    struct fixture f;
    begin(&f);
    for (size_t i = 0; i < 6; i++) {
        struct cas_server_fingerprints prints = { 0 };
        struct cas_view extensions = hex_copy(hex[i % 2]);
        const struct cas_server_hello hello = {
            .legacy_version = 769,
            .cipher = 47,
            .extensions = extensions,
        };
        ck_assert(cas_fingerprints_of_server(&f.cache, &hello, &f.budget, &prints));
        ck_assert_str_eq(prints.ja3s, ja3s[i % 2]);
        exact_free(extensions);
    }
    end(&f);
}
END_TEST

/* A budget that is used up costs what is known, not what is right. */
START_TEST(what_does_not_fit_is_made_each_time)
{
    struct fixture f;
    struct cas_client_fingerprints prints;
    struct cas_budget other = { .limit = 1u << 20 };
    struct cas_view ciphers = hex_copy("1301 c02f");
    struct cas_client_hello hello = hello_of(0x0303, ciphers, (struct cas_view){ 0 });
    begin(&f);
    f.budget.limit = f.budget.used;
    for (int i = 0; i < 2; i++) {
        ck_assert(cas_fingerprints_of_client(&f.cache, &hello, &other, &prints));
        check_direct(&hello, &prints);
    }
    ck_assert_uint_eq(f.cache.prints.used, 0);
    exact_free(ciphers);
    end(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fingerprint_cache");
    TCase *tcase = tcase_create("fingerprint_cache");
    tcase_add_test(tcase, a_known_hello_has_the_published_fingerprint);
    tcase_add_test(tcase, hellos_that_differ_are_told_apart);
    tcase_add_test(tcase, what_no_fingerprint_shows_makes_no_second_entry);
    tcase_add_test(tcase, the_oldest_go_and_come_back_right);
    tcase_add_test(tcase, two_hellos_of_one_place_do_not_mix);
    tcase_add_test(tcase, servers_are_told_apart_by_the_order_of_their_extensions);
    tcase_add_test(tcase, what_does_not_fit_is_made_each_time);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
