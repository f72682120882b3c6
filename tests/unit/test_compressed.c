/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/compressed.h"
#include "support/frames.h"
#include "support/support.h"

/* Made with: printf 'hello, packed world\n' | gzip -n9, and | zstd -19 --no-check. */
#define TEXT "hello, packed world\n"
#define GZIP "1f8b0800000000000203cb48cdc9c9d75128484cce4e4d5128cf2fca49e10200dee11c4a14000000"
#define ZSTD "28b52ffd0068a1000068656c6c6f2c207061636b656420776f726c640a"

static char path[] = "/tmp/casniff-test-XXXXXX";

static void make_file(void)
{
    strcpy(path + sizeof(path) - 7, "XXXXXX");
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
}

static const struct cas_capture_tap nobody;

static void remove_file(void)
{
    unlink(path);
}

/* Writes bytes, reads them back through the stream; out holds 8192 bytes at most. */
static struct cas_buf read_back(struct cas_view bytes, const char **out_damage)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes.data, 1, bytes.len, file), bytes.len);
    fclose(file);
    FILE *stream = NULL;
    struct cas_compressed *compressed = NULL;
    ck_assert_int_eq(cas_compressed_open(path, &nobody, &stream, &compressed, NULL), CAS_OK);
    struct cas_buf buf = cas_buf_init((size_t)1 << 24, NULL);
    char block[1000];
    size_t got = 0;
    while ((got = fread(block, 1, sizeof(block), stream)) > 0) {
        cas_buf_append(&buf, cas_view_of(block, got));
    }
    *out_damage = cas_compressed_damage(compressed);
    uint64_t read = 0;
    uint64_t size = 0;
    cas_compressed_progress(compressed, &read, &size);
    ck_assert_uint_eq(size, bytes.len);
    ck_assert_uint_le(read, size);
    fclose(stream);
    cas_compressed_close(compressed);
    return buf;
}

static void assert_read_back(struct cas_view bytes, const char *text)
{
    const char *damage = NULL;
    struct cas_buf buf = read_back(bytes, &damage);
    ck_assert_ptr_null(damage);
    ck_assert_buf_eq(&buf, text);
    cas_buf_finish(&buf);
}

START_TEST(what_is_not_packed_comes_as_it_is)
{
    struct dice dice = dice_init("plain");
    struct cas_view bytes = dice_bytes(&dice, 1000000);
    const char *damage = NULL;
    struct cas_buf buf = read_back(bytes, &damage);
    ck_assert_ptr_null(damage);
    ck_assert(cas_view_equal(cas_buf_view(&buf), bytes));
    cas_buf_finish(&buf);
    exact_free(bytes);
    assert_read_back(text_view("x"), "x");
}
END_TEST

#if defined(CAS_HAVE_ZLIB) && defined(CAS_HAVE_ZSTD)
static struct cas_view twice(struct cas_view bytes)
{
    struct cas_buf buf = cas_buf_init(1000, NULL);
    cas_buf_append(&buf, bytes);
    cas_buf_append(&buf, bytes);
    struct cas_view copy = exact_copy(cas_buf_view(&buf));
    cas_buf_finish(&buf);
    return copy;
}

static const struct {
    const char *hex;
    const char *broken_off;
} packings[] = {
    { GZIP, "the gzip data breaks off" },
    { ZSTD, "the zstd data breaks off" },
};

START_TEST(packed_bytes_are_unpacked_told_by_content)
{
    struct cas_view packed = hex_copy(packings[_i].hex);
    assert_read_back(packed, TEXT);
    struct cas_view two = twice(packed);
    assert_read_back(two, TEXT TEXT);
    exact_free(two);
    exact_free(packed);
}
END_TEST

START_TEST(every_prefix_of_packed_bytes_is_damaged)
{
    struct cas_view packed = hex_copy(packings[_i].hex);
    for (size_t len = 4; len < packed.len; len++) {
        const char *damage = NULL;
        struct cas_buf buf = read_back(cas_view_part(packed, 0, len), &damage);
        ck_assert_str_eq(damage, packings[_i].broken_off);
        ck_assert_uint_le(buf.len, strlen(TEXT));
        if (buf.len > 0) {
            ck_assert_mem_eq(buf.data, TEXT, buf.len);
        }
        cas_buf_finish(&buf);
    }
    exact_free(packed);
}
END_TEST

START_TEST(bad_packed_bytes_are_damaged)
{
    struct cas_view packed = hex_copy(packings[_i].hex);
    struct cas_buf buf = cas_buf_init(1000, NULL);
    cas_buf_append(&buf, packed);
    buf.data[_i == 0 ? 10 : 6] ^= 0xff;
    const char *damage = NULL;
    struct cas_buf out = read_back(cas_buf_view(&buf), &damage);
    ck_assert_ptr_nonnull(damage);
    cas_buf_finish(&out);
    cas_buf_finish(&buf);
    exact_free(packed);
}
END_TEST

START_TEST(padding_behind_gzip_is_passed_over)
{
    struct cas_view packed = hex_copy(GZIP "00000000");
    assert_read_back(packed, TEXT);
    exact_free(packed);
}
END_TEST
#endif

START_TEST(what_this_build_cannot_unpack_is_refused)
{
    static const char *const hex[] = { GZIP, ZSTD };
    for (size_t i = 0; i < 2; i++) {
        struct cas_view packed = hex_copy(hex[i]);
        FILE *file = fopen(path, "wb");
        ck_assert_ptr_nonnull(file);
        ck_assert_uint_eq(fwrite(packed.data, 1, packed.len, file), packed.len);
        fclose(file);
        exact_free(packed);
        FILE *stream = NULL;
        struct cas_compressed *compressed = NULL;
        struct cas_error error = { 0 };
        if (cas_compressed_open(path, &nobody, &stream, &compressed, &error) == CAS_OK) {
            fclose(stream);
            cas_compressed_close(compressed);
            continue;
        }
        ck_assert_int_eq(error.code, CAS_ERR_FORMAT);
        ck_assert_ptr_nonnull(strstr(error.text, "was built without"));
        ck_assert_ptr_nonnull(strstr(error.text, i == 0 ? "with gunzip" : "with unzstd"));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("compressed");
    TCase *tcase = tcase_create("compressed");
    tcase_add_checked_fixture(tcase, make_file, remove_file);
    tcase_add_test(tcase, what_is_not_packed_comes_as_it_is);
    tcase_add_test(tcase, what_this_build_cannot_unpack_is_refused);
#if defined(CAS_HAVE_ZLIB) && defined(CAS_HAVE_ZSTD)
    tcase_add_loop_test(tcase, packed_bytes_are_unpacked_told_by_content, 0, 2);
    tcase_add_loop_test(tcase, every_prefix_of_packed_bytes_is_damaged, 0, 2);
    tcase_add_loop_test(tcase, bad_packed_bytes_are_damaged, 0, 2);
    tcase_add_test(tcase, padding_behind_gzip_is_passed_over);
#endif
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
