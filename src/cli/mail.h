/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a process that reads packets sends to the one that reports: letters in a pipe, each a
 * kind, a length and so many bytes. Knows the envelope, not what a message says.
 */
#ifndef CAS_CLI_MAIL_H
#define CAS_CLI_MAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/capture.h>
#include <casniff/events.h>
#include <casniff/relay.h>
#include <casniff/types.h>

enum cas_cli_letter_kind {
    CAS_CLI_LETTER_BEGIN = 1, /* u32: of which capture the next ones are; live nothing: it is
                                 confined, and looks at packets */
    CAS_CLI_LETTER_MESSAGE,   /* as casniff/relay.h has it */
    CAS_CLI_LETTER_SAY,       /* a sentence for standard error */
    CAS_CLI_LETTER_END,       /* u8: the exit code that it comes to */
    CAS_CLI_LETTER_CHANGE,    /* live: u8 interface, u8 state, a sentence */
    CAS_CLI_LETTER_STATS      /* live: u8 interface, u64 received, dropped by the kernel, by the
                                 interface */
};

#define CAS_CLI_LETTER_HEAD 5
#define CAS_CLI_LETTER_MAX  (CAS_CLI_LETTER_HEAD + CAS_RELAY_MESSAGE_MAX)

struct cas_cli_mail {
    int fd;
    uint8_t *buffer;
    size_t len;
    bool has_failed; /* nobody reads it any more */
};

/* False without memory. */
bool cas_cli_mail_open(struct cas_cli_mail *out_mail, int fd);

/* Waits where the pipe is full. */
void cas_cli_mail_send(struct cas_cli_mail *mail, enum cas_cli_letter_kind kind,
                       struct cas_view content);

/* For who is told of messages and of sentences: user is the mail. */
void cas_cli_mail_message(void *user, struct cas_view message);
void cas_cli_mail_sentence(void *user, const char *sentence);

/* What happened to an interface. The text has no end of its own where it was received. */
struct cas_cli_iface_change {
    size_t iface;
    enum cas_iface_state state;
    const char *text;
    size_t text_len;
};
void cas_cli_mail_send_change(struct cas_cli_mail *mail,
                              const struct cas_cli_iface_change *change);
void cas_cli_mail_send_stats(struct cas_cli_mail *mail, size_t iface,
                             const struct cas_capture_stats *stats);

/* The same, read. False when it makes no sense. */
bool cas_cli_mail_read_change(struct cas_view content, struct cas_cli_iface_change *out_change);
bool cas_cli_mail_read_stats(struct cas_view content, size_t *out_iface,
                             struct cas_capture_stats *out_stats);

void cas_cli_mail_flush(struct cas_cli_mail *mail);

void cas_cli_mail_close(struct cas_cli_mail *mail);

#endif
