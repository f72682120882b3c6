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

void cas_cli_mail_message(void *user, struct cas_view message)
{
    cas_cli_mail_send(user, CAS_CLI_LETTER_MESSAGE, message);
}

void cas_cli_mail_sentence(void *user, const char *sentence)
{
    const struct cas_view text = { (const uint8_t *)sentence, strlen(sentence) };
    cas_cli_mail_send(user, CAS_CLI_LETTER_SAY, text);
}

/* --- of interfaces --- */

#define CHANGE_HEAD   2
#define CHANGE_MAX    1024
#define STATS_NUMBERS 3
#define STATS_SIZE    (1 + STATS_NUMBERS * sizeof(uint64_t))

void cas_cli_mail_send_change(struct cas_cli_mail *mail,
                              const struct cas_cli_iface_change *change)
{
    uint8_t bytes[CHANGE_HEAD + CHANGE_MAX] = { (uint8_t)change->iface,
                                                (uint8_t)change->state };
    size_t len = change->text_len < CHANGE_MAX ? change->text_len : CHANGE_MAX;
    memcpy(&bytes[CHANGE_HEAD], change->text, len);
    cas_cli_mail_send(mail, CAS_CLI_LETTER_CHANGE,
                      (struct cas_view){ bytes, CHANGE_HEAD + len });
}

bool cas_cli_mail_read_change(struct cas_view content, struct cas_cli_iface_change *out_change)
{
    if (content.len < CHANGE_HEAD || content.data[1] > CAS_IFACE_BACK) {
        return false;
    }
    *out_change = (struct cas_cli_iface_change){
        .iface = content.data[0],
        .state = (enum cas_iface_state)content.data[1],
        .text = (const char *)&content.data[CHANGE_HEAD],
        .text_len = content.len - CHANGE_HEAD,
    };
    return true;
}

void cas_cli_mail_send_stats(struct cas_cli_mail *mail, size_t iface,
                             const struct cas_capture_stats *stats)
{
    const uint64_t number[STATS_NUMBERS] = {
        stats->received,
        stats->dropped_kernel,
        stats->dropped_interface,
    };
    uint8_t bytes[STATS_SIZE] = { (uint8_t)iface };
    for (size_t i = 0; i < STATS_SIZE - 1; i++) {
        unsigned shift = 8 * (unsigned)(sizeof(uint64_t) - 1 - i % sizeof(uint64_t));
        bytes[1 + i] = (uint8_t)(number[i / sizeof(uint64_t)] >> shift);
    }
    cas_cli_mail_send(mail, CAS_CLI_LETTER_STATS, (struct cas_view){ bytes, sizeof(bytes) });
}

bool cas_cli_mail_read_stats(struct cas_view content, size_t *out_iface,
                             struct cas_capture_stats *out_stats)
{
    uint64_t number[STATS_NUMBERS] = { 0 };
    if (content.len != STATS_SIZE) {
        return false;
    }
    for (size_t i = 0; i < STATS_SIZE - 1; i++) {
        uint64_t *at = &number[i / sizeof(uint64_t)];
        *at = *at << 8 | content.data[1 + i];
    }
    *out_iface = content.data[0];
    *out_stats = (struct cas_capture_stats){
        .received = number[0],
        .dropped_kernel = number[1],
        .dropped_interface = number[2],
    };
    return true;
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
