// Calls of Linux that Glibc's module doesn't show to Swift: prctl(2) is variadic, epoll(7), eventfd(2) and xattr(7) are left out, and
// so is what is glibc's own.
#include <pthread.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/xattr.h>

/// Neither core files nor debuggers of the same user: PR_SET_DUMPABLE of prctl(2). 0, or -1 with errno.
static inline int linux_set_undumpable(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

/// The new process closes all descriptors from `first` on; glibc 2.34 or newer. 0, or an errno.
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int first);

/// accept(2) that sets SOCK_NONBLOCK and SOCK_CLOEXEC of `flags` at once.
int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);

/// A name of at most 15 bytes, for ps(1) and top(1). 0, or an errno.
int pthread_setname_np(pthread_t thread, const char *name);
