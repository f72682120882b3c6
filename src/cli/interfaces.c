/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/interfaces.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/clock.h"
#include "cli/say.h"
#include "cli/values.h"

/* Frames of one interface before the others, the signals and the output have their turn: some
 * milliseconds of work. */
#define FRAMES_A_TURN 4096

/* Between two tries to open an interface that is gone: at first, and at most. */
#define WAIT_MIN_US UINT64_C(1000000)
#define WAIT_MAX_US UINT64_C(30000000)

static struct cas_live_options live_options(const struct cas_cli_interfaces *interfaces,
                                            size_t i, const char *name)
{
    const struct cas_cli_options *options = interfaces->options;
    struct cas_live_options live = cas_live_defaults();
    live.iface = name;
    live.group = interfaces->groups != NULL ? &interfaces->groups[i] : NULL;
    live.filter = options->filter;
    live.snaplen = (uint32_t)options->snaplen;
    live.buffer_bytes = (uint32_t)options->buffer_bytes;
    live.is_promiscuous = !options->is_not_promiscuous;
    live.direction = (enum cas_capture_direction)options->direction;
    live.link_type = options->link_type;
    return live;
}

static int open_interface(struct cas_cli_interfaces *interfaces, size_t i, const char *name)
{
    struct cas_cli_interface *interface = &interfaces->interface[i];
    struct cas_error error = { 0 };
    const struct cas_live_options live = live_options(interfaces, i, name);
    enum cas_err err = cas_capture_open_live(&live, &interface->capture, &error);
    if (err != CAS_OK) {
        cas_cli_say("%s", error.text);
        return cas_cli_exit_of(err);
    }
    (void)snprintf(interface->name, sizeof(interface->name), "%s", name);
    (void)snprintf(interface->link_type, sizeof(interface->link_type), "%s",
                   cas_capture_link_type(interface->capture));
    interface->is_up = true; /* if it is not, that is news */
    interface->wait_us = WAIT_MIN_US;
    return CAS_EXIT_DONE;
}

/* The interface that -D gives this number, as tcpdump has it. */
struct numbered {
    uint64_t wanted;
    uint64_t at;
    char name[CAS_INTERFACE_NAME_MAX];
};

static void take_numbered(void *user, const struct cas_interface_info *info)
{
    struct numbered *numbered = user;
    if (++numbered->at == numbered->wanted) {
        (void)snprintf(numbered->name, sizeof(numbered->name), "%s", info->name);
    }
}

/* The name that is meant; a number that -D does not show is left to be complained about. */
static const char *name_meant(const char *given, struct numbered *numbered)
{
    *numbered = (struct numbered){ 0 };
    if (cas_cli_number(given, strlen(given), 1, UINT16_MAX, &numbered->wanted) &&
        cas_capture_interfaces(take_numbered, numbered, NULL) == CAS_OK &&
        numbered->name[0] != '\0') {
        return numbered->name;
    }
    return given;
}

/* The one that is taken when none is named. */
static int open_default(struct cas_cli_interfaces *interfaces)
{
    char name[CAS_INTERFACE_NAME_MAX] = "";
    struct cas_error error = { 0 };
    enum cas_err err = cas_capture_default_interface(name, &error);
    if (err != CAS_OK) {
        cas_cli_say("%s", error.text);
        return cas_cli_exit_of(err);
    }
    interfaces->len = 1;
    return open_interface(interfaces, 0, name);
}

int cas_cli_interfaces_open(struct cas_cli_interfaces *out_interfaces,
                            const struct cas_cli_options *options,
                            struct cas_capture_group *groups)
{
    size_t wanted = options->interfaces.len;
    *out_interfaces = (struct cas_cli_interfaces){
        .interface = calloc(wanted > 0 ? wanted : 1, sizeof(*out_interfaces->interface)),
        .options = options,
        .groups = groups,
    };
    if (out_interfaces->interface == NULL) {
        cas_cli_say("out of memory");
        return CAS_EXIT_FAILED;
    }
    int ended = wanted == 0 ? open_default(out_interfaces) : CAS_EXIT_DONE;
    for (size_t i = 0; i < wanted && ended == CAS_EXIT_DONE; i++) {
        struct numbered numbered;
        out_interfaces->len++;
        ended = open_interface(out_interfaces, i,
                               name_meant(options->interfaces.word[i], &numbered));
    }
    return ended;
}

