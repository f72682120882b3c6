/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "net/stream.h"
#include "support/frames.h"
#include "support/listener.h"
#include "support/support.h"

/* A stream and what it told. */
struct stage {
    struct cas_budget budget;
    struct cas_keyhash hash;
    struct cas_stream stream;
    struct cas_buf bytes; /* holes are '.' */
    struct cas_buf notes; /* holes and doubts */
    size_t wants;
    size_t plain; /* so many bytes do not matter, when the next ones come */
};

static const char *const reasons[CAS_REASONS] = {
    [CAS_REASON_GAP] = "gap",           [CAS_REASON_SNAPLEN] = "snaplen",
    [CAS_REASON_MEMORY] = "memory",     [CAS_REASON_OUT_OF_ORDER] = "out_of_order",
    [CAS_REASON_OVERLAP] = "overlap",   [CAS_REASON_URGENT] = "urgent",
    [CAS_REASON_CHECKSUM] = "checksum",
};

static enum cas_want want(const struct stage *stage)
{
    if (stage->wants > 0 && stage->bytes.len >= stage->wants) {
        return CAS_WANT_NOTHING;
    }
    return stage->bytes.len <= stage->plain ? CAS_WANT_REST : CAS_WANT_BYTES;
}

static enum cas_want hear_bytes(void *user, uint64_t offset, struct cas_view bytes)
{
    struct stage *stage = user;
    ck_assert_uint_eq(offset, stage->bytes.len);
    cas_buf_append(&stage->bytes, bytes);
    return want(stage);
}

static enum cas_want hear_hole(void *user, uint64_t offset, uint64_t len,
                               enum cas_reason reason)
{
    struct stage *stage = user;
    ck_assert_uint_eq(offset, stage->bytes.len);
    cas_buf_append_format(&stage->notes, "hole %llu+%llu %s; ", (unsigned long long)offset,
                          (unsigned long long)len, reasons[reason]);
    for (uint64_t i = 0; i < len; i++) {
        cas_buf_append_u8(&stage->bytes, '.');
    }
    return want(stage);
}

static void hear_doubt(void *user, uint64_t offset, uint64_t len, enum cas_reason reason)
{
    struct stage *stage = user;
    cas_buf_append_format(&stage->notes, "%s %llu+%llu; ", reasons[reason],
                          (unsigned long long)offset, (unsigned long long)len);
}

/* What begins with a capital letter is of use; with an H it may be in the middle. */
static bool hear_again(void *user, uint64_t offset, struct cas_view bytes, uint64_t before)
{
    struct stage *stage = user;
    const uint8_t *h = memchr(bytes.data, 'H', bytes.len);
    bool is_capital = bytes.data[0] >= 'A' && bytes.data[0] <= 'Z';
    size_t at = h != NULL && !is_capital ? (size_t)(h - bytes.data) : 0;
    ck_assert_uint_le(offset, stage->bytes.len);
    if ((!is_capital && h == NULL) || offset + at >= before) {
        return false;
    }
    stage->plain = 0;
    stage->bytes.len = (size_t)offset;
    return true;
}

static struct cas_stream_sink sink_of(struct stage *stage)
{
    return (struct cas_stream_sink){ .user = stage,
                                     .hash = &stage->hash,
                                     .bytes = hear_bytes,
                                     .hole = hear_hole,
                                     .doubt = hear_doubt,
                                     .again = hear_again };
}

static struct stage *stage_create(size_t memory)
{
    struct stage *stage = calloc(1, sizeof(*stage));
    ck_assert_ptr_nonnull(stage);
    stage->budget.limit = memory;
    stage->stream.window.budget = &stage->budget;
    stage->bytes = cas_buf_init((size_t)1 << 24, NULL);
    stage->notes = cas_buf_init((size_t)1 << 24, NULL);
    return stage;
}

static void stage_destroy(struct stage *stage)
{
    cas_stream_finish(&stage->stream);
    ck_assert_uint_eq(stage->budget.used, 0);
    cas_buf_finish(&stage->bytes);
    cas_buf_finish(&stage->notes);
    free(stage);
}

