/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "bytes/base64.h"
#include "support/support.h"

struct sample {
    const char *text;
    const char *bytes; /* NULL when it is no base64 */
};

START_TEST(the_vectors_of_rfc_4648_decode)
{
    const struct sample samples[] = {
        { "", "" },
        { "Zg==", "f" },
        { "Zm8=", "fo" },
        { "Zm9v", "foo" },
        { "Zm9vYg==", "foob" },
        { "Zm9vYmE=", "fooba" },
        { "Zm9vYmFy", "foobar" },
        { " Zm9v\r\n\tYmFy\n", "foobar" },
        { "Z", NULL },
        { "Zg", NULL },
        { "Zg=", NULL },
        { "Zg==Zg==", NULL }, /* something behind the padding */
        { "Zm9v!", NULL },
        { "Zm9v-_", NULL }, /* the alphabet of URLs */
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        struct cas_view copy = exact_copy(text_view(samples[i].text));
        struct cas_buf out = cas_buf_init(100, NULL);
        bool decoded = cas_base64_decode(copy, &out);
        ck_assert_msg(decoded == (samples[i].bytes != NULL), "'%s'", samples[i].text);
        if (decoded) {
            ck_assert_buf_eq(&out, samples[i].bytes);
        }
        cas_buf_finish(&out);
        exact_free(copy);
    }
}
END_TEST

START_TEST(long_text_decodes_over_its_chunks)
{
    struct cas_buf text = cas_buf_init(1u << 20, NULL);
    struct cas_buf out = cas_buf_init(1u << 20, NULL);
    while (text.len < 10000) {
        cas_buf_append_text(&text, "Zm9v\n"); /* five bytes: no chunk ends as another */
    }
    ck_assert(cas_base64_decode(cas_buf_view(&text), &out));
    ck_assert_uint_eq(out.len, text.len / 5 * 3);
    for (size_t i = 0; i < out.len; i += 3) {
        ck_assert_mem_eq(out.data + i, "foo", 3);
    }
    cas_buf_finish(&text);
    cas_buf_finish(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base64");
    TCase *tcase = tcase_create("base64");
    tcase_add_test(tcase, the_vectors_of_rfc_4648_decode);
    tcase_add_test(tcase, long_text_decodes_over_its_chunks);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
