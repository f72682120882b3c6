/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/frames.h"
#include "support/listener.h"
#include "support/support.h"

START_TEST(a_conversation_is_told_whole)
{
    struct dice dice = dice_init("whole");
    struct scene scene = scene_init(&dice, 500, 20000);
    scene_play(&scene, 1460);
    struct listener *listener = hear(&scene.frames);
    assert_whole(listener, &scene);
    ck_assert_uint_eq(count(listener, CAS_COUNT_FLOWS), 1);
    ck_assert_uint_eq(count(listener, CAS_COUNT_FLOWS_MIDSTREAM), 0);
    ck_assert_uint_eq(count(listener, CAS_COUNT_SEGMENTS_OUT_OF_ORDER), 0);
    ck_assert_uint_eq(count(listener, CAS_COUNT_SEGMENTS_DUPLICATE), 0);
    listener_destroy(listener);
    scene_free(&scene);
}
END_TEST

/* T01 */
START_TEST(every_swap_of_two_segments_tells_the_same)
{
    struct dice dice = dice_init("swap");
    struct scene scene = scene_init(&dice, 300, 9000);
    scene_play(&scene, 1460);
    for (size_t a = 0; a < scene.frames.len; a++) {
        for (size_t b = a + 1; b < scene.frames.len; b++) {
            struct cas_frame kept = scene.frames.frame[a];
            scene.frames.frame[a] = scene.frames.frame[b];
            scene.frames.frame[b] = kept;
            struct listener *listener = hear(&scene.frames);
            assert_whole(listener, &scene);
            listener_destroy(listener);
            scene.frames.frame[b] = scene.frames.frame[a];
            scene.frames.frame[a] = kept;
        }
    }
    scene_free(&scene);
}
END_TEST

/* T01, T04: any order, some twice; times as they come, or as they were. */
START_TEST(any_order_tells_the_same)
{
    struct dice dice = dice_init("any order");
    for (unsigned round = 0; round < 2000; round++) {
        struct scene scene = scene_init(&dice, dice_roll(&dice, 3000), dice_roll(&dice, 40000));
        scene_play(&scene, 1000 + dice_roll(&dice, 500));
        for (unsigned i = dice_roll(&dice, 6); i > 0; i--) {
            frames_repeat(&scene.frames, dice_roll(&dice, (uint32_t)scene.frames.len));
        }
        dice_shuffle(&dice, &scene.frames);
        if (round % 2 == 0) {
            frames_renumber(&scene.frames);
        }
        struct listener *listener = hear(&scene.frames);
        if (scene.said[0].len > 0 || scene.said[1].len > 0) {
            assert_whole(listener, &scene);
        }
        listener_destroy(listener);
        scene_free(&scene);
    }
}
END_TEST

/* T02 */
START_TEST(any_segment_size_tells_the_same)
{
    static const size_t sizes[] = { 1, 2, 3, 5, 13, 536, 1460, 8960, 65495 };
    struct dice dice = dice_init("segment size");
    struct scene scene = scene_init(&dice, 700, 70000);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        scene_play(&scene, sizes[i]);
        struct listener *listener = hear(&scene.frames);
        assert_whole(listener, &scene);
        listener_destroy(listener);
        frames_free(&scene.frames);
    }
    scene_free(&scene);
}
END_TEST

/* T03 */
START_TEST(every_lost_segment_is_a_hole_of_its_size)
{
    struct dice dice = dice_init("loss");
    struct scene scene = scene_init(&dice, 3000, 9000);
    scene_play(&scene, 1000);
    size_t len = scene.frames.len;
    for (size_t lost = 3; lost < len - 3; lost += 2) { /* those with data */
        struct frames frames = scene.frames;
        struct cas_frame kept = frames.frame[lost];
        memmove(&frames.frame[lost], &frames.frame[lost + 1],
                (len - lost - 1) * sizeof(frames.frame[0]));
        frames.len = len - 1;
        struct listener *listener = hear(&frames);
        unsigned end = lost < 9 ? 0 : 1;
        size_t offset = (lost - (end == 0 ? 3 : 9)) / 2 * 1000;
        char hole[64];
        snprintf(hole, sizeof(hole), "%zu+1000 gap; ", offset);
        ck_assert_uint_eq(listener->flows_len, 1);
        assert_text(&listener->flow[0].holes[end], hole);
        assert_text(&listener->flow[0].holes[1 - end], "");
        ck_assert_uint_eq(listener->flow[0].bytes[end].len, scene.said[end].len);
        assert_heard(&listener->flow[0], 1 - end, scene.said[1 - end]);
        listener_destroy(listener);
        memmove(&frames.frame[lost + 1], &frames.frame[lost],
                (len - lost - 1) * sizeof(frames.frame[0]));
        frames.frame[lost] = kept;
    }
    scene_free(&scene);
}
END_TEST

