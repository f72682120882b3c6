/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/cert_text.h"
#include "support/scarce.h"
#include "x509/bundle.h"
#include "x509/cert.h"

/* A certificate so small that its base64 can be read here: an empty name, a key of no kind. */
#define TINY                                                                                   \
    "30{30{02:01 30{06:2a03} 30{} 30{17'200101000000Z' 17'300101000000Z'} 30{}"                \
    "30{30{06:2a03} 03:00}} 30{06:2a03} 03:00}"
/* `base64 -w 64` of it */
#define TINY_1 "MEMwOAIBATAEBgIqAzAAMB4XDTIwMDEwMTAwMDAwMFoXDTMwMDEwMTAwMDAwMFow"
#define TINY_2 "ADAJMAQGAioDAwEAMAQGAioDAwEA"
#define TINY_PEM                                                                               \
    "-----BEGIN CERTIFICATE-----\n" TINY_1 "\n" TINY_2 "\n-----END CERTIFICATE-----\n"

#define SIGNED_DATA         "06:2a864886f70d010702"
#define DATA                "30{06:2a864886f70d010701}"
#define PKCS7(certificates) "30{" SIGNED_DATA " a0{30{02:01 31{} " DATA certificates " 31{}}}}"

/* What a reader told, as text: "+" and the line for each certificate, "-" and why for the rest.
 */
struct heard {
    struct cas_buf text;
    struct cas_view expected; /* each certificate must be this one */
    enum cas_err err;
    struct cas_error error;
};

static void hear_certificate(void *user, const struct cas_bundle_origin *origin,
                             struct cas_view der)
{
    struct heard *heard = user;
    struct cas_cert cert;
    ck_assert(cas_cert_split(der, &cert));
    ck_assert_uint_eq(cert.trailing_len, 0);
    ck_assert(heard->expected.len == 0 || cas_view_equal(der, heard->expected));
    cas_buf_append_format(&heard->text, "+%u:%u\n", origin->line, origin->entry);
}

static void hear_bad(void *user, const struct cas_bundle_origin *origin, const char *why)
{
    struct heard *heard = user;
    cas_buf_append_format(&heard->text, "-%u:%u ", origin->line, origin->entry);
    cas_buf_append_text(&heard->text, why);
    cas_buf_append_u8(&heard->text, '\n');
}

static struct cas_bundle_handler handler_of(struct heard *heard)
{
    *heard = (struct heard){ .text = cas_buf_init(1u << 20, NULL) };
    return (struct cas_bundle_handler){ .user = heard,
                                        .certificate = hear_certificate,
                                        .bad = hear_bad };
}

/* Reads an exact copy; frees nothing of what was heard. */
static void read_bytes(struct heard *heard, struct cas_view bytes)
{
    struct cas_bundle_handler handler = handler_of(heard);
    struct cas_view copy = exact_copy(bytes);
    heard->expected = der_copy(TINY);
    heard->err = cas_bundle_read(copy, "FILE", &handler, &heard->error);
    exact_free(heard->expected);
    exact_free(copy);
    cas_buf_append_u8(&heard->text, '\0');
}

static void check_heard(struct cas_view bytes, const char *expected)
{
    struct heard heard;
    read_bytes(&heard, bytes);
    ck_assert_str_eq((const char *)heard.text.data, expected);
    ck_assert_int_eq(heard.err, CAS_OK);
    cas_buf_finish(&heard.text);
}

static void check_refused(struct cas_view bytes, const char *sentence)
{
    struct heard heard;
    read_bytes(&heard, bytes);
    ck_assert_str_eq((const char *)heard.text.data, "");
    ck_assert_int_eq(heard.err, CAS_ERR_FORMAT);
    ck_assert_msg(strstr(heard.error.text, sentence) != NULL, "%s", heard.error.text);
    ck_assert_int_eq(strncmp(heard.error.text, "FILE: ", 6), 0);
    cas_buf_finish(&heard.text);
}

struct sample {
    const char *bytes;
    const char *heard;
};

