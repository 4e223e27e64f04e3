// CXMLSecurity gives Swift libxml2, libxmlsec1 with its OpenSSL back end, and libcrypto. It owns the
// module map and `static inline` wrappers for what Swift can't call: macros, variadic functions and
// casts. It holds no logic and knows nothing of SAML.

#ifndef CXMLSECURITY_SHIM_H
#define CXMLSECURITY_SHIM_H

// The flags that `pkg-config --cflags xmlsec1-openssl` states. SwiftPM drops -D flags of a system
// library, and without XMLSEC_NO_SIZE_T the structures have another layout than the library's, with
// no diagnostic. A test compares this list with pkg-config's.
#ifndef __XMLSEC_FUNCTION__
#define __XMLSEC_FUNCTION__ __func__
#endif
#ifndef XMLSEC_NO_SIZE_T
#define XMLSEC_NO_SIZE_T
#endif
#ifndef XMLSEC_OPENSSL3_ENGINES
#define XMLSEC_OPENSSL3_ENGINES 1
#endif
#ifndef XMLSEC_NO_GOST
#define XMLSEC_NO_GOST 1
#endif
#ifndef XMLSEC_NO_GOST2012
#define XMLSEC_NO_GOST2012 1
#endif
#ifndef XMLSEC_NO_CRYPTO_DYNAMIC_LOADING
#define XMLSEC_NO_CRYPTO_DYNAMIC_LOADING 1
#endif
#ifndef XMLSEC_CRYPTO_OPENSSL
#define XMLSEC_CRYPTO_OPENSSL 1
#endif

// Debian's libxml2 converts with ICU, and then its headers bring in ICU's, whose types differ from
// those that Foundation carries: no file could import both. The only effect on libxml2's own
// declarations is two fields more at the end of xmlCharEncodingHandler, which nobody here touches.
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/valid.h>
#include <libxml/xmlerror.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/buffer.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/keys.h>
#include <xmlsec/transforms.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmltree.h>
#include <xmlsec/openssl/crypto.h>
#include <xmlsec/openssl/evp.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

_Static_assert(sizeof(xmlSecSize) == 4, "xmlsec is built with XMLSEC_NO_SIZE_T");

// Errors: the libraries' default handlers print to standard error; these say nothing.

static inline void cxs_ignoreStructuredError(void *context, xmlErrorPtr error) {
    (void)context;
    (void)error;
}

static inline void cxs_ignoreGenericError(void *context, const char *message, ...) {
    (void)context;
    (void)message;
}

static inline void cxs_ignoreXMLSecError(
    const char *file, int line, const char *function, const char *object, const char *subject, int reason,
    const char *message) {
    (void)file; (void)line; (void)function; (void)object; (void)subject; (void)reason; (void)message;
}

static inline xmlParserInputPtr cxs_refuseExternalEntity(const char *url, const char *id, xmlParserCtxtPtr context) {
    (void)url; (void)id; (void)context;
    return NULL;
}

/// Handlers are per thread in libxml2: this sets the calling thread's and those of threads to come.
static inline void cxs_silenceErrors(void) {
    xmlSetStructuredErrorFunc(NULL, cxs_ignoreStructuredError);
    xmlSetGenericErrorFunc(NULL, cxs_ignoreGenericError);
    xmlThrDefSetStructuredErrorFunc(NULL, cxs_ignoreStructuredError);
    xmlThrDefSetGenericErrorFunc(NULL, cxs_ignoreGenericError);
    xmlSecErrorsSetCallback(cxs_ignoreXMLSecError);
}

static inline void cxs_silenceThreadErrors(void) {
    xmlSetStructuredErrorFunc(NULL, cxs_ignoreStructuredError);
    xmlSetGenericErrorFunc(NULL, cxs_ignoreGenericError);
}

static inline void cxs_refuseExternalEntities(void) { xmlSetExternalEntityLoader(cxs_refuseExternalEntity); }

// Macros of libxmlsec1.

static inline int cxs_xmlSecCheckVersion(void) { return xmlSecCheckVersion(); }
static inline int cxs_xmlSecCryptoAppInit(void) { return xmlSecCryptoAppInit(NULL); }
static inline int cxs_xmlSecCryptoInit(void) { return xmlSecCryptoInit(); }

static inline xmlSecTransformId cxs_envelopedSignature(void) { return xmlSecTransformEnvelopedId; }
static inline xmlSecTransformId cxs_exclusiveC14N(void) { return xmlSecTransformExclC14NId; }
static inline xmlSecTransformId cxs_sha256(void) { return xmlSecTransformSha256Id; }
static inline xmlSecTransformId cxs_sha384(void) { return xmlSecTransformSha384Id; }
static inline xmlSecTransformId cxs_sha512(void) { return xmlSecTransformSha512Id; }
static inline xmlSecTransformId cxs_rsaSHA256(void) { return xmlSecTransformRsaSha256Id; }
static inline xmlSecTransformId cxs_rsaSHA384(void) { return xmlSecTransformRsaSha384Id; }
static inline xmlSecTransformId cxs_rsaSHA512(void) { return xmlSecTransformRsaSha512Id; }
static inline xmlSecTransformId cxs_ecdsaSHA256(void) { return xmlSecTransformEcdsaSha256Id; }
static inline xmlSecTransformId cxs_ecdsaSHA384(void) { return xmlSecTransformEcdsaSha384Id; }
static inline xmlSecTransformId cxs_ecdsaSHA512(void) { return xmlSecTransformEcdsaSha512Id; }

static inline xmlSecDSigReferenceCtxPtr cxs_referenceAt(xmlSecPtrListPtr list, xmlSecSize position) {
    return (xmlSecDSigReferenceCtxPtr)xmlSecPtrListGetItem(list, position);
}

// Macros of OpenSSL.

static inline int cxs_isRSA(const EVP_PKEY *key) { return EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA; }
static inline int cxs_isEC(const EVP_PKEY *key) { return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC; }

static inline int cxs_setGCMInitialVectorLength(EVP_CIPHER_CTX *context, int length) {
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_IVLEN, length, NULL);
}

static inline int cxs_setGCMTag(EVP_CIPHER_CTX *context, int length, const unsigned char *tag) {
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, length, (void *)tag);
}

#endif
