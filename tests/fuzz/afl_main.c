/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a fuzz target under afl-fuzz: one process for many units, which come in shared memory.
 * Without afl-fuzz, one unit comes from stdin. The names with underscores are the compiler's.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As many units as a process takes before a fresh one begins. */
#define UNITS_MAX 10000

__AFL_FUZZ_INIT();

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of just its size: the shared memory goes on behind a unit, and would hide an overread.
 */
static void run_copy(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    if (copy == NULL) {
        return;
    }
    memcpy(copy, data, size);
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

int main(void)
{
    __AFL_INIT();
    const uint8_t *unit = __AFL_FUZZ_TESTCASE_BUF;
    while (__AFL_LOOP(UNITS_MAX)) {
        run_copy(unit, (size_t)__AFL_FUZZ_TESTCASE_LEN);
    }
    return 0;
}