void cas_cli_interfaces_announce(const struct cas_cli_interfaces *interfaces)
{
    for (size_t i = 0; i < interfaces->len; i++) {
        cas_cli_say("listening on %s, link type %s, snapshot length %llu bytes",
                    interfaces->interface[i].name, interfaces->interface[i].link_type,
                    (unsigned long long)interfaces->options->snaplen);
    }
}

/* --- reading --- */

void cas_cli_interfaces_tell(struct cas_cli_interfaces *interfaces, size_t i,
                             enum cas_iface_state state, const char *text)
{
    if (interfaces->changed != NULL) {
        interfaces->changed(interfaces->user, i, state, text);
        return;
    }
    const struct cas_capture_event event = {
        .head = { .timestamp_us = cas_cli_wall_us() },
        .iface = interfaces->interface[i].name,
        .state = state,
        .text = text,
    };
    cas_sniffer_tell_capture(interfaces->sniffer, &event);
    if (!interfaces->options->is_quiet) {
        cas_cli_say("%s", text);
    }
}

static void take_stats(struct cas_cli_interface *interface)
{
    struct cas_capture_stats now = { 0 };
    if (interface->capture == NULL) {
        return;
    }
    (void)cas_capture_stats(interface->capture, &now);
    interface->stats.received = interface->closed.received + now.received;
    interface->stats.dropped_kernel = interface->closed.dropped_kernel + now.dropped_kernel;
    interface->stats.dropped_interface =
        interface->closed.dropped_interface + now.dropped_interface;
}

static void lose(struct cas_cli_interfaces *interfaces, size_t i, const char *why)
{
    struct cas_cli_interface *interface = &interfaces->interface[i];
    char text[640];
    take_stats(interface);
    interface->closed = interface->stats;
    cas_capture_close(interface->capture);
    interface->capture = NULL;
    interface->is_up = false;
    interface->retry_us = cas_cli_clock_us() + interface->wait_us;
    interfaces->has_lost = interfaces->has_lost || !interfaces->can_reopen;
    (void)snprintf(text, sizeof(text), "%s; %s", why,
                   interfaces->can_reopen
                       ? "it is opened again when it is back"
                       : "the rights to open it again were given away at the start");
    cas_cli_interfaces_tell(interfaces, i, CAS_IFACE_GONE, text);
}

/* False when nothing had come. */
static bool read_interface(struct cas_cli_interfaces *interfaces, size_t index)
{
    struct cas_cli_interface *interface = &interfaces->interface[index];
    struct cas_frame frame = { 0 };
    struct cas_error error = { 0 };
    cas_sniffer_set_iface(interfaces->sniffer, interface->name);
    for (unsigned i = 0; i < FRAMES_A_TURN; i++) {
        switch (cas_capture_next(interface->capture, &frame, &error)) {
        case CAS_CAPTURE_FRAME:
            interfaces->frames++;
            cas_sniffer_push(interfaces->sniffer, &frame);
            break;
        case CAS_CAPTURE_NONE:
            return i > 0;
        case CAS_CAPTURE_END:
            interface->is_read_out = true;
            return i > 0;
        case CAS_CAPTURE_DAMAGED:
        case CAS_CAPTURE_GONE:
            lose(interfaces, index, error.text);
            return true;
        }
        if (interfaces->frames == interfaces->options->packets_max) {
            return true;
        }
    }
    return true;
}

bool cas_cli_interfaces_read(struct cas_cli_interfaces *interfaces)
{
    bool has_come = false;
    for (size_t i = 0; i < interfaces->len; i++) {
        const struct cas_cli_interface *interface = &interfaces->interface[i];
        bool is_enough = interfaces->options->packets_max != 0 &&
                         interfaces->frames >= interfaces->options->packets_max;
        if (interface->capture != NULL && !interface->is_read_out && !is_enough) {
            has_come = read_interface(interfaces, i) || has_come;
        }
    }
    return has_come;
}