/* T07 */
START_TEST(sequence_numbers_wrap_anywhere)
{
    struct dice dice = dice_init("wrap");
    struct scene scene = scene_init(&dice, 300, 3000);
    for (uint32_t isn = 0xffffff00; isn != 0; isn++) {
        scene.talk = talk_init(&scene.frames);
        scene.talk.seq[0] = isn;
        scene.talk.seq[1] = isn - 1000;
        talk_handshake(&scene.talk);
        talk_send(&scene.talk, 0, scene.said[0], 100);
        talk_send(&scene.talk, 1, scene.said[1], 500);
        talk_close(&scene.talk);
        dice_shuffle(&dice, &scene.frames);
        struct listener *listener = hear(&scene.frames);
        assert_whole(listener, &scene);
        listener_destroy(listener);
        frames_free(&scene.frames);
    }
    scene_free(&scene);
}
END_TEST

/* T08: of who does not know what the other side has sent. */
START_TEST(segments_far_away_are_ignored)
{
    struct dice dice = dice_init("far");
    struct scene scene = scene_init(&dice, 300, 3000);
    scene.talk = talk_init(&scene.frames);
    talk_handshake(&scene.talk);
    talk_send(&scene.talk, 0, scene.said[0], 1000);
    const uint32_t seq[2] = { scene.talk.seq[0], scene.talk.seq[1] };
    for (unsigned i = 0; i < 1000; i++) {
        for (unsigned end = 0; end < 2; end++) {
            scene.talk.seq[end] =
                seq[end] + (2u << 20) + dice_roll(&dice, UINT32_MAX - (4u << 20));
        }
        talk_say(&scene.talk, 1, ACK, text_view("forged"));
    }
    scene.talk.seq[0] = seq[0];
    scene.talk.seq[1] = seq[1];
    talk_send(&scene.talk, 1, scene.said[1], 1000);
    talk_close(&scene.talk);
    struct listener *listener = hear(&scene.frames);
    assert_whole(listener, &scene);
    ck_assert_uint_eq(count(listener, CAS_COUNT_TCP_OUT_OF_WINDOW), 1000);
    listener_destroy(listener);
    scene_free(&scene);
}
END_TEST

/* T14: capture begins at each packet of the flow. */
START_TEST(a_capture_that_begins_late_is_midstream)
{
    struct dice dice = dice_init("midstream");
    struct scene scene = scene_init(&dice, 300, 9000);
    scene_play(&scene, 1000);
    for (size_t from = 2; from < scene.frames.len - 5; from++) {
        struct frames late = scene.frames;
        late.frame = &scene.frames.frame[from];
        late.len -= from;
        struct listener *listener = hear(&late);
        ck_assert_uint_eq(listener->flows_len, 1);
        const struct heard *heard = &listener->flow[0];
        ck_assert(heard->flow.is_midstream);
        unsigned server = heard->flow.end[0].port == 443 ? 0 : 1;
        size_t missing = from < 6 ? 0 : (from - 4) / 2 * 1000;
        struct cas_view rest = cas_view_part(scene.said[1], missing, SIZE_MAX);
        ck_assert_uint_eq(heard->bytes[server].len, rest.len);
        ck_assert(cas_view_equal(cas_buf_view(&heard->bytes[server]), rest));
        assert_text(&heard->holes[server], "");
        listener_destroy(listener);
    }
    scene_free(&scene);
}
END_TEST