START_TEST(pem_blocks_are_found_among_other_text)
{
    const struct sample samples[] = {
        { TINY_PEM, "+1:1\n" },
        { "# Root CA\n\n" TINY_PEM "Bag Attributes\n" TINY_PEM, "+3:1\n+8:2\n" },
        { "\xef\xbb\xbf" TINY_PEM, "+1:1\n" }, /* byte order mark */
        { "-----BEGIN CERTIFICATE-----\r\n" TINY_1 "\r\n" TINY_2 "\r\n"
          "-----END CERTIFICATE-----\r\n",
          "+1:1\n" },
        { "-----BEGIN CERTIFICATE-----  \n" TINY_1 TINY_2 "\n-----END CERTIFICATE-----",
          "+1:1\n" }, /* blanks behind, one long line, no LF at the end */
        { "  -----BEGIN CERTIFICATE-----\n  " TINY_1 "\n  " TINY_2
          "\n  -----END CERTIFICATE-----\n",
          "+1:1\n" }, /* indented, as in YAML */
        { "-----BEGIN X509 CERTIFICATE-----\n" TINY_1 TINY_2
          "\n-----END X509 CERTIFICATE-----\n",
          "+1:1\n" },
        { "-----BEGIN TRUSTED CERTIFICATE-----\n" TINY_1 TINY_2
          "\n-----END TRUSTED CERTIFICATE-----\n",
          "+1:1\n" },
        { "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n" TINY_PEM, "+4:1\n" },
        { "-----BEGIN X509 CRL-----\n!\n" TINY_PEM, "+3:1\n" }, /* never ended: not ours */
        { "0 s:CN=x\n" TINY_PEM, "+2:1\n" }, /* the digit is DER's SEQUENCE */
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        check_heard(text_view(samples[i].bytes), samples[i].heard);
    }
}
END_TEST

START_TEST(a_bad_pem_block_is_named_and_the_rest_is_used)
{
    const struct sample samples[] = {
        { "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n" TINY_PEM,
          "-1:1 its base64 is broken\n+4:2\n" },
        { "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n" TINY_PEM,
          "-1:1 no certificate in strict DER: breaks at byte 2 of 2\n+4:2\n" },
        { "-----BEGIN CERTIFICATE-----\n" TINY_1 "\n" TINY_PEM,
          "-1:1 another BEGIN line comes before its END line\n+3:2\n" },
        { TINY_PEM "-----BEGIN CERTIFICATE-----\n" TINY_1 "\n",
          "+1:1\n-5:2 it has no END line\n" },
        { "-----BEGIN CERTIFICATE-----\n" TINY_1 TINY_2 "\n-----END PKCS7-----\n",
          "-1:1 its END line names another kind than its BEGIN line\n" },
        { "-----BEGIN PKCS7-----\n" TINY_1 TINY_2 "\n-----END PKCS7-----\n",
          "-1:1 no PKCS#7 with certificates in it\n" },
        { "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
          "-1:1 no certificate in strict DER: breaks at byte 0 of 0\n" },
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        check_heard(text_view(samples[i].bytes), samples[i].heard);
    }
}
END_TEST

static void check_der(const char *der_text, const char *heard)
{
    struct cas_view copy = der_copy(der_text);
    check_heard(copy, heard);
    exact_free(copy);
}

START_TEST(der_and_pkcs7_may_stand_one_behind_the_other)
{
    check_der(TINY, "+0:1\n");
    check_der(TINY TINY, "+0:1\n+0:2\n");
    check_der(TINY "30{}" TINY,
              "+0:1\n-0:2 no certificate in strict DER: breaks at byte 2 of 2\n+0:3\n");
    check_der(TINY "=0a", "+0:1\n-0:2 what follows is no DER\n");
    check_der(TINY PKCS7(" a0{" TINY "}"), "+0:1\n+0:2\n");
    check_der("30{02:01}", "-0:1 no certificate in strict DER: breaks at byte 2 of 5\n");
}
END_TEST

START_TEST(pkcs7_gives_its_certificates)
{
    check_der(PKCS7(" a0{" TINY TINY "}"), "+0:1\n+0:2\n");
    check_der(PKCS7(" a0{" TINY " a1{05:} }"),
              "+0:1\n-0:2 no X.509 certificate but one of another kind\n");
    check_der(PKCS7(" a0{" TINY " =3005 }"),
              "+0:1\n-0:2 the PKCS#7 breaks off here: this is no DER\n");
}
END_TEST

START_TEST(pkcs7_in_ber_gives_its_certificates)
{
    /* ContentInfo, [0], SignedData and [0] of indefinite length */
    check_der("=3080 " SIGNED_DATA " =a080 =3080 02:01 31{} " DATA " =a080 " TINY TINY
              " =0000 31{} =0000 =0000 =0000",
              "+0:1\n+0:2\n");
}
END_TEST

