/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/packet_sockets.h"

#include <linux/if_packet.h>
#include <poll.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/socket.h>

/* Where the limit is higher, or none, we have not opened so many. */
#define DESCRIPTORS_MAX 65536

/* Descriptors asked for at once. */
#define ASKED_MAX 1024

static void take(struct cas_cli_packet_sockets *sockets, int fd)
{
    struct sockaddr_ll address = { 0 };
    int domain = 0;
    socklen_t domain_len = sizeof(domain);
    socklen_t address_len = sizeof(address);
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &domain_len) != 0 ||
        domain != AF_PACKET) {
        return;
    }
    if (sockets->len == CAS_CLI_PACKET_SOCKETS_MAX) {
        sockets->is_whole = false;
        return;
    }
    (void)getsockname(fd, (struct sockaddr *)&address, &address_len);
    sockets->fd[sockets->len] = fd;
    sockets->ifindex[sockets->len] = (unsigned)address.sll_ifindex;
    sockets->len++;
}

/* Those of the next len descriptors that are open. One call asks for many of them: to ask each
 * for its domain would take longer than most captures. */
static void take_open(struct cas_cli_packet_sockets *sockets, int first, size_t len)
{
    struct pollfd asked[ASKED_MAX];
    for (size_t i = 0; i < len; i++) {
        asked[i] = (struct pollfd){ .fd = first + (int)i };
    }
    bool is_answered = poll(asked, len, 0) >= 0;
    for (size_t i = 0; i < len; i++) {
        if (!is_answered || (asked[i].revents & POLLNVAL) == 0) {
            take(sockets, asked[i].fd);
        }
    }
}

struct cas_cli_packet_sockets cas_cli_packet_sockets_find(void)
{
    struct cas_cli_packet_sockets sockets = { .is_whole = true };
    struct rlimit limit = { .rlim_cur = DESCRIPTORS_MAX };
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    rlim_t end = limit.rlim_cur < DESCRIPTORS_MAX ? limit.rlim_cur : DESCRIPTORS_MAX;
    for (rlim_t first = 0; first < end; first += ASKED_MAX) {
        rlim_t left = end - first;
        take_open(&sockets, (int)first, left < ASKED_MAX ? (size_t)left : ASKED_MAX);
    }
    return sockets;
}
