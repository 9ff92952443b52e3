/* SPDX-License-Identifier: MIT */
/* replay.c - runs a fuzz target over kept inputs: each argument is a file or a directory of files.
 *
 * libFuzzer needs one compiler; this main() makes the corpus an ordinary test of every one. A
 * target that finds a fault aborts. An argument that cannot be read, or no input at all, fails. */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include "fuzz.h"

#define INPUT_MAX ((size_t)1 << 24)

/* The input is copied to a block of its exact size, so that a sanitizer sees one byte too far. */
static void run_exactly(const uint8_t *data, size_t size)
{
    uint8_t *exact = malloc(size ? size : 1);
    REQUIRE(exact);
    memcpy(exact, data, size);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
}

static int run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) return perror(path), 0;
    uint8_t *data = malloc(INPUT_MAX);
    REQUIRE(data);
    size_t size = fread(data, 1, INPUT_MAX, file);
    int whole = !ferror(file) && feof(file);
    fclose(file);
    if (whole) run_exactly(data, size);
    else fprintf(stderr, "%s: cannot be read whole\n", path);
    free(data);
    return whole;
}

/* Returns how many inputs ran, or -1. */
static long run_directory(DIR *directory, const char *name)
{
    long runs = 0;
    for (struct dirent *entry; runs >= 0 && (entry = readdir(directory)) != NULL;) {
        char path[4096];
        if (entry->d_name[0] == '.') continue;
        int len = snprintf(path, sizeof path, "%s/%s", name, entry->d_name);
        runs = len < (int)sizeof path && run_file(path) ? runs + 1 : -1;
    }
    return runs;
}

static long run_path(const char *path)
{
    DIR *directory = opendir(path);
    if (!directory) return run_file(path) ? 1 : -1;
    long runs = run_directory(directory, path);
    closedir(directory);
    return runs;
}

int main(int argc, char **argv)
{
    long total = 0;
    for (int i = 1; i < argc; ++i) {
        long runs = run_path(argv[i]);
        if (runs < 0) return 1;
        total += runs;
    }
    printf("[       OK ] %ld inputs\n", total);        /* one line, as tests/tally.py counts it */
    return total == 0;
}