/* T20 */
START_TEST(a_bad_copy_before_the_real_segment_changes_nothing)
{
    struct dice dice = dice_init("bad copy");
    struct scene scene = scene_init(&dice, 300, 3000);
    scene.talk = talk_init(&scene.frames);
    talk_handshake(&scene.talk);
    talk_send(&scene.talk, 0, scene.said[0], 1000);
    uint32_t seq = scene.talk.seq[1];
    scene.talk.spec.sum = FRAME_SUM_BAD;
    talk_say(&scene.talk, 1, ACK, text_view("forged"));
    scene.talk.seq[1] = seq;
    scene.talk.spec.sum = FRAME_SUM_GOOD;
    talk_send(&scene.talk, 1, scene.said[1], 1000);
    talk_close(&scene.talk);
    for (unsigned automatic = 0; automatic < 2; automatic++) {
        struct listener_options options = {
            .checksums = automatic == 1 ? CAS_FLOWS_CHECK_AUTO : CAS_FLOWS_CHECK_ALWAYS,
        };
        struct listener *listener = hear_all(&scene.frames, options);
        assert_whole(listener, &scene);
        ck_assert_uint_eq(count(listener, CAS_COUNT_TCP_CHECKSUM_BAD), 1);
        listener_destroy(listener);
    }
    scene_free(&scene);
}
END_TEST

/* T20: one direction, or both, have nothing but wrong sums, as a card with offload leaves
 * them. */
START_TEST(a_side_that_never_sends_a_good_sum_is_believed)
{
    struct dice dice = dice_init("all bad");
    for (unsigned bad = 1; bad < 4; bad++) {
        struct scene scene = scene_init(&dice, 300, 3000);
        scene_play(&scene, 1000);
        uint64_t changed = 0;
        for (size_t i = 0; i < scene.frames.len; i++) {
            uint8_t *bytes = (uint8_t *)(uintptr_t)scene.frames.frame[i].bytes.data;
            unsigned from = bytes[14 + 12] == 192 ? 1 : 2; /* first byte of the source */
            if ((from & bad) != 0) {
                bytes[14 + 20 + 16] ^= 0x55;
                changed++;
            }
        }
        struct listener *listener = hear_all(&scene.frames, (struct listener_options){ 0 });
        assert_whole(listener, &scene);
        ck_assert_uint_gt(count(listener, CAS_COUNT_CHECKSUM_TRUSTED), 0);
        listener_destroy(listener);
        listener = hear(&scene.frames);
        ck_assert_uint_gt(count(listener, CAS_COUNT_TCP_CHECKSUM_BAD), 0);
        ck_assert_uint_le(count(listener, CAS_COUNT_TCP_CHECKSUM_BAD), changed);
        listener_destroy(listener);
        scene_free(&scene);
    }
}
END_TEST

/* T20: harm that came to segments before the first good sum of their sender was captured. */
START_TEST(what_was_believed_is_in_doubt_after_a_good_sum)
{
    static const char *const doubts[] = { "0+1000 checksum; ", "0+2000 checksum; ",
                                          "0+3000 checksum; " };
    struct dice dice = dice_init("believed");
    for (size_t harmed = 1; harmed < 4; harmed++) {
        struct scene scene = scene_init(&dice, 300, 4000);
        scene_play(&scene, 1000);
        frames_drop(&scene.frames, 4); /* the server's ACK, and its SYN/ACK */
        frames_drop(&scene.frames, 1);
        frames_renumber(&scene.frames);
        for (size_t i = 0; i < harmed; i++) {
            uint8_t *bytes = (uint8_t *)(uintptr_t)scene.frames.frame[3 + 2 * i].bytes.data;
            bytes[14 + 20 + 20 + 500] ^= 0x20;
        }
        struct listener *listener = hear_all(
            &scene.frames, (struct listener_options){ .checksums = CAS_FLOWS_CHECK_AUTO });
        ck_assert_uint_eq(listener->flows_len, 1);
        assert_text(&listener->flow[0].holes[1], "");
        assert_text(&listener->flow[0].doubts[1], doubts[harmed - 1]);
        ck_assert_uint_eq(count(listener, CAS_COUNT_CHECKSUM_TRUSTED), harmed);
        listener_destroy(listener);
        scene_free(&scene);
    }
}
END_TEST

