/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The attributes of the public interface. Everything without CAS_API is hidden in a shared
 * build of the library.
 */
#ifndef CASNIFF_API_H
#define CASNIFF_API_H

#if defined(__GNUC__)
#define CAS_API                        __attribute__((visibility("default")))
#define CAS_MUST_CHECK                 __attribute__((warn_unused_result))
#define CAS_PRINTF(format_at, args_at) __attribute__((format(printf, format_at, args_at)))
#else
#define CAS_API
#define CAS_MUST_CHECK
#define CAS_PRINTF(format_at, args_at)
#endif

#endif