static enum cas_stream_result push_view(struct stage *stage, uint32_t seq,
                                        struct cas_view bytes)
{
    /* Behind these bytes there is nothing: the sanitizer sees one too far. */
    struct cas_view copy = exact_copy(bytes);
    struct cas_stream_sink sink = sink_of(stage);
    struct cas_stream_segment segment = { .seq = seq, .payload = copy, .wire_len = bytes.len };
    enum cas_stream_result result = cas_stream_push(&stage->stream, &segment, &sink);
    exact_free(copy);
    return result;
}

static enum cas_stream_result push(struct stage *stage, uint32_t seq, const char *text)
{
    return push_view(stage, seq, text_view(text));
}

static void advance(struct stage *stage)
{
    struct cas_stream_sink sink = sink_of(stage);
    cas_stream_advance(&stage->stream, &sink);
}

static void flush(struct stage *stage)
{
    struct cas_stream_sink sink = sink_of(stage);
    cas_stream_flush(&stage->stream, CAS_REASON_GAP, &sink);
}

/* The overlapping segments of Novak and Sturges, as Suricata's tests have them: numbers count
 * from 1. */
static const struct {
    uint32_t at;
    const char *text;
} novak[] = {
    { 2, "AAA" },  { 6, "BB" },  { 8, "CCC" }, { 12, "D" },   { 15, "EE" }, { 17, "FFF" },
    { 20, "GG" },  { 22, "HH" }, { 24, "I" },  { 3, "JJJJ" }, { 8, "KKK" }, { 11, "LLL" },
    { 14, "MMM" }, { 18, "N" },  { 21, "O" },  { 22, "P" },   { 24, "QQ" }, { 1, "0" },
};
#define NOVAK     (sizeof(novak) / sizeof(novak[0]))
#define NOVAK_ISN ((const uint32_t[]){ 9, 0, 0xfffffff0 })

/* T06 */
START_TEST(the_first_byte_wins_and_differences_are_told)
{
    struct stage *stage = stage_create(1000000);
    uint32_t isn = NOVAK_ISN[_i];
    cas_stream_set_base(&stage->stream, isn + 1);
    for (size_t i = 0; i < NOVAK; i++) {
        push(stage, isn + novak[i].at, novak[i].text);
    }
    assert_text(&stage->bytes, "0AAAJBBCCCLDLMEEFFFGGHHIQ");
    assert_text(&stage->notes, "overlap 2+2; overlap 5+1; overlap 7+3; overlap 11+1; "
                               "overlap 14+2; overlap 17+1; overlap 20+1; overlap 21+1; "
                               "overlap 23+1; ");
    stage_destroy(stage);
}
END_TEST

/* T06, and the SYN comes last: the same bytes, and the same in doubt. */
START_TEST(doubts_wait_for_the_base)
{
    struct stage *stage = stage_create(1000000);
    uint32_t isn = NOVAK_ISN[_i];
    for (size_t i = 0; i < NOVAK; i++) {
        push(stage, isn + novak[i].at, novak[i].text);
    }
    assert_text(&stage->notes, "");
    ck_assert_int_eq(cas_stream_set_base(&stage->stream, isn + 1), CAS_STREAM_BASE_SET);
    advance(stage);
    assert_text(&stage->bytes, "0AAAJBBCCCLDLMEEFFFGGHHIQ");
    assert_text(&stage->notes, "overlap 2+2; overlap 5+1; overlap 7+3; overlap 11+1; "
                               "overlap 14+2; overlap 17+1; overlap 20+2; overlap 23+1; ");
    stage_destroy(stage);
}
END_TEST

/* T05 */
START_TEST(overlaps_of_the_same_bytes_are_nothing)
{
    static const char text[] = "abcdefghijklmnopqrstuvwxyz";
    struct stage *stage = stage_create(1000000);
    uint32_t isn = NOVAK_ISN[_i];
    cas_stream_set_base(&stage->stream, isn + 1);
    for (size_t i = 0; i < NOVAK; i++) {
        push_view(stage, isn + novak[i].at,
                  cas_view_of(&text[novak[i].at - 1], strlen(novak[i].text)));
    }
    assert_text(&stage->bytes, "abcdefghijklmnopqrstuvwxy");
    assert_text(&stage->notes, "");
    stage_destroy(stage);
}
END_TEST

