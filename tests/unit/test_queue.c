/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Letters that wait for their turn, in memory and in a file: all of them, and in their order.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/queue.h"
#include "support/support.h"

/* Longer than what lies in memory. */
#define LETTERS 500
#define LEN     4000

struct scene {
    struct cas_cli_queue queue;
    int ends[2];
};

static void open_scene(struct scene *scene)
{
    ck_assert(cas_cli_queue_open(&scene->queue));
    ck_assert_int_ge(scene->queue.file, 0);
    ck_assert_int_eq(pipe(scene->ends), 0);
    ck_assert_int_eq(fcntl(scene->ends[0], F_SETFL, O_NONBLOCK), 0);
}

static void close_scene(struct scene *scene)
{
    close(scene->ends[0]);
    close(scene->ends[1]);
    cas_cli_queue_close(&scene->queue);
}

static void fill(struct scene *scene)
{
    while (!scene->queue.is_full && cas_cli_queue_fill(&scene->queue, scene->ends[0]) > 0) {
    }
}

/* A letter whose bytes are all this number. */
static void send(struct scene *scene, unsigned number, size_t len)
{
    struct cas_cli_mail mail;
    uint8_t *bytes = malloc(len);
    ck_assert_ptr_nonnull(bytes);
    memset(bytes, (int)(number % 251), len);
    ck_assert(cas_cli_mail_open(&mail, dup(scene->ends[1])));
    cas_cli_mail_send(&mail, CAS_CLI_LETTER_MESSAGE, (struct cas_view){ bytes, len });
    cas_cli_mail_close(&mail);
    free(bytes);
}

static void expect(struct scene *scene, unsigned number, size_t len)
{
    struct cas_cli_letter letter;
    ck_assert_int_eq(cas_cli_queue_next(&scene->queue, &letter), CAS_CLI_NEXT_LETTER);
    ck_assert_uint_eq(letter.kind, CAS_CLI_LETTER_MESSAGE);
    ck_assert_uint_eq(letter.content.len, len);
    ck_assert_uint_eq(letter.content.data[0], number % 251);
    ck_assert_mem_eq(letter.content.data, &letter.content.data[1], len - 1);
}

static void expect_none(struct scene *scene)
{
    struct cas_cli_letter letter;
    ck_assert_int_eq(cas_cli_queue_next(&scene->queue, &letter), CAS_CLI_NEXT_NONE);
}

START_TEST(what_waits_for_long_comes_out_whole_and_in_order)
{
    struct scene scene;
    open_scene(&scene);
    for (int round = 0; round < 2; round++) {
        for (unsigned i = 0; i < LETTERS; i++) {
            send(&scene, i, LEN + i);
            fill(&scene);
        }
        ck_assert_int_gt(scene.queue.file_to, 0); /* most of it is in the file */
        for (unsigned i = 0; i < LETTERS; i++) {
            expect(&scene, i, LEN + i);
        }
        expect_none(&scene);
        ck_assert_int_eq(lseek(scene.queue.file, 0, SEEK_END), 0); /* which is empty again */
    }
    close_scene(&scene);
}
END_TEST

START_TEST(letters_go_in_and_out_in_turn)
{
    struct scene scene;
    open_scene(&scene);
    unsigned out = 0;
    for (unsigned in = 0; in < LETTERS; in++) {
        send(&scene, in, LEN);
        fill(&scene);
        if (in % 3 != 0) { /* slower than they come */
            expect(&scene, out++, LEN);
        }
    }
    while (out < LETTERS) {
        expect(&scene, out++, LEN);
    }
    expect_none(&scene);
    close_scene(&scene);
}
END_TEST

START_TEST(half_a_letter_is_none_yet)
{
    struct scene scene;
    const uint8_t head[] = { CAS_CLI_LETTER_MESSAGE, 0, 0, 0, 2, 7 };
    open_scene(&scene);
    for (size_t i = 0; i < sizeof(head); i++) {
        ck_assert_int_eq(write(scene.ends[1], &head[i], 1), 1);
        fill(&scene);
        expect_none(&scene);
    }
    ck_assert_int_eq(write(scene.ends[1], &head[5], 1), 1);
    fill(&scene);
    expect(&scene, 7, 2);
    close_scene(&scene);
}
END_TEST

START_TEST(a_letter_longer_than_any_is_bad)
{
    struct scene scene;
    struct cas_cli_letter letter;
    const uint8_t head[] = { CAS_CLI_LETTER_MESSAGE, 0xff, 0xff, 0xff, 0xff };
    open_scene(&scene);
    ck_assert_int_eq(write(scene.ends[1], head, sizeof(head)), (int)sizeof(head));
    fill(&scene);
    ck_assert_int_eq(cas_cli_queue_next(&scene.queue, &letter), CAS_CLI_NEXT_BAD);
    close_scene(&scene);
}
END_TEST

/* Then it takes no more until some has gone, and nothing is lost. */
static void wait_without_room(struct scene *scene)
{
    unsigned in = 0;
    while (!scene->queue.is_full) {
        ck_assert_uint_lt(in, LETTERS);
        send(scene, in++, LEN);
        fill(scene);
    }
    for (unsigned out = 0; out < in; out++) {
        expect(scene, out, LEN);
    }
    expect_none(scene);
    ck_assert(!scene->queue.is_full);
}

START_TEST(without_a_file_it_is_full_when_memory_is)
{
    struct scene scene;
    open_scene(&scene);
    close(scene.queue.file);
    scene.queue.file = -1;
    wait_without_room(&scene);
    wait_without_room(&scene);
    close_scene(&scene);
}
END_TEST

START_TEST(on_a_full_disk_it_is_full_and_has_lost_nothing)
{
    struct scene scene;
    open_scene(&scene);
    for (unsigned i = 0; i < 200; i++) {
        send(&scene, i, LEN);
        fill(&scene);
    }
    ck_assert_int_gt(scene.queue.file_to, 0);
    int full = open("/dev/full", O_WRONLY);
    int disk = dup(scene.queue.file);
    ck_assert_int_ge(full, 0);
    ck_assert_int_ge(dup2(full, scene.queue.file), 0);
    unsigned in = 200;
    while (!scene.queue.is_full) {
        ck_assert_uint_lt(in, LETTERS);
        send(&scene, in++, LEN);
        fill(&scene);
    }
    ck_assert_int_ge(dup2(disk, scene.queue.file), 0);
    for (unsigned out = 0; out < in; out++) {
        expect(&scene, out, LEN);
    }
    expect_none(&scene);
    ck_assert(!scene.queue.is_full);
    close(full);
    close(disk);
    close_scene(&scene);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("queue");
    TCase *tcase = tcase_create("queue");
    tcase_add_test(tcase, what_waits_for_long_comes_out_whole_and_in_order);
    tcase_add_test(tcase, letters_go_in_and_out_in_turn);
    tcase_add_test(tcase, half_a_letter_is_none_yet);
    tcase_add_test(tcase, a_letter_longer_than_any_is_bad);
    tcase_add_test(tcase, without_a_file_it_is_full_when_memory_is);
    tcase_add_test(tcase, on_a_full_disk_it_is_full_and_has_lost_nothing);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
