/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The heap's room: there at once, and not in memory before it is used. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/heap.h"
#include "support/support.h"

#define MIB    ((size_t)1024 * 1024)
#define BUDGET (64 * MIB)
#define PIECES 60000
#define PIECE  1000

static size_t resident(void)
{
    char told[64] = "";
    FILE *f = fopen("/proc/self/statm", "r");
    ck_assert_ptr_nonnull(f);
    ck_assert_ptr_nonnull(fgets(told, sizeof(told), f)); /* "size resident ..." */
    fclose(f);
    const char *second = strchr(told, ' ');
    ck_assert_ptr_nonnull(second);
    return strtoul(second, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE);
}

START_TEST(a_budget_fits_in_without_asking_again)
{
    static char *piece[PIECES];
    cas_cli_heap_begin(BUDGET);
    const void *end = sbrk(0);
    for (size_t i = 0; i < PIECES; i++) {
        piece[i] = malloc(PIECE);
        ck_assert_ptr_nonnull(piece[i]);
        memset(piece[i], (int)i, PIECE);
    }
    ck_assert_ptr_eq(sbrk(0), end);
    for (size_t i = 0; i < PIECES; i++) {
        free(piece[i]);
    }
    ck_assert_ptr_eq(sbrk(0), end);
}
END_TEST

START_TEST(room_that_is_not_used_is_not_in_memory)
{
    size_t before = resident();
    cas_cli_heap_begin(512 * MIB);
    ck_assert_uint_lt(resident(), before + 4 * MIB);
}
END_TEST

START_TEST(a_budget_beyond_all_measure_is_as_good)
{
    cas_cli_heap_begin(UINT64_MAX);
    void *piece = malloc(4 * MIB);
    ck_assert_ptr_nonnull(piece);
    free(piece);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("heap");
    TCase *tcase = tcase_create("heap");
    tcase_add_test(tcase, a_budget_fits_in_without_asking_again);
    tcase_add_test(tcase, room_that_is_not_used_is_not_in_memory);
    tcase_add_test(tcase, a_budget_beyond_all_measure_is_as_good);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
