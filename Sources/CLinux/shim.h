// Calls of Linux that Glibc's module doesn't show to Swift: prctl(2) is variadic, and xattr(7) is left out.
#include <sys/prctl.h>
#include <sys/xattr.h>

/// Neither core files nor debuggers of the same user: PR_SET_DUMPABLE of prctl(2). 0, or -1 with errno.
static inline int linux_set_undumpable(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