/* T04: pieces of a text in any size, any number of times, any order within reach. */
START_TEST(honest_repetitions_are_never_in_doubt)
{
    struct dice dice = dice_init("repetitions");
    for (unsigned round = 0; round < 300; round++) {
        struct stage *stage = stage_create((size_t)1 << 20);
        struct cas_view text = dice_bytes(&dice, 1 + dice_roll(&dice, 50000));
        uint32_t first = dice_roll(&dice, UINT32_MAX);
        cas_stream_set_base(&stage->stream, first);
        size_t sent = 0;
        while (sent < text.len) {
            size_t at = sent > 3000 ? sent - dice_roll(&dice, 3000) : 0;
            size_t len = 1 + dice_roll(&dice, 4000);
            push_view(stage, first + (uint32_t)at, cas_view_part(text, at, len));
            sent = at + len > sent ? at + len : sent;
        }
        flush(stage);
        assert_text(&stage->notes, "");
        ck_assert(cas_view_equal(cas_buf_view(&stage->bytes), text));
        exact_free(text);
        stage_destroy(stage);
    }
}
END_TEST

/* T25: what was delivered already is still compared. */
START_TEST(a_late_difference_is_told)
{
    struct stage *stage = stage_create(1000000);
    cas_stream_set_base(&stage->stream, 100);
    push(stage, 100, "the forged bytes came first");
    push(stage, 100, "the proper bytes came later");
    assert_text(&stage->bytes, "the forged bytes came first");
    assert_text(&stage->notes, "overlap 4+4; overlap 9+1; overlap 22+5; ");
    stage_destroy(stage);
}
END_TEST

/* T15 */
START_TEST(keep_alives_are_nothing)
{
    struct stage *stage = stage_create(1000000);
    cas_stream_set_base(&stage->stream, 100);
    push(stage, 100, "hello");
    cas_stream_ack(&stage->stream, 105);
    ck_assert_int_eq(push(stage, 104, "?"), CAS_STREAM_DUPLICATE);
    push(stage, 105, " world");
    assert_text(&stage->bytes, "hello world");
    assert_text(&stage->notes, "");
    stage_destroy(stage);
}
END_TEST

/* T09 */
START_TEST(data_of_a_syn_counts_when_it_is_acknowledged)
{
    static const struct {
        uint32_t ack;     /* 0: none is captured */
        const char *next; /* said after that */
        uint32_t at;
        const char *wanted;
    } cases[] = {
        { 105, " world", 105, "hello world" }, /* accepted */
        { 100, "HELLO", 100, "HELLO" },        /* ignored: said again, otherwise */
        { 0, " world", 105, "hello world" },   /* it goes on behind it */
        { 0, "HELLO", 100, "HELLO" },          /* it is said again */
        { 0, "", 0, "hello" },                 /* nothing more comes */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct stage *stage = stage_create(1000000);
        struct cas_stream_sink sink = sink_of(stage);
        struct cas_stream_segment segment = {
            .seq = 100, .payload = text_view("hello"), .wire_len = 5, .is_syn = true
        };
        cas_stream_set_base(&stage->stream, 100);
        cas_stream_push(&stage->stream, &segment, &sink);
        assert_text(&stage->bytes, "");
        if (cases[i].ack != 0) {
            cas_stream_ack(&stage->stream, cases[i].ack);
            advance(stage);
        }
        if (cases[i].at != 0) {
            push(stage, cases[i].at, cases[i].next);
        }
        flush(stage);
        assert_text(&stage->bytes, cases[i].wanted);
        assert_text(&stage->notes, "");
        stage_destroy(stage);
    }
}
END_TEST

START_TEST(copies_of_what_does_not_matter_are_not_compared)
{
    struct stage *stage = stage_create(1000000);
    stage->plain = 6;
    cas_stream_set_base(&stage->stream, 100);
    push(stage, 100, "abc");
    ck_assert_uint_eq(stage->budget.used, 0);
    push(stage, 106, "ghi"); /* early: it waits */
    push(stage, 103, "def");
    push(stage, 109, "jkl");
    push(stage, 100, "xxx");
    assert_text(&stage->notes, "");
    push(stage, 105, "xxx");
    push(stage, 109, "xxx");
    assert_text(&stage->bytes, "abcdefghijkl");
    assert_text(&stage->notes, "overlap 6+2; overlap 9+3; ");
    stage_destroy(stage);
}
END_TEST