/* --- watching --- */

static void watch_link(struct cas_cli_interfaces *interfaces, size_t i)
{
    struct cas_cli_interface *interface = &interfaces->interface[i];
    char text[128];
    bool is_up = cas_capture_link(interface->capture) == CAS_CAPTURE_LINK_UP;
    if (is_up == interface->is_up) {
        return;
    }
    interface->is_up = is_up;
    (void)snprintf(text, sizeof(text), "%s is %s", interface->name,
                   is_up ? "up again" : "down: no packets come until it is up");
    cas_cli_interfaces_tell(interfaces, i, is_up ? CAS_IFACE_UP : CAS_IFACE_DOWN, text);
}

static void try_again(struct cas_cli_interfaces *interfaces, size_t i, uint64_t now_us)
{
    struct cas_cli_interface *interface = &interfaces->interface[i];
    char text[128];
    const struct cas_live_options live = live_options(interfaces, i, interface->name);
    if (!interfaces->can_reopen || now_us < interface->retry_us) {
        return;
    }
    if (cas_capture_open_live(&live, &interface->capture, NULL) != CAS_OK) {
        interface->capture = NULL;
        interface->retry_us = now_us + interface->wait_us;
        interface->wait_us =
            2 * interface->wait_us < WAIT_MAX_US ? 2 * interface->wait_us : WAIT_MAX_US;
        return;
    }
    interface->is_up = true;
    interface->wait_us = WAIT_MIN_US;
    (void)snprintf(text, sizeof(text), "%s is back, and listened to again", interface->name);
    cas_cli_interfaces_tell(interfaces, i, CAS_IFACE_BACK, text);
}

void cas_cli_interfaces_watch(struct cas_cli_interfaces *interfaces, uint64_t now_us)
{
    for (size_t i = 0; i < interfaces->len; i++) {
        if (interfaces->interface[i].capture == NULL) {
            try_again(interfaces, i, now_us);
        } else {
            watch_link(interfaces, i);
        }
    }
}

void cas_cli_interfaces_count(struct cas_cli_interfaces *interfaces)
{
    for (size_t i = 0; i < interfaces->len; i++) {
        take_stats(&interfaces->interface[i]);
    }
    const struct cas_capture_stats sum = cas_cli_interfaces_stats(interfaces);
    cas_sniffer_set_capture_stats(interfaces->sniffer, &sum);
}

void cas_cli_interfaces_stop(struct cas_cli_interfaces *interfaces)
{
    for (size_t i = 0; i < interfaces->len; i++) {
        if (interfaces->interface[i].capture != NULL) {
            cas_capture_stop(interfaces->interface[i].capture);
        }
    }
    cas_cli_interfaces_count(interfaces);
}

bool cas_cli_interfaces_are_read_out(const struct cas_cli_interfaces *interfaces)
{
    for (size_t i = 0; i < interfaces->len; i++) {
        if (interfaces->interface[i].capture != NULL && !interfaces->interface[i].is_read_out) {
            return false;
        }
    }
    return true;
}

struct cas_capture_stats cas_cli_interfaces_stats(const struct cas_cli_interfaces *interfaces)
{
    struct cas_capture_stats sum = { 0 };
    for (size_t i = 0; i < interfaces->len; i++) {
        const struct cas_capture_stats *stats = &interfaces->interface[i].stats;
        sum.received += stats->received;
        sum.dropped_kernel += stats->dropped_kernel;
        sum.dropped_interface += stats->dropped_interface;
    }
    return sum;
}

void cas_cli_interfaces_let_go(struct cas_cli_interfaces *interfaces)
{
    for (size_t i = 0; i < interfaces->len; i++) {
        cas_capture_close(interfaces->interface[i].capture);
        interfaces->interface[i].capture = NULL;
    }
}

void cas_cli_interfaces_close(struct cas_cli_interfaces *interfaces)
{
    cas_cli_interfaces_let_go(interfaces);
    free(interfaces->interface);
    *interfaces = (struct cas_cli_interfaces){ 0 };
}
