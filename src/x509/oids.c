/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "x509/oids.h"

#include <stddef.h>
#include <string.h>

#include "x509/der.h"

/* Tables of them are searched from the front, where the usual ones stand. */
struct name {
    const char *oid;
    const char *text;
};

#define NUM(array) (sizeof(array) / sizeof((array)[0]))

/*
 * Attribute types by their last arc: nearly all that a name is made of, and found without
 * putting the OID in words.
 */

/* 2.5.4, of X.520 */
static const char *const id_at[] = {
    [3] = "CN",
    [4] = "SN",
    [5] = "serialNumber",
    [6] = "C",
    [7] = "L",
    [8] = "ST",
    [9] = "street",
    [10] = "O",
    [11] = "OU",
    [12] = "title",
    [13] = "description",
    [14] = "searchGuide",
    [15] = "businessCategory",
    [16] = "postalAddress",
    [17] = "postalCode",
    [18] = "postOfficeBox",
    [19] = "physicalDeliveryOfficeName",
    [20] = "telephoneNumber",
    [21] = "telexNumber",
    [22] = "teletexTerminalIdentifier",
    [23] = "facsimileTelephoneNumber",
    [24] = "x121Address",
    [25] = "internationaliSDNNumber",
    [26] = "registeredAddress",
    [27] = "destinationIndicator",
    [28] = "preferredDeliveryMethod",
    [29] = "presentationAddress",
    [30] = "supportedApplicationContext",
    [31] = "member",
    [32] = "owner",
    [33] = "roleOccupant",
    [34] = "seeAlso",
    [35] = "userPassword",
    [36] = "userCertificate",
    [37] = "cACertificate",
    [38] = "authorityRevocationList",
    [39] = "certificateRevocationList",
    [40] = "crossCertificatePair",
    [41] = "name",
    [42] = "GN",
    [43] = "initials",
    [44] = "generationQualifier",
    [45] = "x500UniqueIdentifier",
    [46] = "dnQualifier",
    [47] = "enhancedSearchGuide",
    [48] = "protocolInformation",
    [49] = "distinguishedName",
    [50] = "uniqueMember",
    [51] = "houseIdentifier",
    [52] = "supportedAlgorithms",
    [53] = "deltaRevocationList",
    [54] = "dmdName",
    [65] = "pseudonym",
    [72] = "role",
    [97] = "organizationIdentifier",
    [98] = "c3",
    [99] = "n3",
    [100] = "dnsName",
};

/* 0.9.2342.19200300.100.1, of RFC 4524 and before */
static const char *const pilot[] = {
    [1] = "UID",
    [2] = "textEncodedORAddress",
    [3] = "mail",
    [4] = "info",
    [5] = "favouriteDrink",
    [6] = "roomNumber",
    [7] = "photo",
    [8] = "userClass",
    [9] = "host",
    [10] = "manager",
    [11] = "documentIdentifier",
    [12] = "documentTitle",
    [13] = "documentVersion",
    [14] = "documentAuthor",
    [15] = "documentLocation",
    [20] = "homeTelephoneNumber",
    [21] = "secretary",
    [22] = "otherMailbox",
    [23] = "lastModifiedTime",
    [24] = "lastModifiedBy",
    [25] = "DC",
    [26] = "aRecord",
    [27] = "pilotAttributeType27",
    [28] = "mXRecord",
    [29] = "nSRecord",
    [30] = "sOARecord",
    [31] = "cNAMERecord",
    [37] = "associatedDomain",
    [38] = "associatedName",
    [39] = "homePostalAddress",
    [40] = "personalTitle",
    [41] = "mobileTelephoneNumber",
    [42] = "pagerTelephoneNumber",
    [43] = "friendlyCountryName",
    [44] = "uid",
    [45] = "organizationalStatus",
    [46] = "janetMailbox",
    [47] = "mailPreferenceOption",
    [48] = "buildingName",
    [49] = "dSAQuality",
    [50] = "singleLevelQuality",
    [51] = "subtreeMinimumQuality",
    [52] = "subtreeMaximumQuality",
    [53] = "personalSignature",
    [54] = "dITRedirect",
    [55] = "audio",
    [56] = "documentPublisher",
};

/* 1.2.840.113549.1.9, of PKCS #9 */
static const char *const pkcs_9[] = {
    [1] = "emailAddress",        [2] = "unstructuredName", [7] = "challengePassword",
    [8] = "unstructuredAddress", [20] = "friendlyName",
};

