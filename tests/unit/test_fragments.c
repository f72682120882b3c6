/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP in IP fragments: rows I01 to I06 of the catalogue, through cas_flows. */
#include <stdlib.h>
#include <string.h>

#include "net/fragments.h"
#include "support/fragments.h"
#include "support/listener.h"
#include "support/support.h"

/* Frames of scene_play() with one segment a side: SYN, SYN/ACK, ACK, request, ACK, answer, ...
 */
enum {
    REQUEST = 3,
    ANSWER = 5
};

/* 192.0.2.1 or 2001:db8::1 asks, the other answers, in one segment each. */
static struct scene scene_of(struct dice *dice, uint8_t family, size_t answer_len)
{
    struct scene scene = scene_init(dice, 300, answer_len);
    scene.talk = talk_init(&scene.frames);
    if (family == 6) {
        scene.talk.end[0] = endpoint("2001:db8::1", 50000);
        scene.talk.end[1] = endpoint("2001:db8::2", 443);
    }
    talk_handshake(&scene.talk);
    talk_send(&scene.talk, 0, scene.said[0], 65000);
    talk_send(&scene.talk, 1, scene.said[1], 65000);
    talk_close(&scene.talk);
    return scene;
}

/* Two segments of 1,000 bytes answer. */
static struct scene scene_of_two(struct dice *dice)
{
    struct scene scene = scene_init(dice, 300, 2000);
    scene_play(&scene, 1000);
    return scene;
}

/* A copy of the frame, for it is about to be replaced. */
static struct cas_view whole(const struct scene *scene, size_t i)
{
    return exact_copy(scene->frames.frame[i].bytes);
}

/* Takes the frame out, and puts it in as these fragments. */
static void replace(struct scene *scene, size_t i, const struct fragment_spec *spec, size_t len)
{
    struct cas_view frame = whole(scene, i);
    struct frames *frames = &scene->frames;
    frames_drop(frames, i);
    for (size_t k = 0; k < len; k++) {
        frames_add_fragment(frames, frame, &spec[k]);
        struct cas_frame added = frames->frame[frames->len - 1];
        memmove(&frames->frame[i + k + 1], &frames->frame[i + k],
                (frames->len - 1 - i - k) * sizeof(added));
        frames->frame[i + k] = added;
    }
    frames_renumber(frames);
    exact_free(frame);
}

/* I01 */
START_TEST(fragments_in_order_are_the_packet)
{
    static const size_t sizes[] = { 8, 16, 24, 256, 1480, 4096, 32768 };
    struct dice dice = dice_init("sizes");
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (uint8_t family = 4; family <= 6; family += 2) {
            struct scene scene = scene_of(&dice, family, 60000);
            size_t made = frames_fragment(&scene.frames, ANSWER, 77, sizes[i]);
            ck_assert_uint_eq(made, (60020 + sizes[i] - 1) / sizes[i]);
            struct listener *listener = hear(&scene.frames);
            assert_whole(listener, &scene);
            ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_JOINED), 1);
            ck_assert_uint_eq(count(listener, CAS_COUNT_IP_FRAGMENT), made - 1);
            listener_destroy(listener);
            scene_free(&scene);
        }
    }
}
END_TEST

/* I01: all packets of the conversation in fragments, those of all of them in any order. */
START_TEST(fragments_in_any_order_are_the_packets)
{
    struct dice dice = dice_init("any order");
    for (unsigned round = 0; round < 500; round++) {
        struct scene scene =
            scene_of(&dice, round % 2 == 0 ? 4 : 6, 1 + dice_roll(&dice, 5000));
        size_t size = (size_t)8 * (1 + dice_roll(&dice, 100));
        for (size_t i = scene.frames.len; i-- > 0;) {
            frames_fragment(&scene.frames, i, 1000 + (uint32_t)i, size);
        }
        for (unsigned i = dice_roll(&dice, 4); i > 0; i--) {
            frames_repeat(&scene.frames, dice_roll(&dice, (uint32_t)scene.frames.len));
        }
        dice_shuffle(&dice, &scene.frames);
        frames_renumber(&scene.frames);
        struct listener *listener = hear(&scene.frames);
        assert_whole(listener, &scene);
        listener_destroy(listener);
        scene_free(&scene);
    }
}
END_TEST

