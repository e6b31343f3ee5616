/* What the examples need from a board: a way to say something, and an end. */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

/* Asks whoever runs the program, an emulator or a debugger, for something. */
uintptr_t semihost(uintptr_t operation, const void *argument);

static inline void say(const char *text) { semihost(0x04, text); }

/* Ends the program: 0 for success. */
static inline void end(int code) {
  uintptr_t block[2] = {0x20026, (uintptr_t)code};
  semihost(0x20, block);
  for (;;) {
  }
}

static inline void say_number(uint32_t number, uint32_t base) {
  char text[11], *at = text + 10;
  *at = 0;
  do {
    *--at = "0123456789abcdef"[number % base];
    number /= base;
  } while (number);
  say(at);
}

#endif
