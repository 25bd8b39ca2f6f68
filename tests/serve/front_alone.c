/* The front without supervisor and keeper: front_alone KEEPER LISTEN PRIVATE BODY CONNECTIONS IDLE REQUEST DRAIN;
 * descriptors that the test made, then limits. */
#include "serve/front.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    struct talk_front setup = {.base = "http://localhost"};
    long v[8];
    if (argc != 9)
        return 2;
    for (int i = 0; i < 8; i++)
        v[i] = strtol(argv[i + 1], NULL, 10);
    setup.keeper = (int)v[0];
    setup.listen = (int)v[1];
    setup.listen_private = (int)v[2];
    setup.body_max = (uint32_t)v[3];
    setup.connections = (uint32_t)v[4];
    setup.idle_ms = (uint32_t)v[5];
    setup.request_ms = (uint32_t)v[6];
    setup.drain_ms = (uint32_t)v[7];
    return front_run(&setup);
}
