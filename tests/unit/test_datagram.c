/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One packet's pieces: what fits together, what contradicts itself. */
#include <stdlib.h>
#include <string.h>

#include "net/datagram.h"
#include "support/frames.h"
#include "support/support.h"

static uint8_t letters[CAS_DATAGRAM_MAX + 64];

struct piece {
    size_t at;
    size_t len;
    bool is_last;
    bool lies; /* its first byte is another */
};

static void write_letters(void)
{
    for (size_t i = 0; i < sizeof(letters); i++) {
        letters[i] = (uint8_t)(i * 7 + (i >> 8));
    }
}

static enum cas_datagram_result add(struct cas_datagram *datagram, struct cas_budget *budget,
                                    const struct piece *piece)
{
    struct cas_view bytes = exact_copy(cas_view_of(&letters[piece->at], piece->len));
    if (piece->lies) {
        *(uint8_t *)(uintptr_t)bytes.data ^= 1;
    }
    struct cas_piece its = { piece->at, bytes, piece->len, piece->is_last };
    size_t needs = cas_datagram_needs(datagram, &its);
    size_t before = budget->used;
    enum cas_datagram_result result = cas_datagram_add(datagram, budget, &its);
    ck_assert_uint_le(budget->used - before, needs);
    ck_assert_uint_eq(budget->used, datagram->size);
    exact_free(bytes);
    return result;
}

enum {
    K = CAS_DATAGRAM_KEPT,
    W = CAS_DATAGRAM_WHOLE,
    C = CAS_DATAGRAM_COPY,
    O = CAS_DATAGRAM_OVERLAP,
    M = CAS_DATAGRAM_MALFORMED
};

#define PIECES_MAX 6

static const struct {
    const char *what;
    struct piece piece[PIECES_MAX];
    int result[PIECES_MAX]; /* of each */
    size_t pieces;
} cases[] = {
    { "in order", { { 0, 16, 0, 0 }, { 16, 5, 1, 0 } }, { K, W }, 2 },
    { "the last one first", { { 16, 5, 1, 0 }, { 0, 16, 0, 0 } }, { K, W }, 2 },
    { "of eight bytes", { { 8, 8, 0, 0 }, { 16, 1, 1, 0 }, { 0, 8, 0, 0 } }, { K, K, W }, 3 },
    { "over a page's end",
      { { 2040, 16, 0, 0 }, { 0, 2040, 0, 0 }, { 2056, 3, 1, 0 } },
      { K, K, W },
      3 },
    { "a copy", { { 0, 16, 0, 0 }, { 0, 16, 0, 0 }, { 16, 5, 1, 0 } }, { K, C, W }, 3 },
    { "a copy of the last",
      { { 16, 5, 1, 0 }, { 16, 5, 1, 0 }, { 0, 16, 0, 0 } },
      { K, C, W },
      3 },
    { "the same place, another byte", { { 0, 16, 0, 0 }, { 0, 16, 0, 1 } }, { K, O }, 2 },
    { "overlap behind, same bytes", { { 0, 16, 0, 0 }, { 8, 16, 0, 0 } }, { K, O }, 2 },
    { "overlap in front, same bytes", { { 8, 16, 0, 0 }, { 0, 16, 0, 0 } }, { K, O }, 2 },
    { "within another", { { 0, 32, 0, 0 }, { 8, 8, 0, 0 } }, { K, O }, 2 },
    { "around another", { { 8, 8, 0, 0 }, { 0, 32, 0, 0 } }, { K, O }, 2 },
    { "the beginning of another", { { 0, 32, 0, 0 }, { 0, 8, 0, 0 } }, { K, O }, 2 },
    { "the end of another", { { 0, 32, 0, 0 }, { 24, 8, 0, 0 } }, { K, O }, 2 },
    { "two as one", { { 0, 8, 0, 0 }, { 8, 8, 0, 0 }, { 0, 16, 0, 0 } }, { K, K, O }, 3 },
    { "one more of a last one", { { 16, 5, 1, 0 }, { 16, 8, 0, 0 } }, { K, M }, 2 },
    { "a last one that is shorter", { { 16, 5, 1, 0 }, { 16, 4, 1, 0 } }, { K, M }, 2 },
    { "a last one that is longer", { { 16, 5, 1, 0 }, { 16, 6, 1, 0 } }, { K, M }, 2 },
    { "two ends", { { 16, 5, 1, 0 }, { 24, 5, 1, 0 } }, { K, M }, 2 },
    { "an end before what came", { { 24, 8, 0, 0 }, { 16, 5, 1, 0 } }, { K, M }, 2 },
    { "behind the end", { { 16, 5, 1, 0 }, { 24, 8, 0, 0 } }, { K, M }, 2 },
    { "teardrop: the second lies within the first",
      { { 0, 40, 0, 0 }, { 24, 4, 1, 0 } },
      { K, M },
      2 },
    { "Rose: a beginning and an end", { { 0, 32, 0, 0 }, { 65408, 32, 1, 0 } }, { K, K }, 2 },
    { "the longest", { { 0, 65528, 0, 0 }, { 65528, 7, 1, 0 } }, { K, W }, 2 },
    { "ping of death", { { 0, 65528, 0, 0 }, { 65528, 8, 1, 0 } }, { K, M }, 2 },
    { "empty", { { 0, 0, 0, 0 } }, { M }, 1 },
    { "empty and last", { { 8, 0, 1, 0 } }, { M }, 1 },
    { "more to come, and not of eight bytes", { { 0, 12, 0, 0 } }, { M }, 1 },
};

#define CASES ((int)(sizeof(cases) / sizeof(cases[0])))