/* I01: each of the fragments is missing, once. */
START_TEST(a_missing_fragment_is_a_hole_of_its_packet)
{
    struct dice dice = dice_init("missing");
    for (size_t lost = 0; lost < 3; lost++) {
        struct scene scene = scene_of_two(&dice);
        ck_assert_uint_eq(frames_fragment(&scene.frames, ANSWER, 77, 400), 3);
        frames_drop(&scene.frames, ANSWER + lost);
        struct listener *listener = hear(&scene.frames);
        /* Without the first fragment nobody knows whose packet it was. */
        assert_text(&listener->flow[0].holes[1], lost == 0   ? "0+1000 gap; "
                                                 : lost == 1 ? "0+1000 fragment; "
                                                             : "0+780 fragment; 780+220 gap; ");
        ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_UNFINISHED), 1);
        ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_JOINED), 0);
        listener_destroy(listener);
        scene_free(&scene);
    }
}
END_TEST

/* What of the answer's packet comes twice; at and len without the TCP header of 20 bytes. */
static const struct {
    const char *what;
    struct fragment_spec spec[4];
    size_t len;
    enum cas_counter why;
    const char *holes;
} contradictions[] = {
    { "the first again, a byte longer than its neighbour allows",
      { { 9, 0, 400, false }, { 9, 392, 400, false }, { 9, 792, 228, true } },
      3,
      CAS_COUNT_FRAGMENTS_OVERLAPPING,
      "0+1000 fragment; " },
    { "the same bytes in another cut",
      { { 9, 0, 400, false }, { 9, 0, 200, false }, { 9, 400, 620, true } },
      3,
      CAS_COUNT_FRAGMENTS_OVERLAPPING,
      "0+1000 fragment; " },
    { "all again as one",
      { { 9, 0, 400, false },
        { 9, 400, 400, false },
        { 9, 0, 800, false },
        { 9, 800, 220, true } },
      4,
      CAS_COUNT_FRAGMENTS_OVERLAPPING,
      "0+1000 fragment; " },
    { "teardrop",
      { { 9, 0, 800, false }, { 9, 400, 8, true }, { 9, 800, 220, true } },
      3,
      CAS_COUNT_FRAGMENTS_MALFORMED,
      "0+1000 fragment; " },
    { "more to come, and not of eight bytes",
      { { 9, 0, 400, false }, { 9, 400, 396, false }, { 9, 800, 220, true } },
      3,
      CAS_COUNT_FRAGMENTS_MALFORMED,
      "0+1000 fragment; " },
    { "the first is not of eight bytes: it is no segment, and names none",
      { { 9, 0, 396, false }, { 9, 400, 620, true } },
      2,
      CAS_COUNT_FRAGMENTS_MALFORMED,
      "0+1000 gap; " },
    { "nothing in it",
      { { 9, 0, 400, false }, { 9, 400, 0, false }, { 9, 400, 620, true } },
      3,
      CAS_COUNT_FRAGMENTS_MALFORMED,
      "0+1000 fragment; " },
};

#define CONTRADICTIONS ((int)(sizeof(contradictions) / sizeof(contradictions[0])))

/* I02, I03: and all that comes later of that packet is of no use (RFC 5722). */
START_TEST(a_contradiction_discards_the_packet)
{
    struct dice dice = dice_init("contradiction");
    for (uint8_t family = 4; family <= 6; family += 2) {
        struct scene scene = scene_of(&dice, family, 1000);
        replace(&scene, ANSWER, contradictions[_i].spec, contradictions[_i].len);
        struct listener *listener = hear(&scene.frames);
        ck_assert_msg(count(listener, contradictions[_i].why) == 1, "%s",
                      contradictions[_i].what);
        ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_JOINED), 0);
        ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_UNFINISHED), 0);
        assert_text(&listener->flow[0].holes[1], contradictions[_i].holes);
        listener_destroy(listener);
        scene_free(&scene);
    }
}
END_TEST

