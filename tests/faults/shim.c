/* SPDX-License-Identifier: MIT */
/* shim.c - makes the k-th call of one kind fail in a program that knows nothing of it. Linux with glibc.
 *
 *     CXM_FAULT_CALL      alloc (malloc, calloc and realloc together) or the name of a call below
 *     CXM_FAULT_AT        k, from 1; 0 counts only
 *     CXM_FAULT_TIMES     how many calls fail from there on; 0 = all of them
 *     CXM_FAULT_ERROR     errno of the failed call; 0 = the call is short: one byte
 *     CXM_FAULT_REPORT    file that gets "calls failed" behind main
 *
 * Preloaded, it stands before libc and sees libc's own allocations as well. With SHIM_WRAP it is linked in by
 * the linker's --wrap instead, for binaries whose sanitizer must be the first to see an allocation. A failed
 * close has closed nonetheless, as on Linux. What goes to stderr is left alone: it is looked at afterwards.
 * Nothing is counted but what is called between the begin and the end of main.           */
#define _GNU_SOURCE
#undef _FILE_OFFSET_BITS        /* both names of a call are defined here */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
    bool armed;
    const char *call, *report;
    long at, times, calls, failed;
    int error;
} plan;

/* Whether this call is the one. */
static bool strikes(const char *call)
{
    if (!plan.armed || strcmp(call, plan.call) != 0) return false;
    ++plan.calls;
    bool now = plan.at && plan.calls >= plan.at && (plan.times == 0 || plan.calls < plan.at + plan.times);
    plan.failed += now;
    if (now) errno = plan.error;
    return now;
}

#ifdef SHIM_WRAP
#define OURS(name) __wrap_##name
#define THEIRS(name) __real_##name
#define DECLARE(result, name, args) result THEIRS(name) args; result OURS(name) args;
#define LIBC(name) __real_##name
#else
#define OURS(name) name
#define THEIRS(name) real_##name
#define DECLARE(result, name, args) static result (*THEIRS(name)) args; result OURS(name) args;
#define LIBC(name) __libc_##name
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *ptr, size_t bytes);
#endif

DECLARE(ssize_t, read, (int fd, void *to, size_t len))
DECLARE(ssize_t, write, (int fd, const void *from, size_t len))
DECLARE(int, open, (const char *path, int flags, ...))
DECLARE(int, open64, (const char *path, int flags, ...))
DECLARE(int, close, (int fd))
DECLARE(int, fsync, (int fd))
DECLARE(int, rename, (const char *from, const char *to))
DECLARE(int, stat, (const char *path, struct stat *out))
DECLARE(int, stat64, (const char *path, struct stat64 *out))
DECLARE(int, fchmod, (int fd, mode_t mode))
DECLARE(int, unlink, (const char *path))
DECLARE(char *, realpath, (const char *path, char *out))

#ifdef SHIM_WRAP
void *THEIRS(malloc)(size_t bytes);
void *THEIRS(calloc)(size_t count, size_t bytes);
void *THEIRS(realloc)(void *ptr, size_t bytes);
void *OURS(malloc)(size_t bytes);
void *OURS(calloc)(size_t count, size_t bytes);
void *OURS(realloc)(void *ptr, size_t bytes);
#endif

void *OURS(malloc)(size_t bytes)
{
    return strikes("alloc") ? NULL : LIBC(malloc)(bytes);
}

void *OURS(calloc)(size_t count, size_t bytes)
{
    return strikes("alloc") ? NULL : LIBC(calloc)(count, bytes);
}

void *OURS(realloc)(void *ptr, size_t bytes)
{
    return strikes("alloc") ? NULL : LIBC(realloc)(ptr, bytes);
}

static size_t one_byte(size_t len)
{
    return len ? 1 : 0;
}

ssize_t OURS(read)(int fd, void *to, size_t len)
{
    if (!strikes("read")) return THEIRS(read)(fd, to, len);
    return plan.error ? -1 : THEIRS(read)(fd, to, one_byte(len));
}

ssize_t OURS(write)(int fd, const void *from, size_t len)
{
    if (fd == STDERR_FILENO || !strikes("write")) return THEIRS(write)(fd, from, len);
    return plan.error ? -1 : THEIRS(write)(fd, from, one_byte(len));
}