/* The arcs above the last one in DER, and the names of those below. */
static const struct family {
    uint8_t arcs[9];
    size_t arcs_len;
    const char *const *names;
    size_t num_names;
} families[] = {
    { { 0x55, 0x04 }, 2, id_at, NUM(id_at) },
    { { 0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01 }, 9, pilot, NUM(pilot) },
    { { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09 }, 8, pkcs_9, NUM(pkcs_9) },
};

/* A last arc in one byte; a table ends before the first that has two. */
_Static_assert(NUM(id_at) <= 128 && NUM(pilot) <= 128 && NUM(pkcs_9) <= 128, "arcs of a byte");

static const struct name other_attributes[] = {
    { "1.2.643.3.131.1.1", "INN" },
    { "1.2.643.100.1", "OGRN" },
    { "1.2.643.100.3", "SNILS" },
    { "1.2.643.100.5", "OGRNIP" },
    { "1.2.643.100.111", "subjectSignTool" },
    { "1.2.643.100.112", "issuerSignTool" },
    { "1.3.6.1.4.1.311.60.2.1.1", "jurisdictionL" },
    { "1.3.6.1.4.1.311.60.2.1.2", "jurisdictionST" },
    { "1.3.6.1.4.1.311.60.2.1.3", "jurisdictionC" },
};

static const struct name purposes[] = {
    { "1.3.6.1.5.5.7.3.1", "serverAuth" },
    { "1.3.6.1.5.5.7.3.2", "clientAuth" },
    { "2.5.29.37.0", "anyExtendedKeyUsage" },
    { "1.3.6.1.5.5.7.3.3", "codeSigning" },
    { "1.3.6.1.5.5.7.3.4", "emailProtection" },
    { "1.3.6.1.5.5.7.3.5", "ipsecEndSystem" },
    { "1.3.6.1.5.5.7.3.6", "ipsecTunnel" },
    { "1.3.6.1.5.5.7.3.7", "ipsecUser" },
    { "1.3.6.1.5.5.7.3.8", "timeStamping" },
    { "1.3.6.1.5.5.7.3.9", "OCSPSigning" },
    { "1.3.6.1.5.5.7.3.10", "DVCS" },
    { "1.3.6.1.5.5.7.3.13", "eapOverPPP" },
    { "1.3.6.1.5.5.7.3.14", "eapOverLAN" },
    { "1.3.6.1.5.5.7.3.17", "ipsecIKE" },
    { "1.3.6.1.5.5.7.3.18", "capwapAC" },
    { "1.3.6.1.5.5.7.3.19", "capwapWTP" },
    { "1.3.6.1.5.5.7.3.21", "secureShellClient" },
    { "1.3.6.1.5.5.7.3.22", "secureShellServer" },
    { "1.3.6.1.5.5.7.3.23", "sendRouter" },
    { "1.3.6.1.5.5.7.3.24", "sendProxiedRouter" },
    { "1.3.6.1.5.5.7.3.25", "sendOwner" },
    { "1.3.6.1.5.5.7.3.26", "sendProxiedOwner" },
    { "1.3.6.1.5.5.7.3.27", "cmcCA" },
    { "1.3.6.1.5.5.7.3.28", "cmcRA" },
    { "1.3.6.1.5.5.7.3.29", "cmcArchive" },
    { "1.3.6.1.5.5.7.3.30", "id-kp-bgpsec-router" },
    { "1.3.6.1.5.5.7.3.31", "id-kp-BrandIndicatorforMessageIdentification" },
    { "1.3.6.1.5.5.7.3.32", "cmKGA" },
    { "1.3.6.1.5.2.3.4", "pkInitClientAuth" },
    { "1.3.6.1.5.2.3.5", "pkInitKDC" },
    { "1.3.6.1.4.1.311.2.1.21", "msCodeInd" },
    { "1.3.6.1.4.1.311.2.1.22", "msCodeCom" },
    { "1.3.6.1.4.1.311.10.3.1", "msCTLSign" },
    { "1.3.6.1.4.1.311.10.3.3", "msSGC" },
    { "1.3.6.1.4.1.311.10.3.4", "msEFS" },
    { "1.3.6.1.4.1.311.20.2.2", "msSmartcardLogin" },
    { "2.16.840.1.113730.4.1", "nsSGC" },
};

