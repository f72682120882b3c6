/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/say.h"

#define MESSAGE_MAX 512

/* A path, or with '@' a name in Linux' abstract name space, which begins with a zero byte. */
static bool address_of(const char *name, struct sockaddr_un *out_address, socklen_t *out_len)
{
    size_t len = strlen(name);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if ((name[0] != '/' && name[0] != '@') || len < 2 || len >= sizeof(address.sun_path)) {
        return false;
    }
    memcpy(address.sun_path, name, len);
    if (name[0] == '@') {
        address.sun_path[0] = '\0';
    }
    *out_address = address;
    *out_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    return true;
}

static int connect_to(const char *name)
{
    struct sockaddr_un address;
    socklen_t len = 0;
    if (!address_of(name, &address, &len)) {
        errno = EINVAL;
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, len) != 0) {
        int reason = errno;
        close(fd);
        errno = reason;
        return -1;
    }
    return fd;
}

/* The variable's number, 0 when there is none that makes sense. */
static uint64_t number_in(const char *variable)
{
    const char *text = getenv(variable);
    char *end = NULL;
    errno = 0;
    uintmax_t number = text != NULL ? strtoumax(text, &end, 10) : 0;
    bool is_number = text != NULL && text[0] >= '0' && text[0] <= '9' && *end == '\0';
    return is_number && errno == 0 && number <= UINT64_MAX ? number : 0;
}

struct cas_cli_notify cas_cli_notify_open(void)
{
    struct cas_cli_notify notify = { .fd = -1 };
    const char *name = getenv("NOTIFY_SOCKET");
    if (name != NULL) {
        notify.fd = connect_to(name);
        if (notify.fd < 0) {
            cas_cli_say("cannot reach the service manager at %s: %s; going on without", name,
                        strerror(errno));
        }
    }
    uint64_t pid = number_in("WATCHDOG_PID");
    if (notify.fd >= 0 && (pid == 0 || pid == (uint64_t)getpid())) {
        notify.watchdog_us = number_in("WATCHDOG_USEC");
    }
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    return notify;
}

/* What cannot be sent is lost: the service manager asks again, or restarts us. */
static void send_message(const struct cas_cli_notify *notify, const char *message)
{
    if (notify->fd >= 0) {
        ssize_t written = write(notify->fd, message, strlen(message));
        (void)written;
    }
}

void cas_cli_notify_ready(const struct cas_cli_notify *notify)
{
    send_message(notify, "READY=1\n");
}

void cas_cli_notify_status(const struct cas_cli_notify *notify, const char *format, ...)
{
    static const char variable[] = "STATUS=";
    char message[MESSAGE_MAX];
    if (notify->fd < 0) {
        return;
    }
    memcpy(message, variable, sizeof(variable));
    va_list args;
    va_start(args, format);
    (void)vsnprintf(&message[sizeof(variable) - 1], sizeof(message) - sizeof(variable), format,
                    args);
    va_end(args);
    /* A line of its own would be a message of its own. */
    for (char *c = strpbrk(message, "\r\n"); c != NULL; c = strpbrk(c, "\r\n")) {
        *c = ' ';
    }
    send_message(notify, message);
}

void cas_cli_notify_reloading(const struct cas_cli_notify *notify, uint64_t monotonic_us)
{
    char message[MESSAGE_MAX];
    (void)snprintf(message, sizeof(message), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64 "\n",
                   monotonic_us);
    send_message(notify, message);
}

void cas_cli_notify_stopping(const struct cas_cli_notify *notify)
{
    send_message(notify, "STOPPING=1\n");
}

void cas_cli_notify_watchdog(const struct cas_cli_notify *notify)
{
    send_message(notify, "WATCHDOG=1\n");
}

void cas_cli_notify_close(struct cas_cli_notify *notify)
{
    if (notify->fd >= 0) {
        close(notify->fd);
    }
    *notify = (struct cas_cli_notify){ .fd = -1 };
}
