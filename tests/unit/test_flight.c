/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/support.h"
#include "tls/flight.h"

/* How many of the records were wanted, the one that ended it included. */
static size_t add_all(struct cas_flight *flight, enum cas_flight_side side,
                      const uint16_t *lens, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!cas_flight_add(flight, side, lens[i])) {
            return i + 1;
        }
    }
    return count + 1;
}

/* Where real flights end; 0 at the end of the lengths. */
struct ending {
    enum cas_flight_side side;
    uint16_t lens[12];
    size_t count;
    size_t wanted;
};

START_TEST(a_flight_ends_where_nothing_more_is_told)
{
    const struct ending endings[] = {
        /* Finished alone, of SHA-256, SHA-384, and as Java pads it; and what shows that */
        { CAS_FLIGHT_CLIENT, { 53, 35, 35 }, 3, 2 },
        { CAS_FLIGHT_CLIENT, { 69, 35, 35 }, 3, 2 },
        { CAS_FLIGHT_CLIENT, { 85, 51, 35 }, 3, 2 },
        { CAS_FLIGHT_CLIENT, { 45, 51, 35 }, 3, 2 }, /* CCM_8 */
        { CAS_FLIGHT_CLIENT, { 25, 53, 35 }, 3, 2 },
        { CAS_FLIGHT_CLIENT, { 61, 35, 53 }, 3, 3 },
        { CAS_FLIGHT_CLIENT, { 562, 96, 53, 35 }, 4, 3 },
        { CAS_FLIGHT_CLIENT, { 19, 54, 35 }, 3, 2 },
        { CAS_FLIGHT_CLIENT, { 592, 144, 80, 80, 80, 80, 80 }, 7, 6 },
        /* OpenSSL with tickets; with an alert; whole flights of NSS */
        { CAS_FLIGHT_SERVER, { 23, 719, 1423, 281, 53, 234, 234 }, 7, 6 },
        { CAS_FLIGHT_SERVER, { 23, 719, 1423, 281, 53, 19, 40 }, 7, 7 },
        { CAS_FLIGHT_SERVER, { 23, 16401, 16401, 15502, 1423, 281, 53, 1002, 1 }, 9, 8 },
        { CAS_FLIGHT_SERVER, { 2445, 154, 19 }, 3, 2 },
        { CAS_FLIGHT_SERVER, { 32, 832, 288, 64, 240, 240, 5136, 32, 1 }, 9, 8 },
    };
    const struct ending *ending = &endings[_i];
    struct cas_flight flight = { 0 };
    ck_assert_uint_eq(add_all(&flight, ending->side, ending->lens, ending->count),
                      ending->wanted);
}
END_TEST

START_TEST(full_records_and_the_next_one_are_one_run)
{
    const uint16_t lens[] = { 65, 16400, 16400, 15590, 846 };
    struct cas_flight flight = { 0 };
    add_all(&flight, CAS_FLIGHT_SERVER, lens, 5);
    ck_assert_uint_eq(flight.len, 3);
    ck_assert_uint_eq(flight.run[1].records, 3);
    ck_assert_uint_eq(flight.run[1].bytes, 48390);
    ck_assert_uint_eq(flight.run[1].last, 15590);
    ck_assert(cas_flight_is_whole(&flight, 2));
}
END_TEST

START_TEST(a_run_that_goes_on_is_not_whole)
{
    const uint16_t lens[] = { 65, 16401 };
    struct cas_flight flight = { 0 };
    add_all(&flight, CAS_FLIGHT_SERVER, lens, 2);
    ck_assert(cas_flight_is_whole(&flight, 0));
    ck_assert(!cas_flight_is_whole(&flight, 1));
    ck_assert(!cas_flight_is_whole(&flight, 2));
}
END_TEST

START_TEST(bulk_data_is_not_followed)
{
    struct cas_flight flight = { 0 };
    size_t wanted = 0;
    while (wanted < 1000 && cas_flight_add(&flight, CAS_FLIGHT_CLIENT, 16401)) {
        wanted++;
    }
    ck_assert_uint_eq(wanted + 1, CAS_FLIGHT_RECORDS_MAX);
    ck_assert(flight.is_capped);
}
END_TEST

START_TEST(more_records_than_there_is_room_for_change_nothing)
{
    struct cas_flight flight = { 0 };
    for (size_t i = 0; i < 100; i++) {
        (void)cas_flight_add(&flight, CAS_FLIGHT_SERVER, 300);
    }
    ck_assert_uint_eq(flight.len, CAS_FLIGHT_RUNS_MAX);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("flight");
    TCase *tcase = tcase_create("flight");
    tcase_add_loop_test(tcase, a_flight_ends_where_nothing_more_is_told, 0, 14);
    tcase_add_test(tcase, full_records_and_the_next_one_are_one_run);
    tcase_add_test(tcase, a_run_that_goes_on_is_not_whole);
    tcase_add_test(tcase, bulk_data_is_not_followed);
    tcase_add_test(tcase, more_records_than_there_is_room_for_change_nothing);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
