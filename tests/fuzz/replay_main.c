/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a fuzz target over every file of the folders and files named on the command line. Fails
 * when there was none, so that a lost corpus does not pass.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long replayed;

static void replay_file(const char *path, size_t size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(size > 0 ? size : 1);
    if (file == NULL || data == NULL || fread(data, 1, size, file) != size) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(EXIT_FAILURE);
    }
    fclose(file);
    (void)LLVMFuzzerTestOneInput(data, size);
    free(data);
    replayed++;
}

static void replay_path(const char *path);

static void replay_folder(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL) {
        fprintf(stderr, "cannot open %s\n", path);
        exit(EXIT_FAILURE);
    }
    struct dirent *entry = NULL;
    while ((entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] != '.') {
            char inner[4096];
            snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
            replay_path(inner);
        }
    }
    closedir(folder);
}

static void replay_path(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        fprintf(stderr, "cannot find %s\n", path);
        exit(EXIT_FAILURE);
    }
    if (S_ISDIR(st.st_mode)) {
        replay_folder(path);
    } else {
        replay_file(path, (size_t)st.st_size);
    }
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        replay_path(argv[i]);
    }
    printf("replayed %lu\n", replayed);
    return replayed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
