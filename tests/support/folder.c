/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/folder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/support.h"

#define PATHS      8
#define PATH_BYTES 512

static char folder[64];

void folder_make(void)
{
    strcpy(folder, "/tmp/casniff-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

const char *folder_path(const char *name)
{
    static char paths[PATHS][PATH_BYTES];
    static size_t next;
    char *path = paths[next++ % PATHS];
    snprintf(path, PATH_BYTES, "%s/%s", folder, name);
    return path;
}

void folder_remove(void)
{
    DIR *stream = opendir(folder);
    ck_assert_ptr_nonnull(stream);
    for (struct dirent *entry = readdir(stream); entry != NULL; entry = readdir(stream)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            ck_assert_int_eq(remove(folder_path(entry->d_name)), 0);
        }
    }
    closedir(stream);
    ck_assert_int_eq(rmdir(folder), 0);
}

void folder_write(const char *name, const char *text)
{
    FILE *file = fopen(folder_path(name), "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

void folder_check(const char *name, const char *text)
{
    struct cas_view found = file_copy(folder_path(name));
    ck_assert_msg(cas_view_equal(found, text_view(text)), "%s: \"%.*s\" is not \"%s\"", name,
                  (int)found.len, (const char *)found.data, text);
    exact_free(found);
}

bool folder_has(const char *name)
{
    struct stat status;
    return lstat(folder_path(name), &status) == 0;
}
