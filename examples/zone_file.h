/* SPDX-License-Identifier: MIT */
/* zone_file.h - time zones by name, from the zone directory of the system: what the command and the databases share.
 *
 * A name is a fixed offset, a file below the directory, or POSIX TZ text. What is none of these is an error: nothing falls
 * back to UTC. For one source file a program; POSIX. */
#ifndef CXM_EXAMPLES_ZONE_FILE_H
#define CXM_EXAMPLES_ZONE_FILE_H
#include <cxm/text.h>
#include <cxm/zone.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { ZONE_FILE_MOST = 1 << 16, ZONE_NAME_MOST = 200, ZONE_WHY = 512 };

/* What came of a search; but for the first two `why` says it. */
typedef enum zone_found { ZONE_FOUND, ZONE_NO_MEMORY, ZONE_REFUSED, ZONE_UNREADABLE } zone_found;

static bool zone_path_is(const char *path, bool folder)
{
    struct stat info;
    return stat(path, &info) == 0 && (folder ? S_ISDIR(info.st_mode) : S_ISREG(info.st_mode));
}

/* Where systems keep their zones; NULL where this one has none. */
static const char *zone_usual_folder(void)
{
    static const char *const usual[] = {"/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo"};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; ++i)
        if (zone_path_is(usual[i], true)) return usual[i];
    return NULL;
}

/* Whether it may be a file below the zone directory: no way out of it. */
static bool zone_is_name(const char *name, size_t len)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    if (len == 0 || len > ZONE_NAME_MOST || name[0] == '/') return false;
    for (size_t i = 0; i < len; ++i)
        if (!memchr(letters, name[i], sizeof letters - 1)) return false;
    return true;
}

static zone_found zone_from_file(const char *path, const cxm_alloc *alloc, cxm_zone **out, char why[ZONE_WHY])
{
    cxm_error error = {.size = sizeof error};
    unsigned char bytes[ZONE_FILE_MOST + 1];
    FILE *file = fopen(path, "rb");
    size_t len = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    bool failed = !file || ferror(file);
    if (failed) snprintf(why, ZONE_WHY, "cannot read '%.250s': %s", path, strerror(errno));
    if (file) fclose(file);
    if (failed) return ZONE_UNREADABLE;
    if (len == sizeof bytes) {
        snprintf(why, ZONE_WHY, "%.250s: more than 64 KiB is no zone", path);
        return ZONE_REFUSED;
    }
    cxm_status status = cxm_zone_from_tzif(bytes, len, alloc, out, &error);
    if (status != CXM_OK) snprintf(why, ZONE_WHY, "%.250s: %s", path, error.text);
    return status == CXM_OK ? ZONE_FOUND : status == CXM_E_MEMORY ? ZONE_NO_MEMORY : ZONE_REFUSED;
}

static zone_found zone_unknown(const char *name, size_t len, const char *folder, char why[ZONE_WHY])
{
    int shown = (int)(len < ZONE_NAME_MOST ? len : ZONE_NAME_MOST);
    if (!folder)
        snprintf(why, ZONE_WHY, "zone '%.*s': this system has no zone directory that is known here; say --tzdir DIR, or write the rules as "
                 "POSIX text such as CET-1CEST,M3.5.0,M10.5.0/3", shown, name);
    else
        snprintf(why, ZONE_WHY, "zone '%.*s': it is no file below %.100s, no offset such as +05:30 and no POSIX text such as "
                 "CET-1CEST,M3.5.0,M10.5.0/3", shown, name, folder);
    return ZONE_REFUSED;
}

/* The zone of this name; `folder` NULL is that of the system. */
static zone_found zone_find(const char *name, size_t len, const char *folder, const cxm_alloc *alloc, cxm_zone **out, char why[ZONE_WHY])
{
    char path[4096];
    int32_t offset_s;
    if (!folder) folder = zone_usual_folder();
    if (cxm_text_offset(name, len, &offset_s) == CXM_OK)
        return cxm_zone_fixed(offset_s, alloc, out) == CXM_OK ? ZONE_FOUND : ZONE_NO_MEMORY;
    if (folder && zone_is_name(name, len)) {
        int n = snprintf(path, sizeof path, "%s/%.*s", folder, (int)len, name);
        if (n > 0 && (size_t)n < sizeof path && zone_path_is(path, false)) return zone_from_file(path, alloc, out, why);
    }
    cxm_status status = cxm_zone_from_posix(name, len, alloc, out, NULL);
    return status == CXM_OK ? ZONE_FOUND : status == CXM_E_MEMORY ? ZONE_NO_MEMORY : zone_unknown(name, len, folder, why);
}

#endif
