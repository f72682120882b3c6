/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/mail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As much as a pipe takes at once. */
#define BUFFER_SIZE ((size_t)64 * 1024)

bool cas_cli_mail_open(struct cas_cli_mail *out_mail, int fd)
{
    *out_mail = (struct cas_cli_mail){ .fd = fd, .buffer = malloc(BUFFER_SIZE) };
    return out_mail->buffer != NULL;
}

static void write_all(struct cas_cli_mail *mail, struct cas_view bytes)
{
    size_t done = 0;
    while (done < bytes.len && !mail->has_failed) {
        ssize_t len = write(mail->fd, &bytes.data[done], bytes.len - done);
        if (len > 0) {
            done += (size_t)len;
        } else if (errno != EINTR) {
            mail->has_failed = true;
        }
    }
}

void cas_cli_mail_flush(struct cas_cli_mail *mail)
{
    write_all(mail, (struct cas_view){ mail->buffer, mail->len });
    mail->len = 0;
}

static void put(struct cas_cli_mail *mail, struct cas_view bytes)
{
    if (bytes.len > BUFFER_SIZE - mail->len) {
        cas_cli_mail_flush(mail);
    }
    if (bytes.len > BUFFER_SIZE) {
        write_all(mail, bytes);
    } else if (bytes.len > 0) {
        memcpy(&mail->buffer[mail->len], bytes.data, bytes.len);
        mail->len += bytes.len;
    }
}

void cas_cli_mail_send(struct cas_cli_mail *mail, enum cas_cli_letter_kind kind,
                       struct cas_view content)
{
    uint32_t len = (uint32_t)content.len;
    const uint8_t head[CAS_CLI_LETTER_HEAD] = {
        (uint8_t)kind,       (uint8_t)(len >> 24), (uint8_t)(len >> 16),
        (uint8_t)(len >> 8), (uint8_t)len,
    };
    put(mail, (struct cas_view){ head, sizeof(head) });
    put(mail, content);
}

void cas_cli_mail_close(struct cas_cli_mail *mail)
{
    if (mail->buffer != NULL) {
        cas_cli_mail_flush(mail);
        free(mail->buffer);
        close(mail->fd);
    }
    *mail = (struct cas_cli_mail){ .fd = -1 };
}