/* I02: a packet that was discarded is sent again, as TCP does, with another identification. */
START_TEST(what_was_discarded_may_be_sent_again)
{
    struct dice dice = dice_init("again");
    struct scene scene = scene_of_two(&dice);
    struct cas_view answer = whole(&scene, ANSWER);
    static const struct fragment_spec overlapping[] = { { 9, 0, 400, false },
                                                        { 9, 392, 628, true } };
    replace(&scene, ANSWER, overlapping, 2);
    frames_add_fragment(&scene.frames, answer, &(struct fragment_spec){ 10, 0, 400, false });
    frames_add_fragment(&scene.frames, answer, &(struct fragment_spec){ 10, 400, 620, true });
    struct listener *listener = hear(&scene.frames);
    assert_whole(listener, &scene);
    ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_OVERLAPPING), 1);
    ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_JOINED), 1);
    listener_destroy(listener);
    exact_free(answer);
    scene_free(&scene);
}
END_TEST

/* Sturges and Novak's order of fragments: places and lengths in units of 8 bytes. */
static const struct {
    size_t at;
    size_t len;
} novak[] = { { 1, 3 }, { 5, 2 }, { 7, 3 },  { 11, 1 }, { 14, 2 }, { 16, 3 },
              { 2, 4 }, { 7, 3 }, { 10, 3 }, { 13, 3 }, { 20, 1 }, { 0, 1 } };

/* I02 */
START_TEST(overlaps_of_every_kind_store_nothing)
{
    struct dice dice = dice_init("novak");
    for (uint8_t family = 4; family <= 6; family += 2) {
        struct scene scene = scene_of(&dice, family, 1000);
        struct cas_view answer = whole(&scene, ANSWER);
        frames_drop(&scene.frames, ANSWER);
        for (size_t i = 0; i < sizeof(novak) / sizeof(novak[0]); i++) {
            struct fragment_spec spec = { 9, novak[i].at * 8, novak[i].len * 8, false };
            frames_add_fragment(&scene.frames, answer, &spec);
        }
        frames_add_fragment(&scene.frames, answer,
                            &(struct fragment_spec){ 9, 168, 852, true });
        struct listener *listener = hear(&scene.frames);
        ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_OVERLAPPING), 1);
        ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_JOINED), 0);
        ck_assert_uint_gt(listener->flow[0].holes[1].len, 0);
        listener_destroy(listener);
        exact_free(answer);
        scene_free(&scene);
    }
}
END_TEST

/* I01: the same fragments from both ports of a switch, or late. */
START_TEST(copies_are_no_overlap)
{
    struct dice dice = dice_init("copies");
    struct scene scene = scene_of_two(&dice);
    frames_fragment(&scene.frames, ANSWER, 77, 400);
    size_t len = scene.frames.len;
    struct frames doubled = { 0 };
    for (size_t i = 0; i < len; i++) {
        frames_add(&doubled, 1, scene.frames.frame[i].bytes);
        frames_add(&doubled, 1, scene.frames.frame[i].bytes);
    }
    struct listener *listener = hear(&doubled);
    assert_whole(listener, &scene);
    ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_COPIES), 3);
    ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_JOINED), 1);
    ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_UNFINISHED), 0);
    listener_destroy(listener);
    frames_free(&doubled);
    scene_free(&scene);
}
END_TEST

/* The answer's frame with two words of its payload changed for each other: the checksum of the
 * segment stays right. */