static mode_t mode_of(int flags, va_list args)
{
    return flags & O_CREAT ? (mode_t)va_arg(args, unsigned) : 0;
}

#define OPEN(name)                                              \
    int OURS(name)(const char *path, int flags, ...)            \
    {                                                           \
        va_list args;                                           \
        va_start(args, flags);                                  \
        mode_t mode = mode_of(flags, args);                     \
        va_end(args);                                           \
        return strikes("open") ? -1 : THEIRS(name)(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)

int OURS(close)(int fd)
{
    if (!strikes("close")) return THEIRS(close)(fd);
    int error = errno;
    THEIRS(close)(fd);
    errno = error;
    return -1;
}

int OURS(fsync)(int fd)
{
    return strikes("fsync") ? -1 : THEIRS(fsync)(fd);
}

int OURS(rename)(const char *from, const char *to)
{
    return strikes("rename") ? -1 : THEIRS(rename)(from, to);
}

int OURS(stat)(const char *path, struct stat *out)
{
    return strikes("stat") ? -1 : THEIRS(stat)(path, out);
}

int OURS(stat64)(const char *path, struct stat64 *out)
{
    return strikes("stat") ? -1 : THEIRS(stat64)(path, out);
}

int OURS(fchmod)(int fd, mode_t mode)
{
    return strikes("fchmod") ? -1 : THEIRS(fchmod)(fd, mode);
}

int OURS(unlink)(const char *path)
{
    return strikes("unlink") ? -1 : THEIRS(unlink)(path);
}

char *OURS(realpath)(const char *path, char *out)
{
    return strikes("realpath") ? NULL : THEIRS(realpath)(path, out);
}

#ifndef SHIM_WRAP
#define FIND(name) do { void *found = dlsym(RTLD_NEXT, #name); memcpy(&THEIRS(name), &found, sizeof found); } while (0)
__attribute__((constructor)) static void find_libc(void)
{
    FIND(read); FIND(write); FIND(open); FIND(open64); FIND(close); FIND(fsync); FIND(rename);
    FIND(stat); FIND(stat64); FIND(fchmod); FIND(unlink); FIND(realpath);
}
#endif

static void report(void)
{
    char text[64];
    plan.armed = false;
    int len = snprintf(text, sizeof text, "%ld %ld\n", plan.calls, plan.failed);
    int fd = THEIRS(open)(plan.report, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || THEIRS(write)(fd, text, (size_t)len) != len || THEIRS(close)(fd) != 0) abort();
}

static long number_of(const char *name)
{
    const char *text = getenv(name);
    return text ? strtol(text, NULL, 10) : 0;
}

static void arm(void)
{
    plan.call = getenv("CXM_FAULT_CALL");
    plan.report = getenv("CXM_FAULT_REPORT");
    plan.at = number_of("CXM_FAULT_AT");
    plan.times = number_of("CXM_FAULT_TIMES");
    plan.error = (int)number_of("CXM_FAULT_ERROR");
    plan.armed = plan.call && plan.report;
}

typedef int start(int argc, char **argv, char **environment);

static int run(start *program, int argc, char **argv, char **environment)
{
    arm();
    int code = program(argc, argv, environment);
    if (plan.armed) report();
    return code;
}

#ifdef SHIM_WRAP
int __real_main(int argc, char **argv, char **environment);
int __wrap_main(int argc, char **argv, char **environment);
int __wrap_main(int argc, char **argv, char **environment)
{
    return run(__real_main, argc, argv, environment);
}
#else
static start *real_main;

static int faulted_main(int argc, char **argv, char **environment)
{
    return run(real_main, argc, argv, environment);
}

typedef int libc_start(start *program, int argc, char **argv, void (*init)(void), void (*fini)(void),
                       void (*loader_fini)(void), void *stack_end);
libc_start __libc_start_main;
int __libc_start_main(start *program, int argc, char **argv, void (*init)(void), void (*fini)(void),
                      void (*loader_fini)(void), void *stack_end)
{
    libc_start *theirs;
    void *found = dlsym(RTLD_NEXT, "__libc_start_main");
    memcpy(&theirs, &found, sizeof theirs);
    real_main = program;
    return theirs(faulted_main, argc, argv, init, fini, loader_fini, stack_end);
}
#endif
