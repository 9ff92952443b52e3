/* SPDX-License-Identifier: MIT */
/* sink.c - buffered output that remembers its first failure. A file appears under its name whole or not
 * at all: bytes go to a temporary beside it, which is flushed to disk and renamed at the end. */
#define _XOPEN_SOURCE 700        /* POSIX 2008 and realpath */
#include "cli.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The temporary that a signal which ends us must not leave behind; there is one sink at a time. */
static const char *volatile unfinished;

static void end_by(int number)      /* the handler is gone by now, so the signal raised here ends us */
{
    if (unfinished) unlink((const char *)unfinished);
    raise(number);
}

static void clean_up_at_signals(void)
{
    static const int signals[] = {SIGHUP, SIGINT, SIGTERM};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; ++i) {
        struct sigaction ours = {.sa_handler = end_by, .sa_flags = (int)SA_RESETHAND}, old;
        sigemptyset(&ours.sa_mask);
        bool ignored = sigaction(signals[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN;
        if (!ignored) sigaction(signals[i], &ours, NULL);
    }
}

/* A name beside the final one that no other run of ours uses at the same time. */
static bool name_temporary(sink *out, const char *path)
{
    int len = snprintf(out->temporary, sizeof out->temporary, "%s.tmp-%ld", path, (long)getpid());
    return len > 0 && (size_t)len < sizeof out->temporary;
}

static int cannot_write(const char *path)
{
    return complain(EXIT_IO, "cannot write '%s': %s", path, strerror(errno));
}

/* open(2), which a signal may interrupt. */
static int open_again(const char *path, int flags, mode_t mode)
{
    int fd;
    do fd = open(path, flags, mode);
    while (fd < 0 && errno == EINTR);
    return fd;
}

/* The file behind a symbolic link, so that the link stays one. NULL, with errno, where it cannot be told: to
 * take `path` then would replace the link itself. */
static const char *follow(sink *out, const char *path)
{
    char *real = realpath(path, NULL);
    if (!real) return NULL;
    int len = snprintf(out->followed, sizeof out->followed, "%s", real);
    free(real);
    if (len > 0 && (size_t)len < sizeof out->followed) return out->followed;
    errno = ENAMETOOLONG;
    return NULL;
}

/* A new file beside `path`, never one that somebody put there, with the rights of the file it replaces. */
static int create_temporary(sink *out, const char *path, const struct stat *old)
{
    out->path = old ? follow(out, path) : path;
    if (!out->path) return cannot_write(path);
    if (!name_temporary(out, out->path)) return complain(EXIT_IO, "the name '%s' is too long", path);
    out->fd = open_again(out->temporary, O_WRONLY | O_CREAT | O_EXCL, old ? 0600 : 0666);
    if (out->fd < 0) return cannot_write(path);
    unfinished = out->temporary;
    clean_up_at_signals();
    if (old) (void)fchmod(out->fd, old->st_mode & 0777);       /* where it fails the file stays private */
    return EXIT_FINE;
}

/* Devices, pipes and the like are written in place: there is nothing to rename over. */
static int open_special(sink *out, const char *path)
{
    out->path = path;
    out->temporary[0] = '\0';
    out->fd = open_again(path, O_WRONLY, 0);
    return out->fd >= 0 ? EXIT_FINE : cannot_write(path);
}

/* Whether there is something at `path`. False with errno 0 only where it is known that there is nothing. */
static bool look(const char *path, struct stat *info)
{
    int found;
    do found = stat(path, info);
    while (found != 0 && errno == EINTR);
    if (found != 0 && errno == ENOENT) errno = 0;
    return found == 0;
}

/* Of names that nothing stands at yet: the same name in the same folder. */
static bool same_new_file(const char *a, const char *b)
{
    const char *names[] = {a, b};
    const char *last[2];
    struct stat folder[2];
    for (int i = 0; i < 2; ++i) {
        char path[4096] = ".";
        const char *slash = strrchr(names[i], '/');
        size_t len = slash ? (size_t)(slash - names[i]) + 1 : 0;
        last[i] = names[i] + len;
        if (len >= sizeof path) return false;
        if (len) memcpy(path, names[i], len), path[len] = '\0';
        if (!look(path, &folder[i])) return strcmp(a, b) == 0;
    }
    return folder[0].st_dev == folder[1].st_dev && folder[0].st_ino == folder[1].st_ino && strcmp(last[0], last[1]) == 0;
}

bool same_file(const char *a, const char *b)
{
    struct stat x, y;
    bool found_a = look(a, &x), found_b = look(b, &y);
    if (found_a && found_b) return S_ISREG(x.st_mode) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
    return !found_a && !found_b && same_new_file(a, b);
}

int sink_open(sink *out, const options *opt)
{
    const char *path = opt->out_file;
    struct stat info;
    out->fd = STDOUT_FILENO;
    out->told = path;
    out->path = NULL;
    out->failed = false;
    out->used = 0;
    if (!path || strcmp(path, "-") == 0) return EXIT_FINE;
    bool exists = look(path, &info);
    if (!exists && errno != 0) return cannot_write(path);      /* it may be a device, not to be replaced */
    if (exists && !S_ISREG(info.st_mode)) return open_special(out, path);
    return create_temporary(out, path, exists ? &info : NULL);
}

static void fail(sink *out)
{
    if (!out->failed) out->error = errno;
    out->failed = true;
}

static void flush(sink *out)
{
    for (size_t done = 0; done < out->used && !out->failed;) {
        ssize_t n = write(out->fd, out->buffer + done, out->used - done);
        if (n > 0) done += (size_t)n;
        else if (n == 0) errno = EIO, fail(out);        /* no progress and no reason given */
        else if (errno != EINTR) fail(out);
    }
    out->used = 0;
}

void sink_bytes(sink *out, const void *bytes, size_t len)
{
    for (const char *at = bytes; len > 0;) {
        size_t room = sizeof out->buffer - out->used, part = len < room ? len : room;
        memcpy(out->buffer + out->used, at, part);
        out->used += part;
        at += part;
        len -= part;
        if (out->used == sizeof out->buffer) flush(out);
    }
}

void sink_text(sink *out, const char *text)
{
    sink_bytes(out, text, strlen(text));
}

void sink_format(sink *out, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (len > 0) sink_bytes(out, text, (size_t)len < sizeof text ? (size_t)len : sizeof text - 1);
}

void sink_number(sink *out, double value)
{
    char text[CXM_TEXT_NUMBER_MAX];
    size_t len;
    if (cxm_text_from_number(value, text, sizeof text, &len) == CXM_OK) sink_bytes(out, text, len);
    else sink_text(out, "null");
}

void sink_count(sink *out, uint64_t value)
{
    sink_format(out, "%llu", (unsigned long long)value);
}

void sink_discard(sink *out)
{
    if (!out->path) return;
    close(out->fd);
    if (out->temporary[0]) unlink(out->temporary);
}

static bool reaches_disk(int fd)
{
    int done;
    do done = fsync(fd);
    while (done != 0 && errno == EINTR);
    return done == 0;
}

static bool takes_name(const sink *out)
{
    int done;
    do done = rename(out->temporary, out->path);
    while (done != 0 && errno == EINTR);
    return done == 0;
}

int sink_close(sink *out)
{
    const char *name = out->path ? out->told : "standard output";
    flush(out);
    bool renames = out->path && out->temporary[0];
    if (renames && !out->failed && !reaches_disk(out->fd)) fail(out);
    if (close(out->fd) != 0 && errno != EINTR) fail(out);
    if (renames && !out->failed && !takes_name(out)) fail(out);
    if (!out->failed) return EXIT_FINE;
    if (renames) unlink(out->temporary);
    return complain(EXIT_IO, "cannot write to %s: %s", name, strerror(out->error));
}
