/* What systemd is told (sd_notify(3), Type=notify): a datagram to the socket that the environment names. */
#ifndef SITUS_SERVE_NOTIFY_H
#define SITUS_SERVE_NOTIFY_H

/* notify sends a state, as "READY=1"; nothing where nobody asked for it. */
void notify(const char *state);

#endif
