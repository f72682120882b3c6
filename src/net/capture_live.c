/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Live capture on Linux. The handle is created and activated once, non-blocking from the start:
 * a blocking read never returns on an idle link, and spins while it is down.
 */
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bytes/reader.h"
#include "net/capture_handle.h"
#include "net/link.h"

/* The largest frame that libpcap takes. */
#define SNAPLEN_MAX 262144u

/* Room for a burst: 8 MiB are 64 ms of a full 1 Gbit/s link. */
#define BUFFER_DEFAULT (8u << 20)

struct cas_live_options cas_live_defaults(void)
{
    return (struct cas_live_options){
        .snaplen = SNAPLEN_MAX,
        .buffer_bytes = BUFFER_DEFAULT,
        .is_promiscuous = true,
    };
}

/* --- opening --- */

static enum cas_err refused(const char *iface, int result, pcap_t *pcap,
                            struct cas_error *out_error)
{
    switch (result) {
    case PCAP_ERROR_PERM_DENIED:
    case PCAP_ERROR_PROMISC_PERM_DENIED:
        return cas_error_set(out_error, CAS_ERR_RIGHTS,
                             "capturing on %s needs the capability CAP_NET_RAW: run casniff as "
                             "root, or give it that with setcap cap_net_raw+ep and its path",
                             iface);
    case PCAP_ERROR_NO_SUCH_DEVICE:
        return cas_capture_no_interface(iface, out_error);
    case PCAP_ERROR_IFACE_NOT_UP:
        return cas_error_set(out_error, CAS_ERR_IO,
                             "%s is down; bring it up with ip link set %s up", iface, iface);
    default:
        break;
    }
    const char *why = pcap_geterr(pcap);
    return cas_error_set(out_error, CAS_ERR_IO, "cannot capture on %s: %s", iface,
                         why[0] != '\0' ? why : pcap_statustostr(result));
}

/* An interface of this machine, and nothing else that libpcap would open by a name: a remote
 * host's, a USB bus, the netfilter log. */
static enum cas_err check_name(const char *iface, struct cas_error *out_error)
{
    enum cas_err err = cas_capture_check_name(iface, out_error);
    if (err == CAS_OK && strcmp(iface, "any") != 0 && if_nametoindex(iface) == 0) {
        return cas_capture_no_interface(iface, out_error);
    }
    return err;
}

static void configure(pcap_t *pcap, const struct cas_live_options *options)
{
    uint32_t snaplen = options->snaplen;
    if (snaplen == 0 || snaplen > SNAPLEN_MAX) {
        snaplen = SNAPLEN_MAX;
    }
    uint32_t buffer = options->buffer_bytes < INT32_MAX ? options->buffer_bytes : INT32_MAX;
    /* They fail only on an activated handle. */
    (void)pcap_set_snaplen(pcap, (int)snaplen);
    (void)pcap_set_buffer_size(pcap, (int)buffer);
    (void)pcap_set_timeout(pcap, CAS_CAPTURE_BLOCK_MS);
    (void)pcap_set_promisc(pcap, options->is_promiscuous ? 1 : 0);
}

enum cas_err cas_capture_activate(const struct cas_live_options *options, pcap_t **out_pcap,
                                  struct cas_error *out_error)
{
    char why[PCAP_ERRBUF_SIZE] = "";
    enum cas_err err = check_name(options->iface, out_error);
    if (err != CAS_OK) {
        return err;
    }
    pcap_t *pcap = pcap_create(options->iface, why);
    if (pcap == NULL) {
        return cas_error_set(out_error, CAS_ERR_IO, "cannot capture on %s: %s", options->iface,
                             why);
    }
    configure(pcap, options);
    if (pcap_setnonblock(pcap, 1, why) != 0) {
        pcap_close(pcap);
        return cas_error_set(out_error, CAS_ERR_IO, "cannot capture on %s without blocking: %s",
                             options->iface, why);
    }
    int result = pcap_activate(pcap); /* above 0: a warning, e.g. not promiscuous */
    if (result < 0) {
        err = refused(options->iface, result, pcap, out_error);
        pcap_close(pcap);
        return err;
    }
    *out_pcap = pcap;
    return CAS_OK;
}