/* A forged beginning in front of the true one. */
START_TEST(a_copy_that_matters_where_the_first_did_not_is_told)
{
    static const struct {
        const char *forged[2];
        uint32_t at;
        const char *wanted;
        const char *notes;
    } cases[] = {
        { { "ab", "" }, 100, "TRUEly", "overlap 0+2; " },
        { { "abcdefgh", "" }, 100, "TRUEly", "overlap 0+8; " },
        { { "abc", "defghi" }, 102, "abTRUEly", "overlap 2+7; " },
        { { "abc", "d" }, 102, "abTRUEly", "overlap 2+2; " },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct stage *stage = stage_create(1000000);
        stage->plain = 1000;
        cas_stream_set_base(&stage->stream, 100);
        push(stage, 100, cases[i].forged[0]);
        push(stage, 103, cases[i].forged[1]);
        push(stage, cases[i].at, "TRUE");
        push(stage, cases[i].at, "TRUE"); /* not once more */
        push(stage, cases[i].at + 4, "ly");
        assert_text(&stage->bytes, cases[i].wanted);
        assert_text(&stage->notes, cases[i].notes);
        stage_destroy(stage);
    }
}
END_TEST

/* A forged byte that waits makes the true bytes around it useless. */
START_TEST(a_copy_that_matters_is_told_though_the_first_differs_within_it)
{
    struct stage *stage = stage_create(1000000);
    stage->plain = 1000;
    cas_stream_set_base(&stage->stream, 100);
    push(stage, 102, "x");
    push(stage, 100, "TRUE");
    push(stage, 104, "ly");
    assert_text(&stage->bytes, "TRUEly");
    assert_text(&stage->notes, "overlap 2+1; ");
    stage_destroy(stage);
}
END_TEST

/* What waits behind it is told as well. */
START_TEST(a_copy_that_matters_is_told_with_what_waits)
{
    struct stage *stage = stage_create(1000000);
    stage->plain = 1000;
    cas_stream_set_base(&stage->stream, 100);
    push(stage, 100, "x");
    push(stage, 108, "later");
    push(stage, 100, "TRUE1234");
    assert_text(&stage->bytes, "TRUE1234later");
    assert_text(&stage->notes, "overlap 0+1; ");
    stage_destroy(stage);
}
END_TEST

/* So does one that came early, in front of the plaintext that comes before it. */
START_TEST(early_bytes_that_do_not_matter_are_not_kept)
{
    struct stage *stage = stage_create(1000000);
    stage->plain = 1000;
    cas_stream_set_base(&stage->stream, 100);
    push(stage, 103, "forged");
    push(stage, 100, "abc");
    push(stage, 103, "TRUE");
    assert_text(&stage->bytes, "abcTRUE");
    assert_text(&stage->notes, "overlap 3+6; ");
    stage_destroy(stage);
}
END_TEST

/* T16: the pointer shows the last urgent byte, or the one behind it (RFC 6093, 3.1). */
START_TEST(urgent_data_is_in_doubt)
{
    struct stage *stage = stage_create(1000000);
    struct cas_stream_sink sink = sink_of(stage);
    cas_stream_set_base(&stage->stream, 100);
    push(stage, 100, "hel");
    cas_stream_note_urgent(&stage->stream, 103, 1, false, &sink);
    push(stage, 103, "lo");
    assert_text(&stage->bytes, "hello");
    assert_text(&stage->notes, "urgent 3+2; ");
    cas_stream_note_urgent(&stage->stream, 100 + CAS_STREAM_REACH * 2, 5, true, &sink);
    assert_text(&stage->notes, "urgent 3+2; ");
    stage_destroy(stage);
}
END_TEST

/* Of a stream of which an acknowledgment was all that came, and a wrong one. */
START_TEST(urgent_data_is_in_doubt_wherever_it_begins)
{
    struct stage *stage = stage_create(1000000);
    struct cas_stream_sink sink = sink_of(stage);
    cas_stream_ack(&stage->stream, 100 + CAS_STREAM_REACH * 2);
    cas_stream_note_urgent(&stage->stream, 100, 5, true, &sink);
    push(stage, 100, "hello");
    flush(stage);
    assert_text(&stage->bytes, "hello");
    assert_text(&stage->notes, "urgent 0+6; ");
    stage_destroy(stage);
}
END_TEST

