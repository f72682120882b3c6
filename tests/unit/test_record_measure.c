/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lengths of records of Finished, whose content is 16 bytes (RFC 5246, 7.4.9). */
#include "analysis/record_measure.h"
#include "support/support.h"

struct example {
    uint16_t version;
    uint16_t cipher;
    uint16_t body;
    uint32_t least;
    uint32_t most;
};

static const struct example examples[] = {
    { 0x0303, 0xc02f, 40, 16, 16 }, /* AES-GCM: 8 + 16 + 16 */
    { 0x0303, 0xcca8, 32, 16, 16 }, /* ChaCha20-Poly1305: 16 + 16 */
    { 0x0303, 0xc09c, 40, 16, 16 }, /* AES-CCM: 8 + 16 + 16 */
    { 0x0303, 0xc0a0, 32, 16, 16 }, /* AES-CCM-8: 8 + 16 + 8 */
    { 0x0301, 0x0005, 36, 16, 16 }, /* RC4-SHA: 16 + 20 */
    { 0x0301, 0x0004, 32, 16, 16 }, /* RC4-MD5: 16 + 16 */
    { 0x0301, 0x002f, 48, 12, 27 }, /* AES-CBC-SHA, no IV: 16 + 20 + 12 */
    { 0x0302, 0x002f, 64, 12, 27 }, /* with it */
    { 0x0303, 0xc013, 68, 16, 31 }, /* and encrypt-then-MAC: 16 + (16 + 16) + 20 */
    { 0x0303, 0x003c, 80, 16, 31 }, /* AES-CBC-SHA256: 16 + 16 + 32 + 16 */
    { 0x0303, 0xc028, 96, 16, 31 }, /* AES-CBC-SHA384: 16 + 16 + 48 + 16 */
    { 0x0303, 0x000a, 48, 12, 19 }, /* 3DES-CBC-SHA: 8 + 16 + 20 + 4 */
};

START_TEST(the_content_lies_within)
{
    const struct example *example = &examples[_i];
    struct cas_record_measure measure;
    ck_assert(cas_record_measure_find(example->version, example->cipher, &measure));
    struct cas_span span = cas_record_measure_content(measure, example->body);
    ck_assert_msg(span.least == example->least, "%04x: %u", example->cipher, span.least);
    ck_assert_msg(span.most == example->most, "%04x: %u", example->cipher, span.most);
    ck_assert(cas_record_measure_is_least(measure, example->body, 16));
    ck_assert(!cas_record_measure_is_least(measure, (uint16_t)(example->body + 16), 16));
    span = cas_record_measure_content(measure, 5);
    ck_assert_uint_eq(span.most, 0);
}
END_TEST

START_TEST(others_are_not_known)
{
    struct cas_record_measure measure;
    ck_assert(!cas_record_measure_find(0x0300, 0x002f, &measure)); /* SSL 3.0 */
    ck_assert(!cas_record_measure_find(0x0304, 0x1301, &measure)); /* TLS 1.3 */
    ck_assert(!cas_record_measure_find(0x0303, 0x0006, &measure)); /* RC2 */
    ck_assert(!cas_record_measure_find(0x0303, 0xeeee, &measure));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("record_measure");
    TCase *tcase = tcase_create("record_measure");
    tcase_add_loop_test(tcase, the_content_lies_within, 0,
                        sizeof(examples) / sizeof(examples[0]));
    tcase_add_test(tcase, others_are_not_known);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
