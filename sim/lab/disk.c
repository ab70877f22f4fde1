/* A disk that fails: a library to be preloaded into the program that shall meet it, so that its calls to the file system below one folder
 * are counted, and from a chosen one on refused as a real disk refuses them. Nothing else of the program is touched.
 *
 *     LD_PRELOAD=build/disk.so DISK_FOLDER=/an/absolute/path DISK_CONTROL=/a/file PROGRAM
 *
 * The control file, at least sizeof(struct control) bytes, is shared with whoever chooses: all numbers are native. What the library does
 * not know of (mmap, direct calls to the kernel, io_uring) passes uncounted. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind {
    WHOLE,       /* a disk as it should be; operations are counted all the same */
    FULL,        /* from the chosen operation on there is no room: ENOSPC; a write first takes half */
    ERROR,       /* the chosen operation fails once: EIO */
    UNFORCED,    /* the first fsync from the chosen operation on fails once: EIO */
};

enum operation { NONE, OPEN, READ, WRITE, SYNC, RENAME, MAKE, REMOVE, CUT };

struct control {
    uint32_t kind;     /* chosen */
    uint32_t at;       /* the number of the chosen operation, from 1 */
    uint32_t count;    /* operations so far */
    uint32_t refused;  /* how many were refused so far */
    uint32_t first;    /* which operation the first refused one was */
    uint32_t replaced; /* how many files took the name that ends in "checkpoint" so far */
    char path[4096];   /* of the first refused one */
};

