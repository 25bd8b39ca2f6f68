/* The lab's paravisor; see lab_hcl.h. */
#include "lab/guest/lab_hcl.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>

#include "base/wr.h"
#include "codec/base64url.h"

struct span lab_hcl_text(struct lab_world *w, EVP_PKEY *ak, const uint8_t *user_data)
{
    struct lab_buf b = {0};
    BIGNUM *n = NULL;
    uint8_t modulus[256];
    char text[BASE64URL_SIZE(sizeof modulus) + 1] = "";
    struct wr out = wr_new(text, sizeof text);
    if (!EVP_PKEY_get_bn_param(ak, OSSL_PKEY_PARAM_RSA_N, &n) ||
        BN_bn2binpad(n, modulus, sizeof modulus) != sizeof modulus)
        lab_die("no RSA key of 2048 bits");
    BN_free(n);
    base64url_write(&out, SPAN_ARR(modulus));
    lab_buf_text(&b,
                 "{\"keys\":[{\"kid\":\"HCLAkPub\",\"key_ops\":[\"sign\"],\"kty\":\"RSA\",\"e\":"
                 "\"AQAB\",\"n\":\"");
    lab_buf_text(&b, text);
    lab_buf_text(
        &b, "\"},{\"kid\":\"HCLEkPub\",\"key_ops\":[\"encrypt\"],\"kty\":\"RSA\",\"e\":\"AQAB\","
            "\"n\":\"yCqw\"}],\"vm-configuration\":{\"console-enabled\":false,"
            "\"secure-boot\":true,\"tpm-enabled\":true,"
            "\"vmUniqueId\":\"3c18c97a-0d2a-4565-969d-166cdcef26a3\"}");
    if (user_data) {
        lab_buf_text(&b, ",\"user-data\":\"");
        lab_buf_hex(&b, span_of(user_data, 64));
        lab_buf_text(&b, "\"");
    }
    lab_buf_text(&b, "}");
    return lab_world_keep(w, &b);
}

void lab_hcl_report_data(struct span text, uint8_t out[64])
{
    memset(out, 0, 64);
    lab_hash256(out, text);
}

struct span lab_hcl_report(struct lab_world *w, uint32_t version, uint32_t type,
                           struct span hardware, struct span text)
{
    const uint32_t n = (uint32_t)text.n;
    const uint32_t header[7] = {version, 32 + 1184 + 20 + n, 2}, data[5] = {20 + n, 1, type, 1, n};
    struct lab_buf b = {0};
    lab_buf_text(&b, "HCLA");
    for (size_t i = 0; i < 7; i++)
        lab_buf_u32le(&b, header[i]);
    lab_buf_bytes(&b, hardware);
    lab_buf_zeros(&b, 1184 - hardware.n);
    for (size_t i = 0; i < 5; i++)
        lab_buf_u32le(&b, data[i]);
    lab_buf_bytes(&b, text);
    lab_buf_zeros(&b, LAB_HCL_NV - b.n);
    return lab_world_keep(w, &b);
}
