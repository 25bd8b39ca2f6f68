/* The front without supervisor and keeper: front_alone KEEPER LISTEN PRIVATE BODY CONNECTIONS IDLE REQUEST DRAIN
 * CONFIGURATION; descriptors that the test made, limits, then JSON of which "peer_key" and "connect" are read, and whether
 * "alliance" and "watch" are there. */
#include "serve/front/front.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    struct talk_front setup = {.base = "http://localhost"};
    struct json_doc doc = {0};
    struct json root;
    struct situs_err err;
    long v[8];
    if (argc != 10 || !json_read(&doc, &root, span_text(argv[9]), "configuration", &err) ||
        !peer_key_config(&setup.peer_key, &root, &err) ||
        !dial_config_read(&setup.dial, &root, &err))
        return 2;
    setup.alliance = json_has(&root, "alliance");
    setup.watchers = json_has(&root, "watch") ? 8 : 0;
    json_free(&doc);
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
