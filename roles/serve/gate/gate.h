/*
 * The gate: a registrar over HTTP. A front with a table of its own (gate_paths.def) asks the clerk,
 * and the clerk asks the registrar on its socket (PROTOCOLS: registrar). Neither has a key, and
 * neither reads what is asked or answered.
 */
#ifndef SITUS_SERVE_GATE_H
#define SITUS_SERVE_GATE_H

/* gate_run listens at an address (serve_listen.h) and asks the registrar at a socket's path, until
 * SIGTERM; the exit code of the process. */
int gate_run(const char *listen, const char *registrar);

/* gate_clerk answers the front at the other end of a socket until that ends, and passes the first
 * signal of stop (wire_stop) on to it. */
void gate_clerk(int front, int stop, int front_pid, const char *registrar);

#endif
