/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/listing.h"

#include <stdio.h>

#include "cli/say.h"

void cas_cli_list_limits(void)
{
    size_t len = 0;
    const struct cas_limit *limits = cas_limits(&len);
    for (size_t i = 0; i < len; i++) {
        const struct cas_limit *limit = &limits[i];
        printf("%-16s %7u bytes of the %s; above: %s\n", limit->name, limit->bytes,
               cas_limit_counts_name(limit->counts), cas_limit_effect_name(limit->effect));
        printf("%-16s %s, %s; %s: %s\n", "", limit->stack, cas_limit_side_name(limit->side),
               limit->standing, limit->source);
    }
}

/* As tcpdump -D: "1.eth0 [Up, Running]". */
static void print_interface(void *user, const struct cas_interface_info *info)
{
    unsigned *number = user;
    printf("%u.%s", ++*number, info->name);
    if (info->description != NULL) {
        printf(" (%s)", info->description);
    }
    if (info->is_up || info->is_running || info->is_loopback) {
        printf(" [%s%s%s%s%s]", info->is_up ? "Up" : "",
               info->is_up && (info->is_running || info->is_loopback) ? ", " : "",
               info->is_running ? "Running" : "",
               info->is_running && info->is_loopback ? ", " : "",
               info->is_loopback ? "Loopback" : "");
    }
    putchar('\n');
}

static int end_with(enum cas_err err, const struct cas_error *error)
{
    if (err != CAS_OK) {
        cas_cli_say("%s", error->text);
    }
    return cas_cli_exit_of(err);
}

int cas_cli_list_interfaces(void)
{
    struct cas_error error = { 0 };
    unsigned number = 0;
    return end_with(cas_capture_interfaces(print_interface, &number, &error), &error);
}

static void print_link_type(void *user, const struct cas_link_type_info *info)
{
    (void)user;
    printf("  %s (%s)%s\n", info->name, info->description != NULL ? info->description : "",
           info->is_decoded ? "" : " (not decoded)");
}

int cas_cli_list_link_types(const struct cas_cli_options *options)
{
    char name[CAS_INTERFACE_NAME_MAX] = "";
    struct cas_error error = { 0 };
    enum cas_err err = CAS_OK;
    if (options->interfaces.len > 0) {
        (void)snprintf(name, sizeof(name), "%s", options->interfaces.word[0]);
    } else {
        err = cas_capture_default_interface(name, &error);
    }
    if (err == CAS_OK) {
        printf("Data link types of %s (use option -y to set):\n", name);
        err = cas_capture_link_types(name, print_link_type, NULL, &error);
    }
    return end_with(err, &error);
}
