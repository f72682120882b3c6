/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "x509/oids.h"

#include <stddef.h>
#include <string.h>

#include "x509/der.h"

struct name {
    const char *oid;
    const char *text;
};

#define NUM(array) (sizeof(array) / sizeof((array)[0]))

/* What most names are made of stands first: the tables are searched from the front. */
static const struct name attributes[] = {
    { "2.5.4.3", "CN" },
    { "2.5.4.10", "O" },
    { "2.5.4.6", "C" },
    { "2.5.4.11", "OU" },
    { "2.5.4.7", "L" },
    { "2.5.4.8", "ST" },
    { "0.9.2342.19200300.100.1.25", "DC" },
    { "2.5.4.5", "serialNumber" },
    { "1.2.840.113549.1.9.1", "emailAddress" },
    { "2.5.4.97", "organizationIdentifier" },
    { "0.9.2342.19200300.100.1.1", "UID" },
    { "0.9.2342.19200300.100.1.2", "textEncodedORAddress" },
    { "0.9.2342.19200300.100.1.3", "mail" },
    { "0.9.2342.19200300.100.1.4", "info" },
    { "0.9.2342.19200300.100.1.5", "favouriteDrink" },
    { "0.9.2342.19200300.100.1.6", "roomNumber" },
    { "0.9.2342.19200300.100.1.7", "photo" },
    { "0.9.2342.19200300.100.1.8", "userClass" },
    { "0.9.2342.19200300.100.1.9", "host" },
    { "0.9.2342.19200300.100.1.10", "manager" },
    { "0.9.2342.19200300.100.1.11", "documentIdentifier" },
    { "0.9.2342.19200300.100.1.12", "documentTitle" },
    { "0.9.2342.19200300.100.1.13", "documentVersion" },
    { "0.9.2342.19200300.100.1.14", "documentAuthor" },
    { "0.9.2342.19200300.100.1.15", "documentLocation" },
    { "0.9.2342.19200300.100.1.20", "homeTelephoneNumber" },
    { "0.9.2342.19200300.100.1.21", "secretary" },
    { "0.9.2342.19200300.100.1.22", "otherMailbox" },
    { "0.9.2342.19200300.100.1.23", "lastModifiedTime" },
    { "0.9.2342.19200300.100.1.24", "lastModifiedBy" },
    { "0.9.2342.19200300.100.1.26", "aRecord" },
    { "0.9.2342.19200300.100.1.27", "pilotAttributeType27" },
    { "0.9.2342.19200300.100.1.28", "mXRecord" },
    { "0.9.2342.19200300.100.1.29", "nSRecord" },
    { "0.9.2342.19200300.100.1.30", "sOARecord" },
    { "0.9.2342.19200300.100.1.31", "cNAMERecord" },
    { "0.9.2342.19200300.100.1.37", "associatedDomain" },
    { "0.9.2342.19200300.100.1.38", "associatedName" },
    { "0.9.2342.19200300.100.1.39", "homePostalAddress" },
    { "0.9.2342.19200300.100.1.40", "personalTitle" },
    { "0.9.2342.19200300.100.1.41", "mobileTelephoneNumber" },
    { "0.9.2342.19200300.100.1.42", "pagerTelephoneNumber" },
    { "0.9.2342.19200300.100.1.43", "friendlyCountryName" },
    { "0.9.2342.19200300.100.1.44", "uid" },
    { "0.9.2342.19200300.100.1.45", "organizationalStatus" },
    { "0.9.2342.19200300.100.1.46", "janetMailbox" },
    { "0.9.2342.19200300.100.1.47", "mailPreferenceOption" },
    { "0.9.2342.19200300.100.1.48", "buildingName" },
    { "0.9.2342.19200300.100.1.49", "dSAQuality" },
    { "0.9.2342.19200300.100.1.50", "singleLevelQuality" },
    { "0.9.2342.19200300.100.1.51", "subtreeMinimumQuality" },
    { "0.9.2342.19200300.100.1.52", "subtreeMaximumQuality" },
    { "0.9.2342.19200300.100.1.53", "personalSignature" },
    { "0.9.2342.19200300.100.1.54", "dITRedirect" },
    { "0.9.2342.19200300.100.1.55", "audio" },
    { "0.9.2342.19200300.100.1.56", "documentPublisher" },
    { "1.2.643.3.131.1.1", "INN" },
    { "1.2.643.100.1", "OGRN" },
    { "1.2.643.100.3", "SNILS" },
    { "1.2.643.100.5", "OGRNIP" },
    { "1.2.643.100.111", "subjectSignTool" },
    { "1.2.643.100.112", "issuerSignTool" },
    { "1.2.840.113549.1.9.2", "unstructuredName" },
    { "1.2.840.113549.1.9.7", "challengePassword" },
    { "1.2.840.113549.1.9.8", "unstructuredAddress" },
    { "1.2.840.113549.1.9.20", "friendlyName" },
    { "1.3.6.1.4.1.311.60.2.1.1", "jurisdictionL" },
    { "1.3.6.1.4.1.311.60.2.1.2", "jurisdictionST" },
    { "1.3.6.1.4.1.311.60.2.1.3", "jurisdictionC" },
    { "2.5.4.4", "SN" },
    { "2.5.4.9", "street" },
    { "2.5.4.12", "title" },
    { "2.5.4.13", "description" },
    { "2.5.4.14", "searchGuide" },
    { "2.5.4.15", "businessCategory" },
    { "2.5.4.16", "postalAddress" },
    { "2.5.4.17", "postalCode" },
    { "2.5.4.18", "postOfficeBox" },
    { "2.5.4.19", "physicalDeliveryOfficeName" },
    { "2.5.4.20", "telephoneNumber" },
    { "2.5.4.21", "telexNumber" },
    { "2.5.4.22", "teletexTerminalIdentifier" },
    { "2.5.4.23", "facsimileTelephoneNumber" },
    { "2.5.4.24", "x121Address" },
    { "2.5.4.25", "internationaliSDNNumber" },
    { "2.5.4.26", "registeredAddress" },
    { "2.5.4.27", "destinationIndicator" },
    { "2.5.4.28", "preferredDeliveryMethod" },
    { "2.5.4.29", "presentationAddress" },
    { "2.5.4.30", "supportedApplicationContext" },
    { "2.5.4.31", "member" },
    { "2.5.4.32", "owner" },
    { "2.5.4.33", "roleOccupant" },
    { "2.5.4.34", "seeAlso" },
    { "2.5.4.35", "userPassword" },
    { "2.5.4.36", "userCertificate" },
    { "2.5.4.37", "cACertificate" },
    { "2.5.4.38", "authorityRevocationList" },
    { "2.5.4.39", "certificateRevocationList" },
    { "2.5.4.40", "crossCertificatePair" },
    { "2.5.4.41", "name" },
    { "2.5.4.42", "GN" },
    { "2.5.4.43", "initials" },
    { "2.5.4.44", "generationQualifier" },
    { "2.5.4.45", "x500UniqueIdentifier" },
    { "2.5.4.46", "dnQualifier" },
    { "2.5.4.47", "enhancedSearchGuide" },
    { "2.5.4.48", "protocolInformation" },
    { "2.5.4.49", "distinguishedName" },
    { "2.5.4.50", "uniqueMember" },
    { "2.5.4.51", "houseIdentifier" },
    { "2.5.4.52", "supportedAlgorithms" },
    { "2.5.4.53", "deltaRevocationList" },
    { "2.5.4.54", "dmdName" },
    { "2.5.4.65", "pseudonym" },
    { "2.5.4.72", "role" },
    { "2.5.4.98", "c3" },
    { "2.5.4.99", "n3" },
    { "2.5.4.100", "dnsName" },
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

const char *cas_oid_attribute_name(struct cas_view oid)
{
    return find(attributes, NUM(attributes), oid);
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
