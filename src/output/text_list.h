/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of a server's block that is about its CA list. */
#ifndef CAS_OUTPUT_TEXT_LIST_H
#define CAS_OUTPUT_TEXT_LIST_H

#include <casniff/events.h>

#include "output/text_layout.h"

/* "CONFIRMED: the list was cut" */
void cas_text_list_verdict(const struct cas_text *text, const struct cas_ca_list_info *list);

/* The sentence below the verdict, the size and what was seen of it. */
void cas_text_list_summary(const struct cas_text *text, const struct cas_ca_list_info *list);

/* The names, what is missing, and what is odd. */
void cas_text_list_details(const struct cas_text *text, const struct cas_ca_list_info *list);

/* Names one below the other, with their numbers; what is left out is counted. */
void cas_text_list_names(const struct cas_text *text, const struct cas_name_info *names,
                         size_t count);

#endif