/* T19 */
START_TEST(what_the_snaplen_took_is_not_waited_for)
{
    struct stage *stage = stage_create(1000000);
    struct cas_stream_sink sink = sink_of(stage);
    struct cas_stream_segment segment = { .seq = 110,
                                          .payload = text_view("second"),
                                          .wire_len = 10 };
    cas_stream_set_base(&stage->stream, 100);
    cas_stream_push(&stage->stream, &segment, &sink);
    segment = (struct cas_stream_segment){ .seq = 100,
                                           .payload = text_view("first"),
                                           .wire_len = 10 };
    cas_stream_push(&stage->stream, &segment, &sink);
    push(stage, 120, "third");
    assert_text(&stage->bytes, "first.....second....third");
    assert_text(&stage->notes, "hole 5+5 snaplen; hole 16+4 snaplen; ");
    stage_destroy(stage);
}
END_TEST

START_TEST(too_much_that_is_early_ends_the_patience)
{
    struct stage *stage = stage_create((size_t)1 << 20);
    static uint8_t much[1000];
    cas_stream_set_base(&stage->stream, 0);
    for (uint32_t i = 0; i < 65; i++) {
        ck_assert_int_eq(push_view(stage, 1 + i * 1000, cas_view_of(much, sizeof(much))),
                         CAS_STREAM_EARLY);
    }
    assert_text(&stage->notes, "");
    push_view(stage, 65001, cas_view_of(much, sizeof(much)));
    assert_text(&stage->notes, "hole 0+1 out_of_order; ");
    ck_assert_uint_eq(stage->bytes.len, 66001);
    stage_destroy(stage);
}
END_TEST

/* D05 */
START_TEST(one_range_too_many_ends_the_patience)
{
    struct stage *stage = stage_create((size_t)1 << 20);
    cas_stream_set_base(&stage->stream, 0);
    for (uint32_t i = 0; i < CAS_GAPS_MAX; i++) {
        push(stage, 1 + i * 2, "x");
    }
    assert_text(&stage->notes, "");
    push(stage, 1 + CAS_GAPS_MAX * 2, "x");
    assert_text(&stage->notes, "hole 0+1 out_of_order; ");
    for (uint32_t i = CAS_GAPS_MAX + 1; i < 400000; i++) {
        push(stage, 1 + i * 2, "x");
        ck_assert_uint_le(stage->budget.used, 80000);
    }
    stage_destroy(stage);
}
END_TEST

START_TEST(without_memory_bytes_go_on_with_a_hole)
{
    struct stage *stage = stage_create(0);
    cas_stream_set_base(&stage->stream, 0);
    push(stage, 0, "hello");
    push(stage, 7, "world");
    assert_text(&stage->bytes, "hello..world");
    assert_text(&stage->notes, "hole 5+2 memory; ");
    stage_destroy(stage);
}
END_TEST

/* T18 */
START_TEST(jumbo_segments_are_delivered_whole)
{
    struct dice dice = dice_init("jumbo");
    static const size_t sizes[] = { 2900, 65549, 185000, 262144 };
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct stage *stage = stage_create((size_t)1 << 20);
        struct cas_view text = dice_bytes(&dice, sizes[i] * 2);
        cas_stream_set_base(&stage->stream, 5);
        push(stage, 5 + 1000, "");
        push_view(stage, 5 + 100, cas_view_part(text, 100, 50));
        push_view(stage, 5, cas_view_part(text, 0, sizes[i]));
        push_view(stage, 5 + (uint32_t)sizes[i], cas_view_part(text, sizes[i], sizes[i]));
        ck_assert(cas_view_equal(cas_buf_view(&stage->bytes), text));
        assert_text(&stage->notes, "");
        exact_free(text);
        stage_destroy(stage);
    }
}
END_TEST

static enum cas_want count_bytes(void *user, uint64_t offset, struct cas_view bytes)
{
    uint64_t *told = user;
    ck_assert_uint_eq(offset, *told);
    *told += bytes.len;
    return CAS_WANT_BYTES;
}