static struct cas_view forged_of(struct cas_view frame, size_t at)
{
    struct cas_view copy = exact_copy(frame);
    uint8_t *bytes = (uint8_t *)(uintptr_t)copy.data + (frame.len - 1000);
    uint8_t word[2];
    memcpy(word, bytes + at, sizeof(word));
    memcpy(bytes + at, bytes + at + 2, sizeof(word));
    memcpy(bytes + at + 2, word, sizeof(word));
    ck_assert_int_ne(memcmp(copy.data, frame.data, frame.len), 0);
    return copy;
}

/* Fragments of the true packet that come when another one was put together; at and len without
 * the TCP header of 20 bytes. What differs lies at 480 of the packet. */
static const struct {
    struct fragment_spec spec[4];
    size_t len;
    unsigned copies;
} true_ones[] = {
    { { { 9, 0, 400, false }, { 9, 400, 400, false }, { 9, 800, 220, true } }, 3, 1 },
    { { { 9, 800, 220, true }, { 9, 400, 400, false }, { 9, 0, 400, false } }, 3, 1 },
    { { { 9, 0, 504, false }, { 9, 504, 516, true } }, 2, 0 },
    { { { 9, 0, 480, false }, { 9, 488, 532, true }, { 9, 480, 8, false } }, 3, 2 },
    { { { 9, 0, 1016, false }, { 9, 1016, 4, true } }, 2, 0 },
    { { { 9, 0, 400, false }, { 9, 1016, 4, false } }, 2, 1 },
};

#define TRUE_ONES ((int)(sizeof(true_ones) / sizeof(true_ones[0])))

/* I02: a forgery that was put together before the true fragments came is never believed. */
START_TEST(a_joined_packet_is_disputed_by_other_fragments)
{
    static const struct fragment_spec forged_spec[] = { { 9, 0, 400, false },
                                                        { 9, 400, 400, false },
                                                        { 9, 800, 220, true } };
    struct dice dice = dice_init("dispute");
    for (uint8_t family = 4; family <= 6; family += 2) {
        struct scene scene = scene_of(&dice, family, 1000);
        struct cas_view answer = whole(&scene, ANSWER);
        struct cas_view forged = forged_of(answer, 460);
        size_t len = true_ones[_i].len;
        replace(&scene, ANSWER, true_ones[_i].spec, len);
        struct frames frames = { 0 };
        for (size_t i = 0; i < scene.frames.len; i++) {
            for (size_t k = 0; i == ANSWER && k < 3; k++) {
                frames_add_fragment(&frames, forged, &forged_spec[k]);
            }
            frames_add(&frames, 1, scene.frames.frame[i].bytes);
        }
        struct listener *listener = hear(&frames);
        ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_JOINED), 1);
        ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_OVERLAPPING), 1);
        ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_COPIES), true_ones[_i].copies);
        ck_assert_uint_eq(count(listener, CAS_COUNT_OVERLAPS_DIFFERENT), 1);
        assert_text(&listener->flow[0].holes[1], "");
        assert_text(&listener->flow[0].doubts[1], "0+1000 overlap; ");
        listener_destroy(listener);
        frames_free(&frames);
        exact_free(forged);
        exact_free(answer);
        scene_free(&scene);
    }
}
END_TEST