/* Checks assert with memory: who hears without it only counts. */
static void count_certificate(void *user, const struct cas_bundle_origin *origin,
                              struct cas_view der)
{
    (void)origin;
    (void)der;
    ++*(unsigned *)user;
}

static void count_bad(void *user, const struct cas_bundle_origin *origin, const char *why)
{
    (void)why;
    count_certificate(user, origin, (struct cas_view){ 0 });
}

/* Found by fuzzing with failing allocations: it said that the format was not known. */
START_TEST(without_memory_pkcs7_in_ber_is_not_taken_for_another_format)
{
    struct cas_view ber = der_copy("=3080 " SIGNED_DATA " =a080 =3080 02:01 31{} " DATA
                                   " =a080 " TINY " =0000 31{} =0000 =0000 =0000");
    unsigned told = 0;
    const struct cas_bundle_handler handler = { &told, count_certificate, count_bad };
    unsigned long k = 0;
    unsigned long made = 0;
    do {
        k++;
        scarce_begin(k, SCARCE_ONCE);
        enum cas_err err = cas_bundle_read(ber, "FILE", &handler, NULL);
        made = scarce_end();
        ck_assert_int_eq(err, k <= made ? CAS_ERR_NOMEM : CAS_OK);
    } while (k <= made);
    ck_assert_uint_ge(made, 2); /* as DER, and on the way to there */
    ck_assert_uint_ge(told, 1);
    exact_free(ber);
}
END_TEST

START_TEST(more_than_fifteen_certificates_are_all_there)
{
    struct cas_buf text = cas_buf_init(1u << 20, NULL);
    cas_buf_append_text(&text, "30{" SIGNED_DATA " a0{30{02:01 31{} " DATA " a0{");
    for (int i = 0; i < 100; i++) {
        cas_buf_append_text(&text, TINY);
    }
    cas_buf_append_text(&text, "} 31{} }}}");
    char *string = cas_buf_take_string(&text);
    struct cas_view copy = der_copy(string);
    struct heard heard;
    read_bytes(&heard, copy);
    ck_assert_ptr_nonnull(strstr((const char *)heard.text.data, "+0:100\n"));
    cas_buf_finish(&heard.text);
    exact_free(copy);
    free(string);
}
END_TEST

/* 0x45, or 69 bytes: the length of TINY. */
#define SST_HEADER      "=00000000 =43455254 " /* version, "CERT" */
#define SST_CERTIFICATE "=20000000 =01000000 =45000000 " TINY
#define SST_PROPERTY    "=0b000000 =01000000 =04000000 =41004200 " /* a friendly name */
#define SST_END         " =00000000 =0000000000000000"

START_TEST(windows_stores_give_their_certificates)
{
    check_der(SST_HEADER SST_PROPERTY SST_CERTIFICATE SST_PROPERTY SST_CERTIFICATE SST_END,
              "+0:1\n+0:2\n");
    check_der(SST_HEADER SST_CERTIFICATE, "+0:1\n-0:2 the store is cut short here\n");
    check_der(SST_HEADER "=20000000 =01000000 =ffffffff =00",
              "-0:1 the store is cut short here\n");
}
END_TEST

#define JKS(entries)               "=feedfeed =00000002 =" entries
#define JKS_CERTIFICATE(alias_hex) /* kind, alias, date, "X.509", length */                    \
    " =00000002 =0001" alias_hex " =0000000000000000 =0005 =582e353039 =00000045 " TINY
#define JKS_KEY(num_hex)      " =00000001 =000161 =0000000000000000 =00000002 =abcd =" num_hex
#define JKS_CHAIN_CERTIFICATE " =0005 =582e353039 =00000045 " TINY
#define JKS_DIGEST            " =0000000000000000000000000000000000000000"

START_TEST(java_keystores_give_what_java_trusts)
{
    check_der(JKS("00000002") JKS_CERTIFICATE("61") JKS_CERTIFICATE("62") JKS_DIGEST,
              "+0:1\n+0:2\n");
    /* of a private key's chain the first only */
    check_der(JKS("00000002") JKS_KEY("00000002")
                  JKS_CHAIN_CERTIFICATE JKS_CHAIN_CERTIFICATE JKS_CERTIFICATE("62") JKS_DIGEST,
              "+0:1\n+0:2\n");
    /* version 1 has no type, JCEKS another magic */
    check_der("=cececece =00000001 =00000001 =00000002 =000161 "
              "=0000000000000000 =00000045 " TINY JKS_DIGEST,
              "+0:1\n");
    check_der(JKS("00000002") JKS_CERTIFICATE("61") " =00000003 =000162 =0000000000000000 =ac",
              "+0:1\n-0:2 a secret key, behind which nothing can be found: export the "
              "certificates with keytool\n");
    check_der(JKS("00000002") JKS_CERTIFICATE("61"),
              "+0:1\n-0:2 the keystore is cut short here\n");
    check_der(JKS("ffffffff") JKS_KEY("ffffffff"), "-0:1 the keystore is cut short here\n");
}
END_TEST