static enum cas_want count_hole(void *user, uint64_t offset, uint64_t len,
                                enum cas_reason reason)
{
    uint64_t *told = user;
    ck_assert_int_eq(reason, CAS_REASON_GAP);
    ck_assert_uint_eq(offset, *told);
    *told += len;
    return CAS_WANT_BYTES;
}

/* T07: a stream of more than 32 GiB, nearly all of it lost. */
START_TEST(offsets_do_not_wrap)
{
    struct cas_budget budget = { .limit = 1000000 };
    struct cas_stream stream = { .window = { .budget = &budget } };
    uint64_t told = 0;
    struct cas_stream_sink sink = { .user = &told, .bytes = count_bytes, .hole = count_hole };
    cas_stream_set_base(&stream, 7);
    uint64_t offset = 0;
    while (offset < UINT64_C(9) << 32) {
        offset += CAS_STREAM_REACH;
        struct cas_stream_segment segment = { .seq = 7 + (uint32_t)offset - 1,
                                              .payload = text_view("b"),
                                              .wire_len = 1 };
        ck_assert_int_eq(cas_stream_push(&stream, &segment, &sink), CAS_STREAM_EARLY);
        cas_stream_skip(&stream, CAS_REASON_GAP, &sink);
        ck_assert_uint_eq(told, offset);
    }
    cas_stream_finish(&stream);
}
END_TEST

/* T13 */
START_TEST(a_fin_counts_unless_data_follows_it)
{
    struct stage *stage = stage_create(1000000);
    cas_stream_set_base(&stage->stream, 100);
    cas_stream_set_fin(&stage->stream, 111);
    push(stage, 100, "hello");
    ck_assert(!cas_stream_has_ended(&stage->stream));
    push(stage, 105, " world");
    ck_assert(cas_stream_has_ended(&stage->stream));
    push(stage, 111, "!");
    ck_assert(!cas_stream_has_ended(&stage->stream));
    assert_text(&stage->bytes, "hello world!");
    stage_destroy(stage);
}
END_TEST

START_TEST(the_end_is_told_by_fin_or_acknowledgment)
{
    struct stage *stage = stage_create(1000000);
    cas_stream_set_base(&stage->stream, 100);
    push(stage, 100, "hello");
    cas_stream_ack(&stage->stream, 106); /* may be a FIN that was not captured */
    flush(stage);
    assert_text(&stage->notes, "");
    cas_stream_ack(&stage->stream, 110);
    flush(stage);
    assert_text(&stage->notes, "hole 5+5 gap; ");
    cas_stream_set_fin(&stage->stream, 120);
    flush(stage);
    assert_text(&stage->notes, "hole 5+5 gap; hole 10+10 gap; ");
    stage_destroy(stage);
}
END_TEST

START_TEST(what_comes_again_is_compared_when_nothing_is_wanted)
{
    struct stage *stage = stage_create(1000000);
    stage->wants = 8;
    cas_stream_set_base(&stage->stream, 100);
    push(stage, 100, "hello");
    push(stage, 109, "x");
    push(stage, 105, "you");
    size_t used = stage->budget.used;
    ck_assert(!cas_stream_is_waiting(&stage->stream));
    ck_assert_int_eq(push(stage, 108, "w"), CAS_STREAM_DONE);
    ck_assert_int_eq(push(stage, 100, "hello"), CAS_STREAM_DONE);
    assert_text(&stage->bytes, "helloyou");
    assert_text(&stage->notes, "");
    ck_assert_int_eq(push(stage, 101, "EL"), CAS_STREAM_DONE);
    assert_text(&stage->notes, "overlap 1+2; ");
    ck_assert_uint_eq(stage->budget.used, used);
    cas_stream_finish(&stage->stream);
    ck_assert_uint_eq(stage->budget.used, 0);
    stage_destroy(stage);
}
END_TEST

/* The end of the plaintext, and what was delivered behind it, again with more: nothing differs,
 * and what is of use begins where it began before. */
START_TEST(what_overlaps_the_end_of_the_plaintext_is_no_other_beginning)
{
    struct stage *stage = stage_create(1000000);
    stage->plain = 5;
    cas_stream_set_base(&stage->stream, 100);
    push(stage, 100, "plain");
    push(stage, 105, "He");
    push(stage, 103, "inHello");
    assert_text(&stage->bytes, "plainHello");
    assert_text(&stage->notes, "");
    stage_destroy(stage);
}
END_TEST