/* I04: between the two true fragments comes a flood of others. */
START_TEST(a_flood_does_not_hide_a_dispute)
{
    struct dice dice = dice_init("hidden dispute");
    struct scene scene = scene_of(&dice, 4, 1000);
    struct cas_view answer = whole(&scene, ANSWER);
    struct cas_view forged = forged_of(answer, 460);
    struct frames frames = { 0 };
    for (size_t i = 0; i < scene.frames.len; i++) {
        if (i != ANSWER) {
            frames_add(&frames, 1, scene.frames.frame[i].bytes);
            continue;
        }
        for (uint32_t id = 1000; id < 1000 + CAS_FRAGMENTS_PACKETS; id++) {
            frames_add_fragment(&frames, answer, &(struct fragment_spec){ id, 8, 8, false });
        }
        frames_add_fragment(&frames, forged, &(struct fragment_spec){ 9, 0, 400, false });
        frames_add_fragment(&frames, forged, &(struct fragment_spec){ 9, 400, 620, true });
        frames_add_fragment(&frames, answer, &(struct fragment_spec){ 9, 0, 400, false });
        for (uint32_t id = 3000; id < 3000 + CAS_FRAGMENTS_PACKETS; id++) {
            frames_add_fragment(&frames, answer, &(struct fragment_spec){ id, 8, 8, false });
        }
        frames_add_fragment(&frames, answer, &(struct fragment_spec){ 9, 400, 620, true });
    }
    for (size_t i = 0; i < frames.len; i++) {
        frames.frame[i].timestamp_us = frames.frame[0].timestamp_us + i;
    }
    struct listener *listener = hear(&frames);
    ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_JOINED), 1);
    ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_OVERLAPPING), 1);
    assert_text(&listener->flow[0].doubts[1], "0+1000 overlap; ");
    listener_destroy(listener);
    frames_free(&frames);
    exact_free(forged);
    exact_free(answer);
    scene_free(&scene);
}
END_TEST

/* The packet comes twice, on its way to a smaller MTU and behind it. */
START_TEST(the_same_bytes_in_other_fragments_dispute_nothing)
{
    struct dice dice = dice_init("two cuts");
    struct scene scene = scene_of_two(&dice);
    struct cas_view answer = whole(&scene, ANSWER);
    static const struct fragment_spec both[] = {
        { 9, 0, 400, false },   { 9, 400, 400, false }, { 9, 800, 220, true },
        { 9, 0, 200, false },   { 9, 200, 200, false }, { 9, 400, 200, false },
        { 9, 600, 200, false }, { 9, 800, 200, false }, { 9, 1000, 20, true },
    };
    replace(&scene, ANSWER, both, 9);
    struct listener *listener = hear(&scene.frames);
    assert_whole(listener, &scene);
    ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_JOINED), 1);
    ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_COPIES), 6);
    ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_OVERLAPPING), 0);
    listener_destroy(listener);
    exact_free(answer);
    scene_free(&scene);
}
END_TEST

/* A packet of the same identification comes 200 ms later: the number was used again. */
START_TEST(an_identification_may_be_used_again)
{
    struct dice dice = dice_init("identification");
    struct scene scene = scene_of_two(&dice);
    frames_fragment(&scene.frames, ANSWER + 2, 77, 400);
    frames_fragment(&scene.frames, ANSWER, 77, 400);
    for (size_t i = ANSWER + 3; i < scene.frames.len; i++) {
        scene.frames.frame[i].timestamp_us += 200000;
    }
    struct listener *listener = hear(&scene.frames);
    assert_whole(listener, &scene);
    ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_JOINED), 2);
    listener_destroy(listener);
    scene_free(&scene);
}
END_TEST

/* Fragments of two packets with one identification fit, but the sum tells: nothing of it. */
START_TEST(fragments_of_two_packets_are_not_believed)
{
    struct dice dice = dice_init("two packets");
    struct scene scene = scene_of_two(&dice);
    struct cas_view first = whole(&scene, ANSWER);
    struct cas_view second = whole(&scene, ANSWER + 2);
    frames_drop(&scene.frames, ANSWER + 2);
    frames_drop(&scene.frames, ANSWER);
    frames_add_fragment(&scene.frames, first, &(struct fragment_spec){ 9, 0, 400, false });
    frames_add_fragment(&scene.frames, second, &(struct fragment_spec){ 9, 400, 620, true });
    struct listener *listener =
        hear_all(&scene.frames, (struct listener_options){ .checksums = CAS_FLOWS_CHECK_AUTO });
    ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_JOINED), 1);
    ck_assert_uint_eq(count(listener, CAS_COUNT_TCP_CHECKSUM_BAD), 1);
    assert_text(&listener->flow[0].holes[1], "0+2000 gap; ");
    listener_destroy(listener);
    exact_free(first);
    exact_free(second);
    scene_free(&scene);
}
END_TEST