static const struct name signatures[] = {
    { "1.2.840.113549.1.1.11", "sha256WithRSAEncryption" },
    { "1.2.840.10045.4.3.2", "ecdsa-with-SHA256" },
    { "1.2.840.10045.4.3.3", "ecdsa-with-SHA384" },
    { "1.2.840.113549.1.1.12", "sha384WithRSAEncryption" },
    { "1.2.840.113549.1.1.13", "sha512WithRSAEncryption" },
    { "1.2.840.113549.1.1.5", "sha1WithRSAEncryption" },
    { "1.2.840.113549.1.1.10", "rsassaPss" },
    { "1.2.840.10045.4.3.4", "ecdsa-with-SHA512" },
    { "1.3.101.112", "ED25519" },
    { "1.3.101.113", "ED448" },
    { "1.2.840.113549.1.1.2", "md2WithRSAEncryption" },
    { "1.2.840.113549.1.1.3", "md4WithRSAEncryption" },
    { "1.2.840.113549.1.1.4", "md5WithRSAEncryption" },
    { "1.2.840.113549.1.1.14", "sha224WithRSAEncryption" },
    { "1.2.840.113549.1.1.15", "sha512-224WithRSAEncryption" },
    { "1.2.840.113549.1.1.16", "sha512-256WithRSAEncryption" },
    { "1.2.840.10045.4.1", "ecdsa-with-SHA1" },
    { "1.2.840.10045.4.2", "ecdsa-with-Recommended" },
    { "1.2.840.10045.4.3.1", "ecdsa-with-SHA224" },
    { "1.2.840.10040.4.3", "dsaWithSHA1" },
    { "1.3.14.3.2.3", "md5WithRSA" },
    { "1.3.14.3.2.27", "dsaWithSHA1-old" },
    { "1.3.14.3.2.29", "sha1WithRSA" },
    { "1.3.36.3.3.1.2", "ripemd160WithRSA" },
    { "2.16.840.1.101.3.4.3.1", "dsa_with_SHA224" },
    { "2.16.840.1.101.3.4.3.2", "dsa_with_SHA256" },
    { "2.16.840.1.101.3.4.3.3", "dsa_with_SHA384" },
    { "2.16.840.1.101.3.4.3.4", "dsa_with_SHA512" },
    { "2.16.840.1.101.3.4.3.5", "dsa_with_SHA3-224" },
    { "2.16.840.1.101.3.4.3.6", "dsa_with_SHA3-256" },
    { "2.16.840.1.101.3.4.3.7", "dsa_with_SHA3-384" },
    { "2.16.840.1.101.3.4.3.8", "dsa_with_SHA3-512" },
    { "2.16.840.1.101.3.4.3.9", "ecdsa_with_SHA3-224" },
    { "2.16.840.1.101.3.4.3.10", "ecdsa_with_SHA3-256" },
    { "2.16.840.1.101.3.4.3.11", "ecdsa_with_SHA3-384" },
    { "2.16.840.1.101.3.4.3.12", "ecdsa_with_SHA3-512" },
    { "2.16.840.1.101.3.4.3.13", "RSA-SHA3-224" },
    { "2.16.840.1.101.3.4.3.14", "RSA-SHA3-256" },
    { "2.16.840.1.101.3.4.3.15", "RSA-SHA3-384" },
    { "2.16.840.1.101.3.4.3.16", "RSA-SHA3-512" },
    { "1.2.156.10197.1.501", "SM2-with-SM3" },
    { "1.2.156.10197.1.504", "sm3WithRSAEncryption" },
    { "1.2.643.2.2.3", "GOST R 34.11-94 with GOST R 34.10-2001" },
    { "1.2.643.2.2.4", "GOST R 34.11-94 with GOST R 34.10-94" },
    { "1.2.643.7.1.1.3.2", "GOST R 34.10-2012 with GOST R 34.11-2012 (256 bit)" },
    { "1.2.643.7.1.1.3.3", "GOST R 34.10-2012 with GOST R 34.11-2012 (512 bit)" },
};

