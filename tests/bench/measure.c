/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a command with its output thrown away, and prints its seconds of CPU, its seconds of
 * wall clock, its peak memory in KiB, and its exit status. A program of its own because a
 * process's peak counts what it was before exec(): here that is next to nothing.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double to_s(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static void become(char **command)
{
    int nowhere = open("/dev/null", O_WRONLY);
    if (nowhere >= 0 && dup2(nowhere, STDOUT_FILENO) >= 0) {
        execvp(command[0], command);
    }
    perror(command[0]);
    _exit(127);
}

int main(int argc, char **argv)
{
    int status = 0;
    struct rusage usage;
    double start_s = now_s();
    pid_t child = argc > 1 ? fork() : -1;
    if (child == 0) {
        become(&argv[1]);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child) {
        fputs("usage: measure COMMAND [ARGUMENT]...\n", stderr);
        return EXIT_FAILURE;
    }
    printf("%.6f %.6f %ld %d\n", to_s(usage.ru_utime) + to_s(usage.ru_stime), now_s() - start_s,
           usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    return EXIT_SUCCESS;
}
