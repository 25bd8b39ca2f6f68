/* What a stranger's program needs: situs.h and libsitus. Built by .ci/run against an
 * installation. */
#include <situs.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    struct situs_result *none = NULL;
    printf("situs %s\n", situs_version());
    return strcmp(situs_version(), SITUS_VERSION) == 0 && !situs_result_trusted(none) ? 0 : 1;
}
