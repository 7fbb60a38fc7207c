// Calls of Linux that Glibc's module doesn't show to Swift: prctl(2) is variadic, xattr(7) and the auxiliary vector are left out.
#include <link.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/xattr.h>

/// Neither core files nor debuggers of the same user: PR_SET_DUMPABLE of prctl(2). 0, or -1 with errno.
static inline int linux_set_undumpable(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

/// Unmaps the pages of this program's code and constants: MADV_DONTNEED of madvise(2) for each of its segments that can't be written
/// (elf(5)). What is needed again comes back from the file, of which the kernel keeps what is used. Does nothing to locked pages.
static inline void linux_unmap_code(void) {
    const ElfW(Phdr) *headers = (const ElfW(Phdr) *)getauxval(AT_PHDR);
    unsigned long count = getauxval(AT_PHNUM), page = getauxval(AT_PAGESZ);
    uintptr_t base = 0;
    for (unsigned long index = 0; index < count; index++)
        if (headers[index].p_type == PT_PHDR) base = (uintptr_t)headers - headers[index].p_vaddr;
    for (unsigned long index = 0; base && index < count; index++) {
        if (headers[index].p_type != PT_LOAD || headers[index].p_flags & PF_W) continue;
        uintptr_t start = (base + headers[index].p_vaddr) & ~(page - 1);
        madvise((void *)start, base + headers[index].p_vaddr + headers[index].p_memsz - start, MADV_DONTNEED);
    }
}