/* The names of the link types there are, for a sentence. */
static void write_link_types(pcap_t *pcap, char *out, size_t size)
{
    int *types = NULL;
    int len = pcap_list_datalinks(pcap, &types);
    size_t at = 0;
    out[0] = '\0';
    for (int i = 0; i < len; i++) {
        const char *name = pcap_datalink_val_to_name(types[i]);
        if (name != NULL && at + strlen(name) + 3 < size) {
            at += (size_t)snprintf(&out[at], size - at, "%s%s", at > 0 ? ", " : "", name);
        }
    }
    if (len >= 0) {
        pcap_free_datalinks(types);
    }
}

static enum cas_err choose_link_type(struct cas_capture *capture, const char *wanted,
                                     struct cas_error *out_error)
{
    pcap_t *pcap = capture->pcap;
    if (wanted == NULL && capture->live.is_any) {
        /* With the interface of each frame, which the filter needs. */
        (void)pcap_set_datalink(pcap, DLT_LINUX_SLL2);
    }
    if (wanted != NULL && pcap_set_datalink(pcap, pcap_datalink_name_to_val(wanted)) != 0) {
        char there_are[200];
        write_link_types(pcap, there_are, sizeof(there_are));
        return cas_error_set(out_error, CAS_ERR_USAGE, "%s has no link type %.60s; it has %s",
                             capture->live.iface, wanted, there_are);
    }
    cas_capture_name_link_type(capture);
    if (!cas_link_is_decoded(pcap_datalink(pcap))) {
        return cas_error_set(out_error, CAS_ERR_USAGE,
                             "%s has the link type %s, which casniff does not decode; -L lists "
                             "others that it may have, for -y",
                             capture->live.iface, capture->link_type);
    }
    return CAS_OK;
}

static enum cas_err set_up(struct cas_capture *capture, const struct cas_live_options *options,
                           struct cas_error *out_error)
{
    static const pcap_direction_t directions[] = {
        [CAS_CAPTURE_BOTH] = PCAP_D_INOUT,
        [CAS_CAPTURE_IN] = PCAP_D_IN,
        [CAS_CAPTURE_OUT] = PCAP_D_OUT,
    };
    enum cas_err err = cas_capture_activate(options, &capture->pcap, out_error);
    if (err != CAS_OK) {
        return err;
    }
    err = choose_link_type(capture, options->link_type, out_error);
    if (err != CAS_OK) {
        return err;
    }
    (void)pcap_setdirection(capture->pcap, directions[capture->live.direction]);
    return cas_capture_set_live_filter(capture, options->filter, out_error);
}

static bool is_loopback(const char *iface)
{
    struct ifreq request = { 0 };
    /* Any socket will do: this kind is one that the shipped service permits. */
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    memcpy(request.ifr_name, iface, strlen(iface));
    bool is = fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &request) == 0 &&
              (request.ifr_flags & IFF_LOOPBACK) != 0;
    if (fd >= 0) {
        close(fd);
    }
    return is;
}

enum cas_err cas_capture_open_live(const struct cas_live_options *options,
                                   struct cas_capture **out_capture,
                                   struct cas_error *out_error)
{
    enum cas_err err = check_name(options->iface, out_error);
    if (err != CAS_OK) {
        return err;
    }
    struct cas_capture *capture = calloc(1, sizeof(*capture));
    if (capture == NULL) {
        return cas_error_set(out_error, CAS_ERR_NOMEM, "out of memory");
    }
    struct cas_capture_live *live = &capture->live;
    capture->is_live = true;
    memcpy(live->iface, options->iface, strlen(options->iface));
    live->is_any = strcmp(live->iface, "any") == 0;
    live->loopback = if_nametoindex("lo");
    live->group = options->group;
    live->direction = is_loopback(live->iface) ? CAS_CAPTURE_IN : options->direction;
    err = set_up(capture, options, out_error);
    if (err != CAS_OK) {
        cas_capture_close(capture);
        return err;
    }
    *out_capture = capture;
    return CAS_OK;
}

