/* What any program of OpenSSL's costs before it does something: one P-256 key is made. The measure of
 * whole commands (rows_process.def). */
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <stdbool.h>

int main(void)
{
    EC_KEY *key = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1);
    bool made = key != NULL;
    EC_KEY_free(key);
    return made ? 0 : 1;
}
