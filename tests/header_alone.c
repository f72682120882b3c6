/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compiled once for each public header: it needs nothing before it. */
#include HEADER

int main(void)
{
    return 0;
}
