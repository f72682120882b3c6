/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FIRST_MS 1000
#define EVERY_MS 200

static uint64_t now_ms(void)
{
    struct timespec now = { 0 };
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* A report that writes to the terminal before the end would be torn apart by the line. */
static bool disturbs(const struct cas_cli_options *options)
{
    for (size_t i = 0; i < options->reports_len; i++) {
        bool writes_on = options->reports[i].form != CAS_REPORT_TEXT || options->is_verbose;
        if (options->reports[i].path == NULL && writes_on && isatty(STDOUT_FILENO) == 1) {
            return true;
        }
    }
    return false;
}

struct cas_cli_progress cas_cli_progress_begin(const struct cas_cli_options *options)
{
    const char *term = getenv("TERM");
    uint64_t now = now_ms();
    return (struct cas_cli_progress){
        .is_wanted = !options->is_quiet && isatty(STDERR_FILENO) == 1 && term != NULL &&
                     strcmp(term, "dumb") != 0 && !disturbs(options),
        .began_ms = now,
        .due_ms = now + FIRST_MS,
    };
}

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (strcmp(path, "-") == 0) {
        return "standard input";
    }
    return slash != NULL ? &slash[1] : path;
}

/* "43 %  00:07 left" */
static void show_share(uint64_t elapsed_ms, uint64_t done, uint64_t size)
{
    double share = (double)done / (double)size;
    uint64_t left_s = (uint64_t)((double)elapsed_ms * (1.0 - share) / share / 1000.0);
    fprintf(stderr, "%.0f %%  %02" PRIu64 ":%02" PRIu64 " left", share * 100.0, left_s / 60,
            left_s % 60);
}

void cas_cli_progress_show(struct cas_cli_progress *progress, const char *path,
                           const struct cas_capture *capture,
                           const struct cas_counters *counters)
{
    uint64_t now = progress->is_wanted ? now_ms() : 0;
    if (!progress->is_wanted || now < progress->due_ms) {
        return;
    }
    uint64_t done = 0;
    uint64_t size = 0;
    cas_capture_progress(capture, &done, &size);
    fprintf(stderr, "\r%.40s ", file_name(path));
    if (done > 0 && done <= size) {
        show_share(now - progress->began_ms, done, size);
    } else {
        fprintf(stderr, "%" PRIu64 " packets", counters->value[CAS_COUNT_FRAMES]);
    }
    fprintf(stderr, ", %" PRIu64 " lists\x1b[K", counters->value[CAS_COUNT_CERT_REQUESTS]);
    progress->is_shown = true;
    progress->due_ms = now + EVERY_MS;
}

void cas_cli_progress_end(struct cas_cli_progress *progress)
{
    if (progress->is_shown) {
        fputs("\r\x1b[K", stderr);
        progress->is_shown = false;
    }
}