/* Its FIN comes first, with a right sum, and what it ends is damaged. */
START_TEST(a_good_sum_of_an_end_counts_too)
{
    for (unsigned i = 0; i < 2; i++) {
        struct frames frames = { 0 };
        struct talk talk = talk_init(&frames);
        talk.seq[1] += 7;
        talk_say(&talk, 1, i == 0 ? FIN | ACK : RST, text_view(""));
        talk.seq[1] -= i == 0 ? 8 : 7;
        talk.spec.sum = FRAME_SUM_BAD;
        talk_say(&talk, 1, ACK, text_view("welcome"));
        struct listener *listener =
            hear_all(&frames, (struct listener_options){ .checksums = CAS_FLOWS_CHECK_AUTO });
        ck_assert_uint_eq(count(listener, CAS_COUNT_TCP_CHECKSUM_BAD), 1);
        ck_assert_uint_eq(count(listener, CAS_COUNT_CHECKSUM_TRUSTED), 0);
        ck_assert_uint_eq(listener->flows_len, 0);
        listener_destroy(listener);
        frames_free(&frames);
    }
}
END_TEST

/* The capture began behind the SYNs: an acknowledgment with a right sum, then damaged data. */
START_TEST(a_good_sum_of_an_acknowledgment_counts_too)
{
    struct frames frames = { 0 };
    struct talk talk = talk_init(&frames);
    talk_say(&talk, 1, ACK, text_view(""));
    talk.spec.sum = FRAME_SUM_BAD;
    talk_say(&talk, 1, ACK, text_view("damaged"));
    talk_say(&talk, 0, ACK, text_view("believed"));
    struct listener *listener =
        hear_all(&frames, (struct listener_options){ .checksums = CAS_FLOWS_CHECK_AUTO });
    ck_assert_uint_eq(count(listener, CAS_COUNT_TCP_CHECKSUM_BAD), 1);
    ck_assert_uint_eq(count(listener, CAS_COUNT_CHECKSUM_TRUSTED), 1);
    ck_assert_uint_eq(listener->flows_len, 1);
    ck_assert(cas_view_equal(cas_buf_view(&listener->flow[0].bytes[0]), text_view("believed")));
    ck_assert_uint_eq(listener->flow[0].flow.first_us, frames.frame[0].timestamp_us);
    listener_destroy(listener);
    frames_free(&frames);
}
END_TEST

/* T20: all that a server sends has wrong sums, as a card with offload leaves them, until
 * somebody else's forgery has a right one. */
START_TEST(a_right_sum_of_a_forger_brings_what_he_sent_into_doubt)
{
    struct dice dice = dice_init("forged right");
    struct scene scene = scene_init(&dice, 300, 1000);
    scene.talk = talk_init(&scene.frames);
    scene.talk.spec.sum = FRAME_SUM_GOOD;
    talk_handshake(&scene.talk);
    talk_send(&scene.talk, 0, scene.said[0], 1000);
    scene.talk.spec.sum = FRAME_SUM_BAD;
    for (size_t i = 0; i < scene.frames.len; i++) {
        uint8_t *bytes = (uint8_t *)(uintptr_t)scene.frames.frame[i].bytes.data;
        bytes[14 + 20 + 16] ^= bytes[14 + 20 + 1] == 443 % 256 ? 0x55 : 0;
    }
    talk_say(&scene.talk, 1, ACK, cas_view_part(scene.said[1], 0, 500));
    uint32_t seq = scene.talk.seq[1];
    struct cas_view forged = dice_bytes(&dice, 500);
    scene.talk.spec.sum = FRAME_SUM_GOOD;
    talk_say(&scene.talk, 1, ACK, forged);
    scene.talk.seq[1] = seq;
    scene.talk.spec.sum = FRAME_SUM_BAD;
    talk_say(&scene.talk, 1, ACK, cas_view_part(scene.said[1], 500, 500));
    struct listener *listener = hear_all(&scene.frames, (struct listener_options){ 0 });
    assert_text(&listener->flow[0].doubts[1], "0+500 checksum; 500+500 checksum; ");
    ck_assert_uint_eq(count(listener, CAS_COUNT_TCP_CHECKSUM_BAD), 1);
    listener_destroy(listener);
    exact_free(forged);
    scene_free(&scene);
}
END_TEST

