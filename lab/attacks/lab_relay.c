/* The relay of a TPM device; see lab_relay.h. */
#include "lab/attacks/lab_relay.h"

#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab/attacks/lab_wire.h"
#include "lab/process/lab_process.h"
#include "lab/process/lab_socket.h"

struct line {
    char to[128];
    unsigned delay;
};

/* Passes on what one end says to the other, late; false when it has gone. */
static bool pass(int from, int to, unsigned delay)
{
    uint8_t bytes[4096]; /* a command or an answer of a PC client's TPM */
    ssize_t n = recv(from, bytes, sizeof bytes, 0);
    if (n <= 0)
        return false;
    lab_wire_hold_up(delay);
    return lab_socket_write(to, span_of(bytes, (size_t)n));
}

static void relay(void *context, int near)
{
    const struct line *line = (const struct line *)context;
    int far = lab_socket_connect(line->to);
    struct pollfd ends[2] = {{.fd = near, .events = POLLIN}, {.fd = far, .events = POLLIN}};
    while (far >= 0 && poll(ends, 2, -1) > 0) {
        if ((ends[0].revents && !pass(near, far, line->delay)) ||
            (ends[1].revents && !pass(far, near, line->delay)))
            return;
    }
}

struct lab_relay lab_relay_start(struct lab_floor *f, const struct lab_swtpm *t, unsigned delay)
{
    struct lab_relay r = {.commands = 0};
    struct line commands = {.delay = delay};
    struct line controls = {.delay = 0}; /* the simulator's, which a real device has not */
    lab_floor_socket(f, r.socket);
    snprintf(r.control, sizeof r.control, "%s.ctrl", r.socket);
    snprintf(r.tcti, sizeof r.tcti, "swtpm:path=%s", r.socket);
    snprintf(commands.to, sizeof commands.to, "%s", t->socket);
    snprintf(controls.to, sizeof controls.to, "%s.ctrl", t->socket);
    r.commands = lab_wire_serve(r.socket, relay, &commands);
    r.controls = lab_wire_serve(r.control, relay, &controls);
    return r;
}

void lab_relay_stop(struct lab_relay *r)
{
    lab_process_stop(r->commands);
    lab_process_stop(r->controls);
    unlink(r->socket);
    unlink(r->control);
}
