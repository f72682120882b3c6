/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/check_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <casniff/check.h>
#include <casniff/state.h>

#include "cli/clock.h"
#include "cli/say.h"
#include "cli/state_file.h"

static bool take_text(const struct cas_cli_state_file *file, struct cas_check *check)
{
    struct cas_error error = { 0 };
    size_t len = 0;
    char *text = cas_cli_state_file_read(file, &len);
    if (text == NULL) {
        cas_cli_say("cannot read the state %s: %s", file->path, cas_cli_state_file_why(errno));
        return false;
    }
    const struct cas_view view = { .data = (const uint8_t *)text, .len = len };
    enum cas_err err = cas_state_read(view, cas_check_take_state, check, &error);
    cas_check_set_saved(check, cas_state_saved_us(view), cas_cli_wall_us());
    free(text);
    if (err != CAS_OK) {
        cas_cli_say("%s: %s", file->path, error.text);
    }
    return err == CAS_OK;
}

static bool take_state(const char *path, struct cas_check *check)
{
    struct cas_cli_state_file file;
    bool is_taken = cas_cli_state_file_open(&file, path) && take_text(&file, check);
    cas_cli_state_file_close(&file);
    return is_taken;
}

int cas_cli_check_print(const char *line, enum cas_check_status status)
{
    bool is_written = puts(line) >= 0 && fflush(stdout) == 0;
    return is_written ? (int)status : CAS_CHECK_UNKNOWN;
}

int cas_cli_check_unknown(void)
{
    return cas_cli_check_print("CASNIFF UNKNOWN - it could not look: standard error tells why",
                               CAS_CHECK_UNKNOWN);
}

int cas_cli_check_state(const struct cas_cli_options *options)
{
    int ended = CAS_CHECK_UNKNOWN;
    struct cas_check *check =
        cas_check_create((uint32_t)options->warn_percent, (uint32_t)options->crit_percent);
    if (check == NULL) {
        cas_cli_say("out of memory");
    }
    if (check != NULL && take_state(options->state_path, check)) {
        const char *line = "";
        enum cas_check_status status = cas_check_end(check, NULL, &line);
        ended = cas_cli_check_print(line, status);
    } else {
        ended = cas_cli_check_unknown();
    }
    cas_check_destroy(check);
    return ended;
}