/* T20: the only wrong sum before the forgery is that of the SYN/ACK. */
START_TEST(a_syn_ack_with_a_wrong_sum_warns_of_a_forger_s_right_one)
{
    struct dice dice = dice_init("forged behind SYN/ACK");
    struct scene scene = scene_init(&dice, 300, 500);
    scene.talk = talk_init(&scene.frames);
    talk_handshake(&scene.talk);
    uint8_t *syn_ack = (uint8_t *)(uintptr_t)scene.frames.frame[1].bytes.data;
    syn_ack[14 + 20 + 16] ^= 0x55;
    uint32_t seq = scene.talk.seq[1];
    struct cas_view forged = dice_bytes(&dice, 500);
    talk_say(&scene.talk, 1, ACK, forged);
    scene.talk.seq[1] = seq;
    scene.talk.spec.sum = FRAME_SUM_BAD;
    talk_say(&scene.talk, 1, ACK, scene.said[1]);
    struct listener *listener = hear_all(&scene.frames, (struct listener_options){ 0 });
    assert_text(&listener->flow[0].doubts[1], "0+500 checksum; ");
    ck_assert_uint_eq(count(listener, CAS_COUNT_CHECKSUM_TRUSTED), 1);
    ck_assert_uint_eq(count(listener, CAS_COUNT_TCP_CHECKSUM_BAD), 1);
    listener_destroy(listener);
    exact_free(forged);
    scene_free(&scene);
}
END_TEST

/* T20 */
START_TEST(checking_ends_when_one_in_ten_of_a_thousand_is_bad)
{
    struct frames frames = { 0 };
    struct talk talk = talk_init(&frames);
    struct talk of_a_card = talk;
    of_a_card.end[0].port++;
    of_a_card.spec.sum = FRAME_SUM_BAD;
    talk_handshake(&talk);
    for (unsigned i = 0; i < 1100; i++) {
        talk_say(i % 10 == 0 ? &of_a_card : &talk, 0, ACK, text_view("x"));
    }
    talk.spec.sum = FRAME_SUM_BAD;
    talk_say(&talk, 0, ACK, text_view("believed"));
    struct listener *listener = hear_all(&frames, (struct listener_options){ 0 });
    ck_assert_uint_eq(count(listener, CAS_COUNT_TCP_CHECKSUM_BAD), 0);
    listener_destroy(listener);
    frames_free(&frames);
}
END_TEST

/* Its SYN had a good one, and so have nine in ten. */
START_TEST(checking_goes_on_when_damage_is_all_there_is)
{
    struct frames frames = { 0 };
    struct talk talk = talk_init(&frames);
    talk_handshake(&talk);
    for (unsigned i = 0; i < 3000; i++) {
        talk.spec.sum = i % 10 == 0 ? FRAME_SUM_BAD : FRAME_SUM_GOOD;
        talk_say(&talk, 0, ACK, text_view("x"));
    }
    struct listener *listener = hear_all(&frames, (struct listener_options){ 0 });
    ck_assert_uint_eq(count(listener, CAS_COUNT_TCP_CHECKSUM_BAD), 300);
    listener_destroy(listener);
    frames_free(&frames);
}
END_TEST

/* T20: sums that the card will complete are good ones. */
START_TEST(partial_sums_are_good)
{
    struct dice dice = dice_init("partial");
    for (unsigned sum = FRAME_SUM_PARTIAL; sum <= FRAME_SUM_PARTIAL_TSO; sum++) {
        struct scene scene = scene_init(&dice, 300, 3000);
        scene.talk = talk_init(&scene.frames);
        scene.talk.spec.sum = (enum frame_sum)sum;
        talk_handshake(&scene.talk);
        talk_send(&scene.talk, 0, scene.said[0], 1000);
        talk_send(&scene.talk, 1, scene.said[1], 1000);
        talk_close(&scene.talk);
        struct listener *listener = hear(&scene.frames);
        assert_whole(listener, &scene);
        listener_destroy(listener);
        scene_free(&scene);
    }
}
END_TEST