/* I05 */
START_TEST(other_tags_make_other_packets)
{
    struct dice dice = dice_init("tags");
    struct frames frames = { 0 };
    struct cas_view said = dice_bytes(&dice, 1000);
    struct talk talk[2];
    for (size_t i = 0; i < 2; i++) {
        talk[i] = talk_init(&frames);
        talk[i].spec.vlan[0] = (uint16_t)(100 + i);
        talk[i].spec.vlan_len = 1;
        talk_handshake(&talk[i]);
    }
    size_t from[2];
    for (size_t i = 0; i < 2; i++) {
        from[i] = frames.len;
        talk_say(&talk[i], 0, PSH | ACK, said);
    }
    /* Both have the same identification; their fragments come in turns. */
    frames_fragment(&frames, from[1], 5, 512);
    frames_fragment(&frames, from[0], 5, 512);
    struct cas_frame last = frames.frame[from[0] + 1];
    frames.frame[from[0] + 1] = frames.frame[from[0] + 2];
    frames.frame[from[0] + 2] = last;
    struct listener *listener = hear(&frames);
    ck_assert_uint_eq(listener->flows_len, 2);
    assert_heard(&listener->flow[0], 0, said);
    assert_heard(&listener->flow[1], 0, said);
    listener_destroy(listener);
    exact_free(said);
    frames_free(&frames);
}
END_TEST

/* I05: UDP (17) with the identification of a TCP packet, CVE-2024-37151. */
START_TEST(another_protocol_is_another_packet)
{
    struct dice dice = dice_init("protocol");
    struct scene scene = scene_of_two(&dice);
    frames_fragment(&scene.frames, ANSWER, 77, 512);
    struct cas_view other = exact_copy(scene.frames.frame[ANSWER].bytes);
    ((uint8_t *)(uintptr_t)other.data)[14 + 9] = 17;
    memset((uint8_t *)(uintptr_t)other.data + 34, 0xee, 512);
    frames_add(&scene.frames, 1, other);
    struct cas_frame udp = scene.frames.frame[scene.frames.len - 1];
    memmove(&scene.frames.frame[ANSWER + 1], &scene.frames.frame[ANSWER],
            (scene.frames.len - 1 - ANSWER) * sizeof(udp));
    scene.frames.frame[ANSWER] = udp;
    frames_renumber(&scene.frames);
    struct listener *listener = hear(&scene.frames);
    assert_whole(listener, &scene);
    ck_assert_uint_eq(count(listener, CAS_COUNT_NOT_TCP), 1);
    ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_JOINED), 1);
    exact_free(other);
    listener_destroy(listener);
    scene_free(&scene);
}
END_TEST

/* I04: 100,000 packets begin. The one that ends within a thousand others is put together. */
START_TEST(a_flood_stays_within_its_share)
{
    struct dice dice = dice_init("flood");
    struct scene scene = scene_of(&dice, 4, 1400);
    struct cas_view answer = whole(&scene, ANSWER);
    struct listener_options options = { .checksums = CAS_FLOWS_CHECK_ALWAYS };
    struct listener *listener = listener_create(&options);
    size_t before = listener->budget.used;
    size_t most = 0;
    struct frames some = { 0 };
    for (uint32_t id = 0; id < 100000; id++) {
        frames_add_fragment(&some, answer, &(struct fragment_spec){ id, 0, 1400, false });
        /* 65,536 identifications, and as many sources */
        uint8_t *ip = (uint8_t *)(uintptr_t)&some.frame[0].bytes.data[14];
        ip[12] = 10;
        ip[13] = (uint8_t)(id >> 16);
        some.frame[0].timestamp_us += id;
        listener_hear(listener, &some);
        frames_free(&some);
        most = listener->budget.used - before > most ? listener->budget.used - before : most;
        if (id == 50000) {
            frames_add_fragment(&some, answer, &(struct fragment_spec){ 3, 0, 1400, false });
            listener_hear(listener, &some);
            frames_free(&some);
        }
        if (id == 50900) {
            frames_add_fragment(&some, answer, &(struct fragment_spec){ 3, 1400, 20, true });
            listener_hear(listener, &some);
            frames_free(&some);
        }
    }
    ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_JOINED), 1);
    ck_assert_uint_ge(count(listener, CAS_COUNT_FRAGMENTS_NO_ROOM), 100000 - 1024);
    ck_assert_uint_le(most, ((size_t)4 << 20) + ((size_t)256 << 10));
    listener_finish(listener);
    listener_destroy(listener);
    exact_free(answer);
    scene_free(&scene);
}
END_TEST

