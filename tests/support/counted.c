/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Of a build that counts which lines are run (-Db_coverage=true): a process that ends without
 * exit(), or becomes another program, writes its counters before. Linked with --wrap, so that
 * the program knows nothing of it.
 */
#include <stdarg.h>
#include <stdint.h>
#include <unistd.h>

#define WORDS_MAX 8

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl*): the names are those of libgcov and ld.
 */
void __gcov_dump(void);
void __real__exit(int status) __attribute__((noreturn));
void __wrap__exit(int status) __attribute__((noreturn));
int __wrap_execl(const char *path, const char *word, ...);

void __wrap__exit(int status)
{
    __gcov_dump();
    __real__exit(status);
}

int __wrap_execl(const char *path, const char *word, ...)
{
    char *words[WORDS_MAX] = { 0 };
    va_list more;
    va_start(more, word);
    for (size_t i = 0; word != NULL && i + 1 < WORDS_MAX; i++) {
        words[i] = (char *)(uintptr_t)word; /* execv() does not change them */
        word = va_arg(more, const char *);
    }
    va_end(more);
    __gcov_dump();
    return execv(path, words);
}
/* NOLINTEND */
