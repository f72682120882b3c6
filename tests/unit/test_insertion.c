/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows T02, T17, T26 and T27 of the catalogue. Somebody inserts a segment that the receiver
 * drops and that casniff may take, or the other way round: whatever casniff makes of it, no
 * byte that the server did not say is told as said, without doubt.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/frames.h"
#include "support/listener.h"
#include "support/support.h"

#define ETHERNET_LEN 14
#define SEGMENT      ((size_t)300)

/* Frames of scene_play(): SYN, SYN/ACK, ACK, request, ACK, then answer and ACK in turns. */
#define SECOND_ANSWER 7

/* One inserted segment: in the place of the server's second, but with other bytes. */
struct strategy {
    const char *what;
    uint8_t flags;
    int32_t seq; /* added to the right one */
    int32_t ack;
    enum frame_sum sum;
    const char *options; /* in hex */
    struct {
        size_t at; /* in the IP packet; 0: nothing is patched */
        uint16_t value;
    } patch;
    bool is_clean; /* no receiver takes it: nothing may come of it */
};

#define PA (PSH | ACK)

static const struct strategy strategies[] = {
    /* A receiver that gets it takes it: it only does not get that far. */
    { .what = "time to live of 1", .flags = PA, .patch = { 8, 0x0106 } },
    { .what = "time to live of 0", .flags = PA, .patch = { 8, 0x0006 } },
    /* Checksums and lengths. */
    { .what = "bad sum", .flags = PA, .sum = FRAME_SUM_BAD, .is_clean = true },
    { .what = "bad sum and FIN", .flags = PA | FIN, .sum = FRAME_SUM_BAD, .is_clean = true },
    { .what = "bad sum and RST", .flags = RST, .sum = FRAME_SUM_BAD, .is_clean = true },
    { .what = "bad sum and SYN", .flags = SYN, .sum = FRAME_SUM_BAD, .is_clean = true },
    { .what = "sum left to the card", .flags = PA, .sum = FRAME_SUM_PARTIAL },
    { .what = "bad IP sum", .flags = PA, .patch = { 10, 0xdead } },
    { .what = "longer than the frame", .flags = PA, .patch = { 2, 0x1000 }, .is_clean = true },
    { .what = "shorter than it is", .flags = PA, .patch = { 2, 200 }, .is_clean = true },
    { .what = "shorter than its header", .flags = PA, .patch = { 2, 19 }, .is_clean = true },
    { .what = "IP version 5", .flags = PA, .patch = { 0, 0x5500 }, .is_clean = true },
    { .what = "IP header of 4 words", .flags = PA, .patch = { 0, 0x4400 }, .is_clean = true },
    /* What it takes for TCP is the data: another connection, if any. */
    { .what = "IP header of 15 words", .flags = PA, .patch = { 0, 0x4f00 } },
    { .what = "reserved bit of IP", .flags = PA, .patch = { 6, 0x8000 } },
    { .what = "first fragment of nothing",
      .flags = PA,
      .patch = { 6, 0x2000 },
      .is_clean = true },
    { .what = "last fragment of nothing",
      .flags = PA,
      .patch = { 6, 0x0010 },
      .is_clean = true },
    { .what = "another protocol", .flags = PA, .patch = { 8, 0x4011 }, .is_clean = true },
    /* TCP headers that contradict themselves. */
    { .what = "data offset 4", .flags = PA, .patch = { 32, 0x4018 }, .is_clean = true },
    { .what = "data offset 0", .flags = PA, .patch = { 32, 0x0018 }, .is_clean = true },
    { .what = "data offset 15", .flags = PA, .patch = { 32, 0xf018 }, .is_clean = true },
    { .what = "reserved bits of TCP", .flags = PA, .patch = { 32, 0x5f18 }, .is_clean = true },
    /* Flags. */
    { .what = "no flags", .flags = 0, .is_clean = true },
    { .what = "no ACK", .flags = PSH, .is_clean = true },
    { .what = "FIN without ACK", .flags = FIN, .is_clean = true },
    { .what = "FIN and data", .flags = PA | FIN },
    { .what = "SYN and data", .flags = SYN },
    { .what = "SYN, ACK and data", .flags = SYN | ACK },
    { .what = "SYN and FIN", .flags = SYN | FIN, .is_clean = true },
    { .what = "SYN and RST", .flags = SYN | RST, .is_clean = true },
    { .what = "all flags", .flags = 0x3f, .is_clean = true },
    { .what = "Christmas", .flags = FIN | PSH | URG, .is_clean = true },
    { .what = "RST and data", .flags = RST, .is_clean = true },
    { .what = "RST, ACK and data", .flags = RST | ACK, .is_clean = true },
    { .what = "RST one byte early", .flags = RST, .seq = -1, .is_clean = true },
    { .what = "RST in the window", .flags = RST, .seq = 1, .is_clean = true },
    { .what = "urgent", .flags = PA | URG },
    /* Numbers. */
    { .what = "acknowledges too much", .flags = PA, .ack = 1000000 },
    { .what = "acknowledges what is long past", .flags = PA, .ack = -1000000 },
    { .what = "acknowledges one byte too much", .flags = PA, .ack = 1 },
    { .what = "one byte before", .flags = PA, .seq = -1 },
    { .what = "one byte behind", .flags = PA, .seq = 1 },
    { .what = "half before", .flags = PA, .seq = -150 },
    { .what = "half behind", .flags = PA, .seq = 150 },
    { .what = "wholly before", .flags = PA, .seq = -300 },
    /* It acknowledges the right bytes: nobody but this connection's own can know them. */
    { .what = "far before", .flags = PA, .seq = -2000000 },
    { .what = "far behind", .flags = PA, .seq = 2000000 },
    { .what = "half the numbers away", .flags = PA, .seq = INT32_MIN },
    { .what = "far behind and FIN", .flags = PA | FIN, .seq = 2000000 },
    /* Options for which a receiver drops it. */
    { .what = "MD5 signature",
      .flags = PA,
      .options = "13120102030405060708090a0b0c0d0e0f10 0101" },
    { .what = "authentication", .flags = PA, .options = "1d100101000102030405060708090a0b" },
    { .what = "old timestamp", .flags = PA, .options = "0101 080a 00000001 00000000" },
    { .what = "option of length 0", .flags = PA, .options = "0800 0101" },
    { .what = "option of length 1", .flags = PA, .options = "0801 0101" },
    { .what = "option over the end", .flags = PA, .options = "0801 08ff" },
    { .what = "window of 0", .flags = PA, .patch = { 34, 0 } },
};