START_TEST(what_is_no_store_is_refused_with_a_remedy)
{
    struct cas_view pfx = der_copy("30{02:03 30{06:2a864886f70d010701 a0{04:00}}}");
    struct cas_view ber_pfx = der_copy("=3080 02:03 =3080");
    struct cas_view empty_pkcs7 = der_copy(PKCS7(""));
    struct cas_view empty_jks = der_copy(JKS("00000000") JKS_DIGEST);
    check_refused(pfx, "openssl pkcs12");
    check_refused(ber_pfx, "openssl pkcs12");
    check_refused(empty_pkcs7, "no certificate is in it");
    check_refused(empty_jks, "no certificate is in it");
    check_refused(text_view(""), "known format");
    check_refused(text_view("hello\n"), "known format");
    check_refused(text_view("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
                  "no certificate is in it");
    check_refused(cas_view_of("\xff\xfe-\0-\0", 6), "convert it to UTF-8");
    exact_free(pfx);
    exact_free(ber_pfx);
    exact_free(empty_pkcs7);
    exact_free(empty_jks);
}
END_TEST

/* The number of certificates heard. */
static unsigned count_heard(const struct heard *heard)
{
    unsigned count = 0;
    for (size_t i = 0; i < heard->text.len; i++) {
        count += heard->text.data[i] == '+';
    }
    return count;
}

/* Every prefix is read to its end and gives no more than the whole. */
static void check_prefixes(struct cas_view whole, unsigned num_certificates)
{
    for (size_t len = 0; len <= whole.len; len++) {
        struct heard heard;
        read_bytes(&heard, cas_view_part(whole, 0, len));
        unsigned count = count_heard(&heard);
        ck_assert_uint_le(count, num_certificates);
        ck_assert(len < whole.len || count == num_certificates);
        ck_assert(heard.err == CAS_OK || heard.err == CAS_ERR_FORMAT);
        cas_buf_finish(&heard.text);
    }
}

START_TEST(every_prefix_of_every_format_ends)
{
    const char *const formats[] = {
        TINY TINY,
        PKCS7(" a0{" TINY TINY "}"),
        "=3080 " SIGNED_DATA " =a080 =3080 02:01 31{} " DATA " =a080 " TINY TINY
        " =0000 31{} =0000 =0000 =0000",
        SST_HEADER SST_PROPERTY SST_CERTIFICATE SST_PROPERTY SST_CERTIFICATE SST_END,
        JKS("00000002") JKS_KEY("00000001") JKS_CHAIN_CERTIFICATE JKS_CERTIFICATE("62"),
    };
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        struct cas_view whole = der_copy(formats[i]);
        check_prefixes(whole, 2);
        exact_free(whole);
    }
    check_prefixes(text_view("comment\n" TINY_PEM TINY_PEM), 2);
}
END_TEST

