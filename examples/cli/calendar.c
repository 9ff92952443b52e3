/* SPDX-License-Identifier: MIT */
/* calendar.c - opening hours from a file, with their zone; and cxm calendar. */
#define _POSIX_C_SOURCE 200809L
#include "cli.h"
#include "../zone_file.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FILE_MOST = 1 << 20 };

/* --- files --- */

/* All of a small file; `what` names it in messages. */
static int read_file(const char *path, char **out, size_t *len)
{
    FILE *file = fopen(path, "rb");
    if (!file) return complain(EXIT_IO, "cannot read '%s': %s", path, strerror(errno));
    char *bytes = malloc(FILE_MOST + 1);
    *len = bytes ? fread(bytes, 1, FILE_MOST + 1, file) : 0;
    bool failed = ferror(file) != 0;
    fclose(file);
    *out = bytes;
    if (!bytes) return out_of_memory();
    if (failed) return complain(EXIT_IO, "cannot read '%s'", path);
    return *len <= FILE_MOST ? EXIT_FINE : complain(EXIT_INPUT, "%s: more than 1 MiB is no such file", path);
}

/* --- zones --- */

int zone_open(const options *opt, cxm_view name, cxm_zone **out)
{
    char why[ZONE_WHY];
    switch (zone_find(name.text, name.len, opt->zone_folder, NULL, out, why)) {
    case ZONE_FOUND: return EXIT_FINE;
    case ZONE_NO_MEMORY: return out_of_memory();
    case ZONE_UNREADABLE: return complain(EXIT_IO, "%s", why);
    default: return complain(EXIT_INPUT, "%s", why);
    }
}

/* --- calendars --- */

static int parse_calendar(const options *opt, const char *path, const char *text, size_t len, cxm_calendar **out)
{
    cxm_view name = {NULL, 0};
    cxm_zone *zone = NULL;
    cxm_error error = {.size = sizeof error};
    if (cxm_calendar_zone_of(text, len, &name.text, &name.len) != CXM_OK) return complain(EXIT_INPUT, "%s: the zone is told twice", path);
    if (name.len == 0) return complain(EXIT_INPUT, "%s: no line tells the zone; a calendar begins with one such as: zone Europe/Berlin", path);
    int code = zone_open(opt, name, &zone);
    if (code != EXIT_FINE) return code;
    cxm_status status = cxm_calendar_create(text, len, zone, NULL, out, &error);
    if (status == CXM_OK) return EXIT_FINE;
    cxm_zone_free(zone);
    return status == CXM_E_MEMORY ? out_of_memory() : complain(EXIT_INPUT, "%s: line %llu: %s", path, (unsigned long long)error.row, error.text);
}

int calendar_open(const options *opt, const char *path, cxm_calendar **out)
{
    char *text = NULL;
    size_t len = 0;
    int code = read_file(path, &text, &len);
    if (code == EXIT_FINE) code = parse_calendar(opt, path, text, len, out);
    free(text);
    return code;
}

/* --- the command --- */

static void time_text(const options *opt, const cxm_zone *zone, int64_t at_us, char out[CXM_TEXT_TIME_MAX + 1])
{
    size_t len = 0;
    int32_t offset = opt->zone_s;
    if (zone) cxm_zone_offset(zone, at_us, &offset, NULL, NULL);
    if (cxm_text_from_time(at_us, offset, out, CXM_TEXT_TIME_MAX, &len) != CXM_OK) cxm_text_from_time(at_us, 0, out, CXM_TEXT_TIME_MAX, &len);
    out[len] = '\0';
}

static void print_between(const options *opt, int64_t open_us, sink *out)
{
    double business = (double)open_us / 1e6, calendar = (double)(opt->between_us[1] - opt->between_us[0]) / 1e6;
    if (opt->output == OUTPUT_JSON) {
        sink_text(out, "{\"schema\":\"cxm.calendar/1\",\"business_seconds\":");
        sink_number(out, business);
        sink_text(out, ",\"calendar_seconds\":");
        sink_number(out, calendar);
        sink_text(out, "}\n");
        return;
    }
    sink_number(out, business);
    sink_text(out, " s open of ");
    sink_number(out, calendar);
    sink_text(out, " s\n");
}

