/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/support.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cas_view exact_copy(struct cas_view bytes)
{
    uint8_t *data = malloc(bytes.len > 0 ? bytes.len : 1);
    ck_assert_ptr_nonnull(data);
    if (bytes.len > 0) {
        memcpy(data, bytes.data, bytes.len);
        return cas_view_of(data, bytes.len);
    }
    /* One byte is allocated: shrink it to none, so that even the first byte is too far. */
    uint8_t *none = realloc(data, 1);
    ck_assert_ptr_nonnull(none);
    return cas_view_of(none, 0);
}

void exact_free(struct cas_view copy)
{
    free((void *)(uintptr_t)copy.data);
}

static unsigned digit(char c)
{
    ck_assert_msg(isxdigit((unsigned char)c), "not a hex digit: %c", c);
    return (unsigned)(isdigit((unsigned char)c) ? c - '0' : tolower(c) - 'a' + 10);
}

struct cas_view hex_copy(const char *hex)
{
    uint8_t *data = malloc(strlen(hex) / 2 + 1);
    ck_assert_ptr_nonnull(data);
    size_t len = 0;
    for (const char *c = hex; *c != '\0';) {
        if (isspace((unsigned char)*c) || *c == ':') {
            c++;
            continue;
        }
        data[len++] = (uint8_t)(digit(c[0]) << 4 | digit(c[1]));
        c += 2;
    }
    struct cas_view copy = exact_copy(cas_view_of(data, len));
    free(data);
    return copy;
}

struct cas_view text_view(const char *text)
{
    return cas_view_of(text, strlen(text));
}

struct cas_view file_copy(const char *path)
{
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "cannot open %s", path);
    struct cas_buf buf = cas_buf_init(SIZE_MAX / 2, NULL);
    uint8_t block[4096];
    size_t got = 0;
    while ((got = fread(block, 1, sizeof(block), file)) > 0) {
        cas_buf_append(&buf, cas_view_of(block, got));
    }
    ck_assert(!ferror(file));
    fclose(file);
    ck_assert(cas_buf_ok(&buf));
    struct cas_view copy = exact_copy(cas_buf_view(&buf));
    cas_buf_finish(&buf);
    return copy;
}

const char *source_path(const char *relative)
{
    static char path[4096];
    int len = snprintf(path, sizeof(path), "%s/%s", CAS_SOURCE_ROOT, relative);
    ck_assert(len > 0 && (size_t)len < sizeof(path));
    return path;
}

int run_suite(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