/* Long packets of which little comes: memory is for what came, not for what is claimed. */
START_TEST(a_claim_costs_nothing)
{
    struct dice dice = dice_init("claim");
    struct scene scene = scene_of(&dice, 4, 60000);
    struct cas_view answer = whole(&scene, ANSWER);
    struct listener_options options = { .checksums = CAS_FLOWS_CHECK_ALWAYS };
    struct listener *listener = listener_create(&options);
    size_t before = listener->budget.used;
    struct frames some = { 0 };
    for (uint32_t id = 0; id < 1000; id++) {
        frames_add_fragment(&some, answer, &(struct fragment_spec){ id, 59992, 8, false });
    }
    listener_hear(listener, &some);
    ck_assert_uint_le(listener->budget.used - before, (size_t)1000 * 3000);
    ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_NO_ROOM), 0);
    listener_finish(listener);
    ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_UNFINISHED), 1000);
    listener_destroy(listener);
    frames_free(&some);
    exact_free(answer);
    scene_free(&scene);
}
END_TEST

/* After 30 seconds a packet is given up, while the capture goes on. */
START_TEST(what_waits_too_long_is_given_up)
{
    static const struct {
        uint64_t after_us;
        uint64_t given_up;
    } times[] = { { 29000000, 0 }, { 31000000, 1 } };
    struct dice dice = dice_init("wait");
    for (size_t i = 0; i < 2; i++) {
        struct scene scene = scene_of_two(&dice);
        frames_fragment(&scene.frames, ANSWER, 77, 400);
        frames_drop(&scene.frames, ANSWER + 2);
        struct listener *listener = listener_create(&(struct listener_options){ 0 });
        listener_hear(listener, &scene.frames);
        uint64_t last_us = scene.frames.frame[scene.frames.len - 1].timestamp_us;
        struct frames later = { 0 };
        for (uint64_t us = 0; us < times[i].after_us; us += 500000) {
            frames_add(&later, 1, text_view("\2\2\2\2\2\2\2\2\2\2\2\2\x88\xb5"));
            later.frame[later.len - 1].timestamp_us = last_us + us;
        }
        listener_hear(listener, &later);
        ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_UNFINISHED), times[i].given_up);
        listener_finish(listener);
        ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_UNFINISHED), 1);
        listener_destroy(listener);
        frames_free(&later);
        scene_free(&scene);
    }
}
END_TEST

/* The snaplen cut a fragment: what lies behind is missing for that reason. */
START_TEST(a_cut_fragment_cuts_the_packet)
{
    struct dice dice = dice_init("cut");
    struct scene scene = scene_of_two(&dice);
    frames_fragment(&scene.frames, ANSWER, 77, 400);
    struct cas_frame *second = &scene.frames.frame[ANSWER + 1];
    struct cas_view cut = exact_copy(cas_view_part(second->bytes, 0, 14 + 20 + 100));
    exact_free(second->bytes);
    second->bytes = cut;
    struct listener *listener = hear(&scene.frames);
    assert_text(&listener->flow[0].holes[1], "480+520 snaplen; ");
    listener_destroy(listener);
    scene_free(&scene);
}
END_TEST