/* I01 to I03 */
START_TEST(pieces_fit_or_they_do_not)
{
    struct cas_budget budget = { .limit = 1 << 20 };
    struct cas_datagram datagram = { 0 };
    uint8_t joined[CAS_DATAGRAM_MAX];
    for (size_t i = 0; i < cases[_i].pieces; i++) {
        int result = (int)add(&datagram, &budget, &cases[_i].piece[i]);
        ck_assert_msg(result == cases[_i].result[i], "%s, piece %zu: %d", cases[_i].what, i,
                      result);
        if (result == CAS_DATAGRAM_WHOLE) {
            ck_assert_uint_eq(cas_datagram_copy(&datagram, joined), datagram.total);
            ck_assert_int_eq(memcmp(joined, letters, datagram.total), 0);
        }
    }
    cas_datagram_finish(&datagram, &budget);
    ck_assert_uint_eq(budget.used, 0);
}
END_TEST

/* I01: pieces of any lengths in any order. */
START_TEST(any_order_gives_the_packet)
{
    struct dice dice = dice_init("pieces");
    struct cas_budget budget = { .limit = 1 << 20 };
    uint8_t joined[CAS_DATAGRAM_MAX];
    for (unsigned round = 0; round < 400; round++) {
        struct piece pieces[200] = { { 0 } };
        size_t len = 0;
        size_t at = 0;
        uint32_t unit = dice_roll(&dice, 2) == 0 ? 1 : 1 + dice_roll(&dice, 300);
        do {
            pieces[len] =
                (struct piece){ .at = at, .len = (size_t)8 * (1 + dice_roll(&dice, unit)) };
            pieces[len].is_last = len == 199 || at > 62000 || dice_roll(&dice, 20) == 0;
            pieces[len].len -= pieces[len].is_last ? dice_roll(&dice, 8) : 0;
            at += pieces[len].len;
        } while (!pieces[len++].is_last);
        for (size_t i = len; i > 1; i--) {
            size_t other = dice_roll(&dice, (uint32_t)i);
            struct piece piece = pieces[i - 1];
            pieces[i - 1] = pieces[other];
            pieces[other] = piece;
        }
        struct cas_datagram datagram = { 0 };
        for (size_t i = 0; i < len; i++) {
            ck_assert_int_eq(add(&datagram, &budget, &pieces[i]), i + 1 == len ? W : K);
        }
        ck_assert_uint_eq(cas_datagram_copy(&datagram, joined), at);
        ck_assert_int_eq(memcmp(joined, letters, at), 0);
        cas_datagram_finish(&datagram, &budget);
    }
}
END_TEST

START_TEST(its_start_goes_to_the_first_gap)
{
    struct cas_budget budget = { .limit = 1 << 20 };
    struct cas_datagram datagram = { 0 };
    ck_assert_uint_eq(cas_datagram_start(&datagram).len, 0);
    add(&datagram, &budget, &(struct piece){ .at = 32, .len = 8 });
    ck_assert_uint_eq(cas_datagram_start(&datagram).len, 0);
    add(&datagram, &budget, &(struct piece){ .at = 0, .len = 24 });
    ck_assert_uint_eq(cas_datagram_start(&datagram).len, 24);
    ck_assert_int_eq(memcmp(cas_datagram_start(&datagram).data, letters, 24), 0);
    add(&datagram, &budget, &(struct piece){ .at = 40, .len = 3, .is_last = true });
    add(&datagram, &budget, &(struct piece){ .at = 24, .len = 8 });
    ck_assert_uint_eq(cas_datagram_start(&datagram).len, 43);
    cas_datagram_finish(&datagram, &budget);
}
END_TEST

/* What the snaplen took ends it; a copy that was cut elsewhere is a copy. */
START_TEST(a_cut_piece_ends_what_is_there)
{
    struct cas_budget budget = { .limit = 1 << 20 };
    struct cas_datagram datagram = { 0 };
    uint8_t joined[CAS_DATAGRAM_MAX];
    struct cas_piece first = { 0, cas_view_of(letters, 10), 16, false };
    struct cas_piece again = { 0, cas_view_of(letters, 13), 16, false };
    struct cas_piece last = { 16, cas_view_of(&letters[16], 9), 9, true };
    ck_assert_int_eq(cas_datagram_add(&datagram, &budget, &first), K);
    ck_assert_int_eq(cas_datagram_add(&datagram, &budget, &again), C);
    ck_assert_uint_eq(cas_datagram_start(&datagram).len, 10);
    ck_assert_int_eq(cas_datagram_add(&datagram, &budget, &last), W);
    ck_assert_uint_eq(datagram.total, 25);
    ck_assert_uint_eq(cas_datagram_copy(&datagram, joined), 10);
    ck_assert_int_eq(memcmp(joined, letters, 10), 0);
    cas_datagram_finish(&datagram, &budget);
}
END_TEST

START_TEST(without_memory_it_says_so)
{
    struct cas_budget budget = { .limit = 4000 };
    struct cas_datagram datagram = { 0 };
    struct cas_piece piece = { 0, cas_view_of(letters, 4096), 4096, false };
    ck_assert_int_eq(cas_datagram_add(&datagram, &budget, &piece), CAS_DATAGRAM_NO_MEMORY);
    cas_datagram_finish(&datagram, &budget);
    ck_assert_uint_eq(budget.used, 0);
}
END_TEST

int main(void)
{
    write_letters();
    Suite *suite = suite_create("datagram");
    TCase *tcase = tcase_create("datagram");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, pieces_fit_or_they_do_not, 0, CASES);
    tcase_add_test(tcase, any_order_gives_the_packet);
    tcase_add_test(tcase, its_start_goes_to_the_first_gap);
    tcase_add_test(tcase, a_cut_piece_ends_what_is_there);
    tcase_add_test(tcase, without_memory_it_says_so);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
