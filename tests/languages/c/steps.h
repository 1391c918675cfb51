// What C's standard library and POSIX do with files, each step with how it went. The same source is run as a guest, on the
// git tree, and as a program, on a directory.

// Works through the steps in a folder that is there; returns lines `step: answer`, to be freed.
char *steps(const char *root);
