/* Unix stream sockets with short paths, and whole messages on them. */
#ifndef SITUS_LAB_SOCKET_H
#define SITUS_LAB_SOCKET_H

#include <sys/types.h>

#include "base/span.h"

/* lab_socket_listen listens at the path, which must be free and at most 107 bytes (sun_path). */
int lab_socket_listen(const char *path);

/* lab_socket_connect connects, waiting up to two seconds for the path to be served; -1: it is
 * not. */
int lab_socket_connect(const char *path);

/* lab_socket_served waits until somebody listens at the path, as the process should, and not only
 * for the path, which is there before; false when the process ends first, or does not in 20
 * seconds. */
bool lab_socket_served(const char *path, pid_t process);

/* lab_socket_close closes; -1 is allowed. */
void lab_socket_close(int fd);

/* lab_socket_write writes all bytes, lab_socket_read reads exactly n; false when the peer has
 * gone. */
bool lab_socket_write(int fd, struct span bytes);
bool lab_socket_read(int fd, void *out, size_t n);

/* A message behind its size, four bytes, big-endian. lab_socket_receive is the message's size, or 0
 * when the peer has gone or the message is empty or larger than room. */
bool lab_socket_send(int fd, struct span message);
size_t lab_socket_receive(int fd, uint8_t *out, size_t room);

/* lab_socket_serve accepts connections for ever and gives each to a child of its own. */
_Noreturn void lab_socket_serve(int fd, void (*serve)(void *context, int connection),
                                void *context);

#endif