/* More than half of it is in use. */
static struct stage *stage_short_of_memory(void)
{
    struct stage *stage = stage_create(100000);
    ck_assert(cas_budget_charge(&stage->budget, 60000));
    cas_stream_set_base(&stage->stream, 100);
    return stage;
}

static void stage_destroy_short(struct stage *stage)
{
    cas_budget_release(&stage->budget, 60000);
    stage_destroy(stage);
}

START_TEST(when_memory_is_short_a_segment_is_known_by_its_print)
{
    struct stage *stage = stage_short_of_memory();
    push(stage, 100, "hello, ");
    push(stage, 107, "world");
    ck_assert_int_eq(push(stage, 107, "world"), CAS_STREAM_DUPLICATE);
    push(stage, 100, "hello, world");
    push(stage, 107, "world and more");
    assert_text(&stage->bytes, "hello, world and more");
    assert_text(&stage->notes, "");
    push(stage, 107, "World");
    assert_text(&stage->notes, "overlap 7+5; ");
    stage_destroy_short(stage);
}
END_TEST

START_TEST(when_memory_is_short_parts_of_segments_are_in_doubt)
{
    struct stage *stage = stage_short_of_memory();
    push(stage, 100, "hello, ");
    push(stage, 107, "wide ");
    push(stage, 112, "world");
    push(stage, 102, "llo, wide wor");
    assert_text(&stage->notes, "overlap 2+5; overlap 12+3; ");
    stage_destroy_short(stage);
}
END_TEST

START_TEST(when_memory_is_short_what_waited_is_known_too)
{
    struct stage *stage = stage_short_of_memory();
    push(stage, 107, "world");
    push(stage, 100, "hello, ");
    push(stage, 107, "world");
    push(stage, 100, "hello, ");
    assert_text(&stage->bytes, "hello, world");
    assert_text(&stage->notes, "");
    push(stage, 107, "wOrld");
    assert_text(&stage->notes, "overlap 8+1; ");
    push(stage, 100, "heLLo, ");
    assert_text(&stage->notes, "overlap 8+1; overlap 0+7; ");
    stage_destroy_short(stage);
}
END_TEST

/* The stream is told from the hello on once more: what was known of the first time is not. */
START_TEST(when_memory_is_short_prints_are_of_what_was_told_last)
{
    struct stage *stage = stage_short_of_memory();
    stage->plain = 5;
    push(stage, 100, "plain");
    push(stage, 105, "tail");
    push(stage, 100, "Hello");
    push(stage, 105, "tail");
    assert_text(&stage->bytes, "Hellotail");
    assert_text(&stage->notes, "overlap 0+9; ");
    push(stage, 105, "tail");
    assert_text(&stage->notes, "overlap 0+9; ");
    stage_destroy_short(stage);
}
END_TEST

/* Forged bytes are delivered, then so many others that they are forgotten; then the true ones.
 */
START_TEST(what_is_not_kept_any_more_is_in_doubt_when_it_comes_again)
{
    struct stage *stage = stage_create((size_t)1 << 22);
    cas_stream_set_base(&stage->stream, 100);
    push(stage, 100, "FORGED");
    char chunk[1025];
    memset(chunk, 'x', sizeof(chunk) - 1);
    chunk[sizeof(chunk) - 1] = '\0';
    uint32_t seq = 106;
    for (; seq < 106 + CAS_STREAM_HISTORY; seq += 1024) {
        push(stage, seq, chunk);
    }
    push(stage, seq - 1024, chunk);
    assert_text(&stage->notes, "");
    push(stage, 100, "forged");
    assert_text(&stage->notes, "overlap 0+6; ");
    stage_destroy(stage);
}
END_TEST

/* So many ranges wait that what was delivered had to go. */
START_TEST(what_had_to_make_room_is_in_doubt_when_it_comes_again)
{
    struct stage *stage = stage_create((size_t)1 << 22);
    cas_stream_set_base(&stage->stream, 100);
    push(stage, 100, "FORGED");
    for (uint32_t i = 0; i < CAS_GAPS_MAX; i++) {
        push(stage, 10000 + 10 * i, "x");
    }
    push(stage, 100, "forged");
    assert_text(&stage->notes, "overlap 0+6; ");
    stage_destroy(stage);
}
END_TEST

