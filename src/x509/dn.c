/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "x509/dn.h"

#include <string.h>

#include "x509/dn_walk.h"

bool cas_dn_is_valid(struct cas_view der)
{
    CAS_DN_LIST list;
    return cas_dn_split(der, &list);
}

/* No byte of a character beyond ASCII is below 0x80, so ASCII is found byte by byte. */
static bool bytes_contain(struct cas_view bytes, const char *wanted)
{
    size_t len = strlen(wanted);
    for (size_t at = 0; at + len <= bytes.len; at++) {
        size_t same = 0;
        while (same < len && cas_dn_lower(bytes.data[at + same]) ==
                                 cas_dn_lower((unsigned char)wanted[same])) {
            same++;
        }
        if (same == len) {
            return true;
        }
    }
    return false;
}

/* By value: the caller's place in the text stays. */
static bool begins_with(struct cas_dn_text text, const char *wanted)
{
    for (const char *c = wanted; *c != '\0'; c++) {
        if (cas_dn_text_is_over(&text) ||
            cas_dn_lower(cas_dn_text_next(&text)) != cas_dn_lower((unsigned char)*c)) {
            return false;
        }
    }
    return true;
}

static bool wide_contains(struct cas_dn_text text, const char *wanted)
{
    while (!cas_dn_text_is_over(&text)) {
        if (begins_with(text, wanted)) {
            return true;
        }
        (void)cas_dn_text_next(&text);
    }
    return false;
}

static bool value_contains(const struct cas_der *value, const char *wanted)
{
    struct cas_dn_text text;
    if (!cas_dn_text_open(value, &text)) {
        return false;
    }
    struct cas_view bytes = cas_dn_text_bytes(&text);
    return bytes.len > 0 ? bytes_contain(bytes, wanted) : wide_contains(text, wanted);
}

bool cas_dn_list_contains(const struct cas_dn_list *list, const char *text)
{
    for (size_t i = 0; i < list->len; i++) {
        if (value_contains(&list->attributes[i].value, text)) {
            return true;
        }
    }
    return false;
}

bool cas_dn_contains(struct cas_view der, const char *text)
{
    CAS_DN_LIST list;
    return cas_dn_split(der, &list) && cas_dn_list_contains(&list, text);
}
