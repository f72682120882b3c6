/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What few packets need, kept apart from what all of them pass: a compiler that puts it there
 * makes each packet save the registers, and zero the variables, that only it uses.
 */
#ifndef CAS_BYTES_APART_H
#define CAS_BYTES_APART_H

#if defined(__GNUC__)
#define CAS_APART __attribute__((noinline))
#else
#define CAS_APART
#endif

#endif