#define STRATEGIES ((int)(sizeof(strategies) / sizeof(strategies[0])))

/* Is an offset within one of the ranges "offset+len reason; "? */
static bool is_told(const struct cas_buf *ranges, uint64_t at)
{
    char text[4096];
    snprintf(text, sizeof(text), "%.*s", (int)ranges->len,
             ranges->len > 0 ? (const char *)ranges->data : "");
    for (char *next = text; *next != '\0';) {
        char *end = NULL;
        uint64_t begin = strtoull(next, &end, 10);
        uint64_t len = strtoull(end + 1, &end, 10);
        if (at >= begin && at - begin < len) {
            return true;
        }
        next = strchr(end, ';');
        next = next != NULL ? next + 2 : end + strlen(end);
    }
    return false;
}

static void assert_never_wrong(const struct heard *heard, unsigned end, struct cas_view said,
                               const char *what)
{
    for (size_t i = 0; i < said.len && i < heard->bytes[end].len; i++) {
        bool is_right = heard->bytes[end].data[i] == said.data[i];
        ck_assert_msg(is_right || is_told(&heard->holes[end], i) ||
                          is_told(&heard->doubts[end], i),
                      "%s: byte %zu", what, i);
    }
}

/* The forged segment, last of the frames, moves to a place. */
static void move_last(struct frames *frames, size_t place)
{
    struct cas_frame last = frames->frame[frames->len - 1];
    memmove(&frames->frame[place + 1], &frames->frame[place],
            (frames->len - 1 - place) * sizeof(last));
    frames->frame[place] = last;
    frames_renumber(frames);
}

static void insert(struct scene *scene, const struct strategy *strategy, size_t place)
{
    uint8_t lies[SEGMENT];
    for (size_t i = 0; i < SEGMENT; i++) {
        lies[i] = scene->said[1].data[SEGMENT + i] ^ 0x55;
    }
    struct cas_view options = hex_copy(strategy->options != NULL ? strategy->options : "");
    struct frame_spec spec = {
        .from = scene->talk.end[1],
        .to = scene->talk.end[0],
        .seq = 9001 + (uint32_t)SEGMENT + (uint32_t)strategy->seq,
        .ack = 1001 + (uint32_t)scene->said[0].len + (uint32_t)strategy->ack,
        .flags = strategy->flags,
        .payload = cas_view_of(lies, sizeof(lies)),
        .tcp_options = options,
        .urgent = (strategy->flags & URG) != 0 ? 10 : 0,
        .sum = strategy->sum,
    };
    frames_add_tcp(&scene->frames, &spec);
    if (strategy->patch.at != 0 || strategy->patch.value != 0) {
        struct cas_view bytes = scene->frames.frame[scene->frames.len - 1].bytes;
        uint8_t *at = (uint8_t *)(uintptr_t)bytes.data + ETHERNET_LEN + strategy->patch.at;
        at[0] = (uint8_t)(strategy->patch.value >> 8);
        at[1] = (uint8_t)strategy->patch.value;
    }
    exact_free(options);
    move_last(&scene->frames, place);
}