/* --- reading --- */

int cas_capture_fd(const struct cas_capture *capture)
{
    return capture->is_live ? pcap_get_selectable_fd(capture->pcap) : -1;
}

enum cas_capture_link cas_capture_link(const struct cas_capture *capture)
{
    const struct cas_capture_live *live = &capture->live;
    if (!capture->is_live || live->is_any) {
        return CAS_CAPTURE_LINK_UP;
    }
    int fd = cas_capture_fd(capture);
    struct sockaddr_ll bound = { 0 };
    socklen_t len = sizeof(bound);
    if (getsockname(fd, (struct sockaddr *)&bound, &len) == 0 && bound.sll_ifindex <= 0) {
        return CAS_CAPTURE_LINK_GONE; /* the kernel unbinds the sockets of what is removed */
    }
    struct ifreq request = { 0 };
    const int up = IFF_UP | IFF_RUNNING;
    memcpy(request.ifr_name, live->iface, sizeof(live->iface));
    if (ioctl(fd, SIOCGIFFLAGS, &request) != 0) {
        return CAS_CAPTURE_LINK_UP; /* it goes by another name by now, but it is there */
    }
    return (request.ifr_flags & up) == up ? CAS_CAPTURE_LINK_UP : CAS_CAPTURE_LINK_DOWN;
}

static enum cas_capture_next nothing_now(const struct cas_capture *capture)
{
    const struct cas_capture_live *live = &capture->live;
    bool is_all = capture->frames >= live->total.received - live->total.dropped_kernel;
    return live->is_stopped && is_all ? CAS_CAPTURE_END : CAS_CAPTURE_NONE;
}

enum cas_capture_next cas_capture_next_live(struct cas_capture *capture,
                                            struct cas_frame *out_frame,
                                            struct cas_error *out_error)
{
    struct pcap_pkthdr *header = NULL;
    const u_char *data = NULL;
    if (capture->live.is_stopped && nothing_now(capture) == CAS_CAPTURE_END) {
        return CAS_CAPTURE_END;
    }
    int result = pcap_next_ex(capture->pcap, &header, &data);
    if (result == 1) {
        cas_capture_take(capture, header, data, out_frame);
        return CAS_CAPTURE_FRAME;
    }
    if (result == 0) {
        return nothing_now(capture);
    }
    if (cas_capture_link(capture) == CAS_CAPTURE_LINK_DOWN) {
        return nothing_now(capture);
    }
    cas_error_set(out_error, CAS_ERR_IO, "%s cannot be captured from any more: %s",
                  capture->live.iface, pcap_geterr(capture->pcap));
    return CAS_CAPTURE_GONE;
}

/* --- statistics --- */

/* Differences of 32-bit counters are right also when these have started again from 0. */
bool cas_capture_stats(struct cas_capture *capture, struct cas_capture_stats *out_stats)
{
    struct cas_capture_live *live = &capture->live;
    struct pcap_stat now = { 0 };
    bool is_told = live->is_stopped;
    if (capture->is_live && !live->is_stopped && pcap_stats(capture->pcap, &now) == 0) {
        live->total.received += now.ps_recv - live->last.ps_recv;
        live->total.dropped_kernel += now.ps_drop - live->last.ps_drop;
        live->total.dropped_interface += now.ps_ifdrop - live->last.ps_ifdrop;
        live->last = now;
        is_told = true;
    }
    *out_stats = live->total;
    return is_told;
}

void cas_capture_stop(struct cas_capture *capture)
{
    struct cas_capture_stats stats;
    if (capture->is_live && !capture->live.is_stopped) {
        (void)cas_capture_stats(capture, &stats);
        capture->live.is_stopped = true;
    }
}
