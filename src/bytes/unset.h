/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For large variables that are filled before they are read: compilers that set every variable
 * to zero would spend more time on that than what fills them takes.
 */
#ifndef CAS_BYTES_UNSET_H
#define CAS_BYTES_UNSET_H

#ifdef __has_attribute
#if __has_attribute(uninitialized)
#define CAS_UNSET __attribute__((uninitialized))
#endif
#endif

#ifndef CAS_UNSET
#define CAS_UNSET
#endif

#endif
