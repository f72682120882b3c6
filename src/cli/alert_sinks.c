/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/alert_sinks.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <casniff/alert_text.h>

#include "cli/clock.h"
#include "cli/say.h"

#define CONNECT_EVERY_MS 1000

static int connect_to(const struct cas_cli_alert_socket *to)
{
    const struct sockaddr *address = (const struct sockaddr *)&to->address;
    return connect(to->fd, address, (socklen_t)sizeof(to->address)) == 0 ? 0 : errno;
}

static int open_socket(struct cas_cli_alert_socket *out_to, const char *path)
{
    struct cas_cli_alert_socket to = { .address = { .sun_family = AF_UNIX } };
    if (strlen(path) >= sizeof(to.address.sun_path)) {
        return ENAMETOOLONG;
    }
    memcpy(to.address.sun_path, path, strlen(path) + 1);
    to.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (to.fd < 0) {
        return errno;
    }
    int reason = connect_to(&to);
    if (reason != 0) {
        close(to.fd);
        return reason;
    }
    *out_to = to;
    return 0;
}

static bool open_wanted(struct cas_cli_alert_socket *to, const char *path)
{
    int reason = path != NULL ? open_socket(to, path) : 0;
    if (reason != 0) {
        cas_cli_say("cannot log to %s: %s", path,
                    reason == EPROTOTYPE ? "it is no datagram socket" : strerror(reason));
    }
    return reason == 0;
}

bool cas_cli_alert_sinks_open(struct cas_cli_alert_sinks *out_sinks, const char *syslog_path,
                              const char *journal_path)
{
    *out_sinks = (struct cas_cli_alert_sinks){
        .syslog.fd = -1,
        .journal.fd = -1,
        .pid = (uint32_t)getpid(),
    };
    /* Cut or not had at all: then it is not said. */
    if (gethostname(out_sinks->hostname, sizeof(out_sinks->hostname) - 1) != 0) {
        out_sinks->hostname[0] = '\0';
    }
    if (!open_wanted(&out_sinks->syslog, syslog_path) ||
        !open_wanted(&out_sinks->journal, journal_path)) {
        cas_cli_alert_sinks_close(out_sinks);
        return false;
    }
    return true;
}

static int write_once(const struct cas_cli_alert_socket *to, struct cas_view text)
{
    ssize_t written = 0;
    do {
        written = write(to->fd, text.data, text.len);
    } while (written < 0 && errno == EINTR);
    return written < 0 ? errno : 0;
}

/* The daemon has made its socket anew, or has none now. */
static bool is_gone(int reason)
{
    return reason == ECONNREFUSED || reason == ENOTCONN || reason == ECONNRESET ||
           reason == EPIPE || reason == EDESTADDRREQ;
}

static int send_text(void *user, struct cas_view text)
{
    struct cas_cli_alert_socket *to = user;
    int reason = write_once(to, text);
    if (is_gone(reason) && cas_cli_clock_ms() >= to->connect_ms) {
        to->connect_ms = cas_cli_clock_ms() + CONNECT_EVERY_MS;
        reason = connect_to(to) == 0 ? write_once(to, text) : reason;
    }
    return reason;
}

static void count(struct cas_cli_alert_socket *to, int reason)
{
    if (reason == 0) {
        to->written++;
        return;
    }
    to->dropped++;
    if (reason != EAGAIN && reason != EWOULDBLOCK && reason != ENOBUFS) {
        to->errors++; /* not only slow */
    }
}

static void tell_alert(void *user, const struct cas_alert_event *event)
{
    struct cas_cli_alert_sinks *sinks = user;
    if (sinks->syslog.fd >= 0) {
        const struct cas_writer writer = { .user = &sinks->syslog, .write = send_text };
        count(&sinks->syslog, cas_alert_to_syslog(event, sinks->hostname, sinks->pid, &writer));
    }
    if (sinks->journal.fd >= 0) {
        const struct cas_writer writer = { .user = &sinks->journal, .write = send_text };
        count(&sinks->journal, cas_alert_to_journal(event, &writer));
    }
}

struct cas_sink cas_cli_alert_sinks_sink(struct cas_cli_alert_sinks *sinks)
{
    return (struct cas_sink){ .user = sinks, .alert = tell_alert };
}

static void close_socket(struct cas_cli_alert_socket *to)
{
    if (to->fd >= 0) {
        close(to->fd);
        to->fd = -1;
    }
}

void cas_cli_alert_sinks_close(struct cas_cli_alert_sinks *sinks)
{
    close_socket(&sinks->syslog);
    close_socket(&sinks->journal);
}