/* A directory of its own, gone with remove_folder(). */
static char *make_folder(void)
{
    char *path = strdup("/tmp/casniff-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(path));
    return path;
}

static char *path_in(const char *folder, const char *name)
{
    static char path[4096];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void write_file(const char *folder, const char *name, const char *text)
{
    FILE *file = fopen(path_in(folder, name), "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static void remove_folder(char *folder, const char *const *names, size_t num_names)
{
    for (size_t i = 0; i < num_names; i++) {
        (void)remove(path_in(folder, names[i]));
    }
    ck_assert_int_eq(rmdir(folder), 0);
    free(folder);
}

/* The last component of each path told, with the mark of what it was. */
static void hear_path(struct heard *heard, char mark, const char *path)
{
    const char *name = strrchr(path, '/');
    cas_buf_append_format(&heard->text, "%c%s\n", mark, name != NULL ? name + 1 : path);
}

static void hear_path_of_certificate(void *user, const struct cas_bundle_origin *origin,
                                     struct cas_view der)
{
    (void)der;
    hear_path(user, '+', origin->path);
}

static void hear_path_of_bad(void *user, const struct cas_bundle_origin *origin,
                             const char *why)
{
    hear_path(user, '-', origin->path);
    ck_assert_msg(strncmp(why, origin->path, strlen(origin->path)) != 0, "%s", why);
}

static void read_path(struct heard *heard, const char *path)
{
    struct cas_bundle_handler handler = handler_of(heard);
    handler.certificate = hear_path_of_certificate;
    handler.bad = hear_path_of_bad;
    heard->err = cas_bundle_read_path(path, &handler, &heard->error);
    cas_buf_append_u8(&heard->text, '\0');
}

START_TEST(a_directory_is_read_by_name_and_each_file_once)
{
    const char *const names[] = { "b.pem",  "a.pem", "c.txt", "0-link",
                                  "z-link", "gone",  "fifo",  "inner" };
    char *folder = make_folder();
    write_file(folder, "b.pem", TINY_PEM);
    write_file(folder, "a.pem", TINY_PEM TINY_PEM);
    write_file(folder, "c.txt", "nothing here\n");
    ck_assert_int_eq(symlink("b.pem", path_in(folder, "0-link")), 0);
    ck_assert_int_eq(symlink("b.pem", path_in(folder, "z-link")), 0);
    ck_assert_int_eq(symlink("nowhere", path_in(folder, "gone")), 0);
    ck_assert_int_eq(mkfifo(path_in(folder, "fifo"), 0600), 0);
    ck_assert_int_eq(mkdir(path_in(folder, "inner"), 0700), 0);
    struct heard heard;
    read_path(&heard, folder);
    ck_assert_int_eq(heard.err, CAS_OK);
    ck_assert_str_eq((const char *)heard.text.data, "-gone\n+0-link\n+a.pem\n+a.pem\n-c.txt\n");
    cas_buf_finish(&heard.text);
    remove_folder(folder, names, sizeof(names) / sizeof(names[0]));
}
END_TEST

static void check_unreadable(const char *path, enum cas_err err, const char *sentence)
{
    struct heard heard;
    read_path(&heard, path);
    ck_assert_int_eq(heard.err, err);
    ck_assert_str_eq((const char *)heard.text.data, "");
    ck_assert_msg(strstr(heard.error.text, sentence) != NULL, "%s", heard.error.text);
    cas_buf_finish(&heard.text);
}

START_TEST(what_cannot_be_read_is_one_sentence)
{
    const char *const names[] = { "fifo", "empty", "big" };
    char *folder = make_folder();
    check_unreadable(folder, CAS_ERR_FORMAT, "no file is in the directory");
    check_unreadable(path_in(folder, "missing"), CAS_ERR_IO, "No such file");
    ck_assert_int_eq(mkfifo(path_in(folder, "fifo"), 0600), 0);
    check_unreadable(path_in(folder, "fifo"), CAS_ERR_IO, "no regular file");
    write_file(folder, "empty", "");
    check_unreadable(path_in(folder, "empty"), CAS_ERR_FORMAT, "known format");
    write_file(folder, "big", "");
    ck_assert_int_eq(truncate(path_in(folder, "big"), (off_t)CAS_BUNDLE_SIZE_MAX + 1), 0);
    check_unreadable(path_in(folder, "big"), CAS_ERR_FORMAT, "64 MiB");
    remove_folder(folder, names, sizeof(names) / sizeof(names[0]));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bundle");
    TCase *tcase = tcase_create("bundle");
    tcase_add_test(tcase, pem_blocks_are_found_among_other_text);
    tcase_add_test(tcase, a_bad_pem_block_is_named_and_the_rest_is_used);
    tcase_add_test(tcase, der_and_pkcs7_may_stand_one_behind_the_other);
    tcase_add_test(tcase, pkcs7_gives_its_certificates);
    tcase_add_test(tcase, pkcs7_in_ber_gives_its_certificates);
    tcase_add_test(tcase, without_memory_pkcs7_in_ber_is_not_taken_for_another_format);
    tcase_add_test(tcase, more_than_fifteen_certificates_are_all_there);
    tcase_add_test(tcase, windows_stores_give_their_certificates);
    tcase_add_test(tcase, java_keystores_give_what_java_trusts);
    tcase_add_test(tcase, what_is_no_store_is_refused_with_a_remedy);
    tcase_add_test(tcase, every_prefix_of_every_format_ends);
    tcase_add_test(tcase, a_directory_is_read_by_name_and_each_file_once);
    tcase_add_test(tcase, what_cannot_be_read_is_one_sentence);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