static struct control *control;
static const char *folder;
static size_t folder_length;

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("DISK_CONTROL");
    folder = getenv("DISK_FOLDER");
    if (!file || !folder) {
        return;
    }
    folder_length = strlen(folder);
    int fd = open(file, O_RDWR);
    if (fd < 0) {
        perror(file);
        _exit(2);
    }
    void *shared = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (shared == MAP_FAILED) {
        perror(file);
        _exit(2);
    }
    control = shared;
}

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) { \
        real = (__typeof__(&name))dlsym(RTLD_NEXT, #name); \
    }

static int below(const char *path) {
    return control && path && strncmp(path, folder, folder_length) == 0
            && (path[folder_length] == '/' || path[folder_length] == 0);
}

/* The path behind a descriptor, if it is below the folder. */
static const char *path_of(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = control ? readlink(link, path, PATH_MAX - 1) : -1;
    if (length < 0) {
        return NULL;
    }
    path[length] = 0;
    return below(path) ? path : NULL;
}

static int refuse(enum operation what, const char *path, int error) {
    if (__atomic_fetch_add(&control->refused, 1, __ATOMIC_SEQ_CST) == 0) {
        control->first = what;
        strncpy(control->path, path, sizeof control->path - 1);
    }
    errno = error;
    return 1;
}

/* Counts an operation; true if it is refused, with errno set. */
static int refused(enum operation what, const char *path, int needs_room) {
    uint32_t number = __atomic_add_fetch(&control->count, 1, __ATOMIC_SEQ_CST);
    if (number < control->at) {
        return 0;
    }
    switch (control->kind) {
    case FULL:
        return needs_room && refuse(what, path, ENOSPC);
    case ERROR:
        return number == control->at && refuse(what, path, EIO);
    case UNFORCED:
        return what == SYNC && control->refused == 0 && refuse(what, path, EIO);
    default:
        return 0;
    }
}

static int opening_refused(const char *path, int flags) {
    int makes = (flags & O_CREAT) && faccessat(AT_FDCWD, path, F_OK, 0) != 0;
    return refused(OPEN, path, makes);
}

#define OPENS(name) \
    int name(const char *path, int flags, ...) { \
        REAL(name) \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = va_arg(more, mode_t); \
        va_end(more); \
        return below(path) && opening_refused(path, flags) ? -1 : real(path, flags, mode); \
    }
OPENS(open)
OPENS(open64)

#define OPENS_AT(name) \
    int name(int at, const char *path, int flags, ...) { \
        REAL(name) \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = va_arg(more, mode_t); \
        va_end(more); \
        return below(path) && opening_refused(path, flags) ? -1 : real(at, path, flags, mode); \
    }
OPENS_AT(openat)
OPENS_AT(openat64)

#define READS(name, parameters, arguments) \
    ssize_t name parameters { \
        REAL(name) \
        char buffer[PATH_MAX]; \
        const char *path = path_of(fd, buffer); \
        return path && refused(READ, path, 0) ? -1 : real arguments; \
    }
READS(read, (int fd, void *bytes, size_t count), (fd, bytes, count))
READS(pread, (int fd, void *bytes, size_t count, off_t at), (fd, bytes, count, at))
READS(pread64, (int fd, void *bytes, size_t count, off64_t at), (fd, bytes, count, at))
READS(readv, (int fd, const struct iovec *parts, int count), (fd, parts, count))

/* A full disk takes what fits first: half, as if that were all. Once one was refused there is nothing left. */
#define WRITES(name, parameters, arguments, half) \
    ssize_t name parameters { \
        REAL(name) \
        char buffer[PATH_MAX]; \
        const char *path = path_of(fd, buffer); \
        if (!path) { \
            return real arguments; \
        } \
        int fits = control->kind == FULL && control->refused == 0 && count > 1; \
        if (!refused(WRITE, path, 1)) { \
            return real arguments; \
        } \
        return fits ? real half : -1; \
    }
WRITES(write, (int fd, const void *bytes, size_t count), (fd, bytes, count), (fd, bytes, count / 2))
WRITES(pwrite, (int fd, const void *bytes, size_t count, off_t at), (fd, bytes, count, at), (fd, bytes, count / 2, at))
WRITES(pwrite64, (int fd, const void *bytes, size_t count, off64_t at), (fd, bytes, count, at), (fd, bytes, count / 2, at))
WRITES(writev, (int fd, const struct iovec *parts, int count), (fd, parts, count), (fd, parts, count / 2))

#define ON_FILE(name, what, room, parameters, arguments) \
    int name parameters { \
        REAL(name) \
        char buffer[PATH_MAX]; \
        const char *path = path_of(fd, buffer); \
        return path && refused(what, path, room) ? -1 : real arguments; \
    }
ON_FILE(fsync, SYNC, 0, (int fd), (fd))
ON_FILE(fdatasync, SYNC, 0, (int fd), (fd))
ON_FILE(ftruncate, CUT, 0, (int fd, off_t length), (fd, length))
ON_FILE(ftruncate64, CUT, 0, (int fd, off64_t length), (fd, length))

#define ON_PATH(name, what, room, parameters, arguments) \
    int name parameters { \
        REAL(name) \
        return below(path) && refused(what, path, room) ? -1 : real arguments; \
    }
ON_PATH(mkdir, MAKE, 1, (const char *path, mode_t mode), (path, mode))
ON_PATH(unlink, REMOVE, 0, (const char *path), (path))
ON_PATH(rmdir, REMOVE, 0, (const char *path), (path))
ON_PATH(unlinkat, REMOVE, 0, (int at, const char *path, int flags), (at, path, flags))

static int renamed(const char *to, int result) {
    size_t length = strlen(to);
    if (result == 0 && length > 10 && strcmp(to + length - 10, "checkpoint") == 0) {
        __atomic_add_fetch(&control->replaced, 1, __ATOMIC_SEQ_CST);
    }
    return result;
}

int rename(const char *path, const char *to) {
    REAL(rename)
    if (!below(to)) {
        return real(path, to);
    }
    return refused(RENAME, to, 0) ? -1 : renamed(to, real(path, to));
}

int renameat(int from, const char *path, int at, const char *to) {
    REAL(renameat)
    if (!below(to)) {
        return real(from, path, at, to);
    }
    return refused(RENAME, to, 0) ? -1 : renamed(to, real(from, path, at, to));
}
