/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Captures of one interface that share its frames. The kernel hashes addresses and ports so
 * that both directions of a connection come to the same capture; what came in IPv4 fragments it
 * puts together before, for only the first fragment has ports.
 */
#include <errno.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>

#include "net/capture_handle.h"

/* The lower half of the option's value is the group, the upper half what it does. */
#define FANOUT(group, how) ((int)((unsigned)(group) | ((unsigned)(how) << 16)))

#define BY_CONNECTION (PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_DEFRAG)

/* The kernel chooses a number that no group of this machine has. */
static bool begin_group(int fd, struct cas_capture_group *group)
{
    const int begin = FANOUT(0, BY_CONNECTION | PACKET_FANOUT_FLAG_UNIQUEID);
    int chosen = 0;
    socklen_t len = sizeof(chosen);
    if (setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &begin, sizeof(begin)) != 0 ||
        getsockopt(fd, SOL_PACKET, PACKET_FANOUT, &chosen, &len) != 0) {
        return false;
    }
    group->number = (uint16_t)((unsigned)chosen & UINT16_MAX);
    group->has_begun = true;
    return true;
}

static bool join_group(int fd, const struct cas_capture_group *group)
{
    const int join = FANOUT(group->number, BY_CONNECTION);
    return setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &join, sizeof(join)) == 0;
}

enum cas_err cas_capture_share(struct cas_capture *capture, struct cas_error *out_error)
{
    struct cas_capture_group *group = capture->live.group;
    int fd = pcap_get_selectable_fd(capture->pcap);
    if (group == NULL || (group->has_begun ? join_group(fd, group) : begin_group(fd, group))) {
        return CAS_OK;
    }
    return cas_error_set(
        out_error, CAS_ERR_IO,
        "%s: the kernel does not share its packets among several processes: %s",
        capture->live.iface, strerror(errno));
}
