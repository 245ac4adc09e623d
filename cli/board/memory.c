/* For compilers that come without a C library: what they may call by themselves. */
#include <stddef.h>

void* memcpy(void* to, const void* from, size_t bytes);
void* memset(void* to, int value, size_t bytes);

void* memcpy(void* to, const void* from, size_t bytes) {
  char* t = (char*)to;
  const char* f = (const char*)from;
  while (bytes--) *t++ = *f++;
  return to;
}

void* memset(void* to, int value, size_t bytes) {
  char* t = (char*)to;
  while (bytes--) *t++ = (char)value;
  return to;
}
