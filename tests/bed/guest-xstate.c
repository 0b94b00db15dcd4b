/* Preloaded into the User-mode Linux kernel, for processors whose registers it does not know.
 *
 * It keeps the extended state (XSAVE) of each process in 2696 bytes, which ends with AVX-512. Where
 * there is more of it (AMX), the host's kernel gives out those bytes, but takes back nothing less
 * than all: the first process of the guest would die. What is missing is filled up with zeros:
 * the state of registers that nothing in the guest can have asked for. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

static char whole[1 << 16];

long ptrace(enum __ptrace_request request, ...)
{
    static long (*real)(enum __ptrace_request, ...);
    va_list rest;
    va_start(rest, request);
    int pid = va_arg(rest, int);
    void *address = va_arg(rest, void *);
    void *data = va_arg(rest, void *);
    va_end(rest);

    if (!real)
        real = (long (*)(enum __ptrace_request, ...))dlsym(RTLD_NEXT, "ptrace");
    if (request == PTRACE_SETREGSET && address == (void *)NT_X86_XSTATE) {
        struct iovec *kept = data, all = { whole, sizeof whole };
        if (real(PTRACE_GETREGSET, pid, address, &all) == 0 && kept->iov_len < all.iov_len) {
            memset(whole, 0, all.iov_len);
            memcpy(whole, kept->iov_base, kept->iov_len);
            return real(request, pid, address, &all);
        }
    }
    return real(request, pid, address, data);
}
