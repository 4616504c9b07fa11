// Names by which what was compiled here calls its C library, and which an old one does not have. It has the same under
// another.

int fcntl(int file, int command, void *argument);

int fcntl64(int file, int command, void *argument) { return fcntl(file, command, argument); }
