/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packet sockets among this process' descriptors, however they came to be. */
#ifndef CAS_CLI_PACKET_SOCKETS_H
#define CAS_CLI_PACKET_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

/* More interfaces than anybody captures on in one run. */
#define CAS_CLI_PACKET_SOCKETS_MAX 64

struct cas_cli_packet_sockets {
    int fd[CAS_CLI_PACKET_SOCKETS_MAX];
    unsigned ifindex[CAS_CLI_PACKET_SOCKETS_MAX]; /* 0: any */
    size_t len;
    bool is_whole; /* false: there are more of them */
};

struct cas_cli_packet_sockets cas_cli_packet_sockets_find(void);

#endif
