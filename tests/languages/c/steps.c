#include "steps.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static char *said;
static size_t length, room;
static char base[256];

static void say(const char *form, ...) {
    va_list values;
    va_start(values, form);
    char line[1024];
    int more = vsnprintf(line, sizeof line, form, values);
    va_end(values);
    if (length + (size_t)more + 1 > room) {
        room = 2 * room + sizeof line;
        said = realloc(said, room);
    }
    memcpy(said + length, line, (size_t)more + 1);
    length += (size_t)more;
}

// The number of an error is another one in each libc.
static const char *name_of(int error) {
    switch (error) {
#define NAME(error) case error: return #error
        NAME(EACCES); NAME(EBADF); NAME(EEXIST); NAME(EINVAL); NAME(EISDIR); NAME(ELOOP); NAME(EMLINK);
        NAME(ENAMETOOLONG); NAME(ENOENT); NAME(ENOTDIR); NAME(ENOTEMPTY); NAME(ENOTSUP); NAME(EPERM);
        NAME(EROFS); NAME(ESPIPE); NAME(EXDEV); NAME(EFBIG); NAME(ENOSYS); NAME(EIO);
#undef NAME
        default: return "another error";
    }
}

// Each path of a step is a text of its own, as long as the step needs it.
static const char *at(const char *path) {
    static char paths[4][1024];
    static unsigned next;
    char *here = paths[next++ % 4];
    if (snprintf(here, sizeof paths[0], "%s/%s", base, path) >= (int)sizeof paths[0])
        abort();
    return here;
}

static void answered(const char *step, long answer) {
    if (answer == -1)
        say("%s: %s\n", step, name_of(errno));
    else
        say("%s: %ld\n", step, answer);
}

#define STEP(what) (errno = 0, answered(#what, (long)(what)))

static int put(const char *path, const char *mode, const char *text) {
    FILE *file = fopen(at(path), mode);
    if (!file)
        return -1;
    int wrong = fputs(text, file) < 0;
    return fclose(file) || wrong ? -1 : 0;
}

static void show(const char *path) {
    FILE *file = fopen(at(path), "r");
    if (!file) {
        say("show %s: %s\n", path, name_of(errno));
        return;
    }
    say("show %s:", path);
    char line[80];
    while (fgets(line, sizeof line, file))
        say(" [%.*s]", (int)strcspn(line, "\n"), line);
    say(" end %d error %d\n", feof(file) != 0, ferror(file) != 0);
    fclose(file);
}

static int by_name(const void *one, const void *other) {
    return strcmp(*(char *const *)one, *(char *const *)other);
}

static void list(const char *path) {
    DIR *dir = opendir(at(path));
    if (!dir) {
        say("list %s: %s\n", path, name_of(errno));
        return;
    }
    char *names[64];
    size_t count = 0;
    // What was read before the rewind is read again.
    readdir(dir);
    rewinddir(dir);
    for (struct dirent *entry; count < 64 && (entry = readdir(dir));) {
        // Not every file system lists them.
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        const char *kind = entry->d_type == DT_DIR ? "/" : entry->d_type == DT_LNK ? "@" : "";
        char *name = malloc(strlen(entry->d_name) + 2);
        names[count++] = strcat(strcpy(name, entry->d_name), kind);
    }
    closedir(dir);
    qsort(names, count, sizeof *names, by_name);
    say("list %s:", path);
    for (size_t i = 0; i < count; i++) {
        say(" %s", names[i]);
        free(names[i]);
    }
    say("\n");
}

static void about(const char *path, int (*look)(const char *, struct stat *)) {
    struct stat found;
    if (look(at(path), &found)) {
        say("about %s: %s\n", path, name_of(errno));
        return;
    }
    const char *kind = S_ISDIR(found.st_mode) ? "directory" : S_ISLNK(found.st_mode) ? "link" : "file";
    long size = S_ISDIR(found.st_mode) ? 0 : (long)found.st_size;
    say("about %s: %s of %ld\n", path, kind, size);
}

static void streams(void) {
    STEP(put("notes", "w", "one\ntwo\nthree\n"));
    show("notes");
    STEP(put("notes", "a", "four"));
    show("notes");
    STEP(put("notes", "wx", "again"));
    STEP(put("none/notes", "w", "x"));
    FILE *file = fopen(at("notes"), "r+");
    char text[16] = "";
    STEP(fseek(file, 4, SEEK_SET));
    STEP(fread(text, 1, 3, file));
    say("read: %s\n", text);
    STEP(ftell(file));
    STEP(ungetc('!', file));
    STEP(fgetc(file));
    STEP(fseek(file, 0, SEEK_CUR));
    STEP(fputs("+", file) < 0);
    STEP(fseek(file, -4, SEEK_END));
    STEP(fprintf(file, "%04d", 42));
    STEP(fflush(file));
    STEP(ftell(file));
    rewind(file);
    STEP(fscanf(file, "%15s", text));
    say("scanned: %s\n", text);
    STEP(fseek(file, -1, SEEK_SET));
    STEP(setvbuf(file, NULL, _IONBF, 0));
    STEP(fclose(file));
    show("notes");
    file = fopen(at("notes"), "r");
    STEP(fputs("x", file) < 0);
    STEP(ferror(file) != 0);
    STEP(fclose(file));
    file = fopen(at("large"), "w+");
    char block[1000];
    for (int i = 0; i < 3000; i++) {
        memset(block, 'a' + i % 26, sizeof block);
        fwrite(block, 1, sizeof block, file);
    }
    STEP(fseek(file, 2999000, SEEK_SET));
    STEP(fgetc(file));
    STEP(fseek(file, 0, SEEK_END));
    STEP(ftell(file));
    STEP(fclose(file));
    STEP(put(".", "w", "x"));
    STEP(fopen(at("."), "r") != NULL);
}