/* The snaplen cuts the true bytes, so that they cannot be compared with what came first. */
START_TEST(what_is_cut_off_a_repetition_is_in_doubt)
{
    struct stage *stage = stage_create(1000000);
    struct cas_stream_sink sink = sink_of(stage);
    struct cas_stream_segment cut = { .seq = 100, .payload = text_view("fo"), .wire_len = 6 };
    cas_stream_set_base(&stage->stream, 100);
    push(stage, 100, "foRGED and more");
    cas_stream_push(&stage->stream, &cut, &sink);
    assert_text(&stage->notes, "overlap 2+4; ");
    stage_destroy(stage);
}
END_TEST

/* A hole was told; what fills it too late repeats nothing. */
START_TEST(what_comes_for_a_hole_is_in_no_doubt)
{
    struct stage *stage = stage_create(1000000);
    struct cas_stream_sink sink = sink_of(stage);
    cas_stream_set_base(&stage->stream, 100);
    push(stage, 100, "hel");
    push(stage, 105, "world");
    cas_stream_skip(&stage->stream, CAS_REASON_GAP, &sink);
    assert_text(&stage->notes, "hole 3+2 gap; ");
    push(stage, 102, "lloW");
    assert_text(&stage->notes, "hole 3+2 gap; overlap 5+1; ");
    stage_destroy(stage);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stream");
    TCase *tcase = tcase_create("stream");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, the_first_byte_wins_and_differences_are_told, 0, 3);
    tcase_add_loop_test(tcase, doubts_wait_for_the_base, 0, 3);
    tcase_add_loop_test(tcase, overlaps_of_the_same_bytes_are_nothing, 0, 3);
    tcase_add_test(tcase, honest_repetitions_are_never_in_doubt);
    tcase_add_test(tcase, a_late_difference_is_told);
    tcase_add_test(tcase, keep_alives_are_nothing);
    tcase_add_test(tcase, data_of_a_syn_counts_when_it_is_acknowledged);
    tcase_add_test(tcase, copies_of_what_does_not_matter_are_not_compared);
    tcase_add_test(tcase, a_copy_that_matters_where_the_first_did_not_is_told);
    tcase_add_test(tcase, a_copy_that_matters_is_told_though_the_first_differs_within_it);
    tcase_add_test(tcase, a_copy_that_matters_is_told_with_what_waits);
    tcase_add_test(tcase, early_bytes_that_do_not_matter_are_not_kept);
    tcase_add_test(tcase, urgent_data_is_in_doubt);
    tcase_add_test(tcase, urgent_data_is_in_doubt_wherever_it_begins);
    tcase_add_test(tcase, what_the_snaplen_took_is_not_waited_for);
    tcase_add_test(tcase, too_much_that_is_early_ends_the_patience);
    tcase_add_test(tcase, one_range_too_many_ends_the_patience);
    tcase_add_test(tcase, without_memory_bytes_go_on_with_a_hole);
    tcase_add_test(tcase, jumbo_segments_are_delivered_whole);
    tcase_add_test(tcase, offsets_do_not_wrap);
    tcase_add_test(tcase, a_fin_counts_unless_data_follows_it);
    tcase_add_test(tcase, the_end_is_told_by_fin_or_acknowledgment);
    tcase_add_test(tcase, what_comes_again_is_compared_when_nothing_is_wanted);
    tcase_add_test(tcase, what_overlaps_the_end_of_the_plaintext_is_no_other_beginning);
    tcase_add_test(tcase, when_memory_is_short_a_segment_is_known_by_its_print);
    tcase_add_test(tcase, when_memory_is_short_parts_of_segments_are_in_doubt);
    tcase_add_test(tcase, when_memory_is_short_what_waited_is_known_too);
    tcase_add_test(tcase, when_memory_is_short_prints_are_of_what_was_told_last);
    tcase_add_test(tcase, what_is_not_kept_any_more_is_in_doubt_when_it_comes_again);
    tcase_add_test(tcase, what_had_to_make_room_is_in_doubt_when_it_comes_again);
    tcase_add_test(tcase, what_is_cut_off_a_repetition_is_in_doubt);
    tcase_add_test(tcase, what_comes_for_a_hole_is_in_no_doubt);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
