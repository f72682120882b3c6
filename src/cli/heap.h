/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the process takes its memory from the kernel: in large pages where there are any, and
 * once. Thousands of connections begin and end each second, and a page of 4 KiB costs more to
 * get than all that is done with it.
 */
#ifndef CAS_CLI_HEAP_H
#define CAS_CLI_HEAP_H

#include <stdint.h>

/*
 * For a budget of so many bytes; before most is allocated. Takes address space only: memory is
 * taken as it is used, and is not given back before the end. Without the GNU C library, or
 * where the kernel refuses, all stays as it was.
 */
void cas_cli_heap_begin(uint64_t budget_bytes);

#endif
