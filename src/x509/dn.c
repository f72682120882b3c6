/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "x509/dn.h"

#include "x509/dn_walk.h"

bool cas_dn_is_valid(struct cas_view der)
{
    CAS_DN_LIST list;
    return cas_dn_split(der, &list);
}

static uint32_t lower(uint32_t c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* By value: the caller's place in the text stays. */
static bool begins_with(struct cas_dn_text text, const char *wanted)
{
    for (const char *c = wanted; *c != '\0'; c++) {
        if (cas_dn_text_is_over(&text) ||
            lower(cas_dn_text_next(&text)) != lower((unsigned char)*c)) {
            return false;
        }
    }
    return true;
}

/*
 * Passes over what cannot begin what is wanted. Byte by byte: those of a character beyond ASCII
 * are none of a letter.
 */
static void skip_to(struct cas_dn_text *text, char wanted)
{
    struct cas_view bytes = cas_dn_text_bytes(text);
    uint32_t first = lower((unsigned char)wanted);
    size_t len = 0;
    while (len < bytes.len && lower(bytes.data[len]) != first) {
        len++;
    }
    cas_dn_text_skip(text, len);
}

static bool value_contains(const struct cas_der *value, const char *wanted)
{
    struct cas_dn_text text;
    if (!cas_dn_text_open(value, &text)) {
        return false;
    }
    while (!cas_dn_text_is_over(&text)) {
        if (begins_with(text, wanted)) {
            return true;
        }
        (void)cas_dn_text_next(&text);
        skip_to(&text, wanted[0]);
    }
    return false;
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
