/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A target with a fault, for run.py --self-test: an engine that does not find it finds nothing.
 * It reads one byte behind what begins with "no".
 */
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    volatile uint8_t taken = 0;
    if (size >= 2 && data[0] == 'n') {
        if (data[1] == 'o') {
            taken = data[size];
        }
    }
    (void)taken;
    return 0;
}
