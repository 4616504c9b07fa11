// Names by which what was compiled here calls its C library, and which an old one does not have. It has the same under
// another.

int fcntl(int file, int command, void *argument);
long strtol(const char *text, char **end, int base);
unsigned long strtoul(const char *text, char **end, int base);
long long strtoll(const char *text, char **end, int base);
unsigned long long strtoull(const char *text, char **end, int base);

int fcntl64(int file, int command, void *argument) { return fcntl(file, command, argument); }

// Since 2.38. Nobody here asks for the binary numbers that these read besides.
long __isoc23_strtol(const char *text, char **end, int base) { return strtol(text, end, base); }
unsigned long __isoc23_strtoul(const char *text, char **end, int base) { return strtoul(text, end, base); }
long long __isoc23_strtoll(const char *text, char **end, int base) { return strtoll(text, end, base); }
unsigned long long __isoc23_strtoull(const char *text, char **end, int base) { return strtoull(text, end, base); }