static const struct name keys[] = {
    { "1.2.840.113549.1.1.1", "RSA" },
    { "1.2.840.10045.2.1", "EC" },
    { "1.3.101.112", "Ed25519" },
    { "1.3.101.113", "Ed448" },
    { "1.3.101.110", "X25519" },
    { "1.3.101.111", "X448" },
    { "1.2.840.113549.1.1.10", "RSA-PSS" },
    { "1.2.840.10040.4.1", "DSA" },
    { "1.2.840.113549.1.3.1", "DH" },
    { "1.2.840.10046.2.1", "DH" },
    { "2.16.840.1.101.3.4.4.1", "ML-KEM-512" },
    { "2.16.840.1.101.3.4.4.2", "ML-KEM-768" },
    { "2.16.840.1.101.3.4.4.3", "ML-KEM-1024" },
    { "1.2.643.2.2.19", "GOST R 34.10-2001" },
    { "1.2.643.2.2.20", "GOST R 34.10-94" },
    { "1.2.643.7.1.1.1.1", "GOST R 34.10-2012 (256 bit)" },
    { "1.2.643.7.1.1.1.2", "GOST R 34.10-2012 (512 bit)" },
};

/* FIPS 204 and 205: one OID names the key and the signature. */
static const struct name keys_and_signatures[] = {
    { "2.16.840.1.101.3.4.3.17", "ML-DSA-44" },
    { "2.16.840.1.101.3.4.3.18", "ML-DSA-65" },
    { "2.16.840.1.101.3.4.3.19", "ML-DSA-87" },
    { "2.16.840.1.101.3.4.3.20", "SLH-DSA-SHA2-128s" },
    { "2.16.840.1.101.3.4.3.21", "SLH-DSA-SHA2-128f" },
    { "2.16.840.1.101.3.4.3.22", "SLH-DSA-SHA2-192s" },
    { "2.16.840.1.101.3.4.3.23", "SLH-DSA-SHA2-192f" },
    { "2.16.840.1.101.3.4.3.24", "SLH-DSA-SHA2-256s" },
    { "2.16.840.1.101.3.4.3.25", "SLH-DSA-SHA2-256f" },
    { "2.16.840.1.101.3.4.3.26", "SLH-DSA-SHAKE-128s" },
    { "2.16.840.1.101.3.4.3.27", "SLH-DSA-SHAKE-128f" },
    { "2.16.840.1.101.3.4.3.28", "SLH-DSA-SHAKE-192s" },
    { "2.16.840.1.101.3.4.3.29", "SLH-DSA-SHAKE-192f" },
    { "2.16.840.1.101.3.4.3.30", "SLH-DSA-SHAKE-256s" },
    { "2.16.840.1.101.3.4.3.31", "SLH-DSA-SHAKE-256f" },
};