static int between(const options *opt, const cxm_calendar *calendar, sink *out)
{
    int64_t open_us;
    if (cxm_calendar_between(calendar, opt->between_us[0], opt->between_us[1], &open_us) != CXM_OK)
        return complain(EXIT_INPUT, "--between: the times lie outside years 1 to 9999");
    print_between(opt, open_us, out);
    return EXIT_FINE;
}

static int due(const options *opt, const cxm_calendar *calendar, sink *out)
{
    char text[CXM_TEXT_TIME_MAX + 1];
    int64_t at_us;
    cxm_status status = cxm_calendar_due(calendar, opt->due_us, opt->due_open_us, &at_us);
    bool json = opt->output == OUTPUT_JSON;
    if (status == CXM_E_UNDEFINED) {
        sink_text(out, json ? "{\"schema\":\"cxm.calendar/1\",\"due\":null,\"why\":\"due: it is never open that long\"}\n" : "never: it is not open that long\n");
        return EXIT_FINE;
    }
    time_text(opt, NULL, at_us, text);
    sink_format(out, json ? "{\"schema\":\"cxm.calendar/1\",\"due\":\"%s\"}\n" : "%s\n", text);
    return EXIT_FINE;
}

/* The next `count` changes from an instant on. */
static void check(const options *opt, const cxm_calendar *calendar, const char *path, sink *out)
{
    enum { CHANGES = 6 };
    char text[CXM_TEXT_TIME_MAX + 1];
    int32_t is_open = 0;
    int64_t at = opt->has_at ? opt->at_us : (int64_t)time(NULL) * 1000000, change = 0;
    cxm_status status = cxm_calendar_next(calendar, at, &is_open, &change);
    bool json = opt->output == OUTPUT_JSON;
    time_text(opt, NULL, at, text);
    if (json) sink_format(out, "{\"schema\":\"cxm.calendar/1\",\"at\":\"%s\",\"open\":%s,\"changes\":[", text, is_open ? "true" : "false");
    else {
        print_safe(out, path, strlen(path));
        sink_format(out, ": %s at %s\n", is_open ? "open" : "closed", text);
    }
    for (int i = 0; i < CHANGES && status == CXM_OK; ++i) {
        bool opens = !is_open;
        time_text(opt, NULL, change, text);
        if (json) sink_format(out, "%s{\"at\":\"%s\",\"open\":%s}", i ? "," : "", text, opens ? "true" : "false");
        else sink_format(out, "  %s %s\n", opens ? "opens " : "closes", text);
        status = cxm_calendar_next(calendar, change, &is_open, &change);
    }
    if (json) sink_text(out, "]}\n");
    else if (status == CXM_E_UNDEFINED) sink_text(out, is_open ? "  and stays open\n" : "  and stays closed\n");
}

static int answer(const options *opt, const cxm_calendar *calendar)
{
    static sink out;
    int code = sink_open(&out, opt);
    if (code != EXIT_FINE) return code;
    if (opt->has_between) code = between(opt, calendar, &out);
    else if (opt->has_due) code = due(opt, calendar, &out);
    else check(opt, calendar, opt->files[0], &out);
    if (code == EXIT_FINE) return sink_close(&out);
    sink_discard(&out);
    return code;
}

int command_calendar(const options *opt)
{
    cxm_calendar *calendar = NULL;
    if (opt->file_count != 1) return complain(EXIT_USAGE, "calendar takes one FILE of opening hours");
    if (opt->has_between + opt->has_due + opt->checks != 1)
        return complain(EXIT_USAGE, "calendar needs one of --check, --between T1 T2 and --due T DURATION");
    if (opt->has_at && !opt->checks) return complain(EXIT_USAGE, "--at goes with --check");
    int code = calendar_open(opt, opt->files[0], &calendar);
    if (code == EXIT_FINE) code = answer(opt, calendar);
    cxm_calendar_free(calendar);
    return code;
}