static void descriptors(void) {
    char text[32] = "";
    int file = open(at("raw"), O_RDWR | O_CREAT | O_EXCL, 0644);
    STEP(write(file, "0123456789", 10));
    STEP(lseek(file, -4, SEEK_END));
    STEP(read(file, text, sizeof text));
    STEP(read(file, text, sizeof text));
    STEP(pread(file, text, 3, 2));
    say("read: %.3s\n", text);
    STEP(pwrite(file, "XY", 2, 4));
    STEP(lseek(file, 0, SEEK_CUR));
    struct iovec parts[] = {{"ab", 2}, {"", 0}, {"cde", 3}};
    STEP(writev(file, parts, 3));
    STEP(ftruncate(file, 12));
    STEP(lseek(file, 20, SEEK_SET));
    STEP(write(file, "!", 1));
    STEP(lseek(file, -1, SEEK_SET));
    STEP(ftruncate(file, -1));
    STEP(fsync(file));
    STEP(fdatasync(file));
    STEP(close(file));
    STEP(close(file));
    about("raw", stat);
    STEP(open(at("raw"), O_RDWR | O_CREAT | O_EXCL, 0644));
    STEP(open(at("raw/x"), O_RDONLY));
    STEP(open(at("raw"), O_RDONLY | O_DIRECTORY));
    STEP(open(at("none"), O_RDONLY));
    STEP(open(at("."), O_WRONLY));
    file = open(at("raw"), O_WRONLY | O_APPEND);
    STEP(lseek(file, 0, SEEK_SET));
    STEP(write(file, "more", 4));
    STEP(read(file, text, 1));
    STEP((fcntl(file, F_GETFL) & O_APPEND) != 0);
    STEP(close(file));
    file = open(at("raw"), O_RDONLY);
    STEP(write(file, "x", 1));
    STEP(ftruncate(file, 0));
    STEP(close(file));
    STEP(truncate(at("raw"), 5));
    about("raw", stat);
    STEP(open(at("raw"), O_WRONLY | O_TRUNC) >= 0);
    about("raw", stat);
    struct timespec times[] = {{1000, 0}, {2000, 5000}};
    STEP(utimensat(AT_FDCWD, at("raw"), times, 0));
    struct stat found;
    STEP(stat(at("raw"), &found));
    say("modified: %ld.%ld\n", (long)found.st_mtim.tv_sec, found.st_mtim.tv_nsec);
    STEP(access(at("raw"), R_OK | W_OK));
    STEP(access(at("none"), F_OK));
}

static void names(void) {
    STEP(mkdir(at("d"), 0755));
    STEP(mkdir(at("d"), 0755));
    STEP(mkdir(at("d/e"), 0755));
    STEP(mkdir(at("none/e"), 0755));
    STEP(put("d/e/f", "w", "f"));
    STEP(rmdir(at("d/e")));
    STEP(rmdir(at("d/e/f")));
    STEP(unlink(at("d")) == 0);
    STEP(unlink(at("none")));
    STEP(rename(at("d/e/f"), at("d/g")));
    STEP(put("h", "w", "h"));
    STEP(rename(at("h"), at("d/g")));
    show("d/g");
    STEP(rename(at("d/g"), at("d/e")));
    STEP(rename(at("d/e"), at("d/g")));
    STEP(rename(at("d"), at("d/e/d")));
    STEP(rename(at("none"), at("d/x")));
    STEP(rename(at("d/g"), at("none/x")));
    list("d");
    list("d/e");
    list("d/g");
    list("none");
    int dir = open(at("d"), O_RDONLY | O_DIRECTORY);
    int file = openat(dir, "by-dir", O_WRONLY | O_CREAT, 0644);
    STEP(write(file, "here", 4));
    STEP(close(file));
    STEP(renameat(dir, "by-dir", dir, "e/moved"));
    STEP(unlinkat(dir, "e/moved", AT_REMOVEDIR));
    STEP(mkdirat(dir, "empty", 0755));
    STEP(unlinkat(dir, "empty", AT_REMOVEDIR));
    STEP(close(dir));
    STEP(remove(at("d/e/moved")));
    STEP(remove(at("d/e")));
    char longest[300];
    memset(longest, 'n', 299);
    longest[299] = 0;
    STEP(mkdir(at(longest), 0755));
    STEP(put("sp ace \303\274", "w", "name"));
    show("./d/../sp ace \303\274");
}

static void links(void) {
    char target[64] = "";
    STEP(symlink("d/g", at("link")));
    STEP(symlink("d/g", at("link")));
    STEP(readlink(at("link"), target, sizeof target));
    say("target: %s\n", target);
    STEP(readlink(at("link"), target, 2));
    STEP(readlink(at("d"), target, sizeof target));
    show("link");
    about("link", lstat);
    about("link", stat);
    STEP(open(at("link"), O_RDONLY | O_NOFOLLOW));
    STEP(symlink("loop", at("loop")));
    about("loop", stat);
    about("loop", lstat);
    STEP(symlink("nowhere", at("dangling")));
    about("dangling", stat);
    STEP(put("dangling", "w", "through"));
    show("nowhere");
    STEP(unlink(at("dangling")));
    STEP(unlink(at("loop")));
    STEP(rename(at("link"), at("d/link")));
    about("d/link", stat);
    list(".");
}

char *steps(const char *root) {
    snprintf(base, sizeof base, "%s", root);
    streams();
    descriptors();
    names();
    links();
    return said;
}
