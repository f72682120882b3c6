/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's filter of a live capture. libpcap compiles and translates it, but then it is
 * taken out of libpcap's hands, for two reasons. libpcap leaves out frames of the wrong
 * direction, and the second copy of what the loopback sends, after the kernel has counted them:
 * then the statistics fit nothing. And the first blocks of a capture it filters once more by
 * itself, where words like "inbound" match nothing at all.
 *
 *     libpcap   nothing is filtered
 *     kernel    [ direction ] [ the program as libpcap translated it ]
 */
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "net/capture_handle.h"

/* Instructions in front of the program, at most. */
#define PREFIX_MAX 8

/* Rounds in which what came before the filter must have been handed over. */
#define DRAIN_ROUNDS 5

#define LOAD(field)                                                                            \
    {                                                                                          \
        .code = BPF_LD | BPF_W | BPF_ABS, .k = (uint32_t)(SKF_AD_OFF) + (field)                \
    }
#define JUMP(value, if_true, if_false)                                                         \
    {                                                                                          \
        .code = BPF_JMP | BPF_JEQ | BPF_K, .jt = (if_true), .jf = (if_false), .k = (value)     \
    }
#define RETURN_NOTHING                                                                         \
    {                                                                                          \
        .code = BPF_RET | BPF_K, .k = 0                                                        \
    }

static bool attach(pcap_t *pcap, struct sock_filter *instructions, size_t len)
{
    const struct sock_fprog program = { .len = (unsigned short)len, .filter = instructions };
    return setsockopt(pcap_get_selectable_fd(pcap), SOL_SOCKET, SO_ATTACH_FILTER, &program,
                      sizeof(program)) == 0;
}

/* The filter in place; its length, 0 when there is none that the kernel would tell. */
static size_t fetch(pcap_t *pcap, struct sock_filter out[BPF_MAXINSNS])
{
    int fd = pcap_get_selectable_fd(pcap);
    socklen_t len = 0; /* in instructions */
    if (getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, NULL, &len) != 0 || len == 0 ||
        len > BPF_MAXINSNS || getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, out, &len) != 0) {
        return 0;
    }
    return len;
}

/* What the direction lets through goes on behind the prefix. */
static size_t write_prefix(const struct cas_capture_live *live,
                           struct sock_filter out[PREFIX_MAX])
{
    const struct sock_filter inward[] = {
        LOAD(SKF_AD_PKTTYPE),
        JUMP(PACKET_OUTGOING, 0, 1),
        RETURN_NOTHING,
    };
    const struct sock_filter outward[] = {
        LOAD(SKF_AD_PKTTYPE),
        JUMP(PACKET_OUTGOING, 1, 0),
        RETURN_NOTHING,
    };
    /* What the loopback sends it also receives: once is enough. */
    const struct sock_filter not_twice[] = {
        LOAD(SKF_AD_PKTTYPE), JUMP(PACKET_OUTGOING, 0, 3),
        LOAD(SKF_AD_IFINDEX), JUMP(live->loopback, 0, 1),
        RETURN_NOTHING,
    };
    size_t len = 0;
    if (live->direction != CAS_CAPTURE_BOTH) {
        memcpy(out, live->direction == CAS_CAPTURE_IN ? inward : outward, sizeof(inward));
        len = sizeof(inward) / sizeof(inward[0]);
    }
    if (live->is_any && live->direction != CAS_CAPTURE_IN && live->loopback != 0) {
        memcpy(&out[len], not_twice, sizeof(not_twice));
        len += sizeof(not_twice) / sizeof(not_twice[0]);
    }
    return len;
}

/*
 * Takes out what came between the opening and now, and has the counters begin after it: else
 * the statistics would count frames that the filter keeps from us.
 */
static void drain(struct cas_capture *capture)
{
    pcap_t *pcap = capture->pcap;
    struct pollfd ready = { .fd = pcap_get_selectable_fd(pcap), .events = POLLIN };
    struct pcap_stat *last = &capture->live.last;
    struct pcap_pkthdr *header = NULL;
    const u_char *data = NULL;
    uint64_t frames = 0;
    for (unsigned i = 0; i < DRAIN_ROUNDS; i++) {
        while (pcap_next_ex(pcap, &header, &data) == 1) {
            frames++;
        }
        if (pcap_stats(pcap, last) != 0 || frames >= last->ps_recv - last->ps_drop) {
            return;
        }
        (void)poll(&ready, 1, CAS_CAPTURE_BLOCK_MS);
    }
}

enum cas_err cas_capture_take_over_filter(struct cas_capture *capture,
                                          struct cas_error *out_error)
{
    struct sock_filter prefix[PREFIX_MAX];
    struct sock_filter nothing[] = { RETURN_NOTHING };
    struct sock_filter *whole = calloc(PREFIX_MAX + BPF_MAXINSNS, sizeof(*whole));
    if (whole == NULL) {
        return cas_error_set(out_error, CAS_ERR_NOMEM, "out of memory");
    }
    enum cas_err err = CAS_OK;
    size_t front = write_prefix(&capture->live, prefix);
    size_t len = fetch(capture->pcap, &whole[front]);
    if (len == 0 || front + len > BPF_MAXINSNS) {
        err = cas_capture_share(capture, out_error);
        goto out; /* the kernel did not take it: libpcap filters */
    }
    memcpy(whole, prefix, front * sizeof(prefix[0]));
    err = cas_capture_set_filter(capture->pcap, "", out_error);
    if (err != CAS_OK) {
        goto out;
    }
    (void)attach(capture->pcap, nothing, 1);
    drain(capture);
    err =
        cas_capture_share(capture, out_error); /* while it gets nothing: no frame comes twice */
    if (err == CAS_OK && !attach(capture->pcap, whole, front + len)) {
        err = cas_error_set(out_error, CAS_ERR_IO, "%s: the kernel does not take the filter",
                            capture->live.iface);
    }
out:
    free(whole);
    return err;
}
