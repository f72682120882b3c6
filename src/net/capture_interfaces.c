/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "net/capture_handle.h"
#include "net/link.h"

/* Names that differ in so many letters are like each other. */
#define LIKE_MAX 2

_Static_assert(CAS_INTERFACE_NAME_MAX == IFNAMSIZ, "the system's longest name");

static enum cas_err list(pcap_if_t **out_list, struct cas_error *out_error)
{
    char why[PCAP_ERRBUF_SIZE] = "";
    if (pcap_findalldevs(out_list, why) != 0) {
        return cas_error_set(out_error, CAS_ERR_IO, "cannot list the interfaces: %s", why);
    }
    return CAS_OK;
}

/* libpcap also offers USB buses, the netfilter log and the like: none of them carries TCP. */
static bool is_interface(const pcap_if_t *at)
{
    return strcmp(at->name, "any") == 0 || if_nametoindex(at->name) != 0;
}

enum cas_err cas_capture_interfaces(void (*tell)(void *user,
                                                 const struct cas_interface_info *info),
                                    void *user, struct cas_error *out_error)
{
    pcap_if_t *first = NULL;
    enum cas_err err = list(&first, out_error);
    if (err != CAS_OK) {
        return err;
    }
    for (const pcap_if_t *at = first; at != NULL; at = at->next) {
        if (is_interface(at)) {
            const struct cas_interface_info info = {
                .name = at->name,
                .description = at->description,
                .is_up = (at->flags & PCAP_IF_UP) != 0,
                .is_running = (at->flags & PCAP_IF_RUNNING) != 0,
                .is_loopback = (at->flags & PCAP_IF_LOOPBACK) != 0,
            };
            tell(user, &info);
        }
    }
    pcap_freealldevs(first);
    return CAS_OK;
}

/* As the kernel's dev_valid_name() has it. */
enum cas_err cas_capture_check_name(const char *name, struct cas_error *out_error)
{
    size_t len = strlen(name);
    if (strstr(name, "://") != NULL) {
        return cas_error_set(out_error, CAS_ERR_USAGE,
                             "%.100s is not an interface; casniff captures only on those of "
                             "its own machine, which -D lists",
                             name);
    }
    if (len == 0 || len >= CAS_INTERFACE_NAME_MAX || strcmp(name, ".") == 0 ||
        strcmp(name, "..") == 0 || strpbrk(name, "/: \t\n\v\f\r") != NULL) {
        return cas_error_set(out_error, CAS_ERR_USAGE,
                             "no interface can be called \"%.100s\"; -D lists those there are",
                             name);
    }
    return CAS_OK;
}

static void take_first(void *user, const struct cas_interface_info *info)
{
    char *name = user;
    if (name[0] == '\0' && info->is_up && !info->is_loopback &&
        strcmp(info->name, "any") != 0) {
        snprintf(name, CAS_INTERFACE_NAME_MAX, "%s", info->name);
    }
}

enum cas_err cas_capture_default_interface(char out_name[CAS_INTERFACE_NAME_MAX],
                                           struct cas_error *out_error)
{
    char name[CAS_INTERFACE_NAME_MAX] = "";
    enum cas_err err = cas_capture_interfaces(take_first, name, out_error);
    if (err != CAS_OK) {
        return err;
    }
    if (name[0] == '\0') {
        return cas_error_set(out_error, CAS_ERR_GONE,
                             "no interface is up but the loopback; name one with -i");
    }
    memcpy(out_name, name, sizeof(name));
    return CAS_OK;
}

/* --- names like another --- */

static size_t least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Letters to add, to take away or to exchange to make one name the other (Levenshtein). */
static size_t distance(const char *a, const char *b)
{
    size_t row[CAS_INTERFACE_NAME_MAX];
    size_t len = strlen(b);
    if (len >= CAS_INTERFACE_NAME_MAX) {
        return len;
    }
    for (size_t i = 0; i <= len; i++) {
        row[i] = i;
    }
    for (size_t j = 0; a[j] != '\0'; j++) {
        size_t diagonal = row[0];
        row[0] = j + 1;
        for (size_t i = 0; i < len; i++) {
            size_t above = row[i + 1];
            row[i + 1] = least(above + 1, row[i] + 1, diagonal + (a[j] != b[i]));
            diagonal = above;
        }
    }
    return row[len];
}

/* Collects the names like `wanted`, with commas between them. */
struct likeness {
    const char *wanted;
    char text[200];
};

static void note_likeness(void *user, const struct cas_interface_info *info)
{
    struct likeness *likeness = user;
    size_t len = strlen(likeness->text);
    size_t most = strlen(info->name) / 2;
    if (distance(likeness->wanted, info->name) <= (most < LIKE_MAX ? most : LIKE_MAX) &&
        len + strlen(info->name) + 3 < sizeof(likeness->text)) {
        snprintf(&likeness->text[len], sizeof(likeness->text) - len, "%s%s",
                 len > 0 ? ", " : "", info->name);
    }
}

enum cas_err cas_capture_no_interface(const char *name, struct cas_error *out_error)
{
    struct likeness likeness = { .wanted = name };
    if (cas_capture_interfaces(note_likeness, &likeness, NULL) == CAS_OK &&
        likeness.text[0] != '\0') {
        return cas_error_set(out_error, CAS_ERR_GONE,
                             "no interface is called %.100s; there is %s; -D lists all", name,
                             likeness.text);
    }
    return cas_error_set(out_error, CAS_ERR_GONE,
                         "no interface is called %.100s; -D lists those there are", name);
}

/* --- link types --- */

enum cas_err cas_capture_link_types(const char *iface,
                                    void (*tell)(void *user,
                                                 const struct cas_link_type_info *info),
                                    void *user, struct cas_error *out_error)
{
    struct cas_live_options options = cas_live_defaults();
    options.iface = iface;
    options.is_promiscuous = false;
    pcap_t *pcap = NULL;
    enum cas_err err = cas_capture_activate(&options, &pcap, out_error);
    if (err != CAS_OK) {
        return err;
    }
    int *types = NULL;
    int len = pcap_list_datalinks(pcap, &types);
    for (int i = 0; i < len; i++) {
        const char *name = pcap_datalink_val_to_name(types[i]);
        if (name != NULL) {
            const struct cas_link_type_info info = {
                .name = name,
                .description = pcap_datalink_val_to_description(types[i]),
                .is_decoded = cas_link_is_decoded(types[i]),
            };
            tell(user, &info);
        }
    }
    if (len < 0) {
        err = cas_error_set(out_error, CAS_ERR_IO, "cannot list the link types of %s: %s",
                            iface, pcap_geterr(pcap));
    } else {
        pcap_free_datalinks(types);
    }
    pcap_close(pcap);
    return err;
}