/* NIST's curves by NIST's names, the others as OpenSSL calls them. */
static const struct curve {
    struct name name;
    uint32_t bits;
} curves[] = {
    { { "1.2.840.10045.3.1.7", "P-256" }, 256 },
    { { "1.3.132.0.34", "P-384" }, 384 },
    { { "1.3.132.0.35", "P-521" }, 521 },
    { { "1.3.132.0.10", "secp256k1" }, 256 },
    { { "1.3.132.0.33", "P-224" }, 224 },
    { { "1.2.840.10045.3.1.1", "P-192" }, 192 },
    { { "1.2.840.10045.3.1.2", "prime192v2" }, 192 },
    { { "1.2.840.10045.3.1.3", "prime192v3" }, 192 },
    { { "1.2.840.10045.3.1.4", "prime239v1" }, 239 },
    { { "1.2.840.10045.3.1.5", "prime239v2" }, 239 },
    { { "1.2.840.10045.3.1.6", "prime239v3" }, 239 },
    { { "1.3.132.0.1", "sect163k1" }, 163 },
    { { "1.3.132.0.2", "sect163r1" }, 163 },
    { { "1.3.132.0.3", "sect239k1" }, 239 },
    { { "1.3.132.0.4", "sect113r1" }, 113 },
    { { "1.3.132.0.5", "sect113r2" }, 113 },
    { { "1.3.132.0.6", "secp112r1" }, 112 },
    { { "1.3.132.0.7", "secp112r2" }, 112 },
    { { "1.3.132.0.8", "secp160r1" }, 160 },
    { { "1.3.132.0.9", "secp160k1" }, 160 },
    { { "1.3.132.0.15", "sect163r2" }, 163 },
    { { "1.3.132.0.16", "sect283k1" }, 283 },
    { { "1.3.132.0.17", "sect283r1" }, 283 },
    { { "1.3.132.0.22", "sect131r1" }, 131 },
    { { "1.3.132.0.23", "sect131r2" }, 131 },
    { { "1.3.132.0.24", "sect193r1" }, 193 },
    { { "1.3.132.0.25", "sect193r2" }, 193 },
    { { "1.3.132.0.26", "sect233k1" }, 233 },
    { { "1.3.132.0.27", "sect233r1" }, 233 },
    { { "1.3.132.0.28", "secp128r1" }, 128 },
    { { "1.3.132.0.29", "secp128r2" }, 128 },
    { { "1.3.132.0.30", "secp160r2" }, 160 },
    { { "1.3.132.0.31", "secp192k1" }, 192 },
    { { "1.3.132.0.32", "secp224k1" }, 224 },
    { { "1.3.132.0.36", "sect409k1" }, 409 },
    { { "1.3.132.0.37", "sect409r1" }, 409 },
    { { "1.3.132.0.38", "sect571k1" }, 571 },
    { { "1.3.132.0.39", "sect571r1" }, 571 },
    { { "1.3.36.3.3.2.8.1.1.1", "brainpoolP160r1" }, 160 },
    { { "1.3.36.3.3.2.8.1.1.2", "brainpoolP160t1" }, 160 },
    { { "1.3.36.3.3.2.8.1.1.3", "brainpoolP192r1" }, 192 },
    { { "1.3.36.3.3.2.8.1.1.4", "brainpoolP192t1" }, 192 },
    { { "1.3.36.3.3.2.8.1.1.5", "brainpoolP224r1" }, 224 },
    { { "1.3.36.3.3.2.8.1.1.6", "brainpoolP224t1" }, 224 },
    { { "1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1" }, 256 },
    { { "1.3.36.3.3.2.8.1.1.8", "brainpoolP256t1" }, 256 },
    { { "1.3.36.3.3.2.8.1.1.9", "brainpoolP320r1" }, 320 },
    { { "1.3.36.3.3.2.8.1.1.10", "brainpoolP320t1" }, 320 },
    { { "1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1" }, 384 },
    { { "1.3.36.3.3.2.8.1.1.12", "brainpoolP384t1" }, 384 },
    { { "1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1" }, 512 },
    { { "1.3.36.3.3.2.8.1.1.14", "brainpoolP512t1" }, 512 },
    { { "1.2.156.10197.1.301", "SM2" }, 256 },
};

static const char *find(const struct name *names, size_t num_names, struct cas_view oid)
{
    struct cas_oid_text dotted = cas_oid_dotted(oid);
    for (size_t i = 0; i < num_names; i++) {
        if (strcmp(names[i].oid, dotted.text) == 0) {
            return names[i].text;
        }
    }
    return NULL;
}

static bool is_of_family(const struct family *family, struct cas_view oid)
{
    struct cas_view above = cas_view_part(oid, 0, family->arcs_len);
    return oid.len == family->arcs_len + 1 &&
           cas_view_equal(above, cas_view_of(family->arcs, family->arcs_len));
}

const char *cas_oid_attribute_name(struct cas_view oid)
{
    for (size_t i = 0; i < NUM(families); i++) {
        if (is_of_family(&families[i], oid)) {
            uint8_t last = oid.data[families[i].arcs_len];
            return last < families[i].num_names ? families[i].names[last] : NULL;
        }
    }
    return find(other_attributes, NUM(other_attributes), oid);
}

const char *cas_oid_purpose_name(struct cas_view oid)
{
    return find(purposes, NUM(purposes), oid);
}

const char *cas_oid_signature_name(struct cas_view oid)
{
    const char *name = find(signatures, NUM(signatures), oid);
    return name != NULL ? name : find(keys_and_signatures, NUM(keys_and_signatures), oid);
}

const char *cas_oid_key_name(struct cas_view oid)
{
    const char *name = find(keys, NUM(keys), oid);
    return name != NULL ? name : find(keys_and_signatures, NUM(keys_and_signatures), oid);
}

const char *cas_oid_curve_name(struct cas_view oid, uint32_t *out_bits)
{
    struct cas_oid_text dotted = cas_oid_dotted(oid);
    for (size_t i = 0; i < NUM(curves); i++) {
        if (strcmp(curves[i].name.oid, dotted.text) == 0) {
            *out_bits = curves[i].bits;
            return curves[i].name.text;
        }
    }
    return NULL;
}