/* T26: before the real segment, right behind it, and two segments later. */
START_TEST(an_inserted_segment_is_never_believed_without_doubt)
{
    static const size_t places[] = { 4, SECOND_ANSWER, SECOND_ANSWER + 1, SECOND_ANSWER + 4 };
    const struct strategy *strategy = &strategies[_i];
    struct dice dice = dice_init("insertion");
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        struct scene scene = scene_init(&dice, 100, 4 * SEGMENT);
        scene_play(&scene, SEGMENT);
        insert(&scene, strategy, places[i]);
        struct listener *listener = hear_all(
            &scene.frames, (struct listener_options){ .checksums = CAS_FLOWS_CHECK_AUTO });
        ck_assert_msg(listener->flows_len >= 1, "%s", strategy->what);
        assert_never_wrong(&listener->flow[0], 1, scene.said[1], strategy->what);
        assert_never_wrong(&listener->flow[0], 0, scene.said[0], strategy->what);
        if (strategy->is_clean) {
            assert_whole(listener, &scene);
        }
        listener_destroy(listener);
        scene_free(&scene);
    }
}
END_TEST

/* T17: what stands in the options of an honest segment changes nothing, and ends. */
START_TEST(options_change_nothing)
{
    static const char *options[] = {
        "",
        "01010101",
        "0101010101010101010101010101010101010101010101010101010101010101 0101010101010101",
        "13120102030405060708090a0b0c0d0e0f10 0101",
        "1d100101000102030405060708090a0b",
        "0101 080a 00000001 00000000",
        "0800 0800 0800 0800",
        "0801 0801",
        "08ff 0000",
        "feff ffff ffff ffff",
    };
    struct dice dice = dice_init("options");
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        struct scene scene = scene_init(&dice, 100, 1000);
        struct cas_view bytes = hex_copy(options[i]);
        scene.talk = talk_init(&scene.frames);
        scene.talk.spec.tcp_options = bytes;
        talk_handshake(&scene.talk);
        talk_send(&scene.talk, 0, scene.said[0], SEGMENT);
        talk_send(&scene.talk, 1, scene.said[1], SEGMENT);
        talk_close(&scene.talk);
        struct listener *listener = hear(&scene.frames);
        assert_whole(listener, &scene);
        listener_destroy(listener);
        exact_free(bytes);
        scene_free(&scene);
    }
}
END_TEST

/* T02 */
START_TEST(every_segment_size_up_to_an_ethernet_s_tells_the_same)
{
    struct dice dice = dice_init("every size");
    struct scene scene = scene_init(&dice, 300, 1600);
    for (size_t size = 1; size <= 1460; size++) {
        scene_play(&scene, size);
        struct listener *listener = hear(&scene.frames);
        assert_whole(listener, &scene);
        listener_destroy(listener);
        frames_free(&scene.frames);
    }
    scene_free(&scene);
}
END_TEST

/* T27: the client's acknowledgments were never captured, or never sent. */
START_TEST(what_is_never_acknowledged_is_told_whole)
{
    struct dice dice = dice_init("no acknowledgment");
    struct scene scene = scene_init(&dice, 100, 5000);
    scene.talk = talk_init(&scene.frames);
    talk_handshake(&scene.talk);
    talk_send(&scene.talk, 0, scene.said[0], SEGMENT);
    for (size_t at = 0; at < scene.said[1].len; at += SEGMENT) {
        talk_say(&scene.talk, 1, PSH | ACK, cas_view_part(scene.said[1], at, SEGMENT));
    }
    struct listener *listener = hear(&scene.frames);
    assert_heard(&listener->flow[0], 0, scene.said[0]);
    assert_heard(&listener->flow[0], 1, scene.said[1]);
    listener_destroy(listener);
    scene_free(&scene);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("insertion");
    TCase *tcase = tcase_create("insertion");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, an_inserted_segment_is_never_believed_without_doubt, 0,
                        STRATEGIES);
    tcase_add_test(tcase, options_change_nothing);
    tcase_add_test(tcase, every_segment_size_up_to_an_ethernet_s_tells_the_same);
    tcase_add_test(tcase, what_is_never_acknowledged_is_told_whole);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
