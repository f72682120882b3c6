/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/metrics_file.h"

#include <string.h>

#include "cli/replace_file.h"
#include "cli/say.h"

#define EVERY_MS      15000 /* as often as Prometheus usually looks */
#define AFTER_NEWS_MS 1000
#define TELL_EVERY_MS 60000
#define MODE          0644 /* the node exporter is another user */

bool cas_cli_metrics_file_open(struct cas_cli_metrics_file *out_file, const char *path)
{
    *out_file = (struct cas_cli_metrics_file){ .path = path, .counts.name = path };
    int reason = cas_cli_place_open(&out_file->place, path);
    if (reason != 0) {
        cas_cli_say("cannot write the metrics to %s: %s", path, strerror(reason));
    }
    if (reason == 0 && !cas_cli_place_is_free(&out_file->place)) {
        cas_cli_say(
            "cannot write the metrics to %s: it is no regular file, and would be replaced",
            path);
        return false;
    }
    return reason == 0;
}

static void tell_alert(void *user, const struct cas_alert_event *event)
{
    struct cas_cli_metrics_file *file = user;
    file->alerts[event->cause]++;
    file->alerts_inferred += event->request_size != NULL;
    file->has_news = true;
}

struct cas_sink cas_cli_metrics_file_sink(struct cas_cli_metrics_file *file)
{
    return (struct cas_sink){ .user = file, .alert = tell_alert };
}

uint64_t cas_cli_metrics_file_due_ms(const struct cas_cli_metrics_file *file)
{
    if (file->last_ms == 0) {
        return 0;
    }
    return file->last_ms + (file->has_news ? AFTER_NEWS_MS : EVERY_MS);
}

/* What the contents are made of. */
struct contents {
    struct cas_sniffer *sniffer;
    const struct cas_metrics_facts *facts;
};

static int make(void *user, const struct cas_writer *writer)
{
    const struct contents *contents = user;
    return cas_metrics_write(contents->sniffer, contents->facts, writer);
}

void cas_cli_metrics_file_write(struct cas_cli_metrics_file *file, uint64_t now_ms,
                                struct cas_sniffer *sniffer, struct cas_metrics_facts *facts)
{
    struct contents contents = { .sniffer = sniffer, .facts = facts };
    memcpy(facts->alerts, file->alerts, sizeof(file->alerts));
    facts->alerts_inferred = file->alerts_inferred;
    file->last_ms = now_ms;
    file->has_news = false;
    /* Its reader wants the newest or none: waiting for the disk would cost packets. */
    int reason = cas_cli_replace_file(&file->place, MODE, CAS_CLI_KEEP_ATOMIC, make, &contents);
    if (reason == 0) {
        file->counts.written++;
        return;
    }
    file->counts.errors++;
    if (now_ms >= file->tell_ms) {
        file->tell_ms = now_ms + TELL_EVERY_MS;
        cas_cli_say("cannot write the metrics to %s: %s", file->path, strerror(reason));
    }
}

void cas_cli_metrics_file_close(struct cas_cli_metrics_file *file)
{
    cas_cli_place_close(&file->place);
}
