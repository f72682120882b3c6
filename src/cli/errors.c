/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/errors.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/sink_file.h"

/* There is one standard error in a process. */
static struct {
    struct cas_cli_sink_file file;
    bool never_waits;
    bool is_torn;     /* a line was begun that did not go as a whole */
    uint64_t dropped; /* times, since it was told */
} errors;

void cas_cli_errors_never_wait(void)
{
    if (!errors.never_waits) {
        errors.file = cas_cli_sink_file_of(STDERR_FILENO);
        errors.never_waits = true;
    }
}

/* False when it did not go as a whole. */
static bool write_now(struct cas_view text)
{
    struct pollfd wait = { .fd = errors.file.fd, .events = POLLOUT };
    if (errors.file.way == CAS_CLI_WAY_POLLED && poll(&wait, 1, 0) != 1) {
        return false;
    }
    ssize_t len = 0;
    do {
        len = write(errors.file.fd, text.data, text.len);
    } while (len < 0 && errno == EINTR);
    errors.is_torn = (errors.is_torn && len <= 0) || (len > 0 && (size_t)len < text.len);
    return len == (ssize_t)text.len;
}

static bool write_text(const char *text, size_t len)
{
    return write_now((struct cas_view){ .data = (const uint8_t *)text, .len = len });
}

/* What is in between: the end of a torn line, and how much was lost. */
static bool tell_dropped(void)
{
    char text[128];
    if (errors.is_torn && !write_text("\n", 1)) {
        return false;
    }
    int len = snprintf(text, sizeof(text),
                       "casniff: standard error was not read: %" PRIu64
                       " times something is missing here\n",
                       errors.dropped);
    if (errors.dropped > 0 && !write_text(text, (size_t)len)) {
        return false;
    }
    errors.dropped = 0;
    return true;
}

void cas_cli_errors_put(struct cas_view lines)
{
    if (!errors.never_waits) {
        (void)fwrite(lines.data, 1, lines.len, stderr);
    } else if (!tell_dropped() || !write_now(lines)) {
        errors.dropped++;
    }
}