/* T19 */
START_TEST(a_snaplen_leaves_holes_of_its_own)
{
    static const size_t snaplens[] = { 54, 64, 96, 128, 500 };
    struct dice dice = dice_init("snaplen");
    for (size_t i = 0; i < sizeof(snaplens) / sizeof(snaplens[0]); i++) {
        struct scene scene = scene_init(&dice, 1000, 2000);
        scene_play(&scene, 1000);
        frames_cut(&scene.frames, snaplens[i]);
        struct listener *listener = hear(&scene.frames);
        size_t kept = snaplens[i] - 54;
        char holes[100];
        snprintf(holes, sizeof(holes), "%zu+%zu snaplen; %zu+%zu snaplen; ", kept, 1000 - kept,
                 1000 + kept, 1000 - kept);
        ck_assert_uint_eq(listener->flows_len, 1);
        if (kept > 0) {
            assert_text(&listener->flow[0].holes[1], holes);
        }
        ck_assert_uint_eq(listener->flow[0].bytes[1].len, 2000);
        ck_assert_uint_gt(count(listener, CAS_COUNT_FRAMES_CUT), 0);
        listener_destroy(listener);
        scene_free(&scene);
    }
}
END_TEST

/* T24 */
START_TEST(vlans_keep_flows_apart)
{
    struct frames frames = { 0 };
    for (uint16_t vlan = 0; vlan < 5; vlan++) {
        struct talk talk = talk_init(&frames);
        talk.spec.vlan_len = vlan;
        for (uint16_t i = 0; i < vlan; i++) {
            talk.spec.vlan[i] = (uint16_t)(10 * vlan + i);
        }
        talk_handshake(&talk);
        talk_send(&talk, 0, text_view("hello"), 1460);
    }
    struct listener *listener = hear(&frames);
    ck_assert_uint_eq(listener->flows_len, 5);
    for (size_t i = 0; i < 5; i++) {
        const struct cas_flow *flow = &listener->flow[i].flow;
        assert_heard(&listener->flow[i], 0, text_view("hello"));
        ck_assert_uint_eq(flow->vlan_len, i);
        ck_assert_uint_eq(flow->vlan[i > 0 ? i - 1 : 0], i > 0 ? 10 * i + i - 1 : 0);
    }
    listener_destroy(listener);
    frames_free(&frames);
}
END_TEST

START_TEST(ipv6_is_followed_as_well)
{
    struct frames frames = { 0 };
    struct talk talk = talk_init(&frames);
    talk.end[0] = endpoint("2001:db8::1", 50000);
    talk.end[1] = endpoint("2001:db8::2", 443);
    talk_handshake(&talk);
    talk_send(&talk, 0, text_view("hello"), 2);
    struct listener *listener = hear(&frames);
    ck_assert_uint_eq(listener->flows_len, 1);
    assert_heard(&listener->flow[0], 0, text_view("hello"));
    ck_assert_uint_eq(listener->flow[0].flow.end[1].family, 6);
    ck_assert_mem_eq(listener->flow[0].flow.end[1].address, talk.end[1].address, 16);
    listener_destroy(listener);
    frames_free(&frames);
}
END_TEST

/* P7: whatever a frame is, it ends in one outcome; listener_finish() checks the sum. */
/* RFC 4291, 2.5.5.2: such addresses are not to be on the wire; who sends them is somebody else
 * than the end whose IPv4 address is in them. */