/* RFC 8200, 4.5: extension headers behind the fragment header come with the first fragment. */
START_TEST(extension_headers_are_fragmented_as_well)
{
    static const char frame_hex[] =
        "020000000002 020000000001 86dd 60000000 0000 3c 40"
        "20010db8000000000000000000000001 20010db8000000000000000000000002"
        /* destination options: TCP next, 16 bytes of padding */
        "06 01 01 0c 000000000000000000000000"
        /* TCP: 443 to 50000, "ABCDEFGH" */
        "01bb c350 00000001 00000001 5018 0100 0000 0000 4142434445464748";
    struct cas_view frame = hex_copy(frame_hex);
    struct frames frames = { 0 };
    for (size_t at = 0; at < 44; at += 16) {
        struct fragment_spec spec = { 7, at, at + 16 < 44 ? 16 : 44 - at, at + 16 >= 44 };
        frames_add_fragment(&frames, frame, &spec);
    }
    struct listener *listener =
        hear_all(&frames, (struct listener_options){ .checksums = CAS_FLOWS_CHECK_NEVER });
    ck_assert_uint_eq(listener->flows_len, 1);
    ck_assert(cas_view_equal(cas_buf_view(&listener->flow[0].bytes[0]), text_view("ABCDEFGH")));
    listener_destroy(listener);
    frames_free(&frames);
    exact_free(frame);
}
END_TEST

/* Little memory: the share is little as well, and all is given back. */
START_TEST(little_memory_is_enough)
{
    struct dice dice = dice_init("little memory");
    for (size_t memory = 100000; memory < 700000; memory += 50000) {
        struct scene scene = scene_of(&dice, 4, 60000);
        frames_fragment(&scene.frames, ANSWER, 77, 1480);
        struct listener_options options = { .checksums = CAS_FLOWS_CHECK_ALWAYS,
                                            .memory = memory,
                                            .max_flows = 16 };
        struct listener *listener = hear_all(&scene.frames, options);
        ck_assert_uint_eq(count(listener, CAS_COUNT_FRAGMENTS_JOINED) +
                              count(listener, CAS_COUNT_FRAGMENTS_NO_ROOM),
                          1);
        listener_destroy(listener);
        scene_free(&scene);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fragments");
    TCase *tcase = tcase_create("fragments");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, fragments_in_order_are_the_packet);
    tcase_add_test(tcase, fragments_in_any_order_are_the_packets);
    tcase_add_test(tcase, a_missing_fragment_is_a_hole_of_its_packet);
    tcase_add_loop_test(tcase, a_contradiction_discards_the_packet, 0, CONTRADICTIONS);
    tcase_add_test(tcase, what_was_discarded_may_be_sent_again);
    tcase_add_test(tcase, overlaps_of_every_kind_store_nothing);
    tcase_add_test(tcase, copies_are_no_overlap);
    tcase_add_loop_test(tcase, a_joined_packet_is_disputed_by_other_fragments, 0, TRUE_ONES);
    tcase_add_test(tcase, a_flood_does_not_hide_a_dispute);
    tcase_add_test(tcase, the_same_bytes_in_other_fragments_dispute_nothing);
    tcase_add_test(tcase, an_identification_may_be_used_again);
    tcase_add_test(tcase, fragments_of_two_packets_are_not_believed);
    tcase_add_test(tcase, other_tags_make_other_packets);
    tcase_add_test(tcase, another_protocol_is_another_packet);
    tcase_add_test(tcase, a_flood_stays_within_its_share);
    tcase_add_test(tcase, a_claim_costs_nothing);
    tcase_add_test(tcase, what_waits_too_long_is_given_up);
    tcase_add_test(tcase, a_cut_fragment_cuts_the_packet);
    tcase_add_test(tcase, extension_headers_are_fragmented_as_well);
    tcase_add_test(tcase, little_memory_is_enough);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