START_TEST(an_ipv4_mapped_address_is_no_ipv4_address)
{
    const char *const clients[] = { "192.0.2.1", "::ffff:192.0.2.1" };
    const char *const servers[] = { "198.51.100.1", "::ffff:198.51.100.1" };
    const char *const words[] = { "hello", "other" };
    for (unsigned first = 0; first < 2; first++) {
        struct frames frames = { 0 };
        struct talk talk[2] = { talk_init(&frames), talk_init(&frames) };
        for (unsigned i = 0; i < 2; i++) {
            unsigned kind = i == 0 ? first : 1 - first;
            talk[i].end[0] = endpoint(clients[kind], 50000);
            talk[i].end[1] = endpoint(servers[kind], 443);
            talk_handshake(&talk[i]);
        }
        for (unsigned i = 0; i < 2; i++) {
            talk_send(&talk[i], 0, text_view(words[i]), 1460);
            talk_send(&talk[i], 1, text_view(words[1 - i]), 1460);
        }
        talk_close(&talk[0]);
        talk_close(&talk[1]);
        struct listener *listener = hear(&frames);
        ck_assert_uint_eq(listener->flows_len, 2);
        for (unsigned i = 0; i < 2; i++) {
            assert_heard(&listener->flow[i], 0, text_view(words[i]));
            assert_heard(&listener->flow[i], 1, text_view(words[1 - i]));
        }
        ck_assert_uint_eq(count(listener, CAS_COUNT_FLOWS), 2);
        listener_destroy(listener);
        frames_free(&frames);
    }
}
END_TEST

START_TEST(every_frame_has_one_outcome)
{
    struct dice dice = dice_init("outcomes");
    struct scene scene = scene_init(&dice, 300, 3000);
    scene_play(&scene, 500);
    for (unsigned round = 0; round < 200; round++) {
        struct frames frames = { 0 };
        for (size_t i = 0; i < scene.frames.len; i++) {
            struct cas_view whole = scene.frames.frame[i].bytes;
            struct cas_view copy =
                exact_copy(cas_view_part(whole, 0, 1 + dice_roll(&dice, (uint32_t)whole.len)));
            uint8_t *bytes = (uint8_t *)(uintptr_t)copy.data;
            bytes[dice_roll(&dice, (uint32_t)copy.len)] ^= (uint8_t)dice_roll(&dice, 256);
            frames_add(&frames, dice_roll(&dice, 20) == 0 ? 105 : 1, copy);
            exact_free(copy);
        }
        struct listener *listener = hear_all(
            &frames,
            (struct listener_options){ .checksums = (enum cas_flows_checksums)(round % 3) });
        ck_assert_uint_eq(count(listener, CAS_COUNT_FRAMES), frames.len);
        listener_destroy(listener);
        frames_free(&frames);
    }
    scene_free(&scene);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("flows");
    TCase *tcase = tcase_create("flows");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_conversation_is_told_whole);
    tcase_add_test(tcase, every_swap_of_two_segments_tells_the_same);
    tcase_add_test(tcase, any_order_tells_the_same);
    tcase_add_test(tcase, any_segment_size_tells_the_same);
    tcase_add_test(tcase, every_lost_segment_is_a_hole_of_its_size);
    tcase_add_test(tcase, sequence_numbers_wrap_anywhere);
    tcase_add_test(tcase, segments_far_away_are_ignored);
    tcase_add_test(tcase, a_capture_that_begins_late_is_midstream);
    tcase_add_test(tcase, a_bad_copy_before_the_real_segment_changes_nothing);
    tcase_add_test(tcase, a_side_that_never_sends_a_good_sum_is_believed);
    tcase_add_test(tcase, what_was_believed_is_in_doubt_after_a_good_sum);
    tcase_add_test(tcase, a_good_sum_of_an_end_counts_too);
    tcase_add_test(tcase, a_good_sum_of_an_acknowledgment_counts_too);
    tcase_add_test(tcase, a_right_sum_of_a_forger_brings_what_he_sent_into_doubt);
    tcase_add_test(tcase, a_syn_ack_with_a_wrong_sum_warns_of_a_forger_s_right_one);
    tcase_add_test(tcase, checking_ends_when_one_in_ten_of_a_thousand_is_bad);
    tcase_add_test(tcase, checking_goes_on_when_damage_is_all_there_is);
    tcase_add_test(tcase, partial_sums_are_good);
    tcase_add_test(tcase, a_snaplen_leaves_holes_of_its_own);
    tcase_add_test(tcase, vlans_keep_flows_apart);
    tcase_add_test(tcase, ipv6_is_followed_as_well);
    tcase_add_test(tcase, an_ipv4_mapped_address_is_no_ipv4_address);
    tcase_add_test(tcase, every_frame_has_one_outcome);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
